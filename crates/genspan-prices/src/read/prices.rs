//! Prices of a TOML file.

use genspan::Money;
use toml::de::DeTable;

use super::value::{Entry, Source};
use crate::{PricesError, rates::Rates, table::Card};

const PRICE: &str =
    "a price for a million tokens, a number from 0 of at most 6 decimals such as 0.25";
const FEE: &str = "a price for one call, a number from 0 of at most 12 decimals such as 0.005";

const KEYS: &str = "names, from, until, peak, tier, over or a price: input, cache_read, cache_write, \
    cache_write_long, output, reasoning, audio_input, audio_cache_read, audio_output, image_output, \
    request";

/// Gives the place of the price that a key names.
fn place<'r>(rates: &'r mut Rates, key: &str) -> Option<&'r mut Option<Money>> {
    Some(match key {
        "input" => &mut rates.input,
        "cache_read" => &mut rates.cache_read,
        "cache_write" => &mut rates.cache_write,
        "cache_write_long" => &mut rates.cache_write_long,
        "output" => &mut rates.output,
        "reasoning" => &mut rates.reasoning,
        "audio_input" => &mut rates.audio_input,
        "audio_cache_read" => &mut rates.audio_cache_read,
        "audio_output" => &mut rates.audio_output,
        "image_output" => &mut rates.image_output,
        "request" => &mut rates.request,
        _ => return None,
    })
}

/// Reads prices and those of longer prompts; beside prices a key may be one of `others`, which the caller knows.
pub(super) fn card(
    source: &Source<'_>,
    written: &DeTable<'_>,
    others: &[&str],
) -> Result<Card, PricesError> {
    const LENGTH: &str = "a count of tokens";
    let mut card = Card {
        rates: rates(source, written, others)?,
        over: Vec::new(),
    };
    let entries = source.entries(written);
    for entry in entries.iter().filter(|entry| entry.key == "over") {
        for (at, written) in entry.tables()? {
            let entries = source.entries(written);
            let length = entries.iter().find(|entry| entry.key == "input_tokens");
            let length = length.ok_or_else(|| source.missing(at, "input_tokens", LENGTH))?;
            let rates = rates(source, written, &["input_tokens"])?;
            card.over.push((length.count(LENGTH)?, rates));
        }
    }
    card.over.sort_by_key(|(length, _)| *length);
    Ok(card)
}

fn rates(
    source: &Source<'_>,
    written: &DeTable<'_>,
    others: &[&str],
) -> Result<Rates, PricesError> {
    let mut rates = Rates::default();
    for entry in source.entries(written) {
        if let Some(place) = place(&mut rates, entry.key) {
            *place = Some(price(&entry)?);
        } else if !others.contains(&entry.key) {
            return Err(entry.unknown(KEYS));
        }
    }
    Ok(rates)
}

/// Reads the price of one token, exactly.
fn price(entry: &Entry<'_>) -> Result<Money, PricesError> {
    if entry.key == "request" {
        return entry.money(FEE);
    }
    const MILLION: u128 = 1_000_000;
    let million = entry.money(PRICE)?.picos();
    if million % MILLION != 0 {
        return Err(entry.wrong(PRICE));
    }
    Ok(Money::from_picos(million / MILLION))
}
