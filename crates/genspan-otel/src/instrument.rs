//! The primitives of agent-sdk's `observability::instrument`, under their own names, for loops that are ported from it.
//!
//! A port changes the imports, says what an answer was with this module's [`ChatResponse`], and runs its
//! tasks in a scope of the recorder: everything here records to [`current`](crate::current), and nothing
//! where there is none.
//!
//! ```
//! use genspan::Telemetry;
//! use genspan_otel::instrument::{
//!     ChatResponse, ChatSpanParams, RootTurnSpanParams, StopReason, build_chat_span,
//!     finalize_root_turn_span, finish_chat_span_success, remote_parent_context,
//!     stash_root_turn_span, start_root_turn_span,
//! };
//!
//! # fn of(telemetry: &Telemetry) -> Result<(), Box<dyn std::error::Error>> {
//! let _recorded = telemetry.scope().enter(); // once for each thread; `within` for futures
//!
//! // The task that a run begins with.
//! let run = RootTurnSpanParams { provider_id: "anthropic", model: "claude-sonnet-4-5", conversation_id: "c-1" };
//! let started = start_root_turn_span(run);
//! let (trace, span) = (started.trace_id_hex.clone(), started.span_id_hex.clone());
//! stash_root_turn_span("task-1", started.span)?;
//!
//! // Another task of it.
//! let _within = remote_parent_context(&trace, &span).ok_or("no ids")?.attach();
//! let chat = ChatSpanParams { provider_id: "anthropic", model: "claude-sonnet-4-5", streaming: false, max_tokens: None };
//! let mut chat = build_chat_span(chat);
//! let answer = ChatResponse { stop_reason: Some(StopReason::EndTurn), ..ChatResponse::default() };
//! finish_chat_span_success(&mut chat, &answer, 0.8, "anthropic", "claude-sonnet-4-5");
//!
//! // The last.
//! finalize_root_turn_span("task-1", 1, None, "done");
//! # Ok(())
//! # }
//! ```
//!
//! # Beside them
//!
//! agent-sdk writes turns, compactions and sub-agents when they are over. Here they are begun and ended as chats are, so
//! that what runs in them is under them; tokens are the run's all the same.
//!
//! | span | begun by | ended by | measured by |
//! |---|---|---|---|
//! | `agent.turn` | [`build_turn_span`] | [`finish_turn_span`] | `agent_sdk.turns.duration` |
//! | `agent.context_compaction` | [`build_compaction_span`] | [`finish_compaction_span`] | `agent_sdk.context.compaction`, `….tokens_saved` |
//! | `invoke_agent {name}` of a sub-agent | [`start_subagent_span`] | [`finish_subagent_span`] | `agent_sdk.subagent.invocations` |
//!
//! # What is different
//!
//! | agent-sdk | here |
//! |---|---|
//! | `gen_ai.response.finish_reasons` is a string, the cap is `gen_ai.request.max_output_tokens`, tools' and agents' names are not in span names | as the conventions say |
//! | cached tokens are measured again beside the input; sub-agents' tokens twice | input and output, once for each call |
//! | a discarded run, or one that lost against another, comes out as if it were one | `agent_sdk.outcome` is `discarded`, and it is not counted |
//! | a run is counted again by each further end of it | once: its key is remembered |
//! | abandoned runs look like successes | status and `error.type` say `abandoned` |
//! | children of an unsampled run are sampled | under ids of a live run they are what the run is; [`Carrier`](genspan::Carrier) keeps flag and state |
//! | a failed tool has no error; a good one is `blocked` when its output begins so | the flag decides, and the error has a class |
//! | error texts come out as they are | they are content, and redacted |
//! | turns and sub-agents are written afterwards, of no length and beside their children | they are live |
//! | a run that failed took no turns and no tokens | turns are left out where nobody knows them, tokens are the sum of its chats |
//! | a run is lost with its process | with a journal it is resumed or recovered ([`keep_roots_with`]) |
//! | instruments belong to whichever provider was global first | to this recorder's ([`measure_with`]) |
//!
//! `langfuse.*` attributes are left to that vendor's dialect.

mod chat;
mod classify;
mod metrics;
mod place;
mod remote;
mod response;
mod root;
mod span;
mod step;
mod subagent;
mod tool;
mod words;

pub use self::{
    chat::{build_chat_span, finish_chat_span_error, finish_chat_span_success},
    classify::{classify_llm_error, finish_reason_str},
    metrics::measure_with,
    remote::{
        context_from_carrier, context_from_traceparent, remote_parent_context,
        remote_parent_context_with_sampling, traceparent_from_ids,
        traceparent_from_ids_with_sampling,
    },
    response::{
        ChatResponse, ChatSpanParams, CompactionOutcome, CompactionSpanParams, CompactionTrigger,
        RootTurnSpanParams, StopReason, SubagentSpanParams, TokenUsage, ToolSpanOutcome,
        ToolSpanParams, ToolTier, TurnEnd, TurnSpanParams,
    },
    root::{
        NotStashed, StartedRootTurnSpan, discard_root_turn_span, finalize_root_turn_span,
        finish_root_turn_span, keep_roots_with, live_roots, start_root_turn_span,
        stash_root_turn_span,
    },
    span::BoxedSpan,
    step::{build_compaction_span, build_turn_span, finish_compaction_span, finish_turn_span},
    subagent::{finish_subagent_span, start_subagent_span},
    tool::{build_tool_span, finish_tool_span},
};
