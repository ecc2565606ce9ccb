//! One request to a model and its response.

mod estimate;
mod outcome;
mod response;

use std::fmt;

use genspan::{Content, Diagnostic, Outcome, Outline, Provider, Record, Timestamp};

use self::{estimate::Seen, response::Response};
use crate::{
    count_header::CountHeader,
    detect::{Endpoint, RequestHead},
    format::{Operation, Progress, Reader},
    framing::{Frame, Frames, Framing, whole, whole::WholeBody, within},
    json::{Passing, Reading, read_passing},
};

/// Takes frames as they end.
type OnFrame<'f> = dyn FnMut(Frame<'_>) + 'f;

/// Names how the traffic of an exchange ended, as whoever carried it saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The response's body ended as HTTP says it should.
    Complete,
    /// The connection broke while the response was read.
    Broken,
    /// The caller lost interest.
    Cancelled,
    /// No connection came about.
    Unreachable,
    /// The connection was lost before the head of a response came.
    LostBeforeHeaders,
    /// A deadline passed.
    Timeout,
}

/// Holds what an exchange said and how it ended.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Decoded {
    /// What was asked and answered, with the oddities that were met.
    pub record: Record,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the bodies show that no model was asked, though the path is one at which models are: another program has
    /// a use of its own for it, or a model was only loaded. The exchange is then of no interest.
    pub asks_no_model: bool,
}

impl fmt::Debug for Decoded {
    /// Shows what is so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Decoded");
        shown
            .field("record", &self.record)
            .field("outcome", &self.outcome);
        if self.asks_no_model {
            shown.field("asks_no_model", &true);
        }
        shown.finish()
    }
}

/// Reads one request to a model and its response from their bytes, however these are split.
///
/// It never fails and never panics, and its memory is bounded: what cannot be read is left out and told as a
/// diagnostic of the record, what is too long keeps its beginning and its end.
#[derive(Clone, Debug)]
pub struct Exchange {
    endpoint: Endpoint,
    reader: Reader,
    request: Option<WholeBody>,
    request_is_lossy: bool,
    frames: Frames,
    response: Response,
    progress: Progress,
    is_content_wanted: bool,
    is_usage_estimated: bool,
}

impl Exchange {
    /// Begins an exchange if its request asks a model in a format that is known; looks at method, path and host only.
    #[must_use]
    pub fn detect(head: &RequestHead<'_>) -> Option<Self> {
        Endpoint::detect(head).map(Self::at)
    }

    /// Begins an exchange with what a request asks.
    #[must_use]
    pub fn at(endpoint: Endpoint) -> Self {
        let reader = (endpoint.format.reader)(&endpoint);
        Self {
            endpoint,
            reader,
            request: Some(WholeBody::new()),
            request_is_lossy: false,
            frames: Frames::new(Framing::Whole),
            response: Response::default(),
            progress: Progress::default(),
            is_content_wanted: true,
            is_usage_estimated: false,
        }
    }

    /// Reads on without what is said, for where content is recorded nowhere: messages, instructions, arguments and
    /// definitions of tools are read over, which costs a fraction of keeping them.
    ///
    /// The record is the one that it would be, with `Content::default()` as its content; it tells nothing of content
    /// that would have been too long to keep.
    #[must_use]
    pub fn without_content(mut self) -> Self {
        self.is_content_wanted = false;
        self.begin()
    }

    /// Estimates the tokens of an inference where its answer did not state them, from the texts of both bodies: one for
    /// four bytes of UTF-8, and four for each message. Such usage is [marked](genspan::Usage::is_estimated).
    ///
    /// A count that was stated stays. None is made up for what cannot be seen: the tokens of pictures and sound, of
    /// earlier responses that the provider remembers, of a call without an answer. To be asked for before any byte is
    /// taken; with it [`without_content`](Self::without_content) saves nothing, since content is what it goes by.
    #[must_use]
    pub fn estimating_usage(mut self) -> Self {
        self.is_usage_estimated = true;
        self.begin()
    }

    /// Begins to read anew, with what was asked for by now.
    fn begin(mut self) -> Self {
        self.reader = (self.endpoint.format.reader)(&self.endpoint);
        if self.passes_over_content() {
            self.reader.pass_over_content();
        }
        self
    }

    const fn passes_over_content(&self) -> bool {
        !self.is_content_wanted && !self.is_usage_estimated
    }

