//! How often the caller's thread allocates.
//!
//! It is counted by a program of its own, `genspan-bench-count`, which prints a line for each number.

use std::{hint::black_box, process::Command};

use crate::{
    Counter,
    bare::{Bare, Facts},
    caller::{code, exchange::Call},
    chunk::{self, Stream, Wire},
    fixtures,
    harness::Options,
    ours::{Ours, Work},
    report::{Budget, Cell, Table, Unit},
    sdk::Behind,
    worker::{self, Peer, Said},
};

/// How often each thing is done; queues that grow in steps make for fractions.
const TIMES: usize = 64;

pub(crate) fn run(_options: Options) -> Result<Vec<Table>, String> {
    let program = std::env::current_exe()
        .map_err(|error| error.to_string())?
        .with_file_name("genspan-bench-count");
    let output = Command::new(&program).output().map_err(|error| {
        let hint = "build it with `cargo build --release -p genspan-bench`";
        format!("cannot start {}: {error}; {hint}", program.display())
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {said}", program.display()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let cells = text.lines().filter_map(cell).collect();
    Ok(vec![Table {
        name: "allocations",
        title: "Allocations of the caller's thread, and of all work where it says so",
        peer: "says the label",
        cells,
        notes: vec!["Averages over 64 times; what grows in steps gives fractions.".to_owned()],
    }])
}

/// Reads a line: label, our number, the peer's, the limit of our surplus, each where there is one.
fn cell(line: &str) -> Option<Cell> {
    let mut parts = line.split('\t');
    let label = parts.next()?;
    let ours: f64 = parts.next()?.parse().ok()?;
    let mut cell = Cell::new(label, Unit::Allocations, ours);
    if let Some(peer) = parts.next().and_then(|peer| peer.parse::<f64>().ok()) {
        cell = cell.beside(peer);
    }
    Some(match parts.next().and_then(|limit| limit.parse().ok()) {
        Some(limit) => cell.within(Budget::MoreAtMost(limit)),
        None => cell,
    })
}

/// Counts, in the program that can, and prints the numbers.
pub(crate) fn count(counter: Counter) -> Result<(), String> {
    let once = counter(&mut || drop(black_box(Box::new(1_u8))));
    if once != 1 {
        return Err(format!("the counter is dead: it counts {once} for a box"));
    }
    let call = Call::new(16)?;
    let otel = |behind, has_content| Ours::otel(behind, has_content, Work::OnWorker);
    let setups = [
        ("content", otel(Behind::Batch, true), Behind::Batch),
        ("no content", otel(Behind::Batch, false), Behind::Batch),
        (
            "not sampled",
            otel(Behind::NotSampled, true),
            Behind::NotSampled,
        ),
        ("disabled", Ours::disabled(), Behind::Nothing),
    ];
    for (name, ours, behind) in &setups {
        let is_disabled = !ours.telemetry.is_enabled();
        let http = per_time(
            counter,
            || call.response(usize::MAX),
            |response| {
                if let Some(response) = response {
                    call.make(&ours.recorder, response);
                }
            },
        );
        let code = per_time(
            counter,
            || code::content(16),
            |content| {
                code::make(&ours.telemetry, content);
            },
        );
        let record = per_time(counter, || code::content(16), code::own_record);
        ours.drain();
        if is_disabled {
            line(
                &format!("{name}: seen as HTTP, beside no recorder"),
                http,
                0.0,
                Some(0.0),
            );
            line(
                &format!("{name}: in code, beside the record alone"),
                code,
                record,
                Some(0.0),
            );
        } else {
            let bare = Bare::new(*behind);
            let span = |facts| per_time(counter, || (), |()| bare.span(facts));
            line(
                &format!("{name}: seen as HTTP, beside a bare span"),
                http,
                span(Facts::Exchange),
                None,
            );
            line(
                &format!("{name}: in code, beside a bare span and the record"),
                code,
                span(Facts::Call) + record,
                None,
            );
        }
    }
    count_chunks(counter);
    count_whole(counter);
    Ok(())
}

fn count_chunks(counter: Counter) {
    let ours = Ours::otel(Behind::Batch, true, Work::OnWorker);
    for wire in [Wire::OpenAi, Wire::Anthropic] {
        let stream = Stream::new(wire, chunk::CHUNKS);
        let name = wire.name();
        let watched = per_time(
            counter,
            || {
                ours.drain();
                stream.watched(&ours)
            },
            |body| {
                if let Some(body) = body {
                    crate::caller::exchange::read(body);
                }
            },
        );
        let decoded = per_time(
            counter,
            || stream.decoder(true),
            |decoder| {
                drop(black_box(decoder.map(|decoder| stream.decode(decoder))));
            },
        );
        let peer = per_time(
            counter,
            || (),
            |()| {
                drop(black_box(chunk::read_by_peer(&stream)));
            },
        );
        let each = |count: f64| count / f64::from(u32::try_from(chunk::CHUNKS).unwrap_or(1));
        line(
            &format!("one chunk of {name} passed on, beside nobody watching"),
            each(watched),
            0.0,
            None,
        );
        line(
            &format!("one chunk of {name} decoded, beside borrowed serde"),
            each(decoded),
            each(peer),
            None,
        );
    }
}

fn count_whole(counter: Counter) {
    let ours = Ours::otel(Behind::Nothing, true, Work::AtOnce);
    let peer = Peer::new();
    for size in fixtures::SIZES {
        let exchange = fixtures::openai(size);
        let whole = per_time(
            counter,
            || (),
            |()| worker::whole(&ours.telemetry, &exchange),
        );
        let by_hand = per_time(
            counter,
            || (),
            |()| {
                black_box(peer.call(&exchange, Said::AsItIs));
            },
        );
        let name = fixtures::size_name(size);
        line(
            &format!("all work of one call, content, {name}, beside the hand-written one"),
            whole,
            by_hand,
            None,
        );
    }
}

/// Counts what doing something allocates on average; what it needs is made outside the count.
fn per_time<T>(counter: Counter, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> f64 {
    for _ in 0..3 {
        work(prepare());
    }
    let mut all = 0;
    for _ in 0..TIMES {
        let mut prepared = Some(prepare());
        all += counter(&mut || {
            if let Some(prepared) = prepared.take() {
                work(prepared);
            }
        });
    }
    #[allow(clippy::cast_precision_loss, reason = "allocations are few")]
    let (all, times) = (all as f64, TIMES as f64);
    all / times
}

fn line(label: &str, ours: f64, peer: f64, limit: Option<f64>) {
    let limit = limit.map(|limit| limit.to_string()).unwrap_or_default();
    println!("{label}\t{ours}\t{peer}\t{limit}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_is_written() {
        let read = cell("a call\t2.5\t1\t0").unwrap();
        assert_eq!((read.label.as_str(), read.ours.least), ("a call", 2.5));
        assert_eq!(read.verdict(), Some(false));
        assert_eq!(cell("a call\t2\t2\t").unwrap().verdict(), None);
        assert!(cell("no line").is_none());
    }
}
