//! What a record says, of whichever operation, and whether a part of an answer says nothing that the whole does not.

use genspan::{Message, Outcome, Part, Record, StreamTiming, Usage};
use genspan_wire::Decoded;

/// Holds what records of all operations that come from traffic have in common.
pub(crate) struct Said<'a> {
    pub(crate) output: &'a [Message],
    model: Option<&'a str>,
    finish_reasons: &'a [String],
    usage: Usage,
    dimension: Option<u64>,
}

impl<'a> From<&'a Decoded> for Said<'a> {
    fn from(decoded: &'a Decoded) -> Self {
        match &decoded.record {
            Record::Inference(record) => Self {
                output: &record.content.output,
                model: record.response.model.as_deref(),
                finish_reasons: &record.response.finish_reasons,
                usage: record.usage,
                dimension: None,
            },
            Record::Embeddings(record) => Self {
                output: &[],
                model: record.response_model.as_deref(),
                finish_reasons: &[],
                usage: record.usage,
                dimension: record.dimension_count,
            },
            Record::ResponseFetch(record) => Self {
                output: &record.content.output,
                model: record.response_model.as_deref(),
                finish_reasons: &record.finish_reasons,
                usage: Usage::default(),
                dimension: None,
            },
            other => panic!("no traffic says this: {other:?}"),
        }
    }
}

/// Leaves out when chunks came: a split may put two of them in one push.
pub(crate) fn timeless(mut decoded: Decoded) -> Decoded {
    if let Record::Inference(record) = &mut decoded.record {
        record.timing = StreamTiming::default();
    }
    decoded
}

fn text_of(messages: &[Message]) -> String {
    let parts = messages.iter().flat_map(|message| &message.parts);
    parts
        .map(|part| {
            if let Part::Text(text) = part {
                text.as_str()
            } else {
                ""
            }
        })
        .collect()
}

/// Holds a cut answer against the whole one: nothing in it that the whole one does not say.
pub(crate) fn assert_honest(cut: &Decoded, whole: &Decoded, place: &str) {
    let (part, all) = (Said::from(cut), Said::from(whole));
    if part.output.len() <= 1 {
        assert!(
            text_of(all.output).starts_with(&text_of(part.output)),
            "{place}: text"
        );
    }
    if part.model.is_some() {
        assert_eq!(part.model, all.model, "{place}: model");
    }
    if cut.outcome == Outcome::Completed {
        assert!(
            !part.finish_reasons.is_empty() || whole.outcome == Outcome::Completed,
            "{place}: completed"
        );
    }
    let is_invented = part.usage.output().is_some() && all.usage.output().is_none();
    assert!(!is_invented, "{place}: usage");
    if part.dimension.is_some() {
        assert_eq!(part.dimension, all.dimension, "{place}: dimension");
    }
}
