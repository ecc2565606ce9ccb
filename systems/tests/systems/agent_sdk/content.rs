//! What is said, and who decides whether it leaves the process.

use std::sync::Arc;

use genspan::{
    Capture, Content, ContentHook, Conventions, Message, Modality, Part, Place, Rendering, Role,
    UriReference,
};
use genspan_otel::instrument::{
    ChatResponse, ToolSpanOutcome, finish_chat_span_success, finish_tool_span,
};

use super::rig::{MODEL, PROVIDER, Rig, answer, chat, text, tool};

const CANARY: &str = "canary-7d1";

fn said(text: &str) -> Content {
    let message = |role, text: &str| Message::new(role, vec![Part::Text(text.to_owned())]);
    Content {
        system_instructions: vec![Part::Text(format!("Be brief. {text}"))],
        input: vec![message(Role::User, text)],
        output: vec![message(Role::Assistant, text)],
        ..Content::default()
    }
}

/// Records a chat and a tool that say this.
fn rig(rendering: Rendering, text: &str) -> Rig {
    let rig = Rig::of(rendering);
    let answer = ChatResponse {
        content: said(text),
        ..answer()
    };
    rig.task(|| {
        finish_chat_span_success(&mut chat(false), &answer, 0.25, PROVIDER, MODEL);
        let outcome = ToolSpanOutcome::Completed {
            output: text,
            success: true,
            duration_ms: None,
        };
        finish_tool_span(&mut tool(), "get_weather", "sync", &outcome);
    });
    rig
}

fn rendering() -> Rendering {
    Rendering::new(Conventions::V1_41)
}

fn on_spans() -> Rendering {
    rendering().with_capture(Capture::at(Place::Span))
}

const KEYS: [&str; 3] = [
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
];

fn chat_says(rig: &Rig) -> [String; 3] {
    let span = rig.span("chat claude-sonnet-4-5");
    KEYS.map(|key| text(&span, key))
}

#[test]
fn content_off_by_default() {
    let rig = rig(rendering(), CANARY);
    let everything = format!("{:?} {}", rig.spans(), rig.metrics(""));
    assert!(everything.contains("get_weather"), "it was recorded");
    assert!(!everything.contains(CANARY), "{everything}");
}

#[test]
fn separate_switches_for_what_is_sent_and_what_is_answered() {
    let capture = Capture::at(Place::Span);
    let [_, sent, answered] = chat_says(&rig(
        rendering().with_capture(capture.without_inputs()),
        CANARY,
    ));
    assert_eq!((sent.as_str(), answered.contains(CANARY)), ("-", true));
    let [_, sent, answered] = chat_says(&rig(
        rendering().with_capture(capture.without_outputs()),
        CANARY,
    ));
    assert_eq!((sent.contains(CANARY), answered.as_str()), (true, "-"));
}

/// Its second key is the store's word that what it sees is redacted. Here redaction cannot be switched off, so the
/// second key is a hook that sees content first and may take any of it away.
#[test]
fn two_key_gate_of_capture_and_hook() {
    let open: ContentHook = Arc::new(|_: &mut Content| {});
    let shut: ContentHook = Arc::new(|content: &mut Content| *content = Content::default());
    for (capture, hook, is_told) in [
        (Place::None, &open, false),
        (Place::Span, &shut, false),
        (Place::Span, &open, true),
    ] {
        let rendering = rendering()
            .with_capture(Capture::at(capture))
            .with_hook(Arc::clone(hook));
        let says = chat_says(&rig(rendering, CANARY)).concat();
        assert_eq!(says.contains(CANARY), is_told, "{capture:?}: {says}");
    }
    // A hook that breaks lets nothing through.
    let broken: ContentHook = Arc::new(|_: &mut Content| panic!("it is broken"));
    let says = chat_says(&rig(on_spans().with_hook(broken), CANARY));
    assert_eq!(says, ["-", "-", "-"]);
}

/// The store's three decisions, by artefact: inline, a reference, nothing.
#[test]
fn external_reference_instead_of_inline_content() {
    let store: ContentHook = Arc::new(|content: &mut Content| {
        let reference = UriReference {
            modality: Modality::Other("text".to_owned()),
            mime_type: None,
            uri: "s3://prompts/42".to_owned(),
        };
        for message in &mut content.input {
            message.parts = vec![Part::Uri(reference.clone())];
        }
        content.output.clear();
    });
    let [system, input, output] = chat_says(&rig(on_spans().with_hook(store), CANARY));
    assert!(system.contains(CANARY), "{system}");
    assert!(
        input.contains("s3://prompts/42") && !input.contains(CANARY),
        "{input}"
    );
    assert_eq!(output, "-");
}

/// A13, A14: patterns are looked for in all free text, by a redactor that is built or is an error.
#[test]
fn pattern_redaction_of_everything_that_is_said() {
    let secret = "sk-abcdefghijklmnopqrstuvwxyz0123456789ABCD";
    let rig = rig(on_spans(), &format!("my key is {secret}"));
    let everything = format!("{:?}", rig.spans());
    assert!(everything.contains("my key is"), "{everything}");
    assert!(!everything.contains(secret), "{everything}");
}

#[test]
fn truncation_with_a_byte_limit_says_how_much_is_left_out() {
    let rig = rig(on_spans().with_limits(64, 4096), &"schön ".repeat(100));
    let span = rig.span("chat claude-sonnet-4-5");
    let input = text(&span, "gen_ai.input.messages");
    assert!(input.len() < 200, "{input}");
    let left_out = text(&span, "genspan.content.truncated");
    assert!(left_out.parse::<u64>().unwrap() > 1_000, "{left_out}");
}

#[test]
fn system_prompt_recorded_separately_in_semconv_part_shapes() {
    let says = chat_says(&rig(on_spans(), "Weather?"));
    assert_eq!(
        says,
        [
            r#"[{"type":"text","content":"Be brief. Weather?"}]"#,
            r#"[{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]"#,
            r#"[{"role":"assistant","parts":[{"type":"text","content":"Weather?"}],"finish_reason":"tool_call"}]"#,
        ]
    );
}
