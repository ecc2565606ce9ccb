//! However bytes are split, cut or damaged, decoding ends with a record: the same one, or an honest part of it.
//!
//! Every format is held to this, over our own fixtures and over recorded traffic where that is at hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests; the environment says whether a skip is allowed"
)]

#[path = "campaign/answers.rs"]
mod answers;
#[path = "campaign/said.rs"]
mod said;

use std::collections::BTreeMap;

use answers::{Answer, Seeded, answers};
use genspan::{Diagnostic, ErrorType, Record, Timestamp};
use genspan_wire::{Decoded, End};
use said::{Said, assert_honest, timeless};

/// The bytes that are looked at in all recorded answers together to split them, and to cut them.
const SPLITTING: usize = 10_000_000_000;
const CUTTING: usize = 6_000_000_000;
const MUTATIONS: usize = 10_000;
/// Longer bodies are not damaged: it would take long, and show no more.
const MAX_DAMAGED: usize = 16 * 1024;

fn at() -> Timestamp {
    Timestamp::from_unix_nanos(1)
}

fn whole(answer: &Answer) -> Decoded {
    let mut exchange = answer.waiting.clone();
    exchange.response(&answer.body, at());
    timeless(exchange.finish(End::Complete))
}

#[test]
fn streams_in_one_byte_chunks_give_the_same_record() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers().iter().filter(|answer| answer.is_stream) {
        let mut exchange = answer.waiting.clone();
        for byte in answer.body.chunks(1) {
            exchange.response(byte, at());
        }
        let decoded = timeless(exchange.finish(End::Complete));
        assert_eq!(decoded, whole(answer), "{}", answer.name);
        *counts.entry(answer.format).or_default() += 1;
    }
    eprintln!("{counts:?}");
    assert!(counts.values().sum::<usize>() >= 20, "{counts:?}");
}

/// A split inside a frame can only matter to that frame: each is held at the end of its own frame, against the same
/// bytes in one push, and some are followed to the end of the body.
#[test]
fn every_split_gives_the_same_record() {
    let mut seeded = Seeded(0x9e37_79b9_7f4a_7c15);
    let mut count = 0_usize;
    for answer in answers() {
        let (body, name) = (&answer.body, &answer.name);
        let places = answer.places(SPLITTING, &mut seeded);
        let mut before = answer.waiting.clone();
        let mut start = 0;
        for end in answer.frame_ends() {
            let mut one_push = before.clone();
            one_push.response(&body[start..end], at());
            let mut expected = None;
            for &split in places.range(start..end) {
                let expected =
                    expected.get_or_insert_with(|| one_push.clone().finish(End::Complete));
                let mut exchange = before.clone();
                exchange.response(&body[start..split], at());
                exchange.response(&body[split..end], at());
                let decoded = timeless(exchange.finish(End::Complete));
                assert_eq!(decoded, timeless(expected.clone()), "{name} at {split}");
                count += 1;
            }
            before = one_push;
            start = end;
        }
        let all = whole(&answer);
        assert_eq!(timeless(before.finish(End::Complete)), all, "{name}");
        for _ in 0..4 {
            let split = seeded.below(body.len());
            let mut exchange = answer.waiting.clone();
            exchange.response(&body[..split], at());
            exchange.response(&body[split..], at());
            let decoded = timeless(exchange.finish(End::Complete));
            assert_eq!(decoded, all, "{name} at {split}");
        }
    }
    eprintln!("{count} splits");
    assert!(count > 5_000);
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

#[test]
fn a_body_cut_anywhere_gives_an_honest_part() {
    let mut seeded = Seeded(0x2545_f491_4f6c_dd1d);
    let (mut cuts, mut truncated) = (0_usize, 0_usize);
    for answer in answers() {
        let all = whole(&answer);
        let mut exchange = answer.waiting.clone();
        let mut start = 0;
        for place in answer.places(CUTTING, &mut seeded) {
            let end = place + 1;
            exchange.response(&answer.body[start..end], at());
            start = end;
            // Each place is cut in the way that tells the least of itself, and some in all ways.
            let ends = match seeded.below(8) {
                0 => &[End::Complete, End::Broken, End::Cancelled][..],
                _ => &[End::Complete],
            };
            for end in ends {
                let cut = timeless(exchange.clone().finish(*end));
                assert_honest(&cut, &all, &format!("{} cut at {start}", answer.name));
                let is_truncated = cut.outcome.error_type() == Some(&ErrorType::Truncated);
                truncated += usize::from(is_truncated);
                cuts += 1;
            }
        }
    }
    eprintln!("{cuts} cuts, {truncated} of them told as truncated");
    assert!(truncated > 1_000);
}

/// Damages a body in up to four places.
fn damage(mut body: Vec<u8>, seeded: &mut Seeded) -> Vec<u8> {
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
    body
}

#[test]
fn damaged_bodies_give_a_record() {
    let mut seeded = Seeded(0xdead_beef_cafe_f00d);
    let mut formats: BTreeMap<&str, Vec<Answer>> = BTreeMap::new();
    for answer in answers() {
        if (1..=MAX_DAMAGED).contains(&answer.body.len()) {
            formats.entry(answer.format).or_default().push(answer);
        }
    }
    let formats: Vec<Vec<Answer>> = formats.into_values().collect();
    let mut odd = 0_usize;
    for nth in 0..MUTATIONS {
        let answers = &formats[nth % formats.len()];
        let answer = &answers[seeded.below(answers.len())];
        let body = damage(answer.body.clone(), &mut seeded);
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
        assert!(
            Said::from(&decoded).output.len() < 1024,
            "messages are bounded"
        );
    }
    eprintln!("{odd} of {MUTATIONS} damaged bodies were told as unreadable in part");
    assert!(odd > 100);
}

/// Fixtures whose forms say different things. Of these models Bedrock states the tokens in a stream, and in no whole
/// answer; what is odd is so in each form in a way of its own.
const UNLIKE: [(&str, &str); 4] = [
    ("bedrock_invoke", "command"),
    ("bedrock_invoke", "command_r"),
    ("bedrock_invoke", "deepseek"),
    ("bedrock_invoke", "mistral"),
];

/// Where a fixture is there in both forms, they say the same but for the request, which is another.
#[test]
fn whole_answers_and_streams_give_the_same_record() {
    let mut forms: BTreeMap<(String, String), Vec<Answer>> = BTreeMap::new();
    for answer in answers() {
        if let Some((folder, file)) = &answer.own {
            let (stem, _) = file.rsplit_once('.').unwrap();
            if !UNLIKE.contains(&(folder, stem)) {
                let key = (folder.clone(), stem.to_owned());
                forms.entry(key).or_default().push(answer);
            }
        }
    }
    let mut pairs = 0;
    for (name, answers) in forms {
        let said = |answer: &Answer| {
            let mut decoded = whole(answer);
            if let Record::Inference(record) = &mut decoded.record {
                record.request.stream = false;
            }
            let error = decoded.outcome.error_type();
            assert_ne!(error, Some(&ErrorType::Truncated), "{name:?}");
            decoded
        };
        for other in answers.iter().skip(1) {
            assert_eq!(said(other), said(&answers[0]), "{name:?}");
            pairs += 1;
        }
    }
    assert!(pairs >= 36, "{pairs}");
}
