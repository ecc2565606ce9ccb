//! Server-sent events that tell when there is something new to ask for.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, header};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::answer::{Answer, with};
use crate::listen::begun;
use crate::refused::Refused;
use crate::shared::Shared;

/// How often it is looked whether something changed, which bounds how often it is told.
const LOOK: Duration = Duration::from_millis(200);

/// Whoever hears nothing for this long hears that the connection is still there.
const BEAT: Duration = Duration::from_secs(15);

/// Answers with a stream of revisions, the present one first, until the page goes or the server does.
pub(super) fn answer(shared: &Arc<Shared>) -> Result<Answer, Refused> {
    let place = Arc::clone(&shared.watchers)
        .try_acquire_owned()
        .map_err(|_| {
            let many = shared.limits.watchers;
            Refused::unavailable(
                format!("{many} pages watch already: close some of them"),
                BEAT,
            )
        })?;
    let (sender, receiver) = mpsc::channel(1);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let mut draining = shared.draining.clone();
        tokio::select! {
            () = tell(&shared, &sender) => {}
            () = sender.closed() => {}
            () = begun(&mut draining) => {}
        }
        drop(place);
    });
    let answer = Response::new(Events { receiver }.boxed());
    Ok(with(answer, header::CONTENT_TYPE, "text/event-stream"))
}

/// Tells revisions for as long as somebody listens.
async fn tell(shared: &Shared, sender: &mpsc::Sender<Bytes>) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    let mut beat = Instant::now();
    loop {
        looks.tick().await;
        let revision = shared.backend.revision();
        let text = if told != Some(revision) {
            told = Some(revision);
            format!("event: revision\ndata: {{\"revision\":{revision}}}\n\n")
        } else if beat.elapsed() >= BEAT {
            ":\n\n".to_owned()
        } else {
            continue;
        };
        beat = Instant::now();
        if sender.send(Bytes::from(text)).await.is_err() {
            return;
        }
    }
}

/// Hands on events as they come.
struct Events {
    receiver: mpsc::Receiver<Bytes>,
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let event = self.receiver.poll_recv(cx);
        event.map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}
