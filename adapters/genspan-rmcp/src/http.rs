//! What streamable HTTP adds on the server: what a request came with, and its sessions.

use std::sync::Arc;

use futures_core::Stream;
use genspan::{McpConnection, McpSide};
use rmcp::{
    model::{ClientJsonRpcMessage, Extensions, ServerJsonRpcMessage},
    transport::streamable_http_server::session::{
        EventStore, RestoreOutcome, ServerSseMessage, SessionId, SessionManager,
    },
};

use crate::{Recorder, Traced};

/// Notes what the HTTP request says through which a message came.
pub(crate) fn tell(extensions: &Extensions, facts: &mut McpConnection) {
    let Some(parts) = extensions.get::<http::request::Parts>() else {
        return;
    };
    let version = match parts.version {
        http::Version::HTTP_10 => Some("1.0"),
        http::Version::HTTP_11 => Some("1.1"),
        http::Version::HTTP_2 => Some("2"),
        _ => None,
    };
    facts.tell_http(version, |name| parts.headers.get(name)?.to_str().ok());
}

/// Wraps the sessions of a server over streamable HTTP: what the server sends in them becomes spans, and each is
/// measured.
#[derive(Debug)]
pub struct Sessions<M> {
    pub(crate) inner: M,
    pub(crate) recorder: Recorder,
}

impl<M> Sessions<M> {
    fn traced<T>(&self, id: &SessionId, transport: T) -> Traced<T> {
        let facts = McpConnection {
            session_id: Some(id.to_string()),
            ..McpConnection::over_http()
        };
        Traced {
            channel: self.recorder.session(facts, McpSide::Server),
            inner: transport,
        }
    }
}

/// Writes the methods that are the manager's own.
macro_rules! own {
    ($($name:ident($($param:ident: $type:ty),*) -> $result:ty;)*) => {$(
        async fn $name(&self, $($param: $type),*) -> Result<$result, Self::Error> {
            self.inner.$name($($param),*).await
        }
    )*};
}

impl<M: SessionManager> SessionManager for Sessions<M> {
    type Error = M::Error;
    type Transport = Traced<M::Transport>;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let (id, transport) = self.inner.create_session().await?;
        let transport = self.traced(&id, transport);
        Ok((id, transport))
    }

    async fn restore_session(
        &self,
        id: SessionId,
    ) -> Result<RestoreOutcome<Self::Transport>, Self::Error> {
        Ok(match self.inner.restore_session(id.clone()).await? {
            RestoreOutcome::Restored(transport) => {
                RestoreOutcome::Restored(self.traced(&id, transport))
            }
            RestoreOutcome::AlreadyPresent => RestoreOutcome::AlreadyPresent,
            _ => RestoreOutcome::NotSupported,
        })
    }

    own! {
        initialize_session(id: &SessionId, message: ClientJsonRpcMessage) -> ServerJsonRpcMessage;
        has_session(id: &SessionId) -> bool;
        close_session(id: &SessionId) -> ();
        create_stream(id: &SessionId, message: ClientJsonRpcMessage) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static;
        accept_message(id: &SessionId, message: ClientJsonRpcMessage) -> ();
        create_standalone_stream(id: &SessionId) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static;
        resume(id: &SessionId, last_event_id: String) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static;
    }

    fn event_store(&self) -> Option<Arc<dyn EventStore>> {
        self.inner.event_store()
    }
}
