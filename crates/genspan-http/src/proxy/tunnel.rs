//! Connections that left HTTP, such as WebSockets.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};

use super::life::Life;
use crate::{End, socket::Socket};

/// Copies bytes both ways until both sides have closed theirs, one breaks, or the proxy ends; `socket` sees them.
pub(super) async fn join(
    client: OnUpgrade,
    provider: OnUpgrade,
    socket: Option<Socket>,
    life: Life,
) {
    let copied = async {
        // One that does not come about has told its own side; dropping the other closes it.
        if let Ok((client, provider)) = tokio::try_join!(client, provider) {
            copy(client, provider, socket).await;
        }
    };
    tokio::select! {
        () = copied => {}
        () = life.over() => {}
    }
}

async fn copy(client: Upgraded, provider: Upgraded, socket: Option<Socket>) {
    let (mut client, mut provider) = (TokioIo::new(client), TokioIo::new(provider));
    // What breaks one side closes the other, which is all that there is to tell.
    let copied = match socket {
        Some(socket) => {
            let stream = client;
            let mut client = Seen { stream, socket };
            copy_bidirectional(&mut client, &mut provider).await
        }
        None => copy_bidirectional(&mut client, &mut provider).await,
    };
    copied.ok();
}

/// The client's side of a connection that is watched: what is read of it and what was written to it.
struct Seen<S> {
    stream: S,
    socket: Socket,
}

impl<S: AsyncRead + Unpin> AsyncRead for Seen<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut this.stream).poll_read(cx, buffer));
        match buffer.filled().get(before..) {
            Some(bytes) if !bytes.is_empty() => this.socket.client_sent(bytes),
            // It has left, or is out of reach.
            _ => this.socket.closed(End::Cancelled),
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Seen<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        if let Some(bytes) = bytes.get(..written) {
            this.socket.provider_sent(bytes);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // The provider has closed its side.
        this.socket.closed(End::Broken);
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
