//! The proxy beside one that does nothing but pass on, under the same load.

pub(crate) mod bare;
pub(crate) mod recorded;
mod round;
mod table;

use std::{fs, io, path::PathBuf, time::Duration};

use self::round::{Bout, Round};
use crate::{
    child::Child,
    harness::Options,
    load::{Pace, Plan},
    mock::answer::{self, Wanted},
    report::Table,
};

/// What is asked in a case, and how often where it is not as often as possible.
#[derive(Clone, Copy, Debug)]
struct Case {
    label: &'static str,
    /// Bytes of a request's body.
    asked: usize,
    wanted: Wanted,
    /// Requests in a second that all entrants sustain.
    rate: f64,
    /// Clients that ask as fast as they are answered.
    eager: usize,
}

const GAP: Duration = Duration::from_millis(5);

const CASES: [Case; 3] = [
    Case {
        label: "whole, 1 KB",
        asked: 1024,
        wanted: Wanted::Whole { bytes: 1024 },
        rate: 1000.0,
        eager: 16,
    },
    Case {
        label: "whole, 16 KB",
        asked: 16 * 1024,
        wanted: Wanted::Whole { bytes: 16 * 1024 },
        rate: 500.0,
        eager: 16,
    },
    Case {
        label: "stream of 200 chunks",
        asked: 1024,
        wanted: Wanted::Stream {
            chunks: 200,
            gap: GAP,
        },
        rate: 20.0,
        eager: 16,
    },
];

/// Streams that are under way at the same time when memory is looked at.
const STREAMS: usize = 1000;

/// What stands between clients and the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entrant {
    /// A pass-through of a few lines.
    Bare,
    /// Ours with telemetry switched off.
    Off,
    /// Ours with everything on.
    On,
}

const ENTRANTS: [Entrant; 3] = [Entrant::Bare, Entrant::Off, Entrant::On];

/// Measures all cases.
pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    measure(options).map_err(|error| format!("proxy: {error}"))
}

fn measure(options: Options) -> io::Result<Vec<Table>> {
    let scratch = Scratch::new()?;
    let rounds = if options.is_quick { 2 } else { 4 };
    let mut bouts = Vec::new();
    for case in CASES {
        let mut bout = Bout::new(case.label);
        let mut field = Field::start(&scratch)?;
        for turn in 0..rounds {
            for at in 0..ENTRANTS.len() {
                // Nobody always comes after the same one.
                let Some(entrant) = ENTRANTS.get((at + turn) % ENTRANTS.len()) else {
                    continue;
                };
                let paced = field.plan(*entrant, case, Pace::PerSecond(case.rate));
                bout.paced(*entrant, field.round(*entrant, &paced)?);
                let eager = field.plan(*entrant, case, Pace::Eager);
                bout.eager(*entrant, field.round(*entrant, &eager)?);
            }
        }
        bouts.push(bout);
    }
    let mut memory = Bout::new("1,000 streams");
    for entrant in ENTRANTS {
        let mut field = Field::start(&scratch)?;
        let plan = field.crowd(entrant);
        memory.paced(entrant, field.round(entrant, &plan)?);
    }
    Ok(table::all(&bouts, &memory))
}

/// The processes of a case.
struct Field {
    proxies: Vec<(Entrant, Child)>,
    _provider: Child,
}

impl Field {
    fn start(scratch: &Scratch) -> io::Result<Self> {
        let provider = Child::start("mock", &[])?;
        let addr = provider.addr().to_string();
        let mut proxies = Vec::new();
        for entrant in ENTRANTS {
            let child = match entrant {
                Entrant::Bare => Child::start("bare-proxy", std::slice::from_ref(&addr))?,
                Entrant::Off => Child::start("proxy", std::slice::from_ref(&addr))?,
                Entrant::On => {
                    let file = scratch.file("spans.jsonl");
                    Child::start("proxy", &[addr.clone(), file.display().to_string()])?
                }
            };
            proxies.push((entrant, child));
        }
        Ok(Self {
            proxies,
            _provider: provider,
        })
    }

    fn proxy(&mut self, entrant: Entrant) -> io::Result<&mut Child> {
        let found = self.proxies.iter_mut().find(|(it, _)| *it == entrant);
        found
            .map(|(_, child)| child)
            .ok_or_else(|| io::Error::other("no such proxy"))
    }

    fn plan(&self, entrant: Entrant, case: Case, pace: Pace) -> Plan {
        let (wanted, clients, lasts) = match (case.wanted, pace) {
            // At full speed there is no gap between chunks that could be kept.
            (Wanted::Stream { chunks, .. }, Pace::Eager) => (
                Wanted::Stream {
                    chunks,
                    gap: Duration::ZERO,
                },
                case.eager,
                Duration::from_millis(1200),
            ),
            (wanted, Pace::Eager) => (wanted, case.eager, Duration::from_millis(1200)),
            (wanted, _) => (wanted, 48, Duration::from_millis(1500)),
        };
        self.asking(entrant, case.asked, wanted, pace, clients, lasts)
    }

    /// So many streams at once, each with a chunk now and then.
    fn crowd(&self, entrant: Entrant) -> Plan {
        let wanted = Wanted::Stream {
            chunks: 40,
            gap: Duration::from_millis(100),
        };
        let begin = Duration::from_secs(1);
        self.asking(entrant, 1024, wanted, Pace::Once, STREAMS, begin)
    }

    fn asking(
        &self,
        entrant: Entrant,
        bytes: usize,
        wanted: Wanted,
        pace: Pace,
        clients: usize,
        lasts: Duration,
    ) -> Plan {
        let path = match entrant {
            Entrant::Bare => "/v1/chat/completions".to_owned(),
            Entrant::Off | Entrant::On => format!("{}/chat/completions", recorded::PREFIX),
        };
        let found = self.proxies.iter().find(|(it, _)| *it == entrant);
        let gap = match wanted {
            Wanted::Whole { .. } => Duration::ZERO,
            Wanted::Stream { gap, .. } => gap,
        };
        Plan {
            addr: found.map_or(([127, 0, 0, 1], 0).into(), |(_, child)| child.addr()),
            request: answer::request(&path, wanted, bytes).into(),
            pace,
            clients,
            lasts,
            gap,
        }
    }

    /// Runs a plan, and counts what it cost the proxy, also what that puts off until later.
    fn round(&mut self, entrant: Entrant, plan: &Plan) -> io::Result<Round> {
        let proxy = self.proxy(entrant)?;
        let before = proxy.usage()?;
        let seen = plan.run()?;
        let lost = proxy.settle()?;
        let after = proxy.usage()?;
        Ok(Round::new(&seen, before, after, lost))
    }
}

/// A directory that is gone when the bench is.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> io::Result<Self> {
        let name = format!("genspan-bench-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory)?;
        Ok(Self(directory))
    }

    /// A file that does not exist.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let file = self.0.join(name);
        drop(fs::remove_file(&file));
        file
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
