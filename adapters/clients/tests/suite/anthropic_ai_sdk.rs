//! `anthropic-ai-sdk`.

use std::pin::pin;

use anthropic_ai_sdk::{
    client::AnthropicClient,
    types::message::{
        ContentBlock, ContentBlockDelta, CreateMessageParams, Message, MessageClient, MessageError,
        RequiredMessageParams, Role, StreamEvent, Tool,
    },
};
use futures_util::StreamExt;
use serde_json::Value;
use testkit::suite::{Case, TOOL, TOOL_DESCRIPTION, parameters};

use crate::{
    conventions,
    play::{self, Answer, Talk},
};

struct Conversation {
    client: AnthropicClient,
    case: Case,
    messages: Vec<Message>,
    called: String,
}

impl Conversation {
    fn request(&self) -> CreateMessageParams {
        let mut request = CreateMessageParams::new(RequiredMessageParams {
            model: "model-4".to_owned(),
            messages: self.messages.clone(),
            max_tokens: 99,
        })
        .with_stream(self.case.is_streamed());
        if self.case.has_tools() {
            request = request.with_tools(vec![Tool {
                name: TOOL.to_owned(),
                description: Some(TOOL_DESCRIPTION.to_owned()),
                input_schema: parameters(),
            }]);
        }
        request
    }

    /// The blocks of the answer, `None` where the first piece of a stream was enough.
    async fn answered(&self) -> Result<Option<Vec<ContentBlock>>, MessageError> {
        let request = self.request();
        if !self.case.is_streamed() {
            let answer = self.client.create_message(Some(&request)).await?;
            return Ok(Some(answer.content));
        }
        let events = self.client.create_message_streaming(&request).await?;
        let mut events = pin!(events);
        let (mut blocks, mut written) = (Vec::new(), String::new());
        while let Some(event) = events.next().await {
            match event? {
                StreamEvent::ContentBlockStart { content_block, .. } => blocks.push(content_block),
                StreamEvent::ContentBlockDelta { delta, .. } if self.case != Case::Cancelled => {
                    match (delta, blocks.last_mut()) {
                        (
                            ContentBlockDelta::TextDelta { text: piece },
                            Some(ContentBlock::Text { text }),
                        ) => text.push_str(&piece),
                        (ContentBlockDelta::InputJsonDelta { partial_json }, _) => {
                            written.push_str(&partial_json)
                        }
                        _ => {}
                    }
                }
                StreamEvent::ContentBlockDelta { .. } => return Ok(None),
                _ => {}
            }
        }
        if let Some(ContentBlock::ToolUse { input, .. }) = blocks.last_mut() {
            *input = serde_json::from_str(&written).unwrap();
        }
        Ok(Some(blocks))
    }
}

impl Talk for Conversation {
    const PATH: &'static str = "/v1";

    fn new(url: &str, case: Case, prompt: &str) -> Self {
        let builder = AnthropicClient::builder("k3y", AnthropicClient::DEFAULT_API_VERSION);
        let client = builder.with_api_base_url(url).build::<MessageError>();
        Self {
            client: client.unwrap(),
            case,
            messages: vec![Message::new_text(Role::User, prompt)],
            called: String::new(),
        }
    }

    async fn ask(&mut self) -> Answer {
        let blocks = match self.answered().await {
            Ok(Some(blocks)) => blocks,
            Ok(None) => return Answer::Dropped,
            Err(_) => return Answer::Refused,
        };
        let mut called: Option<(String, Value)> = None;
        let mut said = String::new();
        for block in &blocks {
            match block {
                ContentBlock::ToolUse { id, input, .. } => {
                    called = Some((id.clone(), input.clone()))
                }
                ContentBlock::Text { text } => said.push_str(text),
                _ => {}
            }
        }
        self.messages
            .push(Message::new_blocks(Role::Assistant, blocks));
        match called {
            Some((id, input)) => {
                self.called.clone_from(&id);
                Answer::Calls(Some(id), input)
            }
            None => Answer::Says(said),
        }
    }

    fn tell(&mut self, result: &str) {
        let result = ContentBlock::ToolResult {
            tool_use_id: self.called.clone(),
            content: result.to_owned(),
        };
        self.messages
            .push(Message::new_blocks(Role::User, vec![result]));
    }
}

#[tokio::test]
async fn every_case_gives_the_tree_that_every_client_gives() {
    play::check::<Conversation>(&[]).await;
}

#[tokio::test]
async fn the_conventions_hold() {
    conventions::hold::<Conversation>("anthropic_ai_sdk", &[]).await;
}

#[tokio::test]
async fn the_client_sees_no_difference() {
    play::sees_no_difference::<Conversation>().await;
}

#[tokio::test]
async fn all_that_comes_out_of_a_stream_and_of_an_error() {
    insta::assert_snapshot!(play::drawn::<Conversation>("text", true).await);
    insta::assert_snapshot!(play::drawn::<Conversation>("error-401", false).await);
}
