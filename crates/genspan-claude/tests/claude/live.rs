//! Messages as they come, each with the moment at which it came.

use std::collections::BTreeMap;

use genspan::{
    ErrorType, Failure, Inference, Outcome, Provider, Timestamp, ToolType, Usage, Value,
};
use genspan_claude::{End, Exact, ExactCall, Moment, Options, Session};

use crate::{
    fixtures::fixture,
    scene::{Scene, attribute, check, sketch},
};

fn at(millis: u64) -> Moment {
    Moment::stated(Timestamp::from_unix_nanos(
        1_795_220_000_000_000_000 + millis * 1_000_000,
    ))
}

/// Feeds the lines of a fixture, one each hundred milliseconds from the first on.
fn feed(session: &mut Session, name: &'static str, lines: usize) {
    for (nth, line) in fixture(name).text.lines().take(lines).enumerate() {
        if let Ok(message) = Value::from_json(line) {
            session.message(&message, at(100 + 100 * nth as u64));
        }
    }
}

#[test]
fn calls_and_tools_have_the_times_at_which_they_were_seen() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    session.begin(Some("Count"), at(0));
    feed(&mut session, "everything", usize::MAX);
    assert!(!session.is_running());
    let tally = session.finish(End::Cut, at(9_000));
    check(&scene.spans());
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..2300 in=3960 cached=3000 written=900 out=210 end=["end_turn"] cost=0.0123 turns=3
          chat claude-sonnet-5 200..800 in=1320 cached=1000 written=300 derived=["start"]
          execute_tool Read 600..1000 type="function"
          execute_tool mcp__github__search 700..1100 type="extension"
          execute_tool Bash 800..900 type="function" error="permission_denied"
          chat claude-sonnet-5 1100..1400 in=1320 cached=1000 written=300 attempts=2 derived=["start"]
          execute_tool Task 1400..1900 type="function"
            invoke_agent Explore 1500..1900 in=14 cached=0 written=0
              chat claude-haiku-5 1500..1600 in=5 cached=0 written=0 derived=["start"]
              execute_tool Bash 1600..1700 type="function"
              chat claude-haiku-5 1700..1800 in=9 cached=0 written=0 derived=["start"]
          chat claude-sonnet-5 2000..2200 in=1320 cached=1000 written=300 derived=["start"]
        "#);
    assert_eq!((tally.calls, tally.tools, tally.sub_agents), (5, 5, 1));
}

#[test]
fn pieces_give_the_times_of_the_stream() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    feed(&mut session, "pieces", usize::MAX);
    drop(session);
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..1000 in=40 cached=10 written=0 out=17 end=["end_turn"] cost=0.001 turns=1 derived=["start"]
          chat claude-sonnet-5 100..900 in=40 cached=10 written=0 out=17 end=["end_turn"]
        "#);
    let chat = &scene.spans()[0];
    assert_eq!(
        attribute(chat, "gen_ai.response.time_to_first_chunk").as_deref(),
        Some("0.12")
    );
}

#[test]
fn a_tool_is_linked_with_the_call_that_asked_for_it() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    feed(&mut session, "cut", usize::MAX);
    let asked_by = session.span_of_call("msg_x").unwrap().span_id;
    drop(session);
    let starts = scene.sink.starts();
    let tool = starts
        .iter()
        .find(|start| start.name == "execute_tool Bash")
        .unwrap();
    assert_eq!(tool.links.len(), 1);
    assert_eq!(tool.links[0].span_id, asked_by);
}

#[test]
fn a_query_of_which_nothing_came_is_cancelled() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    session.begin(Some("Hello?"), at(0));
    drop(session);
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"invoke_agent claude-code 0..0 error="cancelled""#);
    assert_eq!(
        attribute(&scene.spans()[0], "gen_ai.request.model").as_deref(),
        Some("\"unknown\"")
    );
    // Nothing began here, so nothing ends.
    drop(Session::new(&scene.telemetry, Options::default()));
    assert_eq!(scene.spans().len(), 1);
}

#[test]
fn wherever_the_stream_is_dropped_all_spans_end_and_those_within_first() {
    let lines = fixture("everything").text.lines().count();
    for name in ["everything", "pieces"] {
        for cut in 0..=lines {
            let scene = Scene::new();
            let mut session = Session::new(&scene.telemetry, Options::default());
            session.begin(None, at(0));
            feed(&mut session, name, cut);
            drop(session);
            let spans = scene.spans();
            assert_eq!(spans.len(), scene.sink.starts().len(), "{name} {cut}");
            let place: BTreeMap<_, _> = spans
                .iter()
                .enumerate()
                .map(|(at, span)| (span.context.span_id.0, at))
                .collect();
            for (at, span) in spans.iter().enumerate() {
                if let Some(parent) = &span.parent {
                    assert!(place[&parent.span_id.0] > at, "{name} {cut}");
                }
            }
            check(&spans);
        }
    }
}

#[test]
fn what_was_said_before_the_drop_is_kept() {
    let scene = Scene::with_content();
    let mut session = Session::new(&scene.telemetry, Options::default());
    feed(&mut session, "pieces", 5);
    drop(session);
    let chat = &scene.spans()[0];
    assert_eq!(
        attribute(chat, "error.type").as_deref(),
        Some("\"cancelled\"")
    );
    assert_eq!(
        attribute(chat, "gen_ai.output.messages").as_deref(),
        Some(
            r#"[{"role":"assistant","parts":[{"type":"text","content":"It is "}],"finish_reason":"error"}]"#
        )
    );
}

