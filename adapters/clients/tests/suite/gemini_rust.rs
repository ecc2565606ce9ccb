//! `gemini-rust`.
#![allow(
    deprecated,
    reason = "most programs still speak generateContent, and its builder is marked so"
)]

use futures_util::StreamExt;
use gemini_rust::{
    Content, ContentBuilder, FunctionDeclaration, Message, Role, client::GeminiBuilder,
};
use serde_json::{Value, json};
use testkit::suite::{Case, Fact, TOOL, TOOL_DESCRIPTION, Unknown, parameters};

use crate::{
    conventions,
    play::{self, Answer, Talk},
};

struct Conversation {
    request: ContentBuilder,
    case: Case,
}

impl Conversation {
    /// The documents of the answer, `None` where the first of a stream was enough.
    async fn answered(&self) -> Result<Option<Vec<Content>>, gemini_rust::ClientError> {
        let request = self.request.clone();
        if !self.case.is_streamed() {
            let answer = request.execute().await?;
            return Ok(Some(contents(answer)));
        }
        let mut pieces = request.execute_stream().await?;
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend(contents(piece?));
            if self.case == Case::Cancelled {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }
}

fn contents(answer: gemini_rust::GenerationResponse) -> Vec<Content> {
    let candidates = answer.candidates.into_iter();
    candidates.map(|candidate| candidate.content).collect()
}

impl Talk for Conversation {
    const PATH: &'static str = "/v1beta/";

    fn new(url: &str, case: Case, prompt: &str) -> Self {
        let client = GeminiBuilder::new("k3y")
            .with_model("models/model-4".to_owned())
            .with_base_url(url.parse().unwrap())
            .build()
            .unwrap();
        let mut request = client.generate_content().with_user_message(prompt);
        if case.has_tools() {
            let tool = FunctionDeclaration::new(TOOL, TOOL_DESCRIPTION, None);
            request = request.with_function(tool.with_parameters_value(parameters()));
        }
        Self { request, case }
    }

    async fn ask(&mut self) -> Answer {
        let contents = match self.answered().await {
            Ok(Some(contents)) => contents,
            Ok(None) => return Answer::Dropped,
            Err(_) => return Answer::Refused,
        };
        let said = serde_json::to_value(&contents).unwrap();
        let parts = said.as_array().unwrap().iter();
        let parts: Vec<&Value> = parts
            .flat_map(|it| it["parts"].as_array())
            .flatten()
            .collect();
        let called = parts.iter().find_map(|part| part.get("functionCall"));
        if let Some(called) = called {
            let is_call = |content: &&Content| {
                serde_json::to_string(content).is_ok_and(|text| text.contains("functionCall"))
            };
            let content = contents.iter().find(is_call).unwrap().clone();
            let role = Role::Model;
            let request = self.request.clone();
            self.request = request.with_message(Message { content, role });
            return Answer::Calls(None, called["args"].clone());
        }
        let texts = parts.iter().filter_map(|part| part["text"].as_str());
        Answer::Says(texts.collect())
    }

    fn tell(&mut self, result: &str) {
        let request = self.request.clone();
        let response = request.with_function_response(TOOL, json!({"result": result}));
        self.request = response.unwrap();
    }
}

const UNKNOWN: &[Unknown] = &[
    Unknown {
        fact: Fact::CallId,
        why: "gemini-rust leaves out the ids that Gemini gives to calls",
    },
    Unknown {
        fact: Fact::FinishReason,
        why: "Gemini says STOP when it calls tools",
    },
];

#[tokio::test]
async fn every_case_gives_the_tree_that_every_client_gives() {
    play::check::<Conversation>(UNKNOWN).await;
}

#[tokio::test]
async fn the_conventions_hold() {
    conventions::hold::<Conversation>("gemini_rust", &[]).await;
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
