//! How the run of a tool turned out.

use std::{error::Error, fmt};

use genspan::{ErrorType, Failure, Value};

/// Holds what a tool says to the model.
///
/// A tool may also give an error: the model is told its text, and the span its type.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolOutput {
    /// It did what it was asked.
    Done(Value),
    /// It says that it could not.
    Failed(Value),
}

impl ToolOutput {
    pub(crate) fn unknown(name: &str) -> Self {
        Self::failed(format!("there is no tool {name}"))
    }

    pub(crate) fn failed(text: String) -> Self {
        Self::Failed(Value::Map(vec![("error".to_owned(), Value::String(text))]))
    }

    /// Gives what the model is told.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Done(value) | Self::Failed(value) => value,
        }
    }
}

impl<T: Into<Value>> From<T> for ToolOutput {
    fn from(value: T) -> Self {
        Self::Done(value.into())
    }
}

/// Holds the error of one of several tools, each of which may have errors of its own type.
#[derive(Clone, Debug)]
pub struct ToolError(Failure);

impl ToolError {
    /// Describes an error by its type and its text.
    #[must_use]
    pub fn of<E: fmt::Display + 'static>(error: &E) -> Self {
        let mut failure = Failure::of(error);
        if failure.error_type == ErrorType::Unknown {
            failure.error_type = ErrorType::ToolError;
        }
        Self(failure)
    }

    pub(crate) fn failure(&self) -> Failure {
        self.0.clone()
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message.as_deref().unwrap_or("the tool failed"))
    }
}

impl Error for ToolError {}
