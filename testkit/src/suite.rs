//! The same words through any client, and what telemetry must come of them.
//!
//! A client's test puts each [`Case`] to a [`Stage`]: it says the case's [prompt](Case::prompt) to the scripted provider, within an
//! agent named [`AGENT`], with the tool [`TOOL`] where the case [has tools](Case::has_tools). What comes out is
//! [reduced](Stage::check) to what every client must show, whichever provider it speaks to, and compared with one expected tree;
//! a test names what its client cannot know, and why.
//!
//! ```
//! use testkit::suite::{ANSWER, Case, Stage};
//!
//! let stage = Stage::new(Case::Whole, true);
//! let agent = stage.telemetry.invoke_agent(testkit::suite::AGENT);
//! // … the client asks `stage.provider` with `stage.case.prompt()`, and gets ANSWER …
//! assert!(stage.case.prompt().contains(ANSWER));
//! agent.finish();
//! ```

mod expected;
mod reduced;

use std::{sync::Arc, time::Duration};

use genspan::{Capture, Conventions, Place, Rendering, Telemetry};
use serde_json::{Value, json};

use crate::{
    CaptureSink, CapturedSpan,
    provider::{Provider, Script},
};

/// The agent that asks.
pub const AGENT: &str = "forecaster";
/// The tool that the agent has.
pub const TOOL: &str = "get_weather";
/// What the tool is for.
pub const TOOL_DESCRIPTION: &str = "Tells the weather in a city.";
/// What the tool gives.
pub const RESULT: &str = "18 degrees and sun-canary";
/// What the model says at last.
pub const ANSWER: &str = "It is mild-canary in Paris.";
/// What stands in every prompt, argument, result and answer, and in nothing else.
pub const CANARY: &str = "-canary";

/// The longest that a test waits for the worker.
const LIMIT: Duration = Duration::from_secs(30);

/// One course that a conversation can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// One answer, whole.
    Whole,
    /// One answer, streamed and read to its end.
    Streamed,
    /// The model calls the tool, gets its result and answers; both answers whole.
    Tools,
    /// The same, both answers streamed.
    StreamedTools,
    /// The provider refuses the question with status 400, which no client asks again.
    Refused,
    /// The answer is streamed, and all is dropped after the client has seen its first piece.
    Cancelled,
}

impl Case {
    /// All cases.
    pub const ALL: [Self; 6] = [
        Self::Whole,
        Self::Streamed,
        Self::Tools,
        Self::StreamedTools,
        Self::Refused,
        Self::Cancelled,
    ];

    /// Gives what the user says, which tells the scripted provider what to answer.
    #[must_use]
    pub fn prompt(self) -> String {
        let plan = match self {
            Self::Whole | Self::Streamed => json!([ANSWER]),
            Self::Tools | Self::StreamedTools => json!([{"call": [[TOOL, arguments()]]}, ANSWER]),
            Self::Refused => json!([{"status": 400}]),
            Self::Cancelled => {
                return "What is the weather, weather-canary? scripted:slow:20".to_owned();
            }
        };
        format!("What is the weather, weather-canary? <plan>{plan}</plan>")
    }

    /// Says whether the client asks for streams.
    #[must_use]
    pub const fn is_streamed(self) -> bool {
        matches!(self, Self::Streamed | Self::StreamedTools | Self::Cancelled)
    }

    /// Says whether the client offers the tool, and runs it.
    #[must_use]
    pub const fn has_tools(self) -> bool {
        matches!(self, Self::Tools | Self::StreamedTools)
    }
}

/// Gives the tool's arguments as the model fills them in.
#[must_use]
pub fn arguments() -> Value {
    json!({"city": "Paris-canary"})
}

/// Gives the schema of the tool's arguments.
#[must_use]
pub fn parameters() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
}

/// What telemetry tells of a call, as far as clients may differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The provider's name.
    Provider,
    /// The model that answered.
    ResponseModel,
    /// The provider's host and port.
    Server,
    /// The id of the answer.
    ResponseId,
    /// That a stream was asked for.
    Streamed,
    /// When the first chunk came.
    FirstChunk,
    /// Why the model stopped.
    FinishReason,
    /// How many tokens were taken.
    Tokens,
    /// The tools that were offered.
    ToolDefinitions,
    /// The id of a tool call, in what is said and where the tool is run.
    CallId,
    /// What was said to the model.
    Input,
    /// What the model said.
    Output,
    /// The type of an error.
    ErrorType,
    /// That a tool's span ends well or not, and what it was given and gave.
    ToolContent,
}

/// Something that a client cannot know.
#[derive(Clone, Copy, Debug)]
pub struct Unknown {
    /// What it is.
    pub fact: Fact,
    /// Why it cannot.
    pub why: &'static str,
}

/// A provider, a recorder, and what is to become of a case.
#[derive(Debug)]
pub struct Stage {
    /// What is played.
    pub case: Case,
    /// Where the client is to send its calls.
    pub provider: Provider,
    /// What is to record them.
    pub telemetry: Telemetry,
    has_content: bool,
    sink: Arc<CaptureSink>,
}

impl Stage {
    /// Sets a case up, with its content recorded or not.
    ///
    /// # Panics
    ///
    /// When no port of loopback can be bound.
    #[must_use]
    #[allow(clippy::expect_used, reason = "it is part of tests")]
    pub fn new(case: Case, has_content: bool) -> Self {
        let mut rendering = Rendering::new(Conventions::V1_41);
        if has_content {
            rendering = rendering.with_capture(Capture::at(Place::Span));
        }
        let sink = CaptureSink::new(rendering);
        Self {
            case,
            provider: Provider::start(Script::scenarios()).expect("a port of loopback"),
            telemetry: Telemetry::builder(Arc::clone(&sink) as _).build(),
            has_content,
            sink,
        }
    }

    /// Gives the spans so far; an adapter that holds calls back settles them first.
    #[must_use]
    pub fn spans(&self) -> Vec<CapturedSpan> {
        let report = self.telemetry.flush(LIMIT);
        assert!(report.is_complete(), "{report}");
        self.sink.spans()
    }

    /// Draws what every client must show of the spans so far, but for what it cannot know.
    #[must_use]
    pub fn reduced(&self, unknown: &[Unknown]) -> String {
        reduced::reduced(&self.spans(), self.case, unknown)
    }

    /// Compares the spans so far with what must come of the case.
    ///
    /// # Panics
    ///
    /// When they are not as expected, no reason is given for what is unknown, or content shows that is not wanted.
    pub fn check(&self, unknown: &[Unknown]) {
        for one in unknown {
            assert!(!one.why.is_empty(), "{:?}: why?", one.fact);
        }
        let seen = self.reduced(unknown);
        let expected = expected::expected(self.case, self.has_content, unknown);
        let spans = self.spans();
        assert!(
            seen == expected,
            "{:?} with content {}:\n--- expected\n{expected}--- seen\n{seen}--- all\n{}",
            self.case,
            self.has_content,
            crate::tree(&spans)
        );
        let whole = format!(
            "{spans:?}{:?}{:?}",
            self.sink.measurements(),
            self.sink.events()
        );
        assert!(
            self.has_content || !whole.contains(CANARY),
            "content shows:\n{whole}"
        );
    }
}
