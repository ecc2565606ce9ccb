//! Strands Agents: each thing that its tracer tells, and that genspan tells it too.
//!
//! | what Strands has | held by |
//! |---|---|
//! | a span for each call to a model | `spans::model_calls` |
//! | `execute_tool {tool}` over the tool's own time, with call id and description | `spans::tools` |
//! | `invoke_agent {agent}` | `spans::agent` |
//! | a span for each cycle of the loop | `spans::turns_where_they_are_asked_for` |
//! | spans for multi-agent runs (swarm, graph) | `spans::swarms_are_workflows` |
//! | context in `_meta` of MCP requests | `spans::a_request_to_another_process_carries_where_it_comes_from` |
//! | `gen_ai.tool.definitions` by an opt-in of its own | `modes::tool_definitions_are_an_opt_in_in_every_version` |
//! | agent usage of the last invocation by an opt-in | `spans::an_invocation_has_its_own_tokens`, which is the default |
//! | Langfuse's keys | `modes::langfuse_by_its_dialect` |
//! | `OTEL_SEMCONV_STABILITY_OPT_IN` | `modes::the_opt_in_variable` |
//! | v1.36's events, on spans | `modes::older_events`, `crates/genspan/tests/message_events.rs` |
//! | the latest shapes on details events | `modes::one_details_event_a_call` |
//! | parts as the conventions have them | `modes::latest_shapes` |
//! | the system prompt apart: none, text, blocks, empty, on every call | `prompt` |
//! | binary content is replaced | `defects::s18_images_are_told_by_kind_and_size` |
//! | streams: first chunk, deltas of tool calls, tokens, errors amid | `streams` |
//! | metrics of runs, cycles and tools; a summary in the process | `numbers` |
//! | trouble in telemetry stays there | `numbers::trouble_in_telemetry_stays_there` |
//! | provider, exporters and propagators in one call | `crates/genspan-otel/tests/init/program.rs` |
//! | spans of its own are read | `crates/genspan-dialects/tests/dialects/frameworks.rs` |
//!
//! Its defects are in `defects`, a test each; those that cannot apply are listed there.

#[path = "strands/defects.rs"]
mod defects;
#[path = "strands/modes.rs"]
mod modes;
#[path = "strands/numbers.rs"]
mod numbers;
#[path = "strands/prompt.rs"]
mod prompt;
#[path = "strands/spans.rs"]
mod spans;
#[path = "strands/streams.rs"]
mod streams;

use genspan::Provider;
use genspan_chat::{Instructions, Run, chat_fn, stack};
use tower_service::Service;

use crate::seen::{Model, Program, Seen, ask, question, run, tools};

const OPENAI: Provider = Provider::OPENAI;
const V1_36: &str = ";conventions=v1.36;content=span";
const V1_41: &str = ";conventions=v1.41;content=span";
const MAIN: &str = ";conventions=main;content=span";

/// Runs an agent once that asks for two tools and then answers.
fn planned(program: &Program, instructions: impl Into<Instructions>, has_turns: bool) -> Run {
    let model = Model::new(&program.telemetry(), "parallel-tools");
    run(async move {
        let client = chat_fn(move |request| ask(model.clone(), request));
        let mut planner = stack(client)
            .with_telemetry(&program.telemetry(), OPENAI)
            .with_tools(tools())
            .with_agent("planner")
            .with_instructions(instructions);
        if has_turns {
            planner = planner.with_turns();
        }
        planner.build().call(question()).await.unwrap()
    })
}

/// Gives what arrives of one run of the agent.
fn told(name: &str, options: &str) -> Seen {
    let program = Program::new(name, options);
    planned(&program, "You plan days.", false);
    program.end()
}
