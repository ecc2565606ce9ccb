//! What each operation becomes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests"
)]

use std::{sync::Arc, time::Duration};

use genspan::{
    AgentCreation, AgentInvocation, AgentSite, ApiType, ByModality, Capture, Clock, Content,
    Conventions, Counts, Embeddings, FinishReason, Generic, Inference, MemoryKind, MemoryOperation,
    MemoryRecord, Message, Operation, OutputType, Part, Place, Plan, Provider, Rendering,
    ResponseFetch, ResponseStatus, Retrieval, RetrievedDocument, Role, Server, Telemetry,
    ToolCallRequest, ToolCallResponse, ToolDefinition, ToolExecution, ToolType, Usage, Value,
    WorkflowInvocation,
};
use testkit::{CaptureSink, ManualClock, tree};

fn rendered(version: Conventions, capture: Capture, operation: impl Operation) -> String {
    let sink = CaptureSink::new(Rendering::new(version).with_capture(capture));
    let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(250)));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(clock)
        .inline()
        .build();
    telemetry.start(operation).finish();
    let mut text = tree(&sink.spans());
    for event in sink.spans().iter().flat_map(|span| &span.signals.events) {
        text += &format!("event {}\n", event.name);
        for attribute in &event.attributes {
            text += &format!("  {} = {}\n", attribute.key, attribute.value.to_json());
        }
    }
    for point in sink.measurements() {
        let labels: Vec<String> = point
            .labels
            .iter()
            .map(|(key, label)| format!("{key}={label:?}"))
            .collect();
        text += &format!(
            "{} {} {{{}}}\n",
            point.metric.name(),
            point.amount.as_f64(),
            labels.join(", ")
        );
    }
    text
}

fn chat() -> Inference {
    let mut call = Inference::chat(Provider::OPENAI, "gpt-4o-mini");
    call.server = Some(Server::new("api.openai.com", Some(443)));
    call.request.stream = true;
    call.request.max_tokens = Some(100);
    call.request.temperature = Some(0.5);
    call.request.top_k = Some(40.0);
    call.request.seed = Some(7);
    call.request.choice_count = Some(1);
    call.request.output_type = Some(OutputType::Json);
    call.request.reasoning_level = Some("low".to_owned());
    call.request.stop_sequences = vec!["END".to_owned()];
    call.response.id = Some("chatcmpl-1".to_owned());
    call.response.model = Some("gpt-4o-mini-2024-07-18".to_owned());
    call.response.finish_reasons = vec!["tool_calls".to_owned()];
    call.response.api_type = Some(ApiType::ChatCompletions);
    call.response.service_tier = Some("default".to_owned());
    call.usage = Usage::inclusive(Counts {
        input: Some(100),
        output: Some(20),
        cache_read: Some(64),
        reasoning: Some(8),
        ..Counts::default()
    })
    .0;
    let start = ManualClock::default().now();
    for millis in [50, 80, 120] {
        call.timing.chunk(start.plus(Duration::from_millis(millis)));
    }
    call.content = conversation();
    call.common.conversation_id = Some("conv-1".to_owned());
    call.common.attributes = vec![("app.feature".to_owned(), Value::from("search"))];
    call
}

