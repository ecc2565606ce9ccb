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
    /// What a candidate of Google's says.
    Candidates,
    /// What the steps of an interaction say, whole or piece by piece.
    Steps,
    /// What the one message of an answer says, in the formats of Ollama and Cohere.
    Message,
    /// Vectors: in place of a list of numbers stands how many they are.
    Vectors,
}

impl Passing {
    /// Tells whether a member is passed over, which stands in an object that is `depth` lists and objects deep.
    pub(crate) fn passes(self, depth: usize, name: &str, is_text: bool) -> bool {
        match self {
            Self::Nothing | Self::Vectors => false,
            Self::Said => depth == 0 && is_said(name, is_text),
            Self::Choices => is_choice(depth, name),
            Self::Blocks => is_block(name, is_text),
            Self::Items => is_item(name, is_text),
            Self::Candidates => {
                depth == 2
                    && matches!(
                        name,
                        "content" | "groundingMetadata" | "citationMetadata" | "urlContextMetadata"
                    )
            }
            Self::Steps => {
                depth == 0 && matches!(name, "steps" | "outputs" | "step" | "delta" | "content")
            }
            Self::Message => is_message(depth, name, is_text),
        }
    }
}

fn is_said(name: &str, is_text: bool) -> bool {
    matches!(
        name,
        "messages"
            | "system"
            | "tools"
            | "functions"
            | "metadata"
            | "input"
            | "instructions"
            | "suffix"
            | "contents"
            | "content"
            | "systemInstruction"
            | "system_instruction"
            | "requests"
            | "instances"
            | "chat_history"
            | "documents"
            | "tool_results"
            | "images"
    ) || is_text && name == "prompt"
}

fn is_choice(depth: usize, name: &str) -> bool {
    matches!(
        (depth, name),
        (2, "message" | "delta" | "text")
            | (1, "web_search_citations")
            | (
                0,
                "citations"
                    | "search_results"
                    | "images"
                    | "videos"
                    | "related_questions"
                    | "web_search"
            )
    )
}

fn is_block(name: &str, is_text: bool) -> bool {
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

fn is_item(name: &str, is_text: bool) -> bool {
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

fn is_message(depth: usize, name: &str, is_text: bool) -> bool {
    match name {
        // A text that is called `message` is the message of an error.
        "message" => depth <= 1 && !is_text,
        "response" | "thinking" => depth == 0 && is_text,
        "context" | "tool_call_delta" => depth == 0,
        "text" | "tool_calls" | "citations" | "documents" | "search_queries" | "search_results"
        | "chat_history" => depth <= 1,
        _ => false,
    }
}
