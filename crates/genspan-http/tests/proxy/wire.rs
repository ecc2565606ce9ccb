//! HTTP/1.1 as bytes: a client that hides nothing, and a provider that sends what it is given.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The longest that a test waits for bytes.
const LIMIT: Duration = Duration::from_secs(30);

/// One end of a connection.
pub(crate) struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    pub(crate) async fn open(addr: SocketAddr) -> Self {
        Self::of(TcpStream::connect(addr).await.unwrap())
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(LIMIT, self.stream.write_all(bytes.as_ref()))
            .await
            .unwrap()
            .unwrap();
    }

    /// Closes the sending side only.
    pub(crate) async fn half_close(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Reads more; false at the end.
    async fn more(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        let read = timeout(LIMIT, self.stream.read(&mut piece))
            .await
            .expect("nothing came");
        // A reset is an end: which of the two comes depends on what was left unread.
        let read = read.unwrap_or(0);
        self.unread.extend_from_slice(&piece[..read]);
        read > 0
    }

    /// Reads up to and with the first occurrence of `mark`.
    pub(crate) async fn until(&mut self, mark: &str) -> String {
        loop {
            if let Some(at) = find(&self.unread, mark.as_bytes()) {
                let rest = self.unread.split_off(at + mark.len());
                let read = std::mem::replace(&mut self.unread, rest);
                return String::from_utf8_lossy(&read).into_owned();
            }
            let came = self.more().await;
            assert!(
                came,
                "{mark:?} never came, but {:?}",
                String::from_utf8_lossy(&self.unread)
            );
        }
    }

    pub(crate) async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await
    }

    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.unread.len() < count {
            assert!(self.more().await, "the connection ended early");
        }
        let rest = self.unread.split_off(count);
        std::mem::replace(&mut self.unread, rest)
    }

    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.unread)
    }

    /// Reads the answer to a request of this method, or as much of it as comes.
    pub(crate) async fn answer(&mut self, method: &str) -> Seen {
        loop {
            let ended = !self.more().await;
            let seen = Seen::read(&self.unread, method, ended);
            if ended || seen.is_whole {
                self.unread.clear();
                return seen;
            }
        }
    }
}

/// An answer as it stood on the wire, without what belongs to the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) status: String,
    /// Names as they were written; sorted.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<String>,
    /// Whether the answer came to its own end.
    pub(crate) is_whole: bool,
}

impl Seen {
    fn read(bytes: &[u8], method: &str, ended: bool) -> Self {
        let Some(at) = find(bytes, b"\r\n\r\n") else {
            return Self::default();
        };
        let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let body = &bytes[at + 4..];
        let mut lines = head.split("\r\n").map(str::to_owned);
        let status = lines.next().unwrap();
        let of_connection = |line: &String| line.to_ascii_lowercase().starts_with("connection:");
        let mut headers: Vec<String> = lines.filter(|line| !of_connection(line)).collect();
        headers.sort();
        let value = |name: &str| {
            headers.iter().find_map(|line| {
                let (it, value) = line.split_once(':')?;
                it.eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        let bodiless = method == "HEAD" || status.contains(" 204") || status.contains(" 304");
        let mut seen = Self {
            status,
            ..Self::default()
        };
        if bodiless {
            seen.is_whole = true;
        } else if value("transfer-encoding").is_some() {
            seen.dechunk(body);
        } else if let Some(length) = value("content-length") {
            seen.body = body.to_vec();
            seen.is_whole = body.len() as u64 == length.parse::<u64>().unwrap();
        } else {
            seen.body = body.to_vec();
            seen.is_whole = ended;
        }
        seen.headers = headers;
        seen
    }

    fn dechunk(&mut self, mut rest: &[u8]) {
        while let Some(at) = find(rest, b"\r\n") {
            let line = String::from_utf8_lossy(&rest[..at]).into_owned();
            let size = usize::from_str_radix(&line, 16).unwrap();
            rest = &rest[at + 2..];
            if size == 0 {
                if let Some(end) = find(rest, b"\r\n")
                    .filter(|at| *at == 0)
                    .or(find(rest, b"\r\n\r\n"))
                {
                    let trailers = String::from_utf8_lossy(&rest[..end]).into_owned();
                    let trailers = trailers.split("\r\n").filter(|line| !line.is_empty());
                    // Names of trailers come in lower case from hyper.
                    self.trailers = trailers.map(str::to_ascii_lowercase).collect();
                    self.trailers.sort();
                    self.is_whole = true;
                }
                return;
            }
            let there = rest.len().min(size);
            self.body.extend_from_slice(&rest[..there]);
            if rest.len() < size + 2 {
                return;
            }
            rest = &rest[size + 2..];
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|it| it == mark)
}

/// Listens, and hands the test each connection that comes.
pub(crate) struct RawProvider {
    pub(crate) addr: SocketAddr,
    accepted: mpsc::Receiver<TcpStream>,
}

impl RawProvider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (tell, accepted) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if tell.send(stream).await.is_err() {
                    return;
                }
            }
        });
        Self { addr, accepted }
    }

    pub(crate) async fn accept(&mut self) -> Wire {
        Wire::of(timeout(LIMIT, self.accepted.recv()).await.unwrap().unwrap())
    }
}
