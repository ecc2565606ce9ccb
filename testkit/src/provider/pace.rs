//! How a scenario lets an answer's chunks go out.

use std::time::Duration;

use bytes::Bytes;

use super::scenario::Scenario;
use super::script::Step;

/// The shortest step of a whole answer that is not sent at once.
const PART: usize = 256;

/// The steps of a streamed answer. `ping` keeps the connection alive, `error` ends a stream that fails.
pub(super) fn streamed<E: Into<Bytes> + Clone>(
    scenario: Scenario,
    mut events: Vec<E>,
    ping: &E,
    error: E,
) -> Vec<Step> {
    match scenario {
        Scenario::ErrorMidstream(k) => {
            events.truncate(k);
            events.push(error);
        }
        Scenario::NoDone => drop(events.pop()),
        Scenario::Pings => {
            events = events
                .into_iter()
                .flat_map(|event| [event, ping.clone()])
                .collect()
        }
        Scenario::CutMidstream(k) => events.truncate(k),
        Scenario::CutBeforeLast => drop(events.pop()),
        _ => {}
    }
    paced(scenario, events.into_iter().map(Into::into).collect())
}

/// The steps of a whole answer.
pub(super) fn whole(scenario: Scenario, body: &Bytes) -> Vec<Step> {
    let keep = match scenario {
        Scenario::CutMidstream(_) => body.len() / 2,
        Scenario::CutBeforeLast => body.len().saturating_sub(1),
        _ => body.len(),
    };
    let body = body.slice(..keep);
    let parts = match scenario {
        Scenario::Slow(_) => body.chunks(PART).map(|part| body.slice_ref(part)).collect(),
        _ => vec![body],
    };
    paced(scenario, parts)
}

fn paced(scenario: Scenario, chunks: Vec<Bytes>) -> Vec<Step> {
    let mut steps: Vec<Step> = match scenario {
        Scenario::OneByte => chunks
            .iter()
            .flat_map(|chunk| chunk.chunks(1).map(|byte| chunk.slice_ref(byte)))
            .flat_map(flushed)
            .collect(),
        Scenario::Slow(ms) => chunks
            .into_iter()
            .flat_map(|chunk| {
                [
                    Step::Pause(Duration::from_millis(ms.into())),
                    Step::Bytes(chunk),
                ]
            })
            .collect(),
        _ => chunks.into_iter().flat_map(flushed).collect(),
    };
    if matches!(
        scenario,
        Scenario::CutMidstream(_) | Scenario::CutBeforeLast
    ) {
        steps.push(Step::Cut);
    }
    steps
}

fn flushed(bytes: Bytes) -> [Step; 2] {
    [Step::Bytes(bytes), Step::Flush]
}
