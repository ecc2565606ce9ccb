//! Agents that name themselves.

/// Holds what an agent says of itself in the headers of its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The agent's name.
    pub(crate) name: &'static str,
    pub(crate) id: String,
    /// The agent within the session; `None` for the main one.
    pub(crate) agent: Option<String>,
    /// The agent that this one works for; `None` for the main one.
    pub(crate) parent: Option<String>,
}

const NAME: &str = "claude-code";
const SESSION: &str = "x-claude-code-session-id";
const AGENT: &str = "x-claude-code-agent-id";
const PARENT: &str = "x-claude-code-parent-agent-id";

impl Session {
    /// Gives the name of a session's main agent; those that work for it have names that no header tells.
    pub(crate) fn main_name(&self) -> Option<&'static str> {
        self.agent.is_none().then_some(self.name)
    }

    /// Gives the id of the conversation.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Gives the id of the agent within the conversation; `None` for the main one.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// Names the headers that tell of a session, in lower case.
    pub const HEADERS: [&'static str; 3] = [SESSION, AGENT, PARENT];

    /// Reads the headers of a request; `None` where its agent does not name itself.
    pub fn from_headers<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Option<Self> {
        let stated = |name: &str| {
            let value = header(name)?.trim();
            (!value.is_empty() && value.len() <= 256).then(|| value.to_owned())
        };
        Some(Self {
            name: NAME,
            id: stated(SESSION)?,
            agent: stated(AGENT),
            parent: stated(PARENT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_where_there_is_a_session() {
        let read = |headers: &[(&str, &'static str)]| {
            let find = |name: &str| {
                let found = headers.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| *value)
            };
            Session::from_headers(find)
        };
        assert_eq!(read(&[(AGENT, "a")]), None);
        assert_eq!(read(&[(SESSION, " ")]), None);
        let session = read(&[(SESSION, "s"), (AGENT, "a")]).unwrap();
        assert_eq!(session.agent.as_deref(), Some("a"));
        assert_eq!(session.parent, None);
    }
}
