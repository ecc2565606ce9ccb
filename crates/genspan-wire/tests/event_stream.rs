//! Messages of AWS event streams are read whatever the chunks, and what their checksums do not vouch for is left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan_wire::framing::{
    Frames, Framing,
    event_stream::{DEFAULT_LIMIT, EventStreamParser, Found, HeaderValue, Kind, Message},
};
use proptest::prelude::*;
use testkit::event_stream::{event, exception, message, message_of};

/// Shows a message by its kind and payload.
fn shown(found: Found<'_>) -> String {
    match found {
        Found::Damage => "damage".to_owned(),
        Found::Message(message) => {
            let kind = match message.kind() {
                Kind::Event(name) => name.to_owned(),
                Kind::Exception(name) => format!("!{name}"),
                Kind::Error { code, message } => format!("!!{code} {message}"),
                Kind::Unknown => "?".to_owned(),
            };
            let cut = if message.truncated { "…" } else { "" };
            let payload = String::from_utf8_lossy(message.payload);
            format!("{kind} {payload}{cut}")
        }
    }
}

fn read_in(parser: &mut EventStreamParser, bytes: &[u8], piece: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for piece in bytes.chunks(piece) {
        parser.push(piece, &mut |found| seen.push(shown(found)));
    }
    parser.finish();
    seen
}

/// Reads a stream at once and byte by byte, which must give the same.
fn read(bytes: &[u8]) -> Vec<String> {
    let at_once = read_in(&mut EventStreamParser::new(), bytes, usize::MAX);
    let bytewise = read_in(&mut EventStreamParser::new(), bytes, 1);
    assert_eq!(at_once, bytewise);
    at_once
}

fn stream() -> Vec<u8> {
    [event("a", "1"), event("b", "22"), event("c", "333")].concat()
}

#[test]
fn messages_say_what_they_are() {
    let error = message(
        &[
            (":message-type", "error"),
            (":error-code", "InternalError"),
            (":error-message", "why"),
        ],
        b"",
    );
    let stream = [
        event("chunk", "{}"),
        exception("throttlingException", "{}"),
        error,
        message(&[], b"x"),
    ];
    assert_eq!(
        read(&stream.concat()),
        [
            "chunk {}",
            "!throttlingException {}",
            "!!InternalError why ",
            "? x"
        ]
    );
}

