//! The checksum of event streams: CRC-32 as in ISO-HDLC, zip and Ethernet.

/// The polynomial, bit-reversed.
const POLYNOMIAL: u32 = 0xEDB8_8320;

static TABLE: [u32; 256] = table();

/// Gathers a checksum from bytes that come piece by piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crc(u32);

impl Default for Crc {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Crc {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |crc, byte| {
            let [low, ..] = crc.to_le_bytes();
            let looked_up = TABLE.get(usize::from(low ^ byte)).copied();
            looked_up.unwrap_or_default() ^ (crc >> 8)
        });
    }

    pub(super) const fn value(self) -> u32 {
        !self.0
    }
}

/// The checksum of bytes that are all here.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::default();
    crc.update(bytes);
    crc.value()
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0_u32;
    while at < 256 {
        let mut entry = at;
        let mut bit = 0;
        while bit < 8 {
            entry = if entry & 1 == 1 {
                POLYNOMIAL ^ (entry >> 1)
            } else {
                entry >> 1
            };
            bit += 1;
        }
        #[allow(clippy::indexing_slicing, reason = "at is below 256, while compiling")]
        {
            table[at as usize] = entry;
        }
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_the_catalogue() {
        assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc(b""), 0);
        let mut pieces = Crc::default();
        pieces.update(b"1234");
        pieces.update(b"");
        pieces.update(b"56789");
        assert_eq!(pieces.value(), 0xCBF4_3926);
    }
}
