//! One provider's prices, and which of them a call pays.

use std::{borrow::Cow, collections::BTreeMap};

use genspan::{Billable, Cost, CostSource, Timestamp};

use crate::{hours::Hours, names, rates::Rates};

/// Holds the prices of one provider, as one source states them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// The provider, as `gen_ai.provider.name` names it.
    pub(crate) provider: String,
    /// The hosts where these prices hold, `*` for any beginning; anywhere where there are none.
    pub(crate) hosts: Vec<String>,
    /// What stands for the table in telemetry.
    pub(crate) label: String,
    pub(crate) currency: String,
    /// Service tiers that cost what calls without one do.
    pub(crate) standard_tiers: Vec<String>,
    /// What may stand before a model's name and does not matter.
    pub(crate) prefixes: Vec<String>,
    /// What a program may put behind a model's name that does not matter.
    pub(crate) suffixes: Vec<String>,
    pub(crate) models: Vec<Model>,
    /// The hours in which models that have a price for them cost it.
    pub(crate) peak: Vec<Hours>,
    /// The models by each of their names, in the order of the file.
    by_name: BTreeMap<String, Vec<usize>>,
}

/// Holds what one model costs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) names: Vec<String>,
    /// When these prices began to hold.
    pub(crate) from: Option<Timestamp>,
    /// When they ceased to.
    pub(crate) until: Option<Timestamp>,
    pub(crate) standard: Card,
    /// What it costs in the table's peak hours.
    pub(crate) peak: Option<Card>,
    /// What it costs in other service tiers.
    pub(crate) tiers: BTreeMap<String, Card>,
}

/// Holds prices that may depend on how long the prompt is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Card {
    pub(crate) rates: Rates,
    /// Prices of the whole call where its input has more tokens than this; ascending.
    pub(crate) over: Vec<(u64, Rates)>,
}

impl Table {
    /// Begins a table with the currency that most have.
    pub(crate) fn in_usd() -> Self {
        Self {
            currency: "USD".to_owned(),
            ..Self::default()
        }
    }

    /// Makes the models to be found by name.
    pub(crate) fn index(&mut self) {
        for (at, model) in self.models.iter().enumerate() {
            for name in &model.names {
                self.by_name.entry(name.clone()).or_default().push(at);
            }
        }
    }

    /// Tells whether the prices hold at a host.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let is_it = |known: &String| match known.strip_prefix('*') {
            Some(ending) => host.ends_with(ending),
            None => host == known,
        };
        self.hosts.is_empty() || self.hosts.iter().any(is_it)
    }

    /// Gives the model of a call, where the table knows it.
    pub(crate) fn model_of(&self, call: &Billable<'_>) -> Option<&Model> {
        // A provider that says which model answered need not have taken the one that was asked for.
        self.model(call.response_model.or(call.request_model)?, call.at)
    }

    /// Prices a call to one of its models; `None` where a price is missing.
    pub(crate) fn price(&self, model: &Model, call: &Billable<'_>) -> Option<Cost> {
        let card = match call.service_tier {
            Some(tier) if !self.standard_tiers.iter().any(|known| known == tier) => {
                model.tiers.get(tier)?
            }
            _ => self.card_at(model, call.at)?,
        };
        let (amount, parts) = card
            .rates(call.usage.input()?)
            .cost(&call.usage, call.has_output)?;
        Some(Cost {
            amount,
            currency: Cow::Owned(self.currency.clone()),
            source: CostSource::PriceTable(Cow::Owned(self.label.clone())),
            parts,
        })
    }

    /// Gives the prices of a time of day; `None` where they depend on it and it is not known.
    fn card_at<'m>(&self, model: &'m Model, at: Option<Timestamp>) -> Option<&'m Card> {
        let Some(peak) = &model.peak else {
            return Some(&model.standard);
        };
        let at = at?;
        let is_peak = self.peak.iter().any(|hours| hours.contain(at));
        Some(if is_peak { peak } else { &model.standard })
    }

    fn model(&self, name: &str, at: Option<Timestamp>) -> Option<&Model> {
        names::known_forms(name, &self.prefixes, &self.suffixes).find_map(|form| {
            let known = self.by_name.get(form)?.iter();
            let mut models = known.filter_map(|at| self.models.get(*at));
            models.find(|model| model.holds(at))
        })
    }
}

impl Model {
    /// Tells whether the prices held at a moment; those that hold today where it is not known.
    fn holds(&self, at: Option<Timestamp>) -> bool {
        match at {
            Some(at) => {
                self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
            }
            None => self.until.is_none(),
        }
    }
}

impl Card {
    fn rates(&self, input: u64) -> &Rates {
        let longer = self.over.iter().rev().find(|(least, _)| input > *least);
        longer.map_or(&self.rates, |(_, rates)| rates)
    }
}
