//! A file of one's own counts first, and says what is wrong with it.

#![allow(clippy::unwrap_used, clippy::unwrap_in_result, reason = "tests")]

use std::path::Path;

use genspan::{Billable, Counts, PriceList, Provider, Server, Usage};
use genspan_prices::Prices;

fn priced(prices: &Prices, provider: &str, model: &str, host: &str) -> Option<(String, String)> {
    let provider = Provider::new(provider.to_owned());
    let server = Server::new(host, None);
    let (usage, _) = Usage::inclusive(Counts {
        input: Some(1_000),
        output: Some(1_000),
        ..Counts::default()
    });
    let mut call = Billable::new(&provider, usage);
    call.request_model = Some(model);
    call.server = (!host.is_empty()).then_some(&server);
    let cost = prices.price(&call)?;
    Some((
        format!("{} {}", cost.amount, cost.currency),
        cost.source.as_str().to_owned(),
    ))
}

const OWN: &str = r#"
[[table]]
provider = "openai"
as_of = 2026-11-20
currency = "EUR"

[[table.model]]
names = ["gpt-4o", "our-model"]
input = 1
output = 0.000001
request = 0.5

[[gateway]]
host = "llm.example.com"
provider = "anthropic"
"#;

#[test]
fn what_it_knows_counts_and_all_else_stays() {
    let prices = Prices::vendored()
        .with_overrides_from("own.toml", OWN)
        .unwrap();
    let own = Some((
        "0.501000001 EUR".to_owned(),
        "own.toml openai 2026-11-20".to_owned(),
    ));
    assert_eq!(priced(&prices, "openai", "gpt-4o-2024-08-06", ""), own);
    assert_eq!(priced(&prices, "openai", "our-model", "localhost"), own);
    let (cost, source) = priced(&prices, "openai", "gpt-4o-mini", "api.openai.com").unwrap();
    assert_eq!(cost, "0.00075 USD");
    assert!(source.starts_with("genspan-prices openai "));
    let (cost, _) = priced(&prices, "openai", "claude-haiku-4-5", "llm.example.com").unwrap();
    assert_eq!(cost, "0.006 USD", "the gateway leads to Anthropic");
}

#[test]
fn a_deployment_is_priced_by_the_model_that_answers() {
    let own = "[[table]]\nprovider = \"azure.ai.openai\"\nhosts = [\"*.openai.azure.com\"]\n\
               [[table.model]]\nnames = [\"gpt-4o\"]\ninput = 2.5\noutput = 10\n";
    let prices = Prices::none().with_overrides_from("own.toml", own).unwrap();
    let provider = Provider::new("azure.ai.openai");
    let server = Server::new("me.openai.azure.com", Some(443));
    let (usage, _) = Usage::inclusive(Counts {
        input: Some(4),
        output: Some(1),
        ..Counts::default()
    });
    let mut call = Billable::new(&provider, usage);
    call.server = Some(&server);
    call.request_model = Some("our-deployment");
    assert_eq!(prices.price(&call), None);
    call.response_model = Some("gpt-4o-2024-08-06");
    let cost = prices.price(&call).unwrap();
    assert_eq!(cost.amount.to_string(), "0.00002");
}

#[test]
fn what_a_file_of_ones_own_lacks_is_not_taken_from_elsewhere() {
    let prices = Prices::vendored()
        .with_overrides_from("own.toml", OWN)
        .unwrap();
    let (usage, _) = Usage::inclusive(Counts {
        input: Some(4),
        output: Some(1),
        cache_read: Some(2),
        ..Counts::default()
    });
    let mut call = Billable::new(&Provider::OPENAI, usage);
    call.request_model = Some("gpt-4o");
    assert!(Prices::vendored().price(&call).is_some());
    assert_eq!(prices.price(&call), None);
}

fn error(text: &str) -> String {
    let read = Prices::none().with_overrides_from("own.toml", text);
    read.unwrap_err().to_string()
}

#[test]
fn errors_name_line_key_value_and_what_is_expected() {
    insta::assert_snapshot!(error("[[table]]\nprovider = "), @"own.toml:2: string values must be quoted, expected literal string");
    insta::assert_snapshot!(error("[[tables]]\n"), @"own.toml:1: tables means nothing here: expected table or gateway");
    insta::assert_snapshot!(error("\n[[table]]\nas_of = 2026-01-01\n"), @r#"own.toml:2: provider is missing: expected a provider as gen_ai.provider.name names it, such as "openai""#);
    let model = |line: &str| {
        error(&format!(
            "[[table]]\nprovider = \"openai\"\n[[table.model]]\nnames = [\"m\"]\n{line}\n"
        ))
    };
    insta::assert_snapshot!(model("input = \"0.25\""), @r#"own.toml:5: input = "0.25": expected a price for a million tokens, a number from 0 of at most 6 decimals such as 0.25"#);
    insta::assert_snapshot!(model("input = -1"), @"own.toml:5: input = -1: expected a price for a million tokens, a number from 0 of at most 6 decimals such as 0.25");
    insta::assert_snapshot!(model("output = 0.1234567"), @"own.toml:5: output = 0.1234567: expected a price for a million tokens, a number from 0 of at most 6 decimals such as 0.25");
    insta::assert_snapshot!(model("ouput = 1"), @"own.toml:5: ouput means nothing here: expected names, from, until, peak, tier, over or a price: input, cache_read, cache_write, cache_write_long, output, reasoning, audio_input, audio_cache_read, audio_output, image_output, request");
    insta::assert_snapshot!(model("from = \"yesterday\""), @r#"own.toml:5: from = "yesterday": expected a date such as 2026-11-20, or a moment such as 2026-11-20T16:00:00Z"#);
    insta::assert_snapshot!(model("tier.flex = 1"), @"own.toml:5: flex = 1: expected the tier's prices");
    insta::assert_snapshot!(model("[[table.model.over]]\ninput = 1"), @"own.toml:5: input_tokens is missing: expected a count of tokens");
    insta::assert_snapshot!(model("[[table.model.over]]\ninput_tokens = 1.5"), @"own.toml:6: input_tokens = 1.5: expected a count of tokens");
    insta::assert_snapshot!(error("[[table]]\nprovider = \"x\"\ncurrency = \"dollars\"\n"), @r#"own.toml:3: currency = "dollars": expected a currency's code of three letters, such as "USD""#);
    insta::assert_snapshot!(error("[[table]]\nprovider = \"x\"\npeak = [\"nights\"]\n"), @r#"own.toml:3: peak = ["nights"]: expected a list of hours in UTC such as "mon-fri 01:00-04:00""#);
    insta::assert_snapshot!(error("[[table]]\nprovider = \"x\"\n[[table.model]]\ninput = 1\n"), @"own.toml:3: names is missing: expected a list of the model's names");
    insta::assert_snapshot!(error("[[gateway]]\nprovider = \"x\"\n"), @"own.toml:1: host is missing: expected a host's name");
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let read = Prices::none().with_overrides(Path::new("/nowhere/own.toml"));
    assert_eq!(
        read.unwrap_err().to_string(),
        "/nowhere/own.toml cannot be read"
    );
}
