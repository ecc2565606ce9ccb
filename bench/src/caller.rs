//! What one call costs the thread that makes it.

pub(crate) mod code;
pub(crate) mod exchange;

use std::{io, time::Duration};

use crate::{
    bare::{Bare, Facts},
    fixtures::{SIZES, size_name},
    harness::{Entrant, Options, contest},
    ours::{Ours, Work},
    report::{Budget, Cell, Sample, Table, Unit},
    sdk::Behind,
};

/// What the caller's path may cost, over a bare span.
const BUDGET: Budget = Budget::RatioAtMost(1.3);
/// How much more a large body may cost than a small one.
const FLAT: Budget = Budget::RatioAtMost(1.2);

/// How many calls make a round.
const OPERATIONS: usize = 48;

const PEER: &str = "a bare span with the same start attributes, through the SDK's batch processor";

/// Holds the set-ups that are compared.
pub(crate) struct Setups {
    content: Ours,
    metadata: Ours,
    not_sampled: Ours,
    disabled: Ours,
    otlp: Ours,
}

impl Setups {
    pub(crate) fn new() -> Result<Self, String> {
        let otel = |behind, has_content| Ours::otel(behind, has_content, Work::OnWorker);
        Ok(Self {
            content: otel(Behind::Batch, true),
            metadata: otel(Behind::Batch, false),
            not_sampled: otel(Behind::NotSampled, true),
            disabled: Ours::disabled(),
            otlp: Ours::otlp(true)?,
        })
    }

    fn check(&self) -> Result<(), String> {
        [&self.content, &self.metadata, &self.not_sampled, &self.otlp]
            .into_iter()
            .try_for_each(Ours::check)
    }

    /// Names the ways to record at the given size.
    fn others(&self) -> [(&'static str, &Ours, Option<Budget>); 4] {
        [
            ("no content", &self.metadata, Some(BUDGET)),
            ("not sampled", &self.not_sampled, Some(BUDGET)),
            ("disabled", &self.disabled, None),
            ("content, OTLP sink", &self.otlp, Some(BUDGET)),
        ]
    }
}

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let setups = Setups::new()?;
    let tables = vec![
        seen_as_http(&setups, options)?,
        made_in_code(&setups, options)?,
    ];
    setups.check()?;
    Ok(tables)
}

fn seen_as_http(setups: &Setups, options: Options) -> Result<Table, String> {
    let calls = SIZES.map(exchange::Call::new);
    let (batch, nothing) = (Bare::new(Behind::Batch), Bare::new(Behind::Nothing));
    let mut labels = Vec::new();
    let mut entrants: Vec<Entrant<'_>> = vec![
        batch.entrant(Facts::Exchange),
        nothing.entrant(Facts::Exchange),
    ];
    for (call, size) in calls.iter().zip(SIZES) {
        let call = call.as_ref().map_err(Clone::clone)?;
        labels.push((format!("content, {}", size_name(size)), Some(BUDGET)));
        entrants.push(call.entrant(&setups.content));
        if size == 16 {
            for (label, ours, budget) in setups.others() {
                labels.push((format!("{label}, 16 KB"), budget));
                entrants.push(call.entrant(ours));
            }
        }
        if size == 1024 {
            labels.push(("content, 1 MB in frames of 64 KB".to_owned(), None));
            entrants.push(call.entrant_in_frames(&setups.content, 64 * 1024));
            labels.push(("content, 1 MB, OTLP sink".to_owned(), Some(BUDGET)));
            entrants.push(call.entrant(&setups.otlp));
        }
    }
    let samples = contest(options.rounds(60), OPERATIONS, &mut entrants);
    drop(entrants);
    let call = exchange::Call::new(1)?;
    let asleep = call.while_asleep(&setups.content, options);
    let mut cells = cells(&labels, &samples);
    cells.push(
        Cell::new("content, 1 KB, worker asleep", Unit::Nanoseconds, asleep)
            .noting("no call for 50 ms before, so each wakes the worker's thread"),
    );
    Ok(Table {
        name: "caller-http",
        title: "One call that is seen as HTTP, on the caller's path",
        peer: PEER,
        cells,
        notes: Vec::new(),
    })
}

fn made_in_code(setups: &Setups, options: Options) -> Result<Table, String> {
    let (batch, nothing) = (Bare::new(Behind::Batch), Bare::new(Behind::Nothing));
    let mut labels = Vec::new();
    let mut entrants: Vec<Entrant<'_>> =
        vec![batch.entrant(Facts::Call), nothing.entrant(Facts::Call)];
    for size in SIZES {
        labels.push((format!("content, {}", size_name(size)), Some(BUDGET)));
        entrants.push(code::entrant(&setups.content, size));
        if size == 16 {
            for (label, ours, budget) in setups.others() {
                labels.push((format!("{label}, 16 KB"), budget));
                entrants.push(code::entrant(ours, 16));
            }
        }
    }
    entrants.push(code::record_alone(16));
    let samples = contest(options.rounds(60), OPERATIONS, &mut entrants);
    let mut cells = cells(&labels, &samples);
    let disabled = cells.iter().find(|cell| cell.label == "disabled, 16 KB");
    if let (Some(disabled), Some(record)) = (disabled, samples.last()) {
        let ours = disabled.ours;
        cells.push(
            Cell::new(
                "disabled, 16 KB, beside the record alone",
                Unit::Nanoseconds,
                ours,
            )
            .beside(*record),
        );
    }
    Ok(Table {
        name: "caller-code",
        title: "One call that the program records itself, on the caller's path",
        peer: PEER,
        cells,
        notes: Vec::new(),
    })
}

/// Puts our samples beside the peers', which come first: with the batch processor, and with none.
fn cells(labels: &[(String, Option<Budget>)], samples: &[Sample]) -> Vec<Cell> {
    let [batch, nothing, ours @ ..] = samples else {
        return Vec::new();
    };
    let mut cells = vec![
        Cell::new(
            "the peer with a no-op processor",
            Unit::Nanoseconds,
            *nothing,
        )
        .beside(*batch),
    ];
    let size = |name: &str| {
        let mut all = labels.iter().zip(ours);
        let label = format!("content, {name}");
        all.find(|((known, _), _)| *known == label)
            .map(|(_, sample)| *sample)
    };
    if let (Some(small), Some(large)) = (size("1 KB"), size("1 MB")) {
        cells.push(
            Cell::new("content, 1 MB over 1 KB", Unit::Nanoseconds, large)
                .beside(small)
                .within(FLAT),
        );
    }
    for ((label, budget), sample) in labels.iter().zip(ours) {
        let cell = Cell::new(label, Unit::Nanoseconds, *sample).beside(*batch);
        cells.push(match budget {
            Some(budget) => cell.within(*budget),
            None => cell,
        });
    }
    cells
}

/// Makes calls for some seconds and nothing else, for a profiler to look at: `http` or `code`.
pub(crate) fn profile(arguments: &[String]) -> io::Result<()> {
    let ours = Ours::otel(Behind::Batch, true, Work::OnWorker);
    let call = exchange::Call::new(1).map_err(io::Error::other)?;
    let mut entrant = match arguments.first().map(String::as_str) {
        Some("http") => call.entrant(&ours),
        Some("code") => code::entrant(&ours, 1),
        _ => return Err(io::Error::other("profile `http` or `code`?")),
    };
    let began = crate::harness::now();
    let mut least = Duration::MAX;
    while began.elapsed() < Duration::from_secs(5) {
        least = least.min(entrant(200));
    }
    println!("{least:?} for 200 calls");
    ours.check().map_err(io::Error::other)
}
