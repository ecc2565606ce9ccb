//! Single values: what JSON has for them, and what protobuf writes.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost::encoding::encode_varint;
use serde::de::Unexpected;

use super::delimited;
use super::schema::{Field, Kind};

/// Holds a value as JSON has it.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Double(f64),
    Text(&'a str),
}

impl<'a> Given<'a> {
    pub(super) fn unexpected(self) -> Unexpected<'a> {
        match self {
            Self::Bool(it) => Unexpected::Bool(it),
            Self::Signed(it) => Unexpected::Signed(it),
            Self::Unsigned(it) => Unexpected::Unsigned(it),
            Self::Double(it) => Unexpected::Float(it),
            Self::Text(it) => Unexpected::Str(it),
        }
    }

    fn signed(self) -> Option<i64> {
        match self {
            Self::Signed(it) => Some(it),
            Self::Unsigned(it) => i64::try_from(it).ok(),
            // What JavaScript makes of large numbers, as far as it is exact.
            Self::Double(it) if it.fract() == 0.0 && it.abs() <= 9_007_199_254_740_992.0 => {
                Some(it as i64)
            }
            Self::Text(it) => it.parse().ok(),
            Self::Bool(_) | Self::Double(_) => None,
        }
    }

    fn unsigned(self) -> Option<u64> {
        match self {
            Self::Unsigned(it) => Some(it),
            Self::Text(it) => it.parse().ok(),
            other => u64::try_from(other.signed()?).ok(),
        }
    }

    fn double(self) -> Option<f64> {
        match self {
            Self::Double(it) => Some(it),
            Self::Signed(it) => Some(it as f64),
            Self::Unsigned(it) => Some(it as f64),
            Self::Text("Infinity") => Some(f64::INFINITY),
            Self::Text("-Infinity") => Some(f64::NEG_INFINITY),
            Self::Text("NaN") => Some(f64::NAN),
            Self::Text(it) => it.parse().ok().filter(|it: &f64| it.is_finite()),
            Self::Bool(_) => None,
        }
    }

    /// Reads an enum by number or name.
    fn named(self, names: &[&str]) -> Option<i32> {
        if let Self::Text(name) = self
            && let Some(at) = names.iter().position(|known| *known == name)
        {
            return i32::try_from(at).ok();
        }
        i32::try_from(self.signed()?).ok()
    }
}

/// Writes a value as a field; `None` where the field can hold no such value.
pub(super) fn write(field: &Field, given: Given<'_>, out: &mut Vec<u8>) -> Option<()> {
    const VARINT: u32 = 0;
    const EIGHT: u32 = 1;
    const FOUR: u32 = 5;
    let key = |wire: u32, out: &mut Vec<u8>| encode_varint(u64::from(field.tag << 3 | wire), out);
    let varint = |value: u64, out: &mut Vec<u8>| {
        key(VARINT, out);
        encode_varint(value, out);
    };
    match (field.kind, given) {
        (Kind::Text, Given::Text(text)) => delimited(field.tag, text.as_bytes(), out),
        (Kind::Id, Given::Text(text)) => delimited(field.tag, &hex(text)?, out),
        (Kind::Bytes, Given::Text(text)) => delimited(field.tag, &base64(text)?, out),
        (Kind::Bool, Given::Bool(value)) => varint(u64::from(value), out),
        (Kind::Int, _) => varint(given.signed()?.cast_unsigned(), out),
        (Kind::Uint32, _) => varint(u32::try_from(given.unsigned()?).ok()?.into(), out),
        (Kind::Uint64, _) => varint(given.unsigned()?, out),
        (Kind::Enum(names), _) => varint(i64::from(given.named(names)?).cast_unsigned(), out),
        (Kind::Sint32, _) => {
            let value = i32::try_from(given.signed()?).ok()?;
            varint(
                u64::from(((value << 1) ^ (value >> 31)).cast_unsigned()),
                out,
            );
        }
        (Kind::Fixed64, _) => {
            let value = given.unsigned()?;
            key(EIGHT, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        (Kind::Sfixed64, _) => {
            let value = given.signed()?;
            key(EIGHT, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        (Kind::Fixed32, _) => {
            let value = u32::try_from(given.unsigned()?).ok()?;
            key(FOUR, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        (Kind::Double, _) => {
            let value = given.double()?;
            key(EIGHT, out);
            out.extend_from_slice(&value.to_le_bytes());
        }
        (Kind::Text | Kind::Id | Kind::Bytes | Kind::Bool | Kind::Message(_), _) => return None,
    }
    Some(())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Reads both alphabets, with and without padding, as protobuf's JSON asks.
fn base64(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
    ENGINE.decode(text.replace('-', "+").replace('_', "/")).ok()
}
