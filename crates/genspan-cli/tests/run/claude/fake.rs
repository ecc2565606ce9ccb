//! A program named `claude` whose lines and calls are the test's.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::PermissionsExt,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use serde_json::{Value, json};
use testkit::provider::{Answer, Provider, Script, Step};

use super::tree::{check, drawn, time};
use crate::scene::{Base, Scene};

/// Says where its calls are to go, then writes what it reads.
const PROGRAM: &str =
    "#!/bin/sh\necho \"$ANTHROPIC_BASE_URL\" >url\necho ready\ncat\nexit ${EXIT:-0}\n";

const SESSION: &str = "5e551011";

/// A run of it.
struct Claude {
    scene: Scene,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    base: Base,
    provider: Provider,
}

impl Claude {
    fn start(name: &str, script: Script, exit: &str, options: &[&str]) -> Self {
        let provider = Provider::start(script).unwrap();
        let scene = Scene::new(&format!("claude-{name}"))
            .with("ANTHROPIC_BASE_URL", provider.url())
            .with("EXIT", exit);
        let program = scene.path("claude");
        fs::write(&program, PROGRAM).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut args = vec!["run", "--to", "file:spans.jsonl", "--content"];
        args.extend(options);
        args.extend(["--", "./claude", "-p", "Look around."]);
        args.extend(["--output-format", "stream-json", "--verbose"]);
        let mut child = scene
            .genspan(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        stdout.read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n");
        let base = Base::of(scene.read("url").trim_end());
        Self {
            scene,
            child,
            stdin,
            stdout,
            base,
            provider,
        }
    }

    /// Has it write a line, and sees that it comes out as it is.
    fn says(&mut self, line: &Value) {
        self.writes(&format!("{line}\n"));
    }

    fn writes(&mut self, text: &str) {
        self.stdin.write_all(text.as_bytes()).unwrap();
        let mut out = vec![0; text.len()];
        self.stdout.read_exact(&mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), text);
    }

    /// Has it ask a model.
    fn asks(&self, agent: Option<&str>, question: &str) {
        self.asks_as(SESSION, agent, question);
    }

    fn asks_as(&self, session: &str, agent: Option<&str>, question: &str) {
        let agent = agent.map(|agent| format!("x-claude-code-agent-id: {agent}\r\n"));
        let headers = format!(
            "x-claude-code-session-id: {session}\r\nx-stainless-retry-count: 0\r\n{}",
            agent.unwrap_or_default()
        );
        let body = json!({"model": "opus", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": question}]});
        self.base.post("/v1/messages", &headers, &body.to_string());
    }

    /// Lets it end; gives its spans.
    fn ends(self, code: i32) -> (Scene, Vec<Value>) {
        let Self {
            scene,
            mut child,
            stdin,
            mut stdout,
            ..
        } = self;
        drop(stdin);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        assert_eq!(child.wait().unwrap().code(), Some(code));
        let spans = scene.spans("spans.jsonl");
        check(&scene, "spans.jsonl");
        (scene, spans)
    }
}

/// The events of an answer; the rest of it comes with the last two.
fn events(id: &str, tokens: [u64; 2]) -> [String; 2] {
    let event = |data: Value| {
        format!(
            "event: {}\ndata: {data}\n\n",
            data["type"].as_str().unwrap()
        )
    };
    let [input, output] = tokens;
    let start = json!({"type": "message_start", "message": {"id": id, "type": "message", "role": "assistant", "model": "opus",
        "content": [], "stop_reason": null, "usage": {"input_tokens": input, "output_tokens": 1}}});
    let block = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "Here."}});
    let end = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": output}});
    [
        event(start) + &event(block) + &event(json!({"type": "content_block_stop", "index": 0})),
        event(end) + &event(json!({"type": "message_stop"})),
    ]
}

const STREAM: (&str, &str) = ("content-type", "text/event-stream");

fn answer(id: &str, tokens: [u64; 2]) -> Answer {
    Answer::whole(200, &[STREAM], events(id, tokens).concat())
}

fn overloaded() -> Answer {
    let body = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#;
    Answer::whole(529, &[("content-type", "application/json")], body)
}

