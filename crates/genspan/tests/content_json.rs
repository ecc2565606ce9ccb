//! Content written as JSON text is the JSON text of the content that is written as a value.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use genspan::{
    Blob, Capture, Compaction, Content, Conventions, FileReference, FinishReason, Generic,
    Inference, MemoryKind, MemoryOperation, MemoryRecord, Message, Modality, Outcome, Part, Place,
    Provider, Record, Rendering, Retrieval, RetrievedDocument, Role, ServerToolCall,
    ServerToolCallResponse, Signals, Span, Timestamp, ToolCallRequest, ToolCallResponse,
    ToolDefinition, ToolExecution, UriReference, Value,
};
use proptest::{prelude::*, sample::select, test_runner::TestRunner};

fn signals(record: &Record, rendering: &Rendering) -> Signals {
    let span = Span {
        started: Timestamp::from_unix_nanos(1),
        ended: Timestamp::from_unix_nanos(2),
        outcome: &Outcome::Completed,
    };
    genspan::signals(record, &span, rendering)
}

/// Renders as values and as text, and holds one against the other.
fn same(record: &Record, rendering: &Rendering) -> Result<(), TestCaseError> {
    let mut expected = signals(record, rendering);
    for attribute in &mut expected.attributes {
        if matches!(attribute.value, Value::Array(_) | Value::Map(_)) {
            attribute.value = Value::String(attribute.value.to_json());
        }
    }
    let written = signals(record, &rendering.clone().with_content_as_json());
    prop_assert_eq!(written, expected);
    Ok(())
}

