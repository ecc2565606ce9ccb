//! URLs that make calls part of work in the same program.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use genspan::semconv::attribute;
use genspan::{Conventions, Provider as Name, Rendering, Scope, SpanContext, Telemetry, Value};
use genspan_http::proxy::{Proxy, ProxyBuilder, Route, RunningProxy};
use genspan_http::{Recorder, RecorderOptions};
use testkit::provider::{Provider, Script};
use testkit::{CaptureSink, CapturedSpan};

use crate::rig::chat;
use crate::wire::{Seen, Wire};

const LIMIT: Duration = Duration::from_secs(30);
const ELSEWHERE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A program with a proxy beside it.
struct Program {
    provider: Provider,
    route: Route,
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
    recorder: Recorder,
}

impl Program {
    fn new() -> Self {
        let provider = Provider::start(Script::scenarios()).unwrap();
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let telemetry = Telemetry::builder(sink.clone()).build();
        let options = RecorderOptions {
            trusts_trace_headers: true,
            ..RecorderOptions::default()
        };
        Self {
            route: Route::new("/openai", format!("{}/v1", provider.url()).parse().unwrap())
                .unwrap(),
            recorder: Recorder::new(telemetry.clone(), options),
            provider,
            sink,
            telemetry,
        }
    }

    fn proxy(&self) -> ProxyBuilder {
        Proxy::builder(self.recorder.clone()).with_route(self.route.clone())
    }

    async fn end(self, proxy: RunningProxy) -> Vec<CapturedSpan> {
        assert!(proxy.shutdown(LIMIT).await, "an exchange was cut");
        self.spans()
    }

    fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.recorder.settle(LIMIT));
        assert!(self.telemetry.flush(LIMIT).is_complete());
        self.sink.spans()
    }
}

/// Asks below a base URL.
async fn ask(wire: &mut Wire, url: &str, more: &str) -> Seen {
    let (_, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    wire.send(chat(&format!("/{path}"), more)).await;
    wire.answer("POST").await
}

fn named<'a>(spans: &'a [CapturedSpan], name: &str) -> &'a CapturedSpan {
    let mut found = spans.iter().filter(|span| span.signals.name == name);
    found.next().unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn calls_happen_within_the_scope_of_their_url() {
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let [one, other] = ["one", "other"].map(|name| program.telemetry.invoke_agent(name));
    let mut wire = Wire::open(proxy.local_addr()).await;
    for agent in [&one, &other] {
        let url = proxy.url_within(&program.route, &agent.scope());
        let header = format!("traceparent: {ELSEWHERE}\r\n");
        let seen = ask(&mut wire, url.as_ref(), &header).await;
        assert!(seen.is_whole && seen.status.contains("200"), "{seen:?}");
    }
    let asked = program.provider.requests();
    assert_eq!(asked[0].path, "/v1/chat/completions");
    assert_eq!(asked[0].header("traceparent"), Some(ELSEWHERE));
    let contexts = [one.context().clone(), other.context().clone()];
    one.finish();
    other.finish();
    let spans = program.end(proxy).await;
    let calls = spans.iter().filter(|it| it.signals.name == "chat gpt-test");
    let parents: Vec<_> = calls.map(|it| it.parent.clone().unwrap()).collect();
    assert_eq!(parents, contexts);
}

#[tokio::test]
async fn an_inference_under_way_learns_what_the_proxy_sees() {
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let call = program.telemetry.chat(Name::OPENAI, "my-model");
    let url = proxy.url_within(&program.route, &call.scope());
    let mut wire = Wire::open(proxy.local_addr()).await;
    for scenario in ["retry-429", "retry-429"] {
        ask(
            &mut wire,
            url.as_ref(),
            &format!("x-scripted: {scenario}\r\n"),
        )
        .await;
    }
    call.finish();
    let spans = program.end(proxy).await;
    assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
    let get = |key| spans[0].signals.get(key);
    assert_eq!(spans[0].signals.name, "chat my-model");
    assert_eq!(get(attribute::GENSPAN_ATTEMPTS), Some(&Value::Int(2)));
    assert!(get(attribute::GEN_AI_USAGE_INPUT_TOKENS).is_some());
}

