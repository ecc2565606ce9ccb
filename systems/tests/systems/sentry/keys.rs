//! Which facts are told, under which keys.

use genspan_dialects::sentry::{Origin, WORDS};
use genspan_otel::DialectSettings;
use serde_json::json;

use super::{OPENAI, SENTRY, plan, told};
use crate::seen::{Model, Program, Seen, run};

#[test]
fn each_of_the_eighteen_facts_is_told() {
    let seen = told("eighteen", SENTRY);
    assert_eq!(WORDS.len(), 18);
    for (word, key) in WORDS {
        let is_told = seen.spans.iter().any(|span| span.has(key));
        assert!(is_told, "{word} is told as {key}, and is not there");
    }
    let total = |span: &crate::seen::Span| {
        let count = |key: &str| span.get(&format!("gen_ai.usage.{key}_tokens")).as_u64();
        assert_eq!(
            count("total"),
            Some(count("input").unwrap() + count("output").unwrap())
        );
    };
    total(seen.span("chat"));
    total(seen.span("invoke_agent"));
}

#[test]
fn an_origin_is_of_its_characters() {
    let origin: Origin = "auto.ai.my_agent".parse().unwrap();
    let settings = DialectSettings {
        sentry_origin: origin,
        ..DialectSettings::default()
    };
    let program = Program::with("sentry-origin", SENTRY, |it| {
        it.with_dialect_settings(settings)
    });
    plan(&program);
    let seen = program.end();
    assert!(
        seen.spans
            .iter()
            .all(|it| it.get("sentry.origin") == "auto.ai.my_agent")
    );
    for bad in ["auto.ai.claude-code", "", "auto ai", "auto.ai.ü"] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
}

#[test]
fn types_of_tools_by_a_table_that_the_application_overrides() {
    let settings = DialectSettings {
        tool_types: [
            ("Bash".to_owned(), "extension".to_owned()),
            ("search".to_owned(), "datastore".to_owned()),
        ]
        .into(),
        ..DialectSettings::default()
    };
    let program = Program::with("sentry-tool-types", SENTRY, |it| {
        it.with_dialect_settings(settings)
    });
    let table = [
        ("WebSearch", "extension"),
        ("WebFetch", "extension"),
        ("ListMcpResources", "extension"),
        ("ReadMcpResource", "extension"),
        ("mcp__github__search_code", "extension"),
        ("web_search", "extension"),
        ("web_fetch", "extension"),
        ("code_execution", "extension"),
        ("advisor", "extension"),
        ("file_search", "datastore"),
        ("BashOutput", "function"),
        ("KillShell", "function"),
        ("KillBash", "function"),
        ("Read", "function"),
        ("Write", "function"),
        ("Edit", "function"),
        ("Glob", "function"),
        ("Grep", "function"),
        ("Task", "function"),
        ("ExitPlanMode", "function"),
        ("EnterPlanMode", "function"),
        ("TodoWrite", "function"),
        ("NotebookEdit", "function"),
        ("SlashCommand", "function"),
        ("AskUserQuestion", "function"),
        ("Skill", "function"),
        ("nobody knows it", "function"),
        ("Bash", "extension"),
        ("search", "datastore"),
    ];
    for (name, _) in table {
        program.telemetry().execute_tool(name).finish();
    }
    let seen = program.end();
    for (name, kind) in table {
        let span = seen.span(&format!("execute_tool {name}"));
        assert_eq!(span.get("gen_ai.tool.type"), kind, "{name}");
    }
}

/// Asks once, by a body of one's own.
fn asked(name: &str, way: &'static str, path: &str, body: &serde_json::Value) -> Seen {
    let program = Program::new(&format!("sentry-{name}"), SENTRY);
    let model = Model::new(&program.telemetry(), way);
    run(async { model.post(path, body).await.unwrap().bytes().await.unwrap() });
    program.end()
}

