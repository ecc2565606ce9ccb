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
use genspan_store::{Filter, Page, Store};
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
    let said = demo(scene);
    drop(stop);
    assert!(runtime.block_on(serving).unwrap());
    said
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
