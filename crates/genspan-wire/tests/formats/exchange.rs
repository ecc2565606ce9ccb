//! Decodes exchanges that are made of fixtures.

use std::{fs, path::Path};

use genspan::{Inference, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

/// Names an endpoint and the folder of its fixtures.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub(crate) url: &'static str,
    pub(crate) folder: &'static str,
}

impl Site {
    pub(crate) fn exchange(self) -> Exchange {
        detect(self.url).unwrap()
    }

    pub(crate) fn fixture(self, name: &str) -> Vec<u8> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        fs::read(folder.join(self.folder).join(name)).unwrap()
    }

    /// Decodes an answer from a fixture, labelled by its extension, to a request from another.
    pub(crate) fn decode(self, request: &str, answer: &str) -> Decoded {
        self.decode_as(request, 200, content_type(answer), &self.fixture(answer))
    }

    /// Decodes an answer whole and in pieces, which must give the same.
    pub(crate) fn decode_as(
        self,
        request: &str,
        status: u16,
        content_type: &str,
        answer: &[u8],
    ) -> Decoded {
        let mut exchange = self.exchange();
        exchange.request(&self.fixture(request));
        exchange.request_end();
        exchange.response_head(status, Some(content_type));
        let mut pieces = exchange.clone();
        exchange.response(answer, Timestamp::from_unix_nanos(5));
        for piece in answer.chunks(7) {
            pieces.response(piece, Timestamp::from_unix_nanos(5));
        }
        let decoded = exchange.finish(End::Complete);
        assert_eq!(pieces.finish(End::Complete), decoded, "in pieces");
        decoded
    }
}

/// Begins an exchange by a `POST` to an address.
pub(crate) fn detect(url: &str) -> Option<Exchange> {
    let (_, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    Exchange::detect(&RequestHead {
        method: "POST",
        host,
        port: port.parse().ok(),
        path,
    })
}

pub(crate) fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap() {
        "sse" => "text/event-stream",
        "ndjson" => "application/x-ndjson",
        _ => "application/json",
    }
}

/// Gives an inference without the times of its chunks.
pub(crate) fn inference(decoded: Decoded) -> Inference {
    let Record::Inference(mut inference) = decoded.record else {
        panic!("not an inference")
    };
    inference.timing = StreamTiming::default();
    *inference
}
