//! What stands round the spans: context, layers, clients, destinations.

use std::time::Duration;

use genspan::{Carrier, semconv::attribute};
use genspan_chat::{ChatLayer, ShapedClient, chat_fn};
use genspan_dialects::{Dialect, Settings, Span, sentry::WORDS};
use opentelemetry_sdk::trace::Sampler;
use serde_json::json;
use testkit::collector::Collector;
use tower_layer::Layer;
use tower_service::Service;

use super::{OPENAI, SENTRY};
use crate::seen::{Model, Program, ask, question, run};

#[test]
fn context_goes_on_with_its_flag() {
    for sampled in ["00", "01"] {
        let program = Program::with(&format!("sentry-context-{sampled}"), SENTRY, |builder| {
            builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        });
        let telemetry = program.telemetry();
        let traceparent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{sampled}");
        let carrier = Carrier {
            traceparent,
            tracestate: "v=1".to_owned(),
            ..Carrier::default()
        };
        telemetry.scope_under(carrier.context().unwrap()).run(|| {
            let agent = telemetry.invoke_agent("a");
            let onward = Carrier::of(agent.context());
            assert!(
                onward
                    .traceparent
                    .starts_with("00-0af7651916cd43dd8448eb211c80319c-")
            );
            assert!(
                onward.traceparent.ends_with(sampled),
                "{}",
                onward.traceparent
            );
            assert_eq!(onward.tracestate, "v=1");
            agent.finish();
        });
        assert_eq!(program.end().spans.len(), usize::from(sampled == "01"));
    }
}

#[test]
fn one_call_seen_twice_is_one_span() {
    let program = Program::new("sentry-twice", SENTRY);
    let telemetry = program.telemetry();
    let model = Model::new(&telemetry, "text");
    let own = model.clone();
    let client = chat_fn(move |request| ask(own.clone(), request));
    // A layer round a recorded transport.
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    run(client.call(question())).unwrap();
    // The client's other calls are recorded all the same: what stands down does so within one call.
    let body = json!({"model": "by-hand", "messages": [{"role": "user", "content": "Hi"}]});
    run(async {
        model
            .post("/v1/chat/completions", &body)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    });
    drop(client);
    let seen = program.end();
    assert_eq!(seen.names(), ["chat gpt-4o-mini", "chat by-hand"]);
    let counted: u64 = seen
        .metric("gen_ai.client.operation.duration")
        .points
        .iter()
        .map(|it| it.count)
        .sum();
    assert_eq!(counted, 2);
}

/// Stands for a provider's client with more than the one method.
struct Client;

impl Client {
    async fn create(&self, _: &serde_json::Value) -> Result<serde_json::Value, std::io::Error> {
        Ok(
            json!({"id": "chatcmpl-1", "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}),
        )
    }

    fn interrupt(&self) -> &'static str {
        "interrupted"
    }

    fn set_model(&self, name: &str) -> String {
        format!("now {name}")
    }
}

#[test]
fn a_wrapped_client_keeps_all_it_can() {
    let program = Program::new("sentry-wrapped", SENTRY);
    let client = ShapedClient::openai(&program.telemetry(), Client);
    let request = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]});
    run(client.call(&request, |client| client.create(&request))).unwrap();
    assert_eq!(client.interrupt(), "interrupted");
    assert_eq!(client.set_model("m"), "now m");
    assert_eq!(client.into_inner().interrupt(), "interrupted");
    let seen = program.end();
    assert_eq!(seen.names(), ["chat gpt-4o"]);
    assert_eq!(seen.span("chat").get("gen_ai.response.id"), "chatcmpl-1");
}

#[test]
fn telemetry_goes_where_the_dsn_says() {
    let collector = Collector::taking();
    let dsn = format!("http://pub@{}/42", collector.address);
    let guard = genspan_otel::builder()
        .without_globals()
        .with_environment(move |name| (name == "SENTRY_DSN").then(|| dsn.clone()))
        .with_destination("sentry")
        .init()
        .unwrap();
    guard.telemetry().chat(OPENAI, "m").finish();
    assert!(guard.shutdown(Duration::from_secs(30)).is_complete());
    let arrived = collector.rest();
    assert!(!arrived.is_empty());
    for request in &arrived {
        assert_eq!(
            request.path, "/api/42/integration/otlp/v1/traces",
            "Sentry takes no metrics"
        );
        assert_eq!(request.headers["x-sentry-auth"], "sentry sentry_key=pub");
    }
    let said = String::from_utf8_lossy(arrived[0].message()).into_owned();
    assert!(said.contains("gen_ai.chat") && said.contains("auto.ai.genspan"));
    let nowhere = genspan_otel::builder()
        .without_globals()
        .with_environment(|_| None);
    let error = nowhere.with_destination("sentry").init().unwrap_err();
    assert!(error.to_string().contains("SENTRY_DSN"), "{error}");
}

/// R15: whatever stands under a key, neither direction panics, and what is no GenAI span stays as it is.
#[test]
fn odd_values_are_no_trouble() {
    let odd = || {
        [
            genspan::Value::Null,
            genspan::Value::Bool(true),
            genspan::Value::Int(i64::MIN),
            genspan::Value::Double(f64::NAN),
            genspan::Value::from(""),
            genspan::Value::from("[{\"role\":1,\"parts\":[null,[]]}]"),
            genspan::Value::from("{\"a\":"),
            genspan::Value::Array(vec![genspan::Value::Null, genspan::Value::Map(Vec::new())]),
            genspan::Value::Map(vec![("role".to_owned(), genspan::Value::Int(1))]),
        ]
    };
    for (word, key) in WORDS {
        for key in [word, key] {
            for value in odd() {
                for operation in ["chat", "execute_tool", "nobody's"] {
                    let mut span = Span::default();
                    span.attributes
                        .set(attribute::GEN_AI_OPERATION_NAME, operation);
                    span.attributes.set("sentry.origin", "auto.ai.x");
                    span.attributes.set(key, value.clone());
                    Dialect::Sentry.write(&mut span, &Settings::default());
                    Dialect::Sentry.read(&mut span);
                    Dialect::Sentry.translate(&mut span, &Settings::default());
                }
            }
        }
    }
    let mut other = Span {
        name: "GET /".to_owned(),
        ..Span::default()
    };
    other.attributes.set("http.route", "/");
    let before = other.clone();
    Dialect::Sentry.write(&mut other, &Settings::default());
    assert!(!Dialect::Sentry.read(&mut other));
    assert_eq!(other, before);
}
