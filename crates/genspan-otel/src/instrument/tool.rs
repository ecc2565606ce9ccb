//! Tools: one span for each run.

use std::time::Duration;

use genspan::{ErrorType, Failure, Outcome, SpanEvent, ToolExecution, ToolType, Value};

use super::{
    BoxedSpan, ToolSpanOutcome, ToolSpanParams, classify::failed, metrics, place, span::UnderWay,
    words,
};

/// Begins the run of a tool within what is current here.
///
/// Its type is a function of the application's, or an extension where its name says that it is an MCP server's (`mcp__…`).
pub fn build_tool_span(params: ToolSpanParams<'_>) -> BoxedSpan {
    let mut tool = ToolExecution::new(params.tool_name);
    tool.call_id = (!params.tool_call_id.is_empty()).then(|| params.tool_call_id.to_owned());
    let is_mcp = params.tool_name.starts_with("mcp__");
    tool.tool_type = Some(if is_mcp {
        ToolType::Extension
    } else {
        ToolType::Function
    });
    if !params.display_name.is_empty() {
        tool.common
            .set(words::TOOL_DISPLAY_NAME, params.display_name);
    }
    if let Some(tier) = params.tier {
        tool.common.set(words::TOOL_TIER, tier.as_str());
    }
    tool.common.set(words::TOOL_KIND, params.kind);
    BoxedSpan::new(place::start(tool), UnderWay::Tool)
}

/// Ends the run of a tool.
pub fn finish_tool_span(
    span: &mut BoxedSpan,
    tool_name: &str,
    tool_kind: &'static str,
    outcome: &ToolSpanOutcome<'_>,
) {
    let now = span.telemetry().now();
    let measured = now.since(span.began());
    let verdict = Verdict::of(outcome);
    let metrics = metrics::of(span.telemetry());
    let Some(UnderWay::Tool(tool)) = span.under_way() else {
        span.end_as(verdict.ending);
        return;
    };
    tool.common.set(words::TOOL_OUTCOME, verdict.word);
    let mut time = measured;
    if let ToolSpanOutcome::Completed {
        output,
        success,
        duration_ms,
    } = outcome
    {
        if *success {
            tool.result = Value::from_json_or_text(output);
        }
        if let Some(stated) = *duration_ms {
            time = Duration::from_millis(stated);
            tool.common.set(words::TOOL_DURATION_MS, stated);
        }
    }
    if *outcome == ToolSpanOutcome::AwaitingConfirmation {
        tool.common.set(words::TOOL_CONFIRMATION_REQUIRED, true);
        tool.common.events.push(SpanEvent {
            name: words::CONFIRMATION_EVENT.to_owned(),
            at: now,
            attributes: Vec::new(),
        });
    }
    metrics.tool(tool_name, tool_kind, verdict.word, time.as_secs_f64() * 1e3);
    span.end_as(verdict.ending);
}

/// Tells what an outcome means, in agent-sdk's word and as the end of a span.
struct Verdict {
    word: &'static str,
    ending: Outcome,
}

impl Verdict {
    const fn new(word: &'static str, ending: Outcome) -> Self {
        Self { word, ending }
    }

    const fn error(class: ErrorType) -> Self {
        Self::new("error", Outcome::Failed(Failure::new(class)))
    }

    fn of(outcome: &ToolSpanOutcome<'_>) -> Self {
        const UNKNOWN_TOOL: ErrorType =
            ErrorType::Other(std::borrow::Cow::Borrowed("unknown_tool"));
        match outcome {
            ToolSpanOutcome::Completed { success: true, .. } => {
                Self::new("success", Outcome::Completed)
            }
            // agent-sdk has no other way to say these than the first words of what went wrong.
            ToolSpanOutcome::Completed { output, .. } => match () {
                () if output.starts_with("Unknown tool:") => Self::error(UNKNOWN_TOOL),
                () if output.starts_with("Blocked:") => Self::of(&ToolSpanOutcome::Blocked),
                () if output.starts_with("Rejected:") => Self::of(&ToolSpanOutcome::Rejected),
                () => Self::new("error", failed(ErrorType::ToolError.as_str(), *output)),
            },
            ToolSpanOutcome::AwaitingConfirmation => {
                Self::new("awaiting_confirmation", Outcome::Completed)
            }
            ToolSpanOutcome::EventStoreError { message } => {
                Self::new("error", failed("event_store", *message))
            }
            ToolSpanOutcome::Blocked => Self::new("blocked", Outcome::Completed),
            ToolSpanOutcome::Rejected => Self::new("rejected", Outcome::Completed),
            ToolSpanOutcome::UnknownTool => Self::error(UNKNOWN_TOOL),
            ToolSpanOutcome::Cancelled => Self::new("cancelled", Outcome::Cancelled),
        }
    }
}
