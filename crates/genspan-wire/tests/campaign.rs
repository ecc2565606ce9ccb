//! However bytes are split, cut or damaged, decoding ends with a record: the same one, or an honest part of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests; the environment says whether a skip is allowed"
)]
#![allow(
    dead_code,
    reason = "the recordings are shared with tests that read more of them"
)]

#[path = "corpus/recordings.rs"]
mod recordings;

use std::{collections::HashSet, fs, path::Path};

use genspan::{Diagnostic, ErrorType, Message, Outcome, Part, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use recordings::Corpus;

const FORMATS: [&str; 4] = [
    "openai.chat_completions",
    "anthropic.messages",
    "openai.responses",
    "openai.completions",
];
/// Bodies up to this size are split at every point.
const EVERY_SPLIT: usize = 16 * 1024;
/// Splits round each frame boundary of larger bodies.
const AROUND: usize = 32;
/// Further splits of larger bodies.
const SEEDED: usize = 256;
const MUTATIONS: usize = 10_000;

/// One response body, and the exchange that waits for it.
struct Answer {
    name: String,
    body: Vec<u8>,
    waiting: Exchange,
    is_stream: bool,
}

/// A small generator of numbers that are the same each time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }
}

fn waiting(format: &str, content_type: &str, is_stream: bool) -> Exchange {
    let (host, path) = match format {
        "anthropic.messages" => ("api.anthropic.com", "/v1/messages"),
        "openai.responses" => ("api.openai.com", "/v1/responses"),
        "openai.completions" => ("api.openai.com", "/v1/completions"),
        _ => ("api.openai.com", "/v1/chat/completions"),
    };
    let head = RequestHead {
        method: "POST",
        host,
        port: Some(443),
        path,
    };
    let mut exchange = Exchange::detect(&head).unwrap();
    exchange.request(format!(r#"{{"model":"m","stream":{is_stream}}}"#).as_bytes());
    exchange.request_end();
    exchange.response_head(200, Some(content_type));
    exchange
}

fn answer(format: &str, name: String, body: Vec<u8>, content_type: &str) -> Answer {
    let is_stream = content_type.contains("event-stream");
    Answer {
        name,
        body,
        waiting: waiting(format, content_type, is_stream),
        is_stream,
    }
}

/// Gives every different answer: our own fixtures, and recorded traffic where it is at hand.
fn answers() -> Vec<Answer> {
    let mut list = Vec::new();
    let mut seen = HashSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for (format, folder) in FORMATS.iter().zip([
        folder.join("openai_chat"),
        folder.join("anthropic_messages"),
        folder.join("openai_responses"),
        folder.join("openai_completions"),
    ]) {
        let mut paths: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        for path in paths
            .into_iter()
            .filter(|path| !path.display().to_string().contains("request"))
        {
            let kind = if path.extension().is_some_and(|end| end == "sse") {
                "text/event-stream"
            } else {
                "application/json"
            };
            list.push(answer(
                format,
                path.display().to_string(),
                fs::read(&path).unwrap(),
                kind,
            ));
        }
    }
    if let Some(corpus) = Corpus::read() {
        for format in FORMATS {
            for (recorded, expected) in corpus.of(format) {
                if recorded.status == 200 && seen.insert(recorded.response.clone()) {
                    let kind = recorded.content_type.clone().unwrap_or_default();
                    list.push(answer(
                        format,
                        expected["start"].to_string(),
                        recorded.response.clone(),
                        &kind,
                    ));
                }
            }
        }
    }
    list
}

fn at() -> Timestamp {
    Timestamp::from_unix_nanos(1)
}

/// Leaves out when chunks came: a split may put two of them in one push.
fn timeless(mut decoded: Decoded) -> Decoded {
    if let Record::Inference(record) = &mut decoded.record {
        record.timing = genspan::StreamTiming::default();
    }
    decoded
}

fn whole(answer: &Answer) -> Decoded {
    let mut exchange = answer.waiting.clone();
    exchange.response(&answer.body, at());
    timeless(exchange.finish(End::Complete))
}

/// Gives where frames end: behind each blank line of a stream.
fn boundaries(body: &[u8]) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..body.len())
        .filter(|&end| body[end - 1] == b'\n' && (body[end] == b'\n' || body[end] == b'\r'))
        .collect();
    ends.push(body.len());
    ends
}

