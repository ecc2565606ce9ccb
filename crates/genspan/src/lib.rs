//! Records GenAI operations as typed facts and renders them into OpenTelemetry signals.

pub mod config;
pub mod redact;
pub mod semconv;
pub mod shorten;

mod active;
mod capture;
mod clock;
mod diagnostic;
mod finish_reason;
mod message;
mod operation;
mod outcome;
mod provider;
mod render;
mod rendering;
mod server;
mod signals;
mod sink;
mod telemetry;
mod tool;
mod trace;
mod usage;
mod value;

pub use active::Active;
pub use capture::{Capture, Place, UnknownPlace};
pub use clock::{Clock, SystemClock, Timestamp};
pub use diagnostic::Diagnostic;
pub use finish_reason::FinishReason;
pub use message::{
    Blob, Compaction, FileReference, Generic, Message, Modality, Part, Role, ServerToolCall,
    ServerToolCallResponse, ToolCallRequest, ToolCallResponse, UriReference,
};
pub use operation::{
    AgentCreation, AgentInvocation, AgentSite, ApiType, Common, Content, Embeddings, Inference,
    InferenceKind, MemoryKind, MemoryOperation, MemoryRecord, Operation, OutputType, Plan, Record,
    Request, Response, ResponseFetch, ResponseStatus, Retrieval, RetrievedDocument, SpanEvent,
    StreamTiming, ToolExecution, WorkflowInvocation,
};
pub use outcome::{ErrorType, Failure, Outcome};
pub use provider::Provider;
pub use render::{Span, signals};
pub use rendering::{ContentHook, Rendering};
pub use semconv::Conventions;
pub use server::Server;
pub use signals::{
    Amount, Attribute, Event, Label, Labels, Measurement, Severity, Signals, SpanKind,
};
pub use sink::{Ended, Handle, Identity, Report, Sink, Start};
pub use telemetry::{Open, QueueFull, QueueLimits, StartOptions, Telemetry, TelemetryBuilder};
pub use tool::{ToolDefinition, ToolType};
pub use trace::{Parent, SpanContext, SpanId, TraceId};
pub use usage::{Counts, Usage};
pub use value::Value;
