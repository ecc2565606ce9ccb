//! The sieve lets nothing through: what is found by searching is what is found by trying every rule at every byte.

use proptest::prelude::*;

use super::super::literal::{PRIVATE_KEY, literals};
use super::super::stem::STEMS;
use super::*;

/// Every literal at every place, decided on by the rules.
fn scan_each(text: &str) -> Vec<Span<'static>> {
    let marks = [
        ("-----BEGIN ", Rule::PrivateKey),
        ("-----END ", Rule::PrivateKeyTail),
    ];
    let others = literals().map(|literal| (literal.text, literal.rule));
    let mut all: Vec<_> = marks.into_iter().chain(others).collect();
    all.retain(|(text, _)| *text != PRIVATE_KEY);
    all.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    let mut judge = Judge::default();
    for end in 1..=text.len() {
        for (literal, rule) in &all {
            let Some(start) = end.checked_sub(literal.len()) else {
                continue;
            };
            if slice(text.as_bytes(), start, end).eq_ignore_ascii_case(literal.as_bytes()) {
                judge.hit(
                    text,
                    Hit {
                        start,
                        end,
                        rule: *rule,
                    },
                );
            }
        }
    }
    judge.spans
}

/// What has a meaning to some rule: literals, near misses, whole secrets, and what ties values to names.
fn part() -> impl Strategy<Value = String> {
    let literals: Vec<String> = literals().map(|literal| literal.text.to_owned()).collect();
    let body = "[A-Za-z0-9]{16,40}";
    prop_oneof![
        4 => prop::sample::select(literals.clone()),
        4 => (prop::sample::select(literals), body).prop_map(|(literal, body)| format!(" {literal}{body} ")),
        2 => (prop::sample::select(STEMS.to_vec()), prop::sample::select(TIES.to_vec()), body)
            .prop_map(|(stem, tie, body)| format!("{stem}{tie}{body}")),
        2 => "[a-z ]{0,12}",
        1 => "\\PC{0,6}",
        1 => "[A-Za-z0-9_-]{0,40}",
        2 => prop::sample::select(MARKS.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(SECRETS.to_vec()).prop_map(|parts| parts.concat()),
    ]
}

/// How a value may be tied to a name.
const TIES: &[&str] = &[
    "=",
    ": ",
    "\": \"",
    "\\\":\\\"",
    " := ",
    "']='",
    "** : ",
    " provided: ",
    "%3D",
    "\\u003d",
    "\", \"",
    ">",
    " ",
    "\t = ",
    " => '",
];

const MARKS: &[&str] = &[
    "=",
    ":",
    ",",
    "\"",
    "\\",
    "\\n",
    "\n",
    "--",
    "-----",
    "@",
    "[redacted:jwt]",
    "****",
    "…",
    "://",
    "<",
    "&",
    "?",
    " Bearer ",
    "basic ",
    "%20",
    "\\u0026",
    "\u{1b}[31m",
    "é",
    "密钥",
    "api ",
    "db_",
    "X-",
    "-----BEGIN ",
    "-----END ",
];

/// Whole secrets, in pieces so that no scanner takes this file for a leak.
const SECRETS: &[&[&str]] = &[
    &["https://me:", "hunter2", "@example.org/"],
    &["Authorization: ", "Bearer ", "k3Jd92hfLq0Zx7Vb5Tn1"],
    &["Basic ", "dXNlcjpwYXNz"],
    &[
        "eyJhbGciOiJIUzI1NiJ9",
        ".eyJzdWIiOiIxMjM0In0",
        ".k3Jd92hfLq0Zx7",
    ],
    &[
        "-----BEGIN RSA PRIV",
        "ATE KEY-----\nMIIEowIBAAKCAQEAk3Jd92hfLq0Zx7Vb5Tn1Rw8Yp4Mc6G\n",
    ],
    &[
        "MIIEowIBAAKCAQEAk3Jd92hfLq0Zx7Vb5Tn1\n",
        "-----END PRIV",
        "ATE KEY-----",
    ],
    &["Cookie: ", "session=k3Jd92hfLq0Zx7"],
    &["curl --api-key ", "k3Jd92hfLq0Zx7"],
];

fn in_some_case(text: &str, case: u8) -> String {
    match case {
        0 => text.to_ascii_uppercase(),
        1 => text.to_ascii_lowercase(),
        2 => {
            let swapped = |(at, c): (usize, char)| {
                if at % 2 == 0 {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                }
            };
            text.chars().enumerate().map(swapped).collect()
        }
        _ => text.to_owned(),
    }
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec((part(), 0_u8..12), 0..10).prop_map(|parts| {
        parts
            .iter()
            .map(|(part, case)| in_some_case(part, *case))
            .collect()
    })
}

/// Fills up to shortly before the places where one stretch of a search ends and the next begins.
fn filler() -> impl Strategy<Value = String> {
    let length = prop_oneof![
        Just(0),
        0_usize..200,
        800_usize..1100,
        3800_usize..4200,
        7700_usize..8300
    ];
    (
        length,
        prop::sample::select(vec!["x", " ", "lorem ", "a-", "é"]),
    )
        .prop_map(|(length, unit)| unit.repeat(length / unit.len()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_missed(text in text()) {
        prop_assert_eq!(Scanner::new().scan(&text), scan_each(&text));
    }

    #[test]
    fn nothing_is_missed_between_two_windows(before in filler(), text in text(), after in filler()) {
        let text = format!("{before}{text}{after}{text}");
        prop_assert_eq!(Scanner::new().scan(&text), scan_each(&text));
    }

    #[test]
    fn slower_searches_find_the_same(text in text()) {
        let found = Scanner::new().scan(&text);
        for is_automaton in [true, false] {
            let sieve = Sieve::new().slowed(is_automaton);
            prop_assert_eq!(&Scanner { sieve }.scan(&text), &found);
        }
    }
}

/// The end of a text and of a window are where a search is most likely to stop too early.
#[test]
fn every_secret_is_found_at_every_place() {
    let scanner = Scanner::new();
    for secret in SECRETS {
        let secret = secret.concat();
        let found = scanner.scan(&secret).len();
        assert!(found > 0, "{secret}");
        for places in [0..140, 900..1100, 3900..4200] {
            for before in places {
                for after in ["", &" x".repeat(600)] {
                    let text = format!("{}{secret}{after}", " ".repeat(before));
                    assert_eq!(scanner.scan(&text).len(), found, "{secret} at {before}");
                }
            }
        }
    }
}

#[test]
fn every_literal_has_its_needle() {
    let sieve = Sieve::new();
    for literal in literals() {
        for text in [literal.text.to_owned(), literal.text.to_uppercase()] {
            let mut hits = Vec::new();
            sieve.sift(&format!("-----BEGIN {text}="), |hit| hits.push(hit.rule));
            let is_found = hits.contains(&literal.rule);
            assert!(is_found || !literal.is(text.as_bytes()), "{literal:?}");
        }
    }
}
