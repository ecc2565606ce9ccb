//! Where the pieces of a span belong, as bytes.

use super::Damage;

/// Writes numbers and runs of bytes.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Writes seven bits a byte, the lowest first.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> Result<u64, Damage> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or_else(cut_off)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(cut_off())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| cut_off())?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(bytes)
    }
}

fn cut_off() -> Damage {
    Damage("a list of pieces is cut off".to_owned())
}

/// Says where a part is, once the file knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Inline(Vec<u8>),
    /// A row of `content`.
    Content(i64),
}

/// Says what belongs into which node.
pub(crate) type Places = Vec<(u64, Vec<Place>)>;

/// Writes where what was taken out is; the first row is what is said of the program and the library.
pub(crate) fn encode(origin: i64, places: &Places) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.number(origin.unsigned_abs());
    for (node, segments) in places {
        writer.number(*node);
        writer.number(segments.len() as u64);
        for segment in segments {
            match segment {
                Place::Content(row) => writer.number(row.unsigned_abs() + 1),
                Place::Inline(bytes) => {
                    writer.number(0);
                    writer.bytes(bytes);
                }
            }
        }
    }
    writer.into_bytes()
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode(bytes: &[u8]) -> Result<(i64, Places), Damage> {
    let mut reader = Reader(bytes);
    let row = |number: u64| i64::try_from(number).map_err(|_| cut_off());
    let origin = row(reader.number()?)?;
    let mut places = Places::new();
    while !reader.is_empty() {
        let node = reader.number()?;
        let mut segments = Vec::new();
        for _ in 0..reader.number()? {
            segments.push(match reader.number()? {
                0 => Place::Inline(reader.bytes()?.to_vec()),
                next => Place::Content(row(next - 1)?),
            });
        }
        places.push((node, segments));
    }
    Ok((origin, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_and_what_is_cut_off_is_told() {
        let places = vec![
            (0, vec![Place::Content(0), Place::Inline(b",".to_vec())]),
            (
                300,
                vec![Place::Content(i64::MAX - 1), Place::Inline(Vec::new())],
            ),
            (301, Vec::new()),
        ];
        let bytes = encode(129, &places);
        assert_eq!(decode(&bytes).unwrap(), (129, places));
        for end in [0, 4, 7, bytes.len() - 1] {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
    }
}