#[test]
fn headers_of_all_types_are_read() {
    let headers: [&[u8]; 10] = [
        b"\x01t\x00",
        b"\x01f\x01",
        b"\x01b\x02\xff",
        b"\x01s\x03\x01\x00",
        b"\x01i\x04\xff\xff\xff\xfe",
        b"\x01l\x05\x00\x00\x00\x00\x00\x00\x01\x00",
        b"\x01y\x06\x00\x02\x00\xff",
        b"\x02\xc3\xa9\x07\x00\x02\xc3\xbc",
        b"\x01m\x08\x00\x00\x00\x00\x00\x00\x03\xe8",
        b"\x01u\x090123456789abcdef",
    ];
    let bytes = message_of(&headers.concat(), b"");
    let mut all: Vec<String> = Vec::new();
    EventStreamParser::new().push(&bytes, &mut |found| {
        let Found::Message(message) = found else {
            panic!("{found:?}");
        };
        assert_eq!(message.text("é"), Some("ü"));
        assert_eq!(message.text("t"), None);
        all.extend(
            message
                .headers()
                .map(|(name, value)| format!("{name} {value:?}")),
        );
        let last = message.headers().last();
        assert_eq!(last, Some(("u", HeaderValue::Uuid(*b"0123456789abcdef"))));
    });
    insta::assert_snapshot!(all.join("\n"), @r#"
    t Bool(true)
    f Bool(false)
    b Byte(-1)
    s Short(256)
    i Int(-2)
    l Long(256)
    y Bytes([0, 255])
    é Text("ü")
    m Timestamp(1000)
    u Uuid([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102])
    "#);
}

#[test]
fn a_damaged_message_is_left_out_and_the_next_is_read() {
    let first = event("a", "1").len();
    for at in 0..event("b", "22").len() {
        let mut bytes = stream();
        bytes[first + at] ^= 0x40;
        assert_eq!(read(&bytes), ["a 1", "damage", "c 333"], "byte {at}");
    }
}

#[test]
fn headers_that_are_none_are_damage() {
    for headers in [
        &b"\x05a"[..],
        b"\x01a\x0a",
        b"\x01a\x07\x00\x09short",
        b"\x01\xff\x00",
        b"\x01a\x07\x00\x01\xff",
    ] {
        let bytes = [message_of(headers, b"x"), event("next", "1")].concat();
        assert_eq!(read(&bytes), ["damage", "next 1"]);
    }
}

#[test]
fn what_is_no_stream_is_one_damage() {
    assert_eq!(
        read(b"<html>this is no event stream at all</html>"),
        ["damage"]
    );
    assert_eq!(read(&[0; 4096]), ["damage"]);
    let mixed = [
        &b"garbage before "[..],
        &event("a", "1"),
        b"and between",
        &event("b", "2"),
    ];
    assert_eq!(read(&mixed.concat()), ["damage", "a 1", "damage", "b 2"]);
}

#[test]
fn a_stream_that_is_cut_gives_the_messages_that_ended() {
    let all = stream();
    for len in 0..all.len() {
        let seen = read(&all[..len]);
        let ends = [
            event("a", "1").len(),
            event("a", "1").len() + event("b", "22").len(),
        ];
        let ended = ends.iter().filter(|end| **end <= len).count();
        assert_eq!(seen, ["a 1", "b 22"][..ended], "{len}");
    }
}

#[test]
fn lost_bytes_cost_the_messages_they_touched() {
    let all = stream();
    let (first, second) = (event("a", "1").len(), event("b", "22").len());
    for (from, to, expected) in [
        (first + 3, first + 20, &["a 1", "c 333"][..]),
        (first, first + second, &["a 1", "c 333"]),
        (5, first + 1, &["c 333"]),
    ] {
        let mut parser = EventStreamParser::new();
        let mut seen = Vec::new();
        parser.push(&all[..from], &mut |found| seen.push(shown(found)));
        parser.skip();
        parser.push(&all[to..], &mut |found| seen.push(shown(found)));
        assert_eq!(seen, expected, "{from}..{to}");
    }
}

#[test]
fn a_long_message_is_cut_and_still_checked() {
    let mut bytes = [event("a", "0123456789"), event("b", "1")].concat();
    let headers = event("a", "").len() - 16;
    for piece in [1, 7, usize::MAX] {
        let mut parser = EventStreamParser::with_limit(headers + 4);
        let seen = read_in(&mut parser, &bytes, piece);
        assert_eq!(seen, ["a 0123…", "b 1"]);
    }
    let mut parser = EventStreamParser::with_limit(headers - 1);
    assert_eq!(read_in(&mut parser, &bytes, 5)[0], "damage");
    // What is cut off is vouched for as well.
    let last = event("a", "0123456789").len() - 5;
    bytes[last] ^= 1;
    for piece in [1, usize::MAX] {
        let mut parser = EventStreamParser::with_limit(headers + 4);
        assert_eq!(read_in(&mut parser, &bytes, piece), ["damage", "b 1"]);
    }
}

#[test]
fn a_claimed_length_costs_no_memory() {
    // Lengths of 4 GiB with a right checksum: the bytes are waited for, not set aside.
    let mut bytes = u32::MAX.to_be_bytes().to_vec();
    bytes.extend_from_slice(&0_u32.to_be_bytes());
    let checksum = crc(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes.extend_from_slice(&vec![b'x'; DEFAULT_LIMIT / 4]);
    assert_eq!(
        read_in(&mut EventStreamParser::new(), &bytes, 4096),
        [""; 0]
    );
}

fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    }) ^ u32::MAX
}

#[test]
fn the_content_type_names_it_and_json_in_its_place_is_a_document() {
    let framing = Framing::from_content_type("application/vnd.amazon.eventstream; x=y");
    assert_eq!(framing, Framing::EventStream);
    let mut frames = Frames::new(framing);
    let mut seen = 0;
    frames.push(&stream(), &mut |_| seen += 1);
    frames.finish(&mut |_| seen += 1);
    assert_eq!(seen, 3);
    frames.push(br#"{"message":"no"}"#, &mut |_| {
        panic!("a document comes at the end")
    });
    assert_eq!(frames.framing(), Some(Framing::Whole));
}

fn payloads() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    prop::collection::vec(
        ("[a-z]{1,8}", prop::collection::vec(any::<u8>(), 0..40)),
        0..6,
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(list in payloads(), piece in 1_usize..64) {
        let bytes: Vec<u8> = list
            .iter()
            .flat_map(|(name, payload)| message(&[(":event-type", name)], payload))
            .collect();
        let mut seen = Vec::new();
        let mut parser = EventStreamParser::new();
        for piece in bytes.chunks(piece) {
            parser.push(piece, &mut |found| match found {
                Found::Message(Message { payload, truncated, .. }) => {
                    assert!(!truncated);
                    seen.push(payload.to_vec());
                }
                Found::Damage => panic!("nothing is damaged"),
            });
        }
        let expected: Vec<Vec<u8>> = list.into_iter().map(|(_, payload)| payload).collect();
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn any_bytes_in_any_pieces_give_the_same(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in 0_usize..300,
        piece in 1_usize..50,
    ) {
        let place = at.min(bytes.len());
        bytes.splice(place..place, event("a", "1"));
        let at_once = read_in(&mut EventStreamParser::new(), &bytes, usize::MAX);
        prop_assert_eq!(&at_once, &read_in(&mut EventStreamParser::new(), &bytes, piece));
        prop_assert!(at_once.contains(&"a 1".to_owned()));
    }
}
