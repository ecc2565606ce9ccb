//! One connection of MCP, recorded from its messages alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "mcp_channel/endings.rs"]
mod endings;
#[path = "mcp_channel/foreign.rs"]
mod foreign;
#[path = "mcp_channel/places.rs"]
mod places;
#[path = "mcp_channel/rig.rs"]
mod rig;

use std::{
    future::{pending, ready},
    io,
};

use futures_util::FutureExt;
use genspan::{
    McpConnection, McpSide, SpanKind, Value,
    mcp::{Channel, Message},
    semconv::attribute as key,
};

use rig::{Rig, SENT, answer, cancelled, from, read, request};

#[test]
fn a_request_is_a_span_from_its_sending_to_its_answer() {
    let rig = Rig::new();
    for id in [1, 2] {
        let sent = rig.channel.send(&request(id, "tools/list"), None).unwrap();
        sent.end_with(&SENT);
    }
    assert!(rig.spans().is_empty());
    rig.channel.hear(&answer(2));
    assert_eq!(rig.spans().len(), 1);
    rig.channel.hear(&answer(2));
    rig.channel.hear(&answer(3));
    assert_eq!(rig.spans().len(), 1, "nobody waits for these");
    let error = r#"{"id":"1","error":{"code":-32603,"message":"no"}}"#;
    rig.channel.hear(&read(error));
    insta::assert_snapshot!(rig.drawn(), @r#"
    tools/list Client < - ok
    tools/list Client < - "-32603"
    "#);
}

#[test]
fn a_notification_is_a_span_of_its_sending() {
    let rig = Rig::new();
    let told = || {
        let told = read(r#"{"method":"notifications/initialized"}"#);
        rig.channel.send(&told, None).unwrap()
    };
    told().end_with(&SENT);
    told().end_with(&Err(io::Error::other("gone")));
    drop(told());
    insta::assert_snapshot!(rig.drawn(), @r#"
    notifications/initialized Client < - ok
    notifications/initialized Client < - "connectivity"
    notifications/initialized Client < - "cancelled"
    "#);
    assert!(rig.channel.send(&answer(1), None).is_none());
}

#[test]
fn what_has_no_answer_is_unsent_or_lost() {
    let rig = Rig::new();
    let unsent = rig.channel.send(&request(1, "ping"), None).unwrap();
    unsent.end_with(&Err(io::Error::other("gone")));
    let sent = rig.channel.send(&request(2, "tools/list"), None).unwrap();
    sent.end_with(&SENT);
    rig.channel.close();
    rig.channel.hear(&answer(1));
    rig.channel.hear(&answer(2));
    rig.channel.close();
    insta::assert_snapshot!(rig.drawn(), @r#"
    ping Client < - "connectivity"
    tools/list Client < - "connection_lost"
    "#);
}

#[test]
fn a_request_ends_when_it_is_given_up() {
    let rig = Rig::new();
    for (id, reason) in [(1, "no more"), (2, "too long")] {
        let sent = rig.channel.send(&request(id, "tools/list"), None).unwrap();
        sent.end_with(&SENT);
        let gave_up = rig.channel.send(&cancelled(id, reason), None).unwrap();
        gave_up.end_with(&SENT);
    }
    // Who is asked may give up only what it keeps telling; another request of that id is its own.
    for (id, method) in [(3, "tools/call"), (4, "subscriptions/listen")] {
        let sent = rig.channel.send(&request(id, method), None).unwrap();
        sent.end_with(&SENT);
        rig.channel.hear(&cancelled(id, ""));
    }
    rig.channel.hear(&answer(3));
    insta::assert_snapshot!(rig.drawn(), @r#"
    tools/list Client < - "cancelled"
    notifications/cancelled Client < tools/list Client ok
    tools/list Client < - "timeout"
    notifications/cancelled Client < tools/list Client ok
    subscriptions/listen Client < - "cancelled"
    tools/call Client < - ok
    "#);
}

#[test]
fn what_is_received_stands_under_its_sender_and_points_at_what_is_current() {
    let (here, there) = (Rig::new(), Rig::new());
    // Ids are counted, and are not to be those of the other process.
    here.telemetry.step("first").finish();
    let sent = here.channel.send(&request(1, "tools/list"), None).unwrap();
    let came = from(&sent, request(1, "tools/list"));
    let http = there.telemetry.step("POST");
    let received = http.scope().run(|| there.channel.receive(&came, |_| {}));
    let received = received.unwrap();
    received
        .scope()
        .run(|| there.telemetry.retrieval("shelf").finish());
    received.answer(&Message::result(&(), false));
    http.finish();
    there
        .channel
        .receive(&request(2, "ping"), |_| {})
        .unwrap()
        .answer(&answer(2));
    let spans = there.spans();
    assert_eq!(spans[0].parent.as_ref(), Some(&spans[1].context));
    assert_eq!(spans[1].parent.as_ref(), sent.scope().context());
    let starts = there.sink.starts();
    let links: Vec<_> = starts.iter().map(|start| start.links.as_slice()).collect();
    let post = [spans[2].context.clone()];
    assert_eq!(links, [&[][..], &post, &[], &[]]);
    assert_eq!(spans[3].parent, None);
    assert!(there.channel.receive(&answer(1), |_| {}).is_none());
}

#[test]
fn work_ends_by_its_answer_or_as_cancelled() {
    let rig = Rig::new();
    let received = |id| {
        rig.channel
            .receive(&request(id, "tools/call"), |_| {})
            .unwrap()
    };
    let tool_error = r#"{"result":{"isError":true}}"#;
    let done = received(1).work(ready(7), pending(), |it, wants_content| {
        assert_eq!((*it, wants_content), (7, false));
        read(tool_error)
    });
    assert_eq!(done.now_or_never(), Some(7));
    let unread = |_: &u8, _| panic!("it is over");
    let given_up = received(2).work(ready(8), ready(()), unread);
    assert_eq!(given_up.now_or_never(), Some(8), "the work goes on");
    let dropped = received(3).work(pending(), pending(), unread);
    assert_eq!(dropped.now_or_never(), None);
    insta::assert_snapshot!(rig.drawn(), @r#"
    tools/call Server < - "tool_error"
    tools/call Server < - "cancelled"
    tools/call Server < - "cancelled"
    "#);
}

#[test]
fn what_is_sent_stands_where_it_comes_from() {
    let rig = Rig::new();
    let send = |message: &Message, behalf| {
        let sent = rig.channel.send(message, behalf).unwrap();
        let parent = sent.scope().clone();
        sent.end_with(&SENT);
        parent
    };
    let asked = r#"{"id":5,"method":"tools/call","params":{"_meta":{"progressToken":"p"}}}"#;
    let received = rig.channel.receive(&read(asked), |_| {}).unwrap();
    send(&request(1, "roots/list"), Some("5"));
    let progress = r#"{"method":"notifications/progress","params":{"progressToken":"p"}}"#;
    send(&read(progress), None);
    let meta = r#"{"io.modelcontextprotocol/subscriptionId":5}"#;
    let changed = "notifications/tools/list_changed";
    send(
        &read(&format!(
            r#"{{"method":"{changed}","params":{{"_meta":{meta}}}}}"#
        )),
        None,
    );
    let agent = rig.telemetry.invoke_agent("clerk");
    agent.scope().run(|| send(&request(2, "ping"), None));
    let stamp = rig.channel.send(&request(3, "prompts/list"), None).unwrap();
    send(&from(&stamp, request(4, "resources/list")), Some("5"));
    let tool = rig.telemetry.execute_tool("look");
    let call = r#"{"id":6,"method":"tools/call","params":{"name":"look"}}"#;
    assert_eq!(send(&read(call), None).context(), Some(tool.context()));
    tool.finish();
    agent.finish();
    received.answer(&answer(5));
    // Its work is done, so nothing is sent on its behalf any more.
    send(&request(7, "roots/list"), Some("5"));
    for id in 1..8 {
        rig.channel.hear(&answer(id));
    }
    insta::assert_snapshot!(rig.drawn(), @r#"
    notifications/progress Client < tools/call Server ok
    notifications/tools/list_changed Client < tools/call Server ok
    execute_tool look Internal < - ok
    invoke_agent clerk Internal < - ok
    tools/call Server < - ok
    roots/list Client < tools/call Server ok
    ping Client < invoke_agent clerk Internal ok
    prompts/list Client < - ok
    resources/list Client < prompts/list Client ok
    roots/list Client < - ok
    "#);
}

#[test]
fn a_channel_that_was_made_in_an_operation_sends_from_there() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let channel = agent
        .scope()
        .run(|| Channel::new(&rig.telemetry, McpConnection::default()));
    drop(channel.send(&request(1, "ping"), None));
    channel.close();
    agent.finish();
    let spans = rig.spans();
    assert_eq!(spans[0].parent.as_ref(), Some(&spans[1].context));
}

#[test]
fn facts_of_a_scope_go_along_where_they_are_allowed() {
    let (here, there) = (Rig::new(), Rig::new());
    let keys = || ["user.id".to_owned()];
    let scope = here.telemetry.invoke_agent("clerk").scope();
    let scope = scope
        .with_attribute("user.id", "u-7")
        .with_attribute("secret", "s");
    let sent = |channel: &Channel| {
        scope
            .run(|| channel.send(&request(1, "ping"), None))
            .unwrap()
    };
    let names =
        |channel: &Channel| -> Vec<_> { sent(channel).fields().map(|(name, _)| name).collect() };
    assert_eq!(names(&here.channel), ["traceparent"]);
    let channel = here.channel.clone().with_baggage(keys());
    assert_eq!(names(&channel), ["traceparent", "baggage"]);
    let came = from(&sent(&channel), request(1, "ping"));
    let open = there.channel.clone().with_baggage(keys());
    for channel in [&there.channel, &open] {
        channel.receive(&came, |_| {}).unwrap().answer(&answer(1));
    }
    let users = there.spans().into_iter().map(|span| {
        let user = span.signals.get("user.id");
        user.map(Value::to_json)
    });
    assert_eq!(
        users.collect::<Vec<_>>(),
        [None, Some(r#""u-7""#.to_owned())]
    );
}

#[test]
fn what_is_learned_of_the_connection_stands_on_what_follows_and_on_the_session() {
    for (is_client, handshake) in [(true, true), (true, false), (false, true)] {
        let rig = Rig::new();
        let side = if is_client {
            McpSide::Client
        } else {
            McpSide::Server
        };
        let channel = rig.channel.clone().with_session(side);
        let method = if handshake {
            "initialize"
        } else {
            "server/discover"
        };
        let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
        let (asked, said) = if handshake {
            (
                request(1, method),
                r#""protocolVersion":"2025-11-25","serverInfo":{"name":"clerk"}"#,
            )
        } else {
            let params = format!(r#"{{"_meta":{{{version}}}}}"#);
            let asked = format!(r#"{{"id":1,"method":"{method}","params":{params}}}"#);
            (
                read(&asked),
                r#""_meta":{"io.modelcontextprotocol/serverInfo":{"name":"clerk"}}"#,
            )
        };
        let said = read(&format!(
            r#"{{"jsonrpc":"2.1","id":1,"result":{{{said}}}}}"#
        ));
        if is_client {
            channel.send(&asked, None).unwrap().end_with(&SENT);
            channel.hear(&said);
        } else {
            channel.receive(&asked, |_| {}).unwrap().answer(&said);
            assert!(channel.send(&said, None).is_none());
        }
        drop(channel.receive(&request(9, "ping"), |connection| {
            connection.tell_http(Some("2"), |name| {
                (name == "mcp-session-id").then_some("s-1")
            });
        }));
        channel.close();
        let spans = rig.spans();
        let expected = if handshake {
            "2025-11-25"
        } else {
            "2026-07-28"
        };
        for span in &spans {
            let known = |key| span.signals.get(key).and_then(Value::as_str);
            assert_eq!(known(key::MCP_PROTOCOL_VERSION), Some(expected));
            assert_eq!(known(key::GENSPAN_MCP_SERVER_NAME), Some("clerk"));
            assert_eq!(known(key::JSONRPC_PROTOCOL_VERSION), Some("2.1"));
        }
        let ping = &spans[1].signals;
        assert_eq!((&*ping.name, ping.kind), ("ping", SpanKind::Server));
        for (key, value) in [
            (key::MCP_SESSION_ID, "s-1"),
            (key::NETWORK_TRANSPORT, "tcp"),
            (key::NETWORK_PROTOCOL_NAME, "http"),
            (key::NETWORK_PROTOCOL_VERSION, "2"),
        ] {
            assert_eq!(ping.get(key).and_then(Value::as_str), Some(value));
        }
        let points = rig.sink.measurements();
        let sessions = points.iter().filter(|point| {
            let is_version =
                |label: &genspan::Label| *label == genspan::Label::Text(expected.to_owned().into());
            point.metric.name().ends_with("session.duration")
                && point
                    .labels
                    .get(key::MCP_PROTOCOL_VERSION)
                    .is_some_and(is_version)
        });
        assert_eq!(sessions.count(), 1);
    }
}
