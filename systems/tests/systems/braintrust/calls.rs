//! Calls to models: over a transport, through raw clients of both shapes, and through the chat layer.

use std::{io, time::Duration};

use genspan::Provider;
use genspan_chat::{ChatLayer, ChatRequest, ShapedClient, chat_fn};
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};
use serde_json::{Value, json};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{Rig, question, two_rounds};

#[tokio::test]
async fn chat_span_with_kind_client_and_status_unset() {
    let rig = Rig::with_content();
    rig.ask("text", false).await.unwrap();
    let span = rig.only();
    assert_eq!(span.name, "chat gpt-4o-mini");
    assert_eq!(
        (span.kind, span.status),
        (SpanKind::Client, StatusCode::Unset)
    );
    assert_eq!(
        span.json("braintrust.span_attributes"),
        json!({"type": "llm"})
    );
}

/// Both namespaces on one span, and nothing that belongs to neither.
#[tokio::test]
async fn vendor_namespace_stands_beside_the_conventions() {
    let rig = Rig::with_content();
    rig.ask("tools", false).await.unwrap();
    insta::assert_snapshot!(rig.only().drawn());
}

#[tokio::test]
async fn provider_name_and_response_model_are_the_vendors_own() {
    let rig = Rig::without_content();
    rig.ask("text", false).await.unwrap();
    let span = rig.only();
    assert_eq!(span.get("gen_ai.provider.name"), "openai");
    assert_eq!(span.get("gen_ai.request.model"), "gpt-4o-mini");
    assert_ne!(span.get("gen_ai.response.model"), "-");
    assert_ne!(span.get("gen_ai.response.id"), "-");
}

#[tokio::test]
async fn request_parameters_are_metadata_and_tool_definitions_too_where_content_may_be() {
    let rig = Rig::without_content();
    rig.ask("text", false).await.unwrap();
    let bare = rig.only().json("braintrust.metadata");
    let settings = json!({
        "model": "gpt-4o-mini", "provider": "openai", "temperature": 0.2, "max_tokens": 100,
    });
    assert_eq!(bare, settings);

    let rig = Rig::of("braintrust;content=span", &[]);
    rig.ask("text", false).await.unwrap();
    let told = rig.only().json("braintrust.metadata");
    assert_eq!(told["tools"][0]["type"], "function");
    assert_eq!(told["tools"][0]["function"]["name"], "get_weather");
}

#[tokio::test]
async fn streaming_has_usage_tool_calls_and_time_to_first_chunk_and_a_whole_answer_has_none() {
    let rig = Rig::with_content();
    rig.ask("tools", true).await.unwrap();
    let stream = rig.only();
    let rig = Rig::with_content();
    rig.ask("tools", false).await.unwrap();
    let whole = rig.only();
    for key in [
        "braintrust.metrics.prompt_tokens",
        "braintrust.metrics.completion_tokens",
        "braintrust.metrics.tokens",
        "braintrust.input_json",
        "braintrust.output_json",
    ] {
        assert_ne!(stream.get(key), "-", "{key}");
        assert_eq!(stream.get(key), whole.get(key), "{key}");
    }
    let first = stream.get("braintrust.metrics.time_to_first_token");
    assert!(first.parse::<f64>().unwrap() > 0.0);
    assert_eq!(first, stream.get("gen_ai.response.time_to_first_chunk"));
    assert_eq!(whole.get("braintrust.metrics.time_to_first_token"), "-");
    assert_eq!(stream.json("braintrust.metadata")["stream"], true);
}

#[tokio::test]
async fn an_error_mid_stream_keeps_what_came() {
    let rig = Rig::with_content();
    drop(rig.ask("error-midstream:3", true).await);
    let span = rig.only();
    assert_eq!(span.status, StatusCode::Error);
    assert_ne!(span.get("error.type"), "-");
    let said = span.json("braintrust.output_json");
    assert_ne!(said[0]["message"]["content"], Value::Null, "{said}");
}

/// Is a client as programs have them, without a recorder.
struct Raw {
    client: reqwest::Client,
    url: String,
}

impl Raw {
    fn of(rig: &Rig, path: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: format!("{}{path}", rig.models.url()),
        }
    }

    async fn create(&self, request: &Value) -> reqwest::Result<Value> {
        let response = self.client.post(&self.url).json(request);
        response.send().await?.error_for_status()?.json().await
    }
}

