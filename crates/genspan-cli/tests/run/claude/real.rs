//! The `claude` program of npm against the scripted provider, whose model does what the prompt's plan says.

use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use super::tree::{attempts, check, drawn, is_chat, is_title, time, tokens};
use crate::{
    scene::{Scene, attribute},
    whole,
};

/// Writes what the real one writes, and keeps a copy.
const PROGRAM: &str =
    "#!/bin/sh\n{ \"$REAL\" \"$@\"; echo $? >code; } | tee child.jsonl\nexit $(cat code)\n";

/// Lets Anthropic's prices hold at the scripted provider.
const PRICES: &str = "[[gateway]]\nhost = \"127.0.0.1\"\n";

/// Finds the program; says so where there is none.
fn claude() -> Option<String> {
    let folder = std::env::var("GENSPAN_NODE_MODULES").unwrap_or_default();
    let platforms = ["linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"];
    let paths = platforms.map(|platform| {
        Path::new(&folder).join(format!("@anthropic-ai/claude-code-{platform}/claude"))
    });
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        return path.to_str().map(str::to_owned);
    }
    let reason = "there is no @anthropic-ai/claude-code; name the node_modules that has it in GENSPAN_NODE_MODULES";
    assert!(
        std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
    None
}

fn scene(name: &str, real: &str, provider: &Provider) -> Scene {
    let scene = Scene::new(&format!("claude-real-{name}"));
    let own = scene.path("own").to_str().unwrap().to_owned();
    fs::create_dir_all(&own).unwrap();
    fs::write(scene.path("prices.toml"), PRICES).unwrap();
    scene
        .with("GENSPAN_PRICES", "prices.toml")
        .with("REAL", real)
        .with("HOME", own)
        .with("ANTHROPIC_API_KEY", "sk-ant-none")
        .with("ANTHROPIC_BASE_URL", provider.url())
        .with("DISABLE_AUTOUPDATER", "1")
        .with("CLAUDE_CODE_MAX_RETRIES", "2")
}

fn words<'a>(program: &'a str, prompt: &'a str) -> Vec<&'a str> {
    let mut words = vec!["run", "--to", "file:spans.jsonl", "--content", "--"];
    words.extend([program, "-p", prompt, "--output-format", "stream-json"]);
    words.extend(["--verbose", "--allowedTools", "Bash"]);
    words
}

fn prompt(plan: &Value) -> String {
    format!("Go. <plan>{plan}</plan>")
}

/// What is left of a run.
struct Ran {
    scene: Scene,
    spans: Vec<Value>,
    result: Value,
}

/// Runs a plan to its end, with this code.
fn run(name: &str, code: i32, plan: &Value) -> Option<Ran> {
    let real = claude()?;
    let provider = Provider::start(Script::scenarios().keep(1000)).unwrap();
    let scene = scene(name, &real, &provider);
    let program = scene.path("claude");
    fs::write(&program, PROGRAM).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Scene::output(scene.genspan(&words("./claude", &prompt(plan))), b"");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}{stdout}");
    assert_eq!(stdout, scene.read("child.jsonl"));
    Some(left(scene, &provider, &stdout))
}

/// Looks at what holds for what every run leaves.
fn left(scene: Scene, provider: &Provider, stdout: &str) -> Ran {
    let spans = scene.spans("spans.jsonl");
    assert_each_request_once(provider, &spans);
    check(&scene, "spans.jsonl");
    whole::assert_bounds(&spans);
    let ran = Ran {
        scene,
        spans,
        result: stated(stdout),
    };
    assert_is_stated(cost(main(&ran.spans)), &ran);
    ran
}

/// Runs a plan that goes well: its sums and its transcript are those of what was seen.
fn well(name: &str, plan: &Value) -> Option<Ran> {
    let ran = run(name, 0, plan)?;
    assert_totals(&ran);
    assert_transcript_is_same(&ran);
    Some(ran)
}

