//! Small requests put together: each by itself costs a store a write to disk.

use genspan_otlp::{Request, Signal};

/// Bytes of protobuf that are enough for a request.
const ENOUGH: usize = 1 << 20;

/// Holds what is not handed on yet.
///
/// Metrics are not gathered: a store knows them by the request that they came in.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    traces: Option<Held>,
    logs: Option<Held>,
}

#[derive(Debug)]
struct Held {
    request: Request,
    bytes: usize,
}

impl Gathered {
    /// Takes a request, and gives one that is to go on, if any is.
    pub(super) fn add(&mut self, request: Request) -> Option<Request> {
        if request.count() == 0 {
            return None;
        }
        let bytes = request.encoded_len();
        let place = match request.signal() {
            Signal::Traces => &mut self.traces,
            Signal::Logs => &mut self.logs,
            Signal::Metrics => return Some(request),
        };
        match place {
            Some(held) if held.bytes + bytes <= ENOUGH => {
                held.bytes += bytes;
                // Both are of the signal whose place this is.
                held.request.append(request).err()
            }
            _ => {
                let before = place.replace(Held { request, bytes });
                before.map(|held| held.request)
            }
        }
    }

    /// Gives what is left.
    pub(super) fn rest(self) -> impl Iterator<Item = Request> {
        let held = [self.traces, self.logs].into_iter().flatten();
        held.map(|held| held.request)
    }
}
