//! How soon a large store answers.

mod questions;

use std::{
    io,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use genspan::{SpanId, TraceId};
use genspan_store::{Forget, Store};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use self::questions::{Kind, Question};
use super::{
    binary,
    spans::{Maker, REQUEST, request, spans},
    write::{folder, number, open},
};
use crate::{
    harness::{Options, timed},
    report::{Budget, Cell, Sample, Table, Unit},
};

/// Spans of the trace that is opened.
const LARGE: usize = 10_000;

/// Threads that fill the store.
const FILLING: usize = 2;

const OPENS: Budget = Budget::AtMost(30e6);
const FINDS: Budget = Budget::AtMost(50e6);

/// Holds a store that is full, and what filling it took.
struct Full {
    file: PathBuf,
    store: Store,
    spans: usize,
    raw: f64,
    durable: Duration,
    settled: Duration,
    /// The trace that is opened, and one of its spans.
    large: (TraceId, SpanId),
}

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let folder = folder("full")?;
    let full = fill(folder.file(), options.spans)?;
    let mut cells = answered(&full, options)?;
    let all = number(full.spans as u64);
    let filled = number((full.spans - LARGE) as u64);
    let rate = |took: Duration| filled / took.as_secs_f64().max(1e-9);
    full.store.close();
    let disk = number(folder.bytes().map_err(|error| error.to_string())?);
    let starts = binary::listening(&full.file, options.rounds(18))?;
    cells.extend([
        Cell::new(
            "filling it: durable spans/s",
            Unit::Rate,
            rate(full.durable),
        ),
        Cell::new(
            "filling it: spans/s that can be found",
            Unit::Rate,
            rate(full.durable + full.settled),
        ),
        Cell::new("disk a span, index included", Unit::Bytes, disk / all).beside(full.raw / all),
        Cell::new("receiver: listens", Unit::Nanoseconds, starts).within(Budget::AtMost(100e6)),
        forgetting(&full)?,
    ]);
    Ok(vec![Table {
        name: "store-read",
        title: "A large store is asked",
        peer: "the spans' bytes as they came",
        cells,
        notes: vec![
            format!("The store holds {} spans in traces of ten and one of {LARGE}, {:.0} MB as they came; `--spans=NUMBER` makes it larger. Of questions, the first number is the 95th percentile and the bracket the median.", full.spans, full.raw / 1_048_576.0),
            "Questions differ from one another and go straight to the store, one after the other; answers are pages of 50, what is shown of each match included. Words are spread as in a language: the most common one is in nearly every message.".to_owned(),
        ],
    }])
}

/// Fills, as the child process `store-fill`, the store in the file `arguments[0]` with `arguments[1]` spans, and leaves it.
pub(crate) fn fill_file(arguments: &[String]) -> io::Result<()> {
    let (file, options) = file_and_count(arguments)?;
    let full = fill(file, options.spans).map_err(io::Error::other)?;
    full.store.close();
    println!(
        "{:?} durable, {:?} more to be found",
        full.durable, full.settled
    );
    Ok(())
}

/// Asks, as the child process `store-ask`, a store that `store-fill` made, and forgets its large trace.
pub(crate) fn ask_file(arguments: &[String]) -> io::Result<()> {
    let (file, options) = file_and_count(arguments)?;
    let ids = Maker::new(99).trace(LARGE).last().and_then(ids);
    let full = Full {
        store: open(&file).map_err(io::Error::other)?,
        file,
        spans: options.spans + LARGE,
        raw: 0.0,
        durable: Duration::ZERO,
        settled: Duration::ZERO,
        large: ids.ok_or_else(|| io::Error::other("a span has no ids"))?,
    };
    let mut cells = answered(&full, options).map_err(io::Error::other)?;
    full.store.close();
    cells.push(forgetting(&full).map_err(io::Error::other)?);
    for cell in cells {
        println!("{cell:?}");
    }
    Ok(())
}

fn file_and_count(arguments: &[String]) -> io::Result<(PathBuf, Options)> {
    let [file, count] = arguments else {
        return Err(io::Error::other("which file, and how many spans?"));
    };
    let options = Options {
        spans: count.parse().map_err(io::Error::other)?,
        ..Options::default()
    };
    Ok((PathBuf::from(file), options))
}

/// Opens the large trace, and asks all kinds of questions.
fn answered(full: &Full, options: Options) -> Result<Vec<Cell>, String> {
    let mut cells = opening(full, options)?;
    for kind in Kind::ALL {
        let questions = questions::of(kind, full.spans - LARGE, options.rounds(60));
        cells.push(asked(full, kind, &questions)?);
    }
    Ok(cells)
}

