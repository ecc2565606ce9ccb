//! `ollama-rs`.

use futures_util::StreamExt;
use genspan::semconv::attribute;
use ollama_rs::{
    Ollama,
    generation::{
        chat::{ChatMessage, MessageRole, request::ChatMessageRequest},
        completion::request::GenerationRequest,
        embeddings::request::GenerateEmbeddingsRequest,
        tools::ToolInfo,
    },
};
use serde_json::json;
use testkit::suite::{Case, Fact, Stage, TOOL, TOOL_DESCRIPTION, Unknown, parameters};

use crate::{
    conventions,
    play::{self, Answer, Talk},
};

struct Conversation {
    client: Ollama,
    case: Case,
    messages: Vec<ChatMessage>,
}

impl Conversation {
    fn request(&self) -> ChatMessageRequest {
        let request = ChatMessageRequest::new("model-4".to_owned(), self.messages.clone());
        if !self.case.has_tools() {
            return request;
        }
        let function =
            json!({"name": TOOL, "description": TOOL_DESCRIPTION, "parameters": parameters()});
        let tool = json!({"type": "function", "function": function});
        let tool: ToolInfo = serde_json::from_value(tool).unwrap();
        request.tools(vec![tool])
    }

    /// The message of an answer that is streamed, `None` where its first piece was enough.
    async fn streamed(&self) -> Result<Option<ChatMessage>, ()> {
        let asked = self.client.send_chat_messages_stream(self.request()).await;
        let mut pieces = asked.map_err(drop)?;
        let mut whole = ChatMessage::assistant(String::new());
        while let Some(piece) = pieces.next().await {
            let message = piece?.message;
            if self.case == Case::Cancelled {
                return Ok(None);
            }
            whole.content.push_str(&message.content);
            whole.tool_calls.extend(message.tool_calls);
        }
        Ok(Some(whole))
    }
}

impl Talk for Conversation {
    const PATH: &'static str = "";

    fn new(url: &str, case: Case, prompt: &str) -> Self {
        Self {
            client: Ollama::try_new(url).unwrap(),
            case,
            messages: vec![ChatMessage::user(prompt.to_owned())],
        }
    }

    async fn ask(&mut self) -> Answer {
        let message = if self.case.is_streamed() {
            match self.streamed().await {
                Ok(Some(message)) => message,
                Ok(None) => return Answer::Dropped,
                Err(()) => return Answer::Refused,
            }
        } else {
            match self.client.send_chat_messages(self.request()).await {
                Ok(answer) => answer.message,
                Err(_) => return Answer::Refused,
            }
        };
        self.messages.push(message.clone());
        match message.tool_calls.first() {
            Some(call) => Answer::Calls(None, call.function.arguments.clone()),
            None => Answer::Says(message.content),
        }
    }

    fn tell(&mut self, result: &str) {
        let message = ChatMessage::new(MessageRole::Tool, result.to_owned());
        self.messages.push(message);
    }
}

const UNKNOWN: &[Unknown] = &[
    Unknown {
        fact: Fact::CallId,
        why: "ollama-rs leaves out the ids that Ollama gives to calls",
    },
    Unknown {
        fact: Fact::FinishReason,
        why: "Ollama says stop when it calls tools",
    },
    Unknown {
        fact: Fact::ResponseId,
        why: "Ollama gives answers no ids",
    },
];

#[tokio::test]
async fn every_case_gives_the_tree_that_every_client_gives() {
    play::check::<Conversation>(UNKNOWN).await;
}

#[tokio::test]
async fn the_conventions_hold() {
    // The conventions know no name for it, and it gives answers no ids.
    let unstated = [
        attribute::GEN_AI_PROVIDER_NAME,
        attribute::GEN_AI_RESPONSE_ID,
    ];
    conventions::hold::<Conversation>("ollama_rs", &unstated).await;
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

#[tokio::test]
async fn completions_and_embeddings_are_spans_too() {
    let stage = Stage::new(Case::Whole, false);
    let detour = genspan_http::proxy::Detour::shared(&stage.telemetry).unwrap();
    let url = detour.url(&stage.provider.url()).unwrap();
    let client = Ollama::try_new(url.as_ref()).unwrap();
    let request = GenerationRequest::new("model-4".to_owned(), "go on");
    let answer = client.generate(request).await.unwrap();
    assert_eq!(answer.response, "You said: go on");
    let texts = vec!["low tide", "high tide"].into();
    let request = GenerateEmbeddingsRequest::new("model-5".to_owned(), texts);
    let answer = client.generate_embeddings(request).await.unwrap();
    assert_eq!(answer.embeddings.len(), 2);
    client.list_local_models().await.unwrap();
    play::settle(&detour);
    let names: Vec<_> = stage
        .spans()
        .iter()
        .map(|span| span.signals.name.to_string())
        .collect();
    assert_eq!(names, ["text_completion model-4", "embeddings model-5"]);
}
