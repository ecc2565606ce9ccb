//! A client's connection that knows whether what was written to it has left.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What has left by a connection, for bodies that wait for it.
///
/// The connection's task takes turns; in each it takes over what bodies have given and writes it, as far as the operating system lets it. On HTTP/2
/// bodies are given by tasks of their own, at any time: what was given before a turn begins has left when that turn is over and nothing is blocked.
#[derive(Debug, Default)]
pub(super) struct Flow(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    begun: u64,
    over: u64,
    is_blocked: bool,
    is_gone: bool,
    connection: Option<Waker>,
    waiting: Vec<Waker>,
}

/// A point in time, by the turn that it lies in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given(u64);

impl Flow {
    /// Takes one turn of the connection's task.
    pub(super) fn turn<T>(
        &self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        state.begun += 1;
        if !state
            .connection
            .as_ref()
            .is_some_and(|it| it.will_wake(cx.waker()))
        {
            state.connection = Some(cx.waker().clone());
        }
        drop(state);
        let taken = take(cx);
        self.change(|state| state.over = state.begun);
        taken
    }

    /// Notes what was given so far, and asks for a turn.
    pub(super) fn given(&self) -> Given {
        let state = self.lock();
        let (given, connection) = (Given(state.begun), state.connection.clone());
        drop(state);
        if let Some(connection) = connection {
            connection.wake();
        }
        given
    }

    /// Ready once what was given has left, or the connection is gone.
    pub(super) fn poll_left(&self, given: Given, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.is_gone || (state.over > given.0 && !state.is_blocked) {
            return Poll::Ready(());
        }
        if !state.waiting.iter().any(|it| it.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn wrote(&self, is_blocked: bool) {
        self.change(|state| state.is_blocked = is_blocked);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let waiting = if state.is_blocked && !state.is_gone {
            Vec::new()
        } else {
            std::mem::take(&mut state.waiting)
        };
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The proxy's end of a client's connection.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) stream: TcpStream,
    pub(super) flow: Arc<Flow>,
}

impl Drop for Outlet {
    /// A connection that is gone keeps nobody waiting.
    fn drop(&mut self) {
        self.flow.change(|state| state.is_gone = true);
    }
}

impl AsyncRead for Outlet {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Outlet {
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
