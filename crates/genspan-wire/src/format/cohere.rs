//! Cohere's own formats: chats of both versions of its interface, and embeddings, which are alike in both.

mod chat;
mod chat_v1;
mod documents;
mod embed;
mod growing;
mod units;

use genspan::{InferenceKind, Provider};

use super::{Format, Found, Operation};
use crate::{detect::Asked, framing::Framing};

static CHAT: Format = Format {
    name: "cohere.chat",
    flavour: Provider::COHERE,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(chat::Chat::new(endpoint)),
};

static CHAT_V1: Format = Format {
    name: "cohere.chat_v1",
    flavour: Provider::COHERE,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Lines,
    reader: |endpoint| Box::new(chat_v1::Chat::new(endpoint)),
};

static EMBED: Format = Format {
    name: "cohere.embed",
    flavour: Provider::COHERE,
    operation: Operation::Embeddings,
    stream_framing: Framing::Whole,
    reader: |endpoint| Box::new(embed::Embedding::new(endpoint)),
};

/// Knows what is asked by its path; to rank, classify or count tokens is no inference.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let formats = [
        ("/v2/chat", &CHAT),
        ("/v1/chat", &CHAT_V1),
        ("/v1/embed", &EMBED),
        ("/v2/embed", &EMBED),
    ];
    let found = formats.into_iter().find(|(end, _)| asked.posts_to(end));
    found.map(|(_, format)| Found::from(format))
}
