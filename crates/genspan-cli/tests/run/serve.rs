//! `genspan serve` as users start and stop it.

use std::net::TcpListener;

use testkit::provider::{Provider, Script};

use crate::scene::{Base, Scene};
use crate::serving::{Connection, Serving, has_note};

const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat"}]}]}]}"#;
const TRACE: &str = "/api/traces/0af7651916cd43dd8448eb211c80319c";

#[test]
fn what_is_sent_is_shown_also_after_a_restart() {
    let scene = Scene::new("serve");
    let serving = Serving::start(&scene, &[]);
    assert!(
        serving.greeting.starts_with("genspan: serving store.db\n"),
        "{}",
        serving.greeting
    );
    assert_eq!(Connection::to(&serving.http).send(SPAN), Some(200));
    assert_eq!(Connection::to(&serving.grpc).send(SPAN), Some(200));
    let seen = |serving: &Serving| {
        let (status, trace) = serving.get(TRACE, "");
        assert_eq!(status, 200, "{trace}");
        trace["spans"].as_array().unwrap().len()
    };
    assert_eq!(seen(&serving), 1);
    assert!(has_note(&scene));
    let (code, said) = serving.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.ends_with("genspan: stopped; all that was acknowledged is kept\n"),
        "{said}"
    );
    assert!(!has_note(&scene));
    let again = Serving::start(&scene, &[]);
    assert_eq!(seen(&again), 1);
    assert_eq!(again.stop().0, Some(0));
}

#[test]
fn one_store_has_one_server_and_a_killed_one_is_no_obstacle() {
    let scene = Scene::new("serve-twice");
    let first = Serving::start(&scene, &[]);
    let args = [
        "serve", "--store", "store.db", "--grpc", "0", "--http", "0", "--ui", "0",
    ];
    let second = Scene::output(scene.genspan(&args), b"");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert!(
        said.contains("another genspan serve has this store (process "),
        "{said}"
    );
    assert!(said.contains(&format!("http://{}", first.ui)), "{said}");
    first.kill();
    assert!(has_note(&scene));
    let next = Serving::start(&scene, &[]);
    assert_eq!(next.stop().0, Some(0));
    assert!(!has_note(&scene));
}

#[test]
fn a_port_that_is_taken_is_told_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let scene = Scene::new("serve-taken");
    let args = [
        "serve", "--store", "store.db", "--grpc", "0", "--http", &port, "--ui", "0",
    ];
    let output = Scene::output(scene.genspan(&args), b"");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains(&format!("127.0.0.1:{port} for OTLP over HTTP")),
        "{said}"
    );
    assert!(
        said.contains("choose another port with `--http PORT`"),
        "{said}"
    );
}

#[test]
fn other_machines_need_the_token_that_is_printed() {
    let scene = Scene::new("serve-open");
    let serving = Serving::start(&scene, &["--listen", "0.0.0.0"]);
    let (_, token) = serving
        .greeting
        .split_once("/?token=")
        .unwrap_or_else(|| panic!("{}", serving.greeting));
    let token: String = token.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(token.len(), 32);
    assert_eq!(Connection::to(&serving.http).send(SPAN), Some(401));
    assert_eq!(serving.get("/api/traces", "").0, 401);
    let bearer = format!("authorization: Bearer {token}\r\n");
    assert_eq!(serving.get("/api/traces", &bearer).0, 200);
    assert_eq!(serving.stop().0, Some(0));

    let short = Scene::output(
        scene.genspan(&["serve", "--store", "store.db", "--token", "guess"]),
        b"",
    );
    let said = String::from_utf8_lossy(&short.stderr);
    assert_eq!(short.status.code(), Some(2), "{said}");
    assert!(said.contains("at least 16 characters"), "{said}");
}

#[test]
fn with_a_proxy_it_is_everything_at_once() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("serve-proxy");
    let upstream = format!("anthropic={}", provider.url());
    let options = [
        "--proxy",
        "127.0.0.1:0",
        "--upstream",
        &upstream,
        "--token",
        "0123456789abcdef",
    ];
    let mut serving = Serving::start(&scene, &options);
    let line = serving.line("ANTHROPIC_BASE_URL=");
    let url = line.trim().strip_prefix("ANTHROPIC_BASE_URL=").unwrap();
    let base = Base::of(url.split(' ').next().unwrap());
    let question =
        r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a canary sings"}]}"#;
    let answer = base.post("/v1/messages", "", question);
    assert!(answer.contains("You said: a canary sings"), "{answer}");
    let (code, said) = serving.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 calls, 0 failed"), "{said}");

    let again = Serving::start(&scene, &[]);
    let (status, list) = again.get("/api/traces", "");
    assert_eq!(
        (status, list["traces"].as_array().unwrap().len()),
        (200, 1),
        "{list}"
    );
    let trace = list["traces"][0]["traceId"].as_str().unwrap();
    let (_, trace) = again.get(&format!("/api/traces/{trace}"), "");
    assert_eq!(trace["spans"][0]["name"], "chat m", "{trace}");
    assert_eq!(again.stop().0, Some(0));
}

