//! Receives OTLP over gRPC and HTTP, and serves the web UI and its JSON API.
//!
//! [`Server`] listens on three ports, for this machine alone unless told otherwise. What keeps telemetry and answers
//! questions about it stands behind [`Backend`].
//!
//! | port | takes |
//! |---|---|
//! | 4317, 4318 | OTLP over gRPC and HTTP, both on either: traces, logs and metrics; protobuf and JSON; gzip, zstd, deflate |
//! | 4319 | pages, `/api/…` and `/api/live` |
//!
//! What is read of JSON there is read of files by [`read_json`].
//!
//! # What is acknowledged is kept
//!
//! A success is told once [`Backend::ingest`] has returned. What was not kept is told in the words of OTLP: a
//! `google.rpc.Status` as protobuf or JSON, or gRPC's own.
//!
//! | what comes | HTTP | gRPC | again |
//! |---|---|---|---|
//! | malformed, cut, nested too deep | 400 | `INVALID_ARGUMENT` | no |
//! | larger than [`Limits::request_bytes`], or than [`Limits::message_bytes`] after decompression | 413 | `RESOURCE_EXHAUSTED` | no, but in parts |
//! | another type or encoding | 415 | `UNIMPLEMENTED` | no |
//! | silent for [`Limits::silence`] | 408 | `DEADLINE_EXCEEDED` | yes |
//! | more than [`Limits::in_flight_bytes`] under way | 429, `retry-after` | `RESOURCE_EXHAUSTED` with `RetryInfo` | yes |
//! | the store is busy or full | 503, `retry-after` | `UNAVAILABLE` with `RetryInfo` | yes |
//! | the store is broken | 500 | `INTERNAL` | no |
//!
//! # Who may speak to it
//!
//! Requests must call a port by an address of this machine, by `localhost`, or by an [allowed name](Options::hosts), so that
//! no page can reach it by rebinding its own name. Pages of other origins are refused on every port, and there is no CORS.
//! What changes something needs the header `x-genspan: 1`. Where a [`Token`] is set each request must show it, as
//! `authorization: Bearer …`, or a browser by the session that opening a page with `?token=…` once begins. An address that
//! other machines can reach needs one. Every answer has a strict Content-Security-Policy.

mod answer;
mod backend;
mod gate;
mod kept;
mod limits;
mod listen;
mod otlp;
mod presence;
mod reading;
mod receive;
mod refused;
mod server;
mod shared;
mod token;
mod web;

pub use backend::{Backend, Export, Ingested, Trouble, TroubleKind};
pub use limits::Limits;
pub use otlp::{BadJson, read_json};
pub use presence::{Claim, Presence, PresenceError};
pub use reading::Reading;
pub use server::{Addresses, BindError, Door, Options, Server};
pub use token::{BadToken, Token};
