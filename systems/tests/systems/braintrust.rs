//! Braintrust's .NET SDK: what its layers, wrappers and exporter tell of a call.
//!
//! All go from a recorder over the wire to an intake that drops what names no parent. `chat`, `otlp` and `dialects`
//! stand for `crates/genspan-chat/tests/chat`, `crates/genspan-otlp/tests` and `crates/genspan-dialects/tests`.
//!
//! # Spans
//!
//! | it has | here |
//! |---|---|
//! | chat span, of the kind client, status unset on success | `calls::chat_span_with_kind_client_and_status_unset` |
//! | tool span over the real time, with arguments, result and duration | `runs::tool_span_shows_arguments_and_result_and_covers_the_run` |
//! | agent span with name and id | `runs::agent_span_carries_name_and_id_and_no_tokens` |
//!
//! # Attributes
//!
//! | it has | here |
//! |---|---|
//! | provider, response model (and id, which it lacks) | `calls::provider_name_and_response_model_are_the_vendors_own` |
//! | request parameters and tool definitions in its metadata | `calls::request_parameters_are_metadata_and_tool_definitions_too_where_content_may_be` |
//! | its own namespace | `calls::vendor_namespace_stands_beside_the_conventions`; `dialects/braintrust.rs` |
//! | parent: context, then id, then name | `frame::parent_is_the_contexts_and_else_the_settings`; `otlp/braintrust.rs` |
//! | `context_json` with library and environment | `frame::context_json_says_what_sent_the_span_and_where_from`, `frame::what_the_application_says_of_its_origin_stays` |
//! | addresses, headers, variables | `frame::headers_and_addresses_are_those_of_its_sdks`, `frame::nothing_starts_without_a_key_or_a_parent`; `crates/genspan-otlp/src/destination/vendor/tests.rs` |
//!
//! # Streaming, and engineering
//!
//! | it has | here |
//! |---|---|
//! | streams, with time to the first chunk | `calls::streaming_has_usage_tool_calls_and_time_to_first_chunk_and_a_whole_answer_has_none` |
//! | an error amid a stream | `calls::an_error_mid_stream_keeps_what_came` |
//! | rules for layers | `runs::layers_give_each_call_its_span_and_tools_as_siblings_whatever_goes_round_them`; `chat/orders.rs` |
//! | raw clients wrapped, their own methods in reach | `calls::raw_openai_client_is_wrapped_in_both_namespaces`, `calls::raw_anthropic_client_is_wrapped_with_the_system_prompt_first_and_its_blocks`; `chat/shaped.rs` |
//! | any chat client wrapped | `calls::any_chat_client_is_wrapped_by_the_layer_alone` |
//! | trouble in telemetry stays there | `calls::telemetry_failure_never_reaches_the_caller` |
//! | `function.iteration`, `.call_index`, `.total_count`, `.terminated` | not taken over: bare keys (B13); the order of spans, the links to the call that asked and the run's end tell them |
//!
//! # Its defects
//!
//! | | here |
//! |---|---|
//! | B1 bodies in baggage | `defects::b1_headers_that_go_on_hold_no_content`; `chat/defects.rs` |
//! | B2 two orders of layers | does not compile: `crates/genspan-chat/tests/ui/chat_round_loop.rs`; `chat/orders.rs` |
//! | B3 usage summed twice | `defects::b3_a_raw_client_over_a_recorded_transport_is_one_span_with_one_usage`; `chat/defects.rs`, `chat/transport.rs` |
//! | B4 B5 one flag for content and all else, which is on | `defects::b4_b5_without_content_models_tokens_and_times_are_there`; `chat/defects.rs` |
//! | B6 first token of whole answers | `calls::streaming_has_usage_tool_calls_and_time_to_first_chunk_and_a_whole_answer_has_none` |
//! | B7 streams lose usage, tools and output | the same, `defects::b7_a_stream_that_is_left_early_has_its_output`; `chat/streams.rs` |
//! | B8 provider's JSON under the conventions' keys | `defects::b8_b13_keys_are_the_conventions_the_vendors_or_ours`; `chat/defects.rs` |
//! | B9 system prompt last, blocks lost | `calls::raw_anthropic_client_is_wrapped_with_the_system_prompt_first_and_its_blocks`; `chat/defects.rs` |
//! | B10 no cached or reasoning tokens | `calls::any_chat_client_is_wrapped_by_the_layer_alone` |
//! | B11 no call id, type, description, `error.type`; names | `runs::tool_span_shows_arguments_and_result_and_covers_the_run`, `runs::a_tool_that_fails_is_an_error_with_its_class` |
//! | B12 types that it does not list | `runs::b12_types_are_of_the_vendors_list` |
//! | B13 bare keys | `defects::b8_b13_keys_are_the_conventions_the_vendors_or_ours` |
//! | B14 malformed bodies throw | `calls::telemetry_failure_never_reaches_the_caller`, `defects::b14_a_malformed_answer_is_handed_on`; `chat/defects.rs` |
//! | B15 a key of two owners | `defects::b15_each_key_has_one_owner`; `chat/vendor.rs` |

#[path = "braintrust/calls.rs"]
mod calls;
#[path = "braintrust/defects.rs"]
mod defects;
#[path = "braintrust/frame.rs"]
mod frame;
#[path = "braintrust/rig.rs"]
mod rig;
#[path = "braintrust/runs.rs"]
mod runs;
