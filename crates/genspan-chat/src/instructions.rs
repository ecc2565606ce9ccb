//! What a model is told apart from the conversation.

use genspan::Part;

/// Holds a system prompt, as a text, as blocks, or both.
///
/// Blocks win over the text; an empty text and an empty list say nothing.
///
/// ```
/// use genspan::Part;
/// use genspan_chat::Instructions;
///
/// let both = Instructions::text("Be brief.").with_blocks(vec![Part::Text("Be kind.".to_owned())]);
/// assert_eq!(both.parts(), [Part::Text("Be kind.".to_owned())]);
/// assert!(Instructions::text("").parts().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instructions {
    text: Option<String>,
    blocks: Vec<Part>,
}

impl Instructions {
    /// Takes a text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            blocks: Vec::new(),
        }
    }

    /// Takes blocks.
    #[must_use]
    pub const fn blocks(blocks: Vec<Part>) -> Self {
        Self { text: None, blocks }
    }

    /// Adds blocks, which win over the text where there is one.
    #[must_use]
    pub fn with_blocks(mut self, blocks: Vec<Part>) -> Self {
        self.blocks = blocks;
        self
    }

    /// Gives what a request says; nothing where nothing is said.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        if !self.blocks.is_empty() {
            return self.blocks.clone();
        }
        let text = self.text.iter().filter(|text| !text.is_empty());
        text.map(|text| Part::Text(text.clone())).collect()
    }
}

impl From<&str> for Instructions {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Instructions {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Vec<Part>> for Instructions {
    fn from(blocks: Vec<Part>) -> Self {
        Self::blocks(blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_win_and_nothing_says_nothing() {
        let block = || vec![Part::Text("block".to_owned())];
        let said = |instructions: Instructions| instructions.parts();
        assert_eq!(said("text".into()), [Part::Text("text".to_owned())]);
        assert_eq!(
            said(Instructions::text("text").with_blocks(block())),
            block()
        );
        assert_eq!(said(Instructions::text("").with_blocks(block())), block());
        assert_eq!(
            said(Instructions::text("text").with_blocks(Vec::new())),
            [Part::Text("text".to_owned())],
            "an empty list does not hide the text"
        );
        for nothing in ["".into(), Vec::new().into(), Instructions::default()] {
            assert_eq!(said(nothing), []);
        }
    }
}