#[tokio::test]
async fn spans_that_ended_and_spans_of_elsewhere_are_parents_all_the_same() {
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let call = program.telemetry.chat(Name::OPENAI, "my-model");
    let (scope, ended) = (call.scope(), call.context().clone());
    call.finish();
    let elsewhere = SpanContext::from_traceparent(ELSEWHERE, None).unwrap();
    let scopes = [scope, program.telemetry.scope_under(elsewhere.clone())];
    let mut wire = Wire::open(proxy.local_addr()).await;
    for scope in scopes {
        let url = proxy.url_within(&program.route, &scope);
        ask(&mut wire, url.as_ref(), "").await;
    }
    let spans = program.end(proxy).await;
    assert_eq!(spans[1].parent, Some(ended));
    assert_eq!(spans[2].parent, Some(elsewhere));
}

#[tokio::test]
async fn a_url_that_is_gone_leads_on_without_its_scope() {
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let agent = program.telemetry.invoke_agent("a");
    let url = proxy.url_within(&program.route, &agent.scope());
    let text = url.to_string();
    drop(url);
    let mut wire = Wire::open(proxy.local_addr()).await;
    assert!(ask(&mut wire, &text, "").await.status.contains("200"));
    let unknown = text.replace("/openai", "/elsewhere");
    assert!(ask(&mut wire, &unknown, "").await.status.contains("404"));
    agent.finish();
    let spans = program.end(proxy).await;
    assert_eq!(named(&spans, "chat gpt-test").parent, None);
}

#[tokio::test]
async fn equal_calls_of_different_scopes_are_no_retries_of_each_other() {
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let mut wire = Wire::open(proxy.local_addr()).await;
    for name in ["one", "other"] {
        let agent = program.telemetry.invoke_agent(name);
        let url = proxy.url_within(&program.route, &agent.scope());
        ask(&mut wire, url.as_ref(), "x-scripted: retry-429\r\n").await;
        agent.finish();
    }
    let spans = program.end(proxy).await;
    assert_eq!(spans.len(), 4, "{}", testkit::tree(&spans));
}

/// Asks for an answer that hangs, and waits until the provider was reached.
async fn hanging(program: &Program, proxy: &RunningProxy) -> Wire {
    let mut wire = Wire::open(proxy.local_addr()).await;
    wire.send(chat("/openai", "x-scripted: hang\r\n")).await;
    assert!(program.provider.reached("hang").await);
    wire
}

#[tokio::test]
async fn a_shutdown_lets_exchanges_end() {
    for is_thread in [false, true] {
        let program = Program::new();
        let proxy = if is_thread {
            program.proxy().spawn_thread().unwrap()
        } else {
            program.proxy().spawn().await.unwrap()
        };
        let mut wire = hanging(&program, &proxy).await;
        let mut ending = Box::pin(proxy.shutdown(LIMIT));
        assert_eq!((&mut ending).now_or_never(), None);
        program.provider.release("hang");
        assert!(wire.answer("POST").await.is_whole);
        drop(wire);
        assert!(ending.await);
        assert_eq!(program.spans().len(), 1);
    }
}

#[tokio::test]
async fn without_grace_or_handle_exchanges_are_cut() {
    let program = Program::new();
    let proxy = program.proxy().spawn_thread().unwrap();
    let mut wire = hanging(&program, &proxy).await;
    assert!(!proxy.shutdown(Duration::ZERO).await);
    assert!(!wire.answer("POST").await.is_whole);
    let program = Program::new();
    let proxy = program.proxy().spawn().await.unwrap();
    let mut wire = hanging(&program, &proxy).await;
    drop(proxy);
    assert!(!wire.answer("POST").await.is_whole);
    let spans = program.spans();
    assert_eq!(
        spans[0].signals.get(attribute::ERROR_TYPE),
        Some(&Value::from("cancelled"))
    );
}

#[test]
fn a_program_without_a_runtime_has_a_thread() {
    let program = Program::new();
    assert!(program.proxy().spawn().now_or_never().unwrap().is_err());
    let proxy = program.proxy().spawn_thread().unwrap();
    let agent = program.telemetry.invoke_agent("a");
    let url = proxy.url_within(&program.route, &agent.scope());
    let (addr, text) = (proxy.local_addr(), url.to_string());
    let asking = async move {
        let mut wire = Wire::open(addr).await;
        ask(&mut wire, &text, "").await.is_whole
    };
    assert_eq!(program.provider.block_on(asking), Some(true));
    assert!(Scope::current().is_none());
    agent.finish();
    assert!(proxy.shutdown_blocking(LIMIT));
    let spans = program.spans();
    let agent = named(&spans, "invoke_agent a").context.clone();
    assert_eq!(named(&spans, "chat gpt-test").parent, Some(agent));
}
