//! Exchanges sent through the real proxy once more: the client gets the same bytes, and what is recorded is what the
//! import of the same exchange gives.

#[path = "replay/kinds.rs"]
mod kinds;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use testkit::provider::{Answer, Provider, Script, Step};

use self::kinds::{KINDS, Kind};
use crate::scene::Scene;

/// What a recording does not tell as the proxy does.
const OWN: &str = "gen_ai.response.time_to_first_chunk";

/// An answer comes in pieces of so many bytes, wherever that cuts it.
const PIECE: usize = 211;

#[test]
fn a_replayed_exchange_is_the_imported_one() {
    for kind in KINDS {
        if let Some(entries) = kind.source.entries() {
            assert!(!entries.is_empty(), "{}: nothing to replay", kind.name);
            replay(kind, &entries);
        }
    }
}

fn replay(kind: &Kind, entries: &[Value]) {
    let script = entries
        .iter()
        .fold(Script::new(), |script, entry| script.answer(answer(entry)));
    let provider = Provider::start(script).unwrap();
    let scene = Scene::new(&format!("replay-{}", kind.name));
    import(&scene, entries, &provider.url());
    let proxy = Proxy::start(&scene, &provider.url());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        for (number, entry) in entries.iter().enumerate() {
            let seen = ask(&client, &proxy.url, entry).await;
            assert!(
                seen == body(&entry["response"]["content"]),
                "{} {number}: other bytes",
                kind.name
            );
        }
    });
    proxy.stop();
    let asked = provider.requests();
    for (entry, asked) in entries.iter().zip(&asked) {
        let request = &entry["request"];
        assert_eq!(asked.body, body(&request["postData"]), "{}", kind.name);
        assert_eq!(
            asked.header("authorization"),
            bearer(request),
            "{}",
            kind.name
        );
    }
    let [imported, proxied] = ["imported.jsonl", "proxied.jsonl"].map(|name| spans(&scene, name));
    assert_eq!(imported.len(), proxied.len(), "{}", kind.name);
    if kind.is_read {
        assert_eq!(imported.len(), entries.len(), "{}", kind.name);
    }
    for (number, (imported, proxied)) in imported.iter().zip(&proxied).enumerate() {
        let differing = differing(imported, proxied);
        let context = format!("{} {number}", kind.name);
        assert!(differing.is_empty(), "{context}: {differing:#?}");
    }
}

/// Imports the exchanges as if they had been with the provider that the proxy leads to.
fn import(scene: &Scene, entries: &[Value], provider: &str) {
    let entries = entries.iter().cloned().map(|mut entry| {
        entry["request"]["url"] = json!(format!("{provider}/{}", path(&entry)));
        entry
    });
    let entries: Vec<Value> = entries.collect();
    let har = json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}});
    fs::write(scene.path("all.har"), har.to_string()).unwrap();
    let import = [
        "import",
        "har",
        "all.har",
        "--content=span",
        "--no-infer",
        "--to",
        "file:imported.jsonl",
    ];
    let output = Scene::output(scene.genspan(&import), b"");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What is asked for at a host.
fn path(entry: &Value) -> &str {
    let url = entry["request"]["url"].as_str().unwrap();
    url.splitn(4, '/').nth(3).unwrap()
}

/// What two spans state differently: the names, and what stands there in the import and through the proxy.
fn differing(imported: &Value, proxied: &Value) -> Vec<[String; 3]> {
    let stated = |span: &Value| {
        let attributes = span["attributes"].as_array().unwrap().iter();
        let attributes = attributes.map(|it| (it["key"].to_string(), it["value"].to_string()));
        let rest = ["name", "kind", "status", "events"];
        let rest = rest.map(|name| (name.to_owned(), span[name].to_string()));
        let mut stated: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in attributes.chain(rest) {
            stated.entry(name).or_default().push_str(&value);
        }
        stated
    };
    let [imported, proxied] = [stated(imported), stated(proxied)];
    let names: BTreeSet<_> = imported.keys().chain(proxied.keys()).collect();
    let pairs = names.into_iter().map(|name| {
        let [one, other] =
            [&imported, &proxied].map(|it| it.get(name).cloned().unwrap_or_default());
        [name.clone(), one, other]
    });
    pairs.filter(|[_, one, other]| one != other).collect()
}

