//! Files that are broken, or no HAR files at all, or large.

use crate::{
    har::{chat, file, picture, spans},
    place::{Place, Ran},
};

fn import(name: &str, bytes: &[u8]) -> (Place, Ran) {
    let place = Place::new(&format!("files-{name}"));
    std::fs::write(place.path("a.har"), bytes).unwrap();
    let ran = place.run(&["import", "har", "a.har", "--to=file:spans.jsonl"]);
    (place, ran)
}

/// Gives what is told of a file, the count of nothing apart.
fn told(name: &str, bytes: &[u8]) -> String {
    let (_, ran) = import(name, bytes);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let rest = ran.stderr.strip_prefix(
        "0 exchanges read from 1 file: 0 spans written, 0 not inference, 0 unreadable\n",
    );
    rest.unwrap_or(&ran.stderr).trim().to_owned()
}

#[test]
fn other_files_are_told_apart() {
    insta::assert_snapshot!(told("empty", b" \n"), @"a.har: it is no HAR file: it is empty");
    insta::assert_snapshot!(told("zip", b"PK\x03\x04\x14\x00"), @"a.har: it is no HAR file but a ZIP archive, as Playwright and Fiddler write them: unpack it, then import the `.har` file in it, with the files beside it");
    insta::assert_snapshot!(told("utf16", b"\xff\xfe{\x00\"\x00l\x00"), @"a.har: it is UTF-16 text, where HAR is UTF-8: save it as UTF-8");
    insta::assert_snapshot!(told("html", b"<!doctype html><title>HAR</title>"), @"a.har: it is no HAR file: it begins with a tag, as HTML and XML do, where a HAR file is a JSON object with `log.entries`");
    insta::assert_snapshot!(told("flows", b"4821:9:websocket;0:~"), @"a.har: it is no HAR file: it looks like flows of mitmproxy; `mitmdump -nr FILE --set hardump=OUT.har` makes a HAR file of them");
    insta::assert_snapshot!(told("binary", b"\x00\x01\x02"), @"a.har: it is no HAR file: it begins with bytes that are no text, where a HAR file is a JSON object with `log.entries`");
    insta::assert_snapshot!(told("words", b"GET /v1/chat"), @"a.har: it is no HAR file: it begins with other text, where a HAR file is a JSON object with `log.entries`");
    insta::assert_snapshot!(told("list", b"[{\"request\":{}}]"), @"a.har: it is no HAR file: a JSON list, where a HAR file is an object with `log.entries`");
    insta::assert_snapshot!(told("object", b"{\"info\":{},\"item\":[],\"a name of somebody\":1}"), @"a.har: it is no HAR file: a JSON object with `info`, `item`, which has no list `log.entries`");
    insta::assert_snapshot!(told("spans", b"{\"resourceSpans\":[]}\n{\"resourceSpans\":[]}"), @"a.har: it is no HAR file: a JSON object with `resourceSpans`, which has no list `log.entries`");
    insta::assert_snapshot!(told("unlisted", b"{\"log\":{\"entries\":{}}}"), @"a.har: it is no HAR file: a JSON object with `log`, which has no list `log.entries`");
}

/// Wherever a file is cut, what stands before the cut is imported, and where the cut is is told.
#[test]
fn a_file_that_is_cut_gives_what_stands_before() {
    let whole = file(&[chat(1), picture(), chat(2)]);
    let third = whole.rfind(&chat(2).to_string()).unwrap();
    let (place, ran) = import("cut", &whole.as_bytes()[..third + 40]);
    assert_eq!(ran.code, 1);
    assert_eq!(spans(&place.read("spans.jsonl")).len(), 1);
    // Where members stand is up to features that other crates switch on.
    let place = format!("at byte {}", third + 40);
    insta::assert_snapshot!(ran.stderr.replace(&place, "at the cut"), @"
    2 exchanges read from 1 file: 1 span written, 1 not inference, 0 unreadable
      a.har: it ends before its JSON does, at the cut, behind 2 entries
    ");
    // Only the brackets at the end are missing.
    let (place, ran) = import("cut-end", &whole.as_bytes()[..whole.len() - 3]);
    assert_eq!((ran.code, spans(&place.read("spans.jsonl")).len()), (1, 2));
}

#[test]
fn an_entry_that_is_no_json_costs_itself_alone() {
    let chats: Vec<String> = (1..=5).map(|second| chat(second).to_string()).collect();
    let unquoted = chats[1].replacen("\"method\"", "method", 1);
    let unnamed = chats[2].replacen("\"startedDateTime\":", "", 1);
    let half = chats[3].replacen("Hello", "\\ud83d", 1);
    let text = format!(
        "{{\"log\":{{\"entries\":[{},{unquoted},{unnamed},{half} {},],}}}}",
        chats[0], chats[4]
    );
    let mut bytes = text.into_bytes();
    let at = memchr(&bytes, b"Hi");
    bytes[at] = 0xff;
    let (place, ran) = import("no-json", &bytes);
    assert_eq!(spans(&place.read("spans.jsonl")).len(), 3);
    insta::assert_snapshot!(ran.stderr, @"
    5 exchanges read from 1 file: 3 spans written, 0 not inference, 2 unreadable
      a.har, entry 2: key must be a string
      a.har, entry 3: it goes wrong amid its members
    ");
}

fn memchr(bytes: &[u8], word: &[u8]) -> usize {
    bytes
        .windows(word.len())
        .position(|part| part == word)
        .unwrap()
}

#[test]
fn compression_and_byte_order_marks_are_undone_from_standard_input_too() {
    use std::io::Write as _;
    let text = format!("\u{feff}{}", file(&[chat(1)]));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let (place, ran) = import("gzip", &packed);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let once = place.read("spans.jsonl");
    let ran = place.run_with_bytes(
        &["import", "har", "-", "--to=file:spans.jsonl"],
        &[],
        &packed,
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(once, place.read("spans.jsonl"));
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let (place, ran) = import("zstd", &zstd);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(once, place.read("spans.jsonl"));
    // Half of it is half of it.
    let (_, ran) = import("gzip-cut", &packed[..packed.len() / 2]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("a.har: it cannot be read: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn verbose_tells_of_each_entry() {
    let place = Place::new("files-verbose");
    let mut late = chat(3);
    late["startedDateTime"] = "soon".into();
    place.write("a.har", &file(&[chat(1), picture(), chat(1), late]));
    let ran = place.run(&["import", "har", "a.har", "-v", "--to=stdout"]);
    insta::assert_snapshot!(ran.stderr, @r#"
    a.har, entry 1: span
    a.har, entry 2: not inference
    a.har, entry 3: a copy of one before
    a.har, entry 4: unreadable: `startedDateTime` is "soon", which is no moment since 1970
    4 exchanges read from 1 file: 1 span written, 1 not inference, 1 unreadable, 1 copy of one before
      a.har, entry 4: `startedDateTime` is "soon", which is no moment since 1970
    "#);
}
