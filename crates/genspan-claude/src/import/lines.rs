//! Lines of JSON, each within bounds.

use std::io::{self, BufRead, Read};

use genspan::Value;

/// Bounds one line; results of tools may hold pictures.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Reads messages line by line.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
        }
    }

    /// Reads the next line that is not blank: a message, or what is wrong with it; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Value, String>>> {
        loop {
            self.buffer.clear();
            let mut bounded = (&mut self.reader).take(LONGEST);
            let read = bounded.read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            if self.buffer.last() != Some(&b'\n') && read as u64 == LONGEST {
                self.skip_rest()?;
                return Ok(Some(Err(format!("is longer than {LONGEST} bytes"))));
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(self.parsed()));
            }
        }
    }

    fn parsed(&self) -> Result<Value, String> {
        let text = genspan_wire::json::lossy(&self.buffer);
        match Value::from_json(text.trim()) {
            Ok(value @ Value::Map(_)) => Ok(value),
            Ok(_) => Err("is no JSON object".to_owned()),
            Err(error) if error.is_eof() => Err("is JSON that is cut off".to_owned()),
            Err(error) => Err(format!("is no JSON, from column {} on", error.column())),
        }
    }

    fn skip_rest(&mut self) -> io::Result<()> {
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(());
            }
            let (used, is_end) = match available.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (available.len(), false),
            };
            self.reader.consume(used);
            if is_end {
                return Ok(());
            }
        }
    }
}
