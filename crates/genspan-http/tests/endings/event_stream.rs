//! AWS's binary event stream, as far as a test changes it: lengths, checksums and what is wrapped.

use base64::{Engine, prelude::BASE64_STANDARD};

/// The bytes of the first message.
pub(crate) fn len(stream: &[u8]) -> usize {
    number(stream, 0)
}

/// Makes the checksums of all messages right again.
pub(crate) fn seal(stream: &mut [u8]) {
    let mut at = 0;
    while at < stream.len() {
        let end = at + len(&stream[at..]);
        let prelude = crc32(&stream[at..at + 8]);
        stream[at + 8..at + 12].copy_from_slice(&prelude.to_be_bytes());
        let message = crc32(&stream[at..end - 4]);
        stream[end - 4..end].copy_from_slice(&message.to_be_bytes());
        at = end;
    }
}

/// Changes the documents that messages wrap: as base64, in a member called `bytes`.
pub(crate) fn within(stream: &mut [u8], change: impl Fn(&mut [u8])) {
    const BEFORE: &[u8] = b"\"bytes\":\"";
    let mut at = 0;
    while let Some(found) = find(&stream[at..], BEFORE) {
        let begin = at + found + BEFORE.len();
        at = begin + find(&stream[begin..], b"\"").unwrap();
        let mut document = BASE64_STANDARD.decode(&stream[begin..at]).unwrap();
        change(&mut document);
        stream[begin..at].copy_from_slice(BASE64_STANDARD.encode(document).as_bytes());
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

/// Makes a message of headers that are text, and a payload.
pub(crate) fn message(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let total = u32::try_from(head.len() + payload.len() + 16).unwrap();
    let mut message = total.to_be_bytes().to_vec();
    message.extend_from_slice(&u32::try_from(head.len()).unwrap().to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&head);
    message.extend_from_slice(payload.as_bytes());
    message.extend_from_slice(&[0; 4]);
    seal(&mut message);
    message
}

fn number(bytes: &[u8], at: usize) -> usize {
    let number = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    usize::try_from(number).unwrap()
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[test]
fn messages_are_sealed() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    let mut two = [message(&[(":event-type", "a")], "{}"), message(&[], "")].concat();
    let sealed = two.clone();
    two[8] ^= 1;
    seal(&mut two);
    assert_eq!(two, sealed);
    assert_eq!(len(&two), two.len() - 16);
}
