//! A library's span, and an HTTP layer within it: one call, one span.

use genspan_http::{Recorder, RecorderOptions, reqwest_0_13::Recorded};
use testkit::suite::{Case, Stage};
use tracing::{Instrument, field::Empty, info_span};

use crate::wait;

/// Calls within a span that says no more than that there is a call.
async fn ask(stage: &Stage, recorder: &Recorder) {
    let client = Recorded::new(reqwest_0_13::Client::new(), recorder.clone());
    let body = serde_json::json!({
        "model": "gpt-4o-mini",
        "stream": stage.case.is_streamed(),
        "messages": [{"role": "user", "content": stage.case.prompt()}],
    });
    let span = info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = Empty,
        gen_ai.request.model = Empty,
        gen_ai.usage.input_tokens = Empty
    );
    let asked = async {
        let url = format!("{}/chat/completions", stage.provider.url());
        let request = client.post(url).body(body.to_string());
        let mut response = request.send().await.unwrap();
        if stage.case == Case::Cancelled {
            response.chunk().await.unwrap();
        } else {
            response.bytes().await.unwrap();
        }
    };
    // A plain span between the two is no obstacle.
    let between = info_span!("attempt");
    asked.instrument(between).instrument(span).await;
}

#[test]
fn what_a_library_does_not_tell_the_traffic_does() {
    for case in [Case::Whole, Case::Streamed, Case::Refused, Case::Cancelled] {
        let stage = Stage::new(case, false);
        let recorder = Recorder::new(stage.telemetry.clone(), RecorderOptions::default());
        wait(&stage.telemetry, ask(&stage, &recorder));
        assert!(recorder.settle(std::time::Duration::from_secs(30)));
        let spans = stage.spans();
        let [call] = &spans[..] else {
            panic!("{case:?}: {}", testkit::tree(&spans))
        };
        assert_eq!(call.signals.name, "chat gpt-4o-mini", "{case:?}");
        let get = |key: &str| call.signals.get(key).map(|value| value.to_json());
        let error = get("error.type");
        let expected = match case {
            Case::Refused => Some("\"invalid_request\""),
            Case::Cancelled => Some("\"cancelled\""),
            _ => None,
        };
        assert_eq!(error.as_deref(), expected, "{case:?}");
        assert_eq!(
            get("gen_ai.provider.name").as_deref(),
            Some("\"openai\""),
            "{case:?}"
        );
        let has_tokens = get("gen_ai.usage.input_tokens").is_some();
        assert_eq!(has_tokens, case == Case::Whole, "{case:?}");
    }
}
