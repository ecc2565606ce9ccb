//! A running client whose calls say where they come from.

use std::ops::Deref;

use rmcp::{
    Peer, RoleClient, Service, ServiceError, model,
    service::{QuitReason, RunningService},
};

use crate::{Recorder, Served};

type Page = Option<model::PaginatedRequestParams>;

/// Is rmcp's running client; calls by its own methods stand in the scope where they are made.
///
/// It dereferences to the client's [`Peer`], whose other methods send without saying where from; see
/// [`Recorder::stamped`].
#[derive(Debug)]
pub struct Client<S: Service<RoleClient>> {
    pub(crate) running: RunningService<RoleClient, Served<S>>,
    pub(crate) recorder: Recorder,
}

/// Writes methods that stamp their parameters and call those of the same name.
macro_rules! calls {
    ($($name:ident($it:ident: $type:ty) -> $result:ident = $params:expr;)*) => {$(
        #[doc = concat!("Calls rmcp's `", stringify!($name), "`, in the scope where it is awaited.")]
        ///
        /// # Errors
        ///
        /// Returns what rmcp's does.
        pub async fn $name(&self, $it: $type) -> Result<model::$result, ServiceError> {
            self.running.$name(self.recorder.stamped($params).into()).await
        }
    )*};
}

impl<S: Service<RoleClient>> Client<S> {
    calls! {
        call_tool(params: model::CallToolRequestParams) -> CallToolResult = params;
        get_prompt(params: model::GetPromptRequestParams) -> GetPromptResult = params;
        read_resource(params: model::ReadResourceRequestParams) -> ReadResourceResult = params;
        complete(params: model::CompleteRequestParams) -> CompleteResult = params;
        list_tools(page: Page) -> ListToolsResult = page.unwrap_or_default();
        list_prompts(page: Page) -> ListPromptsResult = page.unwrap_or_default();
        list_resources(page: Page) -> ListResourcesResult = page.unwrap_or_default();
        list_resource_templates(page: Page) -> ListResourceTemplatesResult = page.unwrap_or_default();
    }

    /// Closes the connection and waits until that is done.
    ///
    /// # Errors
    ///
    /// Returns what rmcp's `cancel` does.
    pub async fn cancel(self) -> Result<QuitReason, impl std::error::Error> {
        self.running.cancel().await
    }

    /// Gives rmcp's own running client.
    #[must_use]
    pub fn into_inner(self) -> RunningService<RoleClient, Served<S>> {
        self.running
    }
}

impl<S: Service<RoleClient>> Deref for Client<S> {
    type Target = Peer<RoleClient>;

    fn deref(&self) -> &Self::Target {
        self.running.peer()
    }
}
