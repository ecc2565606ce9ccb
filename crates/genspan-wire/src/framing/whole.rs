//! Bodies that are one document.

use super::append_within;

/// The bytes of a body that are kept unless said otherwise: 32 MiB.
pub const DEFAULT_LIMIT: usize = 32 * 1024 * 1024;

/// Gathers a body from its chunks, up to a limit.
///
/// Beyond the limit the beginning stays and the rest is counted: the beginning of a JSON document can be read with
/// [`json::complete`](crate::json::complete), its end cannot.
#[derive(Debug, Clone)]
pub struct WholeBody {
    limit: usize,
    kept: Vec<u8>,
    seen: u64,
    cut: bool,
}

impl Default for WholeBody {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl WholeBody {
    /// Begins a body of which [`DEFAULT_LIMIT`] bytes are kept.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a body of which `limit` bytes are kept.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            kept: Vec::new(),
            seen: 0,
            cut: false,
        }
    }

    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.seen = self.seen.saturating_add(bytes.len() as u64);
        if !self.cut {
            self.cut = !append_within(&mut self.kept, bytes, self.limit);
        }
    }

    /// Tells that bytes were lost here: what is kept ends here, for what follows would not join it.
    pub fn skip(&mut self) {
        self.cut = true;
    }

    /// Tells whether bytes of the body are missing from [`bytes`](Self::bytes).
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Shows the body, or its beginning where it is cut.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.kept
    }

    /// Hands over the body, or its beginning where it is cut.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.kept
    }

    /// Counts the bytes that were pushed, kept or not.
    #[must_use]
    pub fn len_seen(&self) -> u64 {
        self.seen
    }

    /// Counts the bytes that were pushed and not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.seen.saturating_sub(self.kept.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_not_over_the_limit() {
        let mut body = WholeBody::with_limit(4);
        body.push(b"ab");
        body.push(b"cd");
        assert_eq!((body.bytes(), body.is_cut()), (&b"abcd"[..], false));
        body.push(b"");
        assert!(!body.is_cut());
        body.push(b"e");
        assert_eq!((body.bytes(), body.is_cut()), (&b"abcd"[..], true));
        assert_eq!((body.len_seen(), body.left_out()), (5, 1));
    }

    #[test]
    fn nothing_joins_what_preceded_a_loss() {
        let mut body = WholeBody::new();
        body.push(b"ab");
        body.skip();
        body.push(b"cd");
        assert_eq!(
            (body.len_seen(), body.left_out(), body.is_cut()),
            (4, 2, true)
        );
        assert_eq!(body.into_bytes(), b"ab");
    }
}