/// What the program's last line says.
fn stated(stdout: &str) -> Value {
    let result: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(result["type"], "result");
    result
}

fn cost(span: &Value) -> f64 {
    let cost = attribute(span, "genspan.cost.total").and_then(Value::as_f64);
    cost.unwrap_or_else(|| panic!("has no cost: {span}"))
}

fn assert_is_stated(cost: f64, ran: &Ran) {
    let stated = ran.result["total_cost_usd"].as_f64().unwrap();
    assert!((cost - stated).abs() < 1e-9, "{cost} is not {stated}");
}

fn assert_each_request_once(provider: &Provider, spans: &[Value]) {
    let requests = provider.requests();
    let asked = requests
        .iter()
        .filter(|it| it.method == "POST" && it.path.starts_with("/v1/messages?"));
    let chats = spans.iter().filter(|span| is_chat(span));
    let told: usize = chats.map(|chat| 1 + attempts(chat)).sum();
    assert_eq!(told, asked.count(), "{}", drawn(spans, true));
}

fn main(spans: &[Value]) -> &Value {
    let is_root = |span: &&Value| span["parentSpanId"].as_str().unwrap_or_default().is_empty();
    let roots: Vec<_> = spans.iter().filter(is_root).collect();
    assert_eq!(roots.len(), 1, "{}", drawn(spans, true));
    roots[0]
}

/// What was counted by the program and what was seen on the wire is the same.
fn assert_totals(ran: &Ran) {
    let count = |of: &Value, name: &str| of[name].as_u64().unwrap();
    let usage = &ran.result["usage"];
    let cached =
        count(usage, "cache_read_input_tokens") + count(usage, "cache_creation_input_tokens");
    assert_eq!(
        tokens(main(&ran.spans)),
        [
            count(usage, "input_tokens") + cached,
            count(usage, "output_tokens")
        ]
    );
    let add = |[a, b]: [u64; 2], [c, d]: [u64; 2]| [a + c, b + d];
    let models = ran.result["modelUsage"].as_object().unwrap().values();
    let stated = models.map(|used| {
        let cached = count(used, "cacheReadInputTokens") + count(used, "cacheCreationInputTokens");
        [
            count(used, "inputTokens") + cached,
            count(used, "outputTokens"),
        ]
    });
    let seen = ran.spans.iter().filter(|span| is_chat(span)).map(tokens);
    assert_eq!(seen.fold([0, 0], add), stated.fold([0, 0], add));
    let answered = |span: &&Value| is_chat(span) && attribute(span, "error.type").is_none();
    let costs = ran.spans.iter().filter(answered).map(cost);
    assert_is_stated(costs.sum(), ran);
}

/// Draws what transcripts hold: all of calls that were answered, but for the title's, and neither that others failed before
/// them nor the mark of a long window. What a run asked for and used that failed is stated by its stream alone.
fn held(spans: &[Value], is_well: bool) -> String {
    const MORE: [(&str, &str); 9] = [
        ("id", "gen_ai.response.id"),
        ("call", "gen_ai.tool.call.id"),
        ("type", "gen_ai.tool.type"),
        ("conversation", "gen_ai.conversation.id"),
        ("version", "gen_ai.agent.version"),
        ("in", "gen_ai.usage.input_tokens"),
        ("cached", "gen_ai.usage.cache_read.input_tokens"),
        ("written", "gen_ai.usage.cache_creation.input_tokens"),
        ("said", "gen_ai.output.messages"),
    ];
    let is_held = |(word, _): &(&str, &str)| match *word {
        "attempts" => false,
        "model" | "in" | "out" | "cached" | "written" | "end" => is_well,
        _ => true,
    };
    let facts: Vec<_> = whole::FACTS
        .into_iter()
        .chain(MORE)
        .filter(is_held)
        .collect();
    let has_failed = |span: &Value| is_chat(span) && attribute(span, "error.type").is_some();
    let is_told = |span: &&Value| !whole::is_aside(span, spans) && !has_failed(span);
    let told: Vec<Value> = spans.iter().filter(is_told).cloned().collect();
    whole::drawn(&told, &facts, |fact| fact.replace("[1m]", ""))
}

