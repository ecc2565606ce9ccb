//! One proxy that leads wherever the clients of a program would go.

use std::sync::Arc;
use std::time::Duration;

use genspan::semconv::attribute;
use genspan::{
    Billable, Conventions, Cost, CostParts, CostSource, PriceList, Provider as Name, Rendering,
    Telemetry, Value,
};
use genspan_http::proxy::{Detour, OutboundProxies, Proxy};
use genspan_http::reqwest_0_13::Recorded;
use genspan_http::{Recorder, RecorderOptions};
use testkit::provider::{Answer, Provider, Script, Step};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

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
        let telemetry = Telemetry::builder(sink.clone())
            // It stands still: nothing is recorded because a time is over.
            .with_clock(Arc::new(ManualClock::default()))
            .build();
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

fn error_type(span: &CapturedSpan) -> Option<String> {
    match span.signals.get(attribute::ERROR_TYPE)? {
        Value::String(word) => Some(word.to_string()),
        other => panic!("{other:?}"),
    }
}

/// Gives the names of spans that come by themselves, without a settling or a clock that moves, and their errors.
async fn come(program: &Program, count: usize) -> Vec<(String, Option<String>)> {
    let begun = tokio::time::Instant::now();
    loop {
        // Nothing is settled by this; it only lets the worker do what it has.
        assert!(program.telemetry.flush(LIMIT).is_complete());
        let spans = program.sink.spans();
        if spans.len() >= count || begun.elapsed() > LIMIT {
            let told = |span: &CapturedSpan| (span.signals.name.clone(), error_type(span));
            return spans.iter().map(told).collect();
        }
        tokio::task::yield_now().await;
    }
}

fn refusing(status: u16) -> Script {
    let said = r#"{"error":{"message":"no","type":"x"}}"#;
    let headers = [("content-type", "application/json"), ("retry-after", "200")];
    Script::new().then_always(Answer::whole(status, &headers, said))
}

#[tokio::test]
async fn an_agent_whose_call_nobody_will_retry_is_told_at_once() {
    for (status, error) in [(429, "rate_limited"), (503, "server_error")] {
        for is_late in [false, true] {
            let program = Program::asking(refusing(status));
            let agent = program.telemetry.invoke_agent("a");
            let url = format!("{}/v1", program.providers[0].url());
            let ours = program.detour.url_within(&url, &agent.scope()).unwrap();
            let mut agent = Some(agent);
            if is_late {
                // The proxy may see the end of the call before the agent's or after it.
                agent.take().unwrap().finish();
            }
            let answer = ask(ours.as_ref(), "/chat/completions", "").await;
            assert!(answer.contains(&status.to_string()), "{answer}");
            if let Some(agent) = agent {
                agent.finish();
            }
            let expected = [
                ("chat gpt-test".to_owned(), Some(error.to_owned())),
                ("invoke_agent a".to_owned(), None),
            ];
            let mut came = come(&program, 2).await;
            came.sort();
            assert_eq!(came, expected);
        }
    }
}

#[tokio::test]
async fn an_agent_whose_provider_nobody_reaches_is_told_at_once() {
    let program = Program::new();
    let agent = program.telemetry.invoke_agent("a");
    // A port on which nobody listens any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", gone.local_addr().unwrap());
    drop(gone);
    let ours = program.detour.url_within(&url, &agent.scope()).unwrap();
    let answer = ask(ours.as_ref(), "/chat/completions", "").await;
    assert!(answer.contains("502"), "{answer}");
    agent.finish();
    let expected = [
        ("chat".to_owned(), Some("connectivity".to_owned())),
        ("invoke_agent a".to_owned(), None),
    ];
    assert_eq!(come(&program, 2).await, expected);
}

#[tokio::test]
async fn a_retry_within_an_agent_is_an_attempt_still() {
    let program = Program::asking(Script::scenarios().answer(Answer::whole(429, &[], "{}")));
    let agent = program.telemetry.invoke_agent("a");
    let url = format!("{}/v1", program.providers[0].url());
    let ours = program.detour.url_within(&url, &agent.scope()).unwrap();
    for status in ["429", "200"] {
        let answer = ask(ours.as_ref(), "/chat/completions", "").await;
        assert!(answer.contains(status), "{answer}");
    }
    agent.finish();
    let spans = program.spans();
    assert_eq!(spans.len(), 2, "{}", testkit::tree(&spans));
    assert_eq!(spans[0].signals.span_events.len(), 1, "{:?}", spans[0]);
}

