//! Pieces of Anthropic's messages that stand outside of exchanges, as in transcripts and in the output of agents.
//!
//! They are read exactly as they are within an exchange.

use genspan::{Diagnostic, Part, Usage, Value};

use crate::{format::anthropic_messages, json::Json};

/// Reads a message's content, which is a text or a list of blocks; seals and sealed reasoning are left out.
///
/// ```
/// use genspan::{Part, Value};
///
/// let content = Value::from_json(r#"[{"type":"thinking","thinking":"Hm.","signature":"c2ln"}]"#).unwrap();
/// assert_eq!(genspan_wire::anthropic::parts(content), [Part::Reasoning("Hm.".to_owned())]);
/// ```
#[must_use]
pub fn parts(content: Value) -> Vec<Part> {
    anthropic_messages::parts(Json::from(content))
}

/// Gathers the tokens of one answer from what its messages state; each count has its last stated word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokens(anthropic_messages::Tokens);

impl Tokens {
    /// Reads one `usage` member; what it leaves out or gives as `null` stays as stated before.
    pub fn read(&mut self, usage: &Value) {
        self.0.read(&Json::from(usage.clone()));
    }

    /// Gives the tokens, cached ones as part of the input, and what was odd about them.
    #[must_use]
    pub fn usage(self) -> (Usage, Vec<Diagnostic>) {
        self.0.usage()
    }
}
