//! What is looked for in the store, as options say it.

use clap::Args;
use genspan_store::{Filter, LogFilter, MetricFilter, StatusFilter};

use crate::moment::{Moment, Span};

/// Says what is wanted; all that is stated must hold.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(crate) struct FilterArgs {
    /// Words of prompts, answers, tools and errors; those in double quotes side by side
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,

    /// The model that answered, by its whole name
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Who runs the model, such as `openai`
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// A tool
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,

    /// An agent
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,

    /// A conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,

    /// A program, by `service.name`
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// What was done: `chat`, `execute_tool`, `invoke_agent`, …
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,

    /// Whose telemetry it is, such as `genspan` or `openinference`
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// What failed
    #[arg(long)]
    error: bool,

    /// How it went: `ok`, `error` or `cancelled`
    #[arg(long, value_name = "STATUS", conflicts_with = "error")]
    status: Option<StatusFilter>,

    /// What cost at least this much, such as 0.05
    #[arg(long, value_name = "AMOUNT")]
    min_cost: Option<f64>,

    /// What took at least so many tokens, input and output together
    #[arg(long, value_name = "N")]
    min_tokens: Option<u64>,

    /// What took at least this long, such as 500ms or 2s
    #[arg(long, value_name = "TIME")]
    min_duration: Option<Span>,

    /// What began then or later: 2026-11-21, 2026-11-21T07:28:15 (UTC), or 2h for the last two hours
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,

    /// What began before then
    #[arg(long, value_name = "WHEN")]
    until: Option<Moment>,
}

impl FilterArgs {
    /// Tells whether anything in particular is looked for.
    pub(crate) fn is_stated(&self) -> bool {
        *self != Self::default()
    }

    /// Names the options that find spans alone, by their ids; log records and metrics know none of this.
    pub(crate) const OF_SPANS: [&'static str; 11] = [
        "model",
        "provider",
        "tool",
        "agent",
        "operation",
        "source",
        "error",
        "status",
        "min_cost",
        "min_tokens",
        "min_duration",
    ];

    /// Gives what of this log records know.
    pub(crate) fn of_logs(&self) -> LogFilter {
        LogFilter {
            text: self.text.clone(),
            service: self.service.clone(),
            conversation: self.conversation.clone(),
            since_micros: self.since.map(Moment::micros),
            until_micros: self.until.map(Moment::micros),
            ..LogFilter::default()
        }
    }

    /// Gives what of this metrics know.
    pub(crate) fn of_metrics(&self) -> MetricFilter {
        MetricFilter {
            text: self.text.clone(),
            service: self.service.clone(),
            since_micros: self.since.map(Moment::micros),
            until_micros: self.until.map(Moment::micros),
            ..MetricFilter::default()
        }
    }

    pub(crate) fn resolve(self) -> Filter {
        let micros = |time: Span| u64::try_from(time.0.as_micros()).unwrap_or(u64::MAX);
        Filter {
            text: self.text,
            model: self.model,
            provider: self.provider,
            tool: self.tool,
            agent: self.agent,
            conversation: self.conversation,
            service: self.service,
            operation: self.operation,
            status: self.status.or(self.error.then_some(StatusFilter::Error)),
            min_cost: self.min_cost,
            min_tokens: self.min_tokens,
            min_duration_micros: self.min_duration.map(micros),
            since_micros: self.since.map(Moment::micros),
            until_micros: self.until.map(Moment::micros),
            source: self.source,
        }
    }
}
