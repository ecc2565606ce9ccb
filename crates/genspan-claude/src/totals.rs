//! What runs spent, from totals that count all runs of a process.

use std::collections::BTreeMap;

use genspan::{Money, Value};

use crate::fields::Fields;

/// Remembers the totals of the last result.
///
/// One process of the CLI may run several times, and states what all its runs cost together; a total that falls has
/// begun anew.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    cost: Option<Money>,
    models: BTreeMap<String, Vec<(String, f64)>>,
}

/// Holds what one run spent.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Spent {
    pub(crate) cost: Option<Money>,
    /// What each model was used for, in the members that the result states.
    pub(crate) models: Vec<(String, Value)>,
}

impl Totals {
    /// Bounds the models that are told apart.
    const MODELS: usize = 64;
    /// The members that are totals; the others say what the model can do.
    const COUNTED: [&str; 5] = [
        "inputTokens",
        "outputTokens",
        "cacheReadInputTokens",
        "cacheCreationInputTokens",
        "costUSD",
    ];

    /// Begins anew, as a conversation that is cleared does.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the totals of a result and gives what its run added to them.
    pub(crate) fn of_run(&mut self, result: &Value) -> Spent {
        Spent {
            cost: self.cost_of_run(result),
            models: self.models_of_run(result),
        }
    }

    fn cost_of_run(&mut self, result: &Value) -> Option<Money> {
        let total = Money::from_f64(result.number("total_cost_usd")?)?;
        // The result of a run that failed may be blank, which says nothing of what was spent.
        if total == Money::ZERO
            && self.cost.is_some_and(|cost| cost > Money::ZERO)
            && result.flag("is_error") == Some(true)
        {
            return None;
        }
        let before = self.cost.replace(total).filter(|before| *before <= total);
        let before = before.map_or(0, Money::picos);
        Some(Money::from_picos(total.picos() - before))
    }

    fn models_of_run(&mut self, result: &Value) -> Vec<(String, Value)> {
        let Some(Value::Map(models)) = result.member("modelUsage") else {
            return Vec::new();
        };
        models
            .iter()
            .take(Self::MODELS)
            .filter_map(|(model, used)| Some((model.clone(), self.model_of_run(model, used)?)))
            .collect()
    }

    /// Gives what a run used of a model, `None` where it used nothing.
    fn model_of_run(&mut self, model: &str, used: &Value) -> Option<Value> {
        let totals: Vec<(String, f64)> = Self::COUNTED
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), used.number(name)?)))
            .collect();
        let is_known = self.models.contains_key(model);
        if !is_known && self.models.len() >= Self::MODELS {
            return None;
        }
        let before = self.models.insert(model.to_owned(), totals.clone());
        let before = before.filter(|before| !has_fallen(before, &totals));
        let spent = totals.into_iter().map(|(name, total)| {
            let last = before.as_deref().and_then(|before| find(before, &name));
            let spent = total - last.unwrap_or_default();
            // Amounts of money are of 10⁻¹², and their differences too.
            let spent = Money::from_f64(spent).map_or(spent, Money::as_f64);
            (name, Value::Double(spent))
        });
        let spent: Vec<(String, Value)> = spent.collect();
        let is_used = spent
            .iter()
            .any(|(_, spent)| matches!(spent, Value::Double(spent) if *spent > 0.0));
        is_used.then_some(Value::Map(spent))
    }
}

fn find(totals: &[(String, f64)], name: &str) -> Option<f64> {
    let found = totals.iter().find(|(known, _)| known == name);
    found.map(|(_, total)| *total)
}

fn has_fallen(before: &[(String, f64)], now: &[(String, f64)]) -> bool {
    now.iter()
        .any(|(name, total)| find(before, name).is_some_and(|before| *total < before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(cost: f64, input: u64) -> Value {
        let json = format!(
            r#"{{"is_error":false,"total_cost_usd":{cost},"modelUsage":{{"m":{{"inputTokens":{input},"costUSD":{cost},"contextWindow":9}}}}}}"#
        );
        Value::from_json(&json).unwrap()
    }

    #[test]
    fn each_run_has_its_own_share() {
        let mut totals = Totals::default();
        let spent: Vec<String> = [(0.1, 5), (0.3, 9), (0.3, 9), (0.2, 4)]
            .into_iter()
            .map(|(cost, input)| {
                let Spent { cost, models } = totals.of_run(&result(cost, input));
                let models = models
                    .iter()
                    .map(|(model, used)| format!("{model} {}", used.to_json()));
                format!("{:?} {}", cost.unwrap(), models.collect::<String>())
            })
            .collect();
        assert_eq!(
            spent,
            [
                r#"0.1 m {"inputTokens":5.0,"costUSD":0.1}"#,
                r#"0.2 m {"inputTokens":4.0,"costUSD":0.2}"#,
                "0 ",
                r#"0.2 m {"inputTokens":4.0,"costUSD":0.2}"#,
            ]
        );
    }

    #[test]
    fn a_blank_result_says_nothing() {
        let mut totals = Totals::default();
        totals.of_run(&result(0.5, 1));
        let blank = Value::from_json(r#"{"is_error":true,"total_cost_usd":0,"modelUsage":{}}"#);
        assert_eq!(totals.of_run(&blank.unwrap()), Spent::default());
        assert_eq!(totals.of_run(&result(0.75, 2)).cost, Money::from_f64(0.25));
    }
}
