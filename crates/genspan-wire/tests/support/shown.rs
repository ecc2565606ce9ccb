//! What one exchange shows that is read of its kind.

use genspan::{Content, Outcome, Part, Record, Usage};
use genspan_wire::Decoded;

/// Names what may be shown.
pub(crate) const COLUMNS: [&str; 6] = [
    "whole",
    "stream",
    "tools",
    "reasoning",
    "cache",
    "stated cost",
];

/// Holds for each column whether it was shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown([bool; COLUMNS.len()]);

impl Shown {
    /// Looks at an exchange; one that failed shows nothing.
    pub(crate) fn by(decoded: &Decoded) -> Self {
        if matches!(decoded.outcome, Outcome::Failed(_)) {
            return Self::default();
        }
        match &decoded.record {
            Record::Inference(record) => {
                let mut shown = Self::said(&record.content, &record.usage, record.request.stream);
                shown.0[5] = record.cost.is_some();
                shown
            }
            Record::Embeddings(record) => {
                let is_answered = record.dimension_count.is_some();
                Self([
                    is_answered,
                    false,
                    false,
                    false,
                    false,
                    record.cost.is_some(),
                ])
            }
            Record::ResponseFetch(record) => Self::said(&record.content, &Usage::default(), false),
            _ => Self::default(),
        }
    }

    fn said(content: &Content, usage: &Usage, is_stream: bool) -> Self {
        let parts = content.output.iter().flat_map(|message| &message.parts);
        let (mut has_any, mut has_tools, mut has_reasoning) = (false, false, false);
        for part in parts {
            has_any = true;
            has_tools |= matches!(part, Part::ToolCallRequest(_) | Part::ServerToolCall(_));
            has_reasoning |= matches!(part, Part::Reasoning(_));
        }
        let is_some = |count: Option<u64>| count.is_some_and(|count| count > 0);
        Self([
            has_any && !is_stream,
            has_any && is_stream,
            has_tools,
            has_reasoning || is_some(usage.reasoning()),
            is_some(usage.cache_read()) || is_some(usage.cache_write()),
            false,
        ])
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (mine, other) in self.0.iter_mut().zip(other.0) {
            *mine |= other;
        }
    }

    pub(crate) fn has(&self, column: usize) -> bool {
        self.0[column]
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }
}
