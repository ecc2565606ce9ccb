//! An agent as Strands' tracer tells it: v1.36 by Strands' own rule, what was said as events on spans, the system prompt
//! first, a span for each turn of the loop, and sums in the process.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{fs, io, time::Duration};

use genspan::{Capture, Counts, Place, Provider, Role, ToolCallRequest, Usage, Value};
use genspan_chat::{ChatRequest, ChatResponse, Instructions, Tools, chat_fn, function, stack};
use genspan_examples::{Result, Stage, otlp};
use tower_service::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .with_capture(Capture::at(Place::Span)) // Strands records content always; here it is asked for
        // In a program of your own this is a variable, and this line is not there. With `gen_ai_latest_experimental`
        // in OTEL_SEMCONV_STABILITY_OPT_IN the same program speaks v1.41, and nothing of v1.36.
        .with_environment(|name| (name == "GENSPAN_CONVENTIONS").then(|| "opt-in".to_owned()))
        .init()?;

    let mut agent = stack(chat_fn(ask))
        .with_telemetry(&guard.telemetry(), Provider::new("aws.bedrock"))
        .with_tools(tools())
        .with_agent("day-planner")
        .with_instructions(Instructions::text("You plan days.")) // told with every call, and recorded first
        .with_turns() // Strands' execute_event_loop_cycle
        .build();
    let wish = ChatRequest::new("us.anthropic.claude-sonnet-4").with_user("What shall I do today?");
    let plan = agent.call(wish).await?;

    println!("{}", plan.said());
    let tokens = plan.usage.input().zip(plan.usage.output());
    println!("turns: {}, tokens in and out: {tokens:?}", plan.rounds);
    for tool in &plan.tools {
        println!(
            "{}: {} calls, {} failures",
            tool.name, tool.calls, tool.failures
        );
    }
    println!("telemetry: {}", guard.shutdown(Duration::from_secs(5)));
    print_events(&fs::read_to_string(stage.file())?)?;
    Ok(stage.show()?)
}

/// Stands for your client of a model: it asks for the weather, and then knows what to do.
async fn ask(request: ChatRequest) -> io::Result<ChatResponse> {
    let is_told = request.messages.iter().any(|it| it.role == Role::Tool);
    let (answer, output) = if is_told {
        let answer = ChatResponse::text("Go to the beach.").with_finish_reason("end_turn");
        (answer, 6)
    } else {
        let call = ToolCallRequest {
            id: Some("tooluse_1".to_owned()),
            name: "get_weather".to_owned(),
            arguments: Value::Map(vec![("city".to_owned(), Value::from("Lisbon"))]),
        };
        let mut answer = ChatResponse::tool_calls([call]);
        answer.details.finish_reasons = vec!["tool_use".to_owned()];
        (answer, 12)
    };
    let counts = Counts {
        input: Some(40 + 20 * u64::from(is_told)),
        output: Some(output),
        ..Counts::default()
    };
    let (usage, _) = Usage::inclusive(counts);
    Ok(answer.with_usage(usage))
}

fn tools() -> Tools {
    let weather = function("get_weather", "Tells the weather.", Value::Null);
    Tools::new().with(weather, |_| async { Ok::<_, io::Error>("sunny") })
}

/// Prints what the events on each span say, as the file has them.
fn print_events(file: &str) -> Result {
    for line in file.lines() {
        let request: serde_json::Value = serde_json::from_str(line)?;
        for span in otlp::within(&request, &["resourceSpans", "scopeSpans", "spans"]) {
            for event in otlp::within(span, &["events"]) {
                let is_said = |(key, _): &(&str, &str)| ["content", "message"].contains(key);
                let said: Vec<_> = otlp::texts(event).filter(is_said).map(|it| it.1).collect();
                println!(
                    "{}: {} {}",
                    otlp::name(span),
                    otlp::name(event),
                    said.join(" ")
                );
            }
        }
    }
    Ok(())
}