#[test]
fn an_error_of_the_stream_is_the_runs_once() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    feed(&mut session, "everything", 6);
    let failure = Failure::new(ErrorType::ConnectionLost);
    session.finish(End::Failed(failure), at(2_000));
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..1800 in=1320 cached=1000 written=300 error="connection_lost" derived=["start"]
          chat claude-sonnet-5 0..400 in=1320 cached=1000 written=300 derived=["start"]
          execute_tool Read 400..1800 type="function" error="cancelled"
        "#);
}

#[test]
fn options_are_heeded() {
    let scene = Scene::with_content();
    let options = Options::default()
        .with_agent_name("reviewer")
        .with_model("claude-opus-5")
        .with_provider(Provider::AWS_BEDROCK)
        .with_tool_type("mcp__github__search", ToolType::Datastore)
        .without_inputs()
        .without_outputs();
    let mut session = Session::new(&scene.telemetry, options);
    session.begin(Some("Count the words."), at(0));
    feed(&mut session, "everything", usize::MAX);
    drop(session);
    let spans = scene.spans();
    let all = format!("{spans:?}");
    assert!(all.contains("invoke_agent reviewer"));
    for content in [
        "Count the words",
        "Posts first",
        "rm -r",
        "3 issues",
        "Two words",
        "definitions",
    ] {
        assert!(!all.contains(content), "{content}");
    }
    let tool = spans
        .iter()
        .find(|span| span.signals.name.ends_with("search"));
    assert_eq!(
        attribute(tool.unwrap(), "gen_ai.tool.type").as_deref(),
        Some("\"datastore\"")
    );
    assert!(spans.iter().all(|span| {
        attribute(span, "gen_ai.provider.name").is_none_or(|it| it == "\"aws.bedrock\"")
    }));
}

#[test]
fn inputs_and_outputs_are_apart() {
    for (options, is_there, is_not) in [
        (
            Options::default().without_inputs(),
            "Posts first",
            "rm -r drafts\\\"}}",
        ),
        (
            Options::default().without_outputs(),
            "3 issues",
            "Posts first",
        ),
    ] {
        let scene = Scene::with_content();
        let mut session = Session::new(&scene.telemetry, options);
        feed(&mut session, "everything", usize::MAX);
        drop(session);
        let all = format!("{:?}", scene.spans());
        assert!(all.contains(is_there), "{is_there}");
        assert!(!all.contains(is_not), "{is_not}");
    }
}

/// Knows of one call what its traffic says.
struct Wire;

impl Exact for Wire {
    fn began(&mut self, message_id: &str) -> Option<Timestamp> {
        (message_id == "msg_x").then(|| at(120).at)
    }

    fn take(&mut self, message_id: &str) -> Option<ExactCall> {
        if message_id != "msg_x" {
            return None;
        }
        let mut record = Inference::chat(Provider::ANTHROPIC, "claude-sonnet-5");
        let counts = genspan::Counts {
            input: Some(1320),
            output: Some(77),
            ..genspan::Counts::default()
        };
        record.usage = Usage::inclusive(counts).0;
        record.response.id = Some(message_id.to_owned());
        record.response.finish_reasons = vec!["tool_use".to_owned()];
        Some(ExactCall {
            record,
            outcome: Outcome::Completed,
            ended: at(290).at,
        })
    }
}

#[test]
fn who_sees_a_call_itself_tells_its_times_and_tokens() {
    let scene = Scene::new();
    let wire = Box::new(Wire);
    let mut session = Session::with_exact(&scene.telemetry, Options::default(), wire);
    feed(&mut session, "cut", usize::MAX);
    let sub = session.scope_of(None).cloned();
    session.finish(End::Cut, at(1_000));
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"
        invoke_agent claude-code 0..900 in=2640 cached=1000 written=300 end=["tool_use"] error="truncated" derived=["start"]
          chat claude-sonnet-5 20..190 in=1320 out=77 end=["tool_use"]
          execute_tool Bash 200..300 type="function"
          chat claude-sonnet-5 300..400 in=1320 cached=1000 written=300 derived=["start"]
          execute_tool Bash 400..900 type="function" error="cancelled"
        "#);
    assert!(sub.is_some_and(|scope| scope.context().is_some()));
}

#[test]
fn a_call_that_is_recorded_elsewhere_is_told_once() {
    let scene = Scene::new();
    let mut session = Session::new(&scene.telemetry, Options::default());
    let mut say = |text: &str, id: Option<&str>| {
        let line = Value::from_json(text).unwrap();
        session.message(&line, at(100));
        let span = session.scope_of(None).and_then(|it| it.context()).cloned();
        if let (Some(id), Some(span)) = (id, span) {
            session.call_recorded(id, span);
        }
    };
    say(
        r#"{"type":"system","subtype":"init","session_id":"s","model":"m"}"#,
        Some("msg_a"),
    );
    for id in ["msg_a", "msg_b"] {
        let message = format!(
            r#"{{"id":"{id}","role":"assistant","content":[{{"type":"tool_use","id":"t_{id}","name":"Bash","input":{{}}}}]}}"#
        );
        say(
            &format!(r#"{{"type":"assistant","message":{message}}}"#),
            None,
        );
    }
    session.finish(End::Complete, at(200));
    let names: Vec<_> = scene
        .spans()
        .iter()
        .map(|span| span.signals.name.clone())
        .collect();
    let count = |name: &str| names.iter().filter(|it| it.starts_with(name)).count();
    assert_eq!((count("chat"), count("execute_tool")), (1, 2), "{names:?}");
}
