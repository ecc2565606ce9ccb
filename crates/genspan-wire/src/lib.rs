//! Decodes provider traffic into records, without IO.
//!
//! [`Exchange::detect`] looks at the head of a request and says whether a model is asked; from then on the exchange
//! takes the bytes of both bodies as they come and, in the end, hands over what was said and how it ended.
//!
//! ```
//! use genspan::{Outcome, Record, Timestamp};
//! use genspan_wire::{End, Exchange, RequestHead};
//!
//! let head = RequestHead { method: "POST", host: "api.openai.com", port: None, path: "/v1/chat/completions" };
//! let mut exchange = Exchange::detect(&head).unwrap();
//! exchange.request(br#"{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}"#);
//! exchange.request_end();
//! exchange.response_head(200, Some("application/json"));
//! exchange.response(br#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#, Timestamp::default());
//!
//! let decoded = exchange.finish(End::Complete);
//! assert_eq!(decoded.outcome, Outcome::Completed);
//! let Record::Inference(inference) = decoded.record else { unreachable!() };
//! assert_eq!(inference.response.finish_reasons, ["stop"]);
//! ```

pub mod anthropic;
pub mod ask;
pub mod bounded;
pub mod framing;
pub mod json;

mod count_header;
mod detect;
mod exchange;
mod format;
mod socket;

pub use count_header::COUNT_HEADERS;
pub use detect::{Endpoint, RequestHead};
pub use exchange::{Decoded, End, Exchange};
pub use socket::SocketEndpoint;
