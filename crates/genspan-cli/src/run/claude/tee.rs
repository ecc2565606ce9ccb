//! Standard output on its way, with a copy of its lines.

use std::{
    io::{self, PipeReader, Read, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use genspan::Timestamp;
use tokio::sync::oneshot;

/// Holds what copies a program's output until that ends.
#[derive(Debug)]
pub(in crate::run) struct Tee {
    done: oneshot::Receiver<()>,
    /// Counts reads that began and ended; odd while one waits.
    steps: Arc<AtomicU64>,
}

/// Bounds the bytes of one line; longer ones are passed over.
const MAX_LINE: usize = 8 * 1024 * 1024;

/// Copies bytes as they come, on a thread of its own, and tells each line and when it came; `None` stands for one that is too
/// long.
///
/// A moment is that of the reading: whoever reads the copy may be slow, or already at what the line brings about.
///
/// # Errors
///
/// Returns what the system says where there is no thread.
pub(in crate::run) fn copy(
    mut from: PipeReader,
    mut to: impl Write + Send + 'static,
    now: impl Fn() -> Timestamp + Send + 'static,
    mut tell: impl FnMut(Option<Vec<u8>>, Timestamp) + Send + 'static,
) -> io::Result<Tee> {
    let steps = Arc::new(AtomicU64::new(0));
    let (end, done) = oneshot::channel();
    let counted = Arc::clone(&steps);
    let work = move || {
        let mut lines = Lines::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            counted.fetch_add(1, Ordering::AcqRel);
            let read = from.read(&mut buffer);
            counted.fetch_add(1, Ordering::AcqRel);
            let bytes = match read {
                Ok(count) if count > 0 => buffer.get(..count).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                _ => break,
            };
            let at = now();
            // Where nobody reads any more, the program is to notice it as it would without us.
            if to.write_all(bytes).and_then(|()| to.flush()).is_err() {
                break;
            }
            lines.push(bytes, &mut |line| tell(line, at));
        }
        let at = now();
        lines.end(&mut |line| tell(line, at));
        let _ = end.send(()); // nobody may wait any more
    };
    thread::Builder::new()
        .name("genspan-output".to_owned())
        .spawn(work)?;
    Ok(Tee { done, steps })
}

impl Tee {
    /// Waits until all that an ended program wrote is copied.
    ///
    /// Others that it left behind may hold its output open; they are not waited for.
    pub(in crate::run) async fn finish(mut self) {
        const QUIET: Duration = Duration::from_millis(250);
        let mut before = self.steps.load(Ordering::Acquire);
        while tokio::time::timeout(QUIET, &mut self.done).await.is_err() {
            let now = self.steps.load(Ordering::Acquire);
            if now == before && now % 2 == 1 {
                return;
            }
            before = now;
        }
    }
}

/// Cuts bytes into lines.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
    is_too_long: bool,
}

impl Lines {
    fn push(&mut self, mut bytes: &[u8], tell: &mut impl FnMut(Option<Vec<u8>>)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.add(bytes.get(..end).unwrap_or_default());
            self.end(tell);
            bytes = bytes.get(end + 1..).unwrap_or_default();
        }
        self.add(bytes);
    }

    fn add(&mut self, bytes: &[u8]) {
        self.is_too_long |= self.begun.len() + bytes.len() > MAX_LINE;
        if self.is_too_long {
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, tell: &mut impl FnMut(Option<Vec<u8>>)) {
        let line = std::mem::take(&mut self.begun);
        if std::mem::take(&mut self.is_too_long) {
            tell(None);
        } else if !line.is_empty() {
            tell(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_however_bytes_are_cut() {
        let text = b"one\n\ntwo\nlast";
        for size in 1..=text.len() {
            let (mut lines, mut told) = (Lines::default(), Vec::new());
            let mut tell = |line: Option<Vec<u8>>| told.push(line.unwrap());
            for piece in text.chunks(size) {
                lines.push(piece, &mut tell);
            }
            lines.end(&mut tell);
            assert_eq!(told, [&b"one"[..], b"two", b"last"], "{size}");
        }
    }

    #[test]
    fn a_line_without_end_is_passed_over_and_the_next_is_not() {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        let mut tell = |line: Option<Vec<u8>>| told.push(line);
        for _ in 0..=MAX_LINE / 1024 {
            lines.push(&[b'x'; 1024], &mut tell);
        }
        assert!(lines.begun.is_empty());
        lines.push(b"\nnext\n", &mut tell);
        assert_eq!(told, [None, Some(b"next".to_vec())]);
    }
}