    /// Names the provider, where the caller knows better than the host's name tells.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.endpoint.provider = provider;
        self
    }

    /// Gives what the head alone says, for the start of a span: operation, provider, server.
    #[must_use]
    pub fn outline(&self) -> Outline {
        self.endpoint.outline()
    }

    /// Names the wire format, such as `openai.chat_completions` or `anthropic.messages`.
    #[must_use]
    pub const fn format_name(&self) -> &'static str {
        self.endpoint.format.name
    }

    /// Takes the next bytes of the request's body.
    pub fn request(&mut self, bytes: &[u8]) {
        if let Some(request) = &mut self.request {
            request.push(bytes);
        }
    }

    /// Tells that bytes of the request's body were lost here; a stored answer is asked for without one.
    pub fn request_skipped(&mut self) {
        if self.endpoint.format.operation == Operation::ResponseFetch {
            return;
        }
        if let Some(request) = &mut self.request {
            request.skip();
            self.request_is_lossy = true;
            self.progress.note(Diagnostic::BytesSkipped);
        }
    }

    /// Tells that the request's body ended; what was kept for reading it is released.
    pub fn request_end(&mut self) {
        if let Some(body) = self.request.take() {
            self.read_request(body.bytes(), body.is_cut());
        }
    }

    /// Takes the request's body where it is here as a whole: what [`request`](Self::request) and
    /// [`request_end`](Self::request_end) do, without a copy of the body.
    pub fn request_all(&mut self, bytes: &[u8]) {
        match self.request.take() {
            Some(body) if body.len_seen() == 0 && !body.is_cut() => {
                let (bytes, is_whole) = within(bytes, whole::DEFAULT_LIMIT);
                self.read_request(bytes, !is_whole);
            }
            Some(body) => {
                self.request.insert(body).push(bytes);
                self.request_end();
            }
            None => {}
        }
    }

    fn read_request(&mut self, bytes: &[u8], is_cut: bool) {
        if bytes.is_empty() && !is_cut {
            return;
        }
        let passing = if self.passes_over_content() {
            Passing::Said
        } else {
            Passing::Nothing
        };
        let (reader, progress) = (&mut self.reader, &mut self.progress);
        read_passing(bytes, passing, |reading, request| {
            if reading == Reading::Cut || (is_cut && !self.request_is_lossy) {
                progress.note(Diagnostic::BodyTooLong);
            } else if reading != Reading::Whole && !is_cut {
                progress.note(Diagnostic::RequestUnreadable);
            }
            reader.request(request);
        });
    }

    /// Takes the head of the response; of informational ones nothing is kept.
    pub fn response_head(&mut self, status: u16, content_type: Option<&str>) {
        if status >= 200 {
            self.response.status = Some(status);
            let labelled = content_type.map_or(Framing::Whole, Framing::from_content_type);
            let is_unlabelled = labelled == Framing::Whole && self.endpoint.is_stream;
            let frames = Frames::new(if is_unlabelled && status < 400 {
                self.endpoint.format.stream_framing
            } else {
                labelled
            });
            self.frames = match self.endpoint.format.stream_framing {
                Framing::Lines if status < 400 => frames.or_lines(),
                _ => frames,
            };
        }
    }

    /// Takes a header of the response, of whatever name: Bedrock counts the tokens of some models in headers alone
    /// ([`COUNT_HEADERS`](crate::COUNT_HEADERS)). Others, and values that are no numbers, say nothing.
    pub fn response_header(&mut self, name: &str, value: &str) {
        if let Some((header, count)) = CountHeader::of(name).zip(value.trim().parse().ok()) {
            self.reader.count_header(header, count);
        }
    }

    /// Takes the next bytes of the response's body, which came at the given moment.
    pub fn response(&mut self, bytes: &[u8], at: Timestamp) {
        self.response.at = at;
        self.read_frames(|frames, on_frame| frames.push(bytes, on_frame));
    }

    /// Takes the response's body where it is here as a whole, or all the rest of it: what
    /// [`response`](Self::response) does, but one document is read at once and without a copy.
    pub fn response_all(&mut self, bytes: &[u8], at: Timestamp) {
        self.response.at = at;
        self.read_frames(|frames, on_frame| frames.push_all(bytes, on_frame));
    }

    /// Tells that bytes of the response's body were lost here.
    pub fn response_skipped(&mut self) {
        self.progress.note(Diagnostic::BytesSkipped);
        self.response.is_lossy = true;
        self.read_frames(|frames, on_frame| frames.skip(on_frame));
    }

    /// Notes an oddity that whoever carries the traffic met, such as an encoding it cannot undo.
    pub fn note(&mut self, diagnostic: Diagnostic) {
        self.progress.note(diagnostic);
    }

    /// Tells whether the answer said its last word, so that a caller who leaves now has lost nothing.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.progress.terminal || self.progress.failure().is_some()
    }

    /// Ends the exchange and hands over what was said and how it ended.
    ///
    /// The answer's own last word, or its stated reason to finish, counts more than the end of the traffic: a caller who
    /// leaves after it has cancelled nothing.
    #[must_use]
    pub fn finish(mut self, end: End) -> Decoded {
        self.request_end();
        self.read_frames(|frames, on_frame| frames.finish(on_frame));
        let Self {
            reader,
            response,
            mut progress,
            endpoint,
            ..
        } = self;
        let mut record = reader.finish(&mut progress);
        endpoint.complete(&mut record);
        if self.is_usage_estimated
            && response.status.is_some_and(|status| status < 400)
            && let Record::Inference(record) = &mut record
        {
            let seen = Seen {
                request: !self.request_is_lossy,
                response: !response.is_lossy,
                is_finished: progress.finished,
            };
            estimate::fill(record, seen);
        }
        if !self.is_content_wanted {
            match &mut record {
                Record::Inference(record) => record.content = Content::default(),
                Record::ResponseFetch(record) => record.content = Content::default(),
                _ => {}
            }
        }
        let outcome = outcome::outcome(end, &response, &progress);
        // What we lost ourselves is no evidence.
        let is_lossy = self.request_is_lossy || response.is_lossy;
        let asks_no_model = progress.asks_no_model && !is_lossy;
        record
            .common_mut()
            .diagnostics
            .extend(progress.into_diagnostics());
        Decoded {
            record,
            outcome,
            asks_no_model,
        }
    }

    /// Reads frames, from wherever `feed` lets them come.
    fn read_frames(&mut self, feed: impl FnOnce(&mut Frames, &mut OnFrame<'_>)) {
        let Self {
            frames,
            reader,
            response,
            progress,
            ..
        } = self;
        feed(frames, &mut |frame| match response.status {
            Some(status) if status >= 400 => response.error_frame(status, frame),
            _ => response.frame(frame, reader.as_mut(), progress),
        });
    }
}
