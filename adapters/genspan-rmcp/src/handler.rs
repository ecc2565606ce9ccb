//! A server's handler whose work on what comes in is recorded, for servers that take handlers and no services.

#![expect(
    deprecated,
    reason = "clients of earlier versions of the protocol still ask so"
)]

use std::{borrow::Cow, future::pending};

use genspan::mcp::Message;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{self, ConstString, InitializeRequestParams, InitializeResult},
    service::{NotificationContext, RequestContext, SubscriptionContext},
};

use crate::{Recorder, service::answered};

type Page = Option<model::PaginatedRequestParams>;

/// Wraps a server's handler: each request and notification becomes a span, within which it is handled.
///
/// It records what [`Served`](crate::Served) does; streamable HTTP asks for a handler.
#[derive(Clone, Debug)]
pub struct Handled<H> {
    pub(crate) inner: H,
    pub(crate) recorder: Recorder,
}

/// Writes the methods for requests, whose answers `$read` reads.
macro_rules! requests {
    ($read:path: $($name:ident($($params:ident: $type:ty)?) -> $answer:ty = $method:expr;)*) => {$(
        async fn $name(
            &self,
            $($params: $type,)?
            context: RequestContext<RoleServer>,
        ) -> Result<$answer, ErrorData> {
            let wants_content = self.recorder.wants_content();
            let message = Message::call($method, &($(&$params)?), wants_content);
            let (asked, cancelled) = self.recorder.asked(message, &context);
            answered(asked, cancelled, self.inner.$name($($params,)? context), $read).await
        }
    )*};
}

/// Writes the methods for notifications.
macro_rules! notifications {
    ($($name:ident($($params:ident: $type:ty)?) = $method:expr;)*) => {$(
        async fn $name(&self, $($params: $type,)? context: NotificationContext<RoleServer>) {
            let message = Message::call($method, &($(&$params)?), false);
            let told = self.recorder.received(message, &context.meta, &context.extensions);
            let work = async { Ok(self.inner.$name($($params,)? context).await) };
            drop(answered(told, pending(), work, unread).await);
        }
    )*};
}

/// Writes the methods that are the handler's own.
macro_rules! own {
    ($($name:ident($($it:ident: $type:ty)?) -> $result:ty;)*) => {$(
        fn $name(&self $(, $it: $type)?) -> $result {
            self.inner.$name($($it)?)
        }
    )*};
}

impl<H: ServerHandler> ServerHandler for Handled<H> {
    requests! { Message::result:
        ping() -> () = model::PingRequestMethod::VALUE;
        initialize(it: InitializeRequestParams) -> InitializeResult = model::InitializeResultMethod::VALUE;
        discover() -> model::DiscoverResult = model::DiscoverRequestMethod::VALUE;
        complete(it: model::CompleteRequestParams) -> model::CompleteResult = model::CompleteRequestMethod::VALUE;
        set_level(it: model::SetLevelRequestParams) -> () = model::SetLevelRequestMethod::VALUE;
        list_prompts(it: Page) -> model::ListPromptsResult = model::ListPromptsRequestMethod::VALUE;
        list_resources(it: Page) -> model::ListResourcesResult = model::ListResourcesRequestMethod::VALUE;
        list_resource_templates(it: Page) -> model::ListResourceTemplatesResult = model::ListResourceTemplatesRequestMethod::VALUE;
        subscribe(it: model::SubscribeRequestParams) -> () = model::SubscribeRequestMethod::VALUE;
        unsubscribe(it: model::UnsubscribeRequestParams) -> () = model::UnsubscribeRequestMethod::VALUE;
        list_tools(it: Page) -> model::ListToolsResult = model::ListToolsRequestMethod::VALUE;
        get_task(it: model::GetTaskParams) -> model::GetTaskResult = model::GetTaskMethod::VALUE;
        update_task(it: model::UpdateTaskParams) -> () = model::UpdateTaskMethod::VALUE;
        cancel_task(it: model::CancelTaskParams) -> () = model::CancelTaskMethod::VALUE;
        list_skills(it: Page) -> model::ListSkillsResult = model::ListSkillsRequestMethod::VALUE;
        get_skill(it: model::GetSkillRequestParams) -> model::GetSkillResult = model::GetSkillRequestMethod::VALUE;
        read_resource_directory(it: model::ReadResourceDirectoryRequestParams) -> model::ReadResourceDirectoryResult = model::ReadResourceDirectoryRequestMethod::VALUE;
        on_custom_request(it: model::CustomRequest) -> model::CustomResult = &it.method;
    }

    requests! { unread:
        get_prompt(it: model::GetPromptRequestParams) -> model::GetPromptResponse = model::GetPromptRequestMethod::VALUE;
        read_resource(it: model::ReadResourceRequestParams) -> model::ReadResourceResponse = model::ReadResourceRequestMethod::VALUE;
    }

    requests! { tool_result:
        call_tool(it: model::CallToolRequestParams) -> model::CallToolResponse = model::CallToolRequestMethod::VALUE;
    }

    notifications! {
        on_cancelled(it: model::CancelledNotificationParam) = model::CancelledNotificationMethod::VALUE;
        on_progress(it: model::ProgressNotificationParam) = model::ProgressNotificationMethod::VALUE;
        on_initialized() = model::InitializedNotificationMethod::VALUE;
        on_roots_list_changed() = model::RootsListChangedNotificationMethod::VALUE;
        on_custom_notification(it: model::CustomNotification) = &it.method;
    }

    /// It lasts as long as the client listens, and what the client is told stands within it.
    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let method = model::SubscriptionsListenRequestMethod::VALUE;
        let (message, request) = (Message::call(method, &(), false), context.request_context());
        let (asked, cancelled) = self.recorder.asked(message, request);
        answered(asked, cancelled, self.inner.listen(context), unread).await
    }

    own! {
        negotiate_initialize(it: &InitializeRequestParams) -> Result<InitializeResult, ErrorData>;
        supported_protocol_versions() -> Cow<'static, [model::ProtocolVersion]>;
        accepted_subscription_filter(it: &model::SubscriptionFilter) -> Option<model::SubscriptionFilter>;
        get_tool(it: &str) -> Option<model::Tool>;
        get_info() -> model::ServerConfig;
    }
}

/// Reads an answer that nothing is to be known of.
fn unread<A>(_: &A, _: bool) -> Message {
    Message::default()
}

fn tool_result(response: &model::CallToolResponse, wants_content: bool) -> Message {
    match response {
        model::CallToolResponse::Complete(result) => Message::result(result, wants_content),
        _ => Message::default(),
    }
}
