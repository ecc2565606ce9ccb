//! What handles messages that came, recorded.

use std::{borrow::Cow, future::pending};

use genspan::{
    McpConnection,
    mcp::{Channel, Message, Received},
};
use rmcp::{
    ErrorData, Service,
    model::{Extensions, MetaObject, NotificationMetaObject, ProtocolVersion},
    service::{NotificationContext, RequestContext, ServiceRole},
};

use crate::Recorder;

/// Wraps what handles requests and notifications: each becomes a span, within which it is handled.
///
/// A span stands under the one of its sender, as `params._meta` says, and points at what was current here besides, such
/// as the HTTP server's own.
#[derive(Clone, Debug)]
pub struct Served<S> {
    pub(crate) inner: S,
    pub(crate) recorder: Recorder,
}

impl<S> Served<S> {
    /// Gives what is wrapped.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<R: ServiceRole, S: Service<R>> Service<R> for Served<S> {
    async fn handle_request(
        &self,
        request: R::PeerReq,
        context: RequestContext<R>,
    ) -> Result<R::Resp, ErrorData> {
        let message = Message::of(&request, self.recorder.wants_content());
        let (asked, cancelled) = self.recorder.asked(message, &context);
        let work = self.inner.handle_request(request, context);
        answered(asked, cancelled, work, Message::result).await
    }

    async fn handle_notification(
        &self,
        notification: R::PeerNot,
        context: NotificationContext<R>,
    ) -> Result<(), ErrorData> {
        let message = Message::of(&notification, false);
        let told = self
            .recorder
            .received(message, &context.meta, &context.extensions);
        let work = self.inner.handle_notification(notification, context);
        answered(told, pending(), work, Message::result).await
    }

    fn get_info(&self) -> R::Info {
        self.inner.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }
}

impl Recorder {
    /// Opens a request, and gives with it what is ready when it is cancelled.
    pub(crate) fn asked<R: ServiceRole>(
        &self,
        message: Message,
        context: &RequestContext<R>,
    ) -> (Option<Received>, impl Future<Output = ()> + use<R>) {
        let message = message.with_id(context.id.to_string());
        let asked = self.received(message, &context.meta, &context.extensions);
        (asked, context.ct.clone().cancelled_owned())
    }

    /// Opens a message in the session that it came through, if it did.
    pub(crate) fn received(
        &self,
        message: Message,
        meta: &MetaObject,
        extensions: &Extensions,
    ) -> Option<Received> {
        let channel = extensions.get::<Channel>().cloned();
        let channel = channel.unwrap_or_else(|| self.channel(McpConnection::default()));
        // rmcp leaves what came beside a notification among its extensions.
        let left = extensions.get::<NotificationMetaObject>();
        let message = message.with_meta(left.map_or(meta, |left| left));
        channel.receive(&message, |_facts| {
            #[cfg(feature = "streamable-http-server")]
            crate::http::tell(extensions, _facts);
        })
    }
}

/// Does the work on a message in its span, and ends that by the answer, which `read` reads.
pub(crate) async fn answered<A>(
    received: Option<Received>,
    cancelled: impl Future<Output = ()>,
    work: impl Future<Output = Result<A, ErrorData>>,
    read: impl FnOnce(&A, bool) -> Message,
) -> Result<A, ErrorData> {
    let read = |result: &Result<A, ErrorData>, wants_content| match result {
        Ok(answer) => read(answer, wants_content),
        Err(error) => Message::error(error.code.0.into(), &error.message),
    };
    match received {
        Some(received) => received.work(work, cancelled, read).await,
        None => work.await,
    }
}