fn fill(file: PathBuf, count: usize) -> Result<Full, String> {
    let store = open(&file)?;
    // It comes first: searches consider what came last.
    let large = Maker::new(99).trace(LARGE);
    let large_raw: usize = large.iter().map(Span::encoded_len).sum();
    let ids = large.last().and_then(ids).ok_or("a span has no ids")?;
    for part in large.chunks(REQUEST) {
        let kept = store.ingest_traces(&request(part.to_vec()));
        kept.map_err(|error| error.to_string())?;
    }
    store.settle().map_err(|error| error.to_string())?;
    let requests = count.div_ceil(REQUEST);
    let raw = AtomicUsize::new(0);
    let (durable, kept) = timed(|| {
        std::thread::scope(|scope| {
            let (store, raw) = (&store, &raw);
            let fillers: Vec<_> = (0..FILLING)
                .map(|filler| {
                    scope.spawn(move || -> Result<(), String> {
                        let mut maker = Maker::new(filler as u64 + 1);
                        // Shares are fixed, so that questions know which traces there are.
                        for _ in (filler..requests).step_by(FILLING) {
                            let request = maker.request();
                            let bytes = spans(&request).map(Span::encoded_len).sum();
                            raw.fetch_add(bytes, Ordering::Relaxed);
                            let kept = store.take_traces(request);
                            kept.map_err(|error| error.to_string())?;
                        }
                        Ok(())
                    })
                })
                .collect();
            fillers.into_iter().try_for_each(|filler| {
                let done = filler.join();
                done.unwrap_or_else(|_| Err("a thread panicked".to_owned()))
            })
        })
    });
    kept?;
    let (settled, done) = timed(|| store.settle());
    done.map_err(|error| error.to_string())?;
    Ok(Full {
        file,
        store,
        spans: requests * REQUEST + LARGE,
        raw: number((raw.into_inner() + large_raw) as u64),
        durable,
        settled,
        large: ids,
    })
}

fn ids(span: &Span) -> Option<(TraceId, SpanId)> {
    let trace = <[u8; 16]>::try_from(span.trace_id.as_slice()).ok()?;
    let id = <[u8; 8]>::try_from(span.span_id.as_slice()).ok()?;
    Some((TraceId(trace), SpanId(id)))
}

fn opening(full: &Full, options: Options) -> Result<Vec<Cell>, String> {
    let (trace, span) = full.large;
    let rounds = options.rounds(60);
    let open = measured(rounds, || {
        let found = full
            .store
            .trace(&trace)
            .map_err(|error| error.to_string())?;
        let found = found.ok_or("the trace is not there")?;
        let count = found.spans.len();
        (count == LARGE)
            .then_some(found)
            .ok_or_else(|| format!("the trace has {count} spans"))
    })?;
    let whole = measured(rounds, || {
        let found = full
            .store
            .trace(&trace)
            .map_err(|error| error.to_string())?;
        let json = serde_json::to_vec(&found).map_err(|error| error.to_string())?;
        Ok((found, json))
    })?;
    let detail = measured(rounds, || {
        let found = full
            .store
            .span(&trace, &span)
            .map_err(|error| error.to_string())?;
        found.ok_or_else(|| "the span is not there".to_owned())
    })?;
    Ok(vec![
        Cell::new("a trace of 10,000 spans opens", Unit::Nanoseconds, open).within(OPENS),
        Cell::new("… and is written as JSON", Unit::Nanoseconds, whole).within(OPENS),
        Cell::new(
            "one of its spans opens, with all that was said",
            Unit::Nanoseconds,
            detail,
        ),
    ])
}

/// Measures work; what comes of it is let go outside the measured time, as an answer is.
fn measured<T>(
    rounds: usize,
    mut work: impl FnMut() -> Result<T, String>,
) -> Result<Sample, String> {
    work()?;
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let (took, done) = timed(&mut work);
        done?;
        times.push(took.as_secs_f64() * 1e9);
    }
    Ok(Sample::of(times))
}

/// Asks, and gives the 95th percentile and the median.
fn asked(full: &Full, kind: Kind, questions: &[Question]) -> Result<Cell, String> {
    let mut times = Vec::with_capacity(questions.len());
    let mut found = 0;
    for question in questions {
        let (took, count) = timed(|| question.ask(&full.store));
        found += count?;
        times.push(took.as_secs_f64() * 1e9);
    }
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1));
    let of = |percent| at(percent).copied().unwrap_or_default();
    let sample = Sample {
        least: of(95),
        median: of(50),
    };
    let each = found / questions.len().max(1);
    Ok(
        Cell::new(format!("p95: {}", kind.name()), Unit::Nanoseconds, sample)
            .within(FINDS)
            .noting(format!("{} questions, {each} rows each", questions.len())),
    )
}

/// Forgets the large trace.
fn forgetting(full: &Full) -> Result<Cell, String> {
    let store = open(&full.file)?;
    let (took, forgotten) = timed(|| store.forget(&Forget::Trace(full.large.0)));
    let forgotten = forgotten.map_err(|error| error.to_string())?;
    if forgotten.spans != LARGE as u64 {
        return Err(format!("{} spans were forgotten", forgotten.spans));
    }
    Ok(Cell::new(
        "forgetting a trace of 10,000 spans, until no byte of it is left",
        Unit::Nanoseconds,
        took.as_secs_f64() * 1e9,
    ))
}
