//! Headers of responses that count tokens.

use genspan::Counts;

/// Names the headers of a response that an exchange reads ([`Exchange::response_header`]), for those who keep only what
/// is read; Amazon's API reference of InvokeModel has them.
///
/// [`Exchange::response_header`]: crate::Exchange::response_header
pub const COUNT_HEADERS: [&str; 4] = [
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
];

/// Names what a header counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountHeader {
    /// Tokens of the prompt that were neither read from a cache nor written to one.
    Input,
    Output,
    CacheRead,
    CacheWrite,
}

impl CountHeader {
    /// Knows a header by its name, in whatever case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let all = [Self::Input, Self::Output, Self::CacheRead, Self::CacheWrite];
        let mut named = COUNT_HEADERS.iter().zip(all);
        let (_, header) = named.find(|(known, _)| name.eq_ignore_ascii_case(known))?;
        Some(header)
    }

    /// Notes the count in its place.
    pub(crate) fn note(self, count: u64, counts: &mut Counts) {
        let place = match self {
            Self::Input => &mut counts.input,
            Self::Output => &mut counts.output,
            Self::CacheRead => &mut counts.cache_read,
            Self::CacheWrite => &mut counts.cache_write,
        };
        *place = Some(count);
    }
}