/// The transcript that the run left.
fn transcript(ran: &Ran) -> PathBuf {
    let session = ran.result["session_id"].as_str().unwrap();
    find(
        &ran.scene.path("own/.claude/projects"),
        &format!("{session}.jsonl"),
    )
}

/// What the transcript that the run left gives.
fn imported(ran: &Ran) -> Vec<Value> {
    let transcript = transcript(ran);
    let transcript = transcript.to_str().unwrap();
    let args = [
        "import",
        "claude",
        transcript,
        "--to",
        "file:imported.jsonl",
        "--content",
    ];
    let output = Scene::output(ran.scene.genspan(&args), b"");
    assert!(output.status.success(), "{output:?}");
    check(&ran.scene, "imported.jsonl");
    ran.scene.spans("imported.jsonl")
}

/// The transcript that the run left gives the same tree.
fn assert_transcript_is_same(ran: &Ran) {
    let imported = imported(ran);
    let is_well = attribute(main(&ran.spans), "error.type").is_none();
    assert_eq!(held(&imported, is_well), held(&ran.spans, is_well));
}

/// Finds a file in the folders of a folder.
fn find(folder: &Path, name: &str) -> PathBuf {
    let folders = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files = folders.map(|folder| folder.join(name));
    files.find(|file| file.exists()).unwrap()
}

fn bash(command: &str) -> Value {
    json!(["Bash", {"command": command, "description": "d"}])
}

fn took(span: &Value) -> u64 {
    time(span, "end") - time(span, "start")
}

#[test]
fn an_answer() {
    let plan = json!(["Hello."]);
    let Some(ran) = well("text", &plan) else {
        return;
    };
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code
      chat claude-opus-4-8
      chat claude-opus-4-8
    ");
}

#[test]
fn tools_side_by_side_of_which_one_fails() {
    let clock = |name: &str| format!("date +%s%N >{name}");
    let slow = format!("{}; sleep 0.3; echo one; {}", clock("begun"), clock("over"));
    let plan = json!([{"think": "Two things.", "call": [bash(&slow), bash("exit 3")]}, {"call": [bash("echo two")]}, "Done."]);
    let Some(ran) = well("tools", &plan) else {
        return;
    };
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code
      chat claude-opus-4-8
      chat claude-opus-4-8
      execute_tool Bash
      execute_tool Bash tool_error
      chat claude-opus-4-8
      execute_tool Bash
      chat claude-opus-4-8
    ");
    // The command's own clock: it runs within its span, and nothing else takes so long.
    let at = |name: &str| ran.scene.read(name).trim().parse::<u64>().unwrap();
    let mut tools = ran.spans.iter().filter(|span| whole::is_tool(span));
    let slow = tools.find(|tool| took(tool) >= 300_000_000).unwrap();
    assert!(time(slow, "start") <= at("begun") && at("over") <= time(slow, "end"));
}

#[test]
fn a_thought_is_of_its_answer() {
    let plan = json!([{"think": "Easy.", "say": "Done."}]);
    let Some(ran) = well("thinking", &plan) else {
        return;
    };
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code
      chat claude-opus-4-8
      chat claude-opus-4-8
    ");
    let said = ran.spans.iter().filter(|span| !is_title(span));
    let said = said.filter_map(|span| attribute(span, "gen_ai.output.messages"));
    assert!(
        said.map(Value::to_string)
            .any(|said| said.contains("Easy."))
    );
}

