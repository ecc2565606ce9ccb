//! What is said to a model and what it answers, in the conventions' message shape.

use crate::{FinishReason, Value};

/// Names who said a message; other words than these are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Instructions of the application.
    System,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
    /// A tool that answers a request of the model.
    Tool,
    /// A role that the conventions have no word for, such as `developer`.
    Other(String),
}

impl Role {
    /// Gives the word for this role as it stands in telemetry.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Other(role) => role,
        }
    }
}

impl From<&str> for Role {
    fn from(role: &str) -> Self {
        match role {
            "system" => Self::System,
            "user" => Self::User,
            "assistant" => Self::Assistant,
            "tool" => Self::Tool,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Holds one message of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said, in order.
    pub parts: Vec<Part>,
    /// The participant's name, where the request states one.
    pub name: Option<String>,
    /// Why the model stopped; only on messages that a model produced in this operation.
    pub finish_reason: Option<FinishReason>,
}

impl Message {
    /// Makes a message of the given parts.
    #[must_use]
    pub const fn new(role: Role, parts: Vec<Part>) -> Self {
        Self {
            role,
            parts,
            name: None,
            finish_reason: None,
        }
    }

    /// Makes a message of one text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self::new(role, vec![Part::Text(text.into())])
    }

    /// Estimates the bytes this message holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.parts.iter().map(Part::weight).sum::<usize>()
    }
}

/// Holds one piece of a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// Text to or from the model.
    Text(String),
    /// The model's reasoning, without the provider's signature over it.
    Reasoning(String),
    /// The model's request to call a tool of the application.
    ToolCallRequest(ToolCallRequest),
    /// The application's answer to a tool call.
    ToolCallResponse(ToolCallResponse),
    /// A tool call that the provider runs itself.
    ServerToolCall(ServerToolCall),
    /// The result of a tool that the provider ran itself.
    ServerToolCallResponse(ServerToolCallResponse),
    /// Bytes sent inline.
    Blob(Blob),
    /// A file that the provider holds.
    File(FileReference),
    /// Something to be fetched from an address.
    Uri(UriReference),
    /// A summary that stands for an earlier part of the conversation.
    Compaction(Compaction),
    /// Anything that the conventions have no part for.
    Generic(Generic),
}

impl Part {
    /// Estimates the bytes this part holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        let own = size_of::<Self>();
        own + match self {
            Self::Text(text) | Self::Reasoning(text) => text.len(),
            Self::ToolCallRequest(call) => call.arguments.weight(),
            Self::ToolCallResponse(answer) => answer.response.weight(),
            Self::ServerToolCall(call) => call.call.weight(),
            Self::ServerToolCallResponse(answer) => answer.response.weight(),
            Self::Blob(blob) => blob.content.len(),
            Self::File(file) => file.file_id.len(),
            Self::Uri(uri) => uri.uri.len(),
            Self::Compaction(summary) => summary.content.as_ref().map_or(0, String::len),
            Self::Generic(part) => part
                .members
                .iter()
                .map(|(key, value)| key.len() + value.weight())
                .sum(),
        }
    }
}

/// Holds a model's request to call a tool of the application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCallRequest {
    /// The provider's id of the call, where it gives one.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The arguments, parsed where they are JSON; [`Value::Null`] where none were given.
    pub arguments: Value,
}

/// Holds an application's answer to a tool call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCallResponse {
    /// The id of the call that is answered.
    pub id: Option<String>,
    /// The tool's result, in the shape in which it was sent.
    pub response: Value,
}

/// Holds a tool call that the provider runs itself, such as a web search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerToolCall {
    /// The provider's id of the call, where it gives one.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The provider's word for the kind of call, such as `web_search`.
    pub kind: String,
    /// The call's other members.
    pub call: Value,
}

/// Holds the result of a tool that the provider ran itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerToolCallResponse {
    /// The id of the call that is answered.
    pub id: Option<String>,
    /// The provider's word for the kind of result, such as `web_search_tool_result`.
    pub kind: String,
    /// The result's other members.
    pub response: Value,
}

/// Names what inline or referenced media is, as the conventions do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Modality {
    /// A picture.
    Image,
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// A text document, such as a PDF.
    Document,
    /// Anything else.
    Other(String),
}

impl Modality {
    /// Gives the conventions' word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Other(word) => word,
        }
    }

    /// Gives the MIME type of a format that is named by its file extension or by the end of its MIME type, such as `png`,
    /// as Bedrock and some libraries name them.
    #[must_use]
    pub fn mime_type(&self, format: &str) -> String {
        const WORD: &str =
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let known = match (self, format) {
            (Self::Document, "txt") => "text/plain",
            (Self::Document, "md" | "markdown") => "text/markdown",
            (Self::Document, "css" | "csv" | "html" | "rtf" | "xml") => {
                return format!("text/{format}");
            }
            (Self::Document, "doc") => "application/msword",
            (Self::Document, "docx") => WORD,
            (Self::Document, "xls") => "application/vnd.ms-excel",
            (Self::Document, "xlsx") => SHEET,
            (Self::Document, _) => return format!("application/{format}"),
            (Self::Image, "jpg") => "image/jpeg",
            (Self::Image, "svg") => "image/svg+xml",
            (Self::Audio, "mp3") => "audio/mpeg",
            (Self::Video, "mov") => "video/quicktime",
            (Self::Video, "mkv") => "video/x-matroska",
            (Self::Video, "flv") => "video/x-flv",
            (Self::Video, "mpg") => "video/mpeg",
            (Self::Video, "wmv") => "video/x-ms-wmv",
            (Self::Video, "three_gp") => "video/3gpp",
            _ => return format!("{}/{format}", self.as_str()),
        };
        known.to_owned()
    }

    /// Reads the modality off a MIME type such as `image/png`.
    #[must_use]
    pub fn from_mime_type(mime_type: &str) -> Self {
        match mime_type.split('/').next().unwrap_or_default() {
            "image" => Self::Image,
            "video" => Self::Video,
            "audio" => Self::Audio,
            "text" | "application" => Self::Document,
            _ => Self::Other("unknown".to_owned()),
        }
    }
}

/// Holds media that was sent inline.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// What the media is.
    pub modality: Modality,
    /// The MIME type, where it was stated.
    pub mime_type: Option<String>,
    /// The bytes in base64, as they were sent.
    pub content: String,
}

/// Names a file that the provider holds.
#[derive(Clone, Debug, PartialEq)]
pub struct FileReference {
    /// What the file is.
    pub modality: Modality,
    /// The MIME type, where it was stated.
    pub mime_type: Option<String>,
    /// The provider's id of the file.
    pub file_id: String,
}

/// Names media by its address.
#[derive(Clone, Debug, PartialEq)]
pub struct UriReference {
    /// What the media is.
    pub modality: Modality,
    /// The MIME type, where it was stated.
    pub mime_type: Option<String>,
    /// The address; `data:` addresses are [`Blob`]s instead.
    pub uri: String,
}

/// Stands for an earlier part of a conversation that was summarised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compaction {
    /// The provider's id of the summary.
    pub id: Option<String>,
    /// The summary, where it is readable.
    pub content: Option<String>,
}

/// Holds a part that the conventions have no shape for, such as a refusal or a citation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generic {
    /// The provider's word for the part.
    pub kind: String,
    /// Its other members, in order.
    pub members: Vec<(String, Value)>,
}
