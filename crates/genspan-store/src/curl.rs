//! A call as a shell command.

mod shapes;
mod target;

use genspan::semconv::{attribute as key, value::operation_name as operation};
use genspan_dialects::Attributes;

use self::target::{Shape, Target};
use crate::{prepare::said::Said, read::ToolDefinition};

/// Bytes of a request beyond which a shell would not take it.
const LONGEST: usize = 100_000;

/// Writes a call to a model as a command that asks the same again; keys are variables of the shell.
///
/// What was recorded is all that it asks: settings that no attribute holds are missing. `None` for providers whose requests
/// are not known, and where nothing was recorded of what was said.
pub(crate) fn command(
    attributes: &Attributes,
    said: &Said,
    tools: Option<&[ToolDefinition]>,
) -> Option<String> {
    if attributes.text(key::GEN_AI_OPERATION_NAME) != Some(operation::CHAT)
        && attributes.text(key::GEN_AI_OPERATION_NAME) != Some(operation::GENERATE_CONTENT)
    {
        return None;
    }
    let model = attributes.text(key::GEN_AI_REQUEST_MODEL)?;
    said.input.as_ref()?;
    let target = Target::of(attributes, model)?;
    let body = match target.shape {
        Shape::OpenAi => shapes::openai(model, attributes, said, tools),
        Shape::Anthropic => shapes::anthropic(model, attributes, said, tools),
        Shape::Gemini => shapes::gemini(attributes, said, tools),
    };
    let body = body.to_json();
    if body.len() > LONGEST {
        return None;
    }
    let mut command = format!("curl {}", quoted(&target.url));
    for header in target.headers {
        // The shell fills in the key.
        command.push_str(&format!(" \\\n  -H \"{header}\""));
    }
    command.push_str(&format!(
        " \\\n  -H \"content-type: application/json\" \\\n  -d {}",
        quoted(&body)
    ));
    Some(command)
}

/// Writes a text so that a shell takes it as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