#[test]
fn facts_of_a_call() {
    let body = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 64, "temperature": 0.5, "top_p": 0.9, "top_k": 40,
        "stop_sequences": ["END"], "system": "Be brief.",
        "messages": [{"role": "user", "content": "How far is the Moon? Think about it, and be exact."}]
    });
    let seen = asked("facts", "reasoning", "/v1/messages", &body);
    insta::assert_snapshot!(seen.span("chat").shown(), @r#"
    gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"How far is the Moon? Think about it, and be exact.\"}]}]"
    gen_ai.operation.name = "chat"
    gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"reasoning\",\"content\":\"The user wants an answer. The question is easy, so I repeat it.\"},{\"type\":\"text\",\"content\":\"You said: How far is the Moon? Think about it, and be exact.\"}],\"finish_reason\":\"stop\"}]"
    gen_ai.provider.name = "anthropic"
    gen_ai.request.max_tokens = 64
    gen_ai.request.model = "claude-sonnet-4-5"
    gen_ai.request.stop_sequences = ["END"]
    gen_ai.request.temperature = 0.5
    gen_ai.request.top_k = 40.0
    gen_ai.request.top_p = 0.9
    gen_ai.response.finish_reasons = ["end_turn"]
    gen_ai.response.id = "msg_b2870004f7e0296ffd70d318"
    gen_ai.response.model = "claude-sonnet-4-5"
    gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"Be brief.\"}]"
    gen_ai.usage.cache_creation.input_tokens = 3
    gen_ai.usage.cache_read.input_tokens = 6
    gen_ai.usage.input_tokens = 24
    gen_ai.usage.output_tokens = 32
    gen_ai.usage.reasoning.output_tokens = 16
    gen_ai.usage.total_tokens = 56
    sentry.op = "gen_ai.chat"
    sentry.origin = "auto.ai.genspan"
    server.address = "127.0.0.1"
    server.port = …
    "#);
    let call = seen.span("chat");
    let count = |key: &str| {
        call.get(&format!("gen_ai.usage.{key}"))
            .as_u64()
            .unwrap_or(0)
    };
    let cached = count("cache_read.input_tokens") + count("cache_creation.input_tokens");
    assert!(
        cached > 0 && count("input_tokens") > cached,
        "cached tokens are part of the input"
    );
    let mapped = call.json("gen_ai.output.messages")[0]["finish_reason"].clone();
    assert_eq!(
        (&mapped, call.get("gen_ai.response.finish_reasons")),
        (&json!("stop"), &json!(["end_turn"]))
    );
    let body = json!({
        "model": "gpt-4o", "frequency_penalty": 0.1, "presence_penalty": 0.2, "seed": 7,
        "messages": [{"role": "user", "content": "How far is the Moon?"}]
    });
    let seen = asked("facts-openai", "reasoning", "/v1/chat/completions", &body);
    let call = seen.span("chat");
    for (key, value) in [
        ("frequency_penalty", json!(0.1)),
        ("presence_penalty", json!(0.2)),
        ("seed", json!(7)),
    ] {
        assert_eq!(*call.get(&format!("gen_ai.request.{key}")), value);
    }
    assert!(call.get("gen_ai.usage.reasoning.output_tokens").as_u64() > Some(0));
}

/// Sentry's SDK repeats the agent's name on its calls and tools; the conventions have it on the agent, and a scope adds it.
#[test]
fn an_agents_name_on_all_that_it_does_where_that_is_wanted() {
    let program = Program::new("sentry-agent-name", SENTRY);
    let scope = program
        .telemetry()
        .scope()
        .with_attribute("gen_ai.agent.name", "planner");
    scope.run(|| plan(&program));
    let seen = program.end();
    assert_eq!(seen.spans.len(), 5);
    assert!(
        seen.spans
            .iter()
            .all(|span| span.get("gen_ai.agent.name") == "planner")
    );
}

#[test]
fn conversations() {
    let seen = told("conversation", SENTRY);
    for name in ["invoke_agent", "chat"] {
        let span = seen.span(name);
        assert_eq!(span.get("gen_ai.conversation.id"), "c-17");
        assert_ne!(span.get("gen_ai.response.id"), "c-17");
    }
    // What a scope says holds for all that runs in it.
    let program = Program::new("sentry-conversation-scope", SENTRY);
    let telemetry = program.telemetry();
    let scope = telemetry.scope().with_conversation_id("c-18");
    scope.run(|| telemetry.chat(OPENAI, "m").finish());
    assert_eq!(
        program.end().span("chat").get("gen_ai.conversation.id"),
        "c-18"
    );
}
