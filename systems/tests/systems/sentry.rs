//! Sentry's JavaScript SDK: each thing that its AI integrations tell, and that genspan tells it too.
//!
//! The message stream of Claude Code is `genspan-claude`'s, and so are the rows and defects that are about it alone.
//!
//! | what Sentry has | held by |
//! |---|---|
//! | `chat {model}`, `execute_tool {tool}`, `invoke_agent {agent}`, embeddings, their `sentry.op` | `spans::each_operation_has_its_name_and_op` |
//! | the shape of each span | `spans::shapes` |
//! | a tool's own time, its call id, type and description | `spans::tools_stand_beside_the_call_that_asked_for_them` |
//! | multi-agent runs | `spans::an_agent_within_a_tool_is_its_child` |
//! | the eighteen keys | `keys::each_of_the_eighteen_facts_is_told`, `crates/genspan-dialects/tests/dialects/sentry.rs` |
//! | origin within its characters | `keys::an_origin_is_of_its_characters` |
//! | tool types by a table, overridable | `keys::types_of_tools_by_a_table_that_the_application_overrides` |
//! | response id and model, finish reasons, request parameters, cached and reasoning tokens | `keys::facts_of_a_call` |
//! | conversation id | `keys::conversations` |
//! | content off by default, inputs and outputs apart (`recordInputs`, `recordOutputs`) | `content::nothing_is_recorded_unless_asked_for`, `content::inputs_and_outputs_apart` |
//! | truncation to bytes, still JSON; binary replaced; parts; instructions apart | `content` |
//! | streams: deltas of tool calls, tokens, early drop, an error amid | `streams` |
//! | context over processes, with its sampling flag | `around::context_goes_on_with_its_flag` |
//! | one call recorded twice is one span | `around::one_call_seen_twice_is_one_span` |
//! | raw clients are wrapped and keep what they can | `around::a_wrapped_client_keeps_all_it_can` |
//! | `--to sentry` by its DSN | `around::telemetry_goes_where_the_dsn_says` |
//! | overhead measured | `bench/`, `docs/PERFORMANCE.md` |
//! | trouble in telemetry stays there | `around::odd_values_are_no_trouble`, `strands::numbers::trouble_in_telemetry_stays_there` |
//! | the message stream of Claude Code | `genspan-claude` |
//!
//! `defects` has its defects, a test each, and what its reviewers asked for (R9 to R15).

#[path = "sentry/around.rs"]
mod around;
#[path = "sentry/content.rs"]
mod content;
#[path = "sentry/defects.rs"]
mod defects;
#[path = "sentry/keys.rs"]
mod keys;
#[path = "sentry/spans.rs"]
mod spans;
#[path = "sentry/streams.rs"]
mod streams;

use genspan::Provider;
use genspan_chat::{chat_fn, stack};
use tower_service::Service;

use crate::seen::{Model, Program, Seen, ask, question, run, tools};

const OPENAI: Provider = Provider::OPENAI;

/// In Sentry's language, with content.
const SENTRY: &str = ";content=span;dialect=sentry";

/// Runs an agent once that asks for two tools and then answers.
fn plan(program: &Program) {
    let model = Model::new(&program.telemetry(), "parallel-tools");
    let client = chat_fn(move |request| ask(model.clone(), request));
    let mut planner = stack(client)
        .with_telemetry(&program.telemetry(), OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .with_instructions("You plan days.")
        .build();
    let question = question().with_conversation_id("c-17");
    run(planner.call(question)).unwrap();
}

/// Gives what arrives of one run of the agent.
fn told(name: &str, options: &str) -> Seen {
    let program = Program::new(&format!("sentry-{name}"), options);
    plan(&program);
    program.end()
}
