//! Where a span stands, as text that is kept or sent: W3C Trace Context and Baggage, read strictly.

use crate::{
    Marker, Scope, SpanContext, Telemetry, Value, semconv::attribute::GEN_AI_CONVERSATION_ID,
};

/// Holds where a span stands as the headers of W3C Trace Context and Baggage, to be kept or sent as text.
///
/// ```
/// use genspan::{Carrier, Telemetry};
///
/// # fn of(telemetry: &Telemetry) {
/// let turn = telemetry.invoke_agent("travel");
/// let kept = Carrier::of(turn.context()).with_baggage([("user.id", "u-7")], &["user.id"]);
/// // … in another process …
/// if let Some(span) = kept.context() {
///     telemetry.scope_under(span).run(|| { /* its chats and tools */ });
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carrier {
    /// The `traceparent` header, with the span's true flag.
    pub traceparent: String,
    /// The `tracestate` header; empty where there is none.
    pub tracestate: String,
    /// The `baggage` header; empty where there is none.
    pub baggage: String,
}

impl Carrier {
    /// Bounds the `baggage` header, as its specification does.
    pub const MAX_BAGGAGE: usize = 8192;

    /// Names the fields in which it is sent.
    pub const FIELDS: [&'static str; 3] = ["traceparent", "tracestate", "baggage"];

    /// Names those of them that say where a span stands: the one says nothing without the other, so both are replaced at
    /// once. `baggage` is not ours alone.
    pub const TRACE_FIELDS: [&'static str; 2] = ["traceparent", "tracestate"];

    /// Writes down where a span stands; a malformed `tracestate` is left out.
    #[must_use]
    pub fn of(span: &SpanContext) -> Self {
        let state = span.trace_state.trim();
        Self {
            traceparent: span.to_traceparent(),
            tracestate: if is_trace_state(state) {
                state.to_owned()
            } else {
                String::new()
            },
            baggage: String::new(),
        }
    }

    /// Writes down where work in a scope stands, with those of its facts for baggage that are allowed: its attributes
    /// by their keys, and its conversation as `gen_ai.conversation.id`. `None` where the scope has no span.
    #[must_use]
    pub fn of_scope(scope: &Scope, allowed: &[&str]) -> Option<Self> {
        let span = scope.context().filter(|span| span.is_valid())?;
        let marker = scope.marker();
        // Whoever reads it may begin spans below that one.
        marker.build_on();
        let facts: Vec<(&str, String)> = allowed
            .iter()
            .filter_map(|key| Some((*key, fact(marker, key)?)))
            .collect();
        let members = facts.iter().map(|(key, value)| (*key, value.as_str()));
        Some(Self::of(span).with_baggage(members, allowed))
    }

    /// Gives the scope in which the work goes on that was written down so, with what its baggage may say there.
    ///
    /// `None` where `traceparent` is not valid.
    #[must_use]
    pub fn scope(&self, telemetry: &Telemetry, allowed: &[&str]) -> Option<Scope> {
        let scope = telemetry.scope_under(self.context()?);
        Some(self.tell(scope, allowed))
    }

    /// Gives a scope with what the baggage may say there.
    pub(crate) fn tell(&self, scope: Scope, allowed: &[&str]) -> Scope {
        let members = self.members(allowed).into_iter();
        members.fold(scope, |scope, (key, value)| {
            if key == GEN_AI_CONVERSATION_ID {
                scope.with_conversation_id(value)
            } else {
                scope.with_attribute(key, value)
            }
        })
    }

    /// Gives the fields that are to be sent, each by its name in the headers of HTTP and in `params._meta` of MCP.
    pub fn into_fields(self) -> impl Iterator<Item = (&'static str, String)> {
        let fields = [self.traceparent, self.tracestate, self.baggage];
        let fields = Self::FIELDS.into_iter().zip(fields);
        fields.filter(|(_, value)| !value.is_empty())
    }

    /// Reads the fields from where they were sent; `find` gives the value of a name.
    #[must_use]
    pub fn from_fields<'a>(find: impl Fn(&'static str) -> Option<&'a str>) -> Self {
        let [traceparent, tracestate, baggage] =
            Self::FIELDS.map(|name| find(name).unwrap_or_default().to_owned());
        Self {
            traceparent,
            tracestate,
            baggage,
        }
    }

