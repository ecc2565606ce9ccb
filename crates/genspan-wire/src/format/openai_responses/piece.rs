//! Where in an item the pieces belong that a stream brings.

/// Names the text that an event adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A part of a message.
    Text,
    /// A part of a message in which the model declines.
    Refusal,
    /// A part of the reasoning itself.
    Reasoning,
    /// A part of the summary of the reasoning.
    Summary,
    /// The arguments of a function.
    Arguments,
    /// The arguments of an MCP server's tool.
    McpArguments,
    /// What a custom tool is called with.
    Input,
    /// The code that the provider runs.
    Code,
}

impl Place {
    /// Reads the middle of an event's type: `output_text` of `response.output_text.delta`.
    pub(super) fn of(stem: &str) -> Option<Self> {
        Some(match stem {
            "output_text" => Self::Text,
            "refusal" => Self::Refusal,
            "reasoning_text" => Self::Reasoning,
            "reasoning_summary_text" => Self::Summary,
            "function_call_arguments" => Self::Arguments,
            "mcp_call_arguments" => Self::McpArguments,
            "custom_tool_call_input" => Self::Input,
            "code_interpreter_call_code" => Self::Code,
            _ => return None,
        })
    }

    /// Names the kind of item that has such a text.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Refusal => "message",
            Self::Reasoning | Self::Summary => "reasoning",
            Self::Arguments => "function_call",
            Self::McpArguments => "mcp_call",
            Self::Input => "custom_tool_call",
            Self::Code => "code_interpreter_call",
        }
    }

    /// Names the type of the part that the text is in, where the item has a list of such parts.
    pub(super) const fn part(self) -> Option<&'static str> {
        match self {
            Self::Text => Some("output_text"),
            Self::Refusal => Some("refusal"),
            Self::Reasoning => Some("reasoning_text"),
            Self::Summary => Some("summary_text"),
            Self::Arguments | Self::McpArguments | Self::Input | Self::Code => None,
        }
    }

    /// Names the list of the item that such parts are in.
    pub(super) const fn list(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Refusal | Self::Reasoning => Some("content"),
            Self::Summary => Some("summary"),
            Self::Arguments | Self::McpArguments | Self::Input | Self::Code => None,
        }
    }

    /// Names the member that holds the text, in the item or in one of its parts.
    pub(super) const fn member(self) -> &'static str {
        match self {
            Self::Text | Self::Reasoning | Self::Summary => "text",
            Self::Refusal => "refusal",
            Self::Arguments | Self::McpArguments => "arguments",
            Self::Input => "input",
            Self::Code => "code",
        }
    }

    /// Names the member of an event that counts the parts.
    pub(super) const fn index(self) -> &'static str {
        match self {
            Self::Summary => "summary_index",
            _ => "content_index",
        }
    }
}
