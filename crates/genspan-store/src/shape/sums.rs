//! A trace as a whole.

use std::collections::BTreeSet;

use genspan::ErrorType;

use super::Tree;
use crate::{
    prepare::facts::{Facts, Kind, Status},
    rows::Record,
};

/// Holds what a list shows of a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Summary {
    pub(crate) started: i64,
    pub(crate) ended: i64,
    pub(crate) name: String,
    pub(crate) operation: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) said: Option<String>,
    pub(crate) models: BTreeSet<String>,
    pub(crate) providers: BTreeSet<String>,
    pub(crate) sources: BTreeSet<String>,
    pub(crate) spans: i64,
    pub(crate) calls: i64,
    pub(crate) tools: i64,
    pub(crate) errors: i64,
    pub(crate) cancelled: i64,
    pub(crate) input: Option<i64>,
    pub(crate) cached: Option<i64>,
    pub(crate) output: Option<i64>,
    pub(crate) reasoning: Option<i64>,
    pub(crate) cost: Option<i64>,
    pub(crate) currency: Option<String>,
    /// Calls whose cost is in no sum.
    pub(crate) unpriced: i64,
    /// Whether the cost, or a part of it, is what agents state.
    pub(crate) is_cost_stated: bool,
    pub(crate) first_chunk: Option<i64>,
    pub(crate) status: Status,
    /// Whether its first span stands within one that is not known.
    pub(crate) is_headless: bool,
    pub(crate) error_type: Option<String>,
    /// What the trace can be found by.
    pub(crate) facets: BTreeSet<(i64, String)>,
    /// The rows of spans that know what the user said, who to ask first.
    pub(crate) speakers: Vec<i64>,
}

/// Names what traces are found by; the number stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facet {
    Model = 1,
    Provider,
    Tool,
    Agent,
    Conversation,
    Service,
    Operation,
    Source,
}

impl Facet {
    pub(crate) const fn column(self) -> i64 {
        self as i64
    }
}

/// Rows of spans that are asked what the user said.
const SPEAKERS: usize = 8;

impl Summary {
    /// Sums up spans that were settled.
    pub(crate) fn of(spans: &[Record], tree: &Tree) -> Self {
        let mut summary = Self {
            started: spans
                .iter()
                .map(|span| span.facts.started)
                .min()
                .unwrap_or_default(),
            ended: spans
                .iter()
                .map(|span| span.facts.ended)
                .max()
                .unwrap_or_default(),
            spans: i64::try_from(spans.len()).unwrap_or(i64::MAX),
            ..Self::default()
        };
        summary.head(spans, tree);
        for span in spans {
            summary.find(span);
            summary.add(span);
            if span.lead.is_none() {
                summary.errors += i64::from(span.facts.status == Status::Error);
                summary.cancelled += i64::from(span.facts.status == Status::Cancelled);
            }
        }
        summary.first(spans, tree);
        summary
    }

    /// Takes what the outermost span says.
    fn head(&mut self, spans: &[Record], tree: &Tree) {
        let tops = (0..spans.len()).filter(|at| tree.parent(*at).is_none());
        let tops: Vec<&Record> = tops.filter_map(|at| spans.get(at)).collect();
        let order = |span: &&&Record| {
            let facts = &span.facts;
            (facts.parent_id.is_some(), facts.started, facts.span_id)
        };
        let Some(first) = tops.iter().min_by_key(order) else {
            return;
        };
        self.name.clone_from(&first.facts.name);
        self.operation.clone_from(&first.facts.operation);
        self.service.clone_from(&first.facts.service);
        self.is_headless = first.facts.parent_id.is_some();
        let failed = tops
            .iter()
            .filter(|span| span.facts.status != Status::Ok)
            .min_by_key(|span| (span.facts.status != Status::Error, order(span)));
        if let Some(failed) = failed {
            self.status = failed.facts.status;
            self.error_type.clone_from(&failed.facts.error_type);
        }
    }

