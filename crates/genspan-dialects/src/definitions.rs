//! The definitions of tools in the shapes that providers and frameworks have for them.

use genspan::Value;

/// Gives a definition the conventions' members; one that has them stays as it is.
pub(crate) fn conventional(definition: Value) -> Value {
    const SCHEMAS: [&str; 2] = ["input_schema", "inputSchema"];
    let kind = definition.get("type").map(|kind| kind.as_str());
    let nested = definition.get("function").cloned();
    let is_function = kind.is_none_or(|kind| kind == Some("function"));
    let is_other = SCHEMAS.iter().any(|name| definition.get(name).is_some())
        || matches!(nested, Some(Value::Map(_)))
        || kind.is_none();
    let (true, true, Value::Map(members)) = (is_function, is_other, definition.clone()) else {
        return definition;
    };
    let mut flat = vec![("type".to_owned(), Value::from("function"))];
    for (name, value) in members {
        match (name.as_str(), value) {
            ("type", _) => {}
            ("function", Value::Map(function)) => flat.extend(function),
            (name, value) if SCHEMAS.contains(&name) => {
                let schema = value.get("json").cloned().unwrap_or(value);
                flat.push(("parameters".to_owned(), schema));
            }
            (_, value) => flat.push((name, value)),
        }
    }
    Value::Map(flat)
}

/// Gives a function the members that OpenAI's chat completions have for it; other tools stay as they are.
pub(crate) fn nested(definition: &Value) -> Value {
    match definition {
        Value::Map(members)
            if definition.get("type").and_then(Value::as_str) == Some("function")
                && definition.get("function").is_none() =>
        {
            let function = members.iter().filter(|(name, _)| name != "type");
            Value::Map(vec![
                ("type".to_owned(), Value::from("function")),
                (
                    "function".to_owned(),
                    Value::Map(function.cloned().collect()),
                ),
            ])
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_a_function_in_every_shape() {
        let flat = r#"{"type":"function","name":"f","parameters":{"a":1}}"#;
        for shape in [
            flat,
            r#"{"name":"f","input_schema":{"a":1}}"#,
            r#"{"name":"f","inputSchema":{"json":{"a":1}}}"#,
            r#"{"type":"function","function":{"name":"f","parameters":{"a":1}}}"#,
        ] {
            let read = conventional(Value::from_json(shape).unwrap());
            assert_eq!(read.to_json(), flat, "{shape}");
        }
        for other in [
            r#"{"type":"web_search","name":"w","input_schema":{}}"#,
            r#"{"name":"f","type":"function"}"#,
            "7",
        ] {
            let read = conventional(Value::from_json(other).unwrap());
            assert_eq!(read.to_json(), other);
        }
    }

    #[test]
    fn what_was_nested_reads_back() {
        for shape in [
            r#"{"type":"function","name":"f","description":"d","parameters":{"a":1}}"#,
            r#"{"type":"web_search","name":"w"}"#,
            "7",
        ] {
            let flat = Value::from_json(shape).unwrap();
            assert_eq!(conventional(nested(&flat)), flat, "{shape}");
        }
        let function = Value::from_json(r#"{"type":"function","name":"f"}"#).unwrap();
        assert_eq!(
            nested(&function).to_json(),
            r#"{"type":"function","function":{"name":"f"}}"#
        );
    }
}
