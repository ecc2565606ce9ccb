//! Where a message stands, and whose it is.

use genspan::{
    Amount, Carrier, McpConnection, McpSide, SpanContext, SpanKind, Telemetry, Value,
    mcp::{Channel, Message},
    semconv::{Metric, attribute as key},
};

use super::rig::{Rig, SENT, answer, call, read, request};

/// Gives a message that says that it comes from a scope, as a client stamps it.
fn stamped(telemetry: &Telemetry, message: Message) -> Message {
    let carrier = Carrier::of_scope(&telemetry.scope(), &[]).unwrap();
    let fields = carrier.into_fields();
    let fields = fields.map(|(name, value)| (name.to_owned(), Value::from(value)));
    message.with_meta(&Value::Map(fields.collect()))
}

/// Opens a connection that is measured as a session, in what is current.
fn connected(telemetry: &Telemetry) -> Channel {
    Channel::new(telemetry, McpConnection::default()).with_session(McpSide::Client)
}

fn tool_calls(rig: &Rig) -> Option<Amount> {
    let points = rig.sink.measurements();
    let mut points = points.iter();
    let point = points.find(|point| point.metric == Metric::InvokeAgentToolCalls);
    point.map(|point| point.amount)
}

#[test]
fn a_session_does_not_hide_the_agent_it_was_opened_in() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let scope = agent.scope().with_attribute("user.id", "u-7");
    let channel = scope.run(|| connected(&rig.telemetry));
    assert!(rig.telemetry.scope_of(agent.context()).is_some());
    let message = agent
        .scope()
        .run(|| stamped(&rig.telemetry, call(1, "say")));
    channel.send(&message, None).unwrap().end_with(&SENT);
    channel.hear(&answer(1));
    agent.finish();
    channel.close();
    insta::assert_snapshot!(rig.drawn(), @r"
    tools/call say Client < invoke_agent clerk Internal ok
    invoke_agent clerk Internal < - ok
    ");
    assert_eq!(tool_calls(&rig), Some(Amount::Count(1)));
}

#[test]
fn a_session_does_not_hide_the_tool_it_was_opened_in() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let tool = agent.scope().run(|| rig.telemetry.execute_tool("say"));
    tool.scope().run(|| {
        let channel = connected(&rig.telemetry);
        let message = stamped(&rig.telemetry, call(1, "say"));
        channel.send(&message, None).unwrap().end_with(&SENT);
        channel.hear(&answer(1));
        channel.close();
    });
    tool.finish();
    agent.finish();
    insta::assert_snapshot!(rig.drawn(), @r"
    execute_tool say Internal < invoke_agent clerk Internal ok
    invoke_agent clerk Internal < - ok
    ");
    assert_eq!(tool_calls(&rig), Some(Amount::Count(1)));
}

#[test]
fn a_session_has_what_is_around_it_for_its_scope() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let session = agent.scope().run(|| {
        rig.telemetry
            .mcp_session(McpSide::Client, McpConnection::default())
    });
    session.scope().run(|| {
        let call = rig.telemetry.mcp_client("tools/call", None);
        assert_eq!(call.parent().as_ref(), Some(agent.context()));
        call.finish();
    });
    session.finish();
    agent.finish();
    drop(rig.spans());
    assert_eq!(tool_calls(&rig), Some(Amount::Count(1)));
}

