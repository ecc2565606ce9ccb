//! Requests whose answers never come.

use genspan::{
    Label, McpConnection, Value,
    mcp::Channel,
    semconv::{Metric, attribute as key},
};

use super::rig::{Rig, SENT, answer, call, request};

#[test]
fn a_request_whose_sending_was_given_up_is_cancelled() {
    let rig = Rig::new();
    drop(rig.channel.send(&request(1, "ping"), None));
    // Another request of that id is another's.
    let stale = rig.channel.send(&request(2, "ping"), None).unwrap();
    let sent = rig.channel.send(&request(2, "tools/list"), None).unwrap();
    sent.end_with(&SENT);
    drop(stale);
    rig.channel.hear(&answer(2));
    insta::assert_snapshot!(rig.drawn(), @r#"
    ping Client < - "cancelled"
    ping Client < - "cancelled"
    tools/list Client < - ok
    "#);
}

#[test]
fn nothing_waits_on_a_connection_that_is_closed() {
    let rig = Rig::new();
    rig.channel.close();
    let sent = rig.channel.send(&request(1, "ping"), None).unwrap();
    sent.end_with(&SENT);
    let sent = rig.channel.send(&request(2, "tools/list"), None).unwrap();
    sent.end_with(&Err(std::io::Error::other("gone")));
    drop(rig.channel.send(&request(3, "roots/list"), None));
    insta::assert_snapshot!(rig.drawn(), @r#"
    ping Client < - "connection_lost"
    tools/list Client < - "connectivity"
    roots/list Client < - "cancelled"
    "#);
}

#[test]
fn a_tool_that_has_ended_waits_for_no_answer() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let tool = agent.scope().run(|| rig.telemetry.execute_tool("say"));
    let sent = tool.scope().run(|| rig.channel.send(&call(1, "say"), None));
    sent.unwrap().end_with(&SENT);
    tool.finish();
    agent.finish();
    insta::assert_snapshot!(rig.drawn(), @r"
    execute_tool say Internal < invoke_agent clerk Internal ok
    invoke_agent clerk Internal < - ok
    ");
    let told = rig.spans()[0].signals.get(key::MCP_METHOD_NAME).cloned();
    assert_eq!(told, Some(Value::from("tools/call")));
    let errors = || -> Vec<_> {
        let points = rig.sink.measurements();
        let points = points.into_iter();
        let calls = points.filter(|it| it.metric == Metric::McpClientOperationDuration);
        let error = calls.map(|it| it.labels.get(key::ERROR_TYPE).cloned());
        error.collect()
    };
    let cancelled = vec![Some(Label::Text("cancelled".into()))];
    assert_eq!(errors(), cancelled);
    // What comes too late is nothing more.
    rig.channel.hear(&answer(1));
    drop(rig.spans());
    assert_eq!(errors(), cancelled);
}

#[test]
fn a_tool_that_is_left_ends_its_request_with_it() {
    let rig = Rig::new();
    let tool = rig.telemetry.execute_tool("say");
    let sent = tool.scope().run(|| rig.channel.send(&call(1, "say"), None));
    sent.unwrap().end_with(&SENT);
    drop(tool);
    assert_eq!(rig.drawn(), "execute_tool say Internal < - \"cancelled\"\n");
}

#[test]
fn of_very_many_requests_the_oldest_is_lost() {
    let rig = Rig::new();
    let channel = Channel::new(&rig.telemetry, McpConnection::default());
    let most = u32::try_from(Channel::MAX_WAITING).unwrap();
    for id in 0..=most {
        let sent = channel.send(&request(id, "ping"), None).unwrap();
        sent.end_with(&SENT);
    }
    assert_eq!(rig.drawn(), "ping Client < - \"connection_lost\"\n");
    channel.hear(&answer(0));
    assert_eq!(rig.spans().len(), 1);
    channel.hear(&answer(most));
    assert_eq!(rig.spans().len(), 2);
}
