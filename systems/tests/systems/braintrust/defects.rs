//! Defects that show only where a call comes out; the others are proven at the layers.

use std::io;

use genspan::{Provider, semconv::keys};
use genspan_chat::{ChatRequest, ChatResponse, ShapedClient, VendorLayer, chat_fn, stack};
use serde_json::{Value, json};
use tower_service::Service;

use super::rig::{Rig, question, tools, two_rounds};

const CANARY: &str = "canary-7d1";

/// Prompts must not travel on in headers, whatever is recorded.
#[tokio::test]
async fn b1_headers_that_go_on_hold_no_content() {
    let rig = Rig::with_content();
    let mut asked = question(false);
    asked["messages"][1]["content"] = json!(CANARY);
    let call = rig.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    let client =
        genspan_http::reqwest_0_13::Recorded::new(reqwest::Client::new(), rig.recorder.clone());
    let url = format!("{}/v1/chat/completions", rig.models.url());
    let request = client.post(url).body(asked.to_string());
    call.scope().within(request.send()).await.unwrap();
    call.finish();
    let requests = rig.models.requests();
    let headers = format!("{:?}", requests[0].headers);
    assert!(headers.contains("content-length"), "{headers}");
    assert!(!headers.contains(CANARY), "{headers}");
    assert_eq!(rig.shown().len(), 1);
}

/// B3: a client's own span and that of the transport would be summed twice.
#[tokio::test]
async fn b3_a_raw_client_over_a_recorded_transport_is_one_span_with_one_usage() {
    let rig = Rig::with_content();
    let client = ShapedClient::openai(&rig.telemetry, ());
    let request = question(false);
    client
        .call(&request, |()| async {
            let answer = rig.ask("text", false).await;
            answer.map(|text| serde_json::from_str::<Value>(&text).unwrap())
        })
        .await
        .unwrap();
    let span = rig.only();
    assert_ne!(span.get("braintrust.metrics.tokens"), "-");
    assert_ne!(span.get("server.port"), "-", "what the transport saw");
}

/// B4 and B5: content is off unless it is asked for, and that costs nothing else.
#[tokio::test]
async fn b4_b5_without_content_models_tokens_and_times_are_there() {
    let mut seen = Vec::new();
    for rig in [Rig::without_content(), Rig::with_content()] {
        rig.ask("tools", true).await.unwrap();
        let span = rig.only();
        let keys: Vec<String> = span.keys().map(str::to_owned).collect();
        seen.push(keys);
    }
    let content = [
        "braintrust.input_json",
        "braintrust.output_json",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
    ];
    seen[1].retain(|key| !content.contains(&key.as_str()));
    assert_eq!(seen[0], seen[1]);
}

/// B7: a stream that is left or breaks has what came until then.
#[tokio::test]
async fn b7_a_stream_that_is_left_early_has_its_output() {
    let rig = Rig::with_content();
    let client =
        genspan_http::reqwest_0_13::Recorded::new(reqwest::Client::new(), rig.recorder.clone());
    let url = format!("{}/v1/chat/completions", rig.models.url());
    let request = client.post(url).header("x-scripted", "one-byte");
    let mut response = request
        .body(question(true).to_string())
        .send()
        .await
        .unwrap();
    let mut read = Vec::new();
    for _ in 0..10_000 {
        read.extend(response.chunk().await.unwrap().unwrap());
        if String::from_utf8_lossy(&read).matches("\n\n").count() == 4 {
            break;
        }
    }
    drop(response);
    let span = rig.only();
    assert_eq!(span.get("error.type"), "cancelled");
    let said = span.json("braintrust.output_json");
    assert_ne!(said[0]["message"]["content"], Value::Null, "{said}");
}

/// B8 and B13: the conventions' keys hold the conventions' shapes, and every key has a namespace.
#[tokio::test]
async fn b8_b13_keys_are_the_conventions_the_vendors_or_ours() {
    let rig = Rig::with_content();
    let client = chat_fn(|asked: ChatRequest| two_rounds(&asked));
    let mut agent = stack(client)
        .with_telemetry(&rig.telemetry, Provider::OPENAI)
        .with_tools(tools())
        .with_agent("adviser")
        .build();
    let request = ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?");
    agent.call(request).await.unwrap();
    rig.ask("tools", true).await.unwrap();
    let spans = rig.shown();
    assert_eq!(spans.len(), 5);
    for span in &spans {
        for key in span.keys() {
            let ours = key.starts_with("braintrust.") || key.starts_with("genspan.");
            assert!(ours || keys::V1_41.contains(&key), "{key} on {}", span.name);
        }
        if span.get("gen_ai.output.messages") != "-" {
            let said = span.get("gen_ai.output.messages");
            assert!(
                said.contains("parts") && !said.contains("choices"),
                "{said}"
            );
        }
    }
}

/// B15: the vendor's layer writes no key of the conventions', and neither does the vendor's dialect.
#[tokio::test]
async fn b15_each_key_has_one_owner() {
    let rig = Rig::without_content();
    for key in [
        "gen_ai.request.model",
        "gen_ai.response.model",
        "error.type",
    ] {
        let refused = VendorLayer::new(&rig.telemetry, [(key, "x")]);
        assert!(refused.is_err(), "{key}");
    }
    let settings = genspan_dialects::Settings::default();
    let mut span = genspan_dialects::Span::default();
    for (key, value) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "m"),
    ] {
        span.attributes.set(key, value);
    }
    let before = span.attributes.clone().into_list();
    genspan_dialects::Dialect::Braintrust.write(&mut span, &settings);
    let after = span.attributes.into_list();
    assert_eq!(after[..before.len()], before, "what was there is as it was");
    let added = &after[before.len()..];
    assert!(!added.is_empty());
    for attribute in added {
        assert!(
            attribute.key.starts_with("braintrust."),
            "{}",
            attribute.key
        );
    }
}

/// B14: an answer that is no JSON is the caller's, and a span.
#[tokio::test]
async fn b14_a_malformed_answer_is_handed_on() {
    let rig = Rig::with_content();
    let client = chat_fn(|_| async { Err::<ChatResponse, _>(io::Error::other(CANARY)) });
    let mut client = stack(client)
        .with_telemetry(&rig.telemetry, Provider::OPENAI)
        .build();
    let error = client.call(ChatRequest::new("m").with_user("Hi")).await;
    assert!(error.unwrap_err().to_string().contains(CANARY));
    drop(rig.ask("cut-before-last", false).await);
    assert_eq!(rig.shown().len(), 3);
}