fn system(subtype: &str, more: &Value) -> Value {
    let mut line = json!({"type": "system", "subtype": subtype, "session_id": SESSION});
    for (name, value) in more.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn init() -> Value {
    system("init", &json!({"model": "opus", "tools": ["Bash", "Task"]}))
}

fn says(id: &str, block: &Value) -> Value {
    json!({"type": "assistant", "session_id": SESSION, "parent_tool_use_id": null, "message": {
        "id": id, "type": "message", "role": "assistant", "model": "opus", "content": [block], "stop_reason": null,
        "usage": {"input_tokens": 1, "output_tokens": 1}}})
}

fn text() -> Value {
    json!({"type": "text", "text": "Here."})
}

fn tool(id: &str, name: &str, input: &Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}

fn returned(id: &str) -> Value {
    json!({"type": "user", "session_id": SESSION, "parent_tool_use_id": null, "message": {
        "role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "Seen."}]}})
}

fn result(tokens: [u64; 2]) -> Value {
    json!({"type": "result", "subtype": "success", "is_error": false, "num_turns": 2, "result": "Here.", "session_id": SESSION,
        "total_cost_usd": 0.25, "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]}})
}

fn task() -> Value {
    system(
        "task_started",
        &json!({"task_id": "a1", "tool_use_id": "t1", "task_type": "local_agent", "subagent_type": "Explore"}),
    )
}

/// A title beside the work, a tool that a sub-agent works for, its calls that no line tells of, an answer.
fn whole_run(name: &str, options: &[&str]) -> (Scene, Vec<Value>) {
    let script = [
        ("title", [7, 2]),
        ("one", [100, 20]),
        ("inner-1", [10, 3]),
        ("inner-2", [11, 4]),
        ("two", [200, 30]),
    ];
    let script = script
        .into_iter()
        .fold(Script::new(), |script, (id, tokens)| {
            script.answer(answer(id, tokens))
        });
    let mut claude = Claude::start(name, script, "3", options);
    claude.asks(None, "Name this.");
    claude.says(&init());
    claude.asks(None, "Look around.");
    claude.says(&says("one", &text()));
    claude.says(&says(
        "one",
        &tool("t1", "Task", &json!({"subagent_type": "Explore"})),
    ));
    claude.says(&task());
    claude.asks(Some("a1"), "Explore.");
    claude.asks(Some("a1"), "Explore more.");
    claude.says(&returned("t1"));
    claude.asks(None, "Look around, again.");
    claude.says(&says("two", &text()));
    claude.writes("what is no line of JSON \u{0}\n\n");
    claude.says(&result([300, 50]));
    claude.writes("and what is no line at all");
    claude.ends(3)
}

#[test]
fn stream_and_traffic_are_one_tree_with_each_call_once() {
    let (scene, spans) = whole_run("whole", &["--summary", "summary.txt"]);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [300, 50]
      chat opus [7, 2]
      chat opus [100, 20]
      execute_tool Task
        invoke_agent Explore [21, 7]
          chat opus [10, 3]
          chat opus [11, 4]
      chat opus [200, 30]
    ");
    let told = scene.read("spans.jsonl");
    assert!(told.contains("Look around.") && told.contains(SESSION));
    assert!(!told.contains("genspan.time.derived"), "all of it was seen");
    // Nobody knows what its models cost, but itself.
    let summary = scene.read("summary.txt");
    let first = summary.lines().next().unwrap();
    assert_eq!(
        first,
        "genspan: 5 calls; tokens: 328 in, 59 out; cost: $0.25 as agents state"
    );
}

#[test]
fn where_agents_are_not_wanted_calls_stand_by_themselves() {
    let (_, spans) = whole_run("off", &["--no-infer"]);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    chat opus [7, 2]
    chat opus [100, 20]
    chat opus [10, 3]
    chat opus [11, 4]
    chat opus [200, 30]
    ");
}

#[test]
fn attempts_that_are_repeated_are_one_call_and_others_are_not() {
    let script = [overloaded(), overloaded(), overloaded()]
        .into_iter()
        .fold(Script::new(), Script::answer)
        .answer(answer("one", [100, 20]));
    let mut claude = Claude::start("attempts", script, "0", &[]);
    let retry = system(
        "api_retry",
        &json!({"attempt": 1, "error_status": 529, "error": "overloaded"}),
    );
    claude.says(&init());
    claude.asks(None, "Name this.");
    claude.asks(None, "Look around.");
    claude.says(&retry);
    claude.asks(None, "Look around.");
    claude.says(&retry);
    claude.asks(None, "Look around.");
    claude.says(&says("one", &text()));
    claude.says(&result([100, 20]));
    let (_, spans) = claude.ends(0);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [100, 20]
      chat opus server_error
      chat opus [100, 20] after 2
    ");
}

#[test]
fn an_attempt_that_is_given_up_is_the_one_that_was_seen() {
    let script = Script::new().then_always(overloaded());
    let mut claude = Claude::start("given-up", script, "1", &[]);
    claude.says(&init());
    claude.asks(None, "Look around.");
    claude.says(&system(
        "api_retry",
        &json!({"attempt": 1, "error_status": 529}),
    ));
    claude.asks(None, "Look around.");
    let mut written = says("s", &text());
    written["message"]["model"] = "<synthetic>".into();
    claude.says(&written);
    let (_, spans) = claude.ends(1);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code truncated
      chat opus server_error after 1
    ");
}

/// A run whose model asks for a tool and goes on to speak, until the program has written these lines.
fn speaking(name: &str, lines: &[Value]) -> Claude {
    let [begin, end] = events("one", [100, 20]);
    let steps = vec![Step::bytes(begin), Step::gate("end"), Step::bytes(end)];
    let script = Script::new().answer(Answer::streamed(200, &[STREAM], steps));
    let mut claude = Claude::start(name, script, "0", &[]);
    claude.says(&init());
    let base = Base::of(claude.scene.read("url").trim_end());
    let body = r#"{"model":"opus","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;
    let headers = format!("x-claude-code-session-id: {SESSION}\r\n");
    std::thread::scope(|scope| {
        scope.spawn(|| base.post("/v1/messages", &headers, body));
        let reached = claude.provider.reached("end");
        assert_eq!(claude.provider.block_on(reached), Some(true));
        lines.iter().for_each(|line| claude.says(line));
        claude.provider.release("end");
    });
    claude
}

fn lists() -> Value {
    says("one", &tool("t1", "Bash", &json!({"command": "ls"})))
}

#[test]
fn a_line_waits_for_the_end_of_its_call() {
    let mut claude = speaking("waits", &[lists()]);
    claude.says(&returned("t1"));
    let (_, spans) = claude.ends(0);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [100, 20] truncated
      chat opus [100, 20]
      execute_tool Bash
    ");
}

/// Claude Code runs a tool as soon as its block is complete, whatever the model says after it.
#[test]
fn a_tool_that_runs_while_the_model_still_speaks_has_its_own_times() {
    let mut claude = speaking("early", &[lists(), returned("t1")]);
    claude.says(&result([100, 20]));
    let (_, spans) = claude.ends(0);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [100, 20]
      chat opus [100, 20]
      execute_tool Bash
    ");
    let of = |name: &str| spans.iter().find(|it| it["name"] == name).unwrap();
    let (call, tool) = (of("chat opus"), of("execute_tool Bash"));
    assert!(time(call, "start") < time(tool, "start"));
    assert!(time(tool, "end") < time(call, "end"));
}

#[test]
fn without_lines_the_traffic_says_it_all() {
    let script = Script::new()
        .answer(answer("one", [100, 20]))
        .answer(answer("two", [200, 30]));
    let mut claude = Claude::start("silent", script, "0", &[]);
    claude.asks(None, "Look around.");
    claude.writes("[1]\nnull\n\"text\"\n");
    claude.asks(None, "Look around, again.");
    let (_, spans) = claude.ends(0);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [300, 50]
      chat opus [100, 20]
      chat opus [200, 30]
    ");
}

#[test]
fn another_session_within_a_tool_is_another_tree() {
    let script = Script::new()
        .answer(answer("one", [100, 20]))
        .answer(answer("other", [200, 30]));
    let mut claude = Claude::start("nested", script, "0", &[]);
    claude.says(&init());
    claude.asks(None, "Look around.");
    claude.says(&says(
        "one",
        &tool("t1", "Bash", &json!({"command": "claude"})),
    ));
    claude.asks_as("another", None, "Hi.");
    claude.says(&returned("t1"));
    claude.says(&result([100, 20]));
    let (_, spans) = claude.ends(0);
    insta::assert_snapshot!(drawn(&spans, true), @r"
    invoke_agent claude-code [100, 20]
      chat opus [100, 20]
      execute_tool Bash
    invoke_agent claude-code [200, 30]
      chat opus [200, 30]
    ");
}
