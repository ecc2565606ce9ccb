//! Words that clients of Google's may ask for as numbers.

use genspan::Provider;

use crate::{format::google::spelled, json::Json};

/// Tells whose numbers they are: the two services number the same words differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    Gemini,
    Vertex,
}

const UNSPECIFIED: &str = "_UNSPECIFIED";

const VERTEX_FINISH: [&str; 17] = [
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "UNEXPECTED_TOOL_CALL",
    "NO_IMAGE",
];

const GEMINI_FINISH: [&str; 13] = [
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "UNEXPECTED_TOOL_CALL",
];

/// The numbers that both services share.
const BLOCK: [&str; 5] = [
    "BLOCKED_REASON_UNSPECIFIED",
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
];

const TRAFFIC: [&str; 3] = [
    "TRAFFIC_TYPE_UNSPECIFIED",
    "ON_DEMAND",
    "PROVISIONED_THROUGHPUT",
];

impl Numbering {
    /// Tells it by whose paths were asked.
    pub(super) fn of(flavour: &Provider) -> Self {
        if *flavour == Provider::GCP_VERTEX_AI {
            Self::Vertex
        } else {
            Self::Gemini
        }
    }

    /// Names why a candidate ended; a reason that is unspecified is none.
    pub(super) fn finish_reason(self, stated: &Json<'_>) -> Option<String> {
        match self {
            Self::Gemini => word(stated, &GEMINI_FINISH),
            Self::Vertex => word(stated, &VERTEX_FINISH),
        }
    }

    /// Names why a prompt was not answered.
    pub(super) fn block_reason(self, stated: &Json<'_>) -> Option<String> {
        word(stated, &BLOCK)
    }
}

/// Names the tier that served a call; on Vertex AI it is the type of the traffic that tells.
pub(super) fn tier(usage: &Json<'_>) -> Option<String> {
    let traffic = || word(spelled::get(usage, "trafficType")?, &TRAFFIC);
    spelled::string(usage, "serviceTier").or_else(traffic)
}

/// Gives the word, or the number where the word is not known.
fn word(stated: &Json<'_>, words: &[&str]) -> Option<String> {
    let known = |number| words.get(usize::try_from(number).ok()?);
    let word = match stated {
        Json::Text(word) => word.clone().into_owned(),
        other => {
            let number = other.as_u64()?;
            known(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
        }
    };
    (!word.is_empty() && !word.ends_with(UNSPECIFIED)).then_some(word)
}