const LOGS: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},
    "scopeLogs":[{"logRecords":[
    {"timeUnixNano":"1795000000000000000","body":{"stringValue":"claude_code.api_request"},"attributes":[
        {"key":"event.name","value":{"stringValue":"api_request"}},{"key":"session.id","value":{"stringValue":"s1"}},
        {"key":"cost_usd","value":{"doubleValue":0.0213}}]},
    {"timeUnixNano":"1795000001000000000","severityNumber":17,"body":{"stringValue":"Over\u001bloaded"},
        "traceId":"0af7651916cd43dd8448eb211c80319c"}]}]}]}"#;
const METRICS: &str = r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},
    "scopeMetrics":[{"metrics":[{"name":"claude_code.token.usage","unit":"tokens","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
    {"timeUnixNano":"1795000000000000000","asDouble":120,"attributes":[{"key":"type","value":{"stringValue":"input"}}]},
    {"timeUnixNano":"1795000001000000000","asDouble":30,"attributes":[{"key":"type","value":{"stringValue":"output"}}]}]}}]}]}]}"#;

#[test]
fn log_records_and_metrics_are_found_in_pages_and_in_the_terminal() {
    let scene = Scene::new("serve-beside");
    let serving = Serving::start(&scene, &[]);
    let mut connection = Connection::to(&serving.http);
    assert_eq!(connection.send_to("/v1/logs", LOGS), Some(200));
    assert_eq!(connection.send_to("/v1/metrics", METRICS), Some(200));
    let (status, logs) = serving.get("/api/logs?severity=error", "");
    assert_eq!(
        (status, &logs["logs"][0]["severity"]),
        (200, &"error".into())
    );
    let (_, one) = serving.get(&format!("/api/logs/{}", logs["logs"][0]["id"]), "");
    assert_eq!(one["body"], "Over\u{1b}loaded");
    let (_, facets) = serving.get("/api/logs/facets", "");
    assert_eq!(facets["names"][0], "api_request");
    let (_, metrics) = serving.get("/api/metrics", "");
    assert_eq!(metrics["metrics"][0]["total"], 150.0);
    let query = |args: &[&str]| {
        let args = [&["query", "--store", "store.db"], args].concat();
        let output = Scene::output(scene.genspan(&args), b"");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{args:?}"
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    insta::assert_snapshot!([query(&["--logs"]), query(&["--metrics"])].concat(), @r"
    time                     severity  service      event        trace     says
    2026-11-18 11:06:41 UTC  error     claude-code               0af76519  Over?loaded
    2026-11-18 11:06:40 UTC            claude-code  api_request            cost_usd=0.0213
    metric                   kind     service      last                     value
    claude_code.token.usage  counter  claude-code  2026-11-18 11:06:41 UTC  150 tokens
      type=output                                  2026-11-18 11:06:41 UTC  30 tokens
      type=input                                   2026-11-18 11:06:40 UTC  120 tokens
    ");
    for (args, count) in [
        (&["--logs"][..], 2),
        (&["--logs", "--severity", "warn"], 1),
        (&["--logs", "--alone", "--name", "api_request"], 1),
        (&["--logs", "--conversation", "s1", "--text", "cost"], 1),
        (
            &["--logs", "--trace", "0af7651916cd43dd8448eb211c80319c"],
            1,
        ),
        (&["--logs", "--service", "codex"], 0),
        (&["--metrics", "--text", "token"], 1),
        (&["--metrics", "--service", "codex"], 0),
    ] {
        let found = query(&[args, &["--json"]].concat());
        let lines = found
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        assert_eq!(lines.count(), count, "{args:?}: {found}");
    }
    for args in [
        &["query", "--logs", "--model", "m"][..],
        &["query", "--severity", "warn"],
    ] {
        assert_eq!(
            Scene::output(scene.genspan(args), b"").status.code(),
            Some(2),
            "{args:?}"
        );
    }
    assert_eq!(serving.stop().0, Some(0));
}
