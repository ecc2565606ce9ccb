//! A `genspan serve` that runs for a test, and what it is asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::scene::Scene;

/// A server on free ports.
pub(crate) struct Serving {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// What it said at its start.
    pub(crate) greeting: String,
    pub(crate) ui: String,
    pub(crate) http: String,
    pub(crate) grpc: String,
}

impl Serving {
    /// Starts it on a store of the scene, and waits until it listens.
    pub(crate) fn start(scene: &Scene, options: &[&str]) -> Self {
        let mut args = vec![
            "serve", "--store", "store.db", "--grpc", "0", "--http", "0", "--ui", "0",
        ];
        args.extend(options);
        let mut child = scene
            .genspan(&args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut greeting = String::new();
        // Its last line names the endpoint to set.
        while !greeting.contains("OTEL_EXPORTER_OTLP_ENDPOINT") {
            let read = stderr.read_line(&mut greeting).unwrap();
            assert_ne!(read, 0, "it did not start: {greeting}");
        }
        let at = |name: &str| {
            let line = greeting
                .lines()
                .find(|line| line.trim_start().starts_with(name));
            let (_, url) = line
                .unwrap_or_else(|| panic!("{greeting}"))
                .split_once("http://")
                .unwrap();
            url.split('/').next().unwrap().to_owned()
        };
        Self {
            ui: at("web UI"),
            http: at("OTLP over HTTP"),
            grpc: at("OTLP over gRPC"),
            child,
            stderr,
            greeting,
        }
    }

    /// Waits for a line that holds this, and gives it.
    pub(crate) fn line(&mut self, with: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.stderr.read_line(&mut line).unwrap(),
                0,
                "it never said {with}"
            );
            if line.contains(with) {
                return line;
            }
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and gives how it ended and what it said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let kill = format!("kill -s TERM {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    /// Asks the API.
    pub(crate) fn get(&self, path: &str, headers: &str) -> (u16, Value) {
        let mut connection = Connection::to(&self.ui);
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.ui);
        let (status, body) = connection.ask(request.as_bytes()).unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// A connection over which one request follows another.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub(crate) fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            host: address.to_owned(),
        }
    }

    /// Sends spans as OTLP/JSON; `None` where the connection broke before there was an answer.
    pub(crate) fn send(&mut self, json: &str) -> Option<u16> {
        self.send_to("/v1/traces", json)
    }

    /// Sends any signal as OTLP/JSON to its path.
    pub(crate) fn send_to(&mut self, path: &str, json: &str) -> Option<u16> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
            self.host,
            json.len()
        );
        self.ask(request.as_bytes()).map(|(status, _)| status)
    }

    fn ask(&mut self, request: &[u8]) -> Option<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(request).ok()?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut body).ok()?;
        Some((status, body))
    }
}

/// Tells whether a note of a server lies beside the store.
pub(crate) fn has_note(scene: &Scene) -> bool {
    Path::exists(&scene.path("store.db.serve.json"))
}
