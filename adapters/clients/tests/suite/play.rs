//! An agent, whatever its client.

use std::time::Duration;

use genspan::{Conventions, ErrorType, Failure, Rendering, Telemetry, Value};
use genspan_http::proxy::Detour;
use testkit::{
    CaptureSink,
    provider::{Provider, Script},
    suite::{AGENT, Case, RESULT, Stage, TOOL, Unknown, arguments},
};

/// What became of a question.
pub(crate) enum Answer {
    /// The model calls the tool, by an id if it has one.
    Calls(Option<String>, serde_json::Value),
    Says(String),
    Refused,
    /// The client dropped the stream after its first piece.
    Dropped,
}

/// A client and what was said by it.
pub(crate) trait Talk: Sized {
    /// Where below the provider the client's base URL leads.
    const PATH: &'static str;

    /// Begins a conversation.
    fn new(url: &str, case: Case, prompt: &str) -> Self;

    /// Asks for the next answer.
    async fn ask(&mut self) -> Answer;

    /// Says what the tool gave.
    fn tell(&mut self, result: &str);
}

/// Waits until the proxy has seen the end of what the client has seen.
pub(crate) fn settle(detour: &Detour) {
    assert!(detour.settle(Duration::from_secs(30)));
}

/// Plays every case, with content and without.
pub(crate) async fn check<T: Talk>(unknown: &[Unknown]) {
    for case in Case::ALL {
        for has_content in [true, false] {
            let stage = Stage::new(case, has_content);
            let detour = Detour::shared(&stage.telemetry).unwrap();
            play::<T>(&stage, &detour).await;
            settle(&detour);
            stage.check(unknown);
        }
    }
}

/// Plays a case, as a program without a framework does it.
pub(crate) async fn play<T: Talk>(stage: &Stage, detour: &Detour) {
    let agent = stage.telemetry.invoke_agent(AGENT);
    let base = format!("{}{}", stage.provider.url(), T::PATH);
    let url = detour.url_within(&base, &agent.scope()).unwrap();
    let mut talk = T::new(url.as_ref(), stage.case, &stage.case.prompt());
    loop {
        match talk.ask().await {
            Answer::Calls(id, given) => {
                assert_eq!(given, arguments());
                let mut tool = agent.scope().run(|| stage.telemetry.execute_tool(TOOL));
                tool.call_id = id;
                tool.arguments = Value::from_json(&given.to_string()).unwrap();
                tool.result = RESULT.into();
                tool.finish();
                talk.tell(RESULT);
            }
            Answer::Says(_) => return agent.finish(),
            Answer::Refused => return agent.fail(Failure::new(ErrorType::from_http_status(400))),
            Answer::Dropped => {
                // The proxy is as far as the provider sees it gone.
                assert!(stage.provider.disconnected(0).await);
                return drop(agent);
            }
        }
    }
}

/// Asks once in the scripted way without any span around, and draws all that is recorded of it.
pub(crate) async fn drawn<T: Talk>(scenario: &str, is_streamed: bool) -> String {
    let case = if is_streamed {
        Case::Streamed
    } else {
        Case::Whole
    };
    let stage = Stage::new(case, true);
    let detour = Detour::shared(&stage.telemetry).unwrap();
    let base = format!("{}{}", stage.provider.url(), T::PATH);
    let url = detour.url(&base).unwrap();
    let prompt = format!("Why? scripted:{scenario}");
    T::new(url.as_ref(), case, &prompt).ask().await;
    let port = stage.provider.addr().port().to_string();
    settle(&detour);
    let spans = stage.spans();
    assert_eq!(spans.len(), 1, "{}", testkit::tree(&spans));
    times_away(&testkit::tree(&spans).replace(&port, "PORT"))
}

/// Puts a placeholder for what differs from run to run.
fn times_away(tree: &str) -> String {
    let lines = tree.lines().map(|line| {
        if let Some((name, _)) = line.split_once("time_to_first_chunk = ") {
            return format!("{name}time_to_first_chunk = TIME\n");
        }
        let Some((name, rest)) = line.split_once(" [Client] ") else {
            return format!("{line}\n");
        };
        let (_, status) = rest.split_once(' ').unwrap_or_default();
        format!("{name} [Client] TIME {status}\n")
    });
    lines.collect()
}

/// Says what the client gets of an answer, with the proxy between or without.
pub(crate) async fn said<T: Talk>(
    is_led: bool,
    scenario: &str,
    is_streamed: bool,
) -> Option<String> {
    let case = if is_streamed {
        Case::Streamed
    } else {
        Case::Whole
    };
    let provider = Provider::start(Script::scenarios()).unwrap();
    let base = format!("{}{}", provider.url(), T::PATH);
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(sink).build();
    let detour = Detour::start(&telemetry).unwrap();
    let led = detour.url(&base).unwrap();
    let url = if is_led { led.as_ref() } else { &base };
    let mut talk = T::new(url, case, &format!("Why? scripted:{scenario}"));
    match talk.ask().await {
        Answer::Says(text) => Some(text),
        Answer::Calls(..) | Answer::Refused | Answer::Dropped => None,
    }
}

/// Holds what the client gets through the proxy to what it gets without.
pub(crate) async fn sees_no_difference<T: Talk>() {
    for scenario in ["text", "one-byte", "error-429", "cut-midstream:2"] {
        for is_streamed in [false, true] {
            let [led, bare] = [
                said::<T>(true, scenario, is_streamed).await,
                said::<T>(false, scenario, is_streamed).await,
            ];
            assert_eq!(led, bare, "{scenario}, streamed: {is_streamed}");
        }
    }
}
