//! A client whose requests are led through the proxy.

use std::{path::Path, time::Duration};

use futures_util::StreamExt;
use genai::{
    Client,
    adapter::AdapterKind,
    chat::{ChatOptions, ChatRequest},
    resolver::AuthData,
};
use genspan::{Capture, Place, Telemetry, Value, semconv::attribute};
use genspan_genai::{Detour, Record, Recording};
use testkit::{
    CapturedSpan, conventions,
    suite::{Case, Stage},
};

use crate::suite::{KINDS, play, target, unsaid};

fn client(telemetry: &Telemetry) -> Client {
    let builder = Client::builder().recorded(telemetry).unwrap();
    builder.build().unwrap()
}

/// Waits until the proxy has seen the end of what the client has seen.
fn settle(stage: &Stage) {
    let detour = Detour::shared(&stage.telemetry).unwrap();
    assert!(detour.settle(Duration::from_secs(30)));
}

fn spans(stage: &Stage) -> Vec<CapturedSpan> {
    settle(stage);
    stage.spans()
}

#[tokio::test]
async fn every_case_gives_the_tree_that_every_client_gives() {
    for kind in KINDS {
        for case in Case::ALL {
            for has_content in [true, false] {
                let stage = Stage::new(case, has_content);
                play(&stage, client(&stage.telemetry), kind, &|options| options).await;
                println!("{kind:?}");
                settle(&stage);
                stage.check(&unsaid(kind));
            }
        }
    }
}

#[tokio::test]
async fn the_conventions_hold() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite.jsonl");
    std::fs::write(&file, "").unwrap();
    let guard = genspan_otel::builder()
        .with_environment(|_| None)
        .with_destination(format!("file:{}", file.display()))
        .with_capture(Capture::at(Place::Span))
        .without_globals()
        .init()
        .unwrap();
    for kind in KINDS {
        for case in Case::ALL {
            let mut stage = Stage::new(case, true);
            stage.telemetry = guard.telemetry();
            play(&stage, client(&stage.telemetry), kind, &|options| options).await;
        }
    }
    drop(guard);
    // Of Ollama the conventions know no name, and it gives answers no ids.
    let unstated = [
        attribute::GEN_AI_PROVIDER_NAME,
        attribute::GEN_AI_RESPONSE_ID,
    ];
    conventions::hold_file(&file, 80, &unstated);
}