#[tokio::test]
async fn raw_openai_client_is_wrapped_in_both_namespaces() {
    let rig = Rig::with_content();
    let client = ShapedClient::openai(&rig.telemetry, Raw::of(&rig, "/v1/chat/completions"));
    let request = question(false);
    let answer = client.call(&request, |raw| raw.create(&request)).await;
    assert_ne!(
        answer.unwrap()["choices"][0]["message"]["content"],
        Value::Null
    );
    assert!(
        client.url.ends_with("/v1/chat/completions"),
        "all of it can be reached"
    );
    let span = rig.only();
    assert_eq!(span.name, "chat gpt-4o-mini");
    let input = span.json("braintrust.input_json");
    assert_eq!(input, request["messages"], "the panel shows what was sent");
    let output = span.json("braintrust.output_json");
    assert_eq!(output[0]["message"]["role"], "assistant");
    let total = span
        .get("braintrust.metrics.tokens")
        .parse::<u64>()
        .unwrap();
    let [prompt, completion] = ["prompt", "completion"].map(|word| {
        span.get(&format!("braintrust.metrics.{word}_tokens"))
            .parse::<u64>()
            .unwrap()
    });
    assert_eq!(total, prompt + completion);
    assert_eq!(span.get("gen_ai.usage.input_tokens"), prompt.to_string());
}

#[tokio::test]
async fn raw_anthropic_client_is_wrapped_with_the_system_prompt_first_and_its_blocks() {
    let rig = Rig::with_content();
    let client = ShapedClient::anthropic(&rig.telemetry, Raw::of(&rig, "/v1/messages"));
    let request = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 64, "top_k": 5, "stop_sequences": ["END"],
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What shall I wear?"}]}],
        "tools": [{"name": "get_weather", "description": "Tells.", "input_schema": {"type": "object"}}],
    });
    client
        .call(&request, |raw| raw.create(&request))
        .await
        .unwrap();
    let span = rig.only();
    assert_eq!(span.name, "chat claude-sonnet-4-5");
    let input = span.json("braintrust.input_json");
    assert_eq!(input[0], json!({"role": "system", "content": "Be brief."}));
    assert_eq!(
        input[1],
        json!({"role": "user", "content": "What shall I wear?"})
    );
    let metadata = span.json("braintrust.metadata");
    assert_eq!(metadata["provider"], "anthropic");
    assert_eq!(metadata["max_tokens"], 64);
    assert_eq!(metadata["stop_sequences"], json!(["END"]));
    assert_eq!(metadata["tools"][0]["function"]["name"], "get_weather");
}

#[tokio::test]
async fn any_chat_client_is_wrapped_by_the_layer_alone() {
    let rig = Rig::with_content();
    let client = chat_fn(|asked: ChatRequest| two_rounds(&asked));
    let mut client = ChatLayer::new(&rig.telemetry, Provider::OPENAI).layer(client);
    let request = ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?");
    client.call(request).await.unwrap();
    let span = rig.only();
    assert_eq!(span.took, Duration::from_millis(250), "as long as the call");
    for (key, count) in [
        ("braintrust.metrics.prompt_tokens", "10"),
        ("braintrust.metrics.completion_tokens", "4"),
        ("braintrust.metrics.tokens", "14"),
        ("braintrust.metrics.prompt_cached_tokens", "4"),
        ("braintrust.metrics.prompt_cache_creation_tokens", "2"),
        ("braintrust.metrics.completion_reasoning_tokens", "1"),
    ] {
        assert_eq!(span.get(key), count, "{key}");
    }
    let output = span.json("braintrust.output_json");
    let call = &output[0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "get_weather");
    assert_eq!(call["function"]["arguments"], r#"{"city":"Lisbon"}"#);
}

#[tokio::test]
async fn telemetry_failure_never_reaches_the_caller() {
    // Nobody listens where telemetry goes, and the answer is none.
    let url = [("BRAINTRUST_API_URL", "http://127.0.0.1:9")];
    let rig = Rig::of("braintrust;content=span", &url);
    let client = ShapedClient::openai(&rig.telemetry, ());
    let broken = json!({"choices": 7, "usage": "none", "model": ["x"]});
    let answer = client
        .call(&json!(["no", "request"]), |()| async {
            Ok::<_, io::Error>(broken.clone())
        })
        .await;
    assert_eq!(answer.unwrap(), broken);
    let said = rig.ask("text", false).await.unwrap();
    assert!(said.contains("choices"), "{said}");
    let error = rig.ask("error-500", false).await.unwrap();
    assert!(error.contains("error"), "the client's own error: {error}");
}
