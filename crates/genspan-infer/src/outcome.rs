//! Telling whether a tool failed.

use genspan::Value;

use crate::ToolResult;

/// How the frameworks begin the text that a model gets in place of a result; compared without regard to case.
const BEGINNINGS: [&str; 8] = [
    "error:",
    "error calling",
    "error executing",
    "error invoking",
    "error running",
    "an error occurred",
    "tool error",
    "traceback (most recent call last)",
];

impl ToolResult {
    /// Reads a result as a request tells it.
    ///
    /// Some formats mark errors. Where they do not, as in OpenAI's, frameworks send an object with a member `error`, or a
    /// text that begins with one of a few words; nothing else is taken for a failure.
    pub(crate) fn of(response: Value) -> Self {
        let is_marked = |name: &str| response.get(name) == Some(&Value::Bool(true));
        let is_status = |word: &str| response.get("status").and_then(Value::as_str) == Some(word);
        if is_marked("is_error") || is_marked("isError") || is_status("error") {
            return Self::Failed(said(response));
        }
        let is_failure = match &response {
            Value::Map(_) => has_error(&response),
            Value::String(text) => is_failure_text(text),
            Value::Array(items) => match items.as_slice() {
                [one] => one
                    .get("text")
                    .and_then(Value::as_str)
                    .is_some_and(is_failure_text),
                _ => false,
            },
            _ => false,
        };
        if is_failure {
            Self::Failed(response)
        } else {
            Self::Returned(response)
        }
    }
}

impl ToolResult {
    /// Gives how it ended alone, without what was said.
    pub(crate) fn without_content(self) -> Self {
        match self {
            Self::Returned(_) => Self::Returned(Value::Null),
            Self::Failed(_) => Self::Failed(Value::Null),
            Self::Unknown => Self::Unknown,
        }
    }
}

/// Takes what was said out of what marks it as an error.
fn said(response: Value) -> Value {
    match response {
        Value::Map(members) if members.iter().any(|(name, _)| name == "content") => members
            .into_iter()
            .find_map(|(name, member)| (name == "content").then_some(member))
            .unwrap_or_default(),
        other => other,
    }
}

fn has_error(object: &Value) -> bool {
    !matches!(
        object.get("error"),
        None | Some(Value::Null | Value::Bool(false))
    )
}

fn is_failure_text(text: &str) -> bool {
    let text = text.trim_start();
    if text.starts_with('{') {
        return Value::from_json(text).is_ok_and(|object| has_error(&object));
    }
    let begins_with = |beginning: &&str| {
        text.get(..beginning.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    BEGINNINGS.iter().any(begins_with) || is_exception(text)
}

/// Tells whether a text is an exception as it is printed: its type's name, and what it says.
fn is_exception(text: &str) -> bool {
    let name = text.split([':', '(']).next().unwrap_or_default();
    let is_name =
        name.len() < text.len() && name.chars().all(|it| it.is_alphanumeric() || it == '.');
    is_name && (name.ends_with("Error") || name.ends_with("Exception"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_those_that_are_marked_or_say_so() {
        let is_failure = |json: &str| {
            let value = Value::from_json(json).unwrap();
            matches!(ToolResult::of(value), ToolResult::Failed(_))
        };
        for failure in [
            r#"{"content":"no","is_error":true}"#,
            r#"{"content":[],"status":"error"}"#,
            r#"{"error":"no such city"}"#,
            r#""{\"error\": {\"code\": 4}}""#,
            r#""Error: no such city""#,
            r#""An error occurred while running the tool.""#,
            r#""ValueError: no such city""#,
            r#""KeyError('Paris')""#,
            r#"[{"type":"text","text":"Error: no"}]"#,
        ] {
            assert!(is_failure(failure), "{failure}");
        }
        for success in [
            r#""sunny""#,
            r#""Errors are rare here""#,
            r#""Error handling is an art""#,
            r#""No Error: sunny""#,
            r#""{\"error\":null,\"data\":1}""#,
            r#"{"error":false}"#,
            r#"{"status":"ok"}"#,
            r#""""#,
            "null",
        ] {
            assert!(!is_failure(success), "{success}");
        }
    }

    #[test]
    fn what_a_failure_said_is_kept() {
        let value = Value::from_json(r#"{"content":"no","is_error":true}"#).unwrap();
        assert_eq!(ToolResult::of(value), ToolResult::Failed("no".into()));
    }
}
