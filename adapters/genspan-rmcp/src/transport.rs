//! A transport that records what is sent through it.

use std::borrow::Cow;

use genspan::{
    Carrier,
    mcp::{Channel, Message},
};
use rmcp::{
    RoleClient,
    model::{GetExtensions, GetMeta, JsonRpcMessage, MetaObject, NotificationMetaObject},
    service::{
        OriginatingRequestId, RequestHandle, RxJsonRpcMessage, ServiceRole, TxJsonRpcMessage,
    },
    transport::Transport,
};

/// Is implemented by both roles of rmcp; not for others.
pub trait Role: ServiceRole<Not: GetMeta<Metadata = NotificationMetaObject>> {}

impl<R: ServiceRole<Not: GetMeta<Metadata = NotificationMetaObject>>> Role for R {}

/// Wraps a transport: what is sent becomes spans, and what comes in tells who handles it from where it comes.
///
/// The session that it stands for is measured from the wrapping to the close. Requests that have no answer by then end
/// as lost.
#[derive(Debug)]
pub struct Traced<T> {
    pub(crate) inner: T,
    pub(crate) channel: Channel,
}

impl<R: Role, T: Transport<R>> Transport<R> for Traced<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        mut item: TxJsonRpcMessage<R>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let origin = match &item {
            JsonRpcMessage::Request(message) => message.request.extensions().get(),
            _ => None,
        };
        let origin = origin.map(|OriginatingRequestId(id)| id.to_string());
        // The content of an answer was looked at where the request was handled.
        let has_content = matches!(item, JsonRpcMessage::Request(_));
        let message = Message::of(&item, has_content && self.channel.wants_content());
        let sent = self.channel.send(&message, origin.as_deref());
        match (&sent, &mut item) {
            (Some(sent), JsonRpcMessage::Request(message)) => {
                inject(sent.fields(), message.request.get_meta_mut());
            }
            (Some(sent), JsonRpcMessage::Notification(message)) => {
                inject(sent.fields(), message.notification.get_meta_mut());
            }
            _ => {}
        }
        let sending = self.inner.send(item);
        async move {
            let result = sending.await;
            if let Some(sent) = sent {
                sent.end_with(&result);
            }
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<R>> {
        let Some(mut message) = self.inner.receive().await else {
            self.channel.close();
            return None;
        };
        // A request is looked at where it is handled.
        if !matches!(message, JsonRpcMessage::Request(_)) {
            let heard = Message::of(&message, self.channel.wants_content());
            self.channel.hear(&heard);
        }
        message.insert_extension(self.channel.clone());
        Some(message)
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.channel.close();
        self.inner.close().await
    }
}

impl<T> Drop for Traced<T> {
    fn drop(&mut self) {
        self.channel.close();
    }
}

/// Puts into a message where it comes from, in place of what it says of that itself.
pub(crate) fn inject(fields: impl Iterator<Item = (&'static str, String)>, meta: &mut MetaObject) {
    let mut fields = fields.peekable();
    if fields.peek().is_some() {
        meta.retain(|name, _| !Carrier::TRACE_FIELDS.contains(&name.as_str()));
    }
    meta.0
        .extend(fields.map(|(name, value)| (name.to_owned(), value.into())));
}

/// Tells whether a request was cancelled for taking too long, by the words that rmcp has for it.
pub(crate) fn is_timeout(reason: &str) -> bool {
    type Handle = RequestHandle<RoleClient>;
    reason == Handle::REQUEST_TIMEOUT_REASON || reason == Handle::REQUEST_MAX_TOTAL_TIMEOUT_REASON
}
