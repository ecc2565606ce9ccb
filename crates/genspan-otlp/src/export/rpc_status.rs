//! Finds the wait that a gRPC error asks for: `google.rpc.RetryInfo` within `google.rpc.Status`.

use std::time::Duration;

const RETRY_INFO: &[u8] = b"type.googleapis.com/google.rpc.RetryInfo";

/// Holds a field of a protobuf message; other wire types are skipped.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// Reads the wait out of an error's details.
pub(super) fn retry_delay(details: &[u8]) -> Option<Duration> {
    fields(details)
        .filter(|(number, _)| *number == 3)
        .find_map(|(_, any)| match any {
            Field::Bytes(any) if bytes_of(any, 1) == Some(RETRY_INFO) => delay(bytes_of(any, 2)?),
            _ => None,
        })
}

fn delay(retry_info: &[u8]) -> Option<Duration> {
    let duration = bytes_of(retry_info, 1)?;
    let number = |wanted| {
        fields(duration).find_map(|(number, field)| match field {
            Field::Number(value) if number == wanted => Some(value),
            _ => None,
        })
    };
    let nanos = u32::try_from(number(2).unwrap_or(0))
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    // A negative number of seconds reads as an enormous one.
    let seconds = number(1).unwrap_or(0);
    (i64::try_from(seconds).is_ok()).then(|| Duration::new(seconds, nanos))
}

fn bytes_of(message: &[u8], wanted: u64) -> Option<&[u8]> {
    fields(message).find_map(|(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    })
}

/// Goes through the fields of a message until its end or the first malformed one.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        let key = varint(&mut rest)?;
        let field = match key & 7 {
            0 => Field::Number(varint(&mut rest)?),
            1 => take(&mut rest, 8).map(|_| Field::Other)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                Field::Bytes(take(&mut rest, length)?)
            }
            5 => take(&mut rest, 4).map(|_| Field::Other)?,
            _ => return None,
        };
        Some((key >> 3, field))
    })
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [
            &[number << 3 | 2, u8::try_from(bytes.len()).unwrap()],
            bytes,
        ]
        .concat()
    }

    fn number(number: u8, mut value: u64) -> Vec<u8> {
        let mut bytes = vec![number << 3];
        while value >= 0x80 {
            bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    pub(crate) fn with_retry_delay(seconds: u64, nanos: u64) -> Vec<u8> {
        let duration = [number(1, seconds), number(2, nanos)].concat();
        let any = [field(1, RETRY_INFO), field(2, &field(1, &duration))].concat();
        [number(1, 8), field(2, b"slow down"), field(3, &any)].concat()
    }

    #[test]
    fn the_wait_is_found_among_other_fields() {
        let details = with_retry_delay(300, 7);
        assert_eq!(retry_delay(&details), Some(Duration::new(300, 7)));
        for cut in 0..details.len() {
            assert_eq!(retry_delay(&details[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_negative_wait_is_none() {
        assert_eq!(retry_delay(&with_retry_delay(u64::MAX, 0)), None);
    }
}
