//! Exchanges sent through the real proxy once more: the client gets the same bytes, and what is recorded is what the
//! import of the same exchange gives.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
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

use crate::scene::Scene;

/// What the proxy cannot know as the recording does, and the recording not as the proxy does.
const OWN: [&str; 3] = [
    "server.address",
    "server.port",
    "gen_ai.response.time_to_first_chunk",
];

/// An answer comes in pieces of so many bytes, wherever that cuts it.
const PIECE: usize = 211;

/// Exchanges of one kind.
struct Kind {
    name: &'static str,
    source: Source,
    /// Whether there has to be a span for each.
    is_read: bool,
}

enum Source {
    /// Of a host's recordings, those to a path with this in it that were answered with this type.
    Recorded {
        file: &'static str,
        path: &'static str,
        content_type: &'static str,
    },
    /// Of the fixtures of `genspan-wire`.
    Written {
        url: &'static str,
        request: &'static str,
        content_type: &'static str,
        response: &'static str,
    },
}

const KINDS: &[Kind] = &[
    Kind {
        name: "openai-chat-written",
        source: Source::Written {
            url: "https://api.openai.com/v1/chat/completions",
            request: "openai_chat/tools.request.json",
            content_type: "text/event-stream",
            response: "openai_chat/tools.response.sse",
        },
        is_read: true,
    },
    Kind {
        name: "anthropic-written",
        source: Source::Written {
            url: "https://api.anthropic.com/v1/messages",
            request: "anthropic_messages/request.json",
            content_type: "text/event-stream",
            response: "anthropic_messages/thinking.sse",
        },
        is_read: true,
    },
    Kind {
        name: "openai-chat",
        source: Source::Recorded {
            file: "recorded-a/api.openai.com.har",
            path: "/chat/completions",
            content_type: "text/event-stream",
        },
        is_read: true,
    },
    Kind {
        name: "anthropic",
        source: Source::Recorded {
            file: "recorded-a/api.anthropic.com.har",
            path: "/v1/messages",
            content_type: "text/event-stream",
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-converse",
        source: Source::Recorded {
            file: "recorded-a/bedrock-runtime.us-east-1.amazonaws.com.har",
            path: "/converse-stream",
            content_type: "application/vnd.amazon.eventstream",
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-invoke",
        source: Source::Recorded {
            file: "recorded-b/bedrock-runtime.us-east-1.amazonaws.com.har",
            path: "/invoke-with-response-stream",
            content_type: "application/vnd.amazon.eventstream",
        },
        is_read: true,
    },
    Kind {
        name: "gemini",
        source: Source::Recorded {
            file: "recorded-a/generativelanguage.googleapis.com.har",
            path: ":streamGenerateContent",
            content_type: "text/event-stream",
        },
        is_read: true,
    },
    Kind {
        name: "ollama",
        source: Source::Recorded {
            file: "recorded-a/localhost.har",
            path: "/api/chat",
            content_type: "application/x-ndjson",
        },
        is_read: true,
    },
];

#[test]
fn a_replayed_exchange_is_the_imported_one() {
    for kind in KINDS {
        if let Some(entries) = kind.source.entries() {
            assert!(!entries.is_empty(), "{}: nothing to replay", kind.name);
            replay(kind, &entries);
        }
    }
}

impl Source {
    /// The exchanges as entries of a HAR file; `None` where there are no recordings here.
    fn entries(&self) -> Option<Vec<Value>> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        match *self {
            Self::Written {
                url,
                request,
                content_type,
                response,
            } => {
                let fixture = |name| {
                    fs::read(here.join("../genspan-wire/tests/fixtures").join(name)).unwrap()
                };
                Some(vec![json!({
                    "startedDateTime": "2026-01-01T00:00:00.000Z",
                    "time": 1,
                    "request": {
                        "method": "POST",
                        "url": url,
                        "headers": [{"name": "content-type", "value": "application/json"}],
                        "postData": {"mimeType": "application/json", "text": String::from_utf8(fixture(request)).unwrap()},
                    },
                    "response": {
                        "status": 200,
                        "headers": [{"name": "content-type", "value": content_type}],
                        "content": {"mimeType": content_type, "encoding": "base64", "text": BASE64_STANDARD.encode(fixture(response))},
                    },
                })])
            }
            Self::Recorded {
                file,
                path,
                content_type,
            } => {
                let corpus = here.join("../../../shared/wire-corpus");
                let Ok(text) = fs::read_to_string(corpus.join(file)) else {
                    let required = std::env::var("GENSPAN_REQUIRE");
                    assert_ne!(required.as_deref(), Ok("all"), "{file} is required");
                    eprintln!("passed over: {file} is missing in {}", corpus.display());
                    return None;
                };
                let har: Value = serde_json::from_str(&text).unwrap();
                let mut entries = har["log"]["entries"].as_array().unwrap().clone();
                entries.retain(|entry| {
                    let url = entry["request"]["url"].as_str().unwrap();
                    let answer = &entry["response"];
                    answer["status"] == 200
                        && url.split('?').next().unwrap().contains(path)
                        && header(answer, "content-type")
                            .is_some_and(|it| it.starts_with(content_type))
                });
                Some(entries)
            }
        }
    }
}

fn replay(kind: &Kind, entries: &[Value]) {
    let scene = Scene::new(&format!("replay-{}", kind.name));
    let har = json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}});
    fs::write(scene.path("all.har"), har.to_string()).unwrap();
    let import = [
        "import",
        "har",
        "all.har",
        "--content=span",
        "--to",
        "file:imported.jsonl",
    ];
    let output = Scene::output(scene.genspan(&import), b"");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let script = entries
        .iter()
        .fold(Script::new(), |script, entry| script.answer(answer(entry)));
    let provider = Provider::start(script).unwrap();
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
        assert_eq!(
            asked.body,
            body(&entry["request"]["postData"]),
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
        let text = |span| serde_json::to_string_pretty(span).unwrap();
        assert_eq!(text(proxied), text(imported), "{} {number}", kind.name);
    }
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
    let url = asked["url"].as_str().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    let request = Request::builder()
        .method(asked["method"].as_str().unwrap())
        .uri(format!("{base}/{path}"))
        .header(
            "content-type",
            header(asked, "content-type").unwrap_or("application/json"),
        )
        .body(Full::from(body(&asked["postData"])))
        .unwrap();
    let answer = client.request(request).await.unwrap();
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
            .filter(|attribute| !OWN.contains(&attribute["key"].as_str().unwrap()))
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
