//! The official Python packages under `genspan run`: nothing changes for them, and each call is one span.

use std::process::Command;

use crate::scene::{Scene, attribute};
use serde_json::Value;
use testkit::provider::{Provider, Script};

const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/app.py");

/// What the program calls in turn: provider, model, and whether it prints the usage.
const CALLS: [(&str, &str, bool); 19] = [
    ("openai", "sync", true),
    ("openai", "streamed", true),
    ("openai", "tools", true),
    ("openai", "tool-result", true),
    ("openai", "error", false),
    ("openai", "retried", true),
    ("openai", "async", true),
    ("openai", "async-streamed", true),
    ("openai", "together-0", false),
    ("openai", "together-1", false),
    ("openai", "together-2", false),
    ("anthropic", "sync", true),
    ("anthropic", "streamed", true),
    ("anthropic", "tools", true),
    ("anthropic", "tool-result", true),
    ("anthropic", "error", false),
    ("anthropic", "retried", true),
    ("anthropic", "async", true),
    ("anthropic", "async-streamed", true),
];

/// Finds a Python that has both packages; says so where there is none.
pub(crate) fn python() -> Option<String> {
    let program = std::env::var("GENSPAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&program)
        .args(["-c", "import openai, anthropic"])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    let reason = format!(
        "{program} has no packages openai and anthropic; name one that has in GENSPAN_PYTHON"
    );
    assert!(
        std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
    None
}

/// Gives the numbers of each line that ends in a usage: input, cached, output.
fn printed(stdout: &str) -> Vec<[u64; 3]> {
    let usages = stdout.lines().filter_map(|line| {
        let (before, _) = line.rsplit_once(" out")?;
        let words: Vec<&str> = before
            .split([' ', ',', '|'])
            .filter(|word| !word.is_empty())
            .collect();
        let [.., input, "in", cached, "cached", output] = words.as_slice() else {
            return None;
        };
        Some([
            input.parse().unwrap(),
            cached.parse().unwrap(),
            output.parse().unwrap(),
        ])
    });
    usages.collect()
}

fn number(span: &Value, key: &str) -> u64 {
    attribute(span, key)
        .and_then(Value::as_str)
        .unwrap_or("0")
        .parse()
        .unwrap()
}

fn find<'span>(spans: &'span [Value], provider: &str, model: &str) -> &'span Value {
    let is_it = |span: &&Value| {
        attribute(span, "gen_ai.provider.name").unwrap() == provider
            && attribute(span, "gen_ai.request.model").unwrap() == model
    };
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "one span for {provider} {model}");
    found[0]
}

#[test]
fn the_official_packages_see_no_difference_and_each_call_is_one_span() {
    let Some(python) = python() else { return };
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("python")
        .with("OPENAI_BASE_URL", format!("{}/v1", provider.url()))
        .with("ANTHROPIC_BASE_URL", provider.url());
    let mut plain = scene.command(&python);
    plain.arg(APP);
    let without = Scene::output(plain, b"");
    assert_eq!(
        without.status.code(),
        Some(7),
        "{}",
        String::from_utf8_lossy(&without.stderr)
    );

    let args = [
        "run",
        "--content",
        "--to",
        "file:spans.jsonl",
        "--",
        &python,
        APP,
    ];
    let with = Scene::output(scene.genspan(&args), b"");
    assert_eq!(with.status, without.status);
    let texts = [&with.stdout, &without.stdout, &with.stderr, &without.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes));
    assert_eq!(texts[0], texts[1], "stdout");
    assert_eq!(texts[2], texts[3], "stderr");

    let mut spans = scene.spans("spans.jsonl");
    spans.retain(|span| attribute(span, "genspan.inferred").is_none());
    assert_eq!(spans.len(), CALLS.len(), "one span a call");
    let mut usages = printed(&texts[0]).into_iter();
    for (provider, model, prints_usage) in CALLS {
        let span = find(&spans, provider, model);
        assert_eq!(
            attribute(span, "error.type").is_some(),
            model == "error",
            "{provider} {model}"
        );
        assert_eq!(
            attribute(span, "gen_ai.request.stream").is_some(),
            model.contains("streamed")
        );
        assert_eq!(
            attribute(span, "genspan.attempts").is_some(),
            model == "retried"
        );
        assert!(attribute(span, "gen_ai.input.messages").is_some());
        if prints_usage {
            let [input, cached, output] = usages.next().unwrap();
            // Anthropic counts what met the cache apart from the input.
            let apart = if provider == "anthropic" {
                cached + number(span, "gen_ai.usage.cache_creation.input_tokens")
            } else {
                0
            };
            assert_eq!(
                number(span, "gen_ai.usage.input_tokens"),
                input + apart,
                "{provider} {model}"
            );
            assert_eq!(
                number(span, "gen_ai.usage.cache_read.input_tokens"),
                cached,
                "{provider} {model}"
            );
            assert_eq!(
                number(span, "gen_ai.usage.output_tokens"),
                output,
                "{provider} {model}"
            );
        }
    }
    assert_eq!(usages.next(), None);

    let check = Scene::output(scene.genspan(&["check", "spans.jsonl"]), b"");
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
}
