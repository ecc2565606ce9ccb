//! What recorded calls cost, worked out by hand.
//!
//! The recordings lie beside the repository; where they are not, the tests tell so and pass, unless
//! `GENSPAN_REQUIRE=all` is set.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "recorded/exchange.rs"]
mod exchange;

use exchange::Recordings;
use genspan::{Billable, Counts, Money, PriceList, Timestamp};
use genspan_prices::Prices;

/// A call, named by its host and its recorded start; what its answer states; and its cost by hand: so many tokens at
/// so much for a million, and what that adds up to in millionths.
struct Call {
    at: (&'static str, &'static str),
    model: &'static str,
    counts: Counts,
    terms: &'static [(u64, &'static str)],
    sum: &'static str,
}

/// Input, output, cache read, cache write, written for longer, reasoning; 0 stands for what is not stated, too.
const fn counts([input, output, read, write, long, reasoning]: [u64; 6]) -> Counts {
    Counts {
        input: Some(input),
        output: Some(output),
        cache_read: Some(read),
        cache_write: Some(write),
        cache_write_long: Some(long),
        reasoning: Some(reasoning),
        input_by: NONE,
        cache_read_by: NONE,
        output_by: NONE,
    }
}

const NONE: genspan::ByModality = genspan::ByModality {
    text: None,
    audio: None,
    image: None,
    video: None,
};

const fn call(
    at: (&'static str, &'static str),
    model: &'static str,
    numbers: [u64; 6],
    terms: &'static [(u64, &'static str)],
    sum: &'static str,
) -> Call {
    Call {
        at,
        model,
        counts: counts(numbers),
        terms,
        sum,
    }
}

const ANTHROPIC: &str = "api.anthropic.com";
const BEDROCK: &str = "bedrock-runtime.us-east-1.amazonaws.com";
const COHERE: &str = "api.cohere.ai";
const DEEPSEEK: &str = "api.deepseek.com";
const GEMINI: &str = "generativelanguage.googleapis.com";
const GROQ: &str = "api.groq.com";
const MISTRAL: &str = "api.mistral.ai";
const OPENAI: &str = "api.openai.com";
const PERPLEXITY: &str = "api.perplexity.ai";
const XAI: &str = "api.x.ai";

