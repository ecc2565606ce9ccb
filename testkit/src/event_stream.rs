//! AWS event streams as Bedrock sends them: written here apart from the decoder that is tested with them.

/// Writes an event whose payload is JSON.
#[must_use]
pub fn event(event_type: &str, payload: &str) -> Vec<u8> {
    message(
        &[
            (":event-type", event_type),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ],
        payload.as_bytes(),
    )
}

/// Writes an exception, which ends a stream, with JSON that tells more.
#[must_use]
pub fn exception(exception_type: &str, payload: &str) -> Vec<u8> {
    message(
        &[
            (":exception-type", exception_type),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ],
        payload.as_bytes(),
    )
}

/// Writes a message with headers that are texts.
#[must_use]
pub fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut list = Vec::new();
    for (name, value) in headers {
        let mut field = vec![u8::try_from(name.len()).unwrap_or(u8::MAX)];
        field.extend_from_slice(name.as_bytes());
        field.push(7);
        field.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        field.extend_from_slice(value.as_bytes());
        list.append(&mut field);
    }
    message_of(&list, payload)
}

/// Writes a message with headers that are written already; lengths that no message can have are cut to the most.
#[must_use]
pub fn message_of(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut message = Vec::new();
    message.extend_from_slice(&length(headers.len() + payload.len() + 16));
    message.extend_from_slice(&length(headers.len()));
    message.extend_from_slice(&checksum(&message).to_be_bytes());
    message.extend_from_slice(headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&checksum(&message).to_be_bytes());
    message
}

/// CRC-32, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = (crc >> 1) ^ (0xEDB8_8320 * carry);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the smallest message, whose bytes other implementations test with too.
    #[test]
    fn the_empty_message_has_known_checksums() {
        let expected = [
            0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff,
        ];
        assert_eq!(message(&[], b""), expected);
    }
}
