use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    har::{answer, answered, attribute, chat, file, picture, question, spans},
    place::Place,
};

const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";

#[test]
fn an_exchange_becomes_a_span_with_its_own_times() {
    let place = Place::new("import-times");
    place.write("a.har", &file(&[chat(7)]));
    let ran = place.run(&["import", "har", "a.har", "--to", "file:spans.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert_eq!(
        ran.stderr,
        "1 exchange read from 1 file: 1 span written, 0 not inference, 0 unreadable\n"
    );
    let spans = spans(&place.read("spans.jsonl"));
    let [span] = &spans[..] else {
        panic!("{spans:?}")
    };
    assert_eq!(span["name"], "chat gpt-4o-mini");
    assert_eq!(span["startTimeUnixNano"], "1767225607000000000");
    assert_eq!(span["endTimeUnixNano"], "1767225607120000000");
    assert_eq!(
        attribute(span, "gen_ai.usage.input_tokens"),
        Some(&json!({"intValue": "12"}))
    );
    assert_eq!(attribute(span, "gen_ai.response.time_to_first_chunk"), None);
    assert_eq!(
        (attribute(span, INPUT), attribute(span, OUTPUT)),
        (None, None)
    );
}

#[test]
fn importing_twice_gives_the_same_bytes() {
    let place = Place::new("import-twice");
    // What is there twice is one; exchanges that differ in nothing but how long they took are two.
    let mut longer = chat(1);
    longer["time"] = json!(121);
    place.write("a.har", &file(&[chat(1), chat(1), longer, chat(2)]));
    let run = || {
        let ran = place.run(&[
            "import",
            "har",
            "a.har",
            "--content",
            "span",
            "--to",
            "file:spans.jsonl",
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(
            ran.stderr
                .contains("3 spans written, 0 not inference, 0 unreadable, 1 copy of one before\n"),
            "{}",
            ran.stderr
        );
        place.read("spans.jsonl")
    };
    let once = run();
    assert_eq!(run(), once);
    let ids: std::collections::BTreeSet<String> = spans(&once)
        .iter()
        .map(|span| span["spanId"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn a_stream_says_nothing_of_when_its_chunks_came() {
    let place = Place::new("import-stream");
    let mut body = String::new();
    for delta in ["Hel", "lo"] {
        let chunk = json!({"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": delta}}]});
        write!(body, "data: {chunk}\n\n").unwrap();
    }
    let last = json!({"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    write!(body, "data: {last}\n\ndata: [DONE]\n\n").unwrap();
    place.write(
        "a.har",
        &file(&[answered(1, 200, "text/event-stream", &body)]),
    );
    let ran = place.run(&[
        "import",
        "har",
        "--content",
        "a.har",
        "--to",
        "file:spans.jsonl",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines = place.read("spans.jsonl");
    assert!(lines.contains("Hello"), "{lines}");
    assert!(
        !lines.contains("time_to_first_chunk") && !lines.contains("resourceMetrics"),
        "{lines}"
    );
}

#[test]
fn a_broken_entry_costs_itself_alone() {
    let place = Place::new("import-broken");
    let mut late = chat(3);
    late["startedDateTime"] = json!("soon");
    let mut damaged = chat(4);
    damaged["response"]["content"] = json!({"text": "!", "encoding": "base64"});
    let mut nowhere = chat(5);
    nowhere["request"]["url"] = json!(null);
    let mut timeless = chat(6);
    timeless["startedDateTime"] = json!({});
    let mut never = chat(7);
    drop(never.as_object_mut().unwrap().remove("startedDateTime"));
    let mut later = chat(8);
    later["startedDateTime"] = json!("later");
    let mut entries = vec![
        json!("no object"),
        chat(1),
        late,
        damaged,
        json!({}),
        nowhere,
        timeless,
        never,
        later,
    ];
    entries.extend(std::iter::repeat_with(picture).take(3_000));
    entries.push(chat(2));
    place.write("a.har", &file(&entries));
    place.write("b.har", "{\"log\":{\"entries\":[");
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "b.har",
        "--to",
        "file:spans.jsonl",
    ]);
    assert_eq!(ran.code, 1);
    assert_eq!(spans(&place.read("spans.jsonl")).len(), 3);
    insta::assert_snapshot!(ran.stderr, @r#"
    3010 exchanges read from 2 files: 3 spans written, 3000 not inference, 7 unreadable
      a.har, entry 1: expected an entry, which is an object with a request
      a.har, entry 3, and 2 more: `startedDateTime` is "soon", which is no moment since 1970
      a.har, entry 4: the response's body: it is no base64
      a.har, entry 5: missing field `request`
      a.har, entry 6: its request names no URL
      a.har, entry 8: it does not say when it began: there is no `startedDateTime`
      b.har: it ends before its JSON does, at byte 19, behind 0 entries
    "#);
}

#[test]
fn what_browsers_leave_out_is_not_made_up() {
    let place = Place::new("import-missing");
    let mut blocked = chat(1);
    blocked["response"] = json!({"status": 0, "content": {}});
    let mut unrecorded = chat(2);
    unrecorded["response"]["content"] = json!({"size": 512, "mimeType": "text/event-stream"});
    place.write("a.har", &file(&[blocked, unrecorded]));
    let ran = place.run(&["import", "har", "a.har", "--to", "file:spans.jsonl"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("1 span has no answer, since the file does not hold it"),
        "{}",
        ran.stderr
    );
    let spans = spans(&place.read("spans.jsonl"));
    let error =
        |span: &Value| attribute(span, "error.type").map(|value| value["stringValue"].clone());
    assert_eq!(error(&spans[0]), Some(json!("connectivity")));
    assert_eq!(
        error(&spans[1]),
        None,
        "that the file lacks the answer is no failure of the call"
    );
}

#[test]
fn bodies_may_be_base64_or_stand_in_files_beside() {
    let place = Place::new("import-bodies");
    let mut encoded = chat(1);
    encoded["response"]["content"] =
        json!({"encoding": "base64", "text": "eyJpZCI6ImEtYmFzZTY0In0="});
    let mut beside = chat(2);
    beside["response"]["content"] = json!({"_file": "body.json"});
    place.write("body.json", &answer("from a file"));
    place.write("a.har", &file(&[encoded, beside]));
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "--content=span",
        "--to",
        "file:spans.jsonl",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines = place.read("spans.jsonl");
    assert!(
        lines.contains("a-base64") && lines.contains("from a file"),
        "{lines}"
    );
}

/// Puts words into every part of an exchange that anybody may have filled.
fn laden(words: &str) -> String {
    let mut fine = answered(1, 200, "application/json", &answer(words));
    let messages = json!([
        {"role": "user", "content": words},
        {"role": "assistant", "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": json!({"a": words}).to_string()}}]},
        {"role": "tool", "tool_call_id": "t", "content": words},
    ]);
    fine["request"]["postData"]["text"] = json!({"model": "m", "messages": messages})
        .to_string()
        .into();
    fine["request"]["headers"] =
        json!([{"name": "authorization", "value": format!("Bearer {words}")}]);
    let body = json!({"error": {"message": words, "type": "invalid_request_error"}}).to_string();
    let mut failed = answered(2, 400, "application/json", &body);
    failed["response"]["statusText"] = words.into();
    failed["request"]["postData"]["text"] = question(words).into();
    file(&[fine, failed])
}

#[test]
fn without_content_nothing_that_was_said_is_written() {
    let place = Place::new("import-canary");
    place.write("a.har", &laden("canary-7f3a"));
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "--to",
        "file:spans.jsonl",
        "--to",
        "stdout",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (name, text) in [
        ("file", &place.read("spans.jsonl")),
        ("stdout", &ran.stdout),
        ("stderr", &ran.stderr),
    ] {
        assert!(!text.contains("canary-7f3a"), "{name}: {text}");
    }
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "--content=both",
        "--to",
        "stdout",
        "--quiet",
    ]);
    assert!(
        ran.stdout.contains("canary-7f3a"),
        "the canary is where this test looks"
    );
}

#[test]
fn with_content_secrets_are_replaced() {
    let place = Place::new("import-secret");
    let key = [
        "sk-ant-",
        "api03-",
        "QqN4vX0c7Zb2mT9sLk3fYh8dRw5uJe1gAo6iPxCzVtBnMqKyWlSrDuHjEfGaI4",
    ]
    .concat();
    place.write("a.har", &laden(&key));
    let ran = place.run(&["import", "har", "a.har", "--content=both", "--to", "stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("redacted"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(&key) && !ran.stderr.contains(&key));
}

#[test]
fn a_missing_file_stops_the_import_before_anything_is_written() {
    let place = Place::new("import-absent");
    place.write("a.har", &file(&[chat(1)]));
    place.write("spans.jsonl", "kept\n");
    let ran = place.run(&[
        "import",
        "har",
        "a.har",
        "gone.har",
        "--to",
        "file:spans.jsonl",
    ]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("genspan: gone.har cannot be read: "),
        "{}",
        ran.stderr
    );
    assert_eq!(place.read("spans.jsonl"), "kept\n");
}

#[test]
fn a_file_is_not_read_and_written_at_once() {
    let place = Place::new("import-both");
    let har = file(&[chat(1)]);
    place.write("a.har", &har);
    let ran = place.run(&["import", "har", "a.har", "--to", "file:./a.har"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("cannot be written at the same time"),
        "{}",
        ran.stderr
    );
    assert_eq!(place.read("a.har"), har);
}

#[test]
fn quiet_is_quiet_and_standard_input_is_a_file() {
    let place = Place::new("import-quiet");
    let ran = place.run_with(
        &["import", "har", "-", "--quiet", "--to", "stdout"],
        &[],
        &file(&[chat(1)]),
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(spans(&ran.stdout).len(), 1);
}
