//! Whatever the order and number of polls, every span ends once.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Waker},
};

use genspan::Value;
use genspan_chat::{ChatResponse, ChatStream, Tools, chat_fn, function, stack};
use proptest::prelude::*;
use tower_service::Service;

use super::rig::{OPENAI, Yield, pieces, question, recorder, spans, wants};

/// Says how one run behaves.
#[derive(Clone, Debug)]
struct Plan {
    rounds: usize,
    tools: Vec<usize>,
    waits: usize,
    fails_in: Option<usize>,
    is_streamed: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let tools = prop::collection::vec(0..4_usize, 0..4);
    let fails = prop::option::of(0..4_usize);
    (0..4_usize, tools, 0..3_usize, fails, any::<bool>()).prop_map(
        |(rounds, tools, waits, fails_in, is_streamed)| Plan {
            rounds,
            tools,
            waits,
            fails_in,
            is_streamed,
        },
    )
}

type Running = Pin<Box<dyn Future<Output = bool>>>;

/// Answers round for round as the plan says.
fn answer(plan: &Plan, round: usize) -> io::Result<ChatResponse> {
    if plan.fails_in == Some(round) {
        return Err(io::Error::other("refused"));
    }
    if round >= plan.rounds {
        return Ok(ChatResponse::text("done").with_finish_reason("stop"));
    }
    let calls = (0..plan.tools.len())
        .map(|nth| wants(&format!("{round}-{nth}"), "wait", &format!("[{nth}]")));
    Ok(ChatResponse::tool_calls(calls))
}

fn start(telemetry: &genspan::Telemetry, plan: &Plan) -> Running {
    let waits = Arc::new(plan.tools.clone());
    let tools = Tools::new().with(function("wait", "", Value::Null), move |call| {
        let nth = match call.arguments {
            Value::Array(items) => matches!(items.first(), Some(Value::Int(0))),
            _ => false,
        };
        let turns = waits.get(usize::from(!nth)).copied().unwrap_or_default();
        async move {
            Yield(turns).await;
            if turns == 3 {
                Err(io::Error::other("broken"))
            } else {
                Ok("waited")
            }
        }
    });
    let (plan, telemetry) = (plan.clone(), telemetry.clone());
    let rounds = |request: &genspan_chat::ChatRequest| {
        let answers = request.messages.iter();
        answers
            .filter(|it| it.role == genspan::Role::Assistant)
            .count()
    };
    if plan.is_streamed {
        let client = chat_fn(move |request| {
            let (answer, waits) = (answer(&plan, rounds(&request)), plan.waits);
            async move {
                Yield(waits).await;
                answer.map(|answer| ChatStream::new(pieces(&answer)))
            }
        });
        let built = stack(client)
            .with_telemetry(&telemetry, OPENAI)
            .with_tools(tools);
        let mut agent = built.with_agent("a").build();
        return Box::pin(async move { agent.call(question()).await.is_ok() });
    }
    let client = chat_fn(move |request| {
        let (answer, waits) = (answer(&plan, rounds(&request)), plan.waits);
        async move {
            Yield(waits).await;
            answer
        }
    });
    let built = stack(client)
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools);
    let mut agent = built.with_agent("a").build();
    Box::pin(async move { agent.call(question()).await.is_ok() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_span_ends_once_and_stands_under_its_own_agent(
        plans in prop::collection::vec(plan(), 1..4),
        turns in prop::collection::vec(0..8_usize, 0..60),
    ) {
        let (sink, telemetry) = recorder(true);
        let mut running: Vec<Option<Running>> =
            plans.iter().map(|plan| Some(start(&telemetry, plan))).collect();
        let count = running.len();
        for turn in turns {
            // One in eight turns gives a run up.
            let slot = &mut running[turn % count];
            let Some(future) = slot else { continue };
            let is_left = turn == 7;
            let mut cx = Context::from_waker(Waker::noop());
            if is_left || future.as_mut().poll(&mut cx).is_ready() {
                *slot = None;
            }
        }
        drop(running);
        let starts = sink.starts();
        let spans = spans(&sink, &telemetry);
        let mut ids: Vec<_> = spans.iter().map(|it| it.context.span_id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), spans.len(), "a span ended twice");
        prop_assert_eq!(spans.len(), starts.len(), "a span did not end");
        for span in &spans {
            let Some(parent) = &span.parent else {
                prop_assert!(span.signals.name.starts_with("invoke_agent"));
                continue;
            };
            let parent = spans.iter().find(|it| it.context.span_id == parent.span_id).unwrap();
            prop_assert!(parent.signals.name.starts_with("invoke_agent"));
            prop_assert!(parent.started <= span.started && span.ended <= parent.ended);
        }
    }
}
