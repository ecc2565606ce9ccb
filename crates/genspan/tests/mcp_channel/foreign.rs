//! Code of others, which may use the channel, and so must never run under its lock.

use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock, mpsc},
    thread,
};

use genspan::{
    Conventions, Ended, Event, Handle, Marker, McpConnection, McpSide, Measured, Rendering, Report,
    Sink, SinkState, SpanContext, Start, Telemetry, Within, mcp::Channel,
};
use testkit::CaptureSink;

use super::rig::{LONG, SENT, answer, call, cancelled, read, request};

type Seen = Arc<OnceLock<Channel>>;

/// A sink that asks the channel whatever it is asked, and whose contexts do so when they are dropped.
struct Curious {
    inner: Arc<CaptureSink>,
    channel: Seen,
}

struct Context(Seen);

fn ask(channel: &Seen) {
    if let Some(channel) = channel.get() {
        drop(channel.connection());
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        ask(&self.0);
    }
}

impl fmt::Debug for Curious {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Curious")
    }
}

impl Sink for Curious {
    fn renderings(&self) -> &[Rendering] {
        self.inner.renderings()
    }

    fn samples(&self) -> bool {
        true
    }

    fn start(&self, start: Start) -> Handle {
        ask(&self.channel);
        self.inner.start(start)
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        ask(&self.channel);
        self.inner.finish(handle, ended);
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        self.inner.event(within, events);
    }

    fn measure(&self, measured: Vec<Measured>) {
        ask(&self.channel);
        self.inner.measure(measured);
    }

    fn current(&self) -> Option<SpanContext> {
        ask(&self.channel);
        self.inner.current()
    }

    fn marker(&self, telemetry: &Telemetry) -> Option<Marker> {
        ask(&self.channel);
        self.inner.marker(telemetry)
    }

    fn enclose(&self, _: Within<'_>, _: &Marker) -> Option<SinkState> {
        Some(Arc::new(Context(Arc::clone(&self.channel))))
    }

    fn attach(&self, _: &SinkState) -> Box<dyn Any> {
        Box::new(())
    }

    fn flush(&self, timeout: std::time::Duration) -> Report {
        self.inner.flush(timeout)
    }

    fn shutdown(&self, timeout: std::time::Duration) -> Report {
        self.inner.shutdown(timeout)
    }
}

/// Sees that work comes to its end, and is not stuck at a lock that it holds itself.
fn comes_to_its_end(work: impl FnOnce(&Telemetry, Channel) + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let channel = Seen::default();
        let sink = Curious {
            inner: CaptureSink::new(Rendering::new(Conventions::V1_41)),
            channel: Arc::clone(&channel),
        };
        let telemetry = Telemetry::builder(Arc::new(sink)).inline().build();
        let own = Channel::new(&telemetry, McpConnection::default());
        let own = channel.get_or_init(|| own).clone();
        work(&telemetry, own);
        done.send(()).unwrap();
    });
    assert!(is_done.recv_timeout(LONG).is_ok(), "a lock is held");
}

#[test]
fn a_session_begins_outside_of_the_lock() {
    comes_to_its_end(|_, channel| {
        let channel = channel.with_session(McpSide::Client);
        channel.with_session(McpSide::Client).close();
    });
}

#[test]
fn a_request_that_takes_anothers_place_ends_it_outside_of_the_lock() {
    comes_to_its_end(|_, channel| {
        for _ in 0..2 {
            channel
                .send(&request(1, "ping"), None)
                .unwrap()
                .end_with(&SENT);
        }
        channel.hear(&answer(1));
    });
}

#[test]
fn what_is_listened_to_no_more_ends_outside_of_the_lock() {
    comes_to_its_end(|_, channel| {
        let sent = channel.send(&request(1, "subscriptions/listen"), None);
        sent.unwrap().end_with(&SENT);
        channel.hear(&cancelled(1, ""));
    });
}

#[test]
fn what_was_received_is_forgotten_outside_of_the_lock() {
    comes_to_its_end(|_, channel| {
        let asked = r#"{"id":1,"method":"ping","params":{"_meta":{"progressToken":"p"}}}"#;
        let received = || channel.receive(&read(asked), |_| {}).unwrap();
        received().answer(&answer(1));
        let (first, second) = (received(), received());
        first.answer(&answer(1));
        drop(second);
    });
}

#[test]
fn a_tools_request_ends_outside_of_the_lock() {
    comes_to_its_end(|telemetry, channel| {
        let tool = telemetry.execute_tool("say");
        channel.send(&call(1, "say"), None).unwrap().end_with(&SENT);
        tool.finish();
        channel.close();
    });
}
