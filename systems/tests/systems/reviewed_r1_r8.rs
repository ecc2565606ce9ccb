//! What reviewers asked of the last of the systems, the first half of it.
//!
//! | | asked for | held by |
//! |---|---|---|
//! | R1 | origins in the characters that are allowed, by type | [`r1_an_origin_of_other_characters_is_no_origin`] |
//! | R2 | ids of a good source, or counted | [`r2_ids_are_random_or_counted`] |
//! | R3 | keys from one table | `xtask/tests/literals.rs`; [`r3_what_comes_out_is_named_by_the_table`] |
//! | R4 | one way to count tokens | [`r4_tokens_of_all_providers_are_counted_in_one_way`] |
//! | R5 | no model that nobody named | [`r5_a_model_that_nobody_named_is_not_made_up`] |
//! | R6 | recorded where a client is made, not where it is used | [`r6_r7_a_recorded_client_is_used_as_before`] |
//! | R7 | all of the client can still be reached | the same; `crates/genspan-chat/tests/chat/shaped.rs` |
//! | R8 | a test fails where nothing is recorded | [`r8_where_nothing_is_recorded_the_same_look_finds_nothing`] |

use std::{collections::HashSet, io, sync::Arc, time::Duration};

use genspan::{
    Conventions, Provider, Rendering, Telemetry,
    semconv::{attribute as key, keys},
};
use genspan_chat::{ChatLayer, ChatRequest, ChatResponse, ShapedClient, chat_fn};
use genspan_dialects::sentry::Origin;
use genspan_http::{Recorder, RecorderOptions, reqwest_0_13::Recorded};
use genspan_otlp::{CountingIds, IdGenerator, RandomIds};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use testkit::{CaptureSink, CapturedSpan, provider};
use tower_layer::Layer;
use tower_service::Service;

const LIMIT: Duration = Duration::from_secs(30);

fn recorder() -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    (sink, telemetry)
}

fn spans(sink: &CaptureSink, telemetry: &Telemetry) -> Vec<CapturedSpan> {
    assert!(telemetry.shutdown(LIMIT).is_complete());
    sink.spans()
}

#[test]
fn r1_an_origin_of_other_characters_is_no_origin() {
    let refused = "auto.ai.claude-code".parse::<Origin>().unwrap_err();
    insta::assert_snapshot!(refused, @"`auto.ai.claude-code` is no origin: Sentry takes letters, digits, `_` and `.`, such as `auto.ai.my_agent`");
    let own = "auto.ai.claude_code".parse::<Origin>().unwrap();
    for origin in [own, Origin::default()] {
        let text = origin.as_str();
        let is_allowed = |char: char| char.is_ascii_alphanumeric() || "_.".contains(char);
        assert!(text.chars().all(is_allowed), "{text}");
    }
}

#[test]
fn r2_ids_are_random_or_counted() {
    // A weak generator repeats itself within a few ten thousand, or from one instance to the next.
    let mut seen = HashSet::new();
    for _ in 0..16 {
        let ids = RandomIds::new();
        for _ in 0..4_096 {
            let id = ids.span_id();
            assert!(id.is_valid() && seen.insert(id), "{id} came twice");
        }
    }
    let counted = || {
        let ids = CountingIds::default();
        [(); 3].map(|()| ids.trace_id().to_string())
    };
    assert_eq!(counted(), counted(), "in tests they are the same each time");
}

#[test]
fn r3_what_comes_out_is_named_by_the_table() {
    let (sink, telemetry) = recorder();
    let mut call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    call.response.id = Some("chatcmpl-1".to_owned());
    call.fail(genspan::ErrorType::RateLimited);
    let spans = spans(&sink, &telemetry);
    let signals = &spans[0].signals;
    let all: Vec<_> = signals.sampled.iter().chain(&signals.attributes).collect();
    assert!(all.len() > 4);
    for attribute in all {
        assert!(keys::V1_41.contains(&&*attribute.key), "{}", attribute.key);
    }
}

/// The same tokens in OpenAI's counting, where the cached ones are part of the input, and in Anthropic's, where not.
#[tokio::test]
async fn r4_tokens_of_all_providers_are_counted_in_one_way() {
    let openai = json!({
        "model": "m", "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 60, "completion_tokens": 9, "total_tokens": 69,
            "prompt_tokens_details": {"cached_tokens": 50}},
    });
    let anthropic = json!({
        "model": "m", "role": "assistant", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 10, "output_tokens": 9, "cache_read_input_tokens": 50},
    });
    let request =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]});
    let mut told = Vec::new();
    for (is_openai, answer) in [(true, openai), (false, anthropic)] {
        let (sink, telemetry) = recorder();
        let client = if is_openai {
            ShapedClient::openai(&telemetry, ())
        } else {
            ShapedClient::anthropic(&telemetry, ())
        };
        let send = |()| async { Ok::<_, io::Error>(answer) };
        client.call(&request, |()| send(())).await.unwrap();
        let spans = spans(&sink, &telemetry);
        told.push(
            [
                key::GEN_AI_USAGE_INPUT_TOKENS,
                key::GEN_AI_USAGE_OUTPUT_TOKENS,
                key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
            ]
            .map(|key| spans[0].signals.get(key).cloned().unwrap().to_json()),
        );
    }
    assert_eq!(told[0], ["60", "9", "50"]);
    assert_eq!(told[1], told[0]);
}

