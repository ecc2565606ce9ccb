//! The response as far as it came.

use std::borrow::Cow;

use genspan::{Diagnostic, ErrorType, Failure, Timestamp};

use crate::{
    format::{Decode, Progress, failure},
    framing::{
        Frame,
        event_stream::{Kind, Message},
    },
    json::{Json, Reading, lossy, read, read_passing},
};

/// The response as far as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    pub(super) status: Option<u16>,
    /// When the last bytes came.
    pub(super) at: Timestamp,
    /// What an answer with an error status says of the error.
    pub(super) error: Option<Failure>,
    /// Our side lost bytes or kept only some of them: that it is incomplete says nothing of the traffic.
    pub(super) is_lossy: bool,
    /// There were bytes and nothing could be made of them.
    pub(super) is_unreadable: bool,
    /// The one document that is the answer was read in part.
    pub(super) is_document_cut: bool,
}

impl Response {
    /// Reads what an answer with an error status says; the first frame that says something stands.
    pub(super) fn error_frame(&mut self, status: u16, frame: Frame<'_>) {
        if self.error.is_none() {
            self.error = read(frame.bytes(), |reading, document| match reading {
                Reading::Nothing => Some(failure::of_text(status, &lossy(frame.bytes()))),
                Reading::Whole | Reading::Cut | Reading::Part => {
                    Some(failure::of_status(status, &document))
                }
            });
        }
    }

    pub(super) fn frame(
        &mut self,
        frame: Frame<'_>,
        reader: &mut dyn Decode,
        progress: &mut Progress,
    ) {
        let bytes = frame.bytes().trim_ascii();
        match frame {
            Frame::Body { truncated, .. } => self.body(bytes, truncated, reader, progress),
            Frame::Message(message) => self.message(&message, reader, progress),
            Frame::Damage => progress.note(Diagnostic::FrameUnreadable),
            _ if bytes == b"[DONE]" => progress.terminal = true,
            _ if bytes.is_empty() => {}
            _ if progress.terminal => progress.note(Diagnostic::DataAfterEnd),
            Frame::Event(event) => {
                self.chunk(bytes, event.truncated, event.unterminated, reader, progress);
                if event.event == b"error" && progress.failure().is_none() {
                    progress.fail(unnamed_error(bytes));
                }
            }
            Frame::Line(line) => {
                self.chunk(bytes, line.truncated, line.unterminated, reader, progress)
            }
            Frame::Element(one) => {
                self.chunk(bytes, one.truncated, one.unterminated, reader, progress);
            }
        }
    }

    /// Reads an answer that came as one document; its end is its last word.
    fn body(
        &mut self,
        bytes: &[u8],
        truncated: bool,
        reader: &mut dyn Decode,
        progress: &mut Progress,
    ) {
        if truncated && !self.is_lossy {
            progress.note(Diagnostic::BodyTooLong);
            self.is_lossy = true;
        }
        // Some send blanks to keep the connection alive until the answer comes.
        if bytes.is_empty() {
            return;
        }
        read_passing(bytes, reader.passing(), |reading, document| match reading {
            Reading::Nothing => {
                progress.note(Diagnostic::ResponseUnreadable);
                self.is_unreadable = true;
            }
            Reading::Whole | Reading::Cut | Reading::Part => {
                progress.is_part = reading == Reading::Part;
                reader.whole(document, progress);
                if reading == Reading::Cut {
                    progress.note(Diagnostic::BodyTooLong);
                }
                self.is_document_cut = reading == Reading::Part;
                progress.terminal = !self.is_document_cut;
            }
        });
    }

    /// Reads one message of a stream whose messages say what they are.
    fn message(&mut self, message: &Message<'_>, reader: &mut dyn Decode, progress: &mut Progress) {
        let failure = match message.kind() {
            Kind::Event(_) if progress.terminal => {
                progress.note(Diagnostic::DataAfterEnd);
                None
            }
            Kind::Event(name) => {
                self.named(name, message, reader, progress);
                None
            }
            Kind::Exception(name) => Some(read(message.payload, |_, document| {
                failure::of_exception(name, &document)
            })),
            Kind::Error { code, message } => {
                let told = [(Cow::from("message"), Json::Text(message.into()))];
                Some(failure::of_exception(code, &Json::Object(told.into())))
            }
            Kind::Unknown => None,
        };
        if let Some(failure) = failure {
            progress.fail(failure);
        }
    }

    /// Reads one document of a stream that is told by its name what it is.
    fn named(
        &mut self,
        name: &str,
        message: &Message<'_>,
        reader: &mut dyn Decode,
        progress: &mut Progress,
    ) {
        read_passing(message.payload, reader.passing(), |reading, document| {
            if message.truncated || reading == Reading::Cut {
                progress.note(Diagnostic::FrameTooLong);
                self.is_lossy = true;
            } else if reading != Reading::Whole {
                progress.note(Diagnostic::FrameUnreadable);
            }
            if reading != Reading::Nothing {
                reader.event(name, document, self.at, progress);
            }
        });
    }

    /// Reads one document of a stream; that the last one is cut short is the outcome's matter.
    fn chunk(
        &mut self,
        bytes: &[u8],
        truncated: bool,
        unterminated: bool,
        reader: &mut dyn Decode,
        progress: &mut Progress,
    ) {
        if !truncated
            && let Ok(text) = std::str::from_utf8(bytes)
            && reader.quick(text, self.at)
        {
            return;
        }
        read_passing(bytes, reader.passing(), |reading, document| {
            if truncated || reading == Reading::Cut {
                progress.note(Diagnostic::FrameTooLong);
                self.is_lossy = true;
            } else if reading != Reading::Whole && !unterminated {
                progress.note(Diagnostic::FrameUnreadable);
            }
            if reading != Reading::Nothing {
                progress.is_part = reading == Reading::Part;
                reader.chunk(document, self.at, progress);
            }
        });
    }
}

/// Describes an event that is called an error and says nothing more that is known.
fn unnamed_error(bytes: &[u8]) -> Failure {
    read(bytes, |reading, document| match reading {
        Reading::Nothing => Failure::new(ErrorType::StreamError).with_message(lossy(bytes)),
        Reading::Whole | Reading::Cut | Reading::Part => failure::of_event(&document),
    })
}
