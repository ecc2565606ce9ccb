//! A disk that is full, and one that cannot be written: clear errors, nothing lost that was acknowledged, and it goes on.
//!
//! The disks are a few megabytes of memory, mounted where nobody else sees it, which takes no rights where the machine lets
//! users have namespaces of their own. The programs on them are this one itself, told by its arguments what to be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "rig/traces.rs"]
mod traces;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use genspan::{SpanId, TraceId};
use genspan_serve::{Options as Ports, Server};
use genspan_store::{Access, Error, Filter, Options, Page, Store};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;

/// More requests than any of the disks holds.
const MOST: u64 = 2_000;

/// What stands on the disk from the beginning, and is taken away to make room.
const BALLAST: usize = 12 << 20;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let folder = || PathBuf::from(&arguments[2]);
    match arguments.get(1).map(String::as_str) {
        Some("full") => full(&folder(), Way::Http),
        Some("full-grpc") => full(&folder(), Way::Grpc),
        Some("fill") => fill(&folder()),
        Some("read") => read_only(&folder()),
        Some("read-beside") => read_beside(&folder()),
        _ => all(),
    }
}

/// Runs the programs, each on disks of its own.
fn all() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("disk");
    fs::create_dir_all(&folder).unwrap();
    let mounted = "mount -t tmpfs -o size=32m tmpfs \"$1\"";
    if !is_done(&folder, mounted) {
        // Nothing that could be installed would change that, so it is no failure where all is required.
        println!("skipped: this machine lets nobody mount a small disk of memory (`unshare -rm`)");
        return;
    }
    let run = |script: &str| {
        assert!(
            is_done(&folder, &format!("{mounted} && {script}")),
            "{script}"
        )
    };
    run("\"$0\" full \"$1\"");
    run("\"$0\" full-grpc \"$1\"");
    run("\"$0\" fill \"$1\" && mount -o remount,ro \"$1\" && \"$0\" read \"$1\"");
    let beside = "mkdir \"$1/disk\" \"$1/shown\" && \"$0\" fill \"$1/disk\"
        && mount --bind \"$1/disk\" \"$1/shown\" && mount -o remount,bind,ro \"$1/shown\"
        && \"$0\" read-beside \"$1\"";
    run(&beside.replace('\n', " "));
    println!("disk: ok");
}

/// Runs a script where it may mount; `$0` is this program and `$1` the folder.
fn is_done(folder: &Path, script: &str) -> bool {
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script]);
    command.arg(env::current_exe().unwrap()).arg(folder);
    command.status().is_ok_and(|status| status.success())
}

fn ids(number: u64) -> (TraceId, SpanId) {
    let span = (number + 1).to_be_bytes();
    (
        TraceId([span, span].concat().try_into().unwrap()),
        SpanId(span),
    )
}

/// Makes a request of one span that no compression makes small.
fn request(number: u64) -> ExportTraceServiceRequest {
    let mut random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut letter = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        char::from(b'!' + (random >> 40) as u8 % 90)
    };
    let text: String = (0..20_000).map(|_| letter()).collect();
    let (trace, span) = ids(number);
    let value = Value::StringValue(text);
    let span = Span {
        trace_id: trace.0.to_vec(),
        span_id: span.0.to_vec(),
        name: "work".to_owned(),
        start_time_unix_nano: 1_790_000_000_000_000_000 + number,
        end_time_unix_nano: 1_790_000_000_000_000_009 + number,
        attributes: vec![KeyValue {
            key: "text".to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        }],
        ..Span::default()
    };
    traces::of(span)
}

/// Says how spans are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Http,
    Grpc,
}

/// Says what became of a request.
#[derive(Debug)]
enum Answer {
    Acknowledged,
    /// To be sent again, with what the server says.
    Later(String),
    Other(String),
}

/// Sends requests one way, to wherever the server is.
struct Sender {
    way: Way,
    http: SocketAddr,
    grpc: SocketAddr,
    runtime: tokio::runtime::Handle,
}

impl Sender {
    fn send(&self, number: u64) -> Answer {
        match self.way {
            Way::Http => over_http(self.http, number),
            Way::Grpc => self.runtime.block_on(over_grpc(self.grpc, number)),
        }
    }
}

/// Serves a store for as long as work takes.
fn serving<T>(store: &Store, way: Way, work: impl FnOnce(&Sender) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut ports = Ports::default();
    for address in [&mut ports.grpc, &mut ports.http, &mut ports.ui] {
        address.set_port(0);
    }
    let server = Server::bind(Arc::new(store.clone()), ports);
    let server = runtime.block_on(server).unwrap();
    let sender = Sender {
        way,
        http: server.addresses().http,
        grpc: server.addresses().grpc,
        runtime: runtime.handle().clone(),
    };
    runtime.spawn(server.run(std::future::pending(), Duration::ZERO));
    work(&sender)
}

/// Sends a request over HTTP; the status, all of the answer's text, and when to come again tell.
fn over_http(at: SocketAddr, number: u64) -> Answer {
    let body = request(number).encode_to_vec();
    let mut stream = TcpStream::connect(at).unwrap();
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(&[head.as_bytes(), &body].concat())
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    match answer.split(' ').nth(1) {
        Some("200") => Answer::Acknowledged,
        Some("503") => {
            let answer = answer.to_lowercase();
            assert!(answer.contains("retry-after: 30"), "{answer}");
            Answer::Later(answer)
        }
        _ => Answer::Other(answer),
    }
}

