//! What a library says to a model and hears from it, by its own messages as JSON.

use genspan::{Message, Role, ToolDefinition, Value};

use crate::{
    chat_shape,
    conversation::{self, Part},
    definitions,
    record::content,
};

/// Reads messages in the shapes that providers and libraries have for them: the conventions' own, OpenAI's chat
/// completions, Anthropic's, Bedrock's, the Vercel AI SDK's and rig's.
///
/// It is for a library whose messages can be written as JSON and whose traffic nobody reads. What is no message is
/// left out; what tools gave is the tools' word, whoever brings it.
///
/// ```
/// use genspan::{Role, Value};
/// use genspan_dialects::messages;
///
/// let said = r#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]}]"#;
/// let said = messages(&Value::from_json_or_text(said));
/// assert_eq!(said[1].role, Role::Assistant);
/// ```
#[must_use]
pub fn messages(list: &Value) -> Vec<Message> {
    let Value::Array(items) = list else {
        return Vec::new();
    };
    items.iter().filter_map(message).collect()
}

fn message(value: &Value) -> Option<Message> {
    let read = match value.get("parts") {
        Some(_) => conversation::message(value),
        None => chat_shape::read_one(value),
    };
    let mut read = read?;
    let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
    if read.role == Role::User.as_str() && read.parts.iter().any(is_answer) {
        read.role = Role::Tool.as_str().to_owned();
    }
    content::message(read.into_value())
}

/// Reads definitions of tools in the shapes that providers and libraries have for them; what is none is left out.
///
/// ```
/// use genspan::Value;
/// use genspan_dialects::tool_definitions;
///
/// let offered = r#"[{"name": "get_weather", "input_schema": {"type": "object"}}]"#;
/// let offered = tool_definitions(&Value::from_json_or_text(offered));
/// assert_eq!((offered[0].kind.as_str(), offered[0].name.as_str()), ("function", "get_weather"));
/// ```
#[must_use]
pub fn tool_definitions(list: &Value) -> Vec<ToolDefinition> {
    let Value::Array(items) = list else {
        return Vec::new();
    };
    let conventional = items.iter().cloned().map(definitions::conventional);
    conventional.filter_map(content::tool).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_is_read_in_any_shape() {
        let call = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
        let openai = format!(r#"[{call},{{"role":"tool","tool_call_id":"c1","content":"rain"}}]"#);
        let anthropic = r#"[{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"rain"}]}]"#;
        let rig = r#"[{"role":"assistant","content":[{"type":"toolcall","id":{"provider":"c1"},"function":{"name":"f","arguments":{}}}]},{"role":"user","content":[{"type":"toolresult","call":{"provider":"c1"},"name":"f","content":[{"type":"text","text":"rain"}]}]}]"#;
        let conventions = r#"[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"f","arguments":{}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"rain"}]}]"#;
        let read = |json: &str| messages(&Value::from_json(json).unwrap());
        let expected = read(conventions);
        assert_eq!(expected.len(), 2);
        for shape in [openai.as_str(), anthropic, rig] {
            assert_eq!(read(shape), expected, "{shape}");
        }
    }

    #[test]
    fn what_is_no_message_is_left_out() {
        let read = messages(&Value::from_json(r#"[7,{"role":"user"},{"x":1}]"#).unwrap());
        assert_eq!(read, [Message::new(Role::User, Vec::new())]);
        assert_eq!(messages(&Value::from("text")), []);
        assert_eq!(tool_definitions(&Value::Null), []);
    }
}
