//! Filters as SQL.

use rusqlite::types::Value;

use crate::{Filter, StatusFilter, prepare::facts::Status, shape::Facet};

/// Gathers conditions and what they compare with.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition, in which each `?` stands for one of the values.
    pub(super) fn add<const N: usize>(&mut self, sql: impl Into<String>, values: [Value; N]) {
        self.sql.push(sql.into());
        self.values.extend(values);
    }

    /// Writes them behind `WHERE`.
    pub(super) fn sql(&self) -> String {
        if self.sql.is_empty() {
            return "1".to_owned();
        }
        self.sql.join(" AND ")
    }
}

/// Writes rows as a list that SQL can look into.
pub(super) fn rows(rows: impl Iterator<Item = i64>) -> Value {
    let rows: Vec<String> = rows.map(|row| row.to_string()).collect();
    Value::Text(format!("[{}]", rows.join(",")))
}

fn text(word: &str) -> Value {
    Value::Text(word.to_owned())
}

/// Gives what a filter wants of some span of a trace.
pub(super) fn facets(filter: &Filter) -> Vec<(Facet, &str)> {
    let wanted = [
        (Facet::Conversation, &filter.conversation),
        (Facet::Tool, &filter.tool),
        (Facet::Agent, &filter.agent),
        (Facet::Model, &filter.model),
        (Facet::Service, &filter.service),
        (Facet::Provider, &filter.provider),
        (Facet::Operation, &filter.operation),
        (Facet::Source, &filter.source),
    ];
    let stated = wanted.into_iter();
    stated
        .filter_map(|(facet, word)| Some((facet, word.as_deref()?)))
        .collect()
}

fn nanos(micros: i64) -> Value {
    Value::Integer(micros.saturating_mul(1_000))
}

/// Gives the least amount as it is in the file.
fn picos(amount: f64) -> Value {
    let picos = genspan::Money::from_f64(amount).map(genspan::Money::picos);
    Value::Integer(picos.map_or(0, |picos| i64::try_from(picos).unwrap_or(i64::MAX)))
}

/// What traces and spans have in common.
fn common(filter: &Filter, table: &str, conditions: &mut Conditions) {
    if let Some(least) = filter.min_cost {
        conditions.add(format!("{table}.cost >= ?"), [picos(least)]);
    }
    if let Some(least) = filter.min_tokens {
        let least = i64::try_from(least).unwrap_or(i64::MAX);
        conditions.add(
            format!("coalesce({table}.input, 0) + coalesce({table}.output, 0) >= ?"),
            [Value::Integer(least)],
        );
    }
    if let Some(least) = filter.min_duration_micros {
        let least = i64::try_from(least).unwrap_or(i64::MAX);
        conditions.add(
            format!("{table}.ended - {table}.started >= ?"),
            [nanos(least)],
        );
    }
    if let Some(since) = filter.since_micros {
        conditions.add(format!("{table}.started >= ?"), [nanos(since)]);
    }
    if let Some(until) = filter.until_micros {
        conditions.add(format!("{table}.started < ?"), [nanos(until)]);
    }
}

/// Writes what a filter wants of traces, but for texts.
pub(super) fn of_traces(filter: &Filter, facets: &[(Facet, &str)]) -> Conditions {
    let mut conditions = Conditions::default();
    for (facet, word) in facets {
        conditions.add(
            "EXISTS (SELECT 1 FROM facet AS other WHERE other.kind = ? AND other.word = ?
                AND other.started = trace.started AND other.trace = trace.id)",
            [Value::Integer(facet.column()), text(word)],
        );
    }
    common(filter, "trace", &mut conditions);
    match filter.status {
        None => {}
        Some(StatusFilter::Ok) => conditions.add(
            "trace.errors = 0 AND trace.cancelled = 0 AND trace.status = 0",
            [],
        ),
        Some(StatusFilter::Error) => conditions.add("trace.errors > 0", []),
        Some(StatusFilter::Cancelled) => conditions.add("trace.cancelled > 0", []),
    }
    conditions
}

/// Writes what a filter wants of spans, but for texts.
pub(super) fn of_spans(filter: &Filter) -> Conditions {
    let mut conditions = Conditions::default();
    for (column, word) in [
        ("model", &filter.model),
        ("provider", &filter.provider),
        ("tool", &filter.tool),
        ("in_agent", &filter.agent),
        ("in_conversation", &filter.conversation),
        ("service", &filter.service),
        ("operation", &filter.operation),
    ] {
        if let Some(word) = word {
            conditions.add(format!("span.{column} = ?"), [text(word)]);
        }
    }
    if let Some(source) = &filter.source {
        conditions.add(
            "(span.source = ? OR EXISTS (SELECT 1 FROM span AS other WHERE other.lead = span.id AND other.source = ?))",
            [text(source), text(source)],
        );
    }
    common(filter, "span", &mut conditions);
    if let Some(status) = filter.status {
        let status = match status {
            StatusFilter::Ok => Status::Ok,
            StatusFilter::Error => Status::Error,
            StatusFilter::Cancelled => Status::Cancelled,
        };
        conditions.add("span.status = ?", [Value::Integer(status.column())]);
    }
    conditions
}
