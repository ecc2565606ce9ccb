//! Writes and reads vendors' attribute languages for LLM telemetry.
//!
//! The conventions say `gen_ai.request.model`; Phoenix looks for `llm.model_name`, Braintrust for
//! `braintrust.input_json`. A [`Dialect`] reshapes one span from the conventions into such a language, or back, over a
//! plain [`Span`]. It renames and reshapes and never invents a fact; what it cannot carry, its own page says.
//!
//! ```
//! use genspan::{Attribute, Value};
//! use genspan_dialects::{Dialect, Settings, Span};
//!
//! let mut span = Span::default();
//! span.attributes.set("gen_ai.operation.name", "chat");
//! span.attributes.set("gen_ai.request.model", "gpt-4o-mini");
//! let before = span.clone();
//!
//! Dialect::OpenInference.write(&mut span, &Settings::default());
//! assert_eq!(span.attributes.text("llm.model_name"), Some("gpt-4o-mini"));
//!
//! assert!(Dialect::OpenInference.read(&mut span));
//! assert_eq!(span, before);
//! ```

pub mod adk;
pub mod agent_sdk;
mod attributes;
mod blocks;
pub mod braintrust;
mod chat_shape;
pub mod claude_code;
pub mod codex;
mod conversation;
mod definitions;
mod dialect;
pub mod genai;
pub mod langchain;
pub mod langfuse;
mod message_events;
mod milliseconds;
mod naming;
pub mod openinference;
pub mod openllmetry;
mod parameters;
mod providers;
mod record;
pub mod rig;
mod said;
pub mod sentry;
mod settings;
mod span;
pub mod strands;
mod tokens;
mod tool_types;
pub mod tracing_fields;
mod translate;
mod typed;
pub mod vercel_ai;

pub use attributes::Attributes;
pub use dialect::{Dialect, UnknownDialect, read};
pub use providers::provider;
pub use record::{may_be_content, outcome, record};
pub use said::{messages, tool_definitions};
pub use settings::Settings;
pub use span::{Kind, Span, Status};
