//! The vendored tables can be read, contradict themselves nowhere, and know models by their names alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{collections::BTreeMap, path::Path};

use genspan::{Billable, ByModality, Cost, Counts, PriceList, Provider, Server, Timestamp, Usage};
use genspan_prices::Prices;

/// A thousand tokens in and a hundred out.
const COUNTS: Counts = Counts {
    input: Some(1_000),
    output: Some(100),
    cache_read: None,
    cache_write: None,
    cache_write_long: None,
    reasoning: None,
    input_by: NONE,
    cache_read_by: NONE,
    output_by: NONE,
};
const NONE: ByModality = ByModality {
    text: None,
    audio: None,
    image: None,
    video: None,
};

/// Prices a call and says by which table, `-` where it is unpriced.
fn priced<'a>(provider: &str, change: impl FnOnce(&mut Billable<'a>)) -> String {
    priced_of(provider, COUNTS, change)
}

fn priced_of<'a>(provider: &str, counts: Counts, change: impl FnOnce(&mut Billable<'a>)) -> String {
    let provider = Box::leak(Box::new(Provider::new(provider.to_owned())));
    let mut call = Billable::new(provider, Usage::inclusive(counts).0);
    change(&mut call);
    shown(Prices::vendored().price(&call))
}

fn shown(cost: Option<Cost>) -> String {
    cost.map_or_else(|| "-".to_owned(), |cost| cost.amount.to_string())
}

fn model(provider: &str, model: &str) -> String {
    priced(provider, |call| call.request_model = Some(model))
}

#[test]
fn every_table_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices");
    let mut tables = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        Prices::none().with_overrides_from("x", &text).unwrap();
        tables += text.matches("[[table]]").count();
        assert!(text.starts_with("# "), "says where its prices are from");
    }
    let vendored = format!("{:?}", Prices::vendored());
    assert_eq!(
        vendored.matches("genspan-prices ").count(),
        tables,
        "{vendored}"
    );
}

#[test]
fn each_name_has_one_price_at_a_time() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prices");
    let mut windows: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let document: toml::Table = text.parse().unwrap();
        for table in document["table"].as_array().unwrap() {
            let provider = table["provider"].as_str().unwrap();
            for model in table["model"].as_array().unwrap() {
                let date = |key: &str, default: &str| {
                    let date = model.get(key).and_then(toml::Value::as_datetime);
                    date.map_or(default.to_owned(), ToString::to_string)
                };
                for name in model["names"].as_array().unwrap() {
                    let name = (provider.to_owned(), name.as_str().unwrap().to_owned());
                    let window = (date("from", "0"), date("until", "9"));
                    windows.entry(name).or_default().push(window);
                }
            }
        }
    }
    for (name, mut windows) in windows {
        windows.sort();
        for pair in windows.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{name:?} has two prices: {pair:?}");
        }
    }
}

#[test]
fn a_small_sibling_is_never_its_big_one() {
    let big = model("openai", "gpt-4o");
    assert_eq!(big, "0.0035");
    assert_eq!(model("openai", "gpt-4o-mini"), "0.00021");
    for unknown in [
        "gpt-4o-unheard-of",
        "gpt-4o-micro-2026-01-01",
        "gpt-4",
        "ft:gpt-4o-2024-08-06:us::1",
        "GPT-4o",
        "gpt",
        "",
    ] {
        assert_ne!(model("openai", unknown), big, "{unknown}");
    }
    assert_eq!(model("openai", "gpt-4o-unheard-of"), "-");
    assert_eq!(model("openai", "ft:gpt-4o-2024-08-06:us::1"), "-");
}

