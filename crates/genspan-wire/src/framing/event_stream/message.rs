//! One message: its headers, of ten types, and its payload.

/// Holds one message, borrowed from the pushed bytes where it lay whole in them; its checksums were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    headers: &'a [u8],
    /// What the message brings, mostly JSON.
    pub payload: &'a [u8],
    /// Whether the message went over the limit and only the first bytes of its payload are here.
    pub truncated: bool,
}

/// Names what a message is, by the headers that AWS's services give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A piece of the answer, by the name of its type.
    Event(&'a str),
    /// An error that the service models, by the name of its type; its payload tells more.
    Exception(&'a str),
    /// An error that the service does not model.
    Error {
        /// The error's code.
        code: &'a str,
        /// The error's own text, empty where there is none.
        message: &'a str,
    },
    /// None of these.
    Unknown,
}

/// Holds the value of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderValue<'a> {
    /// A truth value.
    Bool(bool),
    /// A whole number of 8 bits.
    Byte(i8),
    /// A whole number of 16 bits.
    Short(i16),
    /// A whole number of 32 bits.
    Int(i32),
    /// A whole number of 64 bits.
    Long(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// Milliseconds since 1970, in UTC.
    Timestamp(i64),
    /// A UUID.
    Uuid([u8; 16]),
}

impl<'a> Message<'a> {
    /// Makes a message of its two parts; `None` where the headers cannot be read.
    pub(super) fn new(headers: &'a [u8], payload: &'a [u8], truncated: bool) -> Option<Self> {
        let mut rest = headers;
        while !rest.is_empty() {
            header(&mut rest)?;
        }
        Some(Self {
            headers,
            payload,
            truncated,
        })
    }

    /// Gives the headers in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, HeaderValue<'a>)> + use<'a> {
        let mut rest = self.headers;
        std::iter::from_fn(move || header(&mut rest))
    }

    /// Finds the header of that name that holds a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.headers().find_map(|header| match header {
            (found, HeaderValue::Text(text)) if found == name => Some(text),
            _ => None,
        })
    }

    /// Reads off the headers what the message is.
    #[must_use]
    pub fn kind(&self) -> Kind<'a> {
        let event = self.text(":event-type");
        let exception = self.text(":exception-type");
        match (self.text(":message-type"), event, exception) {
            (Some("error"), ..) => Kind::Error {
                code: self.text(":error-code").unwrap_or_default(),
                message: self.text(":error-message").unwrap_or_default(),
            },
            (Some("exception"), _, name) => Kind::Exception(name.unwrap_or_default()),
            (Some("event") | None, Some(name), _) => Kind::Event(name),
            (None, None, Some(name)) => Kind::Exception(name),
            _ => Kind::Unknown,
        }
    }
}

/// Takes one header off the bytes; `None` where they hold no whole one.
fn header<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, HeaderValue<'a>)> {
    let [len] = array(rest)?;
    let name = text(rest, usize::from(len))?;
    let [kind] = array(rest)?;
    let value = match kind {
        0 => HeaderValue::Bool(true),
        1 => HeaderValue::Bool(false),
        2 => HeaderValue::Byte(i8::from_be_bytes(array(rest)?)),
        3 => HeaderValue::Short(i16::from_be_bytes(array(rest)?)),
        4 => HeaderValue::Int(i32::from_be_bytes(array(rest)?)),
        5 => HeaderValue::Long(i64::from_be_bytes(array(rest)?)),
        6 => {
            let len = u16::from_be_bytes(array(rest)?);
            HeaderValue::Bytes(bytes(rest, usize::from(len))?)
        }
        7 => {
            let len = u16::from_be_bytes(array(rest)?);
            HeaderValue::Text(text(rest, usize::from(len))?)
        }
        8 => HeaderValue::Timestamp(i64::from_be_bytes(array(rest)?)),
        9 => HeaderValue::Uuid(array(rest)?),
        _ => return None,
    };
    Some((name, value))
}

fn array<const LEN: usize>(rest: &mut &[u8]) -> Option<[u8; LEN]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

fn bytes<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(len)?;
    *rest = left;
    Some(taken)
}

fn text<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a str> {
    std::str::from_utf8(bytes(rest, len)?).ok()
}
