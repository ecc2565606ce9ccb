//! Log records and metrics, which stand beside spans.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Args;
use genspan::TraceId;
use genspan_store::{
    LogFilter, Severity, Store,
    read::{Figures, LogRow, Metric},
};
use genspan_tree::{Style, moment, rows};
use serde::Serialize;

use super::newest;
use crate::{
    Failure, environment::Environment, filter::FilterArgs, show::trace_id, terminal::style_of,
};

/// Says that something else than spans is looked for.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct BesideArgs {
    /// Finds log records and events, such as those of coding agents, in place of spans
    #[arg(long, conflicts_with_all = FilterArgs::OF_SPANS, conflicts_with = "metrics")]
    logs: bool,

    /// Finds metrics in place of spans
    #[arg(long, conflicts_with_all = FilterArgs::OF_SPANS, conflicts_with = "conversation")]
    metrics: bool,

    /// Of log records: those of this event
    #[arg(long, value_name = "EVENT", requires = "logs")]
    name: Option<String>,

    /// Of log records: `debug`, `info`, `warn`, `error` and worse
    #[arg(long, value_name = "SEVERITY", requires = "logs")]
    severity: Option<Severity>,

    /// Of log records: those of this trace
    #[arg(long, value_name = "TRACE", value_parser = trace_id, requires = "logs")]
    trace: Option<TraceId>,

    /// Of log records: those that belong to no trace
    #[arg(long, requires = "logs")]
    alone: bool,
}

impl BesideArgs {
    pub(super) const fn is_asked(&self) -> bool {
        self.logs || self.metrics
    }

    pub(super) fn run(
        self,
        store: &Store,
        filter: &FilterArgs,
        most: usize,
        is_json: bool,
        environment: &Environment,
    ) -> Result<ExitCode, Failure> {
        if self.metrics {
            return metrics(store, filter, most, is_json, environment);
        }
        let filter = LogFilter {
            name: self.name,
            severity: self.severity,
            trace: self.trace,
            is_alone: self.alone,
            ..filter.of_logs()
        };
        logs(store, &filter, most, is_json, environment)
    }
}

fn logs(
    store: &Store,
    filter: &LogFilter,
    most: usize,
    is_json: bool,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let (found, is_all) = newest::find(most, |page| {
        store.logs(filter, page).map(|page| (page.logs, page.next))
    })?;
    let mut out = io::stdout().lock();
    if is_json {
        for row in &found {
            // One that was forgotten meanwhile is passed over.
            if let Some(record) = store.log(row.id)? {
                line(&mut out, &record)?;
            }
        }
    } else if found.is_empty() {
        writeln!(out, "no log records")?;
    } else {
        let style = style_of(&out, environment);
        out.write_all(log_table(&found, &style).as_bytes())?;
    }
    out.flush()?;
    drop(out);
    if !is_all {
        newest::say_there_are_more(found.len())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn log_table(found: &[LogRow], style: &Style) -> String {
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    let drawn: Vec<_> = found
        .iter()
        .map(|row| {
            [
                nanos(row.time_micros),
                row.severity.unwrap_or_default().to_owned(),
                word(&row.service),
                word(&row.name),
                row.trace_id.as_deref().map(short).unwrap_or_default(),
                row.text.clone(),
            ]
        })
        .collect();
    let titles = ["time", "severity", "service", "event", "trace", "says"];
    rows(titles, &drawn, style)
}

fn nanos(micros: i64) -> String {
    let micros = u64::try_from(micros).unwrap_or_default();
    moment(micros.saturating_mul(1_000))
}

/// Gives the first digits of an id, by which people tell a few apart.
fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

fn metrics(
    store: &Store,
    filter: &FilterArgs,
    most: usize,
    is_json: bool,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    let page = store.metrics(&filter.of_metrics())?;
    let is_cut = page.is_cut || page.metrics.len() > most;
    let shown: Vec<&Metric> = page.metrics.iter().take(most).collect();
    let mut out = io::stdout().lock();
    if is_json {
        for metric in &shown {
            line(&mut out, metric)?;
        }
    } else if shown.is_empty() {
        writeln!(out, "no metrics")?;
    } else {
        let style = style_of(&out, environment);
        out.write_all(metric_table(&shown, &style).as_bytes())?;
    }
    out.flush()?;
    drop(out);
    if is_cut {
        writeln!(
            io::stderr(),
            "genspan: not all is shown; `--limit N`, `--service NAME` or `--text WORDS` shows others"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Draws a line for each metric, and one for each of its series where there are several.
fn metric_table(shown: &[&Metric], style: &Style) -> String {
    let mut drawn = Vec::new();
    for metric in shown {
        let unit = metric.unit.as_deref().unwrap_or_default();
        let of = |name: String, figures: &Figures, kind: &str, service: &str| {
            [
                name,
                kind.to_owned(),
                service.to_owned(),
                nanos(figures.last_micros),
                value(figures, unit),
            ]
        };
        let service = metric.service.as_deref().unwrap_or_default();
        drawn.push(of(
            metric.name.clone(),
            &metric.figures,
            metric.kind,
            service,
        ));
        if metric.series.len() < 2 {
            continue;
        }
        for series in &metric.series {
            let labels = series.attributes.iter().map(|attribute| {
                let value = attribute.value.as_str().map(str::to_owned);
                let value = value.unwrap_or_else(|| attribute.value.to_json());
                format!("{}={value}", attribute.key)
            });
            let labels: Vec<String> = labels.collect();
            drawn.push(of(
                format!("  {}", labels.join(" ")),
                &series.figures,
                "",
                "",
            ));
        }
    }
    let titles = ["metric", "kind", "service", "last", "value"];
    rows(titles, &drawn, style)
}

/// Writes what points come to: a total, a last value, or a number of values with their mean.
fn value(figures: &Figures, unit: &str) -> String {
    let unit = unit.trim_matches(['{', '}']);
    let unit = if unit == "1" { "" } else { unit };
    let told = match (figures.count, figures.total, figures.last) {
        #[allow(clippy::cast_precision_loss, reason = "a mean, as people read it")]
        (Some(count), Some(total), _) if count > 0 => {
            format!("{count} × {}", number(total / count as f64))
        }
        (Some(_), ..) => "none".to_owned(),
        (None, Some(number_of), _) | (None, None, Some(number_of)) => number(number_of),
        (None, None, None) => return "several".to_owned(),
    };
    format!("{told} {unit}").trim_end().to_owned()
}

/// Writes a number with few digits behind the point, and none that say nothing.
fn number(number: f64) -> String {
    let digits = if number.abs() >= 100.0 { 0 } else { 4 };
    let text = format!("{number:.digits$}");
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

fn line(out: &mut impl Write, found: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, found)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_what_they_are() {
        let figures = Figures {
            total: Some(12_345.6),
            ..Figures::default()
        };
        assert_eq!(value(&figures, "{token}"), "12346 token");
        let count = Some(8);
        assert_eq!(value(&Figures { count, ..figures }, "s"), "8 × 1543 s");
        let last = Some(0.25);
        let gauge = Figures {
            last,
            ..Figures::default()
        };
        assert_eq!(value(&gauge, "1"), "0.25");
        assert_eq!(value(&Figures::default(), "s"), "several");
    }
}
