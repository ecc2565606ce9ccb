//! A stream of messages passes through as it is, and is recorded.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{FutureExt, Stream, StreamExt, stream};
use genspan::Value;
use genspan_claude::{Options, Recorded};

use crate::{
    fixtures::fixture,
    scene::{Scene, check, sketch},
};

/// What an SDK gives: a stream that can be told to stop.
struct Query {
    messages: stream::Iter<std::vec::IntoIter<Result<Value, Broken>>>,
    interrupts: u32,
}

#[derive(Clone, Debug, PartialEq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pipe broke")
    }
}

impl Query {
    fn of(name: &'static str, end: Option<Broken>) -> Self {
        let text = fixture(name).text;
        let lines = text.lines().filter_map(|line| Value::from_json(line).ok());
        let items: Vec<_> = lines.map(Ok).chain(end.map(Err)).collect();
        Self {
            messages: stream::iter(items),
            interrupts: 0,
        }
    }

    fn interrupt(&mut self) {
        self.interrupts += 1;
    }

    fn interrupts(&self) -> u32 {
        self.interrupts
    }
}

impl Stream for Query {
    type Item = Result<Value, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.messages.size_hint()
    }
}

fn all<S: Stream + Unpin>(stream: S) -> Vec<S::Item> {
    stream.collect().now_or_never().unwrap()
}

#[test]
fn messages_pass_through_and_become_spans() {
    let scene = Scene::new();
    let plain = all(Query::of("everything", None));
    let query = Query::of("everything", None);
    let recorded = Recorded::new(query, &scene.telemetry, Some("Count"), Options::default());
    assert_eq!(recorded.size_hint(), (plain.len(), Some(plain.len())));
    assert_eq!(all(recorded), plain);
    check(&scene.spans());
    assert_eq!(scene.spans().len(), 12);
}

#[test]
fn the_streams_own_methods_are_at_hand() {
    let scene = Scene::new();
    let query = Query::of("everything", None);
    let mut recorded = Recorded::new(query, &scene.telemetry, None, Options::default());
    recorded.interrupt();
    recorded.get_mut().interrupt();
    assert_eq!(
        (recorded.interrupts(), recorded.get_ref().interrupts()),
        (2, 2)
    );
    drop(recorded.next().now_or_never());
    let rest = recorded.into_inner();
    assert_eq!((rest.interrupts(), all(rest).len()), (2, 22));
    insta::assert_snapshot!(sketch(&scene.spans()), @r#"invoke_agent claude-code 0..0 error="cancelled""#);
}

#[test]
fn an_error_fails_the_run_once_and_reaches_the_caller() {
    let scene = Scene::new();
    let query = Query::of("cut", Some(Broken));
    let recorded = Recorded::new(query, &scene.telemetry, None, Options::default());
    assert_eq!(all(recorded).last(), Some(&Err(Broken)));
    let failed = |span: &&testkit::CapturedSpan| span.signals.is_error;
    let spans = scene.spans();
    let failed: Vec<String> = spans
        .iter()
        .filter(failed)
        .map(|span| {
            let error = crate::scene::attribute(span, "error.type").unwrap();
            format!("{} {error}", span.signals.name)
        })
        .collect();
    assert_eq!(
        failed,
        [
            "execute_tool Bash \"cancelled\"",
            "invoke_agent claude-code \"Broken\""
        ]
    );
}

#[test]
fn a_stream_that_is_never_read_is_cancelled() {
    let scene = Scene::new();
    let query = Query::of("everything", None);
    drop(Recorded::new(
        query,
        &scene.telemetry,
        None,
        Options::default(),
    ));
    assert_eq!(scene.spans().len(), 1);
}

#[test]
fn several_runs_of_one_stream_are_several_agents() {
    let scene = Scene::new();
    let mut recorded = Recorded::new(
        Query::of("twice", None),
        &scene.telemetry,
        Some("One?"),
        Options::default(),
    );
    for _ in 0..3 {
        drop(recorded.next().now_or_never());
    }
    recorded.begin(Some("Two?"));
    drop(all(recorded));
    let agents = scene.spans();
    let agents = agents.iter().filter(|span| span.parent.is_none());
    assert_eq!(agents.count(), 3);
}

#[test]
fn messages_that_cannot_be_written_cost_nothing_but_themselves() {
    /// Refuses to be written.
    struct Odd;
    impl serde::Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("a bug of the SDK")
        }
    }
    let scene = Scene::new();
    let items = stream::iter([Odd, Odd]);
    let recorded = Recorded::of_messages(items, &scene.telemetry, None, Options::default());
    assert_eq!(all(recorded).len(), 2);
    assert_eq!(scene.spans().len(), 1);
}
