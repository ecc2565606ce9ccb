//! The wire formats, one file each; a new one is a file, a line in `detect` and an arm in each `match` here.

pub(crate) mod anthropic_messages;
pub(crate) mod failure;
pub(crate) mod keep;
pub(crate) mod openai_chat;

use genspan::{Diagnostic, Failure, Provider, Record, Server, Timestamp};

use crate::json::Json;

/// Names a wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// OpenAI's chat completions, as many others speak them.
    OpenAiChat,
    /// Anthropic's messages.
    AnthropicMessages,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai.chat_completions",
            Self::AnthropicMessages => "anthropic.messages",
        }
    }

    /// Begins to read an exchange in this format.
    pub(crate) fn reader(self, provider: Provider, server: Option<Server>) -> Reader {
        match self {
            Self::OpenAiChat => {
                Reader::OpenAiChat(Box::new(openai_chat::Chat::new(provider, server)))
            }
            Self::AnthropicMessages => Reader::AnthropicMessages(Box::new(
                anthropic_messages::Messages::new(provider, server),
            )),
        }
    }
}

/// Gives meaning to the documents of one exchange, which come already parsed.
///
/// Errors with a status of 400 and above, `[DONE]` and unreadable documents are dealt with before; all else is the
/// format's: texts it keeps bounded, and no document makes it fail.
pub(crate) trait Decode {
    /// Reads the request's body.
    fn request(&mut self, request: &Json<'_>);
    /// Reads an answer that came as one document.
    fn whole(&mut self, answer: &Json<'_>, progress: &mut Progress);
    /// Reads one document of an answer that came as a stream; it notes its time where it is part of the answer.
    fn chunk(&mut self, chunk: &Json<'_>, at: Timestamp, progress: &mut Progress);
    /// Hands over the record; says in `progress` whether the answer told why it ended.
    fn finish(self, progress: &mut Progress) -> Record;
}

/// Holds what an answer said about its own end, and the oddities met on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Every choice said why it ended.
    pub(crate) finished: bool,
    /// The stream said its last word.
    pub(crate) terminal: bool,
    /// The error that the answer itself reports; the first one stands.
    failure: Option<Failure>,
    diagnostics: Vec<Diagnostic>,
}

impl Progress {
    /// Notes an oddity, each kind once.
    pub(crate) fn note(&mut self, diagnostic: Diagnostic) {
        let same = |seen: &Diagnostic| match (seen, &diagnostic) {
            (
                Diagnostic::UsagePartExceedsWhole { part: seen, .. },
                Diagnostic::UsagePartExceedsWhole { part, .. },
            ) => seen == part,
            (seen, new) => seen.as_str() == new.as_str(),
        };
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes that the answer reports an error.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Gives the error that the answer reports.
    pub(crate) const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Takes out the oddities.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

/// Reads one exchange in one of the formats.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    OpenAiChat(Box<openai_chat::Chat>),
    AnthropicMessages(Box<anthropic_messages::Messages>),
}

impl Reader {
    pub(crate) fn request(&mut self, request: &Json<'_>) {
        match self {
            Self::OpenAiChat(reader) => reader.request(request),
            Self::AnthropicMessages(reader) => reader.request(request),
        }
    }

    pub(crate) fn whole(&mut self, answer: &Json<'_>, progress: &mut Progress) {
        match self {
            Self::OpenAiChat(reader) => reader.whole(answer, progress),
            Self::AnthropicMessages(reader) => reader.whole(answer, progress),
        }
    }

    pub(crate) fn chunk(&mut self, chunk: &Json<'_>, at: Timestamp, progress: &mut Progress) {
        match self {
            Self::OpenAiChat(reader) => reader.chunk(chunk, at, progress),
            Self::AnthropicMessages(reader) => reader.chunk(chunk, at, progress),
        }
    }

    pub(crate) fn finish(self, progress: &mut Progress) -> Record {
        match self {
            Self::OpenAiChat(reader) => reader.finish(progress),
            Self::AnthropicMessages(reader) => reader.finish(progress),
        }
    }
}
