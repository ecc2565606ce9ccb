//! A run of an agent in tasks of a worker, with agent-sdk's primitives: each task runs on a thread of its own and
//! knows no more of the run than what a queue could hold.
//!
//! `turn_inline` does the same in one go, and leaves the same bytes.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{collections::VecDeque, thread};

use genspan_examples::{
    Result, Stage,
    turns::{AGENT, RUN, World},
};
use genspan_otel::instrument::{
    context_from_traceparent, finalize_root_turn_span, remote_parent_context, start_root_turn_span,
    stash_root_turn_span, traceparent_from_ids,
};

/// Is what the queue holds: plain data, as it would come from another process.
enum Task {
    Begin,
    Ask {
        turn: usize,
        trace_id: String,
        span_id: String,
    },
    RunTool {
        name: &'static str,
        traceparent: String,
    },
}

/// Names the run for those who end it.
const RUN_KEY: &str = "task-1";

fn main() -> Result {
    let stage = Stage::new()?;
    let world = World::new(&stage)?;
    let mut queue = VecDeque::from([Task::Begin]);
    while let Some(task) = queue.pop_front() {
        let world = world.clone();
        // A worker's task begins with nothing current but the recorder.
        let work = move || world.telemetry.scope().run(|| perform(&world, task));
        let next = thread::spawn(work).join();
        queue.extend(next.map_err(|_| "a task panicked")??);
    }
    world.deliver()?;
    Ok(stage.show()?)
}

/// Performs a task, and gives those that follow it.
fn perform(world: &World, task: Task) -> Result<Vec<Task>> {
    match task {
        Task::Begin => {
            let mut run = start_root_turn_span(RUN);
            run.span.set_agent_name(AGENT);
            stash_root_turn_span(RUN_KEY, run.span)?;
            Ok(vec![Task::Ask {
                turn: 1,
                trace_id: run.trace_id_hex,
                span_id: run.span_id_hex,
            }])
        }
        Task::Ask {
            turn,
            trace_id,
            span_id,
        } => {
            let context = remote_parent_context(&trace_id, &span_id).ok_or("no ids")?;
            let within = context.attach();
            let (calls, answer) = world.ask(turn);
            drop(within);
            if calls.is_empty() {
                finalize_root_turn_span(RUN_KEY, turn, None, "done");
                println!("{answer}");
                return Ok(Vec::new());
            }
            let traceparent = traceparent_from_ids(&trace_id, &span_id).ok_or("no ids")?;
            let tools = calls.iter().map(|name| Task::RunTool {
                name,
                traceparent: traceparent.clone(),
            });
            let next = Task::Ask {
                turn: turn + 1,
                trace_id,
                span_id,
            };
            Ok(tools.chain([next]).collect())
        }
        Task::RunTool { name, traceparent } => {
            let context = context_from_traceparent(&traceparent).ok_or("no traceparent")?;
            let _within = context.attach();
            world.run_tool(name, &format!("call-{name}"));
            Ok(Vec::new())
        }
    }
}
