//! Requests as a test writes them, byte by byte.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer over HTTP/1.1.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let end = text
            .find("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer: {text:?}"));
        let head = text.split_at(end).0.to_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = bytes[end + 4..].to_vec();
        Self { status, head, body }
    }
}

/// Sends a request with a body of stated length and reads the answer to its end.
pub(crate) async fn send(
    address: SocketAddr,
    line: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answered {
    let mut head = format!("{line} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        head.push_str(&format!("host: {address}\r\n"));
    }
    if !body.is_empty() || line.starts_with("POST") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    send_raw(address, head.as_bytes(), body).await
}

/// Sends bytes, whatever they are, and reads the answer to its end.
pub(crate) async fn send_raw(address: SocketAddr, head: &[u8], body: &[u8]) -> Answered {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        write.write_all(head).await?;
        write.write_all(body).await
    };
    let mut answer = Vec::new();
    let (sent, got) = tokio::join!(sending, read.read_to_end(&mut answer));
    // A server that has answered may stop reading.
    drop((sent, got));
    Answered::read(&answer)
}

/// Reads a page or an answer of the API.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Answered {
    send(address, &format!("GET {path}"), &[], b"").await
}
