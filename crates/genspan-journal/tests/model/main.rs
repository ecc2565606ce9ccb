//! Whatever happens to runs, in one process or in several that share a journal, each is one span and one count.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod reference;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use genspan::{
    Finalised, Journal, LiveRoots, Rendering, Resumed, RootLimits, RunEnd, RunOutcome, Telemetry,
    Value, semconv::attribute::GENSPAN_RUN_OUTCOME,
};
use genspan_journal::SqliteJournal;
use proptest::prelude::*;
use reference::Model;
use testkit::{CaptureSink, ManualClock};

const LIMITS: RootLimits = RootLimits {
    live: 2,
    age: Duration::from_secs(60),
};
const PATIENCE: u64 = 30;
const KEYS: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug)]
enum Deed {
    Stash,
    Finalise,
    Discard,
    Resume,
    Recover,
    Sweep,
    Wait(u64),
    /// The process is killed, and another takes its place.
    Crash,
    /// The process ends well, and another takes its place.
    Shutdown,
}

/// Says what happens, in which process, to which run.
type Step = (Deed, usize, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let deed = prop_oneof![
        6 => Just(Deed::Stash),
        4 => Just(Deed::Finalise),
        1 => Just(Deed::Discard),
        3 => Just(Deed::Resume),
        1 => Just(Deed::Recover),
        1 => Just(Deed::Sweep),
        2 => (1_u64..40).prop_map(Deed::Wait),
        2 => Just(Deed::Crash),
        1 => Just(Deed::Shutdown),
    ];
    prop::collection::vec((deed, 0..2_usize, 0..KEYS), 1..40)
}

/// What came out: run and outcome of each span, and the outcome of each count.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    spans: Vec<(String, &'static str)>,
    counts: Vec<&'static str>,
}

/// What a step gives back, in one word.
type Word = &'static str;

// The real thing.

struct Process {
    sink: Arc<CaptureSink>,
    telemetry: Telemetry,
    roots: LiveRoots,
    counts: Arc<Mutex<Vec<&'static str>>>,
}

struct World {
    clock: Arc<ManualClock>,
    journal: Option<PathBuf>,
    processes: Vec<Process>,
    told: Told,
}

fn key(number: usize) -> String {
    format!("run-{number}")
}

impl World {
    fn new(journal: Option<PathBuf>) -> Self {
        let mut world = Self {
            clock: Arc::new(ManualClock::at(1000)),
            journal,
            processes: Vec::new(),
            told: Told::default(),
        };
        world.processes = vec![world.process(), world.process()];
        world
    }

    fn process(&self) -> Process {
        let sink = CaptureSink::new(Rendering::default());
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::clone(&self.clock) as _)
            .inline()
            .build();
        let counts = Arc::new(Mutex::new(Vec::new()));
        let counting = Arc::clone(&counts);
        let mut roots = LiveRoots::builder()
            .with_limits(LIMITS)
            .with_count(move |outcome| counting.lock().unwrap().push(outcome.as_str()));
        if let Some(path) = &self.journal {
            roots = roots.with_journal(Arc::new(SqliteJournal::open(path).unwrap()));
        }
        Process {
            roots: roots.build(&telemetry),
            sink,
            telemetry,
            counts,
        }
    }

    /// Takes over what came out of a process.
    fn hear(&mut self, process: &Process) {
        for span in process.sink.spans() {
            let run = span
                .signals
                .name
                .trim_start_matches("invoke_agent ")
                .to_owned();
            let outcome = match span.signals.get(GENSPAN_RUN_OUTCOME) {
                Some(Value::String(word)) => WORDS.iter().find(|known| *known == word),
                _ => None,
            };
            self.told.spans.push((run, outcome.unwrap()));
        }
        self.told
            .counts
            .extend(process.counts.lock().unwrap().iter());
    }

    fn replace(&mut self, number: usize, is_well: bool) {
        let new = self.process();
        let old = std::mem::replace(&mut self.processes[number], new);
        if is_well {
            assert!(old.telemetry.shutdown(TIMEOUT).is_complete());
        }
        // What a killed process would do after this does not come out.
        self.hear(&old);
    }

    fn take(&mut self, (deed, number, run): Step) -> Word {
        let key = key(run);
        let Process {
            telemetry, roots, ..
        } = &self.processes[number];
        match deed {
            Deed::Stash => match roots.stash(key.as_str(), telemetry.invoke_agent(key.as_str())) {
                Ok(()) => "stashed",
                Err(_) => "refused",
            },
            Deed::Finalise => {
                let end = RunEnd::new(RunOutcome::Done);
                match roots.finalise(telemetry, &key, end) {
                    Finalised::Ended => "ended",
                    Finalised::Counted => "counted",
                    Finalised::Known => "known",
                }
            }
            Deed::Discard if roots.discard(telemetry, &key) => "discarded",
            Deed::Discard => "nothing",
            Deed::Resume => match roots.resume(telemetry, &key) {
                Resumed::Live(_) => "live",
                Resumed::Taken(_) => "taken",
                Resumed::Ended => "ended",
                Resumed::Unknown => "unknown",
            },
            Deed::Recover => {
                roots.recover(telemetry, Duration::from_secs(PATIENCE));
                "done"
            }
            Deed::Sweep => {
                roots.sweep(telemetry);
                "done"
            }
            Deed::Wait(seconds) => {
                self.clock.advance(Duration::from_secs(seconds));
                "done"
            }
            Deed::Crash | Deed::Shutdown => {
                self.replace(number, matches!(deed, Deed::Shutdown));
                "done"
            }
        }
    }
}

