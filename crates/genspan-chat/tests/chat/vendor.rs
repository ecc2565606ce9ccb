//! A vendor's attributes, beside and without the conventions'.

use genspan::{Provider, Telemetry};
use genspan_chat::{ChatLayer, ToolLayer, ToolLoop, VendorLayer};
use testkit::CapturedSpan;
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{OPENAI, Script, question, recorder, run, spans, tools, value};

const PARENT: &str = "braintrust.parent";

fn vendor(telemetry: &Telemetry) -> VendorLayer {
    VendorLayer::new(telemetry, [(PARENT, "project_name:travel")]).unwrap()
}

fn parents(spans: &[CapturedSpan]) -> Vec<(&str, String)> {
    spans
        .iter()
        .map(|span| (span.signals.name.as_str(), value(span, PARENT)))
        .collect()
}

#[test]
fn it_opens_nothing_of_its_own() {
    let (sink, telemetry) = recorder(false);
    run(vendor(&telemetry)
        .layer(Script::two_rounds().whole())
        .call(question()))
    .unwrap();
    assert_eq!(spans(&sink, &telemetry).len(), 0);
}

#[test]
fn calls_are_decorated_from_within_and_from_without() {
    let (sink, telemetry) = recorder(false);
    let chat = ChatLayer::new(&telemetry, OPENAI);
    let within = chat.layer(vendor(&telemetry).layer(Script::two_rounds().whole()));
    let without = vendor(&telemetry).layer(chat.layer(Script::two_rounds().whole()));
    let mut agents = telemetry.invoke_agent("a");
    agents.finish_reasons.clear();
    let scope = agents.scope();
    run(scope.within(async {
        let (mut within, mut without) = (within, without);
        within.call(question()).await.unwrap();
        without.call(question()).await.unwrap();
    }));
    agents.finish();
    let spans = spans(&sink, &telemetry);
    let set = "\"project_name:travel\"".to_owned();
    assert_eq!(
        parents(&spans),
        [
            ("chat gpt-4o-mini", set.clone()),
            ("chat gpt-4o-mini", set),
            ("invoke_agent a", "-".to_owned()),
        ],
        "and nothing else is"
    );
}

#[test]
fn so_are_tools_and_other_instrumentation() {
    let (sink, telemetry) = recorder(false);
    let own = telemetry.chat(Provider::OPENAI, "by-hand");
    let mut client = vendor(&telemetry).layer(Script::two_rounds().whole());
    run(own.scope().run(|| client.call(question()))).unwrap();
    own.finish();
    let tools = ToolLayer::new(&telemetry).layer(vendor(&telemetry).layer(tools()));
    run(ToolLoop::new(Script::two_rounds().whole(), tools).run(question())).unwrap();
    let set = || "\"project_name:travel\"".to_owned();
    assert_eq!(
        parents(&spans(&sink, &telemetry)),
        [
            ("chat by-hand", set()),
            ("execute_tool get_weather", set()),
            ("execute_tool get_events", set()),
        ]
    );
}

#[test]
fn the_operations_own_word_wins_and_a_layer_may_still_contribute() {
    let (sink, telemetry) = recorder(false);
    let mut own = telemetry.chat(Provider::OPENAI, "by-hand");
    own.common
        .attributes
        .push((PARENT.to_owned(), "own".into()));
    let chat = ChatLayer::new(&telemetry, OPENAI);
    let mut client = vendor(&telemetry).layer(chat.layer(Script::two_rounds().whole()));
    run(own.scope().run(|| client.call(question()))).unwrap();
    own.finish();
    assert_eq!(
        parents(&spans(&sink, &telemetry)),
        [("chat by-hand", "\"own\"".to_owned())]
    );
}

#[test]
fn the_conventions_keys_are_refused() {
    let telemetry = Telemetry::disabled();
    for key in [
        "gen_ai.request.model",
        "gen_ai.mine",
        "error.type",
        "server.port",
        "genspan.x",
    ] {
        let refused = VendorLayer::new(&telemetry, [(key, "x")]).unwrap_err();
        assert!(refused.to_string().starts_with(key), "{refused}");
    }
    for key in ["session.id", "generic.x", "langfuse.session.id"] {
        assert!(VendorLayer::new(&telemetry, [(key, "x")]).is_ok(), "{key}");
    }
    let refused = VendorLayer::new(&telemetry, [("error.type", "x")]).unwrap_err();
    insta::assert_snapshot!(refused, @"error.type is a key of the conventions', which the chat, tool and agent layers own; state the fact in the request or the layer, or take a key of the vendor's own");
}
