//! An HTTP/1.1 client that hides nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value;
use testkit::provider::Provider;

/// A response as far as it came.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The sizes of the chunks, if the body came in chunks.
    pub(crate) chunks: Vec<usize>,
    pub(crate) trailers: String,
    /// Whether the body was there to its end.
    pub(crate) whole: bool,
}

impl Got {
    pub(crate) fn status(&self) -> u16 {
        self.head
            .split(' ')
            .nth(1)
            .and_then(|it| it.parse().ok())
            .unwrap_or(0)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The `data` of each event, but for `[DONE]`.
    pub(crate) fn events(&self) -> Vec<Value> {
        let data = self
            .text()
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        data.filter(|it| *it != "[DONE]")
            .map(|it| serde_json::from_str(it).unwrap())
            .collect()
    }
}

pub(crate) fn connect(provider: &Provider) -> TcpStream {
    let stream = TcpStream::connect(provider.addr()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// The bytes of a POST after which the connection closes.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends the bytes and reads until the other side closes.
pub(crate) fn exchange(provider: &Provider, request: &str) -> Got {
    let mut stream = connect(provider);
    stream.write_all(request.as_bytes()).unwrap();
    rest(&mut stream)
}

pub(crate) fn rest(stream: &mut TcpStream) -> Got {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    stream.shutdown(Shutdown::Both).ok();
    parse(&bytes)
}

/// Reads until `end` has come.
pub(crate) fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(
            stream.read(&mut byte).unwrap(),
            1,
            "closed after {:?}",
            String::from_utf8_lossy(&bytes)
        );
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

fn parse(bytes: &[u8]) -> Got {
    let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
        let head = String::from_utf8_lossy(bytes).into_owned();
        return Got {
            head,
            body: Vec::new(),
            chunks: Vec::new(),
            trailers: String::new(),
            whole: false,
        };
    };
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let body = bytes[at + 4..].to_vec();
    let mut got = Got {
        head,
        body,
        chunks: Vec::new(),
        trailers: String::new(),
        whole: true,
    };
    if let Some(length) = got
        .header("content-length")
        .map(|it| it.parse::<usize>().unwrap())
    {
        got.whole = got.body.len() == length;
    } else if got.header("transfer-encoding") == Some("chunked") {
        unchunk(&mut got);
    }
    got
}

fn unchunk(got: &mut Got) {
    let coded = std::mem::take(&mut got.body);
    let mut rest = coded.as_slice();
    got.whole = false;
    while let Some(at) = rest.windows(2).position(|it| it == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..at]).unwrap(), 16).unwrap();
        rest = &rest[at + 2..];
        if size == 0 {
            got.whole = rest.ends_with(b"\r\n");
            got.trailers = String::from_utf8(rest.to_vec()).unwrap();
            return;
        }
        got.body.extend_from_slice(&rest[..size]);
        got.chunks.push(size);
        rest = &rest[size + 2..];
    }
}
