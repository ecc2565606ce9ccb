//! JSON lines: one request, one line, one write.

use std::{
    fmt,
    io::{self, Write},
};

use super::Outcome;
use crate::{Encoding, request::Request};

/// Takes lines.
pub(super) trait Out: Write + Send + fmt::Debug {
    /// Makes sure that what was written stays.
    fn sync(&mut self) -> io::Result<()>;
}

/// Writes lines, each with a single write so that several processes may share a file.
#[derive(Debug)]
pub(crate) struct Lines {
    out: Box<dyn Out>,
    /// Whether the last line may have stopped half way.
    is_torn: bool,
}

impl Lines {
    pub(super) fn new(out: impl Out + 'static) -> Self {
        Self {
            out: Box::new(out),
            is_torn: false,
        }
    }

    pub(super) fn export(&mut self, request: &Request) -> Outcome {
        let mut line = request.encode(Encoding::Json);
        line.push(b'\n');
        if self.is_torn {
            line.insert(0, b'\n');
        }
        match self.out.write_all(&line) {
            Ok(()) => {
                self.is_torn = false;
                Outcome::Delivered { rejected: 0 }
            }
            Err(error) => {
                self.is_torn = true;
                Outcome::NotWritten {
                    why: error.to_string(),
                }
            }
        }
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.out.sync()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::envelope::Envelope;

    /// Takes a number of bytes, then fails until it is given more room.
    #[derive(Clone, Debug, Default)]
    struct Full(Arc<Mutex<(Vec<u8>, usize)>>);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut state = self.0.lock().unwrap();
            let taken = bytes.len().min(state.1);
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.1 -= taken;
            state.0.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Out for Full {
        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_torn_line_does_not_spoil_the_next() {
        let out = Full::default();
        let mut lines = Lines::new(out.clone());
        let request = Envelope::default().spans(vec![]);
        out.0.lock().unwrap().1 = 7;
        assert!(matches!(lines.export(&request), Outcome::NotWritten { .. }));
        out.0.lock().unwrap().1 = 1000;
        assert_eq!(lines.export(&request), Outcome::Delivered { rejected: 0 });
        let written = String::from_utf8(out.0.lock().unwrap().0.clone()).unwrap();
        insta::assert_snapshot!(written, @r#"
        {"resou
        {"resourceSpans":[{"resource":{}}]}
        "#);
    }
}
