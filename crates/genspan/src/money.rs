//! Exact amounts of money.

use std::{fmt, iter::Sum, str::FromStr};

/// Holds an amount of money exactly, in units of 10⁻¹² of its currency's unit.
///
/// A price per million tokens with up to six decimals is a whole number of these for each token, so that sums over any
/// number of calls stay exact; only what stands in telemetry is a floating point number.
///
/// ```
/// use genspan::Money;
///
/// let each = Money::from_f64(0.1).unwrap();
/// let sum: Money = [each; 3].into_iter().sum();
/// assert_eq!(sum.as_f64(), 0.3); // 0.1 + 0.1 + 0.1 is not
/// assert_eq!(sum.to_string(), "0.3");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(u128);

/// One unit of a currency.
const UNIT: u128 = 1_000_000_000_000;
const DECIMALS: usize = 12;

impl Money {
    /// Nothing at all, which is not the same as an unknown amount.
    pub const ZERO: Self = Self(0);

    /// Takes an amount in units of 10⁻¹².
    #[must_use]
    pub const fn from_picos(picos: u128) -> Self {
        Self(picos)
    }

    /// Gives the amount in units of 10⁻¹².
    #[must_use]
    pub const fn picos(self) -> u128 {
        self.0
    }

    /// Takes an amount as others state it, to the nearest 10⁻¹²; `None` where it is negative or no number.
    #[must_use]
    pub fn from_f64(amount: f64) -> Option<Self> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the sign is looked at before, and a cast saturates"
        )]
        let picos = (amount * UNIT as f64).round() as u128;
        (amount.is_finite() && amount >= 0.0).then_some(Self(picos))
    }

    /// Gives the floating point number that is nearest.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        #[allow(
            clippy::cast_precision_loss,
            reason = "both are exact for what calls cost, so that their quotient is the nearest number"
        )]
        let amount = self.0 as f64 / UNIT as f64;
        amount
    }

    /// Adds another amount of the same currency.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Gives what so many of these are.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count as u128))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Money {
    /// Writes all decimals that there are, and a precision where one is asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or(DECIMALS).min(DECIMALS);
        let step = 10_u128.pow(u32::try_from(DECIMALS - decimals).unwrap_or_default());
        let rounded = self.0.saturating_add(step / 2) / step * step;
        let (whole, rest) = (rounded / UNIT, rounded % UNIT / step);
        let rest = if decimals == 0 {
            String::new()
        } else {
            format!(".{rest:0decimals$}")
        };
        let rest = match f.precision() {
            Some(_) => rest.as_str(),
            None => rest.trim_end_matches('0').trim_end_matches('.'),
        };
        write!(f, "{whole}{rest}")
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Says that a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadMoney;

impl fmt::Display for BadMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a decimal number of at most 12 decimals, such as 0.25")
    }
}

impl std::error::Error for BadMoney {}

impl FromStr for Money {
    type Err = BadMoney;

    /// Reads a decimal number without sign or exponent, exactly.
    fn from_str(text: &str) -> Result<Self, BadMoney> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > DECIMALS {
            return Err(BadMoney);
        }
        let whole: u128 = whole.parse().map_err(|_| BadMoney)?;
        let decimals: u128 = format!("{decimals:0<DECIMALS$}")
            .parse()
            .map_err(|_| BadMoney)?;
        let picos = whole
            .checked_mul(UNIT)
            .and_then(|whole| whole.checked_add(decimals));
        picos.map(Self).ok_or(BadMoney)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_calls_add_up_exactly() {
        let each = Money::from_f64(0.1).unwrap();
        let sum: Money = std::iter::repeat_n(each, 3_000).sum();
        assert_eq!((sum.as_f64(), sum.to_string().as_str()), (300.0, "300"));
        assert_eq!(Money::from_picos(300_000_000_000).as_f64(), 0.3);
        assert_eq!(each.times(3).as_f64(), 0.3);
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for amount in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Money::from_f64(amount), None);
        }
        assert_eq!(Money::from_f64(0.0), Some(Money::ZERO));
        for text in ["", ".", "1.", ".5", "-1", "1e3", "0.1234567890123", "1_0"] {
            assert_eq!(text.parse::<Money>(), Err(BadMoney), "{text}");
        }
    }

    #[test]
    fn decimals_are_read_and_written_exactly() {
        for text in ["0", "0.000000000001", "0.00014025", "12.5", "1000000"] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), text);
        }
        let amount: Money = "0.0019996".parse().unwrap();
        assert_eq!(
            format!("{amount:.4} {amount:.0} {amount:.7}"),
            "0.0020 0 0.0019996"
        );
        assert_eq!(format!("{:.2}", "0.995".parse::<Money>().unwrap()), "1.00");
    }
}
