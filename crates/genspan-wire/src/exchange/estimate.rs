//! Tokens where nobody stated them.
//!
//! The rule: one token for four bytes of UTF-8, so that a character of another script weighs more than one of English,
//! and four for each message that is sent. It is off by a third now and then, which is why it is marked.

use genspan::{Content, Generic, Inference, Message, Part, ToolDefinition, Value};

/// Bytes that make a token, more or less, in the languages and tokenizers that are most in use.
const BYTES_PER_TOKEN: u64 = 4;
/// What marks a message's beginning, role and end.
const TOKENS_PER_MESSAGE: u64 = 4;

/// Tells what of an exchange was there to be counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The request, without a gap.
    pub(super) request: bool,
    /// The answer, as far as it came and without a gap.
    pub(super) response: bool,
    /// The answer said why it ended.
    pub(super) is_finished: bool,
}

/// Fills in the counts that were not stated and can be estimated; a call that brought no answer has none.
pub(super) fn fill(record: &mut Inference, seen: Seen) {
    let content = &record.content;
    let is_answered = record.timing.first_chunk().is_some() || !content.output.is_empty();
    if !is_answered {
        return;
    }
    // What an earlier response or its conversation added to the input is not in the request.
    let is_all_sent = seen.request && record.request.previous_response_id.is_none();
    let input = is_all_sent.then(|| input(content)).flatten();
    let output = seen.response.then(|| output(content)).flatten();
    // That nothing was said counts only where the answer came to its end.
    let output = output.filter(|tokens| *tokens > 0 || seen.is_finished);
    record.usage = record.usage.or_estimated(input, output);
}

/// Estimates what was sent; `None` where there is nothing, or something that is not text.
fn input(content: &Content) -> Option<u64> {
    let mut bytes = parts(&content.system_instructions, sent)?;
    for message in &content.input {
        bytes += parts(&message.parts, sent)?;
    }
    bytes += content.tools.iter().map(definition).sum::<u64>();
    let messages = content.input.len() as u64 * TOKENS_PER_MESSAGE;
    (bytes > 0).then(|| messages + bytes.div_ceil(BYTES_PER_TOKEN))
}

/// Estimates what the model wrote; `None` where some of it is not text.
fn output(content: &Content) -> Option<u64> {
    let written = content
        .output
        .iter()
        .map(|Message { parts: said, .. }| parts(said, written));
    let bytes = written.sum::<Option<u64>>()?;
    Some(bytes.div_ceil(BYTES_PER_TOKEN))
}

fn parts(list: &[Part], bytes: fn(&Part) -> Option<u64>) -> Option<u64> {
    list.iter().map(bytes).sum()
}

fn sent(part: &Part) -> Option<u64> {
    match part {
        Part::ToolCallResponse(answer) => Some(value(&answer.response)),
        Part::ServerToolCallResponse(answer) => Some(value(&answer.response)),
        Part::Compaction(summary) => Some(len(summary.content.as_deref()?)),
        Part::Generic(Generic { members, .. }) => {
            Some(members.iter().map(|(_, stated)| value(stated)).sum())
        }
        _ => written(part),
    }
}

fn written(part: &Part) -> Option<u64> {
    Some(match part {
        Part::Text(text) | Part::Reasoning(text) => len(text),
        Part::ToolCallRequest(call) => len(&call.name) + value(&call.arguments),
        Part::ServerToolCall(call) => len(&call.name) + value(&call.call),
        Part::Generic(Generic { kind, members }) if kind == "refusal" => {
            members.iter().map(|(_, stated)| value(stated)).sum()
        }
        // What a provider adds is not the model's.
        Part::ServerToolCallResponse(_) | Part::Generic(_) | Part::Compaction(_) => 0,
        // How many tokens a picture is, only its provider knows.
        _ => return None,
    })
}

fn definition(tool: &ToolDefinition) -> u64 {
    let text = [Some(tool.name.as_str()), tool.description.as_deref()];
    text.into_iter().flatten().map(len).sum::<u64>() + tool.parameters.as_ref().map_or(0, value)
}

fn value(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::String(text) => len(text),
        other => len(&other.to_json()),
    }
}

const fn len(text: &str) -> u64 {
    text.len() as u64
}
