//! What tokens cost, and how a call's tokens add up.

use genspan::{CostParts, Money, Usage};

/// Holds the prices of one token of each kind; what has none is not for sale, or nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    pub(crate) input: Option<Money>,
    pub(crate) cache_read: Option<Money>,
    pub(crate) cache_write: Option<Money>,
    pub(crate) cache_write_long: Option<Money>,
    pub(crate) output: Option<Money>,
    /// Where reasoning costs what other output does not.
    pub(crate) reasoning: Option<Money>,
    pub(crate) audio_input: Option<Money>,
    pub(crate) audio_cache_read: Option<Money>,
    pub(crate) audio_output: Option<Money>,
    pub(crate) image_output: Option<Money>,
    /// What a call costs whatever its tokens.
    pub(crate) request: Option<Money>,
}

/// Holds tokens of the input that cost the same, by what became of them.
#[derive(Clone, Copy)]
struct Input {
    fresh: u64,
    read: u64,
}

impl Rates {
    /// Adds a call up; `None` where a token has no price, or the counts do not tell enough.
    pub(crate) fn cost(&self, usage: &Usage, has_output: bool) -> Option<(Money, CostParts)> {
        let (written, short, long) = written(usage)?;
        let (text, audio) = self.split_input(usage, written)?;
        let read = each(text.read, self.cache_read)?.plus(each(audio.read, self.audio_cache_read)?);
        let write = each(short, self.cache_write)?.plus(each(long, self.cache_write_long)?);
        let input = each(text.fresh, self.input)?
            .plus(each(audio.fresh, self.audio_input)?)
            .plus(read)
            .plus(write);
        let mut parts = CostParts {
            input: Some(input),
            cache_read: usage.cache_read().map(|_| read),
            cache_write: usage.cache_write().map(|_| write),
            ..CostParts::default()
        };
        let mut whole = input.plus(self.request.unwrap_or_default());
        if has_output {
            let (output, reasoning) = self.output(usage)?;
            whole = whole.plus(output);
            parts.output = Some(output);
            parts.reasoning = reasoning;
        }
        Some((whole, parts))
    }

    /// Tells sound from all other input, where any is stated.
    fn split_input(&self, usage: &Usage, written: u64) -> Option<(Input, Input)> {
        let all_read = usage.cache_read().unwrap_or(0);
        let fresh = usage.input()?.checked_sub(all_read)?.checked_sub(written)?;
        let audio = usage.input_by().audio.unwrap_or(0);
        let read = match usage.cache_read_by().audio {
            Some(read) => read,
            None if audio == 0 || all_read == 0 => 0,
            // What was cached is told, and no sound among it.
            None if usage.cache_read_by().sum() == Some(all_read) => 0,
            None => return None,
        };
        let audio = Input {
            fresh: audio.checked_sub(read)?,
            read,
        };
        let text = Input {
            fresh: fresh.checked_sub(audio.fresh)?,
            read: all_read.checked_sub(read)?,
        };
        Some((text, audio))
    }

    /// Adds up the output, and the reasoning in it where that is stated.
    fn output(&self, usage: &Usage) -> Option<(Money, Option<Money>)> {
        let audio = usage.output_by().audio.unwrap_or(0);
        let image = usage.output_by().image.unwrap_or(0);
        let reasoning = match self.reasoning {
            Some(_) => usage.reasoning()?,
            None => usage.reasoning().unwrap_or(0),
        };
        let text = usage.output()?.checked_sub(audio)?.checked_sub(image)?;
        let thought = each(reasoning, self.reasoning.or(self.output))?;
        let said = each(text.checked_sub(reasoning)?, self.output)?
            .plus(each(audio, self.audio_output)?)
            .plus(each(image, self.image_output)?);
        Some((said.plus(thought), usage.reasoning().map(|_| thought)))
    }
}

/// Gives what was written to a cache: all, for the usual time, and for longer.
fn written(usage: &Usage) -> Option<(u64, u64, u64)> {
    let all = usage.cache_write().unwrap_or(0);
    let long = usage.cache_write_long().unwrap_or(0);
    Some((all, all.checked_sub(long)?, long))
}

