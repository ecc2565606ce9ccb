//! What models and tools did over time.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Row, params_from_iter};

use super::{
    Asker, amount, count, duration, list, micros,
    text::{Depth, Found},
};
use crate::{
    Filter,
    file::Fault,
    prepare::facts::{Facts, Kind, Status},
    read::{Amount, ModelPoint, ModelStatistics, Statistics, ToolPoint, ToolStatistics},
    shape::is_turned_away,
};

/// Sums up calls and executions of tools.
pub(crate) fn statistics(
    asker: &Asker<'_>,
    filter: &Filter,
    bucket_micros: u64,
) -> Result<Statistics, Fault> {
    let mut conditions = list::of_spans(filter);
    conditions.add(
        format!(
            "span.is_counted AND span.kind IN ({}, {}, {})",
            Kind::Chat.column(),
            Kind::Embeddings.column(),
            Kind::Tool.column()
        ),
        [],
    );
    if let Some(text) = &filter.text {
        let found = Found::of(asker, text, Depth::All)?;
        let rows = list::rows(found.spans.keys().copied());
        conditions.add("span.id IN (SELECT value FROM json_each(?))", [rows]);
    }
    let sql = format!(
        "SELECT kind, model, provider, tool, status, error_type, started, ended, input, cached, output, cost, currency,
            first_chunk FROM span WHERE {}",
        conditions.sql()
    );
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(conditions.values))?;
    let mut models: HashMap<(String, Option<String>), Sums> = HashMap::new();
    let mut tools: HashMap<String, Sums> = HashMap::new();
    while let Some(row) = rows.next()? {
        let facts = facts(row)?;
        let sums = if facts.kind == Kind::Tool {
            tools
                .entry(facts.tool.clone().unwrap_or_default())
                .or_default()
        } else {
            let model = facts.model.clone().unwrap_or_default();
            models.entry((model, facts.provider.clone())).or_default()
        };
        sums.add(&facts, bucket_micros);
    }
    let mut statistics = Statistics {
        bucket_micros,
        models: models.into_iter().map(Sums::into_model).collect(),
        tools: tools.into_iter().map(Sums::into_tool).collect(),
    };
    statistics.models.sort_by(|one, other| {
        let names = |model: &ModelStatistics| (model.model.clone(), model.provider.clone());
        let order = other.calls.cmp(&one.calls);
        order.then_with(|| names(one).cmp(&names(other)))
    });
    statistics.tools.sort_by(|one, other| {
        let order = other.calls.cmp(&one.calls);
        order.then_with(|| one.tool.cmp(&other.tool))
    });
    Ok(statistics)
}

fn facts(row: &Row<'_>) -> rusqlite::Result<Facts> {
    Ok(Facts {
        kind: Kind::from_column(row.get(0)?),
        model: row.get(1)?,
        provider: row.get(2)?,
        tool: row.get(3)?,
        status: Status::from_column(row.get(4)?),
        error_type: row.get(5)?,
        started: row.get(6)?,
        ended: row.get(7)?,
        input: row.get(8)?,
        cached: row.get(9)?,
        output: row.get(10)?,
        cost: row.get(11)?,
        currency: row.get(12)?,
        first_chunk: row.get(13)?,
        ..Facts::default()
    })
}

/// Sums up calls of one model or tool, as a whole and by buckets.
#[derive(Debug, Default)]
struct Sums {
    whole: Sum,
    buckets: BTreeMap<i64, Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    calls: u64,
    errors: u64,
    input: u64,
    cached: u64,
    output: u64,
    unpriced: u64,
    cost: Option<i64>,
    currency: Option<String>,
    durations: Vec<u64>,
    first_chunks: Vec<u64>,
}

impl Sums {
    fn add(&mut self, facts: &Facts, bucket_micros: u64) {
        self.whole.add(facts);
        if let Some(length) = i64::try_from(bucket_micros)
            .ok()
            .filter(|length| *length > 0)
        {
            let at = micros(facts.started).div_euclid(length) * length;
            self.buckets.entry(at).or_default().add(facts);
        }
    }

