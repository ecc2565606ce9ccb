//! What `serve` acknowledged is there after a kill -9, once.

use std::{collections::BTreeMap, fmt::Write, sync::mpsc, thread};

use crate::scene::Scene;
use crate::serving::{Connection, Serving};

/// Kills in one run of the test; `GENSPAN_KILL_ROUNDS` says otherwise.
const ROUNDS: u64 = 5;
const SENDERS: u64 = 4;
/// Spans of a request.
const SPANS: u64 = 10;

/// A request: the spans of one trace, by number.
#[derive(Clone, Copy, Debug)]
struct Batch {
    trace: u64,
    first: u64,
}

impl Batch {
    fn trace_id(trace: u64) -> String {
        format!("{:032x}", trace + 1)
    }

    fn span_ids(self) -> impl Iterator<Item = String> {
        (self.first..self.first + SPANS)
            .map(move |span| format!("{:08x}{:08x}", self.trace + 1, span + 1))
    }

    fn json(self) -> String {
        let mut spans = String::new();
        let text = "x".repeat(4_000);
        for span in self.span_ids() {
            let comma = if spans.is_empty() { "" } else { "," };
            write!(
                spans,
                r#"{comma}{{"traceId":"{}","spanId":"{span}","name":"work","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000001000000","attributes":[{{"key":"text","value":{{"stringValue":"{text}"}}}}]}}"#,
                Self::trace_id(self.trace)
            )
            .unwrap();
        }
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
    }
}

/// Sends batches until the server is gone; gives those that were acknowledged, and the one that was not.
fn send(
    address: &str,
    trace: u64,
    again: Option<Batch>,
    told: &mpsc::Sender<()>,
) -> (Vec<Batch>, Batch) {
    let mut connection = Connection::to(address);
    let mut acknowledged = Vec::new();
    let new = (0..)
        .step_by(SPANS as usize)
        .map(|first| Batch { trace, first });
    for batch in again.into_iter().chain(new) {
        match connection.send(&batch.json()) {
            Some(200) => acknowledged.push(batch),
            Some(status) => panic!("{batch:?} was answered by {status}"),
            None => return (acknowledged, batch),
        }
        // Nobody counts any more once the server is being killed.
        told.send(()).ok();
    }
    unreachable!("batches never end")
}

/// Fails where a span that was acknowledged is not there, or is there twice.
fn check(serving: &Serving, acknowledged: &[Batch], round: u64) -> usize {
    let mut traces: BTreeMap<u64, Vec<Batch>> = BTreeMap::new();
    for batch in acknowledged {
        traces.entry(batch.trace).or_default().push(*batch);
    }
    let mut count = 0;
    for (trace, batches) in traces {
        let path = format!("/api/traces/{}", Batch::trace_id(trace));
        let (status, found) = serving.get(&path, "");
        assert_eq!(status, 200, "after round {round}: {path}: {found}");
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for span in found["spans"].as_array().unwrap() {
            *seen.entry(span["spanId"].as_str().unwrap()).or_default() += 1;
        }
        for span in batches.into_iter().flat_map(Batch::span_ids) {
            let times = seen.get(span.as_str()).copied().unwrap_or(0);
            assert_eq!(times, 1, "after round {round}: span {span} of {path}");
            count += 1;
        }
        let twice = seen.iter().find(|(_, times)| **times > 1);
        assert_eq!(twice, None, "after round {round}");
    }
    count
}

#[test]
fn what_was_acknowledged_survives_every_kill_once() {
    let rounds = std::env::var("GENSPAN_KILL_ROUNDS").ok();
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let scene = Scene::new("serve-killed");
    let mut all: Vec<Batch> = Vec::new();
    let mut latest: Vec<Batch> = Vec::new();
    let mut open: Vec<Option<Batch>> = vec![None; SENDERS as usize];
    for round in 0..rounds {
        let serving = Serving::start(&scene, &[]);
        check(&serving, &latest, round);
        let (told, heard) = mpsc::channel();
        let senders: Vec<_> = (0..SENDERS)
            .zip(&open)
            .map(|(sender, again)| {
                let (address, told) = (serving.http.clone(), told.clone());
                let (trace, again) = (round * SENDERS + sender, *again);
                thread::spawn(move || send(&address, trace, again, &told))
            })
            .collect();
        // At another moment each time, and always amid the load.
        for _ in 0..1 + round * 7 % 40 {
            heard.recv().unwrap();
        }
        serving.kill();
        let ended: Vec<_> = senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .collect();
        latest = ended
            .iter()
            .flat_map(|(acknowledged, _)| acknowledged)
            .copied()
            .collect();
        // As exporters do: what was not acknowledged is sent again.
        open = ended.iter().map(|(_, again)| Some(*again)).collect();
        all.extend(&latest);
    }
    let serving = Serving::start(&scene, &[]);
    let count = check(&serving, &all, rounds);
    println!("{rounds} kills: {count} acknowledged spans, each there once");
    let (code, said) = serving.stop();
    assert_eq!(code, Some(0), "{said}");
}