#[test]
fn a_request_that_may_be_of_either_tool_is_of_none() {
    let rig = Rig::new();
    let [ours, theirs] = ["u-a", "u-b"].map(|user| {
        let scope = rig.telemetry.scope().with_attribute("user.id", user);
        scope.run(|| rig.telemetry.execute_tool("search"))
    });
    let first = ours
        .scope()
        .run(|| rig.channel.send(&call(1, "search"), None));
    first.unwrap().end_with(&SENT);
    // The one whose place is free need not be who asks.
    let second = rig.channel.send(&call(2, "search"), None).unwrap();
    for tool in [&ours, &theirs] {
        assert_ne!(second.scope().context(), Some(tool.context()));
    }
    second.end_with(&SENT);
    rig.channel.hear(&answer(2));
    rig.channel.hear(&answer(1));
    ours.finish();
    theirs.finish();
    insta::assert_snapshot!(rig.drawn(), @r"
    tools/call search Client < - ok
    execute_tool search Internal < - ok
    execute_tool search Internal < - ok
    ");
}

#[test]
fn a_tool_that_has_its_request_is_meant_by_no_other() {
    let rig = Rig::new();
    let tool = rig.telemetry.execute_tool("search");
    for (id, is_its_own) in [(1, true), (2, false)] {
        let sent = rig.channel.send(&call(id, "search"), None).unwrap();
        let is_tools = sent.scope().context() == Some(tool.context());
        assert_eq!(is_tools, is_its_own, "{id}");
        sent.end_with(&SENT);
        rig.channel.hear(&answer(id));
    }
    tool.finish();
}

#[test]
fn among_very_many_tools_none_is_searched_and_spans_are_found() {
    let rig = Rig::new();
    let found = || rig.channel.send(&call(1, "search"), None).unwrap();
    let tool = rig.telemetry.execute_tool("search");
    let others: Vec<_> = (0..1023)
        .map(|_| rig.telemetry.execute_tool("other"))
        .collect();
    assert_eq!(found().scope().context(), Some(tool.context()));
    let last = rig.telemetry.execute_tool("other");
    assert_ne!(found().scope().context(), Some(tool.context()));
    assert!(rig.telemetry.scope_of(tool.context()).is_some());
    drop(last);
    // The request that was given up has left the place free.
    assert_eq!(found().scope().context(), Some(tool.context()));
    drop(others);
}

#[test]
fn what_is_current_is_no_senders_place_where_the_library_sends_from_a_task_of_its_own() {
    let rig = Rig::new();
    let agent = rig.telemetry.invoke_agent("clerk");
    let channel = agent
        .scope()
        .run(|| Channel::new(&rig.telemetry, McpConnection::default()));
    let channel = channel.with_own_task();
    let tool = rig.telemetry.execute_tool("say");
    let loops = SpanContext {
        span_id: genspan::SpanId([7; 8]),
        ..agent.context().clone()
    };
    // A span that stands round all the work of the connection says nothing of who sends.
    let round = agent.scope().run(|| rig.telemetry.scope_under(loops));
    round.run(|| {
        let sent = channel.send(&call(1, "say"), None).unwrap();
        assert_eq!(sent.scope().context(), Some(tool.context()));
        sent.end_with(&SENT);
        channel.hear(&answer(1));
        let sent = channel.send(&request(2, "ping"), None).unwrap();
        sent.end_with(&SENT);
        channel.hear(&answer(2));
        let received = channel.receive(&request(3, "ping"), |_| {}).unwrap();
        received.answer(&answer(3));
        // An operation of ours does, as in the handshake.
        let step = rig.telemetry.step("here");
        step.scope().run(|| {
            channel
                .send(&request(4, "initialize"), None)
                .unwrap()
                .end_with(&SENT);
        });
        channel.hear(&answer(4));
        step.finish();
    });
    tool.finish();
    agent.finish();
    let spans = rig.spans();
    let parent = |name: &str, kind| {
        let mut found = spans.iter();
        let found = found.find(|it| it.signals.name == name && it.signals.kind == kind);
        let parent = found.unwrap().parent.as_ref();
        parent.map(|parent| {
            let mut all = spans.iter();
            let found = all.find(|it| it.context.span_id == parent.span_id);
            found.unwrap().signals.name.to_string()
        })
    };
    let parents = [
        ("ping", SpanKind::Client),
        ("ping", SpanKind::Server),
        ("initialize", SpanKind::Client),
    ];
    let parents = parents.map(|(name, kind)| parent(name, kind));
    let expected = [Some("invoke_agent clerk"), None, Some("here")];
    assert_eq!(parents, expected.map(|it| it.map(str::to_owned)));
    assert!(rig.sink.starts().iter().all(|start| start.links.is_empty()));
}

#[test]
fn the_conversation_that_a_record_states_is_found_with_its_span() {
    let rig = Rig::new();
    let channel = rig
        .channel
        .clone()
        .with_baggage([key::GEN_AI_CONVERSATION_ID.to_owned()]);
    let mut agent = rig.telemetry.invoke_agent("clerk");
    agent.common.conversation_id = Some("c-7".to_owned());
    let message = agent
        .scope()
        .run(|| stamped(&rig.telemetry, call(1, "say")));
    let sent = channel.send(&message, None).unwrap();
    let baggage = sent.fields().find(|(name, _)| *name == "baggage");
    assert_eq!(
        baggage.map(|(_, text)| text).as_deref(),
        Some("gen_ai.conversation.id=c-7")
    );
    sent.scope().run(|| {
        let chat = rig.telemetry.chat(genspan::Provider::OPENAI, "m");
        chat.finish();
    });
    drop(sent);
    agent.finish();
    let chat = &rig.spans()[0].signals;
    assert_eq!(
        chat.get(key::GEN_AI_CONVERSATION_ID),
        Some(&Value::from("c-7"))
    );
}

#[test]
fn a_messages_own_baggage_stays() {
    let rig = Rig::new();
    let own = r#"{"traceparent":"no","tracestate":"a=1","baggage":"tenant=t-1;p=1, user.id=old"}"#;
    let message = || {
        read(&format!(
            r#"{{"id":1,"method":"ping","params":{{"_meta":{own}}}}}"#
        ))
    };
    let scope = rig.telemetry.invoke_agent("clerk").scope();
    let scope = scope.with_attribute("user.id", "u-7");
    let fields = |channel: &Channel| -> Vec<_> {
        let sent = scope.run(|| channel.send(&message(), None)).unwrap();
        sent.fields()
            .filter(|(name, _)| *name != "traceparent")
            .collect()
    };
    let baggage = |text: &str| [("baggage", text.to_owned())];
    assert_eq!(fields(&rig.channel), baggage("tenant=t-1;p=1,user.id=old"));
    let channel = rig.channel.clone().with_baggage(["user.id".to_owned()]);
    assert_eq!(fields(&channel), baggage("tenant=t-1;p=1,user.id=u-7"));
}
