//! A run of an agent in one go, with agent-sdk's primitives: what runs in the run's scope is its own.
//!
//! `turn_worker` does the same in tasks that know nothing of each other but ids, and leaves the same bytes.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use genspan_examples::{
    Result, Stage,
    turns::{AGENT, RUN, World},
};
use genspan_otel::instrument::{finish_root_turn_span, start_root_turn_span};

fn main() -> Result {
    let stage = Stage::new()?;
    let world = World::new(&stage)?;
    println!("{}", world.telemetry.scope().run(|| run(&world)));
    world.deliver()?;
    Ok(stage.show()?)
}

fn run(world: &World) -> &'static str {
    let mut run = start_root_turn_span(RUN).span;
    run.set_agent_name(AGENT);
    let within = run.scope();
    for turn in 1.. {
        let (calls, answer) = within.run(|| world.ask(turn));
        for name in calls {
            within.run(|| world.run_tool(name, &format!("call-{name}")));
        }
        if calls.is_empty() {
            finish_root_turn_span(&mut run, turn, None, "done");
            return answer;
        }
    }
    "" // not before the turns run out
}
