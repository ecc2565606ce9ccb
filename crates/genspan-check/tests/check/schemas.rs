//! The hand-written shapes beside the conventions' own JSON schemas, on generated samples.

use std::path::{Path, PathBuf};

use genspan::Conventions;
use genspan::semconv::attribute as key;
use genspan::semconv::value::operation_name;
use genspan_check::{Checker, Options, SpanView};
use jsonschema::Validator;
use serde_json::{Value, json};

/// How many samples of each shape are held against its schema.
const SAMPLES: usize = 1500;

const PARTS: &[&str] = &[
    "text",
    "reasoning",
    "tool_call",
    "tool_call_response",
    "server_tool_call",
    "server_tool_call_response",
    "blob",
    "file",
    "uri",
    "compaction",
];

/// The schemas, where this checkout has them.
fn directory() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let path = Path::new(root).join("semconv/registry/model/gen-ai");
    if path.is_dir() {
        return Some(path);
    }
    let reason = format!("skipped: no schemas in {}", path.display());
    assert_ne!(
        std::env::var("GENSPAN_REQUIRE").as_deref(),
        Ok("all"),
        "{reason}"
    );
    eprintln!("{reason}");
    None
}

/// Reads a schema and shuts its back door: its part of any type takes every broken part of a known type, too.
fn schema(directory: &Path, name: &str, catch_all: &str, known: &[&str]) -> Validator {
    let text = std::fs::read_to_string(directory.join(format!("gen-ai-{name}.json"))).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    if !catch_all.is_empty() {
        schema["$defs"][catch_all]["properties"]["type"]["not"] = json!({ "enum": known });
    }
    // The meta-schema cannot be fetched; the samples' parameters differ in no more than their type.
    let parameters =
        schema.pointer_mut("/$defs/FunctionToolDefinition/properties/parameters/anyOf/0");
    if let Some(parameters) = parameters {
        *parameters = json!({ "type": ["object", "boolean"] });
    }
    jsonschema::validator_for(&schema).unwrap()
}

/// Makes numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A value of any type.
    fn any(&mut self) -> Value {
        match self.below(7) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(7),
            3 => json!(0.5),
            4 => json!([1]),
            5 => json!({ "type": "web_search" }),
            _ => json!("text"),
        }
    }

    /// Mostly the right value for a member, sometimes any other, sometimes none.
    fn member(&mut self, object: &mut Value, name: &str, right: Value) {
        match self.below(12) {
            0 => {}
            1 => object[name] = self.any(),
            _ => object[name] = right,
        }
    }

    fn part(&mut self) -> Value {
        if self.below(20) == 0 {
            return self.any();
        }
        let mut part = json!({});
        let kind = if self.below(8) == 0 {
            "refusal"
        } else {
            self.pick(PARTS)
        };
        self.member(&mut part, "type", json!(kind));
        let tool = json!({ "type": "web_search", "more": 1 });
        let wanted: &[(&str, Value)] = match kind {
            "text" | "reasoning" | "refusal" => &[("content", json!("x"))],
            "tool_call" => &[
                ("name", json!("x")),
                ("id", json!("x")),
                ("arguments", json!({})),
            ],
            "tool_call_response" => &[("response", json!("x")), ("id", Value::Null)],
            "server_tool_call" => &[
                ("name", json!("x")),
                ("id", json!("x")),
                ("server_tool_call", tool),
            ],
            "server_tool_call_response" => {
                &[("id", json!("x")), ("server_tool_call_response", tool)]
            }
            "blob" => &[
                ("modality", json!("image")),
                ("content", json!("AA")),
                ("mime_type", json!("a/b")),
            ],
            "file" => &[
                ("modality", json!("image")),
                ("file_id", json!("f")),
                ("mime_type", Value::Null),
            ],
            "uri" => &[
                ("modality", json!("image")),
                ("uri", json!("u")),
                ("mime_type", json!("a/b")),
            ],
            _ => &[("id", json!("x")), ("content", json!("x"))],
        };
        for (name, right) in wanted {
            self.member(&mut part, name, right.clone());
        }
        part
    }

    fn list(&mut self, mut item: impl FnMut(&mut Self) -> Value) -> Value {
        if self.below(30) == 0 {
            return self.any();
        }
        let count = self.below(3);
        (0..count).map(|_| item(self)).collect()
    }

    fn message(&mut self) -> Value {
        let mut message = json!({});
        let parts = self.list(Self::part);
        self.member(&mut message, "role", json!("user"));
        self.member(&mut message, "parts", parts);
        self.member(&mut message, "name", Value::Null);
        self.member(&mut message, "finish_reason", json!("stop"));
        message
    }

    fn instruction(&mut self) -> Value {
        let mut part = json!({});
        let kind = self.pick(&["text", "refusal"]);
        self.member(&mut part, "type", json!(kind));
        self.member(&mut part, "content", json!("x"));
        part
    }

    fn definition(&mut self) -> Value {
        let mut tool = json!({});
        let kind = self.pick(&["function", "web_search"]);
        self.member(&mut tool, "type", json!(kind));
        self.member(&mut tool, "name", json!("x"));
        self.member(&mut tool, "description", json!("x"));
        let parameters = [
            json!({ "type": "object" }),
            json!({}),
            Value::Null,
            json!(true),
            json!(7),
            json!("x"),
            json!([]),
        ];
        tool["parameters"] = parameters[self.below(parameters.len())].clone();
        tool
    }

    fn record(&mut self) -> Value {
        let mut record = json!({});
        for (name, right) in [
            ("id", json!("x")),
            ("score", json!(1)),
            ("metadata", json!({})),
            ("content", json!("x")),
        ] {
            self.member(&mut record, name, right);
        }
        record
    }
}

