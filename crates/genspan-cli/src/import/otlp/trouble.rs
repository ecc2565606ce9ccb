//! What may be wrong with a line, and with a file as a whole.

use std::io;

use genspan_serve::BadJson;

use super::lines::LONGEST;

/// Says why a line, or a part of it, was passed over.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineTrouble {
    #[error("it is no OTLP/JSON: {0}")]
    Wrong(BadJson),
    #[error("it is cut off: {0}")]
    Cut(BadJson),
    #[error(
        "a request goes on in the next line, and has to be in one: `jq -c . FILE` writes it so"
    )]
    Spread,
    #[error("it is longer than {LONGEST} bytes; have whoever writes it send smaller batches")]
    TooLong,
    #[error(
        "a span has a trace id of {trace} bytes and a span id of {span}, and is left out: expected 16 and 8, not all zero"
    )]
    Ids { trace: usize, span: usize },
}

/// Says why a file was not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileTrouble {
    #[error("it cannot be read: {0}")]
    Closed(io::Error),
    #[error("it cannot be read on behind line {behind}: {error}")]
    Ended { error: io::Error, behind: u64 },
    #[error(
        "it is OTLP in binary protobuf, where one request of OTLP/JSON a line is read; `genspan serve` takes it: \
         `curl --data-binary @FILE -H 'content-type: application/x-protobuf' http://127.0.0.1:4318/v1/traces`, or `logs` or `metrics`"
    )]
    Protobuf,
    #[error(
        "it is OTLP in binary protobuf, as the Collector's file exporter writes with `format: proto`; `format: json` there \
         gives what is read here"
    )]
    Messages,
    #[error(
        "it is compressed message by message, as the Collector's file exporter does with `compression: zstd`; without that, \
         and with `format: json`, it gives what is read here, which may be compressed as a whole"
    )]
    Packed,
}

impl FileTrouble {
    /// Looks whether a file's first bytes tell that it holds no lines.
    pub(super) fn of(start: &[u8]) -> Result<(), Self> {
        let is_text = |byte: &u8| *byte >= b' ' || b"\t\n\r".contains(byte);
        match start {
            [_, _, _, _, 0x28, 0xb5, 0x2f, 0xfd, ..] => Err(Self::Packed),
            // A message's length, and the key of its first field.
            [0, _, _, _, 0x0a, ..] => Err(Self::Messages),
            // The key alone is a line break as well.
            [0x0a, rest @ ..] if !rest.iter().all(is_text) => Err(Self::Protobuf),
            _ => Ok(()),
        }
    }
}