    /// Notes what the trace can be found by.
    fn find(&mut self, span: &Record) {
        let facts = &span.facts;
        let is_agent = matches!(facts.kind, Kind::Agent | Kind::Workflow);
        let names = [
            (Facet::Model, &facts.model),
            (Facet::Provider, &facts.provider),
            (Facet::Tool, &facts.tool),
            (Facet::Agent, &span.in_agent),
            (Facet::Conversation, &span.in_conversation),
            (Facet::Service, &facts.service),
            (Facet::Operation, &facts.operation),
        ];
        for (facet, name) in names {
            if let Some(name) = name {
                self.facets.insert((facet.column(), name.clone()));
            }
        }
        self.facets
            .insert((Facet::Source.column(), facts.source.clone()));
        self.sources.insert(facts.source.clone());
        if !is_agent {
            self.models.extend(facts.model.clone());
            self.providers.extend(facts.provider.clone());
        }
    }

    fn add(&mut self, span: &Record) {
        let (facts, counted) = (&span.facts, span.counted);
        if facts.kind == Kind::Tool {
            self.tools += i64::from(counted.has_tokens());
            return;
        }
        let is_call = facts.kind.is_call();
        if counted.has_tokens() {
            for (sum, stated) in [
                (&mut self.input, facts.input),
                (&mut self.cached, facts.cached),
                (&mut self.output, facts.output),
                (&mut self.reasoning, facts.reasoning),
            ] {
                plus(sum, stated);
            }
            self.calls += i64::from(is_call);
        }
        if counted.has_cost() {
            let is_priced = spend(&mut self.cost, &mut self.currency, facts);
            self.unpriced += i64::from(is_call && !is_priced && !is_turned_away(facts));
            self.is_cost_stated |= is_priced && !is_call;
        }
    }

    /// Takes what the first of several spans says: the agent, the conversation, the first chunk; and whom to ask what the
    /// user said, the outermost and latest calls first.
    fn first(&mut self, spans: &[Record], tree: &Tree) {
        let mut by_time: Vec<(usize, &Record)> = spans.iter().enumerate().collect();
        by_time.sort_by_key(|(_, span)| (span.facts.started, span.facts.span_id));
        let depth = |at: usize| {
            let is_agent = |at: &usize| {
                spans.get(*at).is_some_and(|span| {
                    matches!(span.facts.kind, Kind::Agent | Kind::Tool | Kind::Workflow)
                })
            };
            tree.ancestors(at).filter(is_agent).count()
        };
        let agents = by_time.iter().filter(|(_, span)| span.in_agent.is_some());
        self.agent = agents
            .min_by_key(|(at, span)| (depth(*at), span.facts.started))
            .and_then(|(_, span)| span.in_agent.clone());
        self.conversation = by_time
            .iter()
            .find_map(|(_, span)| span.in_conversation.clone());
        self.first_chunk = by_time.iter().find_map(|(_, span)| span.facts.first_chunk);
        let calls = by_time
            .iter()
            .filter(|(_, span)| matches!(span.facts.kind, Kind::Chat | Kind::Agent));
        let mut calls: Vec<(usize, usize, i64)> = calls
            .enumerate()
            .map(|(time, (at, span))| (depth(*at), usize::MAX - time, span.row))
            .collect();
        calls.sort_unstable();
        self.speakers = calls
            .into_iter()
            .take(SPEAKERS)
            .map(|(_, _, row)| row)
            .collect();
    }
}

fn plus(sum: &mut Option<i64>, stated: Option<i64>) {
    if let Some(stated) = stated {
        *sum = Some(sum.unwrap_or_default().saturating_add(stated));
    }
}

/// Adds an amount, and tells whether it could: amounts in another currency than the first have no place in the sum.
fn spend(cost: &mut Option<i64>, currency: &mut Option<String>, facts: &Facts) -> bool {
    let (Some(amount), Some(own)) = (facts.cost, &facts.currency) else {
        return false;
    };
    if currency.get_or_insert_with(|| own.clone()) != own {
        return false;
    }
    plus(cost, Some(amount));
    true
}

/// Tells whether a provider did not begin to answer, so that there is nothing to pay.
pub(crate) fn is_turned_away(facts: &Facts) -> bool {
    const FREE: [ErrorType; 5] = [
        ErrorType::RateLimited,
        ErrorType::InvalidRequest,
        ErrorType::Authentication,
        ErrorType::ServerError,
        ErrorType::Connectivity,
    ];
    let error = facts.error_type.as_deref();
    error.is_some_and(|error| FREE.iter().any(|free| free.as_str() == error))
}
