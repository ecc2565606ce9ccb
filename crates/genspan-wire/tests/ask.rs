//! The filter that takes out of a stream what the question for usage brought.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

use std::borrow::Cow;

use genspan_wire::ask::UsageFilter;

const ASKED: &str = concat!(
    ": PROCESSING\n\n",
    "data: {\"id\":\"c\",\"choices\":[],\"prompt_filter_results\":[{}],\"usage\":null}\n\n",
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"a \\\"usage\\\":null b é\"}}],\"usage\":null,\"obfuscation\":\"x\"}\n\n",
    "event: message\nid: 7\ndata: {\"usage\":null,\"choices\":[{\"delta\":{}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"kept\":1}}\n\n",
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
);
const UNASKED: &str = concat!(
    ": PROCESSING\n\n",
    "data: {\"id\":\"c\",\"choices\":[],\"prompt_filter_results\":[{}]}\n\n",
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"a \\\"usage\\\":null b é\"}}],\"obfuscation\":\"x\"}\n\n",
    "event: message\nid: 7\ndata: {\"choices\":[{\"delta\":{}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"kept\":1}}\n\n",
    "data: [DONE]\n\n",
);

/// The stream that goes out where it comes in the given pieces.
fn filtered<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut filter = UsageFilter::default();
    let mut out = Vec::new();
    for piece in pieces {
        out.extend_from_slice(&filter.push(piece));
    }
    out.extend(filter.finish());
    String::from_utf8(out).unwrap()
}

fn both(line_end: &str) -> (String, String) {
    [ASKED, UNASKED]
        .map(|text| text.replace('\n', line_end))
        .into()
}

#[test]
fn the_stream_is_the_one_that_nobody_asked_for_usage_in() {
    for line_end in ["\n", "\r\n", "\r"] {
        let (asked, unasked) = both(line_end);
        assert_eq!(filtered([asked.as_bytes()]), unasked, "{line_end:?}");
    }
}

#[test]
fn pieces_make_no_difference() {
    for line_end in ["\n", "\r\n", "\r"] {
        let (asked, unasked) = both(line_end);
        for size in 1..=asked.len() {
            assert_eq!(
                filtered(asked.as_bytes().chunks(size)),
                unasked,
                "{line_end:?} {size}"
            );
        }
        for at in 0..asked.len() {
            let (one, other) = asked.as_bytes().split_at(at);
            assert_eq!(filtered([one, other]), unasked, "{line_end:?} {at}");
        }
    }
}

#[test]
fn each_frame_goes_out_with_its_last_byte() {
    for line_end in ["\n", "\r\n"] {
        let (asked, _) = both(line_end);
        let blank = line_end.repeat(2);
        let mut filter = UsageFilter::default();
        let mut went = Vec::new();
        for (at, byte) in asked.as_bytes().chunks(1).enumerate() {
            went.extend_from_slice(&filter.push(byte));
            let came = &asked.as_bytes()[..=at];
            if came.ends_with(blank.as_bytes()) {
                assert_eq!(went, filtered([came]).into_bytes());
                assert!(!filter.is_holding());
            }
        }
    }
}

#[test]
fn comments_go_out_as_they_come() {
    let mut filter = UsageFilter::default();
    assert_eq!(&*filter.push(b": still"), b": still");
    assert_eq!(&*filter.push(b" there\n"), b" there\n");
    assert_eq!(&*filter.push(b"\ndata: "), b"\n");
    assert_eq!(&*filter.push(b"x\n\n"), b"data: x\n\n");
}

#[test]
fn what_never_ends_is_delivered() {
    let asked = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}";
    for end in ["", "\n", "\r"] {
        let cut = format!("{asked}{end}");
        assert_eq!(filtered([cut.as_bytes()]), cut);
    }
    let mut filter = UsageFilter::default();
    assert_eq!(&*filter.push(b"data: {"), b"");
    assert!(filter.is_holding());
    assert_eq!(filter.finish(), b"data: {");
    assert_eq!(filter.finish(), b"");
}

#[test]
fn a_long_frame_is_not_kept_back() {
    let long = format!("data: {{\"choices\":[{{\"delta\":\"{}", "é".repeat(40_000));
    let mut filter = UsageFilter::default();
    let (one, other) = long.as_bytes().split_at(1_001);
    assert_eq!(&*filter.push(one), b"");
    assert_eq!(&*filter.push(other), long.as_bytes());
    assert!(!filter.is_holding());
    assert_eq!(
        &*filter.push(b"\"}],\"usage\":null}\n\ndata:"),
        b"\"}],\"usage\":null}\n\n"
    );
    assert_eq!(&*filter.push(b" 1\n\n"), b"data: 1\n\n");
}

#[test]
fn what_needs_no_change_is_not_copied() {
    let mut filter = UsageFilter::default();
    let frames = b"data: {\"choices\":[{}]}\n\ndata: {\"choices\":[{\"usage\":1}]}\n\n";
    let usage = b"data: {\"choices\":[],\"usage\":{}}\n\n";
    assert!(matches!(filter.push(frames), Cow::Borrowed(out) if out == frames));
    assert!(matches!(filter.push(usage), Cow::Borrowed(b"")));
    let ends = [&frames[..], usage].concat();
    assert!(matches!(filter.push(&ends), Cow::Borrowed(out) if out == frames));
}

#[test]
fn any_bytes_come_out_that_bring_nothing() {
    for bytes in [
        &b"data: {\"usage\":\xff}\n\n"[..],
        b"data: {\"choices\":[],\ndata: \"usage\":{}}\n\n",
        b"{\"error\":{\"usage\":null}}",
        b"\n\n\n\r\r\n\r\n",
        b"",
    ] {
        for size in 1..=bytes.len().max(1) {
            let mut filter = UsageFilter::default();
            let mut out: Vec<u8> = bytes
                .chunks(size)
                .flat_map(|piece| filter.push(piece).into_owned())
                .collect();
            out.extend(filter.finish());
            assert_eq!(out, bytes);
        }
    }
}