#[test]
fn a_sub_agent_with_a_tool() {
    let inner = prompt(&json!([{"call": [bash("echo inner")]}, "Found."]));
    let task = json!(["Task", {"description": "look", "prompt": inner, "subagent_type": "general-purpose"}]);
    let plan = json!([{"call": [task]}, "Done."]);
    let Some(ran) = well("sub-agent", &plan) else {
        return;
    };
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code
      chat claude-opus-4-8
      chat claude-opus-4-8
      execute_tool Task
        invoke_agent general-purpose
          chat claude-opus-4-8
          execute_tool Bash
          chat claude-opus-4-8
      chat claude-opus-4-8
    ");
}

#[test]
fn a_call_that_is_repeated() {
    let plan = json!([{"fail": 529, "say": "Done."}]);
    let Some(ran) = well("repeated", &plan) else {
        return;
    };
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code
      chat claude-opus-4-8 server_error
      chat claude-opus-4-8 after 1
    ");
}

#[test]
fn calls_that_fail() {
    let plans = [
        ("given-up", json!([{"status": 529}])),
        ("bad", json!([{"status": 400}])),
        (
            "cut",
            json!([{"say": "A text that is cut after a few of its words.", "cut": 5}]),
        ),
    ];
    let mut all = String::new();
    for (name, plan) in plans {
        let Some(ran) = run(name, 1, &plan) else {
            return;
        };
        all += &format!("{name}:\n{}", drawn(&ran.spans, false));
        let stated = &ran.result["usage"];
        let stated = ["input_tokens", "output_tokens"].map(|name| stated[name].as_u64().unwrap());
        assert_eq!(tokens(main(&ran.spans)), stated, "{name}");
        assert_transcript_is_same(&ran);
    }
    insta::assert_snapshot!(all, @r"
    given-up:
    invoke_agent claude-code server_error
      chat claude-opus-4-8 server_error
      chat claude-opus-4-8 server_error after 2
    bad:
    invoke_agent claude-code invalid_request
      chat claude-opus-4-8 invalid_request
      chat claude-opus-4-8 invalid_request
    cut:
    invoke_agent claude-code server_error
      chat claude-opus-4-8 connection_lost
      chat claude-opus-4-8 connection_lost
      chat claude-opus-4-8 connection_lost
      chat claude-opus-4-8 connection_lost
    ");
}

#[test]
fn a_run_that_is_interrupted() {
    let Some(real) = claude() else {
        return;
    };
    let provider = Provider::start(Script::scenarios().keep(1000)).unwrap();
    let scene = scene("interrupted", &real, &provider);
    let fifo = scene.path("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let prompt = prompt(&json!([{"call": [bash("echo runs >fifo; sleep 30")]}, "Done."]));
    let mut child = scene
        .genspan(&words(&real, &prompt))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = mpsc::channel();
    // A reader of a fifo waits for its writer, maybe for ever.
    thread::spawn(move || tell.send(fs::read_to_string(fifo)));
    let runs = told.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(runs.unwrap(), "runs\n");
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-INT", &id]).status();
    assert!(kill.unwrap().success());
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert!(child.wait().unwrap().code().is_some());
    let ran = left(scene, &provider, &stdout);
    insta::assert_snapshot!(drawn(&ran.spans, false), @r"
    invoke_agent claude-code cancelled
      chat claude-opus-4-8
      chat claude-opus-4-8
      execute_tool Bash tool_error
    ");
    let tool = ran.spans.iter().find(|span| whole::is_tool(span));
    assert!(took(tool.unwrap()) < 20_000_000_000);
    assert_totals(&ran);
    let noted = fs::read_to_string(transcript(&ran)).unwrap();
    if noted.contains("[Request interrupted by user") {
        return assert_transcript_is_same(&ran);
    }
    // The CLI may be gone before it has noted that: then its transcript is cut off where the tool runs.
    insta::assert_snapshot!(drawn(&imported(&ran), false), @r"
    invoke_agent claude-code truncated
      chat claude-opus-4-8
      execute_tool Bash cancelled
    ");
}
