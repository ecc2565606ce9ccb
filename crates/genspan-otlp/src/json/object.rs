//! Writes JSON objects member by member.

/// Writes one object; members with a default value are left out, as protobuf's JSON mapping allows.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
        }
    }

    pub(super) fn close(self) {
        self.out.push(b'}');
    }

    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        self.out
    }

    pub(super) fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.key(key);
            write_string(self.out, text);
        }
    }

    pub(super) fn hex(&mut self, key: &str, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.key(key);
            self.out.push(b'"');
            for byte in bytes {
                for nibble in [byte >> 4, byte & 0xf] {
                    self.out.push(if nibble < 10 {
                        b'0' + nibble
                    } else {
                        b'a' + nibble - 10
                    });
                }
            }
            self.out.push(b'"');
        }
    }

    /// Writes a 64-bit integer, which JSON readers would round: as a text.
    pub(super) fn wide(&mut self, key: &str, number: u64) {
        if number != 0 {
            self.key(key);
            write_wide(self.out, &number);
        }
    }

    /// Writes an integer of at most 32 bits, or an enum.
    pub(super) fn narrow(&mut self, key: &str, number: i64) {
        if number != 0 {
            self.key(key);
            self.out.extend_from_slice(number.to_string().as_bytes());
        }
    }

    pub(super) fn truth(&mut self, key: &str, truth: bool) {
        if truth {
            self.key(key);
            self.out.extend_from_slice(b"true");
        }
    }

    pub(super) fn double(&mut self, key: &str, number: Option<f64>) {
        if let Some(number) = number {
            self.key(key);
            write_double(self.out, number);
        }
    }

    pub(super) fn list<T>(&mut self, key: &str, items: &[T], write: fn(&mut Vec<u8>, &T)) {
        if !items.is_empty() {
            self.key(key);
            list(self.out, items, write);
        }
    }

    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        value: Option<&T>,
        write: fn(&mut Vec<u8>, &T),
    ) {
        if let Some(value) = value {
            self.key(key);
            write(self.out, value);
        }
    }
}

pub(super) fn list<T>(out: &mut Vec<u8>, items: &[T], write: fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

pub(super) fn write_wide(out: &mut Vec<u8>, number: &u64) {
    write_string(out, &number.to_string());
}

pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    // Writing a text to memory has nothing that can fail.
    drop(serde_json::to_writer(out, text));
}

pub(super) fn write_double(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        drop(serde_json::to_writer(out, &number));
    } else if number.is_nan() {
        write_string(out, "NaN");
    } else {
        write_string(
            out,
            if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            },
        );
    }
}
