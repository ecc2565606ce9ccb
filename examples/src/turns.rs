//! A run of two turns with what stands for the world in it: a model, two tools, and time, all by script.

use std::{sync::Arc, time::Duration};

use genspan::{Rendering, Server, Telemetry};
use genspan_otel::instrument::{
    ChatResponse, ChatSpanParams, RootTurnSpanParams, StopReason, TokenUsage, ToolSpanOutcome,
    ToolSpanParams, ToolTier, build_chat_span, build_tool_span, finish_chat_span_success,
    finish_tool_span,
};
use genspan_otlp::{Batching, CountingIds, OtlpSink, PipelineOptions, Route, SinkOptions};
use testkit::ManualClock;

use crate::{Result, Stage};

const PROVIDER: &str = "anthropic";
const MODEL: &str = "claude-sonnet-4-5";

/// Says what a run starts with.
pub const RUN: RootTurnSpanParams<'static> = RootTurnSpanParams {
    provider_id: PROVIDER,
    model: MODEL,
    conversation_id: "c-17",
};

/// Names the agent.
pub const AGENT: &str = "day-planner";

/// Names the tools that the model asks for in its first turn.
pub const TOOLS: [&str; 2] = ["get_weather", "get_events"];

/// Holds what a run needs of the world; ids and time are counted, so that the same run is the same telemetry.
#[derive(Clone, Debug)]
pub struct World {
    /// Records what happens.
    pub telemetry: Telemetry,
    clock: Arc<ManualClock>,
}

impl World {
    /// Sets the recorder up.
    ///
    /// # Errors
    ///
    /// When the place for telemetry cannot be written.
    pub fn new(stage: &Stage) -> Result<Self> {
        let clock = Arc::new(ManualClock::default());
        let route = Route {
            destination: stage.destination().parse()?,
            rendering: Rendering::default(),
        };
        let options = SinkOptions {
            ids: Arc::new(CountingIds::default()),
            pipeline: PipelineOptions {
                batching: Batching::OnFlush,
                clock: Arc::clone(&clock) as _,
                ..PipelineOptions::default()
            },
            ..SinkOptions::default()
        };
        let sink = Arc::new(OtlpSink::start(vec![route], options)?);
        let telemetry = Telemetry::builder(sink).with_clock(Arc::clone(&clock) as _);
        Ok(Self {
            telemetry: telemetry.build(),
            clock,
        })
    }

    fn pass(&self, milliseconds: u64) {
        self.clock.advance(Duration::from_millis(milliseconds));
    }

    /// Asks the model, within what is current; gives the tools that it asks for, and what it says.
    #[must_use]
    pub fn ask(&self, turn: usize) -> (&'static [&'static str], &'static str) {
        let mut span = build_chat_span(ChatSpanParams {
            provider_id: PROVIDER,
            model: MODEL,
            streaming: true,
            max_tokens: None,
        });
        span.set_server(Server::new("api.anthropic.com", Some(443)));
        for milliseconds in [350, 40, 60] {
            self.pass(milliseconds);
            span.note_chunk();
        }
        let wants_tools = turn == 1;
        let response = ChatResponse {
            id: format!("msg_{turn}"),
            model: MODEL.to_owned(),
            stop_reason: Some(if wants_tools {
                StopReason::ToolUse
            } else {
                StopReason::EndTurn
            }),
            usage: TokenUsage {
                input_tokens: if wants_tools { 120 } else { 310 },
                output_tokens: if wants_tools { 25 } else { 40 },
                cache_read_input_tokens: if wants_tools { 0 } else { 100 },
                cache_creation_input_tokens: 0,
            },
            had_tool_calls: wants_tools,
            text_output_present: !wants_tools,
            ..ChatResponse::default()
        };
        finish_chat_span_success(&mut span, &response, 0.45, PROVIDER, MODEL);
        if wants_tools {
            (&TOOLS, "")
        } else {
            (&[], "A concert in Lisbon, at 9 pm.")
        }
    }

    /// Runs a tool, within what is current.
    pub fn run_tool(&self, name: &str, call_id: &str) {
        let mut span = build_tool_span(ToolSpanParams {
            tool_name: name,
            tool_call_id: call_id,
            display_name: "",
            tier: Some(ToolTier::Observe),
            kind: "async",
        });
        self.pass(30);
        let outcome = ToolSpanOutcome::Completed {
            output: "a concert, at 9 pm",
            success: true,
            duration_ms: None,
        };
        finish_tool_span(&mut span, name, "async", &outcome);
    }

    /// Delivers what was recorded.
    ///
    /// # Errors
    ///
    /// When not all of it arrived.
    pub fn deliver(self) -> Result {
        let report = self.telemetry.shutdown(Duration::from_secs(10));
        if report.is_complete() {
            Ok(())
        } else {
            Err(report.to_string().into())
        }
    }
}
