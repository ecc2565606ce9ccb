//! HAR files in the dialects of those who write them.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    har::{attribute, spans},
    place::{Place, Ran},
};

/// Imports a file of the fixtures, with all that lies beside it.
fn import(name: &str) -> (Ran, Vec<Value>) {
    let place = Place::new(&format!("dialect-{name}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/har");
    for file in [&format!("{name}.har"), "a9b8c7.json", "d0e1f2.json"] {
        fs::copy(folder.join(file), place.path(file)).unwrap();
    }
    let ran = place.run(&[
        "import",
        "har",
        "--content=span",
        "--to=file:spans.jsonl",
        &format!("{name}.har"),
    ]);
    let found = spans(&place.read("spans.jsonl"));
    (ran, found)
}

/// Tells a file's spans, a line each, and the summary.
fn told(name: &str) -> String {
    let (ran, spans) = import(name);
    let lines: Vec<String> = spans.iter().map(line).collect();
    format!("{}\n{}exit {}", lines.join("\n"), ran.stderr, ran.code)
}

fn line(span: &Value) -> String {
    let nanos = |key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    let (start, end) = (nanos("startTimeUnixNano"), nanos("endTimeUnixNano"));
    let mut words = vec![
        format!("{}ms", (start - 1_767_225_600_000_000_000) / 1_000_000),
        format!("+{}us", (end - start) / 1_000),
    ];
    for (label, key) in [
        ("", "gen_ai.response.id"),
        ("error ", "error.type"),
        ("in ", "gen_ai.usage.input_tokens"),
        ("first ", "gen_ai.response.time_to_first_chunk"),
        ("odd ", "genspan.diagnostics"),
    ] {
        if let Some(value) = attribute(span, key) {
            words.push(format!("{label}{}", plain(value)));
        }
    }
    for key in ["gen_ai.input.messages", "gen_ai.output.messages"] {
        let value = attribute(span, key)
            .map(Value::to_string)
            .unwrap_or_default();
        words.extend(
            ["Hi", "Hello", "Bonjour", "Hel"]
                .iter()
                .find(|word| value.contains(*word))
                .map(|word| format!("{word:?}")),
        );
    }
    words.join(" ")
}

fn plain(value: &Value) -> String {
    let Some(list) = value["arrayValue"]["values"].as_array() else {
        let (_, value) = value.as_object().unwrap().iter().next().unwrap();
        return value.as_str().map_or(value.to_string(), str::to_owned);
    };
    list.iter().map(plain).collect::<Vec<_>>().join("+")
}

/// Events with their times give the time to the first one; a stream without a body is read from its events.
#[test]
fn chrome() {
    insta::assert_snapshot!(told("chrome"), @r#"
    1000ms +1500250us chatcmpl-timed in 12 first 0.5 "Hi" "Hello"
    2000ms +900000us chatcmpl-untexted in 12 first 0.25 "Hi" "Hello"
    3000ms +700000us chatcmpl-aborted error cancelled "Hi" "Hel"
    4000ms +3500us error connectivity "Hi"
    6000ms +403000us odd bytes_skipped "Hi"
    8 exchanges read from 1 file: 5 spans written, 3 not inference, 0 unreadable
    1 span has no answer, since the file does not hold it
    exit 0
    "#);
}

/// What the recorder cut off was not cut off by the provider.
#[test]
fn firefox() {
    insta::assert_snapshot!(told("firefox"), @r#"
    1250ms +310000us msg_1 in 9 "Hi" "Bonjour"
    2250ms +310000us msg_cut odd bytes_skipped "Hi" "Bonjour"
    3250ms +310000us odd bytes_skipped "Hi"
    4250ms +0us error cancelled "Hi"
    4 exchanges read from 1 file: 4 spans written, 0 not inference, 0 unreadable
    1 span has no answer, since the file does not hold it
    1 span has only the part of the answer that the file holds
    exit 0
    "#);
}

#[test]
fn safari() {
    insta::assert_snapshot!(told("safari"), @r#"
    1123ms +842300us msg_1 in 9 "Hi" "Bonjour"
    2123ms +30500us error connection_lost "Hi"
    2 exchanges read from 1 file: 2 spans written, 0 not inference, 0 unreadable
    exit 0
    "#);
}

#[test]
fn mitmproxy() {
    insta::assert_snapshot!(told("mitmproxy"), @r#"
    1000ms +250500us chatcmpl-mitm in 12 "Hi" "Hello"
    2000ms +250500us error cancelled "Hi"
    3000ms +250500us odd bytes_skipped "Hi"
    4000ms +250500us error rate_limited "Hi"
    4 exchanges read from 1 file: 4 spans written, 0 not inference, 0 unreadable
    1 span has no answer, since the file does not hold it
    exit 0
    "#);
}

/// Bodies in files beside; one of them is gone.
#[test]
fn playwright() {
    insta::assert_snapshot!(told("playwright"), @r#"
    1000ms +130000us chatcmpl-attached in 12 "Hi" "Hello"
    2000ms +0us error connectivity "Hi"
    3000ms +130000us odd bytes_skipped "Hi"
    4000ms +130000us odd response_unreadable+bytes_skipped "Hi"
    4 exchanges read from 1 file: 4 spans written, 0 not inference, 0 unreadable
    1 span has no answer, since the file does not hold it
      playwright.har, entry 4: the response's body: its file "gone.json" cannot be read: No such file or directory (os error 2)
    exit 1
    "#);
}

/// Bodies that are still compressed and such that are not, under the same header; two are damaged.
#[test]
fn charles() {
    insta::assert_snapshot!(told("charles"), @r#"
    1000ms +480000us chatcmpl-gzip in 12 "Hi" "Hello"
    2000ms +480000us chatcmpl-deflate in 12 "Hi" "Hello"
    3000ms +480000us chatcmpl-bare-deflate in 12 "Hi" "Hello"
    4000ms +480000us chatcmpl-gzip-undone in 12 "Hi" "Hello"
    5000ms +480000us chatcmpl-br-undone in 12 "Hi" "Hello"
    6000ms +480000us chatcmpl-brotli in 12 "Hi" "Hello"
    7000ms +480000us chatcmpl-zstd in 12 "Hi" "Hello"
    8000ms +480000us chatcmpl-both in 12 "Hi" "Hello"
    9000ms +480000us chatcmpl-gzip in 12 "Hi" "Hello"
    16000ms +480000us odd bytes_skipped "Hi"
    17000ms +480000us odd encoding_unreadable+bytes_skipped "Hi"
    11 exchanges read from 1 file: 11 spans written, 0 not inference, 0 unreadable
    1 span has only the part of the answer that the file holds
      charles.har, entry 11: the response's body: its compression is unknown or its data is damaged
    exit 1
    "#);
}

#[test]
fn fiddler() {
    insta::assert_snapshot!(told("fiddler"), @r#"
    1123ms +415000us chatcmpl-fiddler in 12 "Hi" "Hello"
    2123ms +415000us odd bytes_skipped "Hi"
    2 exchanges read from 1 file: 2 spans written, 0 not inference, 0 unreadable
    1 span has no answer, since the file does not hold it
    exit 0
    "#);
}

/// Numbers as texts, a start as number, a path instead of a URL, `null` for lists, no method.
#[test]
fn proxyman_and_other_loose_writers() {
    insta::assert_snapshot!(told("proxyman"), @r#"
    1500ms +320000us chatcmpl-proxyman in 12 "Hi" "Hello"
    2500ms +0us chatcmpl-bare in 12 "Hi" "Hello"
    2 exchanges read from 1 file: 2 spans written, 0 not inference, 0 unreadable
    1 span has a start without a time zone, which was read as UTC
    exit 0
    "#);
}

/// A request that waits to be sent is no call.
#[test]
fn insomnia() {
    insta::assert_snapshot!(told("insomnia"), @r#"
    1000ms +512700us chatcmpl-insomnia in 12 "Hi" "Hello"
    2 exchanges read from 1 file: 1 span written, 0 not inference, 0 unreadable, 1 never sent
    exit 0
    "#);
}

/// Bytes that a recorder took for text: what can be had back is, and what is lost is told.
#[test]
fn bytes_as_text() {
    insta::assert_snapshot!(told("texts"), @r#"
    1000ms +10000us odd response_unreadable+bytes_skipped "Hi"
    2000ms +10000us odd response_unreadable+bytes_skipped "Hi"
    3000ms +10000us chatcmpl-latin1 in 12 "Hi" "Hello"
    4000ms +10000us chatcmpl-latin1-br in 12 "Hi" "Hello"
    5000ms +10000us chatcmpl-unsaid in 12 "Hi" "Hello"
    6000ms +10000us chatcmpl-marked in 12 "Hi" "Hello"
    7000ms +10000us chatcmpl-unpadded! in 12 "Hi" "Hello"
    8000ms +10000us odd response_unreadable+bytes_skipped "Hi"
    8 exchanges read from 1 file: 8 spans written, 0 not inference, 0 unreadable
      texts.har, entry 1, and 1 more: the response's body: its bytes were stored as text, which has destroyed them
      texts.har, entry 8: the response's body: its encoding "rot13" is unknown
    exit 1
    "#);
}
