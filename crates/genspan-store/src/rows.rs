//! Spans as their rows have them.

use rusqlite::{Row, ToSql};

use crate::prepare::facts::{Facts, Kind, Status};

/// Holds a span's row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    pub(crate) row: i64,
    pub(crate) trace: i64,
    pub(crate) facts: Facts,
    /// The row of the span that stands for what both told, where that is another.
    pub(crate) lead: Option<i64>,
    /// What sums take of it.
    pub(crate) counted: Counted,
    /// The agent, its own or the one that it works for.
    pub(crate) in_agent: Option<String>,
    /// The conversation, its own or that of what it stands within.
    pub(crate) in_conversation: Option<String>,
}

/// Says what sums take of a span; the number stands in the column `is_counted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Nothing.
    #[default]
    Not,
    /// All that it states.
    Whole,
    /// All but its cost, which what an agent around it states includes.
    Tokens,
    /// Its cost alone.
    Cost,
    /// All but its cost in the trace, as [`Tokens`](Self::Tokens), and all that it states in its conversation, to which the
    /// agent that includes its cost does not belong.
    Apart,
}

impl Counted {
    pub(crate) const fn column(self) -> i64 {
        self as i64
    }

    pub(crate) const fn from_column(number: i64) -> Self {
        match number {
            1 => Self::Whole,
            2 => Self::Tokens,
            3 => Self::Cost,
            4 => Self::Apart,
            _ => Self::Not,
        }
    }

    /// Tells whether its tokens are in the sum, and it is one of the calls or tools.
    pub(crate) const fn has_tokens(self) -> bool {
        matches!(self, Self::Whole | Self::Tokens | Self::Apart)
    }

    /// Tells whether its cost is in the trace's sum.
    pub(crate) const fn has_cost(self) -> bool {
        matches!(self, Self::Whole | Self::Cost)
    }
}

/// Names the columns of [`Record::from_row`], in order; the table is `span`.
pub(crate) const COLUMNS: &str = "span.id, span.trace, span.span_id, span.parent_id, span.started, span.ended, \
    span.weight, span.digest, span.name, span.operation, span.kind, span.status, span.error_type, span.error_message, \
    span.model, span.provider, span.tool, span.tool_call_id, span.response_id, span.agent, span.conversation, \
    span.service, span.source, span.input, span.cached, span.output, span.reasoning, span.cost, span.currency, \
    span.first_chunk, span.finish_reasons, span.is_truncated, span.links, span.lead, span.is_counted, span.in_agent, \
    span.in_conversation";

/// Adds a span; the columns are those of [`values`], in order.
pub(crate) const INSERT: &str = "INSERT INTO span (trace, span_id, parent_id, started, ended, weight, digest, name, \
    operation, kind, status, error_type, error_message, model, provider, tool, tool_call_id, response_id, agent, \
    conversation, service, source, input, cached, output, reasoning, cost, currency, first_chunk, finish_reasons, \
    is_truncated, links, is_counted, in_agent, in_conversation) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, \
    ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?19, ?20)";

impl Record {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: row.get(0)?,
            trace: row.get(1)?,
            facts: Facts {
                trace_id: [0; 16],
                span_id: row.get(2)?,
                parent_id: row.get(3)?,
                started: row.get(4)?,
                ended: row.get(5)?,
                weight: row.get(6)?,
                digest: row.get(7)?,
                name: row.get(8)?,
                operation: row.get(9)?,
                kind: Kind::from_column(row.get(10)?),
                status: Status::from_column(row.get(11)?),
                error_type: row.get(12)?,
                error_message: row.get(13)?,
                model: row.get(14)?,
                provider: row.get(15)?,
                tool: row.get(16)?,
                tool_call_id: row.get(17)?,
                response_id: row.get(18)?,
                agent: row.get(19)?,
                conversation: row.get(20)?,
                service: row.get(21)?,
                source: row.get(22)?,
                input: row.get(23)?,
                cached: row.get(24)?,
                output: row.get(25)?,
                reasoning: row.get(26)?,
                cost: row.get(27)?,
                currency: row.get(28)?,
                first_chunk: row.get(29)?,
                finish_reasons: row.get(30)?,
                is_truncated: row.get(31)?,
                links: row.get(32)?,
            },
            lead: row.get(33)?,
            counted: Counted::from_column(row.get(34)?),
            in_agent: row.get(35)?,
            in_conversation: row.get(36)?,
        })
    }
}

/// Gives what [`INSERT`] takes.
pub(crate) fn values<'a>(
    facts: &'a Facts,
    trace: &'a i64,
    numbers: &'a Numbers,
) -> [&'a dyn ToSql; 33] {
    [
        trace,
        &facts.span_id,
        &facts.parent_id,
        &facts.started,
        &facts.ended,
        &facts.weight,
        &facts.digest,
        &facts.name,
        &facts.operation,
        &numbers.kind,
        &numbers.status,
        &facts.error_type,
        &facts.error_message,
        &facts.model,
        &facts.provider,
        &facts.tool,
        &facts.tool_call_id,
        &facts.response_id,
        &facts.agent,
        &facts.conversation,
        &facts.service,
        &facts.source,
        &facts.input,
        &facts.cached,
        &facts.output,
        &facts.reasoning,
        &facts.cost,
        &facts.currency,
        &facts.first_chunk,
        &facts.finish_reasons,
        &facts.is_truncated,
        &facts.links,
        &numbers.is_counted,
    ]
}

/// Holds what is a number in the file and none in [`Facts`].
#[derive(Debug)]
pub(crate) struct Numbers {
    kind: i64,
    status: i64,
    is_counted: bool,
}

impl Numbers {
    pub(crate) fn of(facts: &Facts) -> Self {
        Self {
            kind: facts.kind.column(),
            status: facts.status.column(),
            is_counted: facts.kind.is_call() || facts.kind == Kind::Tool,
        }
    }
}