/// Terms stand in the order fresh input, cache read, cache write, written for longer, output.
#[rustfmt::skip]
const CALLS: [Call; 26] = [
    call((ANTHROPIC, "00:00:00"), "claude-sonnet-4-6", [37, 75, 0, 0, 0, 0], &[(37, "3"), (75, "15")], "1236"),
    call((ANTHROPIC, "00:03:10"), "claude-haiku-4-5-20251001", [18, 1, 0, 0, 0, 0], &[(18, "1"), (1, "5")], "23"),
    call((ANTHROPIC, "00:11:50"), "claude-sonnet-4-6", [1_680, 13, 0, 1_670, 1_603, 7], &[(10, "3"), (67, "3.75"), (1_603, "6"), (13, "15")], "10094.25"),
    call((ANTHROPIC, "00:19:10"), "claude-sonnet-4-6", [5_271, 71, 5_169, 101, 0, 0], &[(1, "3"), (5_169, "0.30"), (101, "3.75"), (71, "15")], "2997.45"),
    call((ANTHROPIC, "00:21:10"), "claude-sonnet-4-6", [4_568, 7, 0, 4_565, 4_565, 0], &[(3, "3"), (4_565, "6"), (7, "15")], "27504"),
    call((ANTHROPIC, "00:44:20"), "claude-opus-4-8", [64, 304, 0, 0, 0, 95], &[(64, "5"), (304, "25")], "7920"),
    call((OPENAI, "03:04:50"), "gpt-4o-mini-2024-07-18", [75, 10, 0, 0, 0, 0], &[(75, "0.15"), (10, "0.60")], "17.25"),
    call((OPENAI, "03:26:50"), "gpt-4o-2024-08-06", [110, 13, 0, 0, 0, 0], &[(110, "2.50"), (13, "10")], "405"),
    call((OPENAI, "03:45:10"), "gpt-4o-mini-2024-07-18", [4_466, 47, 4_352, 0, 0, 0], &[(114, "0.15"), (4_352, "0.075"), (47, "0.60")], "371.7"),
    call((OPENAI, "03:38:20"), "gpt-5-nano-2025-08-07", [13, 74, 0, 0, 0, 64], &[(13, "0.05"), (74, "0.40")], "30.25"),
    call((OPENAI, "03:41:20"), "o4-mini-2025-04-16", [13, 83, 0, 0, 0, 64], &[(13, "1.10"), (83, "4.40")], "379.5"),
    call((OPENAI, "03:39:00"), "gpt-3.5-turbo-0125", [14, 3, 0, 0, 0, 0], &[(14, "0.50"), (3, "1.50")], "11.5"),
    call((OPENAI, "04:14:30"), "gpt-5.1-2025-11-13", [16, 16, 0, 0, 0, 16], &[(16, "1.25"), (16, "10")], "180"),
    call((GROQ, "02:22:30"), "llama-3.3-70b-versatile", [80, 38, 0, 0, 0, 0], &[(80, "0.59"), (38, "0.79")], "77.22"),
    call((GROQ, "02:22:40"), "openai/gpt-oss-20b", [260, 100, 0, 0, 0, 70], &[(260, "0.075"), (100, "0.30")], "49.5"),
    call((DEEPSEEK, "01:28:00"), "deepseek-v4-flash", [482, 23, 384, 0, 0, 0], &[(98, "0.14"), (384, "0.0028"), (23, "0.28")], "21.2352"),
    call((DEEPSEEK, "01:31:40"), "deepseek-v4-flash", [433, 104, 384, 0, 0, 25], &[(49, "0.14"), (384, "0.0028"), (104, "0.28")], "37.0552"),
    call((MISTRAL, "02:46:00"), "mistral-large-latest", [1_805, 4, 1_760, 0, 0, 0], &[(45, "0.50"), (1_760, "0.05"), (4, "1.50")], "116.5"),
    call((MISTRAL, "02:57:20"), "ministral-3b-latest", [148, 19, 128, 0, 0, 0], &[(20, "0.10"), (128, "0.01"), (19, "0.10")], "5.18"),
    call((MISTRAL, "02:30:00"), "mistral-small-latest", [34, 31, 8, 0, 0, 0], &[(26, "0.15"), (8, "0.015"), (31, "0.60")], "22.62"),
    call((XAI, "04:35:40"), "grok-4.3", [160, 249, 128, 0, 0, 186], &[(32, "1.25"), (128, "0.20"), (249, "2.50")], "688.1"),
    call((GEMINI, "05:08:50"), "gemini-2.5-flash", [1_087, 23, 1_081, 0, 0, 21], &[(6, "0.30"), (1_081, "0.03"), (23, "2.50")], "91.73"),
    call((GEMINI, "06:01:50"), "gemini-3.1-flash-lite", [21, 124, 0, 0, 0, 120], &[(21, "0.25"), (124, "1.50")], "191.25"),
    call((COHERE, "01:18:10"), "command-a-03-2025", [27, 68, 0, 0, 0, 0], &[(27, "2.50"), (68, "10")], "747.5"),
    call((BEDROCK, "04:49:50"), "amazon.nova-lite-v1:0", [27, 48, 0, 0, 0, 0], &[(27, "0.06"), (48, "0.24")], "13.14"),
    call((BEDROCK, "04:51:40"), "us.anthropic.claude-haiku-4-5-20251001-v1:0", [20, 5, 0, 0, 0, 0], &[(20, "1.10"), (5, "5.50")], "49.5"),
];