#[test]
fn streams_in_one_byte_chunks_give_the_same_record() {
    let mut count = 0;
    for answer in answers().iter().filter(|answer| answer.is_stream) {
        let mut exchange = answer.waiting.clone();
        for byte in answer.body.chunks(1) {
            exchange.response(byte, at());
        }
        assert_eq!(
            timeless(exchange.finish(End::Complete)),
            whole(answer),
            "{}",
            answer.name
        );
        count += 1;
    }
    assert!(count >= 10, "only {count} streams");
}

/// A split inside a frame can only matter to that frame: each is held at the end of its own frame, against the same
/// bytes in one push, and some are followed to the end of the body.
#[test]
fn every_split_gives_the_same_record() {
    let mut seeded = Seeded(0x9e37_79b9_7f4a_7c15);
    let mut splits = 0_usize;
    for answer in answers() {
        let mut before = answer.waiting.clone();
        let mut start = 0;
        let ends = if answer.is_stream {
            boundaries(&answer.body)
        } else {
            vec![answer.body.len()]
        };
        let sample: HashSet<usize> = (0..SEEDED)
            .map(|_| seeded.below(answer.body.len()))
            .collect();
        for &end in &ends {
            let mut one_push = before.clone();
            one_push.response(&answer.body[start..end], at());
            let expected = timeless(one_push.clone().finish(End::Complete));
            for split in start..end {
                let is_near = split - start <= AROUND || end - split <= AROUND;
                if answer.body.len() > EVERY_SPLIT && !is_near && !sample.contains(&split) {
                    continue;
                }
                let mut exchange = before.clone();
                exchange.response(&answer.body[start..split], at());
                exchange.response(&answer.body[split..end], at());
                assert_eq!(
                    timeless(exchange.finish(End::Complete)),
                    expected,
                    "{} at {split}",
                    answer.name
                );
                splits += 1;
            }
            before = one_push;
            start = end;
        }
        assert_eq!(
            timeless(before.finish(End::Complete)),
            whole(&answer),
            "{}",
            answer.name
        );
        for _ in 0..4 {
            let split = seeded.below(answer.body.len());
            let mut exchange = answer.waiting.clone();
            exchange.response(&answer.body[..split], at());
            exchange.response(&answer.body[split..], at());
            assert_eq!(
                timeless(exchange.finish(End::Complete)),
                whole(&answer),
                "{} at {split}",
                answer.name
            );
        }
    }
    eprintln!("{splits} splits");
    assert!(splits > 5_000);
}

/// What is here as a whole, or what is left of it, may be handed over at once.
#[test]
fn the_rest_of_a_body_at_once_gives_the_same_record() {
    for answer in answers() {
        for held_back in [0, 1, answer.body.len() / 2, answer.body.len()] {
            let (before, rest) = answer.body.split_at(answer.body.len() - held_back);
            let mut exchange = answer.waiting.clone();
            if !before.is_empty() {
                exchange.response(before, at());
            }
            exchange.response_all(rest, at());
            assert_eq!(
                timeless(exchange.finish(End::Complete)),
                whole(&answer),
                "{} but {held_back}",
                answer.name
            );
        }
    }
}

fn text_of(messages: &[Message]) -> String {
    let parts = messages.iter().flat_map(|message| &message.parts);
    parts
        .map(|part| {
            if let Part::Text(text) = part {
                text.as_str()
            } else {
                ""
            }
        })
        .collect()
}

