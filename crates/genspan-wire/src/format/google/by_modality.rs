//! Counts of tokens by what the tokens stand for.

use genspan::ByModality;

use super::spelled;
use crate::json::Json;

/// Reads a list that states a modality and a count in each item; documents, which count as a modality of their own, are
/// in the total alone.
pub(super) fn read(details: &Json<'_>, count: &str) -> ByModality {
    let mut by = ByModality::default();
    for item in details.items() {
        let (Some(modality), Some(count)) = (item.get("modality"), spelled::count(item, count))
        else {
            continue;
        };
        let slot = match modality {
            Json::Int(1) => &mut by.text,
            Json::Int(2) => &mut by.image,
            Json::Int(3) => &mut by.video,
            Json::Int(4) => &mut by.audio,
            Json::Text(word) => match word.to_ascii_lowercase().as_str() {
                "text" => &mut by.text,
                "image" => &mut by.image,
                "video" => &mut by.video,
                "audio" => &mut by.audio,
                _ => continue,
            },
            _ => continue,
        };
        *slot = Some(slot.unwrap_or(0).saturating_add(count));
    }
    by
}

/// Adds two counts of which either may not be stated.
pub(super) fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

/// Adds counts by modality.
pub(super) fn sum_by(one: ByModality, other: ByModality) -> ByModality {
    ByModality {
        text: sum(one.text, other.text),
        audio: sum(one.audio, other.audio),
        image: sum(one.image, other.image),
        video: sum(one.video, other.video),
    }
}
