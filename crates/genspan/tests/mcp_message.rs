//! What is read of one message of MCP, and what is passed over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{McpConnection, McpOperation, McpSide, McpTarget, Outcome, Value, mcp::Message};
use serde_json::json;

fn target(method: &str, params: &serde_json::Value) -> Option<McpTarget> {
    let operation = Message::call(method, params, true).operation(McpSide::Client);
    operation.unwrap().target
}

#[test]
fn messages_are_about_what_their_method_says() {
    let params = json!({"name": "n", "uri": "u", "ref": {"type": "ref/prompt", "name": "p"}});
    let tool = McpTarget::Tool("n".to_owned());
    let prompt = |name: &str| Some(McpTarget::Prompt(name.to_owned()));
    let resource = |uri: &str| Some(McpTarget::Resource(uri.to_owned()));
    for (method, expected) in [
        ("tools/call", Some(tool)),
        ("prompts/get", prompt("n")),
        ("completion/complete", prompt("p")),
        ("resources/read", resource("u")),
        ("resources/subscribe", resource("u")),
        ("notifications/resources/updated", resource("u")),
        ("tools/list", None),
        ("sampling/createMessage", None),
        ("elicitation/create", None),
        ("x/y", None),
    ] {
        assert_eq!(target(method, &params), expected, "{method}");
    }
    let template = json!({"ref": {"type": "ref/resource", "uri": "file:///{name}"}});
    assert_eq!(
        target("completion/complete", &template),
        resource("file:///{name}")
    );
    for odd in [json!(null), json!([1]), json!({"name": 7, "uri": null})] {
        assert_eq!(target("tools/call", &odd), None, "{odd}");
        assert_eq!(target("resources/read", &odd), None, "{odd}");
    }
}

