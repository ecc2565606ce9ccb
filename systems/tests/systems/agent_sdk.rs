//! agent-sdk's `observability::instrument` and its daemon: what runs, their parts, chats and tools tell.
//!
//! All go through its own primitives to the SDK's exporters. `otel` stands for
//! `crates/genspan-otel/tests/sink/agent_sdk.rs` and, behind a slash, for files beside it; `genspan` for `crates/genspan/tests`.
//!
//! # Spans
//!
//! | it has | here |
//! |---|---|
//! | chat span `chat {model}`, client, status unset | `otel`: `a_chat_is_as_the_conventions_say` |
//! | tool span over the real time, with the call's id | `spans::tool_span_is_named_covers_the_run_and_has_its_type`; `otel`: `a15_…` |
//! | agent span | `runs::multi_agent_span_of_a_sub_agent_has_its_own_tokens` |
//! | turn span, which it makes afterwards | `runs::loop_cycle_span_has_the_turns_attributes`, `runs::a_turn_ends_as_it_says_and_what_is_dropped_is_cancelled` |
//! | sub-agents, which it makes afterwards | `runs::turn_and_sub_agent_spans_are_live_and_hold_what_ran_in_them` |
//! | compaction span | `runs::context_compaction_span_says_what_it_did`, `runs::a_compaction_ends_as_it_says` |
//! | MCP client spans, by names of its own | `mcp::mcp_client_spans_are_named_as_the_conventions_name_them`, `mcp::mcp_request_that_a_tool_is_run_by_is_the_tools_span`; by its own names: `crates/genspan-dialects/tests/dialects/agent_sdk.rs`, `mcp_requests_…` |
//! | link of a replay | `otel`: `a_replay_points_at_what_it_replays` |
//!
//! # Attributes
//!
//! | it has | here |
//! |---|---|
//! | provider; response id and model; request parameters; cached tokens, part of the input | `otel`: `a_chat_is_as_the_conventions_say`, `a4_…` |
//! | finish reasons | `spans::finish_reason_normalisation_as_a_string_array` |
//! | conversation | `otel`: `a20_…` |
//! | `error.type` | `spans::error_type_of_a_typed_error_and_of_a_text`; `otel`: `a16_…` |
//! | Langfuse's keys | `spans::vendor_namespace_layer_writes_langfuse_for_who_wants_it` |
//! | kinds of tools | `spans::tool_span_is_named_covers_the_run_and_has_its_type` |
//!
//! # Content
//!
//! | it has | here |
//! |---|---|
//! | off by default | `content::content_off_by_default` |
//! | a decision for each artefact | `content::separate_switches_for_what_is_sent_and_what_is_answered`, `content::external_reference_instead_of_inline_content` |
//! | two keys | `content::two_key_gate_of_capture_and_hook` |
//! | references instead of content | `content::external_reference_instead_of_inline_content` |
//! | patterns | `content::pattern_redaction_of_everything_that_is_said`; `genspan/redact.rs` |
//! | a size limit | `content::truncation_with_a_byte_limit_says_how_much_is_left_out` |
//! | binaries left out | `genspan/leak.rs`: `binaries_are_named_unless_asked_for` |
//! | instructions apart | `content::system_prompt_recorded_separately_in_semconv_part_shapes` |
//!
//! # Streaming, metrics, propagation
//!
//! | it has | here |
//! |---|---|
//! | first chunk, time per chunk, usage, tool calls | `measures::semconv_client_metrics_have_the_specified_edges`; `otel`: `a5_…`; `crates/genspan-chat/tests/chat/streams.rs` |
//! | early drops and errors amid a stream | `otel/lifecycle.rs`, `crates/genspan-chat/tests/chat/streams.rs` |
//! | client metrics with the conventions' edges | `measures::semconv_client_metrics_have_the_specified_edges` |
//! | its own metrics of runs, turns, tools, compactions, sub-agents, retries | `measures::run_turn_tool_and_compaction_metrics_have_its_units_edges_and_labels` |
//! | its metric of MCP requests | `mcp::mcp_requests_are_measured_under_its_own_name_for_who_asks` |
//! | few labels | `measures::bounded_label_cardinality_whatever_a_turn_is_said_to_end_as` |
//! | traceparent, sampling flag | `otel`: `a21_…`, `runs.rs`: `a8_…`, `a18_…` |
//! | roots across tasks | `otel/agent_sdk/runs.rs`; `genspan/roots.rs` |
//! | bounded memory | `spans::bounded_memory_for_live_spans` |
//! | baggage by an allow-list | `otel/baggage.rs` |
//! | one module for two loops | `examples/tests/run.rs`: the worker and the loop write the same bytes |
//! | trouble in telemetry stays there | `otel/agent_sdk/runs.rs`: `without_a_recorder_nothing_happens`; `genspan/lifecycle.rs` |
//! | metrics of its server and host (`agent_server.*`, `rpc.server.*`, `db.*`) | not here: they measure no model, tool or agent |
//!
//! # Its defects
//!
//! | | here |
//! |---|---|
//! | A1 A2 A3 A4 A5 | `otel`: `a_chat_is_as_the_conventions_say`, `a2_…` to `a5_…`; `spans::finish_reason_normalisation_as_a_string_array` |
//! | A6 turns and sub-agents of no length, their children beside them | `runs::turn_and_sub_agent_spans_are_live_and_hold_what_ran_in_them` |
//! | A7 A8 A9 A10 A11 A12 | `otel/agent_sdk/runs.rs`, by number |
//! | A13 unredacted errors | `otel`: `a13_…` |
//! | A14 rules that fail open | `content::pattern_redaction_of_everything_that_is_said`; a bad pattern is an error: `genspan/redact.rs`: `pattern_errors_say_what_to_do` |
//! | A15 tools that fail without an error | `otel`: `a15_…` |
//! | A16 errors by their text | `spans::error_type_of_a_typed_error_and_of_a_text`; `otel`: `a16_…` |
//! | A17 the daemon tells less | cannot apply: both loops use one scope; `examples/tests/run.rs` compares their bytes |
//! | A18 A24 | `otel/agent_sdk/runs.rs`, by number |
//! | A19 old names of MCP, environment and schema | `mcp::mcp_client_spans_are_named_as_the_conventions_name_them`; the names are the conventions' table's: `xtask/tests/registry.rs` |
//! | A20 A21 | `otel`, by number |
//! | A22 error text written twice | cannot apply: nothing writes a narrative |
//! | A23 tool calls guessed from tokens | `runs::loop_cycle_span_has_the_turns_attributes` |

#[path = "agent_sdk/content.rs"]
mod content;
#[path = "agent_sdk/mcp.rs"]
mod mcp;
#[path = "agent_sdk/measures.rs"]
mod measures;
#[path = "agent_sdk/rig.rs"]
mod rig;
#[path = "agent_sdk/runs.rs"]
mod runs;
#[path = "agent_sdk/spans.rs"]
mod spans;