    fn into_model(((model, provider), sums): ((String, Option<String>), Self)) -> ModelStatistics {
        let Self { mut whole, buckets } = sums;
        whole.sort();
        ModelStatistics {
            model,
            provider,
            calls: whole.calls,
            errors: whole.errors,
            input_tokens: whole.input,
            cached_tokens: whole.cached,
            output_tokens: whole.output,
            cost: whole.cost(),
            unpriced_calls: whole.unpriced,
            p50_micros: percentile(&whole.durations, 50),
            p95_micros: percentile(&whole.durations, 95),
            p99_micros: percentile(&whole.durations, 99),
            first_chunk_p50_micros: percentile(&whole.first_chunks, 50),
            series: buckets
                .into_iter()
                .map(|(at_micros, mut sum)| {
                    sum.sort();
                    ModelPoint {
                        at_micros,
                        calls: sum.calls,
                        errors: sum.errors,
                        input_tokens: sum.input,
                        output_tokens: sum.output,
                        cost: sum.cost(),
                        p50_micros: percentile(&sum.durations, 50),
                        p95_micros: percentile(&sum.durations, 95),
                    }
                })
                .collect(),
        }
    }

    fn into_tool((tool, sums): (String, Self)) -> ToolStatistics {
        let Self { mut whole, buckets } = sums;
        whole.sort();
        ToolStatistics {
            tool,
            calls: whole.calls,
            errors: whole.errors,
            p50_micros: percentile(&whole.durations, 50),
            p95_micros: percentile(&whole.durations, 95),
            p99_micros: percentile(&whole.durations, 99),
            series: buckets
                .into_iter()
                .map(|(at_micros, mut sum)| {
                    sum.sort();
                    ToolPoint {
                        at_micros,
                        calls: sum.calls,
                        errors: sum.errors,
                        p50_micros: percentile(&sum.durations, 50),
                        p95_micros: percentile(&sum.durations, 95),
                    }
                })
                .collect(),
        }
    }
}

impl Sum {
    fn add(&mut self, facts: &Facts) {
        self.calls += 1;
        let has_failed = facts.status != Status::Ok;
        self.errors += u64::from(facts.status == Status::Error);
        for (sum, stated) in [
            (&mut self.input, facts.input),
            (&mut self.cached, facts.cached),
            (&mut self.output, facts.output),
        ] {
            *sum += stated.map(count).unwrap_or_default();
        }
        if !has_failed {
            self.durations.push(duration(facts.started, facts.ended));
            self.first_chunks
                .extend(facts.first_chunk.map(|nanos| duration(0, nanos)));
        }
        let is_same = |known: &Option<String>| known.is_none() || *known == facts.currency;
        match facts.cost {
            Some(cost) if is_same(&self.currency) => {
                self.cost = Some(self.cost.unwrap_or_default().saturating_add(cost));
                self.currency.clone_from(&facts.currency);
            }
            _ => self.unpriced += u64::from(facts.kind.is_call() && !is_turned_away(facts)),
        }
    }

    fn sort(&mut self) {
        self.durations.sort_unstable();
        self.first_chunks.sort_unstable();
    }

    fn cost(&self) -> Option<Amount> {
        amount(self.cost, self.currency.as_deref())
    }
}

/// Gives the smallest of sorted values that at least so many hundredths do not exceed.
fn percentile(sorted: &[u64], hundredths: usize) -> Option<u64> {
    let rank = (sorted.len() * hundredths).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let hundred: Vec<u64> = (1..=100).collect();
        let of = |sorted: &[u64]| [50, 95, 99].map(|hundredths| percentile(sorted, hundredths));
        assert_eq!(of(&hundred), [Some(50), Some(95), Some(99)]);
        assert_eq!(of(&[7]), [Some(7); 3]);
        assert_eq!(of(&[]), [None; 3]);
    }
}
