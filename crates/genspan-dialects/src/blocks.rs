//! Parts of messages in the shapes that providers and frameworks have for them.

use genspan::{Modality, Value};

use crate::conversation::Part;

/// Reads a part; one of the conventions' own, or of a kind that nobody here knows, stays as it is.
pub(crate) fn part(block: &Value) -> Part {
    if let Value::String(text) = block {
        return Part::Text(text.clone());
    }
    let read = match text(block, &["type"]) {
        Some(kind) => typed(kind, block),
        None => keyed(block),
    };
    read.unwrap_or_else(|| Part::Other(block.clone()))
}

/// Reads a block that says by `type` what it is.
fn typed(kind: &str, block: &Value) -> Option<Part> {
    match kind {
        "text" | "input_text" | "output_text" => {
            text(block, &["text"]).map(|said| Part::Text(said.to_owned()))
        }
        "reasoning" | "thinking" => {
            text(block, &["text", "thinking"]).map(|said| Part::Reasoning(said.to_owned()))
        }
        // The conventions' own has arguments that are structured.
        "tool_call" | "function_call" => {
            let arguments = text(block, &["arguments"])?;
            call(block, &["id", "call_id"], &["name"], from_text(arguments))
        }
        "tool_use" => call(block, &["id"], &["name"], member(block, &["input"])),
        "tool-call" => {
            let input = member(block, &["input", "args"]);
            call(block, &["toolCallId"], &["toolName"], input)
        }
        "tool_call_response" => {
            let output = block.get("output").or_else(|| block.get("result"))?;
            Some(answer(block, &["id"], output.clone()))
        }
        "tool_result" => {
            let content = block.get("content").map(unwrapped).unwrap_or_default();
            Some(answer(block, &["tool_use_id"], content))
        }
        "tool-result" => {
            let output = member(block, &["output", "result"]);
            let output = output.get("value").cloned().unwrap_or(output);
            Some(answer(block, &["toolCallId"], output))
        }
        // rig's.
        "toolcall" => {
            let stated = block.get("function")?;
            let arguments = member(stated, &["arguments"]);
            let id = issued(block.get("id"));
            call(stated, &[], &["name"], arguments).map(|part| part.with_id(id))
        }
        "toolresult" => {
            let content = block.get("content").map(unwrapped).unwrap_or_default();
            Some(answer(block, &[], content).with_id(issued(block.get("call"))))
        }
        "opaque" => {
            let kind = text(block.get("item")?, &["type"]).unwrap_or("unknown");
            Some(Part::Other(map([("type", Some(kind.to_owned()))])))
        }
        "image" | "audio" | "video" | "document" => media(kind, block),
        _ => None,
    }
}

/// Gives an id that a provider issued, as rig tells it from its own.
fn issued(id: Option<&Value>) -> Option<String> {
    text(id?, &["provider"]).map(str::to_owned)
}

/// Reads media whose `data` says by its `type` where the `value` is found, as rig's does.
fn media(kind: &str, block: &Value) -> Option<Part> {
    let data = block.get("data")?;
    let (source, member) = match text(data, &["type"])? {
        "url" => ("uri", "uri"),
        "base64" => ("blob", "content"),
        "fileId" => ("file", "file_id"),
        "string" => return text(data, &["value"]).map(|said| Part::Text(said.to_owned())),
        _ => return Some(Part::Other(map([("type", Some(kind.to_owned()))]))),
    };
    let modality = match kind {
        "image" => Modality::Image,
        "audio" => Modality::Audio,
        "video" => Modality::Video,
        _ => Modality::Document,
    };
    let format = text(block, &["media_type"]);
    Some(Part::Other(map([
        ("type", Some(source.to_owned())),
        ("mime_type", format.map(|format| modality.mime_type(format))),
        ("modality", Some(kind.to_owned())),
        (member, text(data, &["value"]).map(str::to_owned)),
    ])))
}

fn map<const N: usize>(members: [(&str, Option<String>); N]) -> Value {
    let stated = members
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), Value::String(text?))));
    Value::Map(stated.collect())
}

/// Reads a block that says by the name of its member what it is, as Bedrock's do.
fn keyed(block: &Value) -> Option<Part> {
    if let Some(said) = text(block, &["text"]) {
        return Some(Part::Text(said.to_owned()));
    }
    if let Some(used) = block.get("toolUse") {
        return call(used, &["toolUseId"], &["name"], member(used, &["input"]));
    }
    if let Some(result) = block.get("toolResult") {
        let content = result.get("content").map(unwrapped).unwrap_or_default();
        return Some(answer(result, &["toolUseId"], content));
    }
    if let Some(thought) = block.get("reasoningContent") {
        let said = thought.get("reasoningText").unwrap_or(thought);
        return text(said, &["text"]).map(|said| Part::Reasoning(said.to_owned()));
    }
    // A part of the conventions has a type; the name of its only member is as good.
    match block {
        Value::Map(members) => match members.as_slice() {
            [(name, content)] => Some(Part::Other(Value::Map(vec![
                ("type".to_owned(), Value::from(name.as_str())),
                ("content".to_owned(), content.clone()),
            ]))),
            _ => None,
        },
        _ => None,
    }
}

