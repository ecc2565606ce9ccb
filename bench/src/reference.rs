//! What OpenTelemetry's own pieces cost here, to read the other numbers by.

use opentelemetry::{KeyValue, metrics::MeterProvider as _};

use crate::{
    bare::{Bare, Facts},
    harness::{Entrant, Options, contest, repeated},
    report::{Cell, Table, Unit},
    sdk::{Behind, meters},
};

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let (batch, nothing) = (Bare::new(Behind::Batch), Bare::new(Behind::Nothing));
    let not_sampled = Bare::new(Behind::NotSampled);
    let meters = meters();
    let histogram = meters.meter("bench").f64_histogram("x").build();
    let labels = [
        KeyValue::new("gen_ai.operation.name", "chat"),
        KeyValue::new("gen_ai.provider.name", "openai"),
        KeyValue::new("gen_ai.request.model", "gpt-4o-mini"),
        KeyValue::new("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
        KeyValue::new("server.address", "api.openai.com"),
        KeyValue::new("server.port", 443),
    ];
    let record: Entrant<'_> = Box::new(|times| repeated(times, || histogram.record(0.4, &labels)));
    let labels = [
        "span, no attributes, no-op processor",
        "span, no attributes, batch processor",
        "span, 16 attributes, no-op processor",
        "span, 16 attributes, batch processor",
        "span, 16 attributes, not sampled",
        "histogram, 6 attributes, one value",
    ];
    let samples = contest(
        options.rounds(300),
        500,
        &mut [
            nothing.entrant(Facts::None),
            batch.entrant(Facts::None),
            nothing.entrant(Facts::Sixteen),
            batch.entrant(Facts::Sixteen),
            not_sampled.entrant(Facts::Sixteen),
            record,
        ],
    );
    let cells = labels.iter().zip(samples);
    Ok(vec![Table {
        name: "reference",
        title: "What OpenTelemetry's pieces cost here",
        peer: "",
        cells: cells
            .map(|(label, sample)| Cell::new(*label, Unit::Nanoseconds, sample))
            .collect(),
        notes: Vec::new(),
    }])
}