/// Gives what so many tokens cost; none cost nothing, whether they have a price or not.
fn each(tokens: u64, price: Option<Money>) -> Option<Money> {
    if tokens == 0 {
        return Some(Money::ZERO);
    }
    price.map(|price| price.times(tokens))
}

#[cfg(test)]
mod tests {
    use genspan::{ByModality, Counts};

    use super::*;

    /// A price in 10⁻¹², so that sums are seen at a glance.
    fn picos(count: u128) -> Option<Money> {
        Some(Money::from_picos(count))
    }

    fn rates() -> Rates {
        Rates {
            input: picos(10),
            cache_read: picos(1),
            output: picos(100),
            ..Rates::default()
        }
    }

    fn cost(rates: &Rates, counts: Counts) -> Option<u128> {
        let usage = Usage::inclusive(counts).0;
        rates.cost(&usage, true).map(|(whole, _)| whole.picos())
    }

    fn counts(input: u64, output: u64) -> Counts {
        Counts {
            input: Some(input),
            output: Some(output),
            ..Counts::default()
        }
    }

    #[test]
    fn what_is_not_stated_is_not_guessed() {
        let unstated = Counts {
            input: Some(5),
            ..Counts::default()
        };
        assert_eq!(cost(&rates(), unstated), None);
        let usage = Usage::inclusive(unstated).0;
        let (whole, parts) = rates().cost(&usage, false).unwrap();
        assert_eq!((whole.picos(), parts.output), (50, None));
        assert_eq!(
            cost(
                &rates(),
                Counts {
                    input: None,
                    ..counts(0, 1)
                }
            ),
            None
        );
    }

    #[test]
    fn a_token_without_a_price_costs_the_whole() {
        let written = Counts {
            cache_write: Some(2),
            ..counts(5, 1)
        };
        assert_eq!(cost(&rates(), written), None);
        let none = Counts {
            cache_write: Some(0),
            ..counts(5, 1)
        };
        assert_eq!(cost(&rates(), none), Some(150));
    }

    #[test]
    fn cached_input_is_paid_once() {
        let cached = Counts {
            cache_read: Some(4),
            cache_write: Some(3),
            cache_write_long: Some(2),
            ..counts(9, 1)
        };
        let rates = Rates {
            cache_write: picos(12),
            cache_write_long: picos(20),
            ..rates()
        };
        // 2 fresh, 4 read, 1 written, 2 written for longer.
        assert_eq!(cost(&rates, cached), Some(20 + 4 + 12 + 40 + 100));
        let odd = Counts {
            cache_read: Some(8),
            ..cached
        };
        assert_eq!(
            cost(&rates, odd),
            None,
            "8 read and 3 written are more than 9"
        );
    }

    #[test]
    fn reasoning_is_part_of_the_output_unless_it_has_its_own_price() {
        let thinking = Counts {
            reasoning: Some(6),
            ..counts(1, 10)
        };
        assert_eq!(cost(&rates(), thinking), Some(10 + 1_000));
        let apart = Rates {
            reasoning: picos(50),
            ..rates()
        };
        assert_eq!(cost(&apart, thinking), Some(10 + 400 + 300));
        assert_eq!(cost(&apart, counts(1, 10)), None);
        let (_, parts) = rates().cost(&Usage::inclusive(thinking).0, true).unwrap();
        assert_eq!(parts.reasoning, picos(600));
    }

    #[test]
    fn sound_is_paid_as_sound_or_not_priced() {
        let by = |audio| ByModality {
            audio: Some(audio),
            ..ByModality::default()
        };
        let heard = Counts {
            input_by: by(4),
            ..counts(10, 0)
        };
        assert_eq!(cost(&rates(), heard), None);
        let rates = Rates {
            audio_input: picos(30),
            audio_cache_read: picos(3),
            ..rates()
        };
        assert_eq!(cost(&rates, heard), Some(60 + 120));
        let cached = Counts {
            cache_read: Some(5),
            ..heard
        };
        assert_eq!(cost(&rates, cached), None, "which were cached is not told");
        let told = Counts {
            cache_read_by: by(3),
            ..cached
        };
        // 5 fresh, one of them sound; 5 read, three of them sound.
        assert_eq!(cost(&rates, told), Some(40 + 30 + 2 + 9));
    }
}
