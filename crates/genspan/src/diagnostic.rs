//! What was odd about an operation, without being its failure.

use std::fmt;

/// Names an oddity that telemetry met and survived; it never holds content.
///
/// Diagnostics stand as short words in `genspan.diagnostics` on the span they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnostic {
    /// A stated part of a count exceeds the count it should be part of, and was left out.
    UsagePartExceedsWhole {
        /// The part's name, such as `cache_read`.
        part: &'static str,
        /// What was stated for the part.
        stated: u64,
        /// The whole that it exceeds.
        whole: u64,
    },
    /// The request's body could not be read as what its endpoint expects.
    RequestUnreadable,
    /// The response's body could not be read as what its endpoint answers.
    ResponseUnreadable,
    /// A frame of a stream could not be read and was passed over.
    FrameUnreadable,
    /// A frame was larger than the bound and was read in part.
    FrameTooLong,
    /// A body was larger than the bound and was read in part.
    BodyTooLong,
    /// Bytes were passed over because the telemetry's queue was full.
    BytesSkipped,
    /// The body's compression is unknown or its data is damaged.
    EncodingUnreadable,
    /// The stream went on after its end.
    DataAfterEnd,
    /// Content was left out because the telemetry's queue was full.
    ContentDropped,
    /// Events were left out because the span has too many.
    EventsLeftOut,
}

impl Diagnostic {
    /// Gives the low-cardinality word that stands in telemetry.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UsagePartExceedsWhole { .. } => "usage_part_exceeds_whole",
            Self::RequestUnreadable => "request_unreadable",
            Self::ResponseUnreadable => "response_unreadable",
            Self::FrameUnreadable => "frame_unreadable",
            Self::FrameTooLong => "frame_too_long",
            Self::BodyTooLong => "body_too_long",
            Self::BytesSkipped => "bytes_skipped",
            Self::EncodingUnreadable => "encoding_unreadable",
            Self::DataAfterEnd => "data_after_end",
            Self::ContentDropped => "content_dropped",
            Self::EventsLeftOut => "events_left_out",
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsagePartExceedsWhole {
                part,
                stated,
                whole,
            } => {
                write!(
                    f,
                    "{part} states {stated} tokens of a whole of {whole}; the part was left out"
                )
            }
            other => f.write_str(other.as_str()),
        }
    }
}
