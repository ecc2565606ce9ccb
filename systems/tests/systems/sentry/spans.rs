//! Which spans there are, by name, operation and place.

use std::sync::{Arc, Mutex};

use genspan_chat::{Tools, chat_fn, function, stack};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use serde_json::json;
use tower_service::Service;

use super::{OPENAI, SENTRY, plan, told};
use crate::seen::{Model, Program, ask, question, run};

#[test]
fn each_operation_has_its_name_and_op() {
    let program = Program::new("sentry-ops", SENTRY);
    plan(&program);
    let telemetry = program.telemetry();
    telemetry
        .embeddings(OPENAI, "text-embedding-3-small")
        .finish();
    telemetry.invoke_workflow("pipeline").finish();
    telemetry.create_agent(OPENAI, "helper").finish();
    let seen = program.end();
    for (name, op) in [
        ("chat gpt-4o-mini", "gen_ai.chat"),
        ("execute_tool get_weather", "gen_ai.execute_tool"),
        ("invoke_agent planner", "gen_ai.invoke_agent"),
        ("embeddings text-embedding-3-small", "gen_ai.embeddings"),
        ("invoke_workflow pipeline", "gen_ai.invoke_workflow"),
        ("create_agent helper", "gen_ai.create_agent"),
    ] {
        let span = seen.span(name);
        assert_eq!(span.get("sentry.op"), op);
        assert_eq!(span.get("sentry.origin"), "auto.ai.genspan");
        assert_eq!(span.status, 0, "nobody sets Ok");
    }
}

