//! One proxy that leads wherever the clients of a program would go.

use std::sync::Arc;
use std::time::Duration;

use genspan::semconv::attribute;
use genspan::{Conventions, Provider as Name, Rendering, Telemetry, Value};
use genspan_http::proxy::Detour;
use testkit::provider::{Answer, Provider, Script, Step};
use testkit::{CaptureSink, CapturedSpan};

use crate::rig::chat;
use crate::wire::Wire;

const LIMIT: Duration = Duration::from_secs(30);
const ELSEWHERE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A program with a detour, and two providers.
struct Program {
    providers: [Provider; 2],
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
    detour: Detour,
}

impl Program {
    fn new() -> Self {
        Self::asking(Script::scenarios())
    }

    /// Gives one whose first provider has this to say.
    fn asking(script: Script) -> Self {
        let providers = [script, Script::scenarios()].map(|it| Provider::start(it).unwrap());
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let telemetry = Telemetry::builder(sink.clone()).build();
        let detour = Detour::start(&telemetry).unwrap();
        Self {
            providers,
            sink,
            telemetry,
            detour,
        }
    }

    /// Waits for the end of all calls, and gives what was recorded.
    fn spans(self) -> Vec<CapturedSpan> {
        assert!(self.detour.settle(LIMIT), "an exchange goes on");
        assert!(self.telemetry.flush(LIMIT).is_complete());
        self.sink.spans()
    }
}

/// Asks at a URL followed by `more`, as clients that put them together do, and gives the status.
async fn ask(url: &str, more: &str, headers: &str) -> String {
    let (authority, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut wire = Wire::open(authority.parse().unwrap()).await;
    let request = String::from_utf8(chat("", headers)).unwrap();
    wire.send(request.replacen("/chat/completions", &format!("/{path}{more}"), 1))
        .await;
    wire.answer("POST").await.status
}

#[tokio::test]
async fn urls_lead_where_theirs_would() {
    let program = Program::new();
    let [one, other] = program.providers.each_ref().map(Provider::url);
    let agent = program.telemetry.invoke_agent("a");
    let scope = agent.scope();
    for (url, more) in [
        (format!("{one}/v1"), "/chat/completions"),
        (format!("{one}/v1/"), "chat/completions"),
        (one.clone(), "/chat/completions"),
        (format!("{one}/"), "chat/completions"),
        // A URL without a path has the path `/`, and some clients only add to it.
        (one.clone(), "chat/completions"),
        (format!("{other}/v1/chat/completions?a=%20"), ""),
    ] {
        let ours = scope.run(|| program.detour.url(&url)).unwrap();
        assert_eq!(ours.to_string().ends_with('/'), url.ends_with('/'));
        assert!(
            ask(ours.as_ref(), more, "").await.contains("200"),
            "{url} {more}"
        );
    }
    let paths = |nth: usize| -> Vec<String> {
        let asked = program.providers[nth].requests();
        asked.into_iter().map(|it| it.path).collect()
    };
    let chat = "/chat/completions";
    let with_version = "/v1/chat/completions";
    assert_eq!(paths(0), [with_version, with_version, chat, chat, chat]);
    assert_eq!(paths(1), ["/v1/chat/completions?a=%20"]);
    let ports = program.providers.each_ref().map(|it| it.addr().port());
    let context = agent.context().clone();
    agent.finish();
    let spans = program.spans();
    let calls: Vec<_> = spans.iter().filter(|it| it.parent.is_some()).collect();
    assert_eq!(calls.len(), 6, "{}", testkit::tree(&spans));
    for (nth, call) in calls.into_iter().enumerate() {
        assert_eq!(call.parent.as_ref(), Some(&context));
        let port = i64::from(ports[usize::from(nth == 5)]);
        let server = call.signals.get(attribute::SERVER_PORT);
        assert_eq!(server, Some(&Value::Int(port)), "the provider's own");
    }
}

#[tokio::test]
async fn what_is_current_counts_and_else_what_the_client_says() {
    let program = Program::new();
    let url = format!("{}/v1", program.providers[0].url());
    let header = format!("traceparent: {ELSEWHERE}\r\n");
    let bare = program.detour.url(&url).unwrap();
    ask(bare.as_ref(), "/chat/completions", &header).await;
    let call = program.telemetry.chat(Name::OPENAI, "my-model");
    let within = program.detour.url_within(&url, &call.scope()).unwrap();
    ask(within.as_ref(), "/chat/completions", &header).await;
    call.finish();
    let spans = program.spans();
    assert_eq!(spans.len(), 2, "{}", testkit::tree(&spans));
    let elsewhere = spans[0].parent.as_ref().unwrap().trace_id.to_string();
    assert_eq!(elsewhere, "0af7651916cd43dd8448eb211c80319c");
    let tokens = spans[1].signals.get(attribute::GEN_AI_USAGE_INPUT_TOKENS);
    assert!(tokens.is_some(), "the call under way learns of it");
}

#[tokio::test]
async fn a_url_for_one_request_has_its_scope_once() {
    let program = Program::new();
    let url = format!("{}/v1", program.providers[0].url());
    let agent = program.telemetry.invoke_agent("a");
    let once = agent.scope().run(|| program.detour.url_once(&url)).unwrap();
    for _ in 0..2 {
        let status = ask(&once, "/chat/completions", "").await;
        assert!(status.contains("200"));
    }
    let context = agent.context().clone();
    agent.finish();
    let spans = program.spans();
    let parents: Vec<_> = spans
        .iter()
        .filter(|it| it.signals.name.starts_with("chat"))
        .map(|it| it.parent.clone())
        .collect();
    assert_eq!(parents, [Some(context), None]);
}

#[test]
fn what_leads_nowhere_is_refused() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let enabled = Telemetry::builder(sink).build();
    for telemetry in [Telemetry::disabled(), enabled] {
        let detour = Detour::start(&telemetry).unwrap();
        for url in ["api.openai.com", "ftp://h/", "http://u:p@h/v1", ""] {
            let refused = detour.url(url).unwrap_err().to_string();
            assert!(refused.contains("the upstream is unusable"), "{refused}");
            assert!(!refused.contains("u:p"), "it may hold a password");
        }
    }
}

