//! A server that has the store is handed what is recorded, and only where it takes it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use genspan::TraceId;
use genspan_serve::{
    Backend, Claim, Export, Ingested, Options, Reading, Server, Token, Trouble, TroubleKind,
};
use genspan_store::{Filter, LogFilter, MetricFilter, Page, Store};
use tokio::{runtime::Runtime, sync::oneshot};

use crate::scene::Scene;

/// Takes spans, or refuses them.
#[derive(Debug, Default)]
struct Taker {
    taken: Mutex<usize>,
    refuses: bool,
}

impl Backend for Taker {
    fn ingest(&self, export: Export) -> Result<Ingested, Trouble> {
        if self.refuses {
            return Err(Trouble {
                kind: TroubleKind::Broken,
                message: "no".to_owned(),
            });
        }
        if let Export::Traces(request) = export {
            let scopes = request
                .resource_spans
                .iter()
                .flat_map(|one| &one.scope_spans);
            *self.taken.lock().unwrap() += scopes.map(|scope| scope.spans.len()).sum::<usize>();
        }
        Ok(Ingested::default())
    }

    fn read(&self, _reading: &Reading) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(None)
    }

    fn forget(&self, _trace: &TraceId) -> Result<bool, Trouble> {
        Ok(false)
    }

    fn revision(&self) -> u64 {
        0
    }
}

/// Runs the demo beside a server that has the store; gives what was said.
fn demo_beside(scene: &Scene, backend: Arc<dyn Backend>) -> String {
    beside(scene, backend, || demo(scene))
}

/// Does something beside a server that has the store.
fn beside<T>(scene: &Scene, backend: Arc<dyn Backend>, work: impl FnOnce() -> T) -> T {
    let token = Token::generate().unwrap();
    let mut options = Options::default();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    (options.grpc, options.http, options.ui) = (free, free, free);
    options.token = Some(token.clone());
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Server::bind(backend, options)).unwrap();
    let claim = Claim::take(&scene.path("home/store.db")).unwrap();
    claim.tell(server.addresses(), Some(&token)).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async { drop(stopped.await) };
    let serving = runtime.spawn(server.run(until, Duration::from_secs(10)));
    let done = work();
    drop(stop);
    assert!(runtime.block_on(serving).unwrap());
    done
}

fn demo(scene: &Scene) -> String {
    let output = Scene::output(scene.genspan(&["demo"]), b"");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Counts the spans in the file itself.
fn kept(scene: &Scene) -> usize {
    let output = Scene::output(scene.genspan(&["query", "--json"]), b"");
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[test]
fn spans_go_to_the_server_and_to_the_file_where_there_is_none() {
    let scene = Scene::new("server");
    std::fs::create_dir_all(scene.path("home")).unwrap();
    let taker = Arc::new(Taker::default());
    let said = demo_beside(&scene, Arc::<Taker>::clone(&taker));
    assert_eq!(*taker.taken.lock().unwrap(), 8, "{said}");
    assert!(
        said.contains("store.db: 8 spans, 1 log record delivered"),
        "{said}"
    );
    assert!(
        !Path::exists(&scene.path("home/store.db")),
        "nobody wrote it"
    );
    // It is gone, and so is its note.
    assert!(demo(&scene).contains("8 spans, 1 log record delivered"));
    assert_eq!(kept(&scene), 8);
}

#[test]
fn what_the_server_does_not_take_goes_to_the_file() {
    let scene = Scene::new("server-refuses");
    std::fs::create_dir_all(scene.path("home")).unwrap();
    let taker = Arc::new(Taker {
        refuses: true,
        ..Taker::default()
    });
    let said = demo_beside(&scene, taker);
    assert!(said.contains("8 spans, 1 log record delivered"), "{said}");
    assert_eq!(kept(&scene), 8);
}

#[test]
fn what_the_server_keeps_is_shown_and_forgotten_beside_it() {
    let scene = Scene::new("server-keeps");
    let store = Store::open(&scene.path("home/store.db"), Default::default()).unwrap();
    demo_beside(&scene, Arc::new(store.clone()));
    store.settle().unwrap();
    assert_eq!(kept(&scene), 8);
    let forgotten = Scene::output(scene.genspan(&["forget", "--all", "--yes"]), b"");
    assert!(forgotten.status.success(), "{forgotten:?}");
    let left = store.traces(&Filter::default(), Page::default()).unwrap();
    assert_eq!(left.traces, []);
}

#[test]
fn what_is_imported_goes_to_the_server_too_whatever_signal_it_is_of() {
    let scene = Scene::new("server-import");
    let lines = [
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat m"}]}]}]}"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","eventName":"e"}]}]}]}"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1","asInt":"2"}]}}]}]}]}"#,
    ];
    std::fs::write(scene.path("all.jsonl"), lines.join("\n")).unwrap();
    std::fs::create_dir_all(scene.path("home")).unwrap();
    // The server's store is in another file, so that it shows who wrote.
    let store = Store::open(&scene.path("server.db"), Default::default()).unwrap();
    let output = beside(&scene, Arc::new(store.clone()), || {
        Scene::output(scene.genspan(&["import", "otlp", "all.jsonl"]), b"")
    });
    assert!(output.status.success(), "{output:?}");
    store.settle().unwrap();
    let traces = store.traces(&Filter::default(), Page::default()).unwrap();
    let logs = store.logs(&LogFilter::default(), Page::default()).unwrap();
    let metrics = store.metrics(&MetricFilter::default()).unwrap();
    assert_eq!(
        (traces.traces.len(), logs.logs.len(), metrics.metrics.len()),
        (1, 1, 1)
    );
    assert!(!scene.path("home/store.db").exists());
}
