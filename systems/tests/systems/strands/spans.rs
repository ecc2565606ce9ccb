//! Which spans there are, and what they carry.

use genspan::{Carrier, SpanId};
use genspan_chat::{ChatLayer, ChatResponse, chat_fn};
use serde_json::json;
use tower_layer::Layer;
use tower_service::Service;

use super::{OPENAI, V1_41, planned, told};
use crate::seen::{Program, question, run};

#[test]
fn model_calls() {
    let seen = told("strands-model-calls", V1_41);
    let calls = seen.all("chat");
    assert_eq!(calls.len(), 2, "one for each call to the model");
    for call in calls {
        assert_eq!(
            (call.name.as_str(), call.kind),
            ("chat gpt-4o-mini", "client")
        );
        assert_eq!(call.parent, seen.span("invoke_agent").id);
        assert_eq!(call.status, 0, "nobody sets Ok");
    }
    insta::assert_snapshot!(without_content(&seen.span("chat").shown()), @r#"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.max_tokens = 64
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.temperature = 0.5
    gen_ai.response.finish_reasons = ["tool_calls"]
    gen_ai.response.id = "chatcmpl-8995e2701eef053c291e24be"
    gen_ai.response.model = "gpt-4o-mini"
    gen_ai.usage.cache_read.input_tokens = 12
    gen_ai.usage.input_tokens = 50
    gen_ai.usage.output_tokens = 16
    gen_ai.usage.reasoning.output_tokens = 0
    openai.api.type = "chat_completions"
    openai.response.service_tier = "default"
    openai.response.system_fingerprint = "fp_scripted"
    server.address = "127.0.0.1"
    server.port = …
    "#);
}

#[test]
fn tools() {
    let seen = told("strands-tools", V1_41);
    let tools = seen.all("execute_tool");
    let names: Vec<_> = tools.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names,
        ["execute_tool get_weather", "execute_tool get_events"]
    );
    let (first, second) = (seen.all("chat")[0], seen.all("chat")[1]);
    for tool in tools {
        assert_eq!((tool.kind, tool.status), ("internal", 0));
        assert_eq!(tool.parent, seen.span("invoke_agent").id);
        assert_eq!(
            tool.links,
            [first.id.as_str()],
            "the call that asked for it"
        );
        assert!(first.ended <= tool.began && tool.began < tool.ended);
        assert!(tool.ended <= second.began);
        let asked = first.json("gen_ai.output.messages");
        let asked = asked[0]["parts"].as_array().unwrap();
        let id = tool.get("gen_ai.tool.call.id");
        assert!(
            asked.iter().any(|part| part["id"] == *id),
            "{id} in {asked:?}"
        );
    }
    let mut weather = seen.span("execute_tool get_weather").clone();
    weather.attributes.remove("gen_ai.tool.call.id");
    insta::assert_snapshot!(weather.shown(), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.call.arguments = "{\"city\":\"Lisbon\"}"
    gen_ai.tool.call.result = "{\"result\":\"sunny\"}"
    gen_ai.tool.description = "Tells the weather."
    gen_ai.tool.name = "get_weather"
    gen_ai.tool.type = "function"
    "#);
}

#[test]
fn agent() {
    let seen = told("strands-agent", V1_41);
    let agent = seen.span("invoke_agent");
    assert_eq!(
        (agent.name.as_str(), agent.kind),
        ("invoke_agent planner", "internal")
    );
    assert_eq!((agent.parent.as_str(), agent.status), ("", 0));
    insta::assert_snapshot!(agent.shown(), @r#"
    gen_ai.agent.name = "planner"
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
    "#);
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool get_weather
      execute_tool get_events
      chat gpt-4o-mini
    "#);
}

#[test]
fn turns_where_they_are_asked_for() {
    let program = Program::new("strands-turns", V1_41);
    planned(&program, "You plan days.", true);
    let seen = program.end();
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_agent planner
      turn
        chat gpt-4o-mini
        execute_tool get_weather
        execute_tool get_events
      turn
        chat gpt-4o-mini
    "#);
    let turns = seen.all("turn");
    let numbers: Vec<_> = turns
        .iter()
        .map(|it| it.get("genspan.turn.number"))
        .collect();
    assert_eq!(numbers, [&json!(1), &json!(2)]);
    for turn in turns {
        assert!(
            turn.attributes.len() == 1 && turn.kind == "internal",
            "{turn:?}"
        );
        let within = seen.spans.iter().filter(|it| it.parent == turn.id);
        for inner in within {
            assert!(
                turn.began <= inner.began && inner.ended <= turn.ended,
                "it is live"
            );
        }
    }
    // What the agent says of itself is the same with turns and without.
    let plain = told("strands-without-turns", V1_41);
    let (with, without) = (seen.span("invoke_agent"), plain.span("invoke_agent"));
    assert_eq!(with.attributes, without.attributes);
}

#[test]
fn a_turn_fails_and_is_cancelled_with_what_runs_in_it() {
    let program = Program::new("strands-turn-fails", "");
    let telemetry = program.telemetry();
    let failing = chat_fn(|_| async { Err::<ChatResponse, _>(std::io::Error::other("no")) });
    let agent = genspan_chat::stack(failing).with_telemetry(&telemetry, OPENAI);
    run(agent.with_agent("a").with_turns().build().call(question())).unwrap_err();
    let hanging = chat_fn(|_| std::future::pending::<Result<ChatResponse, std::io::Error>>());
    let agent = genspan_chat::stack(hanging).with_telemetry(&telemetry, OPENAI);
    let mut agent = agent.with_agent("b").with_turns().build();
    run(async {
        let mut running = Box::pin(agent.call(question()));
        assert!(futures_util::poll!(running.as_mut()).is_pending());
    });
    drop(agent);
    let seen = program.end();
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_agent a ✗
      turn ✗
        chat gpt-4o-mini ✗
    invoke_agent b ✗
      turn ✗
        chat gpt-4o-mini ✗
    "#);
    let kinds: Vec<_> = seen
        .all("turn")
        .iter()
        .map(|it| it.get("error.type").clone())
        .collect();
    assert_eq!(kinds, [json!("io::Error"), json!("cancelled")]);
}

#[test]
fn swarms_are_workflows() {
    let program = Program::new("strands-swarm", ";content=span");
    let telemetry = program.telemetry();
    let swarm = telemetry.invoke_workflow("research");
    swarm.scope().run(|| {
        for name in ["reader", "writer"] {
            let agent = telemetry.invoke_agent(name);
            agent.scope().run(|| telemetry.chat(OPENAI, "m").finish());
            agent.finish();
        }
    });
    swarm.finish();
    let seen = program.end();
    insta::assert_snapshot!(seen.tree(), @r#"
    invoke_workflow research
      invoke_agent reader
        chat m
      invoke_agent writer
        chat m
    "#);
    let swarm = seen.span("invoke_workflow");
    assert_eq!(swarm.kind, "internal");
    assert_eq!(swarm.get("gen_ai.workflow.name"), "research");
    assert_eq!(swarm.get("gen_ai.operation.name"), "invoke_workflow");
}

#[test]
fn an_invocation_has_its_own_tokens() {
    let program = Program::new("strands-twice", "");
    planned(&program, "", false);
    planned(&program, "", false);
    let seen = program.end();
    let agents = seen.all("invoke_agent");
    assert_eq!(agents.len(), 2);
    for agent in agents {
        for key in ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"] {
            let own = seen
                .all("chat")
                .into_iter()
                .filter(|it| it.parent == agent.id);
            let sum: i64 = own.map(|it| it.get(key).as_i64().unwrap()).sum();
            assert_eq!(agent.get(key).as_i64(), Some(sum), "{key}");
        }
    }
}

#[test]
fn a_request_to_another_process_carries_where_it_comes_from() {
    let program = Program::new("strands-mcp", "");
    let telemetry = program.telemetry();
    let tool = telemetry.execute_tool("search");
    let carrier = Carrier::of(tool.context());
    // What an MCP request has among its parameters.
    let meta = json!({"_meta": {"traceparent": carrier.traceparent}});
    tool.finish();
    let there = Carrier {
        traceparent: meta["_meta"]["traceparent"].as_str().unwrap().to_owned(),
        ..Carrier::default()
    };
    let caller = there.context().unwrap();
    assert_ne!(caller.span_id, SpanId::default());
    telemetry
        .scope_under(caller)
        .run(|| telemetry.chat(OPENAI, "m").finish());
    let seen = program.end();
    insta::assert_snapshot!(seen.tree(), @r#"
    execute_tool search
      chat m
    "#);
    assert_eq!(seen.span("chat").trace, seen.span("execute_tool").trace);
}

/// A layer round a client in an agent of one's own gives the same span as the stack.
#[test]
fn a_loop_of_ones_own_has_them_too() {
    let program = Program::new("strands-own-loop", "");
    let telemetry = program.telemetry();
    let agent = telemetry.invoke_agent("own");
    let client = chat_fn(|_| async { Ok::<_, std::io::Error>(ChatResponse::text("Hi")) });
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    let scope = agent.scope();
    run(scope.within(async { client.call(question()).await })).unwrap();
    agent.finish();
    insta::assert_snapshot!(program.end().tree(), @r#"
    invoke_agent own
      chat gpt-4o-mini
    "#);
}

/// Leaves content out, which other tests look at.
fn without_content(shown: &str) -> String {
    let is_content = |line: &&str| {
        line.contains("messages = ")
            || line.contains("instructions = ")
            || line.contains("definitions = ")
    };
    let lines = shown.lines().filter(|line| !is_content(line));
    lines.map(|line| format!("{line}\n")).collect()
}
