//! A server with tools, and a client that it may ask.

use std::{collections::BTreeMap, sync::Arc};

use genspan::Scope;
use rmcp::{
    ClientHandler, ErrorData, RoleClient, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientInfo,
        ContentBlock, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
        ElicitResult, ElicitationAction, ElicitationSchema, GetPromptRequestParams,
        GetPromptResponse, GetPromptResult, Implementation, ListRootsResult, ListToolsResult,
        PaginatedRequestParams, ProgressNotificationParam, PromptMessage,
        ReadResourceRequestParams, ReadResourceResponse, Role, Root, SamplingMessage,
        ServerCapabilities, ServerConfig, SubscriptionFilter,
    },
    service::{RequestContext, SubscriptionContext},
};
use serde_json::json;
use tokio::sync::Notify;

/// What no telemetry may hold unless it is asked for.
pub(super) const CANARY: &str = "canary-in-a-coal-mine";

/// A server whose tools say, fail, refuse, ask their client, look things up, and wait; and which tells of new tools.
#[derive(Clone, Debug, Default)]
pub(super) struct Clerk {
    /// Is told when the tool that waits has begun to.
    pub(super) waits: Arc<Notify>,
}

impl ServerHandler for Clerk {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_resources()
            .build();
        let mut info = ServerConfig::new(capabilities);
        info.server_info = Implementation::new("clerk", "1");
        info
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let said = |text: &str| Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into());
        match &*request.name {
            "say" => said(CANARY),
            "fail" => Ok(CallToolResult::error(vec![ContentBlock::text(CANARY)]).into()),
            "look" => {
                let here = Scope::current().unwrap();
                here.telemetry().retrieval("shelf").finish();
                said("found")
            }
            "ask" => {
                let token = context.meta.get_progress_token().unwrap();
                let progress = ProgressNotificationParam::new(token, 1.0);
                context.peer.notify_progress(progress).await.unwrap();
                let roots = context.peer.list_roots().await.unwrap();
                said(&roots.roots[0].uri)
            }
            "sample" => {
                let message = SamplingMessage::user_text(CANARY);
                let asked = CreateMessageRequestParams::new(vec![message], 16);
                let sampled = context.peer.create_message(asked).await.unwrap();
                said(&sampled.model)
            }
            "elicit" => {
                let asked = ElicitRequestParams::FormElicitationParams {
                    meta: None,
                    message: CANARY.to_owned(),
                    requested_schema: ElicitationSchema::new(BTreeMap::default()),
                };
                let told = context.peer.create_elicitation(asked).await.unwrap();
                said(&told.content.unwrap().to_string())
            }
            "wait" => {
                self.waits.notify_one();
                context.ct.cancelled().await;
                said("late")
            }
            _ => Err(ErrorData::invalid_params(CANARY, None)),
        }
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::default())
    }

    async fn get_prompt(
        &self,
        _request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let message = PromptMessage::new_text(Role::User, "hello");
        Ok(GetPromptResult::new(vec![message]).into())
    }

    async fn read_resource(
        &self,
        _request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Err(ErrorData::internal_error(CANARY, None))
    }

    fn accepted_subscription_filter(
        &self,
        asked: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(asked.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let here = Scope::current().unwrap();
        here.telemetry().retrieval("news").finish();
        context.sink().notify_tool_list_changed().await.unwrap();
        Ok(())
    }
}

/// A client that says where its roots are, and what it is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Rooted;

impl ClientHandler for Rooted {
    fn get_info(&self) -> ClientInfo {
        let mut info = ClientInfo::default();
        info.capabilities = ClientCapabilities::builder()
            .enable_roots()
            .enable_sampling()
            .enable_elicitation()
            .build();
        info
    }

    async fn create_message(
        &self,
        _asked: CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        let message = SamplingMessage::assistant_text(CANARY);
        Ok(CreateMessageResult::new(message, "m".to_owned()))
    }

    async fn create_elicitation(
        &self,
        _asked: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let content = json!({ "said": CANARY });
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content))
    }

    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(ListRootsResult::new(vec![Root::new("file:///work")]))
    }
}
