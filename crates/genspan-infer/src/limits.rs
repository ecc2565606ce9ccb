//! How much is remembered, and for how long.

use std::time::Duration;

/// Bounds what an [`Engine`](crate::Engine) remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a call is kept back that may turn out to be the first of an agent.
    ///
    /// Where other calls of its client began by then, it is until they ended, at most [`longest_hold`](Self::longest_hold).
    pub hold: Duration,
    /// How long a call is kept back at most.
    pub longest_hold: Duration,
    /// How many calls may be kept back; the oldest gives way.
    pub held: usize,
    /// How many bytes of what they say may be kept back.
    pub held_bytes: usize,
    /// How long an agent may do nothing after an answer that asks for nothing, until it has ended.
    pub idle: Duration,
    /// How long its tools may take.
    pub longest_tool: Duration,
    /// How many calls are one agent's; with the next one another agent begins.
    pub calls: usize,
    /// How many conversations are remembered; the one that would be forgotten first gives way.
    pub conversations: usize,
    /// How many points of a conversation are remembered, by which later calls are recognised; 16 bytes each, and as much in
    /// an index.
    pub marks: usize,
    /// How many tool calls without a result, and how many results without their call, are remembered of a conversation.
    pub open_calls: usize,
    /// How many bytes of arguments and results are remembered of all conversations, where content is recorded at all.
    pub content_bytes: usize,
    /// Whether all that a client does is one program's, so that a call made while a tool runs may be that tool's.
    pub one_program: bool,
}

impl Default for Limits {
    /// Suits a proxy whose clients may be several programs.
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(10),
            longest_hold: Duration::from_secs(120),
            held: 256,
            held_bytes: 16 * 1024 * 1024,
            idle: Duration::from_secs(120),
            longest_tool: Duration::from_secs(30 * 60),
            calls: 10_000,
            conversations: 1024,
            marks: 256,
            open_calls: 256,
            content_bytes: 16 * 1024 * 1024,
            one_program: false,
        }
    }
}

impl Limits {
    /// Suits traffic of one program, as it runs.
    #[must_use]
    pub fn for_program() -> Self {
        Self {
            idle: Duration::from_secs(30 * 60),
            one_program: true,
            ..Self::default()
        }
    }

    /// Suits traffic that is over and is read from a file, of whatever programs: time ends nothing, the file does.
    #[must_use]
    pub fn for_recordings() -> Self {
        Self {
            hold: Duration::MAX,
            longest_hold: Duration::MAX,
            idle: Duration::MAX,
            longest_tool: Duration::MAX,
            held: 2048,
            held_bytes: 64 * 1024 * 1024,
            conversations: 4096,
            ..Self::default()
        }
    }
}
