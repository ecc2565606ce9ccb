//! How fast spans are safe on disk, and what that costs.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use genspan_store::Store;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    folder::Folder,
    peer::Peer,
    receiver::{self, SENDERS},
    spans::{Maker, REQUEST},
};
use crate::{
    child::{Child, usage},
    harness::{Options, timed},
    report::{Budget, Cell, Sample, Table, Unit},
};

/// Requests of a round.
const REQUESTS: usize = 24;

/// Durable spans of a second.
const BUDGET: Budget = Budget::AtLeast(20_000.0);

/// Holds what the rounds of one entrant gave, each in spans a second or nanoseconds a span.
#[derive(Debug, Default)]
struct Rounds {
    durable: Vec<f64>,
    /// Until they are in lists and search as well.
    settled: Vec<f64>,
    cpu: Vec<f64>,
    settled_cpu: Vec<f64>,
}

/// Holds how long a round took, and how long its processors worked.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    durable: Duration,
    settled: Duration,
    cpu: Duration,
    settled_cpu: Duration,
}

impl Rounds {
    fn add(&mut self, took: Took) {
        let spans = f64::from(u32::try_from(REQUESTS * REQUEST).unwrap_or(u32::MAX));
        let rate = |took: Duration| spans / took.as_secs_f64().max(1e-9);
        let each = |took: Duration| took.as_secs_f64() * 1e9 / spans;
        self.durable.push(rate(took.durable));
        self.settled.push(rate(took.durable + took.settled));
        self.cpu.push(each(took.cpu));
        self.settled_cpu.push(each(took.cpu + took.settled_cpu));
    }
}

/// Sums up rates: the best round instead of the least.
fn best(rates: &[f64]) -> Sample {
    Sample {
        least: rates.iter().copied().fold(0.0, f64::max),
        median: Sample::of(rates.to_vec()).median,
    }
}

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let mut maker = Maker::new(1);
    let requests: Vec<_> = (0..REQUESTS).map(|_| maker.request()).collect();
    let (mut direct, mut grpc, mut peer) =
        (Rounds::default(), Rounds::default(), Rounds::default());
    let mut memory = Vec::new();
    for _ in 0..options.rounds(60) / 10 {
        peer.add(by_peer(&requests)?);
        direct.add(straight(&requests)?);
        let (took, held) = over_grpc(&requests)?;
        grpc.add(took);
        memory.push(held);
    }
    let rate = |name: &str, rates: &[f64]| {
        Cell::new(name, Unit::Rate, best(rates)).beside(best(&peer.durable))
    };
    let cpu = |name: &str, cpu: &[f64]| {
        Cell::new(name, Unit::Nanoseconds, Sample::of(cpu.to_vec()))
            .beside(Sample::of(peer.cpu.clone()))
    };
    let held =
        |of: fn(&Held) -> u64| Sample::of(memory.iter().map(|held| number(of(held))).collect());
    let cells = vec![
        rate("straight in: durable spans/s", &direct.durable).within(BUDGET),
        rate("straight in: spans/s that can be found", &direct.settled),
        cpu("straight in: processor time a span", &direct.cpu),
        cpu(
            "straight in: processor time a span that can be found",
            &direct.settled_cpu,
        ),
        rate("over gRPC: durable spans/s", &grpc.durable).within(BUDGET),
        rate("over gRPC: spans/s that can be found", &grpc.settled),
        cpu("over gRPC: processor time a span", &grpc.cpu),
        Cell::new(
            "receiver: memory, idle",
            Unit::Bytes,
            held(|held| held.idle),
        ),
        Cell::new(
            "receiver: memory after a round",
            Unit::Bytes,
            held(|held| held.after),
        ),
        Cell::new("receiver: most memory", Unit::Bytes, held(|held| held.most)),
    ];
    Ok(vec![Table {
        name: "store-write",
        title: "Spans of 5 KB kept",
        peer: "a bare SQLite table that keeps each span's bytes and finds it by its ids, as durably, from one thread",
        cells,
        notes: vec![
            format!("{SENDERS} senders, requests of {REQUEST} spans, {REQUESTS} a round, each round in a fresh file. Durable is what was acknowledged: committed, with the log flushed to disk. The index of words follows when there is time; \"can be found\" is with that."),
            "The peer redacts, reads, compresses and indexes nothing. Processor time over gRPC is the receiver's; senders share the machine.".to_owned(),
        ],
    }])
}