#[tokio::test]
async fn r5_a_model_that_nobody_named_is_not_made_up() {
    let (sink, telemetry) = recorder();
    let client = ShapedClient::openai(&telemetry, ());
    let answer = json!({"choices": []});
    let request = json!({"messages": []});
    client
        .call(&request, |()| async { Ok::<_, io::Error>(answer) })
        .await
        .unwrap();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans[0].signals.name, "chat");
    for key in [key::GEN_AI_REQUEST_MODEL, key::GEN_AI_RESPONSE_MODEL] {
        assert_eq!(spans[0].signals.get(key), None, "{key}");
    }
}

/// Gives what came back to a program, apart from what is another each time.
async fn told(response: Response) -> (u16, Vec<u8>) {
    let status = response.status().as_u16();
    (status, response.bytes().await.unwrap().to_vec())
}

/// The program changes one line, where the client is made; every verb and everything built is the client's own.
#[tokio::test]
async fn r6_r7_a_recorded_client_is_used_as_before() {
    let (sink, telemetry) = recorder();
    let models = provider::Provider::start(provider::Script::scenarios()).unwrap();
    let plain = Client::new();
    let recorder = Recorder::new(telemetry.clone(), RecorderOptions::default());
    let recorded = Recorded::new(plain.clone(), recorder.clone());
    let elsewhere = format!("{}/v1/nothing", models.url());
    for method in [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
    ] {
        let own = plain.request(method.clone(), &elsewhere).send().await;
        let through = match method.as_str() {
            "GET" => recorded.get(&elsewhere),
            "POST" => recorded.post(&elsewhere),
            "PUT" => recorded.put(&elsewhere),
            "PATCH" => recorded.patch(&elsewhere),
            "DELETE" => recorded.delete(&elsewhere),
            "HEAD" => recorded.head(&elsewhere),
            other => panic!("{other}"),
        };
        let (own, through) = (own.unwrap(), through.send().await.unwrap());
        assert_eq!(told(own).await, told(through).await, "{method}");
    }
    let question = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]});
    let url = format!("{}/v1/chat/completions", models.url());
    let build = |request: reqwest::RequestBuilder| request.json(&question).bearer_auth("k");
    let own = build(plain.post(&url)).send().await.unwrap();
    let through = recorded.post(&url).with(build).send().await.unwrap();
    assert_eq!(told(own).await, told(through).await);
    let built = build(plain.post(&url)).build().unwrap();
    assert!(recorded.execute(built).await.unwrap().status().is_success());
    let inner = build(recorded.inner().post(&url)).send().await.unwrap();
    assert!(inner.status().is_success());
    let asked = models.requests();
    let pairs = asked.chunks(2).take(7);
    for pair in pairs {
        assert_eq!(pair[0].method, pair[1].method);
        assert_eq!(
            (&pair[0].headers, &pair[0].body),
            (&pair[1].headers, &pair[1].body)
        );
    }
    assert!(recorder.settle(LIMIT));
    // Two went through it; what is asked of nobody's model is no span.
    let spans = spans(&sink, &telemetry);
    let names: Vec<_> = spans
        .iter()
        .map(|span| span.signals.name.as_str())
        .collect();
    assert_eq!(names, ["chat gpt-4o-mini", "chat gpt-4o-mini"]);
}

#[tokio::test]
async fn r8_where_nothing_is_recorded_the_same_look_finds_nothing() {
    let mut found = Vec::new();
    for is_active in [true, false] {
        let (sink, telemetry) = recorder();
        let used = if is_active {
            telemetry.clone()
        } else {
            Telemetry::disabled()
        };
        let client = chat_fn(|_| async { Ok::<_, io::Error>(ChatResponse::text("Hi")) });
        let mut client = ChatLayer::new(&used, Provider::OPENAI).layer(client);
        let answer = client.call(ChatRequest::new("m").with_user("Hi")).await;
        assert_eq!(answer.unwrap().said(), "Hi");
        let shaped = ShapedClient::openai(&used, ());
        let request = json!({});
        let answer = shaped.call(&request, |()| async { Ok::<_, io::Error>(Value::Null) });
        assert_eq!(answer.await.unwrap(), Value::Null);
        found.push(spans(&sink, &telemetry).len());
    }
    assert_eq!(found, [2, 0]);
}
