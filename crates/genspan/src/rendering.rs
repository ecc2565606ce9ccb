//! How records are rendered for one destination.

use std::{fmt, sync::Arc};

use crate::{Capture, Content, Conventions, Measure, Place, redact::Redactor};

/// Decides how records become signals: version, content and bounds.
///
/// ```
/// use genspan::{Capture, Conventions, Place, Rendering};
///
/// let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
/// assert!(rendering.capture().is_on());
/// ```
#[derive(Clone)]
pub struct Rendering {
    conventions: Conventions,
    capture: Capture,
    has_full_tool_definitions: bool,
    has_binary: bool,
    has_content_as_json: bool,
    has_chunk_gaps: bool,
    max_text_bytes: usize,
    max_content_bytes: usize,
    redactor: Redactor,
    hook: Option<ContentHook>,
    measure: Option<Measure>,
}

/// Sees content before it is recorded and may change it.
pub type ContentHook = Arc<dyn Fn(&mut Content) + Send + Sync>;

impl Rendering {
    /// Bounds one text of content, in bytes of its JSON form.
    pub const MAX_TEXT_BYTES: usize = 256 * 1024;
    /// Bounds one content attribute, in bytes of its JSON form.
    pub const MAX_CONTENT_BYTES: usize = 2 * 1024 * 1024;

    /// Renders into the given version, without content.
    #[must_use]
    pub fn new(conventions: Conventions) -> Self {
        Self {
            conventions,
            capture: Capture::default(),
            has_full_tool_definitions: false,
            has_binary: false,
            has_content_as_json: false,
            has_chunk_gaps: false,
            max_text_bytes: Self::MAX_TEXT_BYTES,
            max_content_bytes: Self::MAX_CONTENT_BYTES,
            redactor: Redactor::new(),
            hook: None,
            measure: None,
        }
    }

    /// Renders into another version.
    #[must_use]
    pub const fn with_conventions(mut self, conventions: Conventions) -> Self {
        self.conventions = conventions;
        self
    }

    /// Decides which content is recorded.
    #[must_use]
    pub const fn with_capture(mut self, capture: Capture) -> Self {
        self.capture = capture;
        self
    }

    /// Records descriptions and parameters of tools beside their names; for this, inputs must be captured.
    ///
    /// Spans in v1.36, which has no key for tools, get `gen_ai.tool.definitions` by this as well.
    #[must_use]
    pub const fn with_full_tool_definitions(mut self) -> Self {
        self.has_full_tool_definitions = true;
        self
    }

    /// Records inline media as it is, instead of its type, size and hash.
    #[must_use]
    pub const fn with_binary(mut self) -> Self {
        self.has_binary = true;
        self
    }

    /// Writes structured content on spans as the JSON text of its value, for sinks whose spans hold no structure.
    ///
    /// Events keep their structure.
    #[must_use]
    pub const fn with_content_as_json(mut self) -> Self {
        self.has_content_as_json = true;
        self
    }

    /// Records how many chunks a stream had and the times between them, at most 128 numbers, for receivers that draw them.
    #[must_use]
    pub const fn with_chunk_gaps(mut self) -> Self {
        self.has_chunk_gaps = true;
        self
    }

    /// Bounds a text and a whole content attribute, in bytes of their JSON form.
    #[must_use]
    pub const fn with_limits(mut self, max_text_bytes: usize, max_content_bytes: usize) -> Self {
        self.max_text_bytes = max_text_bytes;
        self.max_content_bytes = max_content_bytes;
        self
    }

    /// Replaces the built-in rules for secrets; there is no way to have none.
    #[must_use]
    pub fn with_redactor(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Sets a hook that sees structured content first, whatever is captured.
    ///
    /// It runs on the telemetry's worker. What it changes is what is recorded; a panic in it costs
    /// the operation's content and nothing else.
    #[must_use]
    pub fn with_hook(mut self, hook: ContentHook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// Measures operations in this way in place of the conventions', for receivers with metrics of their own.
    #[must_use]
    pub const fn with_measure(mut self, measure: Measure) -> Self {
        self.measure = Some(measure);
        self
    }

    /// Gives the version.
    #[must_use]
    pub const fn conventions(&self) -> Conventions {
        self.conventions
    }

    /// Gives what content is recorded.
    #[must_use]
    pub const fn capture(&self) -> Capture {
        self.capture
    }

    /// Tells whether spans may hold content, or a hook wants to see it.
    pub(crate) const fn has_content_on_spans(&self) -> bool {
        self.hook.is_some() || matches!(self.capture.place(), Place::Span | Place::Both)
    }

    /// Tells whether events may hold content, which they do whether their span is sampled or not.
    pub(crate) const fn has_content_on_events(&self) -> bool {
        matches!(self.capture.place(), Place::Event | Place::Both)
    }

    /// Tells whether descriptions and parameters of tools are recorded beside their names.
    #[must_use]
    pub const fn has_full_tool_definitions(&self) -> bool {
        self.has_full_tool_definitions
    }

    pub(crate) const fn has_binary(&self) -> bool {
        self.has_binary
    }

    pub(crate) const fn has_chunk_gaps(&self) -> bool {
        self.has_chunk_gaps
    }

    pub(crate) const fn has_content_as_json(&self) -> bool {
        self.has_content_as_json
    }

    pub(crate) const fn max_text_bytes(&self) -> usize {
        self.max_text_bytes
    }

    pub(crate) const fn max_content_bytes(&self) -> usize {
        self.max_content_bytes
    }

    pub(crate) const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    pub(crate) const fn measure(&self) -> Option<Measure> {
        self.measure
    }

    pub(crate) const fn hook(&self) -> Option<&ContentHook> {
        self.hook.as_ref()
    }
}

impl Default for Rendering {
    fn default() -> Self {
        Self::new(Conventions::default())
    }
}

impl fmt::Debug for Rendering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendering")
            .field("conventions", &self.conventions)
            .field("capture", &self.capture)
            .field("has_hook", &self.hook.is_some())
            .finish_non_exhaustive()
    }
}