/// Says what memory a receiver holds, in bytes.
#[derive(Clone, Copy, Debug)]
struct Held {
    idle: u64,
    after: u64,
    most: u64,
}

fn by_peer(requests: &[ExportTraceServiceRequest]) -> Result<Took, String> {
    let folder = folder("peer")?;
    let mut peer = Peer::open(&folder.file()).map_err(|error| error.to_string())?;
    let (before, (durable, kept)) = (
        own_cpu(),
        timed(|| requests.iter().try_for_each(|request| peer.keep(request))),
    );
    kept.map_err(|error| error.to_string())?;
    Ok(Took {
        durable,
        cpu: own_cpu().saturating_sub(before),
        ..Took::default()
    })
}

fn straight(requests: &[ExportTraceServiceRequest]) -> Result<Took, String> {
    let folder = folder("straight")?;
    let store = open(&folder.file())?;
    let left = Mutex::new(requests.to_vec());
    let before = own_cpu();
    let (durable, kept) = timed(|| keep(&store, &left));
    kept?;
    let between = own_cpu();
    let (settled, done) = timed(|| store.settle());
    done.map_err(|error| error.to_string())?;
    Ok(Took {
        durable,
        settled,
        cpu: between.saturating_sub(before),
        settled_cpu: own_cpu().saturating_sub(between),
    })
}

fn keep(store: &Store, left: &Mutex<Vec<ExportTraceServiceRequest>>) -> Result<(), String> {
    std::thread::scope(|scope| {
        let send = || -> Result<(), String> {
            loop {
                let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let Some(request) = next else { return Ok(()) };
                store
                    .take_traces(request)
                    .map_err(|error| error.to_string())?;
            }
        };
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(send)).collect();
        senders.into_iter().try_for_each(|sender| {
            let done = sender.join();
            done.unwrap_or_else(|_| Err("a sender panicked".to_owned()))
        })
    })
}

fn over_grpc(requests: &[ExportTraceServiceRequest]) -> Result<(Took, Held), String> {
    let io = |error: std::io::Error| error.to_string();
    let folder = folder("grpc")?;
    let file = folder.file().display().to_string();
    let mut child = Child::start("store-serve", &[file]).map_err(io)?;
    let before = child.usage().map_err(io)?;
    let durable = receiver::send(child.addr(), requests.to_vec())?;
    let between = child.usage().map_err(io)?;
    let (settled, done) = timed(|| child.settle());
    done.map_err(io)?;
    let after = child.usage().map_err(io)?;
    let took = Took {
        durable,
        settled,
        cpu: between.cpu.saturating_sub(before.cpu),
        settled_cpu: after.cpu.saturating_sub(between.cpu),
    };
    let held = Held {
        idle: before.resident,
        after: after.resident,
        most: after.resident_at_most,
    };
    Ok((took, held))
}

pub(super) fn folder(name: &str) -> Result<Folder, String> {
    Folder::new(name).map_err(|error| format!("no folder for a store: {error}"))
}

pub(super) fn open(file: &Path) -> Result<Store, String> {
    receiver::open(file).map_err(|error| error.to_string())
}

/// Tells how long this process's threads have worked, those that have ended as well.
fn own_cpu() -> Duration {
    usage::of_all_threads().unwrap_or_default()
}

#[allow(clippy::cast_precision_loss, reason = "no file is that large")]
pub(super) const fn number(bytes: u64) -> f64 {
    bytes as f64
}
