//! The pieces of a streamed answer put together.

use genspan::{Counts, FinishReason, Message, Part, Response, Role, ToolCallRequest, Usage, Value};

use crate::{ChatResponse, ChatUpdate, Delta, ToolCallDelta};

/// Puts the pieces of a streamed answer together.
///
/// ```
/// use genspan_chat::{ChatResponse, ChatUpdate, Gathered};
///
/// let mut gathered = Gathered::default();
/// for piece in [ChatUpdate::text("Good "), ChatUpdate::text("day"), ChatUpdate::finish("stop")] {
///     gathered.push(&piece);
/// }
/// let whole = ChatResponse::text("Good day").with_finish_reason("stop");
/// assert_eq!(gathered.into_response(), whole);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    choices: Vec<Choice>,
    details: Response,
    usage: Usage,
    is_without_content: bool,
}

#[derive(Clone, Debug, Default)]
struct Choice {
    pieces: Vec<Piece>,
    finish_reason: Option<String>,
}

#[derive(Clone, Debug)]
enum Piece {
    Whole(Part),
    Call(ToolCallDelta),
}

impl Gathered {
    /// Bounds the choices of one answer; pieces of others are passed over.
    const MAX_CHOICES: usize = 1024;

    /// Passes over what is said, and keeps everything else.
    pub(crate) fn without_content() -> Self {
        Self {
            is_without_content: true,
            ..Self::default()
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, update: &ChatUpdate) {
        if update.id.is_some() {
            self.details.id.clone_from(&update.id);
        }
        if update.model.is_some() {
            self.details.model.clone_from(&update.model);
        }
        if let Some(usage) = update.usage {
            self.usage = later(self.usage, usage);
        }
        let says = update.finish_reason.is_some() || !update.deltas.is_empty();
        if !says || update.choice >= Self::MAX_CHOICES {
            return;
        }
        if self.choices.len() <= update.choice {
            self.choices.resize_with(update.choice + 1, Choice::default);
        }
        let is_without_content = self.is_without_content;
        if let Some(choice) = self.choices.get_mut(update.choice) {
            if update.finish_reason.is_some() {
                choice.finish_reason.clone_from(&update.finish_reason);
            }
            if !is_without_content {
                update.deltas.iter().for_each(|delta| choice.push(delta));
            }
        }
    }

    /// Gives the answer as far as it came.
    #[must_use]
    pub fn into_response(mut self) -> ChatResponse {
        let reasons = self.choices.iter_mut();
        self.details.finish_reasons = reasons
            .filter_map(|choice| choice.finish_reason.clone())
            .collect();
        let output = if self.is_without_content {
            Vec::new()
        } else {
            self.choices.into_iter().map(Choice::into_message).collect()
        };
        ChatResponse {
            output,
            details: self.details,
            usage: self.usage,
            span: None,
        }
    }
}

impl Choice {
    fn push(&mut self, delta: &Delta) {
        match (delta, self.pieces.last_mut()) {
            (Delta::Text(more), Some(Piece::Whole(Part::Text(text))))
            | (Delta::Reasoning(more), Some(Piece::Whole(Part::Reasoning(text)))) => {
                text.push_str(more);
            }
            (Delta::Text(text), _) => self.pieces.push(Piece::Whole(Part::Text(text.clone()))),
            (Delta::Reasoning(text), _) => {
                self.pieces
                    .push(Piece::Whole(Part::Reasoning(text.clone())));
            }
            (Delta::Part(part), _) => self.pieces.push(Piece::Whole(part.clone())),
            (Delta::ToolCall(more), _) => self.call(more),
        }
    }

    fn call(&mut self, more: &ToolCallDelta) {
        let known = self.pieces.iter_mut().find_map(|piece| match piece {
            Piece::Call(call) if call.index == more.index => Some(call),
            _ => None,
        });
        match known {
            Some(call) => {
                if call.id.is_none() {
                    call.id.clone_from(&more.id);
                }
                if call.name.is_none() {
                    call.name.clone_from(&more.name);
                }
                call.arguments.push_str(&more.arguments);
            }
            None => self.pieces.push(Piece::Call(more.clone())),
        }
    }

    fn into_message(self) -> Message {
        let parts = self.pieces.into_iter().map(|piece| match piece {
            Piece::Whole(part) => part,
            Piece::Call(call) => Part::ToolCallRequest(ToolCallRequest {
                id: call.id,
                name: call.name.unwrap_or_default(),
                arguments: if call.arguments.is_empty() {
                    Value::Null
                } else {
                    Value::from_json_or_text(&call.arguments)
                },
            }),
        });
        Message {
            finish_reason: self
                .finish_reason
                .as_deref()
                .map(FinishReason::from_provider),
            ..Message::new(Role::Assistant, parts.collect())
        }
    }
}

/// Takes what was stated later; a count that was left out stays.
fn later(earlier: Usage, later: Usage) -> Usage {
    let counts = |usage: Usage| Counts {
        input: usage.input(),
        output: usage.output(),
        cache_read: usage.cache_read(),
        cache_write: usage.cache_write(),
        reasoning: usage.reasoning(),
        ..Counts::default()
    };
    let mut all = counts(earlier);
    all.update(counts(later));
    let (usage, _) = Usage::inclusive(all);
    if later.is_estimated() {
        usage.into_estimated()
    } else {
        usage
    }
}
