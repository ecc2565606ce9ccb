//! Tools and agents, and the order of layers round them.

use std::{io, time::Duration};

use genspan::{AgentInvocation, Provider, Value};
use genspan_chat::{
    AgentLayer, ChatLayer, ChatRequest, ToolLayer, ToolLoop, Tools, VendorLayer, chat_fn, function,
    stack,
};
use opentelemetry_proto::tonic::trace::v1::{span::SpanKind, status::StatusCode};
use serde_json::json;
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{Rig, Shown, tools, two_rounds};

async fn run(rig: &Rig) {
    let mut agent = AgentInvocation::new("adviser");
    agent.id = Some("agent-7".to_owned());
    let client = chat_fn(|asked: ChatRequest| two_rounds(&asked));
    let mut agent = stack(client)
        .with_telemetry(&rig.telemetry, Provider::OPENAI)
        .with_tools(tools())
        .with_agent_of(agent)
        .with_instructions("Be brief.")
        .build();
    let request = ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?");
    assert_eq!(agent.call(request).await.unwrap().said(), "Take a coat.");
}

fn named<'a>(spans: &'a [Shown], name: &str) -> &'a Shown {
    let mut found = spans.iter().filter(|span| span.name == name);
    found
        .next()
        .unwrap_or_else(|| panic!("{name} in {spans:#?}"))
}

#[tokio::test]
async fn tool_span_shows_arguments_and_result_and_covers_the_run() {
    let rig = Rig::with_content();
    run(&rig).await;
    let spans = rig.shown();
    let tool = named(&spans, "execute_tool get_weather");
    assert_eq!(
        (tool.kind, tool.status),
        (SpanKind::Internal, StatusCode::Unset)
    );
    for (key, value) in [
        ("gen_ai.operation.name", "execute_tool"),
        ("gen_ai.tool.name", "get_weather"),
        ("gen_ai.tool.call.id", "call_1"),
        ("gen_ai.tool.type", "function"),
        ("gen_ai.tool.description", "Tells the weather."),
    ] {
        assert_eq!(tool.get(key), value, "{key}");
    }
    assert_eq!(
        tool.json("braintrust.span_attributes"),
        json!({"type": "tool"})
    );
    assert_eq!(
        tool.json("braintrust.input_json"),
        json!({"city": "Lisbon"})
    );
    assert_eq!(
        tool.json("braintrust.output_json"),
        json!({"result": "rain"})
    );
    let took = tool
        .get("braintrust.metrics.duration")
        .parse::<f64>()
        .unwrap();
    assert!(took > 0.0);
    assert_eq!(Duration::from_secs_f64(took), tool.took);
}

#[tokio::test]
async fn agent_span_carries_name_and_id_and_no_tokens() {
    let rig = Rig::with_content();
    run(&rig).await;
    let spans = rig.shown();
    let agent = named(&spans, "invoke_agent adviser");
    assert_eq!(agent.kind, SpanKind::Internal);
    assert_eq!(agent.get("gen_ai.agent.name"), "adviser");
    assert_eq!(agent.get("gen_ai.agent.id"), "agent-7");
    assert_eq!(
        agent.json("braintrust.span_attributes"),
        json!({"type": "task"})
    );
    let tokens = agent.keys().find(|key| key.contains("tokens"));
    assert_eq!(tokens, None, "they would be summed twice");
    let input = agent.json("braintrust.input_json");
    assert_eq!(input[0], json!({"role": "system", "content": "Be brief."}));
}

#[tokio::test]
async fn layers_give_each_call_its_span_and_tools_as_siblings_whatever_goes_round_them() {
    let rig = Rig::without_content();
    let vendor = VendorLayer::new(&rig.telemetry, [("braintrust.parent", "experiment_id:e-1")]);
    let vendor = vendor.unwrap();
    let chat = ChatLayer::new(&rig.telemetry, Provider::OPENAI);
    let tool = ToolLayer::new(&rig.telemetry);
    let client = chat_fn(|asked: ChatRequest| two_rounds(&asked));
    // Twice, and with the vendor's layer on either side.
    let client = vendor.layer(chat.layer(chat.layer(vendor.layer(client))));
    let tools = vendor.layer(tool.layer(tool.layer(tools())));
    let mut agent = AgentLayer::new(&rig.telemetry, "adviser").layer(ToolLoop::new(client, tools));
    let request = ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?");
    agent.call(request).await.unwrap();
    let spans = rig.shown();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "invoke_agent adviser",
            "chat gpt-4o-mini",
            "execute_tool get_weather",
            "chat gpt-4o-mini"
        ]
    );
    let (agent, rest) = spans.split_first().unwrap();
    assert_eq!(agent.get("braintrust.parent"), "project_name:travel");
    for span in rest {
        assert_eq!(span.parent, agent.id, "{}", span.name);
        assert_eq!(span.get("braintrust.parent"), "experiment_id:e-1");
    }
    let sum: u64 = spans
        .iter()
        .filter_map(|span| span.get("braintrust.metrics.tokens").parse::<u64>().ok())
        .sum();
    assert_eq!(sum, 39, "each token once");
}

#[tokio::test]
async fn a_tool_that_fails_is_an_error_with_its_class() {
    let rig = Rig::with_content();
    let failing = Tools::new().with(
        function("get_weather", "Tells the weather.", Value::Null),
        |_| async { Err::<&str, _>(io::Error::other("no such city")) },
    );
    let client = chat_fn(|asked: ChatRequest| two_rounds(&asked));
    let mut agent = stack(client)
        .with_telemetry(&rig.telemetry, Provider::OPENAI)
        .with_tools(failing)
        .build();
    let request = ChatRequest::new("gpt-4o-mini").with_user("What shall I wear?");
    agent.call(request).await.unwrap();
    let spans = rig.shown();
    let tool = named(&spans, "execute_tool get_weather");
    assert_eq!(tool.status, StatusCode::Error);
    assert_ne!(tool.get("error.type"), "-");
    assert_eq!(tool.get("braintrust.output_json"), "-", "it has no result");
}

/// B12: `function_call` and `agent` are no words of Braintrust's own list.
#[tokio::test]
async fn b12_types_are_of_the_vendors_list() {
    const LISTED: [&str; 9] = [
        "llm",
        "score",
        "function",
        "eval",
        "task",
        "tool",
        "automation",
        "facet",
        "preprocessor",
    ];
    let rig = Rig::without_content();
    run(&rig).await;
    rig.telemetry.plan("adviser").finish();
    rig.telemetry.invoke_workflow("day").finish();
    rig.telemetry.embeddings(Provider::OPENAI, "m").finish();
    rig.telemetry.retrieval("index").finish();
    let spans = rig.shown();
    assert_eq!(spans.len(), 8);
    for span in &spans {
        let typed = span.json("braintrust.span_attributes");
        let word = typed["type"].as_str().unwrap();
        assert!(LISTED.contains(&word), "{}: {word}", span.name);
    }
}
