//! Two of rig's agents, of which one is a tool of the other, and a scripted model for both.
//!
//! `cargo run -p genspan-rig --example travel` prints the answer and the trace; nothing leaves the machine. An argument
//! names the file that the telemetry is left in.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{
    env,
    error::Error,
    fs,
    io::BufReader,
    path::{Path, PathBuf},
};

use genspan_rig::Rig;
use genspan_tree::{Style, into_traces};
use rig_core::{
    message::ToolName,
    providers::openai::OpenAIConfig,
    tool::{DynamicTool, ToolOutput},
};
use serde_json::json;
use testkit::provider::{Provider, Script};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let named = env::args_os().nth(1).map(PathBuf::from);
    let passing = format!("genspan-rig-{}.jsonl", std::process::id());
    let file = named
        .clone()
        .unwrap_or_else(|| env::temp_dir().join(passing));
    fs::write(&file, "")?;
    let answer = plan_trip(&file).await?;
    println!("{answer}\n\n{}", trees(&file)?);
    if named.is_none() {
        fs::remove_file(&file)?;
    }
    Ok(())
}

/// Plans a trip, and records it in a file.
async fn plan_trip(file: &Path) -> Result<String> {
    let models = Provider::start(Script::scenarios())?;
    let guard = genspan_otel::builder()
        .with_destination(format!("file:{}", file.display()))
        .init()?;
    let rig = Rig::new(guard.telemetry());
    let openai = OpenAIConfig::new("k3y")
        .with_base_url(format!("{}/v1", models.url()))
        .client();

    let guide = rig.agent(openai.chat("gpt-4o-mini"), |agent| {
        agent
            .name("guide")
            .description("Knows the sights of a city.")
    });
    let guide = guide.into_tool()?;
    let weather = weather()?;
    let planner = rig.agent(openai.responses("gpt-4o"), |agent| {
        agent
            .name("planner")
            .preamble("You plan trips.")
            .default_max_turns(3)
            .dynamic_tool(weather)
            .dynamic_tool(guide)
    });
    // What the scripted model is to say stands in the prompt.
    let script = json!([
        {"call": [["get_weather", {"city": "Lisbon"}], ["guide", {"prompt": "Lisbon?"}]]},
        "Take the tram in the morning, while it is cool."
    ]);
    let wish = format!("A day in Lisbon, please. <plan>{script}</plan>");
    let answer = planner.prompt(wish).tool_concurrency(2).await?;
    Ok(answer.output())
}

fn weather() -> Result<DynamicTool> {
    Ok(DynamicTool::new(
        ToolName::new("get_weather")?,
        "Tells the weather in a city.",
        json!({"type": "object", "properties": {"city": {"type": "string"}}}),
        |_| Box::pin(async { Ok(ToolOutput::text("18 degrees, sun later")) }),
    ))
}

/// Prints what was recorded, as `genspan show` does.
fn trees(file: &Path) -> Result<String> {
    let spans = genspan_tree::read(BufReader::new(fs::File::open(file)?))?.spans;
    let style = Style {
        unicode: true,
        ..Style::PLAIN
    };
    Ok(genspan_tree::render(&into_traces(spans), &style))
}