/// Sends a request over gRPC with a client of its own, as exporters do.
async fn over_grpc(at: SocketAddr, number: u64) -> Answer {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{at}")).unwrap();
    let mut client = tonic::client::Grpc::new(channel.connect().await.unwrap());
    client.ready().await.unwrap();
    let path = http::uri::PathAndQuery::from_static(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    );
    let codec: tonic_prost::ProstCodec<ExportTraceServiceRequest, ExportTraceServiceResponse> =
        tonic_prost::ProstCodec::default();
    match client
        .unary(tonic::Request::new(request(number)), path, codec)
        .await
    {
        Ok(answer) => {
            assert_eq!(answer.into_inner().partial_success, None);
            Answer::Acknowledged
        }
        // What the protocol calls retryable is told apart from what is lost for good by the code and `RetryInfo`.
        Err(status) if status.code() == tonic::Code::Unavailable => {
            let details = String::from_utf8_lossy(status.details()).into_owned();
            assert!(details.contains("google.rpc.RetryInfo"), "{details:?}");
            Answer::Later(status.message().to_lowercase())
        }
        Err(status) => Answer::Other(status.to_string()),
    }
}

/// Fails where something that was acknowledged is not there.
fn check(store: &Store, acknowledged: &BTreeSet<u64>) {
    for number in acknowledged {
        let (trace, span) = ids(*number);
        let found = store.span(&trace, &span).unwrap();
        assert!(
            found.is_some(),
            "span {number} was acknowledged and is lost"
        );
    }
}

/// Lists the spans that there are; more than were acknowledged, where an answer was lost, but none twice.
fn count(store: &Store) -> usize {
    let (mut seen, mut all, mut before) = (BTreeSet::new(), 0, None);
    loop {
        let page = Page { limit: 500, before };
        let list = store.spans(&Filter::default(), page).unwrap();
        all += list.spans.len();
        seen.extend(list.spans.into_iter().map(|span| span.span.span_id));
        match list.next {
            Some(next) if all < 10_000 => before = Some(next.parse().unwrap()),
            _ => break,
        }
    }
    assert_eq!(seen.len(), all);
    all
}

/// Lists what takes the room.
fn sizes(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.path(), entry.metadata().unwrap().len()))
        .collect()
}

fn full(folder: &Path, way: Way) {
    let path = folder.join("store.db");
    fs::write(folder.join("ballast"), vec![7; BALLAST]).unwrap();
    let store = Store::open(&path, Options::default()).unwrap();
    let mut acknowledged = BTreeSet::new();
    let next = serving(&store, way, |sender| {
        let mut refused = 0;
        for number in 0..MOST {
            match sender.send(number) {
                Answer::Acknowledged => _ = acknowledged.insert(number),
                Answer::Later(answer) => {
                    assert!(answer.contains("the store is full"), "{answer}");
                    refused += 1;
                }
                Answer::Other(answer) => panic!("{answer}"),
            }
            // It goes on, refusing, and what it has can be read.
            if refused == 20 {
                check(&store, &acknowledged);
                return number;
            }
        }
        panic!("the disk was never full");
    });
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    // A program that begins on the full disk says so, or shows what is there.
    store.close();
    match Store::open(&path, Options::default()) {
        Ok(store) => {
            check(&store, &acknowledged);
            store.close();
        }
        Err(error) => assert!(matches!(error, Error::Full { .. }), "{error}"),
    }
    let make_room = || fs::remove_file(folder.join("ballast")).unwrap();
    let (store, is_full) = match Store::open(&path, Options::default()) {
        Ok(store) => (store, true),
        Err(_) => {
            make_room();
            (Store::open(&path, Options::default()).unwrap(), false)
        }
    };
    serving(&store, way, |sender| {
        if is_full {
            let still = sender.send(next);
            assert!(
                matches!(still, Answer::Later(_)),
                "it is still full: {still:?}"
            );
            make_room();
        }
        // There is room again.
        for number in next..next + 10 {
            match sender.send(number) {
                Answer::Acknowledged => _ = acknowledged.insert(number),
                Answer::Later(answer) | Answer::Other(answer) => {
                    panic!("{number} of {next}: {answer}{:?}", sizes(folder))
                }
            }
        }
        store.settle().unwrap();
    });
    check(&store, &acknowledged);
    assert!(count(&store) >= acknowledged.len());
    store.close();
    println!(
        "full disk, {way:?}: {} spans acknowledged, none lost",
        acknowledged.len()
    );
}

fn fill(folder: &Path) {
    let store = Store::open(&folder.join("store.db"), Options::default()).unwrap();
    for number in 0..20 {
        store.take_traces(request(number)).unwrap();
    }
    store.close();
}

fn read_only(folder: &Path) {
    let path = folder.join("store.db");
    let error = Store::open(&path, Options::default()).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
    assert!(!error.is_retryable());
    println!("read-only disk: {error}");
    let options = Options {
        access: Access::ReadOnly,
        ..Options::default()
    };
    let store = Store::open(&path, options).unwrap();
    check(&store, &(0..20).collect());
    assert_eq!(count(&store), 20);
    // A new one cannot be made there, either.
    let error = Store::open(&folder.join("new").join("store.db"), Options::default()).unwrap_err();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error}");
}

/// What others write to a disk is seen by who can only read it, whether they are at work or not.
fn read_beside(folder: &Path) {
    let options = Options {
        access: Access::ReadOnly,
        ..Options::default()
    };
    let shown = Store::open(&folder.join("shown").join("store.db"), options).unwrap();
    assert_eq!(count(&shown), 20);
    for number in 100..103 {
        let store = Store::open(&folder.join("disk").join("store.db"), Options::default()).unwrap();
        store.take_traces(request(number)).unwrap();
        store.close();
        assert_eq!(count(&shown), usize::try_from(number - 79).unwrap());
    }
    let names = fs::read_dir(folder.join("disk")).unwrap();
    assert_eq!(names.count(), 1);
}
