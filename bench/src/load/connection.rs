//! A client that does no more than it must: one blocking connection, and no HTTP library.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use memchr::memmem;

use super::clock;
use crate::mock::answer::STAMP;

/// When the parts of an answer came, in nanoseconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Its first bytes.
    pub(crate) first: u64,
    /// Its last ones.
    pub(crate) last: u64,
    /// When each stamped chunk was sent, and when it came.
    pub(crate) chunks: Vec<(u64, u64)>,
}

pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The longest that an answer may keep silent.
const PATIENCE: Duration = Duration::from_secs(20);

impl Connection {
    pub(super) fn open(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 32 * 1024],
        })
    }

    /// Sends a request and reads the answer to its end; an answer other than 200 is an error.
    pub(super) fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request)?;
        let mut answer = Answer::default();
        let mut head = Vec::new();
        let mut body = loop {
            let bytes = self.read(&mut answer)?;
            head.extend_from_slice(bytes);
            if let Some(end) = memmem::find(&head, b"\r\n\r\n") {
                let rest = head.split_off(end + 4);
                let mut body = Body::of(&head)?;
                body.take(&rest, &mut answer)?;
                break body;
            }
        };
        while !body.is_over() {
            let bytes = self.read(&mut answer)?;
            body.take(bytes, &mut answer)?;
        }
        Ok(answer)
    }

    fn read(&mut self, answer: &mut Answer) -> io::Result<&[u8]> {
        let count = self.stream.read(&mut self.buffer)?;
        answer.last = clock::now();
        if answer.first == 0 {
            answer.first = answer.last;
        }
        let read = self.buffer.get(..count).filter(|it| !it.is_empty());
        read.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// How much of a body is still to come.
enum Body {
    Counted(usize),
    Chunked(Chunked),
}

impl Body {
    fn of(head: &[u8]) -> io::Result<Self> {
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        if !head.starts_with("http/1.1 200") {
            return Err(io::Error::other("not answered"));
        }
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length:"));
        Ok(match length.and_then(|it| it.trim().parse().ok()) {
            Some(length) => Self::Counted(length),
            None => Self::Chunked(Chunked::default()),
        })
    }

    fn take(&mut self, bytes: &[u8], answer: &mut Answer) -> io::Result<()> {
        match self {
            Self::Counted(left) => *left = left.saturating_sub(bytes.len()),
            Self::Chunked(chunked) => {
                chunked.take(bytes, answer.last, &mut answer.chunks)?;
            }
        }
        Ok(())
    }

    const fn is_over(&self) -> bool {
        match self {
            Self::Counted(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_over,
        }
    }
}

/// Finds the end of a chunked body and the stamps in it, however either was cut.
#[derive(Default)]
struct Chunked {
    /// Bytes that are not read yet: part of a chunk's head, or of its data.
    raw: Vec<u8>,
    /// Data in which the next stamp is looked for.
    data: Vec<u8>,
    /// Bytes of data that the present chunk still has.
    left: usize,
    is_over: bool,
}

const DIGITS: usize = 19;

impl Chunked {
    fn take(&mut self, bytes: &[u8], at: u64, chunks: &mut Vec<(u64, u64)>) -> io::Result<()> {
        self.raw.extend_from_slice(bytes);
        loop {
            let ready = self.left.min(self.raw.len());
            self.data.extend(self.raw.drain(..ready));
            self.left -= ready;
            if self.left > 0 {
                break;
            }
            // The end of the chunk before is an empty line.
            let skipped = usize::from(self.raw.starts_with(b"\r\n")) * 2;
            let rest = self.raw.get(skipped..).unwrap_or_default();
            let Some(end) = memmem::find(rest, b"\r\n") else {
                break;
            };
            let size = rest.get(..end).and_then(|it| std::str::from_utf8(it).ok());
            let size = size.and_then(|it| usize::from_str_radix(it, 16).ok());
            self.left = size.ok_or_else(|| io::Error::other("not a chunk"))?;
            if self.left == 0 {
                self.is_over = rest.len() >= end + 4;
                break;
            }
            self.raw.drain(..skipped + end + 2);
        }
        self.stamps(at, chunks);
        Ok(())
    }

    fn stamps(&mut self, at: u64, chunks: &mut Vec<(u64, u64)>) {
        let mut read = 0;
        loop {
            let rest = self.data.get(read..).unwrap_or_default();
            let Some(found) = memmem::find(rest, STAMP) else {
                // A stamp may have been cut amid what stands before it.
                read += rest.len().saturating_sub(STAMP.len());
                break;
            };
            let digits = found + STAMP.len()..found + STAMP.len() + DIGITS;
            let Some(digits) = rest.get(digits) else {
                read += found;
                break;
            };
            let sent = std::str::from_utf8(digits).ok();
            chunks.extend(sent.and_then(|it| it.parse().ok()).map(|sent| (sent, at)));
            read += found + STAMP.len() + DIGITS;
        }
        self.data.drain(..read);
    }
}

#[cfg(test)]
mod tests {
    use super::Chunked;
    use crate::mock::answer;

    #[test]
    fn stamps_and_the_end_are_found_wherever_it_is_cut() {
        let mut body = Vec::new();
        for part in [answer::chunk(7), answer::chunk(8), answer::end()] {
            body.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
            body.extend_from_slice(&part);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        for step in 1..body.len() {
            let (mut chunked, mut chunks) = (Chunked::default(), Vec::new());
            for bytes in body.chunks(step) {
                assert!(!chunked.is_over);
                chunked.take(bytes, 1, &mut chunks).unwrap();
            }
            assert!(chunked.is_over);
            assert_eq!(chunks, [(7, 1), (8, 1)]);
        }
    }
}