    /// Adds baggage under the keys that are allowed, as far as the header has room for whole members.
    #[must_use]
    pub fn with_baggage<'a>(
        mut self,
        members: impl IntoIterator<Item = (&'a str, &'a str)>,
        allowed: &[&str],
    ) -> Self {
        for (key, value) in members {
            if allowed.contains(&key) && is_token(key) {
                self.push(&format!("{key}={}", escaped(value)));
            }
        }
        self
    }

    /// Puts the members of somebody else's baggage before these, as they are; of a key that both have, these count.
    ///
    /// The header of the others is theirs and stays whole; of these go along those for which there is room then.
    #[must_use]
    pub fn beside(mut self, others: &str) -> Self {
        let own = std::mem::take(&mut self.baggage);
        let own = || own.split(',').filter(|member| !member.is_empty());
        let is_new = |member: &&str| own().all(|known| key(known) != key(member));
        let others = others.split(',').map(str::trim);
        let others: Vec<_> = others.filter(|it| !it.is_empty()).filter(is_new).collect();
        self.baggage = others.join(",");
        own().for_each(|member| self.push(member));
        self
    }

    /// Adds a member to the baggage if there is room for all of it.
    fn push(&mut self, member: &str) {
        let comma = usize::from(!self.baggage.is_empty());
        if self.baggage.len() + comma + member.len() <= Self::MAX_BAGGAGE {
            if comma > 0 {
                self.baggage.push(',');
            }
            self.baggage.push_str(member);
        }
    }

    /// Reads where the span stands; `None` where `traceparent` is not valid. A malformed `tracestate` costs only itself.
    #[must_use]
    pub fn context(&self) -> Option<SpanContext> {
        let state = Some(self.tracestate.as_str()).filter(|state| is_trace_state(state.trim()));
        SpanContext::from_traceparent(&self.traceparent, state)
    }

    /// Reads the baggage under the keys that are allowed; what is malformed is passed over.
    #[must_use]
    pub fn members(&self, allowed: &[&str]) -> Vec<(String, String)> {
        let members = self.baggage.split(',').filter_map(|member| {
            let (key, rest) = member.split_once('=')?;
            let key = key.trim();
            let value = rest.split(';').next()?.trim();
            let value = unescaped(value)?;
            allowed.contains(&key).then(|| (key.to_owned(), value))
        });
        members.collect()
    }
}

/// Gives the key of a member of baggage.
fn key(member: &str) -> &str {
    let key = member.split(['=', ';']).next();
    key.unwrap_or_default().trim()
}

/// Finds a fact of a place, as text.
fn fact(marker: &Marker, key: &str) -> Option<String> {
    if key == GEN_AI_CONVERSATION_ID {
        return marker.conversation_id().map(str::to_owned);
    }
    match marker.attribute(key)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_json()),
    }
}

/// Tells whether a text is a `tracestate` header as W3C Trace Context has it.
fn is_trace_state(text: &str) -> bool {
    const MOST: usize = 32;
    let members: Vec<_> = text
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
        .collect();
    members.len() <= MOST
        && members.iter().all(|member| {
            member
                .split_once('=')
                .is_some_and(|(key, value)| is_state_key(key) && is_state_value(value))
        })
}

fn is_state_key(key: &str) -> bool {
    let is_part = |part: &str, most: usize, may_begin_with_digit: bool| {
        let is_first =
            |byte: u8| byte.is_ascii_lowercase() || (may_begin_with_digit && byte.is_ascii_digit());
        let is_rest = |byte: u8| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'_' | b'-' | b'*' | b'/')
        };
        part.len() <= most && part.bytes().next().is_some_and(is_first) && part.bytes().all(is_rest)
    };
    match key.split_once('@') {
        None => is_part(key, 256, false),
        Some((tenant, system)) => is_part(tenant, 241, true) && is_part(system, 14, false),
    }
}

