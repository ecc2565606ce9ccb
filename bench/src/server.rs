//! A service that asks a model for each request, with more and more recorded.

mod models;
pub(crate) mod service;

use std::{io, time::Duration};

use crate::{
    child::{Child, losses::Losses},
    harness::Options,
    load::{Pace, Plan, number},
    mock::answer::{self, Wanted},
    proxy::Scratch,
    report::{Cell, Sample, Table, Unit},
};

/// Whose client the service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// hyper's, with the layer round it.
    Hyper,
    /// async-openai, by its adapter.
    AsyncOpenai,
}

impl Through {
    const ALL: [Self; 2] = [Self::Hyper, Self::AsyncOpenai];

    const fn label(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::AsyncOpenai => "async-openai",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.label() == text)
    }

    /// The place of its table.
    const fn name(self) -> &'static str {
        match self {
            Self::Hyper => "server",
            Self::AsyncOpenai => "server-async-openai",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Hyper => "A service that asks a model for each request",
            Self::AsyncOpenai => "The same service on async-openai, with its adapter",
        }
    }
}

/// What the service records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// It does not know of genspan.
    Without,
    /// Its client is wrapped, and telemetry is disabled.
    Disabled,
    /// No span is sampled; measurements are taken.
    SampledOut,
    /// All but what was asked and answered.
    Metadata,
    /// All.
    Content,
}

const VARIANTS: [Variant; 5] = [
    Variant::Without,
    Variant::Disabled,
    Variant::SampledOut,
    Variant::Metadata,
    Variant::Content,
];

impl Variant {
    const fn label(self) -> &'static str {
        match self {
            Self::Without => "without",
            Self::Disabled => "disabled",
            Self::SampledOut => "sampled out",
            Self::Metadata => "metadata",
            Self::Content => "content",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        VARIANTS.into_iter().find(|it| it.label() == text)
    }
}

/// Requests in a second that all variants sustain.
const RATE: f64 = 1000.0;

/// What the rounds of one variant gave.
struct Rounds {
    variant: Variant,
    service: Child,
    rates: Vec<f64>,
    /// Processor time of one request at full speed, in nanoseconds.
    eager: Vec<f64>,
    /// The same at a pace that is the same for all.
    paced: Vec<f64>,
    failed: u64,
    answered: u64,
    lost: Losses,
}

/// Measures all variants.
pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let tables = Through::ALL.map(|through| {
        let table = measure(options, through);
        table.map_err(|error| format!("{}: {error}", through.name()))
    });
    tables.into_iter().collect()
}

fn measure(options: Options, through: Through) -> io::Result<Table> {
    let scratch = Scratch::new()?;
    let provider = Child::start("mock", &[])?;
    let mut all = Vec::new();
    for variant in VARIANTS {
        let file = scratch.file(&format!("{}.jsonl", variant.label()));
        let arguments = [
            provider.addr().to_string(),
            through.label().to_owned(),
            variant.label().to_owned(),
            file.display().to_string(),
        ];
        all.push(Rounds {
            variant,
            service: Child::start("server", &arguments)?,
            rates: Vec::new(),
            eager: Vec::new(),
            paced: Vec::new(),
            failed: 0,
            answered: 0,
            lost: Losses::default(),
        });
    }
    for turn in 0..if options.is_quick { 2 } else { 5 } {
        // Nobody always comes after the same one.
        all.rotate_left(usize::from(turn > 0));
        for rounds in &mut all {
            rounds.round(Pace::PerSecond(RATE))?;
            rounds.round(Pace::Eager)?;
        }
    }
    Ok(table(&all, through))
}

impl Rounds {
    fn round(&mut self, pace: Pace) -> io::Result<()> {
        let plan = Plan {
            addr: self.service.addr(),
            request: answer::request("/answer", Wanted::Whole { bytes: 1024 }, 1024).into(),
            pace,
            clients: 16,
            lasts: Duration::from_millis(1200),
            gap: Duration::ZERO,
        };
        let before = self.service.usage()?;
        let seen = plan.run()?;
        self.lost = self.lost.and(self.service.settle()?);
        let cpu = self.service.usage()?.cpu.saturating_sub(before.cpu);
        let cpu = cpu.as_secs_f64() * 1e9 / number(seen.answered.max(1));
        self.failed += seen.failed;
        self.answered += seen.answered;
        if matches!(pace, Pace::Eager) {
            self.rates.push(seen.rate());
            self.eager.push(cpu);
        } else {
            self.paced.push(cpu);
        }
        Ok(())
    }

    /// The best round instead of the least.
    fn rate(&self) -> Sample {
        Sample {
            least: self.rates.iter().copied().fold(0.0, f64::max),
            ..Sample::of(self.rates.clone())
        }
    }
}

fn notes(through: Through) -> Vec<String> {
    let mut notes = vec![
        "The handler asks a model of the mock provider's: 1 KB asked, 1 KB answered, JSON written and read. \
         Clients, service and provider share the machine; processor time is the service's alone, until all is \
         written to a file. A ratio is the middle one of all turns, each of two rounds of the same turn."
            .to_owned(),
        "For scale: Sentry's own report on its Node SDK has 20 % of the requests that are answered without it, \
         for a handler that does nothing."
            .to_owned(),
    ];
    if through == Through::AsyncOpenai {
        notes.push(
            "async-openai asks with reqwest, and with its own retries inside of the recorded call, of which there are \
             none here. Disabled, the adapter gives the client that is measured without it: what differs there is \
             the machine's noise."
                .to_owned(),
        );
    }
    notes
}

fn table(all: &[Rounds], through: Through) -> Table {
    let mut cells = Vec::new();
    let mut notes = notes(through);
    let without = all.iter().find(|it| it.variant == Variant::Without);
    for variant in VARIANTS {
        let found = all.iter().find(|it| it.variant == variant);
        let (Some(rounds), Some(without)) = (found, without) else {
            continue;
        };
        let label = variant.label();
        let (rate, eager, paced) = (
            rounds.rate(),
            Sample::of(rounds.eager.clone()),
            Sample::of(rounds.paced.clone()),
        );
        let rate = Cell::new(format!("{label}: requests/s"), Unit::Rate, rate);
        let eager = Cell::new(
            format!("{label}: processor time, full speed"),
            Unit::Nanoseconds,
            eager,
        );
        let paced = Cell::new(
            format!("{label}: processor time, {RATE} requests/s"),
            Unit::Nanoseconds,
            paced,
        );
        if variant == Variant::Without {
            cells.extend([rate, eager, paced]);
        } else {
            cells.extend([
                rate.beside(without.rate())
                    .paired(&rounds.rates, &without.rates),
                eager
                    .beside(Sample::of(without.eager.clone()))
                    .paired(&rounds.eager, &without.eager),
                paced
                    .beside(Sample::of(without.paced.clone()))
                    .paired(&rounds.paced, &without.paced),
            ]);
        }
        if rounds.failed > 0 {
            notes.push(format!("{label}: {} requests failed", rounds.failed));
        }
        if !rounds.lost.is_none() {
            notes.push(format!(
                "{label}: of {} calls {}",
                rounds.answered, rounds.lost
            ));
        }
    }
    Table {
        name: through.name(),
        title: through.title(),
        peer: "the same service without genspan",
        cells,
        notes,
    }
}
