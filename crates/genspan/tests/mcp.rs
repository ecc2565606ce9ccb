//! MCP messages and sessions: one span and one duration each, whatever way they end.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use genspan::{
    Active, Amount, Capture, Carrier, Conventions, ErrorType, Failure, McpConnection, McpOperation,
    McpSession, McpSide, McpTarget, Measurement, NetworkTransport, Outline, Place, Record,
    Rendering, Server, Telemetry, ToolExecution, Value,
    semconv::{Metric, attribute as key, value::mcp_method_name as method},
};
use testkit::{CaptureSink, ManualClock};

const LONG: Duration = Duration::from_secs(10);

struct Rig {
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
}

impl Rig {
    fn new(rendering: Rendering) -> Self {
        let sink = CaptureSink::new(rendering);
        let clock = ManualClock::default().stepping(Duration::from_millis(10));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::new(clock))
            .build();
        Self { sink, telemetry }
    }

    fn of(conventions: Conventions) -> Self {
        Self::new(Rendering::new(conventions))
    }

    fn with_content(conventions: Conventions) -> Self {
        Self::new(Rendering::new(conventions).with_capture(Capture::at(Place::Span)))
    }

    /// Shows the spans and what was measured.
    fn shown(&self) -> String {
        assert!(self.telemetry.shutdown(LONG).is_complete());
        let mut text = testkit::tree(&self.sink.spans());
        for point in self.sink.measurements() {
            writeln!(text, "{}", line(&point)).unwrap();
        }
        text
    }
}

fn line(point: &Measurement) -> String {
    let Amount::Time(time) = point.amount else {
        return format!("{} {:?}", point.metric.name(), point.labels);
    };
    format!("{} {time:?} {:?}", point.metric.name(), point.labels)
}

fn stdio() -> McpConnection {
    McpConnection {
        protocol_version: Some("2025-06-18".to_owned()),
        server_name: Some("files".to_owned()),
        ..McpConnection::over(NetworkTransport::Pipe)
    }
}

fn http() -> McpConnection {
    McpConnection {
        session_id: Some("s-1".to_owned()),
        network_protocol: Some("http".into()),
        network_protocol_version: Some("1.1".to_owned()),
        peer: Some(Server::new("mcp.example.com", Some(443))),
        jsonrpc_version: Some("2.0".to_owned()),
        ..McpConnection {
            transport: Some(NetworkTransport::Tcp),
            ..stdio()
        }
    }
}

fn read_file() -> Option<McpTarget> {
    Some(McpTarget::Tool("read_file".to_owned()))
}

/// Sends and receives one message of each sort.
fn exchange(telemetry: &Telemetry) {
    let mut call = telemetry.mcp_client(method::TOOLS_CALL, read_file());
    call.request_id = Some("1".to_owned());
    call.connection = http();
    call.arguments = Value::Map(vec![
        ("path".to_owned(), Value::from("a.txt")),
        ("password".to_owned(), Value::from("hunter2")),
    ]);
    call.result = Value::from("said");
    call.scope().run(|| {
        let mut served = telemetry.mcp_server(method::TOOLS_CALL, read_file());
        served.request_id = Some("1".to_owned());
        served.connection = stdio();
        served.connection.peer = Some(Server::new("10.0.0.7", Some(50_000)));
        served.finish();
    });
    call.finish();

    let prompt = McpTarget::Prompt("greet".to_owned());
    let mut asked = telemetry.mcp_client(method::PROMPTS_GET, Some(prompt));
    asked.connection = stdio();
    asked.connection.jsonrpc_version = Some("3.0".to_owned());
    asked.arguments = Value::Map(vec![("name".to_owned(), Value::from("Ada"))]);
    asked.finish();

    let file = McpTarget::Resource("file:///a.txt".to_owned());
    let mut read = telemetry.mcp_client(method::RESOURCES_READ, Some(file));
    read.connection = stdio();
    let ended = read.answered_with_error(-32002, "no such file");
    read.end_as(ended);

    let mut told = telemetry.mcp_server(method::NOTIFICATIONS_INITIALIZED, None);
    told.connection = stdio();
    told.finish();
}

#[test]
fn messages_as_the_conventions_have_them() {
    for (conventions, name) in [(Conventions::V1_41, "v1_41"), (Conventions::Main, "main")] {
        let rig = Rig::with_content(conventions);
        exchange(&rig.telemetry);
        insta::assert_snapshot!(format!("messages_in_{name}"), rig.shown());
    }
}

#[test]
fn a_version_without_mcp_has_it_from_the_next() {
    let [oldest, next] = [Conventions::V1_36, Conventions::V1_41].map(|conventions| {
        let rig = Rig::with_content(conventions);
        exchange(&rig.telemetry);
        let shown = rig.shown();
        assert_eq!(rig.sink.spans()[0].signals.conventions, Conventions::V1_41);
        shown
    });
    assert_eq!(oldest, next);
}