/// Calls whose price nobody states, and why.
const UNPRICED: [((&str, &str), &str); 5] = [
    ((GROQ, "02:28:00"), "a model without a public price"),
    (
        (GROQ, "02:27:10"),
        "cached input whose price is not certain",
    ),
    ((COHERE, "01:25:00"), "a model without a public price"),
    ((PERPLEXITY, "04:20:20"), "a fee that tokens do not tell"),
    ((OPENAI, "03:44:10"), "a model that is not OpenAI's"),
];

fn millionths(text: &str) -> u128 {
    text.parse::<Money>().unwrap().picos() / 1_000_000
}

fn start((host, time): (&'static str, &str)) -> (&'static str, String) {
    (host, format!("2026-01-01T{time}.000Z"))
}

#[test]
fn calls_cost_what_was_worked_out_by_hand() {
    let hosts = [
        ANTHROPIC, BEDROCK, COHERE, DEEPSEEK, GEMINI, GROQ, MISTRAL, OPENAI, XAI,
    ];
    let Some(recordings) = Recordings::of(&hosts) else {
        return;
    };
    let prices = Prices::vendored();
    for call in &CALLS {
        let (_, start) = start(call.at);
        let by_hand: u128 = call
            .terms
            .iter()
            .map(|(tokens, price)| u128::from(*tokens) * millionths(price))
            .sum();
        assert_eq!(by_hand, millionths(call.sum), "{start}: the sum is wrong");

        let record = recordings.record(&start);
        let mut billed = Billable::of(&record).unwrap();
        billed.at = Some(Timestamp::from_unix_nanos(1_767_225_600_000_000_000));
        let model = billed.response_model.or(billed.request_model);
        assert_eq!(model, Some(call.model), "{start}");
        let stated = |count: Option<u64>| count.unwrap_or(0);
        let (usage, expected) = (billed.usage, call.counts);
        for (what, found, expected) in [
            ("input", usage.input(), expected.input),
            ("output", usage.output(), expected.output),
            ("cache read", usage.cache_read(), expected.cache_read),
            ("cache write", usage.cache_write(), expected.cache_write),
            (
                "for longer",
                usage.cache_write_long(),
                expected.cache_write_long,
            ),
            ("reasoning", usage.reasoning(), expected.reasoning),
        ] {
            assert_eq!(stated(found), stated(expected), "{start}: {what}");
        }
        let cost = prices
            .price(&billed)
            .unwrap_or_else(|| panic!("{start} is unpriced"));
        assert_eq!(cost.amount.picos(), by_hand, "{start}");
        assert_eq!(
            cost.parts.input.unwrap().plus(cost.parts.output.unwrap()),
            cost.amount,
            "{start}: parts"
        );
    }
}

#[test]
fn what_nobody_knows_is_unpriced() {
    let Some(recordings) = Recordings::of(&[COHERE, GROQ, OPENAI, PERPLEXITY]) else {
        return;
    };
    for (at, why) in UNPRICED {
        let record = recordings.record(&start(at).1);
        let cost = Billable::of(&record).and_then(|call| Prices::vendored().price(&call));
        assert_eq!(cost, None, "{why}: {record:?}");
    }
}

/// xAI states what each call costs, which nobody but the table's test needs to work out.
#[test]
fn the_table_says_what_xai_charges() {
    let Some(recordings) = Recordings::of(&[XAI]) else {
        return;
    };
    let prices = Prices::vendored();
    let mut seen = 0;
    for (start, ticks) in recordings.stated_ticks() {
        let Some(record) = recordings.record_if_told(&start) else {
            continue;
        };
        let call = Billable::of(&record).unwrap();
        let cost = prices
            .price(&call)
            .unwrap_or_else(|| panic!("{start} is unpriced"));
        // A tick is a ten-thousandth of a millionth of a dollar.
        assert_eq!(cost.amount.picos(), u128::from(ticks) * 100, "{start}");
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}