/// Whether our own rules find the value's shape right.
fn is_right(checker: &Checker, key: &str, value: &Value) -> bool {
    let value = genspan::Value::from_json(&value.to_string()).unwrap();
    let operation = genspan::Value::from(operation_name::CHAT);
    let attributes = vec![
        (key::GEN_AI_OPERATION_NAME.to_owned(), operation),
        (key.to_owned(), value),
    ];
    let span = SpanView {
        attributes,
        ..SpanView::default()
    };
    let findings = checker.check_span(&span);
    !findings
        .iter()
        .any(|f| matches!(f.rule, "wrong-shape" | "wrong-type") && f.subject == key)
}

fn compare(key: &str, schema: &Validator, mut sample: impl FnMut(&mut Dice) -> Value) {
    let options = Options::default().with_conventions(Conventions::Main);
    let checker = Checker::new(options);
    let mut dice = Dice(0x5eed);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..SAMPLES {
        let value = dice.list(&mut sample);
        let expected = schema.is_valid(&value);
        assert_eq!(is_right(&checker, key, &value), expected, "{key}: {value}");
        *if expected { &mut right } else { &mut wrong } += 1;
    }
    assert!(
        right > SAMPLES / 10 && wrong > SAMPLES / 10,
        "{key}: {right} right, {wrong} wrong"
    );
}

#[test]
fn our_shapes_are_those_of_the_schemas() {
    let Some(directory) = directory() else {
        return;
    };
    let part = |name: &str| schema(&directory, name, "GenericPart", PARTS);
    compare(
        key::GEN_AI_INPUT_MESSAGES,
        &part("input-messages"),
        Dice::message,
    );
    compare(
        key::GEN_AI_OUTPUT_MESSAGES,
        &part("output-messages"),
        Dice::message,
    );
    let instructions = schema(&directory, "system-instructions", "GenericPart", &["text"]);
    compare(
        key::GEN_AI_SYSTEM_INSTRUCTIONS,
        &instructions,
        Dice::instruction,
    );
    let tools = schema(
        &directory,
        "tool-definitions",
        "GenericToolDefinition",
        &["function"],
    );
    compare(key::GEN_AI_TOOL_DEFINITIONS, &tools, Dice::definition);
    let documents = schema(&directory, "retrieval-documents", "", &[]);
    compare(key::GEN_AI_RETRIEVAL_DOCUMENTS, &documents, Dice::record);
    let records = schema(&directory, "memory-records", "", &[]);
    compare(key::GEN_AI_MEMORY_RECORDS, &records, Dice::record);
}