#[test]
fn content_is_read_where_it_is_wanted_and_of_what_has_it() {
    let params = json!({"name": "n", "arguments": {"b": 1, "a": [{"content": 2}]}});
    let arguments = |method: &str, with_content| {
        let message = Message::call(method, &params, with_content);
        message.operation(McpSide::Server).unwrap().arguments
    };
    for method in ["tools/call", "prompts/get"] {
        let read = arguments(method, true);
        assert_eq!(read.get("b"), Some(&Value::Int(1)), "{method}");
        let nested = read.get("a").unwrap().to_json();
        assert_eq!(nested, r#"[{"content":2}]"#, "{method}");
        assert_eq!(arguments(method, false), Value::Null, "{method}");
    }
    assert_eq!(arguments("x/y", true), Value::Null);
    let private = json!({"name": "n", "messages": ["secret"], "_meta": {"own": "secret"}});
    let message = Message::call("sampling/createMessage", &private, true);
    assert!(!format!("{message:?}").contains("secret"));
}

/// Answers an operation, and gives what it holds then and how it ended.
fn answered(method: &'static str, answer: &Message) -> (McpOperation, Outcome) {
    let mut operation = McpOperation::new(McpSide::Client, method);
    let outcome = answer.outcome_of(&mut operation);
    (operation, outcome)
}

#[test]
fn a_tools_result_is_its_structure_or_its_blocks() {
    let blocks = json!([{"type": "text", "text": "said"}]);
    let both = json!({"content": blocks, "structuredContent": {"is": "said"}});
    let one = json!({"content": blocks, "isError": false});
    let result = |result: &serde_json::Value, with_content| {
        let message = Message::result(result, with_content);
        let (operation, outcome) = answered("tools/call", &message);
        assert_eq!(outcome, Outcome::Completed);
        operation.result
    };
    assert_eq!(result(&both, true).to_json(), r#"{"is":"said"}"#);
    let Value::Array(read) = result(&one, true) else {
        panic!("no blocks")
    };
    assert_eq!(read[0].get("text"), Some(&Value::from("said")));
    assert_eq!(result(&both, false), Value::Null);
    let (other, _) = answered("sampling/createMessage", &Message::result(&one, true));
    assert_eq!(other.result, Value::Null);
}

#[test]
fn a_tool_that_says_that_it_failed_has_failed() {
    let blocks = json!([{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]);
    let result = json!({"content": blocks, "isError": true});
    for (with_content, text) in [(true, "a\nb"), (false, "")] {
        let message = Message::result(&result, with_content);
        let (operation, outcome) = answered("tools/call", &message);
        let Outcome::Failed(failure) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(failure.error_type.as_str(), "tool_error");
        assert_eq!(failure.message.unwrap_or_default(), text);
        assert_eq!(operation.result, Value::Null);
    }
    let (_, outcome) = answered("x/y", &Message::result(&result, true));
    assert_eq!(outcome, Outcome::Completed, "only tools say so");
}

#[test]
fn errors_have_their_code_and_text() {
    let said = json!({"id": 1, "error": {"code": -32603, "message": "no", "data": 1}});
    for message in [Message::of(&said, false), Message::error(-32603, "no")] {
        let (operation, outcome) = answered("ping", &message);
        assert_eq!(operation.error_code, Some(-32603));
        assert_eq!(outcome.error_type().unwrap().as_str(), "-32603");
    }
    for odd in [json!({"error": {"code": "x"}}), json!({"error": "no"})] {
        let (operation, outcome) = answered("ping", &Message::of(&odd, false));
        assert_eq!(operation.error_code, None, "{odd}");
        assert_eq!(outcome.error_type().unwrap().as_str(), "_OTHER", "{odd}");
    }
    for none in [json!({"id": 1}), json!({"result": 7}), json!(null)] {
        let (_, outcome) = answered("tools/call", &Message::of(&none, true));
        assert_eq!(outcome, Outcome::Completed, "{none}");
    }
}

#[test]
fn ids_and_contexts_stand_on_the_wire_or_beside_the_type() {
    let id = |value: serde_json::Value| Message::of(&json!({ "id": value }), false).id();
    assert_eq!(id(json!(7)).as_deref(), Some("7"));
    assert_eq!(id(json!("7")).as_deref(), Some("7"));
    assert_eq!(id(json!(null)), None);
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let meta = json!({"traceparent": PARENT, "tracestate": "a=1", "baggage": "b=2", "own": 1});
    let whole = json!({"id": 7, "method": "ping", "params": {"_meta": meta}});
    let beside = Message::call("ping", &(), false)
        .with_id("7")
        .with_meta(&meta);
    for message in [Message::of(&whole, false), beside] {
        let operation = message.operation(McpSide::Server).unwrap();
        assert_eq!(operation.request_id.as_deref(), Some("7"));
        let carrier = message.carrier();
        assert_eq!(carrier.traceparent, PARENT);
        assert_eq!((&*carrier.tracestate, &*carrier.baggage), ("a=1", "b=2"));
    }
    assert!(Message::default().operation(McpSide::Client).is_none());
}

#[test]
fn http_says_what_the_message_does_not() {
    let header = |name: &str| match name {
        "mcp-session-id" => Some("s-1"),
        "mcp-protocol-version" => Some("2025-06-18"),
        _ => None,
    };
    let mut connection = McpConnection::default();
    connection.tell_http(Some("1.1"), header);
    let mut stated = McpConnection {
        protocol_version: Some("2026-07-28".to_owned()),
        session_id: Some("s-0".to_owned()),
        ..McpConnection::default()
    };
    stated.tell_http(None, |_| None);
    for (said, version, session, protocol) in [
        (connection, Some("1.1"), "s-1", "2025-06-18"),
        (stated, None, "s-0", "2026-07-28"),
    ] {
        let expected = McpConnection {
            protocol_version: Some(protocol.to_owned()),
            session_id: Some(session.to_owned()),
            network_protocol_version: version.map(str::to_owned),
            ..McpConnection::over_http()
        };
        assert_eq!(said, expected);
    }
}
