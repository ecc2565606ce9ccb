//! What came of the rounds of a case.

use super::{ENTRANTS, Entrant};
use crate::{
    child::{losses::Losses, usage::Usage},
    load::Seen,
    report::Sample,
};

/// What one run against one proxy gave; times in nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) rate: f64,
    pub(super) failed: u64,
    pub(super) half: f64,
    pub(super) most: f64,
    pub(super) first: f64,
    /// By how many percent of their length gaps between chunks were shifted.
    pub(super) shift_half: f64,
    pub(super) shift_most: f64,
    /// Processor time of one request.
    pub(super) cpu: f64,
    pub(super) resident: u64,
    pub(super) resident_at_most: u64,
    pub(super) answered: u64,
    pub(super) lost: Losses,
}

impl Round {
    pub(super) fn new(seen: &Seen, before: Usage, after: Usage, lost: Losses) -> Self {
        let answered = u32::try_from(seen.answered).unwrap_or(u32::MAX).max(1);
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() * 1e9;
        Self {
            rate: seen.rate(),
            failed: seen.failed,
            half: seen.whole(0.5),
            most: seen.whole(0.99),
            first: seen.first(0.5),
            shift_half: seen.shift(0.5),
            shift_most: seen.shift(0.99),
            cpu: cpu / f64::from(answered),
            resident: after.resident,
            resident_at_most: after.resident_at_most,
            answered: seen.answered,
            lost,
        }
    }
}

/// The rounds of all entrants in one case.
#[derive(Clone, Debug)]
pub(super) struct Bout {
    pub(super) label: &'static str,
    paced: Vec<(Entrant, Round)>,
    eager: Vec<(Entrant, Round)>,
}

impl Bout {
    pub(super) const fn new(label: &'static str) -> Self {
        Self {
            label,
            paced: Vec::new(),
            eager: Vec::new(),
        }
    }

    /// Adds a round at a pace that is the same for all.
    pub(super) fn paced(&mut self, entrant: Entrant, round: Round) {
        self.paced.push((entrant, round));
    }

    /// Adds a round at full speed.
    pub(super) fn eager(&mut self, entrant: Entrant, round: Round) {
        self.eager.push((entrant, round));
    }

    /// A number of an entrant's paced rounds.
    pub(super) fn at_pace(&self, entrant: Entrant, number: impl Fn(&Round) -> f64) -> Sample {
        Sample::of(numbers(&self.paced, entrant, number))
    }

    /// A number of an entrant's rounds at full speed.
    pub(super) fn at_full_speed(&self, entrant: Entrant, number: impl Fn(&Round) -> f64) -> Sample {
        Sample::of(numbers(&self.eager, entrant, number))
    }

    /// Answers in a second at full speed; the best round instead of the least.
    pub(super) fn throughput(&self, entrant: Entrant) -> Sample {
        let rates = numbers(&self.eager, entrant, |round| round.rate);
        Sample {
            least: rates.iter().copied().fold(0.0, f64::max),
            ..Sample::of(rates)
        }
    }

    /// What was not answered, or not recorded, in words; one line each.
    pub(super) fn troubles(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (how, rounds) in [("at a pace", &self.paced), ("at full speed", &self.eager)] {
            for entrant in ENTRANTS {
                let of_it = rounds.iter().filter(|(it, _)| *it == entrant);
                let failed: u64 = of_it.clone().map(|(_, round)| round.failed).sum();
                if failed > 0 {
                    lines.push(format!(
                        "{}, {how}: {failed} requests to {entrant:?} failed",
                        self.label
                    ));
                }
                let lost = of_it
                    .clone()
                    .fold(Losses::default(), |all, (_, it)| all.and(it.lost));
                if !lost.is_none() {
                    let answered: u64 = of_it.map(|(_, round)| round.answered).sum();
                    lines.push(format!("{}, {how}: of {answered} calls {lost}", self.label));
                }
            }
        }
        lines
    }
}

fn numbers(
    rounds: &[(Entrant, Round)],
    entrant: Entrant,
    number: impl Fn(&Round) -> f64,
) -> Vec<f64> {
    let of_it = rounds.iter().filter(|(it, _)| *it == entrant);
    of_it.map(|(_, round)| number(round)).collect()
}