const WORDS: [&str; 3] = ["done", "abandoned", "discarded"];

/// Names the journal's file, and leaves none of an earlier case: cases come one after another.
fn fresh_file() -> PathBuf {
    let name = format!("model-{}.db", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    remove(&path);
    path
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        drop(std::fs::remove_file(name));
    }
}

fn sorted(mut told: Told) -> Told {
    told.spans.sort_unstable();
    told.counts.sort_unstable();
    told
}

fn compare(mut world: World, mut model: Model, steps: Vec<Step>) -> Result<Told, TestCaseError> {
    for (place, step) in steps.into_iter().enumerate() {
        let (is, should_be) = (world.take(step), model.take(step));
        prop_assert_eq!(is, should_be, "at step {} {:?}", place, step);
    }
    for number in [0, 1] {
        world.replace(number, true);
        model.take((Deed::Shutdown, number, 0));
    }
    let told = sorted(std::mem::take(&mut world.told));
    prop_assert_eq!(&told, &sorted(std::mem::take(&mut model.told)));
    Ok(told)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_a_journal_each_run_is_one_span_and_one_count(steps in steps()) {
        let file = fresh_file();
        let begun: BTreeSet<usize> = steps.iter().filter(|step| matches!(step.0, Deed::Stash)).map(|step| step.2).collect();
        // In the end somebody recovers what is left.
        let last = [(Deed::Crash, 0, 0), (Deed::Crash, 1, 0), (Deed::Wait(PATIENCE), 0, 0), (Deed::Recover, 0, 0)];
        let steps = steps.into_iter().chain(last).collect();
        let told = compare(World::new(Some(file.clone())), Model::new(true), steps);
        let open = SqliteJournal::open(&file).and_then(|journal| Journal::open(&journal)).unwrap();
        remove(&file);
        let told = told?;
        prop_assert!(open.is_empty(), "{open:?}");
        for run in begun {
            // Spans of runs that were refused say so and are none of this run's.
            let own = told.spans.iter().filter(|span| span.0 == key(run) && span.1 != "discarded");
            prop_assert!(own.count() <= 1);
        }
        let spans = told.spans.iter().filter(|span| span.1 != "discarded").count();
        prop_assert!(told.counts.len() >= spans, "each span is counted");
        prop_assert!(told.counts.len() <= KEYS, "no run is counted twice");
    }

    #[test]
    fn without_one_as_well_as_long_as_the_process_lives(steps in steps()) {
        let steps = steps.into_iter().filter(|step| !matches!(step.0, Deed::Crash)).collect();
        compare(World::new(None), Model::new(false), steps)?;
    }
}
