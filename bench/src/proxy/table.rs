//! The tables of the proxy.

use super::{
    Entrant,
    round::{Bout, Round},
};
use crate::{
    load::number,
    report::{Budget, Cell, Table, Unit},
};

const MEGABYTE: f64 = 1024.0 * 1024.0;
/// What may be added until the first byte, in nanoseconds.
const FIRST_BYTE: f64 = 100_000.0;

/// Shows everything on, and telemetry off, each beside the pass-through.
pub(super) fn all(bouts: &[Bout], memory: &Bout) -> Vec<Table> {
    let mut notes = vec![
        "Clients, proxy and provider share the machine. With two processors, full speed is when all three \
         together use both up: a proxy that needs twice the processor time then answers more than half as much, \
         and part of the 99th percentile is waiting for a processor."
            .to_owned(),
        "Latency counts from when a request was due: 1,000, 500 and 20 requests in a second. Processor time is \
         that of the proxy's process, all its threads, until everything is decoded and written."
            .to_owned(),
        "Chunks leave 5 ms apart. A shift is the difference between the gap of two chunks where they are sent and \
         where they arrive, in percent of 5 ms."
            .to_owned(),
    ];
    notes.extend(bouts.iter().chain([memory]).flat_map(Bout::troubles));
    vec![
        Table {
            name: "proxy",
            title: "A call through the proxy, content recorded to a file",
            peer: "a bare hyper pass-through",
            cells: cells(bouts, memory, Entrant::On),
            notes,
        },
        Table {
            name: "proxy-off",
            title: "A call through the proxy, nothing recorded",
            peer: "a bare hyper pass-through",
            cells: cells(bouts, memory, Entrant::Off),
            notes: vec![
                "What is more than the pass-through here is the proxy's own; the rest above is telemetry."
                    .to_owned(),
            ],
        },
    ]
}

fn cells(bouts: &[Bout], memory: &Bout, entrant: Entrant) -> Vec<Cell> {
    let mut cells = Vec::new();
    for bout in bouts {
        let label = bout.label;
        let streams = label.starts_with("stream");
        let paced = |what: &str, unit, of: fn(&Round) -> f64| {
            Cell::new(format!("{label}: {what}"), unit, bout.at_pace(entrant, of))
                .beside(bout.at_pace(Entrant::Bare, of))
        };
        let full = |what: &str, of: fn(&Round) -> f64| {
            Cell::new(
                format!("{label}: {what}"),
                Unit::Nanoseconds,
                bout.at_full_speed(entrant, of),
            )
            .beside(bout.at_full_speed(Entrant::Bare, of))
        };
        let throughput = Cell::new(
            format!("{label}: requests/s at full speed"),
            Unit::Rate,
            bout.throughput(entrant),
        );
        cells.push(
            throughput
                .beside(bout.throughput(Entrant::Bare))
                .within(Budget::RatioAtLeast(0.8)),
        );
        cells
            .push(full("processor time, full speed", |it| it.cpu).within(Budget::RatioAtMost(1.3)));
        cells.push(
            paced("processor time, paced", Unit::Nanoseconds, |it| it.cpu)
                .within(Budget::RatioAtMost(1.3)),
        );
        cells.push(paced("latency, p50", Unit::Nanoseconds, |it| it.half));
        cells.push(
            paced("latency, p99", Unit::Nanoseconds, |it| it.most)
                .within(Budget::RatioAtMost(1.15)),
        );
        cells.push(
            paced("first byte, p50", Unit::Nanoseconds, |it| it.first)
                .within(Budget::MoreAtMost(FIRST_BYTE)),
        );
        if streams {
            cells.push(
                paced("shift of gaps, p50", Unit::Percent, |it| it.shift_half)
                    .within(Budget::MoreAtMost(1.0)),
            );
            cells.push(
                paced("shift of gaps, p99", Unit::Percent, |it| it.shift_most)
                    .within(Budget::MoreAtMost(1.0)),
            );
        }
        cells.push(paced("memory after it", Unit::Bytes, |it| {
            number(it.resident)
        }));
    }
    let most = |entrant| memory.at_pace(entrant, |it| number(it.resident_at_most));
    cells.push(
        Cell::new(
            "1,000 streams at once: most memory",
            Unit::Bytes,
            most(entrant),
        )
        .beside(most(Entrant::Bare))
        .within(Budget::AtMost(64.0 * MEGABYTE)),
    );
    cells
}
