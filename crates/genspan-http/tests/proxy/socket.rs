//! Questions and answers over a WebSocket. What the client sends comes back as it is, so that it also speaks for the provider: each side
//! passes over what only the other one says.

use genspan::semconv::attribute;
use testkit::provider::{Answer, Script};

use crate::rig::{Rig, Way};
use crate::wire::Wire;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const QUESTION: &str = r#"{"type":"response.create","model":"gpt-test","input":"hello"}"#;
const ANSWER: &str = r#"{"type":"response.completed","response":{"id":"resp_1","model":"gpt-test-1","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}],"usage":{"input_tokens":11,"output_tokens":2}}}"#;
const MASK: [u8; 4] = [3, 1, 4, 1];

fn frame(first: u8, text: &str) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 126];
    frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend(MASK);
    frame.extend(text.bytes().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

async fn open(rig: &Rig, path: &str) -> Wire {
    let (mut wire, base) = rig.open(Way::Proxied).await;
    wire.send(format!(
        "GET {base}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\ntraceparent: {PARENT}\r\n\r\n"
    ))
    .await;
    assert!(wire.head().await.contains(" 101 "));
    wire
}

/// Sends a frame, and waits until it is back.
async fn say(wire: &mut Wire, frame: Vec<u8>) {
    let len = frame.len();
    wire.send(frame.clone()).await;
    assert_eq!(wire.bytes(len).await, frame);
}

#[tokio::test]
async fn each_question_is_a_span_below_the_clients() {
    let rig = Rig::start(Script::new().answer(Answer::upgrade())).await;
    let mut wire = open(&rig, "/responses").await;
    let (begin, rest) = QUESTION.split_at(20);
    say(&mut wire, frame(0x01, begin)).await;
    say(&mut wire, frame(0x80, rest)).await;
    say(&mut wire, frame(0x81, ANSWER)).await;
    say(&mut wire, frame(0x81, QUESTION)).await;
    say(&mut wire, frame(0x81, ANSWER)).await;
    say(
        &mut wire,
        frame(0x81, r#"{"type":"response.create","generate":false}"#),
    )
    .await;
    wire.half_close().await;
    assert_eq!(wire.rest().await, b"");
    let spans = rig.proxy.spans().await;
    assert_eq!(spans.len(), 2);
    for span in &spans {
        assert_eq!(span.parent.as_ref().unwrap().to_traceparent(), PARENT);
        assert_eq!(span.signals.name, "chat gpt-test");
        assert!(!span.signals.is_error);
        let text = |key| format!("{:?}", span.signals.get(key));
        assert!(text(attribute::GEN_AI_USAGE_INPUT_TOKENS).contains("11"));
        assert!(text(attribute::GEN_AI_RESPONSE_ID).contains("resp_1"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_cancelled_by_a_client_that_leaves() {
    let rig = Rig::start(Script::new().answer(Answer::upgrade())).await;
    let mut wire = open(&rig, "/responses").await;
    say(&mut wire, frame(0x81, QUESTION)).await;
    wire.half_close().await;
    assert_eq!(wire.rest().await, b"");
    assert_eq!(rig.proxy.endings().await, ["cancelled"]);
}

#[tokio::test]
async fn what_is_no_frame_and_what_asks_no_model_passes_all_the_same() {
    for (path, bytes) in [
        ("/responses", b"no frame at all, but bytes".to_vec()),
        ("/realtime?model=m", frame(0x81, QUESTION)),
    ] {
        let rig = Rig::start(Script::new().answer(Answer::upgrade())).await;
        let mut wire = open(&rig, path).await;
        say(&mut wire, bytes).await;
        say(&mut wire, frame(0x81, QUESTION)).await;
        wire.half_close().await;
        assert_eq!(wire.rest().await, b"");
        assert_eq!(rig.proxy.spans().await.len(), 0, "{path}");
    }
}
