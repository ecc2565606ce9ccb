//! agent-sdk's own keys and words, beside those of the conventions.

pub(super) const PROVIDER_ID: &str = "agent_sdk.provider.id";
pub(super) const OUTCOME: &str = "agent_sdk.outcome";
pub(super) const TOTAL_TURNS: &str = "agent_sdk.total_turns";

pub(super) const STREAMING: &str = "agent_sdk.llm.streaming";
pub(super) const HAD_TOOL_CALLS: &str = "agent_sdk.llm.had_tool_calls";
pub(super) const TEXT_PRESENT: &str = "agent_sdk.llm.text_output_present";
pub(super) const THINKING_PRESENT: &str = "agent_sdk.llm.thinking_present";

pub(super) const TOOL_DISPLAY_NAME: &str = "agent_sdk.tool.display_name";
pub(super) const TOOL_TIER: &str = "agent_sdk.tool.tier";
pub(super) const TOOL_KIND: &str = "agent_sdk.tool.kind";
pub(super) const TOOL_OUTCOME: &str = "agent_sdk.tool.outcome";
pub(super) const TOOL_DURATION_MS: &str = "agent_sdk.tool.duration_ms";
pub(super) const TOOL_CONFIRMATION_REQUIRED: &str = "agent_sdk.tool.confirmation_required";
pub(super) const CONFIRMATION_EVENT: &str = "tool.confirmation_required";

pub(super) const REPLAYED_TRACE: &str = "agent.replay.original_trace_id";
pub(super) const REPLAYED_SPAN: &str = "agent.replay.original_span_id";
pub(super) const REPLAY_INDEX: &str = "agent.replay.attempt_index";