fn text() -> impl Strategy<Value = String> {
    let secret = format!("key sk-{} \"here\"", "a1B2c3D4e5F6g7H8i9J0k1L2");
    prop_oneof![
        4 => "[a-z ]{0,20}",
        2 => "(?s:.{0,20})",
        1 => "[\\x00-\\x7f]{0,40}",
        1 => "[x\\n\"]{100,700}",
        1 => select(vec![
            secret,
            "data:image/png;base64,aGVsbG8=".to_owned(),
            "password=hunter2-is-no-word".to_owned(),
            "[".to_owned(),
            "{".to_owned(),
            ":".to_owned(),
        ]),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let names = ["type", "data", "encoding", "password", "api_key", "a", "\""];
    prop_oneof![select(names.to_vec()).prop_map(str::to_owned), text()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Double),
        text().prop_map(Value::String),
        Just(Value::from("base64")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn call() -> impl Strategy<Value = Part> {
    let kinds = (0..4, maybe(), text(), text(), value());
    kinds.prop_map(|(which, id, name, kind, value)| match which {
        0 => Part::ToolCallRequest(ToolCallRequest {
            id,
            name,
            arguments: value,
        }),
        1 => Part::ToolCallResponse(ToolCallResponse {
            id,
            response: value,
        }),
        2 => Part::ServerToolCall(ServerToolCall {
            id,
            name,
            kind,
            call: value,
        }),
        _ => Part::ServerToolCallResponse(ServerToolCallResponse {
            id,
            kind,
            response: value,
        }),
    })
}

fn media() -> impl Strategy<Value = Part> {
    let kinds = (0..4, maybe(), text());
    kinds.prop_map(|(which, mime_type, content)| {
        let modality = Modality::Image;
        match which {
            0 => Part::Blob(Blob {
                modality,
                mime_type,
                content,
            }),
            1 => Part::File(FileReference {
                modality,
                mime_type,
                file_id: content,
            }),
            2 => Part::Uri(UriReference {
                modality,
                mime_type,
                uri: content,
            }),
            _ => Part::Compaction(Compaction {
                id: mime_type,
                content: Some(content),
            }),
        }
    })
}

fn part() -> impl Strategy<Value = Part> {
    let members = prop::collection::vec((name(), value()), 0..3);
    prop_oneof![
        4 => text().prop_map(Part::Text),
        1 => text().prop_map(Part::Reasoning),
        2 => call(),
        1 => media(),
        1 => (text(), members).prop_map(|(kind, members)| Part::Generic(Generic { kind, members })),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let parts = prop::collection::vec(part(), 0..4);
    (text(), parts, maybe(), maybe()).prop_map(|(role, parts, name, reason)| {
        let mut message = Message::new(Role::from(role.as_str()), parts);
        message.name = name;
        message.finish_reason = reason.map(FinishReason::Other);
        message
    })
}

fn tool() -> impl Strategy<Value = ToolDefinition> {
    (text(), text(), maybe(), prop::option::of(value())).prop_map(
        |(kind, name, description, parameters)| ToolDefinition {
            kind,
            name,
            description,
            parameters,
        },
    )
}

fn content() -> impl Strategy<Value = Content> {
    let messages = || prop::collection::vec(message(), 0..4);
    let parts = prop::collection::vec(part(), 0..3);
    let tools = prop::collection::vec(tool(), 0..3);
    (parts, messages(), messages(), tools).prop_map(
        |(system_instructions, input, output, tools)| Content {
            system_instructions,
            input,
            output,
            tools,
        },
    )
}

fn inference() -> impl Strategy<Value = Record> {
    content().prop_map(|content| {
        let mut call = Inference::chat(Provider::OPENAI, "m");
        call.content = content;
        call.into()
    })
}

fn other() -> impl Strategy<Value = Record> {
    let members = prop::collection::vec((name(), value()), 0..3);
    (0..4, value(), value(), maybe(), any::<f64>(), members).prop_map(
        |(which, one, two, text, score, members)| match which {
            0 => {
                let mut tool = ToolExecution::new("t");
                (tool.arguments, tool.result) = (one, two);
                Record::ToolExecution(Box::new(tool))
            }
            1 => {
                let mut search = Retrieval::new("s");
                search.query.clone_from(&text);
                search.documents = vec![RetrievedDocument {
                    id: text,
                    score: Some(score),
                    members,
                }];
                Record::Retrieval(Box::new(search))
            }
            which => {
                let mut memory = MemoryOperation::new(if which == 2 {
                    MemoryKind::Search
                } else {
                    MemoryKind::Update
                });
                memory.query.clone_from(&text);
                memory.records = vec![MemoryRecord {
                    content: one,
                    id: text,
                    score: Some(score),
                    metadata: two,
                }];
                Record::Memory(Box::new(memory))
            }
        },
    )
}

fn rendering() -> impl Strategy<Value = Rendering> {
    let base = Rendering::new(Conventions::Main).with_capture(Capture::at(Place::Both));
    let texts = select(vec![2, 40, 300, 256 * 1024]);
    let whole = prop_oneof![0_usize..1500, Just(2 * 1024 * 1024)];
    (texts, whole, any::<bool>(), any::<bool>()).prop_map(move |(text, whole, is_full, binary)| {
        let mut rendering = base.clone().with_limits(text, whole);
        if is_full {
            rendering = rendering.with_full_tool_definitions();
        }
        if binary {
            rendering = rendering.with_binary();
        }
        rendering
    })
}

#[test]
fn text_is_the_value_s_json() {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let records = prop_oneof![inference(), other()];
    runner
        .run(&(records, rendering()), |(record, rendering)| {
            same(&record, &rendering)
        })
        .unwrap();
}

/// The caps go by a bound on the text, and both forms have to meet it at the same byte.
#[test]
fn both_forms_are_cut_at_the_same_cap() {
    let json = r#"{"a":[1,-2.5,null,true,[],{}],"b":"é\n","c":{"d":false}}"#;
    let mut call = Inference::chat(Provider::OPENAI, "m");
    call.content.input = vec![Message::new(
        Role::Tool,
        vec![Part::ToolCallResponse(ToolCallResponse {
            id: None,
            response: Value::from_json(json).unwrap(),
        })],
    )];
    let record = call.into();
    let base = Rendering::default().with_capture(Capture::at(Place::Span));
    let mut cut = 0;
    for max_bytes in 0..400 {
        let rendering = base.clone().with_limits(300, max_bytes);
        same(&record, &rendering).unwrap();
        let written = signals(&record, &rendering.with_content_as_json());
        cut += usize::from(written.get("genspan.content.truncated").is_some());
    }
    assert!((150..350).contains(&cut), "{cut}");
}
