//! What the engine said, as a tree.

use std::fmt::Write;

use genspan::{SpanId, Timestamp};
use genspan_infer::{Act, ToolResult};

fn second(at: Timestamp) -> u64 {
    at.unix_nanos() / 1_000_000_000 - 1_000
}

fn number(span: SpanId) -> u64 {
    u64::from_be_bytes(span.0)
}

pub(crate) fn tree(acts: &[Act]) -> String {
    let mut text = String::new();
    for act in acts {
        match act {
            Act::Begin(begin) if begin.parent.is_none() => {
                agent(begin.context.span_id, acts, 0, &mut text);
            }
            Act::Place { call, within: None } => {
                writeln!(text, "call {}", number(*call)).unwrap();
            }
            _ => {}
        }
    }
    text
}

fn agent(span: SpanId, acts: &[Act], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let begin = acts.iter().find_map(|act| match act {
        Act::Begin(begin) if begin.context.span_id == span => Some(begin),
        _ => None,
    });
    let end = acts.iter().find_map(|act| match act {
        Act::End(end) if end.agent == span => Some(second(end.at).to_string()),
        _ => None,
    });
    let begin = begin.unwrap();
    let name = begin.name.as_deref().unwrap_or("agent");
    let linked: String = begin
        .links
        .iter()
        .map(|it| format!(" after call {}", number(it.span_id)))
        .collect();
    let end = end.unwrap_or_else(|| "?".to_owned());
    writeln!(
        text,
        "{indent}{name} {}..{end}{linked}",
        second(begin.started)
    )
    .unwrap();
    for act in acts {
        match act {
            Act::Place { call, within } if *within == Some(span) => {
                writeln!(text, "{indent}  call {}", number(*call)).unwrap();
            }
            Act::Tool(run) if run.agent == span => {
                let result = match &run.result {
                    ToolResult::Returned(result) => format!("-> {}", result.to_json()),
                    ToolResult::Failed(said) => format!("failed {}", said.to_json()),
                    ToolResult::Unknown => "unknown".to_owned(),
                };
                let times = format!("{}..{}", second(run.started), second(run.ended));
                let (name, asked_by) = (&run.name, number(run.asked_by.span_id));
                let arguments = run.arguments.to_json();
                writeln!(
                    text,
                    "{indent}  tool {name} {arguments} {times} of call {asked_by} {result}"
                )
                .unwrap();
                children(run.context.span_id, acts, depth + 2, text);
            }
            _ => {}
        }
    }
    children(span, acts, depth + 1, text);
}

fn children(span: SpanId, acts: &[Act], depth: usize, text: &mut String) {
    for act in acts {
        if let Act::Begin(begin) = act
            && begin
                .parent
                .as_ref()
                .is_some_and(|parent| parent.span_id == span)
        {
            agent(begin.context.span_id, acts, depth, text);
        }
    }
}
