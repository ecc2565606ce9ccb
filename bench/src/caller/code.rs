//! A call that a program records itself.

use std::{hint::black_box, time::Duration};

use genspan::{Content, Inference, Message, Provider, Role, Telemetry};

use crate::{
    fixtures::MODEL,
    harness::{Entrant, timed},
    ours::Ours,
};

/// Gives what was said as a program has it: messages of up to 4 KB, half of them asked and half answered.
pub(crate) fn content(kilobytes: usize) -> Content {
    let message = |role: Role, bytes: usize| Message::text(role, "word ".repeat(bytes / 5));
    let bytes = (kilobytes * 512).min(4096);
    let count = kilobytes * 512 / bytes;
    Content {
        input: (0..count).map(|_| message(Role::User, bytes)).collect(),
        output: (0..count)
            .map(|_| message(Role::Assistant, bytes))
            .collect(),
        ..Content::default()
    }
}

/// Starts and ends a call; what was said is handed over.
pub(crate) fn make(telemetry: &Telemetry, content: Content) {
    let inference = Inference::chat(Provider::OPENAI, black_box(MODEL));
    let mut call = telemetry.start(inference);
    call.content = content;
    call.finish();
}

pub(crate) fn entrant(ours: &Ours, kilobytes: usize) -> Entrant<'_> {
    let prepared = content(kilobytes);
    Box::new(move |times| -> Duration {
        ours.drain();
        let contents = vec![prepared.clone(); times];
        let (took, ()) = timed(|| {
            for content in contents {
                make(&ours.telemetry, content);
            }
        });
        ours.drain();
        took
    })
}

/// Makes the record of a call, fills it in and lets go of it.
pub(crate) fn own_record(content: Content) {
    let mut inference = Inference::chat(Provider::OPENAI, black_box(MODEL));
    inference.content = content;
    drop(black_box(inference));
}

/// Gives rounds in which a program makes records and nobody wants them.
pub(crate) fn record_alone<'a>(kilobytes: usize) -> Entrant<'a> {
    let prepared = content(kilobytes);
    Box::new(move |times| -> Duration {
        let contents = vec![prepared.clone(); times];
        timed(|| contents.into_iter().for_each(own_record)).0
    })
}
