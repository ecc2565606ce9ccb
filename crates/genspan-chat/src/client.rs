//! What a chat client is.

use std::{
    future::{Ready, ready},
    task::{Context, Poll},
};

use futures_core::Stream;
use tower_service::Service;

use crate::{ChatRequest, ChatResponse, ChatStream, ChatUpdate, stream::Gather};

/// Is the answer of one call to a model: whole, as a [`ChatResponse`], or in pieces, as a [`ChatStream`].
///
/// A tool loop's [`Run`](crate::Run) is none, and that is what keeps a chat layer from going round a loop.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the answer of one call to a model",
    label = "a chat layer goes round one call to a model, and this is something else",
    note = "round a tool loop one span would stand for many calls, and tools would hang under it: put the chat layer \
            round the client and the loop round both, `ToolLoop::new(chat_layer.layer(client), tools)`",
    note = "`stack(client)` puts all layers in their order: agent, loop, then chat and tools side by side"
)]
pub trait ChatAnswer<E>: Sized {
    /// Waits for the whole of it.
    type Whole: Future<Output = Result<ChatResponse, E>>;

    /// Reads it to its end.
    fn whole(self) -> Self::Whole;
}

impl<E> ChatAnswer<E> for ChatResponse {
    type Whole = Ready<Result<Self, E>>;

    fn whole(self) -> Self::Whole {
        ready(Ok(self))
    }
}

impl<S, E> ChatAnswer<E> for ChatStream<S>
where
    S: Stream<Item = Result<ChatUpdate, E>>,
{
    type Whole = Gather<S>;

    fn whole(self) -> Self::Whole {
        self.gather()
    }
}

/// Is every service that answers a [`ChatRequest`] by one call to a model.
///
/// There is nothing to implement but [`Service`]; [`chat_fn`] makes one of a function.
pub trait ChatClient: Service<ChatRequest, Response: ChatAnswer<Self::Error>> {}

impl<S> ChatClient for S
where
    S: Service<ChatRequest>,
    S::Response: ChatAnswer<S::Error>,
{
}

/// Makes a chat client of a function, which is how any client becomes one.
///
/// ```
/// use std::io;
///
/// use genspan_chat::{ChatRequest, ChatResponse, chat_fn};
///
/// let client = chat_fn(|request: ChatRequest| async move {
///     let asked = request.messages.len(); // here your client sends them
///     Ok::<_, io::Error>(ChatResponse::text(format!("{asked} messages")).with_finish_reason("stop"))
/// });
/// ```
pub const fn chat_fn<F, A, T, E>(function: F) -> ChatFn<F>
where
    F: FnMut(ChatRequest) -> A,
    A: Future<Output = Result<T, E>>,
    T: ChatAnswer<E>,
{
    ChatFn(function)
}

/// Is a chat client that asks a function; made by [`chat_fn`].
#[derive(Clone, Copy)]
pub struct ChatFn<F>(F);

impl<F, A, T, E> Service<ChatRequest> for ChatFn<F>
where
    F: FnMut(ChatRequest) -> A,
    A: Future<Output = Result<T, E>>,
{
    type Response = T;
    type Error = E;
    type Future = A;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ChatRequest) -> A {
        (self.0)(request)
    }
}

impl<F> std::fmt::Debug for ChatFn<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatFn").finish_non_exhaustive()
    }
}