#[tokio::test]
async fn settings_stand_in_the_span_and_in_the_request() {
    let stage = Stage::new(Case::Whole, true);
    let client = client(&stage.telemetry);
    let options = ChatOptions::default()
        .with_temperature(0.25)
        .with_max_tokens(99);
    let request = ChatRequest::from_user(stage.case.prompt()).with_system("Be brief.");
    let target = target(&stage, AdapterKind::Anthropic);
    client
        .exec_chat(target, request, Some(&options))
        .await
        .unwrap();
    assert_eq!(stage.provider.requests()[0].path, "/v1/messages");
    drop(client);
    let port = stage.provider.addr().port().to_string();
    let tree = testkit::tree(&spans(&stage)).replace(&port, "PORT");
    // The first line says how long it took.
    let lines: Vec<&str> = tree.lines().skip(1).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn texts_become_vectors_in_a_span() {
    let stage = Stage::new(Case::Whole, false);
    let client = client(&stage.telemetry);
    let target = target(&stage, AdapterKind::Ollama);
    let answer = client.embed(target, "low tide", None).await.unwrap();
    assert_eq!(answer.embeddings.len(), 1);
    let spans = spans(&stage);
    assert_eq!(spans[0].signals.name, "embeddings model-4");
    assert!(
        spans[0]
            .signals
            .get(attribute::GEN_AI_USAGE_INPUT_TOKENS)
            .is_some()
    );
}

/// Each request has the scope in which it was made, though the client is older than both.
#[tokio::test]
async fn a_client_for_all_has_each_call_where_it_is_made() {
    let stage = Stage::new(Case::Whole, false);
    let client = client(&stage.telemetry);
    let agents = ["one", "other"].map(|name| stage.telemetry.invoke_agent(name));
    let ask = || {
        let target = target(&stage, AdapterKind::OpenAI);
        client.exec_chat(target, ChatRequest::from_user(stage.case.prompt()), None)
    };
    let [one, other] = agents.each_ref().map(|agent| agent.scope().within(ask()));
    let (one, other) = futures_util::join!(one, other);
    assert!(one.is_ok() && other.is_ok());
    assert!(ask().await.is_ok());
    let contexts = agents.each_ref().map(|agent| agent.context().clone());
    agents.into_iter().for_each(|agent| agent.finish());
    let spans = spans(&stage);
    let mut parents: Vec<_> = spans
        .iter()
        .filter(|it| it.signals.name == "chat model-4")
        .map(|it| it.parent.clone())
        .collect();
    assert_eq!(parents.pop(), Some(None));
    assert_eq!(parents.len(), 2);
    for context in contexts {
        assert!(
            parents.contains(&Some(context.clone())),
            "{}",
            testkit::tree(&spans)
        );
    }
}

/// The call is seen by a hand-made span and by the proxy, and is one.
#[tokio::test]
async fn a_call_under_way_learns_what_is_seen_of_it() {
    let stage = Stage::new(Case::Whole, false);
    let client = client(&stage.telemetry);
    let call = stage.telemetry.chat(genspan::Provider::OPENAI, "my-model");
    let target = target(&stage, AdapterKind::OpenAI);
    let asking = client.exec_chat(target, ChatRequest::from_user(stage.case.prompt()), None);
    call.scope().within(asking).await.unwrap();
    call.finish();
    let spans = spans(&stage);
    assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
    assert!(
        spans[0]
            .signals
            .get(attribute::GEN_AI_USAGE_INPUT_TOKENS)
            .is_some()
    );
}

#[tokio::test]
async fn a_resolver_of_ones_own_leads_on_and_an_overridden_request_is_led_too() {
    let stage = Stage::new(Case::Whole, false);
    let recording = Recording::of(&stage.telemetry).unwrap();
    let url = format!("{}/v1/chat/completions?tenant=a", stage.provider.url());
    let builder = Client::builder().with_service_target_resolver_fn(
        move |mut target: genai::ServiceTarget| {
            let headers = [("content-type", "application/json")];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
            target.auth = AuthData::RequestOverride {
                url: url.clone(),
                headers: Vec::from(headers).into(),
            };
            Ok(recording.lead(target))
        },
    );
    let client = builder.build().unwrap();
    let request = ChatRequest::from_user(stage.case.prompt());
    client
        .exec_chat("gpt-4o-mini", request, None)
        .await
        .unwrap();
    let asked = &stage.provider.requests()[0];
    assert_eq!(asked.path, "/v1/chat/completions?tenant=a");
    assert_eq!(spans(&stage).len(), 1);
}

/// Each attempt has a URL of its own, and yet they are known to be one call's.
#[tokio::test]
async fn what_a_program_asks_again_is_an_attempt_of_one_call() {
    let stage = Stage::new(Case::Whole, false);
    let client = client(&stage.telemetry);
    let agent = stage.telemetry.invoke_agent("a");
    let ask = || {
        let request = ChatRequest::from_user("Why? scripted:retry-429");
        let asking = client.exec_chat(target(&stage, AdapterKind::OpenAI), request, None);
        agent.scope().within(asking)
    };
    assert!(ask().await.is_err());
    assert!(ask().await.is_ok());
    agent.finish();
    let spans = spans(&stage);
    assert_eq!(spans.len(), 2, "{}", testkit::tree(&spans));
    let mut attempts = spans
        .iter()
        .filter_map(|it| it.signals.get(attribute::GENSPAN_ATTEMPTS));
    assert_eq!(attempts.next(), Some(&Value::Int(2)));
}

/// A stream asks when it is first polled, which may be long after its client is gone.
#[tokio::test]
async fn a_stream_outlives_its_client() {
    let stage = Stage::new(Case::Streamed, false);
    let client = client(&stage.telemetry);
    let target = target(&stage, AdapterKind::Anthropic);
    let request = ChatRequest::from_user(stage.case.prompt());
    let answer = client.exec_chat_stream(target, request, None).await;
    drop(client);
    let events: Vec<_> = answer.unwrap().stream.collect().await;
    assert!(events.iter().all(Result::is_ok));
    assert_eq!(spans(&stage).len(), 1);
}

#[tokio::test]
async fn without_telemetry_nothing_stands_between() {
    let stage = Stage::new(Case::Whole, false);
    let client = client(&Telemetry::disabled());
    let target = target(&stage, AdapterKind::OpenAI);
    let resolved = client.resolve_service_target(target).await.unwrap();
    assert!(
        resolved
            .endpoint
            .base_url()
            .starts_with(&stage.provider.url())
    );
}