fn conversation() -> Content {
    let call = ToolCallRequest {
        id: Some("call_1".to_owned()),
        name: "weather".to_owned(),
        arguments: Value::from_json(r#"{"city":"Paris"}"#).unwrap(),
    };
    let mut answer = Message::new(
        Role::Assistant,
        vec![
            Part::Reasoning("hm".to_owned()),
            Part::ToolCallRequest(call),
        ],
    );
    answer.finish_reason = Some(FinishReason::ToolCall);
    Content {
        system_instructions: vec![Part::Text("Be brief.".to_owned())],
        input: vec![
            Message::text(Role::User, "Weather in Paris?"),
            Message::new(
                Role::Tool,
                vec![Part::ToolCallResponse(ToolCallResponse {
                    id: Some("call_0".to_owned()),
                    response: Value::from("rainy"),
                })],
            ),
            Message::new(
                Role::Other("developer".to_owned()),
                vec![Part::Generic(Generic {
                    kind: "refusal".to_owned(),
                    members: vec![("refusal".to_owned(), Value::from("no"))],
                })],
            ),
        ],
        output: vec![answer],
        tools: vec![ToolDefinition {
            kind: "function".to_owned(),
            name: "weather".to_owned(),
            description: Some("Tells the weather".to_owned()),
            parameters: Some(Value::from_json(r#"{"type":"object"}"#).unwrap()),
        }],
    }
}

#[test]
fn inference_without_content() {
    insta::assert_snapshot!(rendered(Conventions::V1_41, Capture::default(), chat()));
}

#[test]
fn inference_with_content_on_span() {
    insta::assert_snapshot!(rendered(
        Conventions::V1_41,
        Capture::at(Place::Span),
        chat()
    ));
}

#[test]
fn inference_with_content_on_event() {
    insta::assert_snapshot!(rendered(
        Conventions::V1_41,
        Capture::at(Place::Event),
        chat()
    ));
}

#[test]
fn inference_in_main() {
    insta::assert_snapshot!(rendered(Conventions::Main, Capture::default(), chat()));
}

#[test]
fn directions_are_captured_apart() {
    let inputs = rendered(
        Conventions::V1_41,
        Capture::at(Place::Both).without_outputs(),
        chat(),
    );
    assert!(inputs.contains("gen_ai.input.messages") && !inputs.contains("gen_ai.output.messages"));
    let outputs = rendered(
        Conventions::V1_41,
        Capture::at(Place::Both).without_inputs(),
        chat(),
    );
    assert!(
        !outputs.contains("gen_ai.input.messages") && outputs.contains("gen_ai.output.messages")
    );
    assert!(
        !outputs.contains("gen_ai.tool.definitions")
            && !outputs.contains("gen_ai.system_instructions")
    );
}

#[test]
fn the_oldest_version_knows_no_dimensions() {
    let mut embeddings = Embeddings::new(Provider::OPENAI, "m");
    embeddings.dimension_count = Some(1536);
    for (version, is_known) in [
        (Conventions::V1_36, false),
        (Conventions::V1_41, true),
        (Conventions::Main, true),
    ] {
        let text = rendered(version, Capture::default(), embeddings.clone());
        assert_eq!(text.contains("1536"), is_known, "{version}: {text}");
    }
}

#[test]
fn other_operations() {
    let on = Capture::at(Place::Span);
    let mut embeddings = Embeddings::new(Provider::OPENAI, "text-embedding-3-small");
    embeddings.dimension_count = Some(1536);
    embeddings.usage = Usage::inclusive(Counts {
        input: Some(12),
        ..Counts::default()
    })
    .0;
    let mut retrieval = Retrieval::new("docs");
    retrieval.query = Some("capital of France".to_owned());
    retrieval.top_k = Some(3);
    retrieval.documents = vec![RetrievedDocument {
        id: Some("d1".to_owned()),
        score: Some(0.9),
        members: Vec::new(),
    }];
    let mut tool = ToolExecution::new("weather");
    tool.tool_type = Some(ToolType::Function);
    tool.call_id = Some("call_1".to_owned());
    tool.arguments = Value::from_json(r#"{"city":"Paris"}"#).unwrap();
    tool.result = Value::from("rainy");
    let mut creation = AgentCreation::new(Provider::OPENAI, "tutor");
    creation.id = Some("asst_1".to_owned());
    creation.system_instructions = vec![Part::Text("Teach.".to_owned())];
    let mut agent = AgentInvocation::new("tutor");
    agent.site = AgentSite::InProcess {
        provider: Some(Provider::OPENAI),
    };
    agent.inference_calls = Some(2);
    agent.content.input = vec![Message::text(Role::User, "hello")];
    let mut remote = AgentInvocation::at(AgentSite::Remote {
        provider: Provider::OPENAI,
        server: None,
    });
    remote.id = Some("asst_1".to_owned());
    let mut memory = MemoryOperation::new(MemoryKind::Search);
    memory.query = Some("diet".to_owned());
    memory.records = vec![MemoryRecord {
        content: Value::from("vegetarian"),
        ..MemoryRecord::default()
    }];
    let mut fetch = ResponseFetch::new(Provider::OPENAI, "resp_1");
    fetch.status = Some(ResponseStatus::Completed);
    fetch.service_tier = Some("default".to_owned());
    let plan = Plan {
        agent_name: Some("tutor".to_owned()),
        ..Plan::default()
    };
    let all = [
        rendered(Conventions::V1_41, on, embeddings),
        rendered(Conventions::V1_41, on, retrieval),
        rendered(Conventions::V1_41, on, tool),
        rendered(Conventions::V1_41, on, creation),
        rendered(Conventions::V1_41, on, agent.clone()),
        rendered(Conventions::Main, on, agent),
        rendered(Conventions::V1_41, on, remote),
        rendered(Conventions::V1_41, on, WorkflowInvocation::new("support")),
        rendered(Conventions::V1_41, on, plan),
        rendered(Conventions::V1_41, on, memory),
        rendered(Conventions::V1_41, on, fetch),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_sampler_sees_what_it_should_and_no_key_comes_twice() {
    let sink = CaptureSink::with_renderings(vec![
        Rendering::default(),
        Rendering::new(Conventions::Main),
    ]);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let mut call = chat();
    call.common
        .attributes
        .push(("gen_ai.request.model".to_owned(), Value::from("another")));
    telemetry.start(call).finish();
    let start = &sink.starts()[0];
    assert_eq!(start.name, "chat gpt-4o-mini");
    let keys: Vec<_> = start
        .attributes
        .iter()
        .map(|attribute| attribute.key)
        .collect();
    let expected = [
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "server.address",
        "server.port",
    ];
    assert_eq!(keys, expected);
    let span = &sink.spans()[0];
    assert_eq!(span.others[0].conventions, Conventions::Main);
    for signals in [&span.signals, &span.others[0]] {
        let mut keys: Vec<_> = signals
            .sampled
            .iter()
            .chain(&signals.attributes)
            .map(|attribute| attribute.key.clone())
            .collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}

/// A call whose answer says what its tokens are, and which were kept in a cache for longer.
fn many_kinds() -> Inference {
    let by = |text, audio, video| ByModality {
        text: Some(text),
        audio: Some(audio),
        image: None,
        video: Some(video),
    };
    let mut call = Inference::chat(Provider::new("gcp.gemini"), "gemini-2.5-flash");
    call.usage = Usage::inclusive(Counts {
        input: Some(100),
        output: Some(20),
        cache_read: Some(40),
        cache_write: Some(8),
        cache_write_long: Some(3),
        reasoning: Some(5),
        input_by: by(60, 30, 10),
        cache_read_by: by(40, 0, 0),
        output_by: ByModality {
            text: Some(15),
            ..ByModality::default()
        },
    })
    .0;
    call
}

/// Keeps what a rendering says of tokens.
fn of_tokens(rendered: &str) -> String {
    let lines = rendered.lines().map(str::trim);
    let told: Vec<_> = lines
        .filter(|line| line.contains("usage") || line.contains("_tokens"))
        .map(|line| line.replace("gen_ai.operation.name=Text(\"chat\"), ", ""))
        .collect();
    told.join("\n")
}

#[test]
fn tokens_by_what_they_are_in_main() {
    let rendered = rendered(Conventions::Main, Capture::default(), many_kinds());
    insta::assert_snapshot!(of_tokens(&rendered));
}

#[test]
fn tokens_by_what_they_are_before() {
    let rendered = rendered(Conventions::V1_41, Capture::default(), many_kinds());
    insta::assert_snapshot!(of_tokens(&rendered));
}

#[test]
fn an_estimate_is_flagged_and_not_measured() {
    for version in [Conventions::V1_36, Conventions::V1_41, Conventions::Main] {
        let mut call = many_kinds();
        call.usage = call.usage.into_estimated();
        let mut embeddings = Embeddings::new(Provider::OPENAI, "m");
        embeddings.usage = call.usage;
        let rendered = [
            rendered(version, Capture::default(), call),
            rendered(version, Capture::default(), embeddings),
        ]
        .concat();
        assert_eq!(rendered.matches("genspan.usage.estimated").count(), 2);
        assert!(!rendered.contains("token.usage"), "{rendered}");
        assert!(
            !rendered.contains("gen_ai.client.inference.usage"),
            "{rendered}"
        );
        assert!(
            !rendered.contains("gen_ai.client.inference.operation"),
            "{rendered}"
        );
    }
}

/// Gives what spans say of a stream whose chunks let wait for them so many milliseconds each.
fn of_chunks(waits: &[u64], rendering: Rendering) -> Vec<String> {
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let mut call = Inference::chat(Provider::OPENAI, "gpt-4o-mini");
    let mut at = ManualClock::default().now();
    for wait in waits {
        at = at.plus(Duration::from_millis(*wait));
        call.timing.chunk(at);
    }
    telemetry.start(call).finish();
    let spans = sink.spans();
    let attributes = spans[0].signals.attributes.iter();
    let of_stream = attributes.filter(|attribute| attribute.key.starts_with("genspan.stream"));
    of_stream
        .map(|attribute| format!("{} = {}", attribute.key, attribute.value.to_json()))
        .collect()
}

#[test]
fn times_between_chunks_are_told_where_they_are_wanted_and_bounded() {
    let rendering = Rendering::new(Conventions::V1_41);
    let waits = [50, 30, 40, 7];
    assert_eq!(of_chunks(&waits, rendering.clone()), Vec::<String>::new());
    let rendering = rendering.with_chunk_gaps();
    assert_eq!(
        of_chunks(&waits, rendering.clone()),
        [
            "genspan.stream.chunks = 4",
            "genspan.stream.chunk_gaps = [30000,40000,7000]"
        ]
    );
    assert_eq!(
        of_chunks(&waits[..1], rendering.clone()),
        ["genspan.stream.chunks = 1"]
    );
    assert_eq!(of_chunks(&[], rendering.clone()), Vec::<String>::new());
    // Of three neighbours the longest wait is told, so that a stream that stood still shows it.
    let many: Vec<u64> = (0..301).map(|at| if at == 150 { 900 } else { 2 }).collect();
    let told = of_chunks(&many, rendering);
    let gaps = Value::from_json(told[1].split_once(" = ").unwrap().1).unwrap();
    let Value::Array(gaps) = gaps else {
        panic!("{told:?}")
    };
    assert_eq!(gaps.len(), 100);
    assert_eq!(gaps[49], Value::Int(900_000));
    assert_eq!(
        gaps.iter().filter(|gap| **gap == Value::Int(2_000)).count(),
        99
    );
}
