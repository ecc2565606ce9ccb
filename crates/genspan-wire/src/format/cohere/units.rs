//! What an answer says it costs.

use genspan::{ByModality, Counts};

use crate::json::Json;

/// Reads the tokens that are billed.
///
/// Cohere also states all tokens that its models read and wrote, with its own instructions to them. Cached tokens and
/// those of reasoning are parts of these and not of the billed ones: they are told only where nothing is billed, as by
/// a deployment of one's own.
pub(super) fn counts(stated: &Json<'_>) -> Counts {
    let count = |of: &Json<'_>, name: &str| of.get(name).and_then(Json::as_u64);
    let billed = stated.get("billed_units");
    let tokens = |billed: &Json<'_>| Counts {
        input: count(billed, "input_tokens"),
        output: count(billed, "output_tokens"),
        ..Counts::default()
    };
    if let Some(billed) = billed {
        return with_images(tokens(billed), count(billed, "image_tokens"));
    }
    let Some(all) = stated.get("tokens") else {
        return Counts::default();
    };
    Counts {
        cache_read: count(stated, "cached_tokens"),
        reasoning: count(all, "reasoning_tokens"),
        ..tokens(all)
    }
}

/// Adds the tokens of pictures, which have a price of their own and are stated apart.
fn with_images(text: Counts, images: Option<u64>) -> Counts {
    let Some(images) = images else {
        return text;
    };
    Counts {
        input: Some(text.input.unwrap_or(0).saturating_add(images)),
        input_by: ByModality {
            text: text.input,
            image: Some(images),
            ..ByModality::default()
        },
        ..text
    }
}
