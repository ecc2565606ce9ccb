//! Which instrument a measurement is of.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
};

use crate::{
    Amount, Conventions,
    semconv::{Instrument, Metric, ValueType, spec},
};

/// Describes an instrument that no version of the conventions has, such as a vendor's.
///
/// Two of one name are the same.
#[derive(Clone, Copy, Debug)]
pub struct OwnMetric {
    /// The name under which it is sent.
    pub name: &'static str,
    /// The unit in UCUM notation; times are told in `s` or `ms`.
    pub unit: &'static str,
    /// What it means, in one sentence.
    pub brief: &'static str,
    /// How values are gathered.
    pub instrument: Instrument,
    /// What kind of number a value is.
    pub value_type: ValueType,
    /// The upper bounds of a histogram's buckets, ascending; empty for a counter.
    pub buckets: &'static [f64],
    /// The keys that its labels may have; no id has a place among them.
    pub labels: &'static [&'static str],
}

/// Names the instrument that a measurement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnyMetric {
    /// One of the conventions.
    Standard(Metric),
    /// One that they do not have.
    Own(&'static OwnMetric),
}

impl AnyMetric {
    /// Gives the name under which it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard(metric) => metric.name(),
            Self::Own(metric) => metric.name,
        }
    }

    /// Gives the unit in UCUM notation.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Standard(metric) => metric.unit(),
            Self::Own(metric) => metric.unit,
        }
    }

    /// Says what it means.
    #[must_use]
    pub const fn brief(self) -> &'static str {
        match self {
            Self::Standard(metric) => metric.brief(),
            Self::Own(metric) => metric.brief,
        }
    }

    /// Tells how values are gathered.
    #[must_use]
    pub const fn instrument(self) -> Instrument {
        match self {
            Self::Standard(metric) => metric.instrument(),
            Self::Own(metric) => metric.instrument,
        }
    }

    /// Tells what kind of number a value is.
    #[must_use]
    pub const fn value_type(self) -> ValueType {
        match self {
            Self::Standard(metric) => metric.value_type(),
            Self::Own(metric) => metric.value_type,
        }
    }

    /// Gives the upper bounds of a histogram's buckets, ascending; empty for a counter.
    #[must_use]
    pub const fn buckets(self) -> &'static [f64] {
        match self {
            Self::Standard(metric) => metric.buckets(),
            Self::Own(metric) => metric.buckets,
        }
    }

    /// Gives what was measured as a number of this instrument's unit.
    #[must_use]
    pub fn number(self, amount: Amount) -> f64 {
        match (amount, self.unit()) {
            (Amount::Time(time), "ms") => time.as_secs_f64() * 1e3,
            (amount, _) => amount.as_f64(),
        }
    }

    /// Tells whether its labels may have this key.
    pub(crate) fn has_label(self, key: &str) -> bool {
        match self {
            Self::Own(metric) => metric.labels.contains(&key),
            Self::Standard(metric) => Conventions::ALL
                .into_iter()
                .filter_map(|version| spec::metric(version, metric))
                .any(|spec| spec.attribute(key).is_some()),
        }
    }
}

impl From<Metric> for AnyMetric {
    fn from(metric: Metric) -> Self {
        Self::Standard(metric)
    }
}

impl From<&'static OwnMetric> for AnyMetric {
    fn from(metric: &'static OwnMetric) -> Self {
        Self::Own(metric)
    }
}

impl PartialEq<Metric> for AnyMetric {
    fn eq(&self, other: &Metric) -> bool {
        matches!(self, Self::Standard(metric) if metric == other)
    }
}

impl PartialEq for OwnMetric {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OwnMetric {}

impl PartialOrd for OwnMetric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OwnMetric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Hash for OwnMetric {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
