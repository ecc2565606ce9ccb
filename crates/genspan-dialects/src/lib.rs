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

mod attributes;
pub mod braintrust;
mod chat_shape;
mod conversation;
mod dialect;
pub mod langfuse;
pub mod openinference;
mod parameters;
mod settings;
mod span;

pub use attributes::Attributes;
pub use dialect::{Dialect, UnknownDialect};
pub use settings::Settings;
pub use span::{Kind, Span, Status};
