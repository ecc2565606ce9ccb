//! A connection that keeps what came in and knows whether what goes out has left.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::log::Log;

/// Whether the operating system's buffer is full, and who waits for room.
#[derive(Debug, Default)]
pub(super) struct Flow(Mutex<(bool, Option<Waker>)>);

impl Flow {
    /// True while earlier bytes are still to be written; wakes `cx` when they are.
    pub(super) fn blocked(&self, cx: &Context<'_>) -> bool {
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flow.0 {
            flow.1 = Some(cx.waker().clone());
        }
        flow.0
    }

    fn wrote(&self, blocked: bool) {
        let mut flow = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flow.0 = blocked;
        if !blocked && let Some(waker) = flow.1.take() {
            waker.wake();
        }
    }
}

/// The provider's side of a TCP connection.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) stream: TcpStream,
    pub(super) log: Log,
    pub(super) connection: Option<usize>,
    pub(super) flow: Arc<Flow>,
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let (Some(connection), Some(new)) = (self.connection, buf.filled().get(before..))
            && !new.is_empty()
        {
            self.log.received(connection, new);
        }
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.flow.wrote(polled.is_pending());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.flow.wrote(polled.is_pending());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
