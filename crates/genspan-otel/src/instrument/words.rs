//! agent-sdk's own keys and words, beside those of the conventions.

pub(super) const PROVIDER_ID: &str = "agent_sdk.provider.id";
pub(super) const OUTCOME: &str = "agent_sdk.outcome";
pub(super) const TOTAL_TURNS: &str = "agent_sdk.total_turns";
pub(super) const RUN_MODE: &str = "agent_sdk.run.mode";
pub(super) const INPUT_KIND: &str = "agent_sdk.input.kind";

pub(super) const TURN_SPAN: &str = "agent.turn";
pub(super) const TURN_NUMBER: &str = "agent_sdk.turn.number";
pub(super) const TURN_STOP_REASON: &str = "agent_sdk.turn.stop_reason";
pub(super) const TURN_HAD_TOOL_CALLS: &str = "agent_sdk.turn.had_tool_calls";
pub(super) const TURN_INPUT_TOKENS: &str = "agent_sdk.turn.input_tokens";
pub(super) const TURN_OUTPUT_TOKENS: &str = "agent_sdk.turn.output_tokens";
pub(super) const TURN_CACHE_CREATION: &str = "agent_sdk.turn.cache_creation_input_tokens";
pub(super) const TURN_CACHE_READ: &str = "agent_sdk.turn.cache_read_input_tokens";

pub(super) const COMPACTION_SPAN: &str = "agent.context_compaction";
pub(super) const COMPACTION_TRIGGER: &str = "agent_sdk.compaction.trigger";
pub(super) const COMPACTION_ORIGINAL_COUNT: &str = "agent_sdk.compaction.original_count";
pub(super) const COMPACTION_NEW_COUNT: &str = "agent_sdk.compaction.new_count";
pub(super) const COMPACTION_ORIGINAL_TOKENS: &str = "agent_sdk.compaction.original_tokens";
pub(super) const COMPACTION_NEW_TOKENS: &str = "agent_sdk.compaction.new_tokens";

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