#[test]
fn content_is_asked_for() {
    let rig = Rig::of(Conventions::Main);
    exchange(&rig.telemetry);
    let shown = rig.shown();
    for said in ["a.txt\"}", "hunter2", "said", "Ada", "no such file"] {
        assert!(!shown.contains(said), "{said}\n{shown}");
    }
}

#[test]
fn errors_are_whose_fault_they_are() {
    let types = |side| {
        [-32700, -32600, -32601, -32602, -32603, -32002, -32000, 7].map(|code| {
            let mut message = McpOperation::new(side, method::TOOLS_CALL);
            let outcome = message.answered_with_error(code, "text");
            assert_eq!(message.error_code, Some(code));
            outcome.error_type().map(ToString::to_string)
        })
    };
    assert!(types(McpSide::Client).iter().all(Option::is_some));
    let own = ["-32603", "-32000", "7"].map(|code| Some(code.to_owned()));
    let [.., internal, unknown, implementation, other] = types(McpSide::Server);
    assert_eq!([internal, implementation, other], own);
    assert_eq!(unknown, None);
    assert_eq!(
        types(McpSide::Server).iter().flatten().count(),
        3,
        "the others are the client's"
    );
}

#[test]
fn what_a_client_makes_up_is_no_label() {
    let rig = Rig::of(Conventions::V1_41);
    let made_up = Some(McpTarget::Tool("x1".to_owned()));
    let mut call = rig.telemetry.mcp_server(method::TOOLS_CALL, made_up);
    call.connection = stdio();
    let ended = call.answered_with_error(-32602, "no such tool");
    call.end_as(ended);
    rig.telemetry.mcp_server("x2/x3", None).finish();
    insta::assert_snapshot!(rig.shown(), @r#"
    tools/call x1 [Server] 10ms
      gen_ai.operation.name = "execute_tool"
      mcp.method.name = "tools/call"
      gen_ai.tool.name = "x1"
      rpc.response.status_code = "-32602"
      mcp.protocol.version = "2025-06-18"
      network.transport = "pipe"
      genspan.mcp.server.name = "files"
    x2/x3 [Server] 10ms
      mcp.method.name = "x2/x3"
    mcp.server.operation.duration 10ms {"gen_ai.operation.name": Text("execute_tool"), "gen_ai.tool.name": Text("_OTHER"), "mcp.method.name": Text("tools/call"), "mcp.protocol.version": Text("2025-06-18"), "network.transport": Text("pipe"), "rpc.response.status_code": Text("-32602")}
    mcp.server.operation.duration 10ms {"mcp.method.name": Text("_OTHER")}
    "#);
}

#[test]
fn what_a_server_makes_up_is_no_label() {
    let labels = [-32603, -32050, 7, -32602].map(|code| {
        let rig = Rig::of(Conventions::V1_41);
        let mut call = rig.telemetry.mcp_client(method::TOOLS_CALL, read_file());
        let ended = call.answered_with_error(code, "no");
        call.end_as(ended);
        assert!(rig.telemetry.shutdown(LONG).is_complete());
        let said = rig.sink.spans()[0].signals.get(key::ERROR_TYPE).cloned();
        assert_eq!(said, Some(code.to_string().into()), "the span says it all");
        let code = key::RPC_RESPONSE_STATUS_CODE;
        [code, key::ERROR_TYPE, key::GEN_AI_TOOL_NAME]
            .map(|key| format!("{:?}", rig.sink.measurements()[0].labels.get(key)))
            .map(|label| label.replace("Some(Text(\"", "").replace("\"))", ""))
            .join(" ")
    });
    assert_eq!(labels[0], "-32603 -32603 read_file");
    assert_eq!(labels[1], "-32000 -32000 read_file");
    assert_eq!(labels[2], "_OTHER _OTHER read_file");
    assert_eq!(labels[3], "-32602 -32602 _OTHER");
}

type End<R> = fn(&Telemetry, Active<R>);

fn panics<R: genspan::Operation>(_: &Telemetry, held: Active<R>) {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _held = held;
        panic!("the application's own");
    }));
    assert!(caught.is_err());
}

fn at_shutdown<R: genspan::Operation>(telemetry: &Telemetry, held: Active<R>) {
    drop(telemetry.shutdown(LONG));
    held.finish();
}