#[test]
fn names_are_known_as_providers_write_them() {
    for (provider, one, other) in [
        ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
        (
            "anthropic",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
        ),
        ("anthropic", "claude-opus-4-8", "claude-opus-4-8[1m]"),
        (
            "anthropic",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929[1m]",
        ),
        ("gcp.gemini", "gemini-2.5-flash", "models/gemini-2.5-flash"),
        (
            "gcp.vertex_ai",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5@20250929",
        ),
        (
            "aws.bedrock",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
    ] {
        let (one, other) = (model(provider, one), model(provider, other));
        assert_ne!(one, "-", "{provider}");
        assert_eq!(one, other, "{provider}");
    }
    // A version that kept its own price, and an inference profile that has one.
    assert_eq!(model("openai", "gpt-4o-2024-05-13"), "0.0065");
    assert_eq!(
        model(
            "aws.bedrock",
            "global.anthropic.claude-haiku-4-5-20251001-v1:0"
        ),
        "0.0015"
    );
}

#[test]
fn the_model_that_answered_counts() {
    let redirected = priced("x_ai", |call| {
        call.request_model = Some("grok-3-mini");
        call.response_model = Some("grok-4.3");
    });
    assert_eq!(redirected, model("x_ai", "grok-4.3"));
    let unknown = priced("openai", |call| {
        call.request_model = Some("gpt-4o");
        call.response_model = Some("gpt-4o-unheard-of");
    });
    assert_eq!(unknown, "-");
}

#[test]
fn the_same_model_elsewhere_is_not_priced() {
    let at = |provider: &str, host: &str| {
        let server = Server::new(host, Some(443));
        let provider = Provider::new(provider.to_owned());
        let mut call = Billable::new(&provider, Usage::inclusive(COUNTS).0);
        call.request_model = Some("gpt-4o");
        call.server = Some(&server);
        (
            shown(Prices::vendored().price(&call)),
            shown(Prices::vendored().with_gateway("localhost").price(&call)),
        )
    };
    let price = "0.0035".to_owned();
    let none = "-".to_owned();
    assert_eq!(
        at("openai", "api.openai.com"),
        (price.clone(), price.clone())
    );
    assert_eq!(at("openai", "localhost"), (none.clone(), price));
    assert_eq!(at("openai", "eu.api.openai.com").0, none);
    assert_eq!(at("openrouter", "openrouter.ai").0, none);
    assert_eq!(at("github_copilot", "api.githubcopilot.com").0, none);
}

#[test]
fn a_service_tier_has_its_own_price_or_none() {
    let tier = |tier| {
        priced("openai", |call| {
            call.request_model = Some("gpt-5-mini");
            call.service_tier = tier;
        })
    };
    // 1,000 × 0.25 + 100 × 2, by flex half of it, by priority 1,000 × 0.45 + 100 × 3.6
    assert_eq!(tier(None), "0.00045");
    assert_eq!(tier(Some("default")), "0.00045");
    assert_eq!(tier(Some("flex")), "0.000225");
    assert_eq!(tier(Some("priority")), "0.00081");
    assert_eq!(tier(Some("scale")), "-");
}

#[test]
fn long_prompts_cost_more_from_the_first_token() {
    let pro = |input| {
        let counts = Counts {
            input: Some(input),
            cache_read: Some(100_000),
            output: Some(1_000),
            ..COUNTS
        };
        priced_of("gcp.gemini", counts, |call| {
            call.request_model = Some("gemini-2.5-pro");
        })
    };
    // 100,000 × 1.25 + 100,000 × 0.125 + 1,000 × 10
    assert_eq!(pro(200_000), "0.1475");
    // 100,001 × 2.50 + 100,000 × 0.25 + 1,000 × 15
    assert_eq!(pro(200_001), "0.2900025");
    let sonnet = Counts {
        input: Some(300_000),
        cache_write: Some(100_000),
        cache_write_long: Some(40_000),
        output: Some(1_000),
        ..COUNTS
    };
    // The mark that Claude Code puts behind a model for its long window changes nothing: what counts is the prompt.
    for name in ["claude-sonnet-4-5", "claude-sonnet-4-5[1m]"] {
        let cost = priced_of("anthropic", sonnet, |call| call.request_model = Some(name));
        // 200,000 × 6 + 60,000 × 7.50 + 40,000 × 12 + 1,000 × 22.50
        assert_eq!(cost, "2.1525", "{name}");
    }
    let short = |name| model("anthropic", name);
    assert_eq!(short("claude-sonnet-4-5[1m]"), short("claude-sonnet-4-5"));
    assert_eq!(model("openai", "gpt-4o[1m]"), "-", "nobody calls it so");
    let astra = Counts {
        input: Some(300_000),
        ..COUNTS
    };
    let astra = priced_of("openai", astra, |call| {
        call.request_model = Some("gpt-6-astra")
    });
    assert_eq!(astra, "-", "what longer prompts cost is not known");
}

#[test]
fn sound_costs_what_sound_does() {
    let counts = Counts {
        input_by: ByModality {
            text: Some(200),
            audio: Some(800),
            ..NONE
        },
        ..COUNTS
    };
    let by = |provider, model| priced_of(provider, counts, |call| call.request_model = Some(model));
    // 200 × 0.30 + 800 × 1 + 100 × 2.50
    assert_eq!(by("gcp.gemini", "gemini-2.5-flash"), "0.00111");
    assert_eq!(by("openai", "gpt-4o"), "-");
}

#[test]
fn prices_are_those_of_the_time() {
    let at = |model: &'static str, seconds: u64| {
        priced("deepseek", |call| {
            call.request_model = Some(model);
            call.at = Some(Timestamp::from_unix_nanos(seconds * 1_000_000_000));
        })
    };
    // Before the change of August 2026: 1,000 × 0.14 + 100 × 0.28
    assert_eq!(at("deepseek-v4-flash", 1_786_895_999), "0.000168");
    // Friday, 2026-11-20: at midnight 1,000 × 0.15 + 100 × 0.6, at two o'clock twice as much.
    assert_eq!(at("deepseek-v4-flash", 1_795_132_800), "0.00021");
    assert_eq!(at("deepseek-v4-flash", 1_795_140_000), "0.00042");
    assert_eq!(at("deepseek-v4-flash", 1_787_000_000), "-");
    assert_eq!(
        model("deepseek", "deepseek-v4-flash"),
        "-",
        "the hour is not known"
    );
}

#[test]
fn a_label_names_table_and_date() {
    let provider = Provider::OPENAI;
    let mut call = Billable::new(&provider, Usage::inclusive(COUNTS).0);
    call.request_model = Some("gpt-4o");
    let cost = Prices::vendored().price(&call).unwrap();
    assert_eq!(cost.source.as_str(), "genspan-prices openai 2026-09-30");
    assert_eq!(cost.currency, "USD");
}
