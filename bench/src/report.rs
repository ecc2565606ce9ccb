//! What is measured, and how it is shown.

mod document;
mod format;
mod verdicts;

pub(crate) use self::document::show;

/// Holds measurements that are shown together.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Names the place in the document, such as `caller`; unique among all tables.
    pub name: &'static str,
    /// What is measured, in a few words.
    pub title: &'static str,
    /// What `peer` is.
    pub peer: &'static str,
    pub cells: Vec<Cell>,
    /// What a reader of the numbers must know.
    pub notes: Vec<String>,
}

/// Holds one measurement.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Names the measurement; unique in its table, and the same from run to run.
    pub label: String,
    pub ours: Sample,
    /// What the hand-written peer needs, where there is one.
    pub peer: Option<Sample>,
    pub unit: Unit,
    pub budget: Option<Budget>,
    pub note: String,
    /// Our number over the peer's, where the rounds of both came in pairs.
    paired: Option<f64>,
}

/// Holds what many rounds gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The least of all rounds: what it costs where nobody disturbs.
    pub least: f64,
    pub median: f64,
}

/// Names what a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Allocations,
    Bytes,
    /// Of one second.
    Rate,
    Percent,
}

/// Says what a measurement may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Budget {
    /// Our number over the peer's.
    RatioAtMost(f64),
    RatioAtLeast(f64),
    /// Our number alone, in the cell's unit.
    AtMost(f64),
    AtLeast(f64),
    /// Our number less the peer's, in the cell's unit.
    MoreAtMost(f64),
}

impl From<f64> for Sample {
    /// Takes a number that was measured once.
    fn from(number: f64) -> Self {
        Self {
            least: number,
            median: number,
        }
    }
}

impl Sample {
    /// Sums up rounds; 0 where there was none.
    pub(crate) fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        let at = |index: usize| rounds.get(index).copied().unwrap_or_default();
        Self {
            least: at(0),
            median: at(rounds.len() / 2),
        }
    }
}

impl Cell {
    pub(crate) fn new(label: impl Into<String>, unit: Unit, ours: impl Into<Sample>) -> Self {
        Self {
            label: label.into(),
            ours: ours.into(),
            peer: None,
            unit,
            budget: None,
            note: String::new(),
            paired: None,
        }
    }

    pub(crate) fn beside(mut self, peer: impl Into<Sample>) -> Self {
        self.peer = Some(peer.into());
        self
    }

    pub(crate) fn within(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    pub(crate) fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Takes the middle of the rounds' own ratios, each with the peer's round that came next to it: what disturbs
    /// one disturbs the other, and one lucky round decides nothing.
    pub(crate) fn paired(mut self, ours: &[f64], peers: &[f64]) -> Self {
        let both = ours.iter().zip(peers).filter(|(_, peer)| **peer > 0.0);
        let ratios: Vec<f64> = both.map(|(ours, peer)| ours / peer).collect();
        self.paired = (!ratios.is_empty()).then(|| Sample::of(ratios).median);
        self
    }

    /// Gives our number over the peer's, by their least rounds unless they came in pairs.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let peer = self.peer.filter(|peer| peer.least > 0.0)?;
        self.paired.or(Some(self.ours.least / peer.least))
    }

    /// Tells whether the budget holds; `None` where there is none, or nothing to hold it against.
    pub(crate) fn verdict(&self) -> Option<bool> {
        Some(match self.budget? {
            Budget::RatioAtMost(limit) => self.ratio()? <= limit,
            Budget::RatioAtLeast(limit) => self.ratio()? >= limit,
            Budget::AtMost(limit) => self.ours.least <= limit,
            Budget::AtLeast(limit) => self.ours.least >= limit,
            Budget::MoreAtMost(limit) => self.ours.least - self.peer?.least <= limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_least_and_the_middle() {
        let sample = Sample::of(vec![9.0, 1.0, 5.0]);
        assert_eq!(
            sample,
            Sample {
                least: 1.0,
                median: 5.0
            }
        );
        assert_eq!(Sample::of(Vec::new()), Sample::from(0.0));
    }

    #[test]
    fn rounds_in_pairs_are_not_decided_by_a_lucky_one() {
        let (ours, peers) = ([10.0, 20.0, 30.0], [10.0, 20.0, 3.0]);
        let sample = |rounds: [f64; 3]| Sample::of(rounds.to_vec());
        let cell = Cell::new("x", Unit::Rate, sample(ours)).beside(sample(peers));
        assert!(cell.ratio().is_some_and(|ratio| ratio > 3.0));
        assert_eq!(cell.paired(&ours, &peers).ratio(), Some(1.0));
    }

    #[test]
    fn budgets_are_judged_by_what_they_bound() {
        let cell = Cell::new("x", Unit::Nanoseconds, 130.0).beside(100.0);
        let verdict = |budget| cell.clone().within(budget).verdict();
        assert_eq!(verdict(Budget::RatioAtMost(1.3)), Some(true));
        assert_eq!(verdict(Budget::RatioAtLeast(1.4)), Some(false));
        assert_eq!(verdict(Budget::AtMost(129.0)), Some(false));
        assert_eq!(verdict(Budget::AtLeast(129.0)), Some(true));
        assert_eq!(verdict(Budget::MoreAtMost(30.0)), Some(true));
        assert_eq!(cell.verdict(), None);
        let alone = Cell::new("x", Unit::Nanoseconds, 1.0).within(Budget::RatioAtMost(2.0));
        assert_eq!(alone.verdict(), None);
    }
}
