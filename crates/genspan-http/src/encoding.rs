//! Decompression of our copy of a body.
//!
//! The traffic keeps its compression; this is about what the decoders get to see. What can be read of a
//! chunk is handed on with it, so a compressed stream of events is decoded event by event.

mod stage;

use genspan::Diagnostic;
use http::HeaderValue;
use stage::Stage;

/// Undoes the `content-encoding` of one body, chunk by chunk: gzip, deflate, brotli and zstd, up to four of them.
#[derive(Debug)]
pub struct BodyDecoder {
    /// In the order of undoing; none where the body is plain.
    stages: Vec<Stage>,
    /// Whether there was a body at all.
    has_begun: bool,
    /// Whether all that is still to come goes unread.
    is_lost: bool,
    /// Why, until it is said.
    unsaid: Option<Diagnostic>,
    left: usize,
}

impl BodyDecoder {
    /// Bounds what one compressed body may become, in bytes.
    pub const MAX_OUTPUT: usize = 64 * 1024 * 1024;
    /// Bounds how often one body may be compressed.
    const MAX_STAGES: usize = 4;

    /// Reads the values of `content-encoding`, in the order of the headers.
    #[must_use]
    pub fn new(encodings: &[HeaderValue]) -> Self {
        let names: Vec<String> = encodings
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty() && name != "identity")
            .collect();
        // The last encoding was applied last, so it comes off first.
        let stages: Option<Vec<Stage>> =
            names.iter().rev().map(|name| Stage::named(name)).collect();
        match stages {
            Some(stages) if stages.len() <= Self::MAX_STAGES => Self {
                stages,
                ..Self::default()
            },
            _ => Self {
                unsaid: Some(Diagnostic::EncodingUnreadable),
                is_lost: true,
                ..Self::default()
            },
        }
    }

    /// Tells whether bytes are handed on as they are.
    pub(crate) const fn is_plain(&self) -> bool {
        self.stages.is_empty() && !self.is_lost
    }

    /// Hands on what a chunk and those before it say.
    ///
    /// # Errors
    ///
    /// Once for each body, says why the rest of it cannot be read; what was readable was handed on.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Diagnostic> {
        if self.is_lost {
            return self.unsaid.take().map_or(Ok(()), Err);
        }
        if self.stages.is_empty() {
            take(bytes);
            return Ok(());
        }
        self.has_begun |= !bytes.is_empty();
        let mut result = Ok(());
        let mut plain = bytes.to_vec();
        for stage in &mut self.stages {
            let (expanded, trouble) = stage.push(&plain, self.left);
            plain = expanded;
            if let Some(trouble) = trouble {
                result = Err(trouble);
                self.is_lost = true;
            }
        }
        self.left = self.left.saturating_sub(plain.len());
        if !plain.is_empty() {
            take(&plain);
        }
        result
    }

    /// Notes that the body came to its end.
    ///
    /// # Errors
    ///
    /// Says that it ended amid its compression or that a checksum is wrong, where nothing was said before.
    pub fn finish(&mut self) -> Result<(), Diagnostic> {
        let is_well =
            self.is_lost || !self.has_begun || self.stages.iter_mut().all(Stage::is_whole);
        self.is_lost = true;
        if is_well {
            Ok(())
        } else {
            Err(Diagnostic::EncodingUnreadable)
        }
    }

    /// Notes that bytes are missing: the rest of a compressed body cannot be read.
    pub(crate) fn skip(&mut self) {
        self.is_lost |= !self.stages.is_empty();
    }
}

impl Default for BodyDecoder {
    /// Reads a plain body.
    fn default() -> Self {
        Self {
            stages: Vec::new(),
            has_begun: false,
            is_lost: false,
            unsaid: None,
            left: Self::MAX_OUTPUT,
        }
    }
}
