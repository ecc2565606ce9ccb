//! One question through the client's typed interfaces.

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    types::{
        chat::{
            ChatCompletionMessageToolCalls, CreateChatCompletionRequest,
            CreateChatCompletionResponse,
        },
        responses::{CreateResponse, OutputItem, Response, ResponseStreamEvent},
    },
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use testkit::suite::{TOOL, TOOL_DESCRIPTION, parameters};

const MODEL: &str = "model-4";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    Chat,
    Responses,
}

/// How much of an answer is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    Whole,
    Stream,
    /// A stream's first piece; the rest is dropped.
    First,
}

/// What the model says: a text, or a call of its tool.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// The call's id and arguments.
    pub(crate) call: Option<(String, String)>,
}

impl Interface {
    pub(crate) const ALL: [Self; 2] = [Self::Chat, Self::Responses];

    /// Asks with the messages so far, which are the interface's own as JSON.
    pub(crate) async fn ask(
        self,
        client: &Client<OpenAIConfig>,
        messages: &[Value],
        has_tools: bool,
        take: Take,
    ) -> Result<Said, OpenAIError> {
        let tool =
            json!({"name": TOOL, "description": TOOL_DESCRIPTION, "parameters": parameters()});
        let mut request = json!({"model": MODEL});
        if take != Take::Whole {
            request["stream"] = json!(true);
        }
        match self {
            Self::Chat => {
                request["messages"] = json!(messages);
                if has_tools {
                    request["tools"] = json!([{"type": "function", "function": tool}]);
                }
                if take != Take::Whole {
                    request["stream_options"] = json!({"include_usage": true});
                }
                chat(client, serde_json::from_value(request).unwrap(), take).await
            }
            Self::Responses => {
                request["input"] = json!(messages);
                if has_tools {
                    let mut tool = tool;
                    tool["type"] = json!("function");
                    request["tools"] = json!([tool]);
                }
                respond(client, serde_json::from_value(request).unwrap(), take).await
            }
        }
    }

    /// What the program adds to the messages once it has run the tool.
    pub(crate) fn told(self, (id, arguments): &(String, String), result: &str) -> [Value; 2] {
        match self {
            Self::Chat => {
                let function = json!({"name": TOOL, "arguments": arguments});
                [
                    json!({"role": "assistant", "tool_calls": [{"id": id, "type": "function", "function": function}]}),
                    json!({"role": "tool", "tool_call_id": id, "content": result}),
                ]
            }
            Self::Responses => [
                json!({"type": "function_call", "call_id": id, "name": TOOL, "arguments": arguments}),
                json!({"type": "function_call_output", "call_id": id, "output": result}),
            ],
        }
    }
}

/// The user's message, in both interfaces.
pub(crate) fn user(prompt: &str) -> Vec<Value> {
    vec![json!({"type": "message", "role": "user", "content": prompt})]
}

async fn chat(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
    take: Take,
) -> Result<Said, OpenAIError> {
    if take == Take::Whole {
        return Ok(said(client.chat().create(request).await?));
    }
    let mut all = Said::default();
    let mut stream = client.chat().create_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        for choice in chunk?.choices {
            all.text += choice.delta.content.as_deref().unwrap_or_default();
            for piece in choice.delta.tool_calls.into_iter().flatten() {
                let (id, arguments) = all.call.get_or_insert_default();
                *id += piece.id.as_deref().unwrap_or_default();
                *arguments += &piece
                    .function
                    .and_then(|it| it.arguments)
                    .unwrap_or_default();
            }
        }
        if take == Take::First {
            break;
        }
    }
    Ok(all)
}

fn said(answer: CreateChatCompletionResponse) -> Said {
    let message = answer.choices.into_iter().next().unwrap().message;
    let calls = message.tool_calls.into_iter().flatten();
    let call = calls.last().map(|call| match call {
        ChatCompletionMessageToolCalls::Function(call) => (call.id, call.function.arguments),
        ChatCompletionMessageToolCalls::Custom(call) => panic!("{call:?}"),
    });
    Said {
        text: message.content.unwrap_or_default(),
        call,
    }
}

async fn respond(
    client: &Client<OpenAIConfig>,
    request: CreateResponse,
    take: Take,
) -> Result<Said, OpenAIError> {
    if take == Take::Whole {
        return Ok(responded(client.responses().create(request).await?));
    }
    let mut stream = client.responses().create_stream(request).await?;
    let mut all = Said::default();
    while let Some(event) = stream.next().await {
        if let ResponseStreamEvent::ResponseCompleted(event) = event? {
            all = responded(event.response);
        }
        if take == Take::First {
            break;
        }
    }
    Ok(all)
}

fn responded(response: Response) -> Said {
    let text = response.output_text().unwrap_or_default();
    let call = response.output.into_iter().find_map(|item| match item {
        OutputItem::FunctionCall(call) => Some((call.call_id, call.arguments)),
        _ => None,
    });
    Said { text, call }
}
