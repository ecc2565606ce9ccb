//! An agent with an MCP client, and an MCP server in another process: one trace, whether the agent is the program's own or
//! rig's.
//!
//! The program starts itself with `serve` as the server, and joins what both wrote.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

use std::{
    env,
    fmt::Write,
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use genspan::{Conventions, Rendering, Scope, Telemetry};
use genspan_otlp::{OtlpSink, Route, SinkOptions};
use genspan_rig::Rig;
use genspan_rmcp::Recorder;
use rig_core::{
    message::ToolName,
    providers::openai::OpenAIConfig,
    tool::{DynamicTool, ToolOutput},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
    transport::TokioChildProcess,
};
use serde_json::{Value as Json, json};
use testkit::provider::{Provider, Script};
use tokio::process::Command;

/// What the program makes by hand, with names and nothing else.
const BARE: [&str; 4] = [
    "chat gpt-4o-mini",
    "gen_ai.client.operation.duration",
    "invoke_agent forecaster",
    "retrieval stations",
];

const LONG: Duration = Duration::from_secs(30);

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("serve") => runtime.block_on(serve(Path::new(&arguments.next().unwrap()))),
        _ => {
            runtime.block_on(one_trace("own", async |telemetry, server| {
                act(telemetry, server).await;
            }));
            runtime.block_on(one_trace("rig", async |telemetry, server| {
                rig(telemetry, server).await;
            }));
            println!("an agent, its client and a server in another process are one trace: ok");
        }
    }
}

fn telemetry(file: &Path) -> Telemetry {
    let route = Route {
        destination: format!("file:{}", file.display()).parse().unwrap(),
        rendering: Rendering::new(Conventions::V1_41),
    };
    let sink = OtlpSink::start(vec![route], SinkOptions::default()).unwrap();
    Telemetry::builder(Arc::new(sink)).build()
}

struct Weather;

impl ServerHandler for Weather {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("weather", "1");
        info
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name != "get_weather" {
            return Err(ErrorData::invalid_params("no such tool", None));
        }
        let here = Scope::current().unwrap();
        here.telemetry().retrieval("stations").finish();
        Ok(CallToolResult::success(vec![ContentBlock::text("rain")]).into())
    }
}

/// Serves tools on standard input and output until the client hangs up.
async fn serve(file: &Path) {
    let telemetry = telemetry(file);
    let stdio = (tokio::io::stdin(), tokio::io::stdout());
    let server = Recorder::new(&telemetry).server(Weather, stdio).await;
    server.unwrap().waiting().await.unwrap();
    assert!(telemetry.shutdown(LONG).is_complete());
}

/// Starts this program as a server that writes to a file.
fn process(file: &Path) -> TokioChildProcess {
    let mut command = Command::new(env::current_exe().unwrap());
    command.arg("serve").arg(file);
    TokioChildProcess::new(command).unwrap()
}

/// Runs rig's agent, whose tool is the server's.
async fn rig(telemetry: &Telemetry, server: &Path) {
    let models = Provider::start(Script::scenarios()).unwrap();
    let config = OpenAIConfig::new("none").with_base_url(format!("{}/v1", models.url()));
    let visit = telemetry.invoke_workflow("visit");
    let run = async {
        let client = Recorder::new(telemetry).client((), process(server)).await;
        let client = Arc::new(client.unwrap());
        let remote = Arc::clone(&client);
        let weather = DynamicTool::new(
            ToolName::new("get_weather").unwrap(),
            "Tells the weather.",
            json!({"type": "object", "properties": {}}),
            move |_| {
                let remote = Arc::clone(&remote);
                Box::pin(async move {
                    let request = CallToolRequestParams::new("get_weather");
                    let answer = remote.call_tool(request).await.unwrap();
                    Ok(ToolOutput::text(format!("{:?}", answer.content)))
                })
            },
        );
        let agent = Rig::new(telemetry).agent(config.client().chat("gpt-4o-mini"), |agent| {
            let agent = agent.name("forecaster").default_max_turns(3);
            agent.dynamic_tool(weather)
        });
        let script = json!([{"call": [["get_weather", {}]]}, "Take an umbrella."]);
        let asked = format!("Will it rain? <plan>{script}</plan>");
        let answer = agent.prompt(asked).await.unwrap();
        assert_eq!(answer.output(), "Take an umbrella.");
        drop(agent);
        let client = Arc::into_inner(client).unwrap();
        client.cancel().await.unwrap();
    };
    visit.scope().within(run).await;
    visit.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
}

