//! What was said in an MCP message.

use super::{ContentWriter, Contents, Form, Redacted};
use crate::{Conventions, McpOperation, McpTarget, Value, semconv::attribute as key};

/// Bounds the arguments of a prompt that become attributes, as SDKs bound those of a span; what is behind them counts as left
/// out.
const MAX_VARIABLES: usize = 128;

impl ContentWriter<'_> {
    /// Writes the arguments: a tool's as they are, and a prompt's each by itself where the version has keys for them.
    pub(super) fn message_arguments(
        &mut self,
        record: &McpOperation,
        version: Conventions,
        contents: &mut Contents,
    ) {
        if let Some(McpTarget::Tool(_)) = &record.target {
            let key = key::GEN_AI_TOOL_CALL_ARGUMENTS;
            return self.object(key, "arguments", &record.arguments, contents);
        }
        let (Some(McpTarget::Prompt(_)), Value::Map(members)) = (&record.target, &record.arguments)
        else {
            return;
        };
        if version < Conventions::Main {
            return;
        }
        let (told, rest) = members.split_at(members.len().min(MAX_VARIABLES));
        self.left_out += rest
            .iter()
            .map(|(_, value)| value.json_len())
            .sum::<usize>();
        for (name, value) in told {
            let mut form = Form::tree();
            match value {
                Value::String(text) => self.member_text(Some(name), text, &mut form),
                other => self.member_text(Some(name), &other.to_json(), &mut form),
            }
            let name = self.rendering.redactor().redact(name);
            let key = format!("{}.{name}", key::GEN_AI_PROMPT_VARIABLE);
            if contents.iter().all(|(known, _)| **known != key) {
                contents.push((key.into(), Redacted(form.into_value())));
            }
        }
    }

    /// Writes what a tool gave back.
    pub(super) fn message_result(&mut self, record: &McpOperation, contents: &mut Contents) {
        let key = key::GEN_AI_TOOL_CALL_RESULT;
        self.object(key, "result", &record.result, contents);
    }
}