#[tokio::test]
async fn what_has_failed_is_told_while_something_else_is_under_way() {
    let script = Script::new()
        .answer(Answer::hang_before_headers("hang"))
        .answer(Answer::whole(429, &[], "{}"));
    let program = Program::asking(script);
    let url = format!("{}/v1", program.providers[0].url());
    let ours = program.detour.url(&url).unwrap();
    let asking = ours.to_string();
    let asking = tokio::spawn(async move { ask(&asking, "/chat/completions", "").await });
    assert!(program.providers[0].reached("hang").await);
    ask(ours.as_ref(), "/chat/completions", "").await;
    // The proxy is a little later than its client, and the other call never ends.
    let mut spans = Vec::new();
    for _ in 0..300 {
        assert!(!program.detour.settle(Duration::from_millis(10)));
        spans = program.sink.spans();
        if !spans.is_empty() {
            break;
        }
    }
    assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
    assert_eq!(error_type(&spans[0]).as_deref(), Some("rate_limited"));
    program.providers[0].release("hang");
    asking.await.unwrap();
}

/// Knows what one provider asks for, and no other's prices.
#[derive(Debug)]
struct GroqPrices;

impl PriceList for GroqPrices {
    fn price(&self, call: &Billable<'_>) -> Option<Cost> {
        (call.provider.as_str() == "groq").then(|| Cost {
            amount: "0.5".parse().unwrap(),
            currency: "USD".into(),
            source: CostSource::PriceTable("groq".into()),
            parts: CostParts::default(),
        })
    }
}

#[tokio::test]
async fn a_layer_before_the_detour_names_the_provider_behind_it() {
    let said = r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#;
    let headers = [("content-type", "application/json")];
    let script = Script::new().answer(Answer::whole(200, &headers, said));
    let network = Provider::start(script).unwrap();
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(sink.clone())
        .with_prices(Arc::new(GroqPrices))
        .build();
    let options = RecorderOptions {
        trusts_trace_headers: true,
        ..RecorderOptions::default()
    };
    let way = OutboundProxies::default().with_http(network.url()).unwrap();
    let detour = Proxy::builder(Recorder::new(telemetry.clone(), options))
        .with_outbound_proxies(way)
        .detour()
        .unwrap();
    let client = Recorded::new(reqwest_0_13::Client::new(), Recorder::from(&telemetry));
    let agent = telemetry.invoke_agent("a");
    let url = detour
        .url_within("http://api.groq.com/openai/v1", &agent.scope())
        .unwrap();
    let asked = client
        .post(format!("{url}/chat/completions"))
        .body(crate::rig::QUESTION)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 200);
    asked.bytes().await.unwrap();
    let context = agent.context().clone();
    agent.finish();
    assert!(detour.settle(LIMIT));
    assert!(telemetry.flush(LIMIT).is_complete());
    let spans = sink.spans();
    assert_eq!(spans.len(), 2, "{}", testkit::tree(&spans));
    let call = spans.iter().find(|it| it.parent.is_some()).unwrap();
    assert_eq!(call.parent.as_ref(), Some(&context), "the URL's scope");
    let value = |key| call.signals.get(key).cloned();
    assert_eq!(
        value(attribute::SERVER_ADDRESS),
        Some(Value::from("api.groq.com"))
    );
    assert_eq!(value(attribute::SERVER_PORT), Some(Value::Int(80)));
    assert_eq!(
        value(attribute::GEN_AI_PROVIDER_NAME),
        Some(Value::from("groq"))
    );
    assert_eq!(
        value(attribute::GENSPAN_COST_TOTAL),
        Some(Value::Double(0.5))
    );
    for point in sink.measurements() {
        let labels = format!("{:?}", point.labels);
        assert!(!labels.contains("127.0.0.1"), "{labels}");
    }
    let starts = format!("{:?}", sink.starts());
    assert!(!starts.contains("127.0.0.1"), "{starts}");
}