/// Runs an agent that has a tool of the server's, and one that the server does not know.
async fn act(telemetry: &Telemetry, server: &Path) {
    let process = process(server);
    let agent = telemetry.invoke_agent("forecaster");
    let run = async {
        let client = Recorder::new(telemetry).client((), process).await.unwrap();
        let model = telemetry.chat(genspan::Provider::OPENAI, "gpt-4o-mini");
        model.finish();
        let tool = telemetry.execute_tool("get_weather");
        let request = client.call_tool(CallToolRequestParams::new("get_weather"));
        tool.scope().within(request).await.unwrap();
        tool.finish();
        let other = client.call_tool(CallToolRequestParams::new("get_tide"));
        other.await.unwrap_err();
        client.cancel().await.unwrap();
    };
    agent.scope().within(run).await;
    agent.finish();
    assert!(telemetry.shutdown(LONG).is_complete());
}

async fn one_trace(name: &str, act: impl AsyncFnOnce(&Telemetry, &Path)) {
    let folder = format!("genspan-together-mcp-{name}-{}", std::process::id());
    let folder = env::temp_dir().join(folder);
    fs::create_dir_all(&folder).unwrap();
    let files = [folder.join("client.jsonl"), folder.join("server.jsonl")];
    act(&telemetry(&files[0]), &files[1]).await;

    let spans = spans(&files);
    let traces = spans.iter().map(|span| text(span, "traceId"));
    let first = text(&spans[0], "traceId");
    assert!(traces.into_iter().all(|trace| trace == first), "one trace");
    let roots = spans.iter().filter(|span| parent(span).is_empty());
    let roots: Vec<_> = roots.map(|root| drawn(root, &spans, 0)).collect();
    insta::assert_snapshot!(format!("one_trace_of_two_processes_{name}"), roots.concat());

    let options = genspan_check::Options::default();
    let mut checker = genspan_check::Checker::new(options);
    for file in &files {
        let input = BufReader::new(fs::File::open(file).unwrap());
        checker.read(&file.display().to_string(), input).unwrap();
    }
    let report = checker.finish();
    let findings = report.findings().iter();
    let findings: Vec<_> = findings
        .filter(|finding| !BARE.contains(&&*finding.place.name))
        .collect();
    assert!(findings.is_empty(), "{findings:#?}");
    for file in files {
        fs::remove_file(file).unwrap();
    }
    fs::remove_dir(folder).unwrap();
}

fn spans(files: &[PathBuf]) -> Vec<Json> {
    let mut spans = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for line in text.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            for resource in line["resourceSpans"].as_array().into_iter().flatten() {
                for scope in resource["scopeSpans"].as_array().unwrap() {
                    spans.extend(scope["spans"].as_array().unwrap().iter().cloned());
                }
            }
        }
    }
    spans.sort_by_key(|span| text(span, "startTimeUnixNano").to_owned());
    spans
}

fn text<'a>(span: &'a Json, member: &str) -> &'a str {
    span[member].as_str().unwrap_or_default()
}

fn parent(span: &Json) -> &str {
    text(span, "parentSpanId")
}

fn drawn(span: &Json, all: &[Json], depth: usize) -> String {
    let kind = match span["kind"].as_i64() {
        Some(2) => "server",
        Some(3) => "client",
        _ => "internal",
    };
    let is_error = span["status"]["code"] == 2;
    let mut text_of = String::new();
    let (indent, error) = ("  ".repeat(depth), if is_error { " ERROR" } else { "" });
    writeln!(text_of, "{indent}{} [{kind}]{error}", text(span, "name")).unwrap();
    let children = all
        .iter()
        .filter(|child| parent(child) == text(span, "spanId"));
    children.fold(text_of, |drawing, child| {
        drawing + &drawn(child, all, depth + 1)
    })
}
