//! What of a document is passed over where content is recorded nowhere.

/// Names the members that are read over without being read: checked, but neither unescaped nor copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// None: content is wanted.
    Nothing,
    /// What a request says and offers, in every format.
    Said,
    /// What a choice of an answer says.
    Choices,
    /// What the content blocks of an answer say; of what kind they are is kept.
    Blocks,
    /// What the items of an answer say; of what kind they are, and who runs the tools in them, is kept.
    Items,
    /// The numbers of vectors: a list of them is counted, and the count stands in its place.
    Vectors,
}

impl Passing {
    /// Tells whether a member is passed over, which stands in an object that is `depth` lists and objects deep.
    pub(crate) fn passes(self, depth: usize, name: &str, is_text: bool) -> bool {
        match self {
            Self::Nothing | Self::Vectors => false,
            Self::Said => {
                depth == 0
                    && (matches!(
                        name,
                        "messages"
                            | "system"
                            | "tools"
                            | "functions"
                            | "metadata"
                            | "input"
                            | "instructions"
                            | "suffix"
                    ) || is_text && name == "prompt")
            }
            Self::Choices => matches!(
                (depth, name),
                (2, "message" | "delta" | "text")
                    | (
                        0,
                        "citations"
                            | "search_results"
                            | "images"
                            | "videos"
                            | "related_questions"
                            | "web_search"
                    )
                    | (1, "web_search_citations")
            ),
            Self::Blocks => {
                matches!(
                    name,
                    "text"
                        | "thinking"
                        | "partial_json"
                        | "input"
                        | "signature"
                        | "data"
                        | "citation"
                        | "citations"
                ) || is_text && name == "content"
            }
            Self::Items => {
                matches!(
                    name,
                    "text"
                        | "delta"
                        | "refusal"
                        | "arguments"
                        | "input"
                        | "code"
                        | "summary"
                        | "content"
                        | "part"
                        | "annotation"
                        | "annotations"
                        | "logprobs"
                        | "action"
                        | "results"
                        | "outputs"
                        | "result"
                        | "encrypted_content"
                        | "instructions"
                        | "tools"
                        | "metadata"
                        | "reasoning"
                ) || is_text && name == "output"
            }
        }
    }
    /// Tells whether a list of this name is one of numbers that are only counted.
    pub(crate) fn counts(self, name: &str) -> bool {
        self == Self::Vectors && name == "embedding"
    }
}
