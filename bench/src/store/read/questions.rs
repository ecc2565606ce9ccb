//! What users ask of a store.

use genspan_store::{Filter, Page, StatusFilter, Store};

use crate::store::spans::{MODELS, REQUEST, TOOLS, TRACE, order, word};

/// Names what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What stands in one trace alone.
    Unique,
    Rare,
    Common,
    /// Two words, one of them common.
    Both,
    Phrase,
    /// The first two letters of words, as it is while somebody types.
    Typing,
    /// A common word in traces of one model.
    Narrowed,
    Newest,
    Facet,
    Failed,
    Facets,
    Numbers,
    Spans,
}

impl Kind {
    pub(crate) const ALL: [Self; 13] = [
        Self::Unique,
        Self::Rare,
        Self::Common,
        Self::Both,
        Self::Phrase,
        Self::Typing,
        Self::Narrowed,
        Self::Newest,
        Self::Facet,
        Self::Failed,
        Self::Facets,
        Self::Numbers,
        Self::Spans,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unique => "search, one trace's own word",
            Self::Rare => "search, rare word",
            Self::Common => "search, one of the ten most common words",
            Self::Both => "search, a common and a rare word",
            Self::Phrase => "search, two common words side by side",
            Self::Typing => "search, two letters typed",
            Self::Narrowed => "search, common word, one model",
            Self::Newest => "list, newest",
            Self::Facet => "list, one model, tool or conversation",
            Self::Failed => "list, failed",
            Self::Facets => "list, one model and one tool, failed",
            Self::Numbers => "list, many tokens",
            Self::Spans => "list of spans, one tool",
        }
    }
}

/// Asks for traces, or for spans.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    filter: Filter,
    is_of_spans: bool,
}

impl Question {
    /// Asks, and gives how many rows there are.
    pub(crate) fn ask(&self, store: &Store) -> Result<usize, String> {
        let page = Page::default();
        let rows = if self.is_of_spans {
            store.spans(&self.filter, page).map(|page| page.spans.len())
        } else {
            store
                .traces(&self.filter, page)
                .map(|page| page.traces.len())
        };
        rows.map_err(|error| error.to_string())
    }
}

/// Makes questions of a kind for a store of so many spans.
pub(crate) fn of(kind: Kind, spans: usize, count: usize) -> Vec<Question> {
    // Two threads fill the store, each with half of the traces.
    let traces = (spans / TRACE / 2).max(1);
    (0..count)
        .map(|number| Question {
            filter: filter(kind, number, traces),
            is_of_spans: kind == Kind::Spans,
        })
        .collect()
}

fn filter(kind: Kind, number: usize, traces: usize) -> Filter {
    let mut filter = Filter::default();
    let common = word(number % 10);
    let rare = word(10_000 + number * 97 % 10_000);
    let model = MODELS.get(number % 4).copied().unwrap_or_default();
    let tool = TOOLS.get(number % 5).copied().unwrap_or_default();
    let text = match kind {
        Kind::Unique => {
            // The fillers count from different numbers on.
            let at = number * 7919 % traces + 1;
            Some(order((1 << 32) + at as u64))
        }
        Kind::Rare => Some(format!("{rare} ")),
        Kind::Common | Kind::Narrowed => Some(format!("{common} ")),
        Kind::Both => Some(format!("{common} {rare} ")),
        Kind::Phrase => Some(format!("\"{common} {}\"", word(number / 10 % 10))),
        Kind::Typing => rare.get(..2).map(str::to_owned),
        _ => None,
    };
    filter.text = text;
    match kind {
        Kind::Narrowed => filter.model = Some(model.to_owned()),
        Kind::Facet => match number % 3 {
            0 => filter.model = Some(model.to_owned()),
            1 => filter.tool = Some(tool.to_owned()),
            _ => {
                let trace = (1_u64 << 32) + (number * REQUEST % traces) as u64;
                filter.conversation = Some(format!("conversation-{}", trace / 4));
            }
        },
        Kind::Failed => filter.status = Some(StatusFilter::Error),
        Kind::Facets => {
            filter.model = Some(model.to_owned());
            filter.tool = Some(tool.to_owned());
            filter.status = Some(StatusFilter::Error);
        }
        Kind::Numbers => filter.min_tokens = Some(9_000 + number as u64 * 100),
        Kind::Spans => filter.tool = Some(tool.to_owned()),
        _ => {}
    }
    filter
}
