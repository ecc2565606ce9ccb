//! Records what the [`genai`] crate asks of models, whichever provider it asks.
//!
//! ```no_run
//! use genai::{Client, chat::ChatRequest};
//! use genspan_genai::Record;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let guard = genspan_otel::init()?;
//! let client = Client::builder().recorded(&guard.telemetry())?.build()?;
//!
//! let answer = client.exec_chat("gpt-4o-mini", ChatRequest::from_user("Why?"), None).await?;
//! # drop(answer);
//! # Ok(())
//! # }
//! ```
//!
//! # What comes out
//!
//! | the client is asked for | the span |
//! |---|---|
//! | `exec_chat`, `exec_chat_stream` | `chat {model}` |
//! | `exec_embed` and its like | `embeddings {model}` |
//!
//! Each is a child of what is current where it is asked, and tells what was sent and what came: settings, tokens, time
//! to the first chunk, the provider's error, content as far as it may be recorded. A stream that is dropped ends as
//! cancelled. Names of models, lists of models and requests that another instrumentation records are left alone.
//!
//! # How
//!
//! Where a request goes is asked anew for each, in the task that makes it. So each is led through a proxy in the
//! program ([`Detour`]), by a URL that knows what it happens within; bytes are read there as on any other wire, and
//! passed on as they are. The crate's own way to what is said, its [frame sink](genai::chat::ChatFrameSink), sees
//! streams alone, and of these no request; [`Frames`] records by it where no port can be opened.
//!
//! # What it cannot do
//!
//! - Requests that are signed for AWS (`bedrock_sigv4`) are not led through the proxy, since they are signed for the
//!   address that they go to; they are not recorded.
//! - A resolver of one's own takes the place of this one: see [`Recording::lead`].
//! - With genai's feature `otel` a call has a span of genai's own as well.

mod frames;
mod recording;

#[doc(no_inline)]
pub use genspan_http::proxy::Detour;

pub use self::{
    frames::Frames,
    recording::{Record, Recording},
};