fn is_state_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|byte| matches!(byte, 0x20..=0x7e) && byte != b',' && byte != b'=')
}

/// Tells whether a text is a token of HTTP, as the keys of baggage are.
fn is_token(text: &str) -> bool {
    let is_of_token = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~'
            )
    };
    !text.is_empty() && text.bytes().all(is_of_token)
}

/// Escapes what may not stand in the value of a member of baggage.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'!' | b'#'..=b'$' | b'&'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

fn unescaped(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    #[test]
    fn flag_and_state_survive() {
        let span = SpanContext::from_traceparent(PARENT, Some("vendor=1,2@sys=a b")).unwrap();
        let carrier = Carrier::of(&span);
        assert_eq!(
            carrier.traceparent, PARENT,
            "it was not sampled and is not now"
        );
        assert_eq!(carrier.context(), Some(span));
    }

    #[test]
    fn a_malformed_state_costs_only_itself() {
        let many = vec!["a=1"; 33].join(",");
        for state in [
            "no list", "A=1", "a=", "a=1,b", "@a=1", "a=b=c", "a=ü", &many,
        ] {
            let span = SpanContext::from_traceparent(PARENT, Some(state)).unwrap();
            assert_eq!(Carrier::of(&span).tracestate, "", "{state}");
            let kept = Carrier {
                tracestate: state.to_owned(),
                ..Carrier::of(&span)
            };
            assert_eq!(kept.context().unwrap().trace_state, "", "{state}");
        }
    }

    #[test]
    fn upper_case_short_and_foreign_ids_are_refused() {
        for parent in [
            "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
            "00-1-2-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            let carrier = Carrier {
                traceparent: parent.to_owned(),
                ..Carrier::default()
            };
            assert_eq!(carrier.context(), None, "{parent}");
        }
    }

    #[test]
    fn baggage_passes_by_name_and_whole() {
        let span = SpanContext::from_traceparent(PARENT, None).unwrap();
        let value = "a,b; ü=%\"";
        let members = [("user.id", value), ("secret", "s"), ("session.id", "7")];
        let carrier = Carrier::of(&span).with_baggage(members, &["user.id", "session.id"]);
        assert_eq!(
            carrier.baggage,
            "user.id=a%2Cb%3B%20%C3%BC=%25%22,session.id=7"
        );
        let read = carrier.members(&["user.id"]);
        assert_eq!(read, [("user.id".to_owned(), value.to_owned())]);

        let large = "x".repeat(Carrier::MAX_BAGGAGE);
        let members = [("user.id", large.as_str()), ("session.id", "7")];
        let carrier = Carrier::of(&span).with_baggage(members, &["user.id", "session.id"]);
        assert_eq!(carrier.baggage, "session.id=7");
    }

    #[test]
    fn baggage_of_others_stays_whole_and_says_each_key_once() {
        let own = |others: &str| {
            let members = [("user.id", "u-7"), ("session.id", "7")];
            let carrier = Carrier::default().with_baggage(members, &["user.id", "session.id"]);
            carrier.beside(others).baggage
        };
        assert_eq!(own(""), "user.id=u-7,session.id=7");
        assert_eq!(
            own("tenant=t;p=1 , user.id = old;p, odd"),
            "tenant=t;p=1,odd,user.id=u-7,session.id=7"
        );
        let large = format!("a={}", "x".repeat(Carrier::MAX_BAGGAGE - 14));
        assert_eq!(own(&large), format!("{large},user.id=u-7"));
        assert_eq!(Carrier::default().beside("a=1").baggage, "a=1");
    }

    #[test]
    fn malformed_baggage_is_passed_over() {
        let carrier = Carrier {
            baggage: "a=%zz, b , a = 1;ttl=3,a=%ff".to_owned(),
            ..Carrier::default()
        };
        assert_eq!(
            carrier.members(&["a", "b"]),
            [("a".to_owned(), "1".to_owned())]
        );
    }
}