/// Lists every way in which an operation ends, and what that is.
fn endings<R: genspan::Operation>() -> [(End<R>, Option<&'static str>); 5] {
    [
        (|_, held| held.finish(), None),
        (
            |_, held| held.fail(Failure::new(ErrorType::Timeout)),
            Some("timeout"),
        ),
        (|_, held| drop(held), Some("cancelled")),
        (panics, Some("cancelled")),
        (at_shutdown, Some("cancelled")),
    ]
}

/// Gives the label of the only point of a metric.
fn only_point(rig: &Rig, metric: Metric) -> Option<String> {
    assert!(rig.telemetry.shutdown(LONG).is_complete());
    let points = rig.sink.measurements();
    let points: Vec<_> = points.iter().filter(|it| it.metric == metric).collect();
    assert_eq!(points.len(), 1, "one duration point");
    points[0].labels.get(key::ERROR_TYPE).map(|label| {
        let genspan::Label::Text(text) = label else {
            panic!("{label:?}")
        };
        text.to_string()
    })
}

#[test]
fn every_ending_of_a_message_is_one_span_and_one_point() {
    for (end, error_type) in endings::<McpOperation>() {
        let rig = Rig::of(Conventions::V1_41);
        end(&rig.telemetry, rig.telemetry.mcp_client(method::PING, None));
        let point = only_point(&rig, Metric::McpClientOperationDuration);
        assert_eq!(point.as_deref(), error_type);
        let spans = rig.sink.spans();
        assert_eq!(spans.len(), 1, "one span");
        let said = spans[0].signals.get(key::ERROR_TYPE);
        assert_eq!(said.and_then(Value::as_str), error_type);
    }
}

#[test]
fn every_ending_of_a_session_is_one_point_and_no_span() {
    for (end, error_type) in endings::<McpSession>() {
        for (side, metric) in [
            (McpSide::Client, Metric::McpClientSessionDuration),
            (McpSide::Server, Metric::McpServerSessionDuration),
        ] {
            let rig = Rig::of(Conventions::V1_41);
            let session = rig.telemetry.mcp_session(side, stdio());
            end(&rig.telemetry, session);
            assert_eq!(only_point(&rig, metric).as_deref(), error_type);
            assert!(rig.sink.spans().is_empty() && rig.sink.starts().is_empty());
        }
    }
}

#[test]
fn every_ending_within_the_tools_run_is_the_tools_span_and_one_point() {
    for (end, error_type) in endings::<McpOperation>() {
        let rig = Rig::of(Conventions::V1_41);
        let tool = rig.telemetry.execute_tool("read_file");
        let mut call = tool
            .scope()
            .run(|| rig.telemetry.mcp_client(method::TOOLS_CALL, read_file()));
        call.connection = stdio();
        end(&rig.telemetry, call);
        tool.finish();
        let point = only_point(&rig, Metric::McpClientOperationDuration);
        assert_eq!(point.as_deref(), error_type);
        let spans = rig.sink.spans();
        assert_eq!(spans.len(), 1, "one span");
        assert_eq!(spans[0].signals.name, "execute_tool read_file");
        let told = spans[0].signals.get(key::MCP_METHOD_NAME);
        assert_eq!(told.and_then(Value::as_str), Some(method::TOOLS_CALL));
    }
}

#[test]
fn a_tool_that_is_run_by_a_request_is_one_span() {
    let rig = Rig::with_content(Conventions::V1_41);
    let agent = rig.telemetry.invoke_agent("clerk");
    let tool = agent
        .scope()
        .run(|| rig.telemetry.execute_tool("mcp__files__read_file"));
    tool.scope().run(|| {
        let attempt = |telemetry: &Telemetry| {
            let mut call = telemetry.mcp_client(method::TOOLS_CALL, read_file());
            call.request_id = Some("4".to_owned());
            call.connection = http();
            call
        };
        attempt(&rig.telemetry).fail(Failure::new(ErrorType::Timeout));
        let mut call = attempt(&rig.telemetry);
        call.arguments = Value::Map(vec![("path".to_owned(), Value::from("a.txt"))]);
        call.result = Value::from("said");
        assert_eq!(call.context(), tool.context(), "the server stands under it");
        call.finish();
        // What is about something else is a message of its own, and so is another call.
        rig.telemetry.mcp_client(method::TOOLS_LIST, None).finish();
        attempt(&rig.telemetry).finish();
    });
    tool.finish();
    agent.finish();
    insta::assert_snapshot!("a_tool_that_is_run_by_a_request", rig.shown());
}

#[test]
fn a_version_without_mcp_says_nothing_of_it_on_its_own_spans() {
    let rig = Rig::of(Conventions::V1_36);
    let tool = rig.telemetry.execute_tool("read_file");
    tool.scope().run(|| {
        let call = rig.telemetry.mcp_client(method::TOOLS_CALL, read_file());
        call.finish();
    });
    tool.finish();
    assert!(!rig.shown().contains("mcp.method.name ="));
    let points = rig.sink.measurements();
    assert!(
        points
            .iter()
            .any(|it| it.metric == Metric::McpClientOperationDuration)
    );
}

#[test]
fn a_request_without_a_tools_span_is_a_tool_call_of_the_agents() {
    let rig = Rig::of(Conventions::V1_41);
    let agent = rig.telemetry.invoke_agent("clerk");
    agent.scope().run(|| {
        rig.telemetry
            .mcp_client(method::TOOLS_CALL, read_file())
            .finish();
        rig.telemetry.mcp_client(method::TOOLS_LIST, None).finish();
        let session = rig.telemetry.mcp_session(McpSide::Client, stdio());
        session.finish();
    });
    agent.finish();
    assert!(rig.telemetry.shutdown(LONG).is_complete());
    let calls = rig.sink.measurements();
    let mut calls = calls
        .iter()
        .filter(|point| point.metric == Metric::InvokeAgentToolCalls);
    assert_eq!(
        calls.next().map(|point| point.amount),
        Some(Amount::Count(1))
    );
}

#[test]
fn context_goes_with_a_message_and_comes_back() {
    let (here, there) = (Rig::of(Conventions::V1_41), Rig::of(Conventions::V1_41));
    let allowed = ["user.id", key::GEN_AI_CONVERSATION_ID];
    let agent = here.telemetry.invoke_agent("clerk");
    let scope = agent.scope();
    let scope = scope
        .with_conversation_id("c-7")
        .with_attribute("user.id", "u, 1")
        .with_attribute("secret", "s");
    let call = scope.run(|| here.telemetry.mcp_client(method::TOOLS_CALL, read_file()));
    let carrier = Carrier::of_scope(&call.scope(), &allowed).unwrap();
    let fields: Vec<_> = carrier.into_fields().collect();
    insta::assert_debug_snapshot!(fields, @r#"
    [
        (
            "traceparent",
            "00-00000000000000000000000000000001-0000000000000002-01",
        ),
        (
            "baggage",
            "user.id=u%2C%201,gen_ai.conversation.id=c-7",
        ),
    ]
    "#);

    let find = |name| {
        let mut fields = fields.iter();
        fields
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    };
    let come = Carrier::from_fields(find)
        .scope(&there.telemetry, &allowed)
        .unwrap();
    let served = come.run(|| there.telemetry.mcp_server(method::TOOLS_CALL, read_file()));
    assert_eq!(served.parent().as_ref(), Some(call.context()));
    served
        .scope()
        .run(|| there.telemetry.invoke_agent("other").finish());
    served.finish();
    assert!(there.telemetry.shutdown(LONG).is_complete());
    let other = &there.sink.spans()[0].signals;
    assert_eq!(
        other.get(key::GEN_AI_CONVERSATION_ID),
        Some(&Value::from("c-7"))
    );
    assert_eq!(other.get("user.id"), Some(&Value::from("u, 1")));
    assert_eq!(other.get("secret"), None);

    assert_eq!(
        Carrier::of_scope(&Telemetry::disabled().scope(), &allowed),
        None
    );
    assert!(
        Carrier::default()
            .scope(&there.telemetry, &allowed)
            .is_none()
    );
    call.finish();
    agent.finish();
}

#[test]
fn an_operation_is_found_by_its_span_and_by_what_it_is() {
    let rig = Rig::of(Conventions::V1_41);
    let call = |name: &str| -> Outline {
        let target = McpTarget::Tool(name.to_owned());
        let request = McpOperation::new(McpSide::Client, method::TOOLS_CALL).with_target(target);
        Record::Mcp(Box::new(request)).into()
    };
    let tool = rig.telemetry.execute_tool("read_file");
    let other = rig.telemetry.execute_tool("write_file");
    let found = |outline: &Outline| {
        let scope = rig.telemetry.scope_of_same(outline)?;
        scope.context().cloned()
    };
    assert_eq!(found(&call("read_file")).as_ref(), Some(tool.context()));
    assert_eq!(found(&call("delete_file")), None);
    let twin = rig.telemetry.execute_tool("read_file");
    assert_eq!(found(&call("read_file")), None, "either may be meant");
    drop(twin);
    let scope = rig.telemetry.scope_of(tool.context()).unwrap();
    let request = scope.run(|| rig.telemetry.mcp_client(method::TOOLS_CALL, read_file()));
    assert_eq!(found(&call("read_file")), None, "it has its request");
    request.finish();
    let context = tool.context().clone();
    tool.finish();
    assert!(rig.telemetry.scope_of(&context).is_none());
    other.finish();
    let outline = Record::ToolExecution(Box::new(ToolExecution::new("read_file"))).into();
    assert!(Telemetry::disabled().scope_of_same(&outline).is_none());
}