#[test]
fn shapes() {
    let seen = told("shapes", SENTRY);
    insta::assert_snapshot!(seen.span("invoke_agent").shown(), @r#"
    gen_ai.agent.name = "planner"
    gen_ai.conversation.id = "c-17"
    gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"What shall I do in Lisbon?\"}]}]"
    gen_ai.operation.name = "invoke_agent"
    gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"The tool said: \\\"a concert\\\"\"}],\"finish_reason\":\"stop\"}]"
    gen_ai.provider.name = "openai"
    gen_ai.request.max_tokens = 64
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.temperature = 0.5
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"You plan days.\"}]"
    gen_ai.tool.definitions = "[{\"type\":\"function\",\"name\":\"get_weather\"},{\"type\":\"function\",\"name\":\"get_events\"}]"
    gen_ai.usage.cache_read.input_tokens = 38
    gen_ai.usage.input_tokens = 155
    gen_ai.usage.output_tokens = 23
    gen_ai.usage.total_tokens = 178
    sentry.op = "gen_ai.invoke_agent"
    sentry.origin = "auto.ai.genspan"
    "#);
    insta::assert_snapshot!(seen.all("chat")[0].shown().replace(call_id(&seen), "ID"), @r#"
    gen_ai.conversation.id = "c-17"
    gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"What shall I do in Lisbon?\"}]}]"
    gen_ai.operation.name = "chat"
    gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"ID\",\"name\":\"get_weather\",\"arguments\":{\"city\":\"Lisbon\"}},{\"type\":\"tool_call\",\"id\":\"call_ce8f480bd948caf5291e24be\",\"name\":\"get_events\",\"arguments\":{\"city\":\"Lisbon\"}}],\"finish_reason\":\"tool_call\"}]"
    gen_ai.provider.name = "openai"
    gen_ai.request.max_tokens = 64
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.temperature = 0.5
    gen_ai.response.finish_reasons = ["tool_calls"]
    gen_ai.response.id = "chatcmpl-8995e2701eef053c291e24be"
    gen_ai.response.model = "gpt-4o-mini"
    gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"You plan days.\"}]"
    gen_ai.tool.definitions = "[{\"type\":\"function\",\"name\":\"get_weather\"},{\"type\":\"function\",\"name\":\"get_events\"}]"
    gen_ai.usage.cache_read.input_tokens = 12
    gen_ai.usage.input_tokens = 50
    gen_ai.usage.output_tokens = 16
    gen_ai.usage.reasoning.output_tokens = 0
    gen_ai.usage.total_tokens = 66
    openai.api.type = "chat_completions"
    openai.response.service_tier = "default"
    openai.response.system_fingerprint = "fp_scripted"
    sentry.op = "gen_ai.chat"
    sentry.origin = "auto.ai.genspan"
    server.address = "127.0.0.1"
    server.port = …
    "#);
    insta::assert_snapshot!(seen.span("execute_tool").shown().replace(call_id(&seen), "ID"), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.call.arguments = "{\"city\":\"Lisbon\"}"
    gen_ai.tool.call.id = "ID"
    gen_ai.tool.call.result = "{\"result\":\"sunny\"}"
    gen_ai.tool.description = "Tells the weather."
    gen_ai.tool.name = "get_weather"
    gen_ai.tool.type = "function"
    sentry.op = "gen_ai.execute_tool"
    sentry.origin = "auto.ai.genspan"
    "#);
}

fn call_id(seen: &crate::seen::Seen) -> &str {
    let id = seen.span("execute_tool").get("gen_ai.tool.call.id");
    id.as_str().unwrap()
}

/// Sentry's SDK nests tools under the call, which is over by then; here they are its siblings, and linked to it.
#[test]
fn tools_stand_beside_the_call_that_asked_for_them() {
    let seen = told("siblings", SENTRY);
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool get_weather
      execute_tool get_events
      chat gpt-4o-mini
    "#);
    let call = seen.all("chat")[0];
    for tool in seen.all("execute_tool") {
        assert_eq!(tool.links, [call.id.as_str()]);
        assert!(
            call.ended <= tool.began && tool.began < tool.ended,
            "its own time"
        );
        assert_eq!(tool.get("gen_ai.tool.type"), "function");
        assert!(tool.get("gen_ai.tool.call.id").is_string());
        assert!(tool.get("gen_ai.tool.description").is_string());
    }
}

#[test]
fn an_agent_within_a_tool_is_its_child() {
    let program = Program::new("sentry-sub-agent", SENTRY);
    let telemetry = program.telemetry();
    let model = Model::new(&telemetry, "tools");
    let (inner_model, inner) = (model.clone().with_way("text"), telemetry.clone());
    let guide = Tools::new().with(
        function(
            "ask_guide",
            "Asks somebody who knows.",
            genspan::Value::Null,
        ),
        move |_| {
            let model = inner_model.clone();
            let client = chat_fn(move |request| ask(model.clone(), request));
            let mut guide = stack(client)
                .with_telemetry(&inner, OPENAI)
                .with_agent("guide")
                .build();
            async move {
                let run = guide.call(question()).await;
                run.map(|it| it.said()).map_err(std::io::Error::other)
            }
        },
    );
    let client = chat_fn(move |request| ask(model.clone(), request));
    let mut agent = stack(client)
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(guide)
        .with_agent("planner")
        .build();
    run(agent.call(question())).unwrap();
    drop(agent);
    let seen = program.end();
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool ask_guide
        invoke_agent guide
          chat gpt-4o-mini
      chat gpt-4o-mini
    "#);
    let outer = seen.span("invoke_agent planner");
    let own: u64 = seen
        .all("chat")
        .iter()
        .filter(|it| it.parent == outer.id)
        .map(|it| tokens(it))
        .sum();
    assert_eq!(tokens(outer), own, "the guide's tokens are the guide's");
}

fn tokens(span: &crate::seen::Span) -> u64 {
    span.get("gen_ai.usage.input_tokens").as_u64().unwrap()
}

/// Keeps what a sampler is shown.
#[derive(Clone, Debug, Default)]
struct Looker(Arc<Mutex<Vec<Looked>>>);

/// Is the name of a span and what was said of it at its start.
type Looked = (String, Vec<KeyValue>);

impl ShouldSample for Looker {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        self.0
            .lock()
            .unwrap()
            .push((name.to_owned(), attributes.to_vec()));
        SamplingResult {
            decision: SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

/// R9: samplers see of each span what it is.
#[test]
fn r9_each_span_has_its_operation_at_its_start() {
    let looker = Looker::default();
    let sees = looker.clone();
    let program = Program::with("sentry-r9", SENTRY, |builder| builder.with_sampler(sees));
    plan(&program);
    program.end();
    let looked = looker.0.lock().unwrap();
    assert_eq!(looked.len(), 5);
    for (name, attributes) in looked.iter() {
        let operation = attributes
            .iter()
            .find(|it| it.key.as_str() == "gen_ai.operation.name");
        let operation = operation.unwrap_or_else(|| panic!("{name} says not what it is"));
        assert!(name.starts_with(&*operation.value.as_str()), "{name}");
    }
    assert_eq!(json!(looked[0].0), "invoke_agent planner");
}
