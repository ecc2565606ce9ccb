//! Errors of any type, as classes of failures.

use std::{
    any::type_name,
    borrow::Cow,
    error::Error,
    fmt::{self, Display},
    io,
    ops::Deref,
};

use super::seen::guarded;
use crate::{ErrorType, Failure};

/// Bounds how far a chain of causes is followed.
const MAX_CAUSES: usize = 32;

/// Holds the error of an annotated function; like [`Seen`](super::Seen) it is looked at by method lookup.
pub struct Fault<'a, E: ?Sized> {
    error: &'a E,
    unclassified: ErrorType,
    wants_message: bool,
}

impl<'a, E: ?Sized> Fault<'a, E> {
    pub(super) const fn new(error: &'a E, unclassified: ErrorType, wants_message: bool) -> Self {
        Self {
            error,
            unclassified,
            wants_message,
        }
    }

    fn failure(&self, class: Option<ErrorType>, message: impl FnOnce() -> String) -> Failure {
        let mut failure = Failure::new(class.unwrap_or_else(|| self.unclassified.clone()));
        if self.wants_message {
            failure.message = guarded(|| Some(message()));
        }
        failure
    }
}

impl<E: ?Sized> fmt::Debug for Fault<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").finish_non_exhaustive()
    }
}

/// Asks the error itself, where its author says what it is by `impl From<&E> for Failure`.
pub trait ByClass {
    /// Gives the failure.
    fn genspan_failure(&self) -> Failure;
}

impl<E> ByClass for &&&&Fault<'_, E>
where
    Failure: for<'x> From<&'x E>,
{
    fn genspan_failure(&self) -> Failure {
        guarded(|| Some(Failure::from(self.error)))
            .unwrap_or_else(|| Failure::new(self.unclassified.clone()))
    }
}

impl From<&Self> for Failure {
    fn from(failure: &Self) -> Self {
        failure.clone()
    }
}

impl From<&ErrorType> for Failure {
    fn from(error_type: &ErrorType) -> Self {
        Self::new(error_type.clone())
    }
}

/// Looks inside a box of any error, such as `anyhow::Error`.
pub trait ByInnerError {
    /// Gives the failure.
    fn genspan_failure(&self) -> Failure;
}

impl<E> ByInnerError for &&&Fault<'_, E>
where
    E: Deref<Target: InnerError> + Display,
{
    fn genspan_failure(&self) -> Failure {
        let inner = self.error.deref().genspan_error();
        self.failure(class_of_chain(inner), || self.error.to_string())
    }
}

/// Is implemented by errors whose type is not known any more.
pub trait InnerError {
    /// Gives the error.
    fn genspan_error(&self) -> &(dyn Error + 'static);
}

impl InnerError for dyn Error + 'static {
    fn genspan_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl InnerError for dyn Error + Send + 'static {
    fn genspan_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl InnerError for dyn Error + Send + Sync + 'static {
    fn genspan_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

/// Names an error after its type.
pub trait ByError {
    /// Gives the failure.
    fn genspan_failure(&self) -> Failure;
}

impl<E: Error + 'static> ByError for &&Fault<'_, E> {
    fn genspan_failure(&self) -> Failure {
        let error: &(dyn Error + 'static) = self.error;
        let class = class_of(error).or_else(|| ErrorType::from_type_name(type_name::<E>()));
        self.failure(class, || self.error.to_string())
    }
}

/// Names what is no error, but can be displayed, after its type.
pub trait ByDisplay {
    /// Gives the failure.
    fn genspan_failure(&self) -> Failure;
}

impl<E: Display + ?Sized> ByDisplay for &Fault<'_, E> {
    fn genspan_failure(&self) -> Failure {
        self.failure(ErrorType::from_type_name(type_name::<E>()), || {
            self.error.to_string()
        })
    }
}

/// Names anything else after its type.
pub trait ByName {
    /// Gives the failure.
    fn genspan_failure(&self) -> Failure;
}

impl<E: ?Sized> ByName for Fault<'_, E> {
    fn genspan_failure(&self) -> Failure {
        let class = ErrorType::from_type_name(type_name::<E>());
        Failure::new(class.unwrap_or_else(|| self.unclassified.clone()))
    }
}

/// Classifies the first of an error and its causes that is known.
fn class_of_chain(error: &(dyn Error + 'static)) -> Option<ErrorType> {
    let mut cause = Some(error);
    for _ in 0..MAX_CAUSES {
        let error = cause?;
        if let Some(class) = class_of(error) {
            return Some(class);
        }
        cause = error.source();
    }
    None
}

/// Classifies an error of the standard library's.
fn class_of(error: &(dyn Error + 'static)) -> Option<ErrorType> {
    let kind = error.downcast_ref::<io::Error>()?.kind();
    Some(match kind {
        io::ErrorKind::TimedOut => ErrorType::Timeout,
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::NotConnected => ErrorType::Connectivity,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ErrorType::ConnectionLost,
        io::ErrorKind::UnexpectedEof => ErrorType::Truncated,
        io::ErrorKind::Other => return None,
        kind => ErrorType::Other(Cow::Owned(format!("{kind:?}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_cause_is_found_under_a_box() {
        let timeout = io::Error::from(io::ErrorKind::TimedOut);
        let boxed: Box<dyn Error> = Box::new(io::Error::other(timeout));
        assert_eq!(
            class_of_chain(&*boxed),
            None,
            "`source` skips what it wraps"
        );
        let refused: Box<dyn Error> = Box::new(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(class_of_chain(&*refused), Some(ErrorType::Connectivity));
    }

    #[test]
    fn other_kinds_keep_their_word() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let class = class_of(&missing).map(|class| class.to_string());
        assert_eq!(class.as_deref(), Some("NotFound"));
    }
}