/// What the provider answers, in pieces.
fn answer(entry: &Value) -> Answer {
    let answer = &entry["response"];
    let of_connection = [
        "content-length",
        "transfer-encoding",
        "content-encoding",
        "connection",
    ];
    let headers: Vec<(&str, &str)> = headers(answer)
        .filter(|(name, _)| !of_connection.iter().any(|it| name.eq_ignore_ascii_case(it)))
        .collect();
    let body = body(&answer["content"]);
    let steps = body
        .chunks(PIECE)
        .flat_map(|piece| [Step::bytes(Bytes::copy_from_slice(piece)), Step::Flush]);
    let status = answer["status"].as_u64().unwrap().try_into().unwrap();
    Answer::streamed(status, &headers, steps.collect())
}

async fn ask(client: &Client<HttpConnector, Full<Bytes>>, base: &str, entry: &Value) -> Vec<u8> {
    let asked = &entry["request"];
    let mut request = Request::builder()
        .method(asked["method"].as_str().unwrap())
        .uri(format!("{base}/{}", path(entry)))
        .header(
            "content-type",
            header(asked, "content-type").unwrap_or("application/json"),
        );
    if let Some(key) = bearer(asked) {
        request = request.header("authorization", key);
    }
    let body = Full::from(body(&asked["postData"]));
    let answer = client.request(request.body(body).unwrap()).await.unwrap();
    assert_eq!(
        u64::from(answer.status().as_u16()),
        entry["response"]["status"].as_u64().unwrap()
    );
    answer
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes()
        .to_vec()
}

fn headers(message: &Value) -> impl Iterator<Item = (&str, &str)> {
    let all = message["headers"].as_array().into_iter().flatten();
    all.map(|header| {
        (
            header["name"].as_str().unwrap(),
            header["value"].as_str().unwrap(),
        )
    })
}

fn header<'v>(message: &'v Value, name: &str) -> Option<&'v str> {
    headers(message)
        .find(|(it, _)| it.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// A key that is sent as it is. A recorded signature covers the address that was asked then, and no other.
fn bearer(request: &Value) -> Option<&str> {
    header(request, "authorization").filter(|key| key.starts_with("Bearer "))
}

fn body(recorded: &Value) -> Vec<u8> {
    let text = recorded["text"].as_str().unwrap_or_default();
    match recorded["encoding"].as_str() {
        Some("base64") => BASE64_STANDARD.decode(text).unwrap(),
        _ => text.as_bytes().to_vec(),
    }
}

/// The spans of a file without what each recording has of its own.
fn spans(scene: &Scene, name: &str) -> Vec<Value> {
    let mut spans = scene.spans(name);
    for span in &mut spans {
        let attributes = span["attributes"].as_array().unwrap();
        let mut shared: Vec<Value> = attributes
            .iter()
            .filter(|attribute| attribute["key"] != OWN)
            .cloned()
            .collect();
        shared.sort_by_key(|attribute| attribute["key"].to_string());
        *span = json!({
            "name": span["name"],
            "kind": span["kind"],
            "status": span["status"],
            "events": span["events"],
            "attributes": shared,
        });
    }
    spans
}

/// A proxy that goes on until it is stopped.
struct Proxy {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    url: String,
}

impl Proxy {
    fn start(scene: &Scene, upstream: &str) -> Self {
        let upstream = format!("replay={upstream}");
        let args = [
            "proxy",
            "--listen",
            "127.0.0.1:0",
            "--no-infer",
            "--upstream",
            &upstream,
            "--content=span",
            "--to",
            "file:proxied.jsonl",
        ];
        let mut child = scene
            .genspan(&args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let url = (0..40).find_map(|_| {
            let mut line = String::new();
            stderr.read_line(&mut line).unwrap();
            let url = line.split_whitespace().next()?;
            url.ends_with("/replay").then(|| url.to_owned())
        });
        Self {
            child,
            stderr,
            url: url.expect("no address to replay to"),
        }
    }

    fn stop(mut self) {
        let kill = ["-c", &format!("kill -s TERM {}", self.child.id())];
        assert!(Command::new("sh").args(kill).status().unwrap().success());
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
    }
}
