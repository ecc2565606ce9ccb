//! What one call costs altogether, all work on one thread.

mod peer;

use std::{hint::black_box, time::Duration};

use genspan::{Inference, InferenceKind, Outcome, Parent, Provider, StartOptions, Telemetry};
use genspan_wire::{End, Exchange as Decoder, RequestHead};

pub(crate) use self::peer::{Peer, Said};
use crate::{
    caller::exchange::Call,
    fixtures::{self, Exchange, SIZES, size_name},
    harness::{Entrant, Options, contest, repeated, timed},
    ours::{Ours, Work},
    report::{Budget, Cell, Table, Unit},
    sdk::Behind,
};

const BUDGET: Budget = Budget::RatioAtMost(1.3);

const HEAD: RequestHead<'static> = RequestHead {
    method: "POST",
    host: "api.openai.com",
    port: Some(443),
    path: "/v1/chat/completions",
};

/// Decodes an exchange and records it, as the HTTP layer's worker does.
pub(crate) fn whole(telemetry: &Telemetry, exchange: &Exchange) {
    let Some(mut decoder) = Decoder::detect(&HEAD) else {
        return;
    };
    let options = StartOptions {
        parent: Parent::Root,
        ..StartOptions::default()
    };
    let open = telemetry.open(decoder.outline(), options);
    if !open.wants_content() {
        decoder = decoder.without_content();
    }
    decoder.request_all(&exchange.request);
    decoder.response_head(200, Some("application/json"));
    decoder.response_all(&exchange.response, telemetry.now());
    let decoded = decoder.finish(End::Complete);
    open.close(decoded.record, decoded.outcome);
}

/// Ends an operation without a word, which is the least that one costs.
fn wordless(telemetry: &Telemetry) {
    let inference = Inference::new(InferenceKind::Chat, Provider::OPENAI);
    telemetry.start(inference).end_as(Outcome::Completed);
}

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let with_content = Ours::otel(Behind::Nothing, true, Work::AtOnce);
    let without = Ours::otel(Behind::Nothing, false, Work::AtOnce);
    let mut cells = Vec::new();
    for size in SIZES {
        cells.extend(at_size(size, [&with_content, &without], options)?);
    }
    let mut least: [Entrant<'_>; 1] = [Box::new(|times| {
        repeated(times, || wordless(&with_content.telemetry))
    })];
    if let [sample] = contest(options.rounds(200), 100, &mut least).as_slice() {
        cells.push(
            Cell::new("a call without a word", Unit::Nanoseconds, *sample)
                .noting("span, one measurement, nothing decoded"),
        );
    }
    with_content.check()?;
    without.check()?;
    Ok(vec![Table {
        name: "worker",
        title: "One call altogether: decoded, rendered and recorded on one thread",
        peer: "a hand-written span with the same attributes, both bodies parsed once and borrowed, \
               messages copied as the JSON they are, three values of histograms",
        cells,
        notes: vec![
            "The peer looks for no secrets, bounds nothing and fails on a body that is cut off."
                .to_owned(),
        ],
    }])
}

fn at_size(size: usize, ours: [&Ours; 2], options: Options) -> Result<Vec<Cell>, String> {
    let [with_content, without] = ours;
    let exchange = fixtures::openai(size);
    let call = Call::new(size)?;
    let peer = Peer::new();
    let mut entrants: Vec<Entrant<'_>> = vec![
        by_peer(&peer, &exchange, Said::AsItIs),
        by_peer(&peer, &exchange, Said::Nothing),
        by_peer(&peer, &exchange, Said::Unescaped),
        Box::new(|times| repeated(times, || whole(&with_content.telemetry, &exchange))),
        Box::new(|times| repeated(times, || whole(&without.telemetry, &exchange))),
        through_layer(&call, with_content),
    ];
    // Some 10 ms a round at any size.
    let times = (1024 / size).clamp(2, 200);
    let samples = contest(
        options.rounds(if size > 64 { 60 } else { 150 }),
        times,
        &mut entrants,
    );
    let [copied, passed_over, unescaped, content, metadata, layer] = samples.as_slice() else {
        return Err("an entrant is missing".to_owned());
    };
    let name = size_name(size);
    let cell = |label: &str, ours, peer| {
        Cell::new(format!("{label}, {name}"), Unit::Nanoseconds, ours)
            .beside(peer)
            .within(BUDGET)
    };
    let mut unescaping = cell("content, peer unescapes texts", *content, *unescaped);
    unescaping.budget = None;
    Ok(vec![
        cell("content", *content, *copied),
        unescaping,
        cell("content, through the HTTP layer", *layer, *copied),
        cell("no content", *metadata, *passed_over),
    ])
}

fn by_peer<'a>(peer: &'a Peer, exchange: &'a Exchange, said: Said) -> Entrant<'a> {
    Box::new(move |times| repeated(times, || black_box(peer.call(exchange, said))))
}

fn through_layer<'a>(call: &'a Call, ours: &'a Ours) -> Entrant<'a> {
    Box::new(move |times| -> Duration {
        let responses: Vec<_> = (0..times)
            .filter_map(|_| call.response(usize::MAX))
            .collect();
        let (took, ()) = timed(|| {
            for response in responses {
                call.make(&ours.recorder, response);
            }
        });
        took
    })
}