#[test]
fn a_telemetry_has_one_and_one_that_records_nothing_none() {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(sink).build();
    let [one, same] = [(); 2].map(|()| Detour::shared(&telemetry).unwrap());
    assert!(Arc::ptr_eq(&one, &same));
    let own = Detour::start(&telemetry).unwrap();
    let url = "http://localhost:11434/";
    let origin = |detour: &Detour| {
        let ours = detour.url(url).unwrap();
        ours.as_ref().split('/').nth(2).unwrap().to_owned()
    };
    assert_eq!(origin(&one), origin(&same));
    assert_ne!(origin(&one), origin(&own));
    let none = Detour::shared(&Telemetry::disabled()).unwrap();
    assert_eq!(none.url(url).unwrap().as_ref(), url);
    assert_eq!(none.url_once(url).unwrap(), url);
}

#[tokio::test]
async fn what_is_under_way_at_the_end_of_telemetry_is_cancelled_and_goes_on() {
    let program = Program::new();
    let url = format!("{}/v1", program.providers[0].url());
    let ours = program.detour.url(&url).unwrap().to_string();
    let asking = async move { ask(&ours, "/chat/completions", "x-scripted: hang\r\n").await };
    let asking = tokio::spawn(asking);
    assert!(program.providers[0].reached("hang").await);
    assert!(!program.detour.settle(Duration::ZERO));
    assert!(program.telemetry.shutdown(LIMIT).is_complete());
    let spans = program.sink.spans();
    assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
    let error = spans[0].signals.get(attribute::ERROR_TYPE);
    assert_eq!(error, Some(&Value::from("cancelled")));
    program.providers[0].release("hang");
    assert!(asking.await.unwrap().contains("200"), "the traffic's own");
}

#[tokio::test]
async fn an_agent_that_has_its_answer_before_the_proxy_sees_the_end_states_its_sums() {
    const ANSWER: &str = r#"data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}

data: [DONE]

"#;
    let steps = vec![Step::bytes(ANSWER), Step::gate("the end")];
    let program = Program::asking(Script::new().answer(Answer::stream(steps)));
    let agent = program.telemetry.invoke_agent("a");
    let url = format!("{}/v1", program.providers[0].url());
    let ours = program.detour.url_within(&url, &agent.scope()).unwrap();
    let authority = ours.as_ref().strip_prefix("http://").unwrap();
    let (authority, path) = authority.split_once('/').unwrap();
    let mut wire = Wire::open(authority.parse().unwrap()).await;
    let request = String::from_utf8(chat("", "")).unwrap();
    wire.send(request.replacen("/chat/completions", &format!("/{path}/chat/completions"), 1))
        .await;
    wire.until("[DONE]").await;
    agent.finish();
    assert!(program.telemetry.flush(LIMIT).is_complete());
    assert!(program.sink.spans().is_empty(), "it waits for its call");
    program.providers[0].release("the end");
    let spans = program.spans();
    let told = |span: &CapturedSpan| {
        span.signals
            .get(attribute::GEN_AI_USAGE_INPUT_TOKENS)
            .cloned()
    };
    let told: Vec<_> = spans.iter().map(told).collect();
    assert_eq!(
        told,
        [Some(Value::Int(7)), Some(Value::Int(7))],
        "{}",
        testkit::tree(&spans)
    );
}