/// Takes what a tool gave back out of the blocks round it; one block alone is what it holds.
pub(crate) fn unwrapped(content: &Value) -> Value {
    match content {
        Value::Array(blocks) => match blocks.as_slice() {
            [block] => match (text(block, &["text"]), block.get("json")) {
                (Some(said), _) => Value::from(said),
                (None, Some(json)) => json.clone(),
                (None, None) => content.clone(),
            },
            _ => content.clone(),
        },
        other => other.clone(),
    }
}

fn call(block: &Value, id: &[&str], name: &[&str], arguments: Value) -> Option<Part> {
    Some(Part::ToolCall {
        id: text(block, id).map(str::to_owned),
        name: text(block, name)?.to_owned(),
        arguments: match arguments {
            Value::String(json) => from_text(&json),
            other => other,
        },
    })
}

fn answer(block: &Value, id: &[&str], response: Value) -> Part {
    Part::ToolCallResponse {
        id: text(block, id).map(str::to_owned),
        response,
    }
}

/// Reads arguments, which models write as a text that need not be JSON.
fn from_text(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    Value::from_json_or_text(text)
}

fn text<'b>(block: &'b Value, names: &[&str]) -> Option<&'b str> {
    names.iter().find_map(|name| block.get(name)?.as_str())
}

fn member(block: &Value, names: &[&str]) -> Value {
    let found = names.iter().find_map(|name| block.get(name));
    found.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        part(&Value::from_json(json).unwrap())
            .into_value()
            .to_json()
    }

    #[test]
    fn a_call_is_a_call_in_every_shape() {
        let call = r#"{"type":"tool_call","id":"c1","name":"f","arguments":{"x":1}}"#;
        for shape in [
            call,
            r#"{"type":"tool_call","id":"c1","name":"f","arguments":"{\"x\":1}"}"#,
            r#"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}"}"#,
            r#"{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}"#,
            r#"{"type":"tool-call","toolCallId":"c1","toolName":"f","input":{"x":1}}"#,
            r#"{"type":"tool-call","toolCallId":"c1","toolName":"f","args":"{\"x\":1}"}"#,
            r#"{"toolUse":{"toolUseId":"c1","name":"f","input":{"x":1}}}"#,
            r#"{"type":"toolcall","id":{"provider":"c1"},"function":{"name":"f","arguments":{"x":1}}}"#,
        ] {
            assert_eq!(read(shape), call, "{shape}");
        }
    }

    #[test]
    fn so_is_an_answer() {
        let answer = r#"{"type":"tool_call_response","id":"c1","response":"rain"}"#;
        for shape in [
            answer,
            r#"{"type":"tool_call_response","id":"c1","output":"rain"}"#,
            r#"{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"rain"}]}"#,
            r#"{"type":"tool-result","toolCallId":"c1","output":{"type":"text","value":"rain"}}"#,
            r#"{"toolResult":{"toolUseId":"c1","status":"success","content":[{"text":"rain"}]}}"#,
            r#"{"type":"toolresult","call":{"provider":"c1"},"name":"f","content":[{"type":"text","text":"rain"}]}"#,
        ] {
            assert_eq!(read(shape), answer, "{shape}");
        }
    }

    #[test]
    fn media_is_where_its_data_says() {
        for (shape, expected) in [
            (
                r#"{"type":"image","data":{"type":"base64","value":"aGk="},"media_type":"png"}"#,
                r#"{"type":"blob","mime_type":"image/png","modality":"image","content":"aGk="}"#,
            ),
            (
                r#"{"type":"document","data":{"type":"fileId","value":"f1"},"media_type":"txt"}"#,
                r#"{"type":"file","mime_type":"text/plain","modality":"document","file_id":"f1"}"#,
            ),
            (
                r#"{"type":"video","data":{"type":"url","value":"http://h/v"}}"#,
                r#"{"type":"uri","modality":"video","uri":"http://h/v"}"#,
            ),
            (
                r#"{"type":"document","data":{"type":"string","value":"said"}}"#,
                r#"{"type":"text","content":"said"}"#,
            ),
            (
                r#"{"type":"audio","data":{"type":"raw","value":[1,2]}}"#,
                r#"{"type":"audio"}"#,
            ),
            // Anthropic's.
            (
                r#"{"type":"image","source":{"type":"url","url":"http://h/i"}}"#,
                r#"{"type":"image","source":{"type":"url","url":"http://h/i"}}"#,
            ),
        ] {
            assert_eq!(read(shape), expected);
        }
    }

    #[test]
    fn an_id_of_the_librarys_own_is_none_of_the_providers() {
        let call =
            r#"{"type":"toolcall","id":{"local":"u"},"function":{"name":"f","arguments":{}}}"#;
        assert_eq!(
            read(call),
            r#"{"type":"tool_call","name":"f","arguments":{}}"#
        );
        assert_eq!(
            read(r#"{"type":"opaque","item":{"type":"web_search_call","x":1},"replay":true}"#),
            r#"{"type":"web_search_call"}"#
        );
    }

    #[test]
    fn what_nobody_knows_is_kept() {
        for (shape, kept) in [
            (r#"{"type":"x","y":1}"#, r#"{"type":"x","y":1}"#),
            (r#"{"x":1,"y":2}"#, r#"{"x":1,"y":2}"#),
            (
                r#"{"cachePoint":{"a":1}}"#,
                r#"{"type":"cachePoint","content":{"a":1}}"#,
            ),
            ("7", "7"),
        ] {
            assert_eq!(read(shape), kept);
        }
    }
}
