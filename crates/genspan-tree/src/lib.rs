//! Reads spans from OTLP files and draws traces as trees.
//!
//! ```
//! use genspan_tree::{Style, into_traces, read, render};
//!
//! let line = concat!(
//!     r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","#,
//!     r#""spanId":"b7ad6b7169203331","name":"chat gpt-4o-mini","startTimeUnixNano":"1","endTimeUnixNano":"9"}]}]}]}"#,
//! );
//! let found = read(line.as_bytes())?;
//! print!("{}", render(&into_traces(found.spans), &Style::PLAIN));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What is shown of a span: its name, when it began and how long it took, the time to the first chunk,
//! its tokens, what they cost, and how it ended.

mod spans;
mod spending;
mod style;
mod tree;

pub use spans::{ReadSpans, SpanFacts, Spent, Tokens, Trace, into_traces, is_model_call, read};
pub use spending::{RunningSpending, Spending};
pub use style::Style;
pub use tree::{Listed, line, list, moment, render, rows};
