//! What the attributes `tool` and `agent` expand to.
//!
//! The expansion stays small, so that it costs the annotated crate little time to compile; all that
//! can be done once stands here. Nothing of this is an interface for people.

mod call;
mod fault;
mod running;
mod seen;
mod source;
mod text;

pub use call::{Annotated, Call};
pub use fault::{Fault, InnerError};
pub use running::Running;
pub use seen::{Said, Seen};
pub use source::Source;
pub use text::{Text, text};

/// Brings the traits into scope that look at values, without a name that could meet another.
pub mod looking {
    pub use super::{
        AsResult as _, AsValue as _,
        fault::{ByClass as _, ByDisplay as _, ByError as _, ByInnerError as _, ByName as _},
        seen::{
            BySerialize as _, SaidByDisplay as _, SaidByNothing as _, SeenByDebug as _,
            SeenByNothing as _,
        },
    };
}

use std::convert::Infallible;

/// Gives nothing, of a type that the expansion wants to name.
#[must_use]
pub const fn nothing<T>() -> Option<T> {
    None
}

/// Holds what a function returned, so that a `Result` can be told from anything else.
#[derive(Debug)]
pub struct Returned<'a, T>(pub &'a T);

/// Tells a `Result` apart.
pub trait AsResult {
    /// What it gives where it went well.
    type Value;
    /// What it gives where it did not.
    type Error;

    /// Gives one or the other.
    #[allow(
        clippy::missing_errors_doc,
        reason = "the error is the function's own, handed on"
    )]
    fn genspan_result(&self) -> Result<&Self::Value, &Self::Error>;
}

impl<T, E> AsResult for &Returned<'_, Result<T, E>> {
    type Value = T;
    type Error = E;

    fn genspan_result(&self) -> Result<&T, &E> {
        self.0.as_ref()
    }
}

/// Takes anything else for a success.
pub trait AsValue {
    /// What the function gave.
    type Value;

    /// Gives it.
    #[allow(clippy::missing_errors_doc, reason = "there is no error")]
    fn genspan_result(&self) -> Result<&Self::Value, &Infallible>;
}

impl<T> AsValue for Returned<'_, T> {
    type Value = T;

    fn genspan_result(&self) -> Result<&T, &Infallible> {
        Ok(self.0)
    }
}
