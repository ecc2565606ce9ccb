//! A client and a server of MCP in one process, and what is recorded of them.
//!
//! Run it with `cargo run -p genspan-rmcp --example visit`.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{env, error::Error, fs::File, io::BufReader, path::PathBuf, process};

use genspan_rmcp::Recorder;
use genspan_tree::{Style, into_traces};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
        ServerConfig,
    },
    service::RequestContext,
};

struct Weather;

impl ServerHandler for Weather {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text("rain")]).into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let file = file();
    let guard = genspan_otel::builder()
        .with_destination(format!("file:{}", file.display()))
        .init()?; // yours: genspan_otel::init()?
    let telemetry = guard.telemetry();
    let recorder = Recorder::new(&telemetry);

    let (near, far) = tokio::io::duplex(4096);
    let (client, server) = tokio::join!(recorder.client((), near), recorder.server(Weather, far));
    let (client, server) = (client?, server?);

    let agent = telemetry.invoke_agent("forecaster");
    let call = client.call_tool(CallToolRequestParams::new("get_weather"));
    agent.scope().within(call).await?;
    agent.finish();

    client.cancel().await?;
    server.waiting().await?;
    drop(guard); // delivers what is left

    let spans = genspan_tree::read(BufReader::new(File::open(&file)?))?.spans;
    let style = Style {
        unicode: true,
        ..Style::PLAIN
    };
    println!("{}", genspan_tree::render(&into_traces(spans), &style));
    Ok(())
}

/// The file for telemetry: the one that the program's first argument names, else one in the system's folder for such.
fn file() -> PathBuf {
    let named = env::args_os().nth(1).map(PathBuf::from);
    named.unwrap_or_else(|| env::temp_dir().join(format!("genspan-rmcp-{}.jsonl", process::id())))
}
