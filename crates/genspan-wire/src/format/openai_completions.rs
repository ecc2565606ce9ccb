//! OpenAI's completions of texts, as they were before there were chats.
//!
//! vLLM, SGLang, llama.cpp and most providers still offer them at `/v1/completions`. The answer is that of a chat but for
//! the text, which stands in the choice itself. What llama.cpp has at `/completion` and TGI at `/generate` are formats of
//! their own, which are not read here.

use genspan::{Generic, InferenceKind, Message, Part, Provider, Record, Role, Timestamp, Value};

use super::{
    Decode, Format, Found, Operation, Progress, Reader,
    keep::Keep,
    openai_chat::{Chat, request},
};
use crate::{
    bounded::BoundedText,
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing},
};

static FORMAT: Format = Format {
    name: "openai.completions",
    flavour: Provider::OPENAI,
    operation: Operation::Inference(InferenceKind::TextCompletion),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Completions::new(endpoint)),
};

/// Knows a request by its path: `completions` of a version, of a deployment or engine, which names the model, or of those
/// who fill in the middle.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let before = asked
        .path
        .strip_suffix("/completions")
        .filter(|_| asked.is_post())?;
    let mut segments = before.rsplit('/');
    let (last, parent) = (segments.next()?, segments.next());
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if is_version || matches!(last, "beta" | "fim" | "openai") {
        return Some(Found::from(&FORMAT));
    }
    let model = match parent? {
        "deployments" => asked.deployment(),
        "engines" => asked.segment_behind("/engines/"),
        _ => return None,
    };
    Some(Found::from(&FORMAT).with_model(model))
}

/// Reads one exchange: another request, the same answer as in a chat.
#[derive(Clone, Debug)]
struct Completions {
    answer: Chat,
}

impl Completions {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            answer: Chat::new(endpoint),
        }
    }
}

impl Decode for Completions {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, mut body: Json<'_>) {
        let is_content_unwanted = self.answer.passing() != Passing::Nothing;
        let (record, keep) = self.answer.request_parts();
        request::settings(&body, record);
        let suffix = body
            .string("suffix")
            .filter(|suffix| !suffix.is_empty())
            .map(|suffix| text("suffix", suffix));
        // A prompt that was passed over is one text, and how many there are tells how many choices there may be.
        let stated = body.members().iter().find(|(name, _)| name == "prompt");
        let is_one = is_content_unwanted && stated.is_some_and(|(_, prompt)| prompt.is_null());
        record.content.input = if is_one {
            vec![Message::new(Role::User, Vec::new())]
        } else {
            prompts(body.take("prompt"), keep)
        };
        for message in &mut record.content.input {
            message.parts.extend(suffix.clone());
        }
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        self.answer.whole(answer, progress);
    }

    fn passing(&self) -> Passing {
        self.answer.passing()
    }

    fn pass_over_content(&mut self) {
        self.answer.pass_over_content();
    }

    fn quick(&mut self, chunk: &str, at: Timestamp) -> bool {
        self.answer.quick(chunk, at)
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        self.answer.chunk(chunk, at, progress);
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        Box::new(self.answer).finish(progress)
    }
}

/// Makes a message of each prompt: a text, the numbers of its tokens, or a list of either.
fn prompts(stated: Option<Json<'_>>, keep: &mut Keep) -> Vec<Message> {
    let mut messages = Vec::new();
    match stated {
        Some(Json::List(items)) if items.first().is_some_and(|item| item.as_i64().is_some()) => {
            messages.extend(prompt(Json::List(items), keep));
        }
        Some(Json::List(items)) => {
            messages.extend(items.into_iter().filter_map(|item| prompt(item, keep)));
        }
        Some(item) => messages.extend(prompt(item, keep)),
        None => {}
    }
    messages
}

fn prompt(stated: Json<'_>, keep: &mut Keep) -> Option<Message> {
    let part = match stated {
        Json::Text(stated) => {
            let mut kept = BoundedText::new();
            keep.push(&mut kept, stated);
            Part::Text(kept.into_string())
        }
        Json::List(tokens) => {
            let value = Json::List(tokens).into_value();
            if !keep.piece(value.weight()) {
                return None;
            }
            generic("tokens", "tokens", value)
        }
        _ => return None,
    };
    Some(Message::new(Role::User, vec![part]))
}

fn text(kind: &str, content: String) -> Part {
    generic(kind, "content", content.into())
}

fn generic(kind: &str, name: &str, value: Value) -> Part {
    Part::Generic(Generic {
        kind: kind.to_owned(),
        members: vec![(name.to_owned(), value)],
    })
}
