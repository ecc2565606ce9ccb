//! The settings that requests of both kinds have, under the same names.

use genspan::{OutputType, Request};

use super::spelled;
use crate::json::Json;

/// Reads how the answer is to be made; one of another type than documented is not stated.
pub(super) fn read(config: &Json<'_>, request: &mut Request) {
    let number = |name| spelled::get(config, name).and_then(Json::as_f64);
    request.max_tokens = spelled::count(config, "maxOutputTokens");
    request.temperature = number("temperature");
    request.top_p = number("topP");
    request.top_k = number("topK");
    request.frequency_penalty = number("frequencyPenalty");
    request.presence_penalty = number("presencePenalty");
    request.seed = spelled::get(config, "seed").and_then(Json::as_i64);
    request.choice_count = spelled::count(config, "candidateCount");
    let stops = spelled::get(config, "stopSequences").map(Json::items);
    let stops = stops.unwrap_or_default().iter().filter_map(Json::as_str);
    request.stop_sequences = stops.map(str::to_owned).collect();
}

/// Tells what kind of output is asked for: the medium first, which may be a number, then what a text is to be.
pub(super) fn output_type(
    modalities: Option<&Json<'_>>,
    mime_type: Option<&str>,
) -> Option<OutputType> {
    let modalities = modalities.map(Json::items).unwrap_or_default();
    let asks_for = |word: &str, number: u64| {
        let is_word = |stated: &str| stated.eq_ignore_ascii_case(word);
        modalities
            .iter()
            .any(|stated| stated.as_str().is_some_and(is_word) || stated.as_u64() == Some(number))
    };
    match mime_type {
        _ if asks_for("image", 2) => Some(OutputType::Image),
        _ if asks_for("audio", 3) => Some(OutputType::Speech),
        Some("application/json") => Some(OutputType::Json),
        Some(text) if text.starts_with("text/") => Some(OutputType::Text),
        _ if asks_for("text", 1) => Some(OutputType::Text),
        _ => None,
    }
}
