//! What one chunk of a streamed answer costs.

mod peer;
mod stream;

use std::time::Duration;

use self::peer::Reading;
pub(crate) use self::stream::{Stream, Wire};
use crate::{
    caller::exchange::read,
    harness::{Entrant, Options, contest, timed},
    ours::{Ours, Work},
    report::{Budget, Cell, Sample, Table, Unit},
    sdk::Behind,
};

/// How many chunks a stream has.
pub(crate) const CHUNKS: usize = 400;

/// What a chunk may cost on the way of the traffic.
const PASSED_ON: Budget = Budget::AtMost(100.0);
/// What a chunk may cost the worker.
const DECODED: Budget = Budget::AtMost(300.0);

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let ours = Ours::otel(Behind::Batch, true, Work::OnWorker);
    let mut passed_on = Vec::new();
    let mut decoded = Vec::new();
    for wire in [Wire::OpenAi, Wire::Anthropic] {
        let stream = Stream::new(wire, CHUNKS);
        passed_on.extend(on_callers_path(&stream, &ours, options)?);
        decoded.extend(on_worker(&stream, options)?);
    }
    ours.check()?;
    Ok(vec![
        Table {
            name: "chunk-caller",
            title: "One chunk of a stream, on the caller's path",
            peer: "the same body, not watched",
            cells: passed_on,
            notes: vec![format!(
                "A stream of {CHUNKS} chunks, each a frame of its own, is read to its end; head and request are not counted."
            )],
        },
        Table {
            name: "chunk-decoded",
            title: "One chunk of a stream, decoded",
            peer: "lines split with memchr, one borrowed serde parse for each event, the text appended to a `String`",
            cells: decoded,
            notes: vec![format!(
                "A stream of {CHUNKS} chunks, its end included; one event a chunk (OpenAI: 243 bytes, Anthropic: 137)."
            )],
        },
    ])
}

#[allow(clippy::cast_precision_loss, reason = "a stream has few chunks")]
fn a_chunk(sample: Sample, chunks: usize) -> Sample {
    let per = chunks.max(1) as f64;
    Sample {
        least: sample.least / per,
        median: sample.median / per,
    }
}

fn on_callers_path(stream: &Stream, ours: &Ours, options: Options) -> Result<Vec<Cell>, String> {
    let samples = contest(
        options.rounds(300),
        1,
        &mut [through(stream, ours, true), through(stream, ours, false)],
    );
    let [watched, unwatched] = samples.as_slice() else {
        return Err("an entrant is missing".to_owned());
    };
    let few = Stream::new(stream.wire, 16);
    let asleep = while_asleep(&few, ours, options);
    let name = stream.wire.name();
    Ok(vec![
        Cell::new(name, Unit::Nanoseconds, a_chunk(*watched, CHUNKS))
            .beside(a_chunk(*unwatched, CHUNKS))
            .within(PASSED_ON),
        Cell::new(format!("{name}, worker asleep"), Unit::Nanoseconds, asleep).noting(
            "as one slow stream alone has it: 16 chunks and the end after 60 ms without any, so their thread is woken once",
        ),
    ])
}

/// Gives rounds that read one stream to its end.
fn through<'a>(stream: &'a Stream, ours: &'a Ours, is_watched: bool) -> Entrant<'a> {
    Box::new(move |_| -> Duration {
        ours.drain();
        let body = stream.watched(ours).filter(|_| is_watched);
        let (took, _) = match body {
            Some(body) => timed(|| read(body)),
            None => timed(|| read(stream.body())),
        };
        ours.drain();
        took
    })
}

fn while_asleep(stream: &Stream, ours: &Ours, options: Options) -> Sample {
    let rounds = (0..options.rounds(30)).map(|_| {
        let body = stream.watched(ours);
        ours.drain();
        std::thread::sleep(Duration::from_millis(60));
        let (took, _) = timed(|| body.map(read));
        took.as_secs_f64() * 1e9
    });
    a_chunk(Sample::of(rounds.collect()), stream.chunks.len())
}

/// Reads a stream as the hand-written peer does.
pub(crate) fn read_by_peer(stream: &Stream) -> String {
    peer::read(stream, Reading::Borrowed)
}

fn on_worker(stream: &Stream, options: Options) -> Result<Vec<Cell>, String> {
    let decode = |has_content: bool| -> Entrant<'_> {
        Box::new(move |_| match stream.decoder(has_content) {
            Some(decoder) => timed(|| stream.decode(decoder)).0,
            None => Duration::MAX,
        })
    };
    let by_peer = |reading: Reading| -> Entrant<'_> {
        Box::new(move |_| timed(|| peer::read(stream, reading)).0)
    };
    let samples = contest(
        options.rounds(300),
        1,
        &mut [
            decode(true),
            decode(false),
            by_peer(Reading::Borrowed),
            by_peer(Reading::SplitOnly),
        ],
    );
    let [content, metadata, borrowed, split] = samples.as_slice() else {
        return Err("an entrant is missing".to_owned());
    };
    let name = stream.wire.name();
    let cell = |label: &str, ours: Sample, peer: Sample| {
        Cell::new(
            format!("{name}, {label}"),
            Unit::Nanoseconds,
            a_chunk(ours, CHUNKS),
        )
        .beside(a_chunk(peer, CHUNKS))
    };
    Ok(vec![
        cell("content", *content, *borrowed).within(DECODED),
        cell("no content", *metadata, *borrowed).within(DECODED),
        cell("the peer when it only splits", *split, *borrowed),
    ])
}