/// Holds a cut answer against the whole one: nothing in it that the whole one does not say.
fn assert_honest(cut: &Decoded, whole: &Decoded, place: &str) {
    let (Record::Inference(part), Record::Inference(all)) = (&cut.record, &whole.record) else {
        panic!("{place}: not an inference");
    };
    if part.content.output.len() <= 1 {
        assert!(
            text_of(&all.content.output).starts_with(&text_of(&part.content.output)),
            "{place}: text"
        );
    }
    if let Some(model) = &part.response.model {
        assert_eq!(Some(model), all.response.model.as_ref(), "{place}: model");
    }
    if cut.outcome == Outcome::Completed {
        assert!(
            !part.response.finish_reasons.is_empty() || whole.outcome == Outcome::Completed,
            "{place}: completed"
        );
    }
    let is_invented = part.usage.output().is_some() && all.usage.output().is_none();
    assert!(!is_invented, "{place}: usage");
}

#[test]
fn a_body_cut_anywhere_gives_an_honest_part() {
    let mut seeded = Seeded(0x2545_f491_4f6c_dd1d);
    let (mut cuts, mut truncated) = (0_usize, 0_usize);
    for answer in answers() {
        let all = whole(&answer);
        let mut exchange = answer.waiting.clone();
        // Documents are read anew at each cut, and long streams have many cuts that are alike.
        let step = if answer.is_stream && answer.body.len() <= EVERY_SPLIT {
            1
        } else {
            1 + answer.body.len() / 128
        };
        let mut position = 0;
        while position < answer.body.len() {
            let next = (position
                + if step == 1 {
                    1
                } else {
                    1 + seeded.below(2 * step)
                })
            .min(answer.body.len());
            exchange.response(&answer.body[position..next], at());
            position = next;
            for end in if step == 1 {
                &[End::Complete][..]
            } else {
                &[End::Complete, End::Broken, End::Cancelled][..]
            } {
                let cut = timeless(exchange.clone().finish(*end));
                assert_honest(&cut, &all, &format!("{} cut at {position}", answer.name));
                let is_truncated = cut.outcome.error_type() == Some(&ErrorType::Truncated);
                truncated += usize::from(is_truncated);
                cuts += 1;
            }
        }
    }
    eprintln!("{cuts} cuts, {truncated} of them told as truncated");
    assert!(truncated > 1_000);
}

#[test]
fn damaged_bodies_give_a_record() {
    let mut seeded = Seeded(0xdead_beef_cafe_f00d);
    let answers: Vec<Answer> = answers()
        .into_iter()
        .filter(|answer| (1..=EVERY_SPLIT).contains(&answer.body.len()))
        .collect();
    let mut odd = 0_usize;
    for _ in 0..MUTATIONS {
        let answer = &answers[seeded.below(answers.len())];
        let mut body = answer.body.clone();
        for _ in 0..=seeded.below(4) {
            if body.is_empty() {
                break;
            }
            let position = seeded.below(body.len());
            match seeded.below(4) {
                0 => body[position] = u8::try_from(seeded.below(256)).unwrap(),
                1 => drop(body.remove(position)),
                2 => body.insert(position, b"{}[]\",:\n\\0e-"[seeded.below(12)]),
                _ => body.truncate(position.max(1)),
            }
        }
        let mut exchange = answer.waiting.clone();
        for chunk in body.chunks(1 + seeded.below(body.len())) {
            exchange.response(chunk, at());
        }
        let decoded = exchange.finish(End::Complete);
        let diagnostics = &decoded.record.common().diagnostics;
        assert!(diagnostics.len() < 64, "diagnostics are bounded");
        let is_unreadable = |odd: &Diagnostic| {
            matches!(
                odd,
                Diagnostic::FrameUnreadable | Diagnostic::ResponseUnreadable
            )
        };
        odd += usize::from(diagnostics.iter().any(is_unreadable));
    }
    eprintln!("{odd} of {MUTATIONS} damaged bodies were told as unreadable in part");
    assert!(odd > 100);
}
