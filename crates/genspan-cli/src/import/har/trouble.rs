//! What may be wrong with a file as a whole.

use std::io;

use super::scan::ScanError;

/// Says why a file was not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileTrouble {
    #[error("it cannot be read: {0}")]
    Io(io::Error),
    #[error("it is no HAR file: it is empty")]
    Empty,
    #[error(
        "it is no HAR file but a ZIP archive, as Playwright and Fiddler write them: unpack it, then import the `.har` file in it, with the files beside it"
    )]
    Zip,
    #[error("it is UTF-16 text, where HAR is UTF-8: save it as UTF-8")]
    Utf16,
    #[error(
        "it is no HAR file: it looks like flows of mitmproxy; `mitmdump -nr FILE --set hardump=OUT.har` makes a HAR file of them"
    )]
    Flows,
    #[error("it is no HAR file: a JSON list, where a HAR file is an object with `log.entries`")]
    List,
    #[error(
        "it is no HAR file: it begins with {0}, where a HAR file is a JSON object with `log.entries`"
    )]
    Other(&'static str),
    #[error("it is no HAR file: a JSON object{0}, which has no list `log.entries`")]
    NoEntries(String),
    #[error("{}, at byte {at}, behind {entries} entries", .error)]
    Broken {
        error: ScanError,
        at: u64,
        entries: u64,
    },
    #[error("something follows its end, at byte {0}")]
    Trailing(u64),
}

impl FileTrouble {
    /// Describes a file by its first byte, which cannot begin a HAR file.
    pub(super) const fn other(first: u8) -> Self {
        match first {
            b'<' => Self::Other("a tag, as HTML and XML do"),
            b'0'..=b'9' => Self::Flows,
            b'!'..=b'~' => Self::Other("other text"),
            _ => Self::Other("bytes that are no text"),
        }
    }

    /// Describes an object by the names of its first members, as far as these look like names.
    pub(super) fn no_entries(names: &[Vec<u8>]) -> Self {
        let names = names.iter().filter_map(|name| {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.$".contains(byte);
            let name = std::str::from_utf8(name).ok()?;
            (name.len() <= 32 && !name.is_empty() && name.as_bytes().iter().all(is_name))
                .then(|| format!("`{name}`"))
        });
        let names: Vec<String> = names.collect();
        Self::NoEntries(if names.is_empty() {
            String::new()
        } else {
            format!(" with {}", names.join(", "))
        })
    }
}
