//! Content has the shapes of the conventions' own JSON schemas.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests; the environment says whether a skip is allowed"
)]

use std::{path::PathBuf, sync::Arc};

use genspan::{
    Blob, Capture, Compaction, Content, FileReference, FinishReason, Generic, Inference,
    MemoryKind, MemoryOperation, MemoryRecord, Message, Modality, Operation, Part, Place, Provider,
    Rendering, Retrieval, RetrievedDocument, Role, ServerToolCall, ServerToolCallResponse,
    Telemetry, ToolCallRequest, ToolCallResponse, ToolDefinition, UriReference, Value,
    semconv::attribute,
};
use testkit::CaptureSink;

/// Reads a schema in place; `None` where the conventions' files are not at hand.
fn schema(name: &str) -> Option<jsonschema::Validator> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/semconv/registry/model/gen-ai"
    );
    let path = PathBuf::from(folder).join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(
            std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
            "{} is missing",
            path.display()
        );
        println!("skipped: {} is not there", path.display());
        return None;
    };
    // A tool's parameters may be any schema; the one for schemas is not fetched from the network.
    let text = text.replace(
        r##""$ref": "http://json-schema.org/draft-07/schema#""##,
        r#""type": "object""#,
    );
    Some(jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap())
}

/// Records an operation and holds one of its attributes against a schema.
fn holds(name: &str, key: &str, rendering: Rendering, operation: impl Operation) {
    let Some(schema) = schema(name) else { return };
    let sink = CaptureSink::new(rendering.with_capture(Capture::at(Place::Span)));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    telemetry.start(operation).finish();
    let json = sink
        .spans()
        .first()
        .unwrap()
        .signals
        .get(key)
        .unwrap()
        .to_json();
    let errors: Vec<String> = schema
        .iter_errors(&serde_json::from_str(&json).unwrap())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{json}: {errors:?}");
}

fn every_part() -> Vec<Part> {
    let members = || Value::from_json(r#"{"query":"x","type":"ignored"}"#).unwrap();
    let id = || Some("1".to_owned());
    let mime_type = || Some("image/png".to_owned());
    vec![
        Part::Text("t".to_owned()),
        Part::Reasoning("r".to_owned()),
        Part::ToolCallRequest(ToolCallRequest {
            id: id(),
            name: "n".to_owned(),
            arguments: members(),
        }),
        Part::ToolCallRequest(ToolCallRequest::default()),
        Part::ToolCallResponse(ToolCallResponse {
            id: id(),
            response: Value::from("x"),
        }),
        Part::ToolCallResponse(ToolCallResponse::default()),
        Part::ServerToolCall(ServerToolCall {
            id: id(),
            name: "web_search".to_owned(),
            kind: "web_search".to_owned(),
            call: members(),
        }),
        Part::ServerToolCallResponse(ServerToolCallResponse {
            id: None,
            kind: "web_search".to_owned(),
            response: Value::Array(Vec::new()),
        }),
        Part::Blob(Blob {
            modality: Modality::Image,
            mime_type: mime_type(),
            content: "aGVsbG8=".to_owned(),
        }),
        Part::File(FileReference {
            modality: Modality::Document,
            mime_type: None,
            file_id: "f".to_owned(),
        }),
        Part::Uri(UriReference {
            modality: Modality::Audio,
            mime_type: mime_type(),
            uri: "https://example.com/a".to_owned(),
        }),
        Part::Compaction(Compaction {
            id: id(),
            content: Some("c".to_owned()),
        }),
        Part::Compaction(Compaction::default()),
        Part::Generic(Generic {
            kind: "refusal".to_owned(),
            members: vec![("x".to_owned(), Value::Int(1))],
        }),
    ]
}

fn chat(content: Content) -> Inference {
    let mut call = Inference::chat(Provider::OPENAI, "m");
    call.content = content;
    call
}

#[test]
fn messages() {
    let mut output = Message::new(Role::Assistant, every_part());
    output.finish_reason = Some(FinishReason::Other("eos".to_owned()));
    let mut input = Message::new(Role::Other("developer".to_owned()), every_part());
    input.name = Some("n".to_owned());
    let content = Content {
        input: vec![input],
        output: vec![output],
        ..Content::default()
    };
    for rendering in [
        Rendering::default(),
        Rendering::default().with_binary(),
        Rendering::default().with_limits(20, 100_000),
        Rendering::default().with_limits(20, 300),
    ] {
        let call = || chat(content.clone());
        holds(
            "gen-ai-input-messages.json",
            attribute::GEN_AI_INPUT_MESSAGES,
            rendering.clone(),
            call(),
        );
        holds(
            "gen-ai-output-messages.json",
            attribute::GEN_AI_OUTPUT_MESSAGES,
            rendering,
            call(),
        );
    }
}

#[test]
fn instructions() {
    let content = Content {
        system_instructions: vec![Part::Text("t".to_owned())],
        ..Content::default()
    };
    let key = attribute::GEN_AI_SYSTEM_INSTRUCTIONS;
    holds(
        "gen-ai-system-instructions.json",
        key,
        Rendering::default(),
        chat(content),
    );
}

#[test]
fn tools() {
    let tool = |kind: &str| ToolDefinition {
        kind: kind.to_owned(),
        name: "n".to_owned(),
        description: Some("d".to_owned()),
        parameters: Some(Value::from_json(r#"{"type":"object","properties":{}}"#).unwrap()),
    };
    let content = Content {
        tools: vec![tool("function"), tool("web_search")],
        ..Content::default()
    };
    for rendering in [
        Rendering::default(),
        Rendering::default().with_full_tool_definitions(),
    ] {
        let key = attribute::GEN_AI_TOOL_DEFINITIONS;
        holds(
            "gen-ai-tool-definitions.json",
            key,
            rendering,
            chat(content.clone()),
        );
    }
}

#[test]
fn documents_and_memories() {
    let mut retrieval = Retrieval::new("d");
    retrieval.documents = vec![
        RetrievedDocument::default(),
        RetrievedDocument {
            id: Some("1".to_owned()),
            score: Some(0.5),
            members: Vec::new(),
        },
    ];
    let key = attribute::GEN_AI_RETRIEVAL_DOCUMENTS;
    holds(
        "gen-ai-retrieval-documents.json",
        key,
        Rendering::default(),
        retrieval,
    );
    let mut memory = MemoryOperation::new(MemoryKind::Create);
    memory.records = vec![
        MemoryRecord {
            content: Value::from("c"),
            ..MemoryRecord::default()
        },
        MemoryRecord {
            content: Value::Map(Vec::new()),
            id: Some("1".to_owned()),
            score: Some(1.0),
            metadata: Value::from_json(r#"{"a":1}"#).unwrap(),
        },
    ];
    holds(
        "gen-ai-memory-records.json",
        attribute::GEN_AI_MEMORY_RECORDS,
        Rendering::default(),
        memory,
    );
}
