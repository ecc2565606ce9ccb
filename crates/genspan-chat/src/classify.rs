//! What the error of a client, a tool or an agent says about a failure.

use std::{any::Any, fmt, sync::Arc};

use genspan::Failure;

use crate::ToolError;

/// Decides how an operation failed that gave an error.
///
/// Without a word of yours the class is the short name of the error's type, and its text is content.
///
/// ```
/// use genspan::{ErrorType, Failure};
/// use genspan_chat::Classifier;
///
/// # #[derive(Debug)]
/// struct Refused { status: u16 }
///
/// let classifier = Classifier::new(|refused: &Refused| {
///     Failure::new(ErrorType::from_http_status(refused.status)).with_status(refused.status)
/// });
/// ```
#[derive(Clone, Default)]
pub struct Classifier(Option<Arc<Rule>>);

type Rule = dyn Fn(&dyn Any) -> Option<Failure> + Send + Sync;

impl Classifier {
    /// Asks `classify` for errors of type `E`, and the default rule for all others.
    #[must_use]
    pub fn new<E: 'static>(classify: impl Fn(&E) -> Failure + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(move |error| {
            error.downcast_ref::<E>().map(&classify)
        })))
    }

    pub(crate) fn classify<E: fmt::Display + 'static>(&self, error: &E) -> Failure {
        let any: &dyn Any = error;
        let stated = self.0.as_ref().and_then(|rule| rule(any));
        let known = || any.downcast_ref::<ToolError>().map(ToolError::failure);
        stated.or_else(known).unwrap_or_else(|| Failure::of(error))
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Classifier")
            .field("is_default", &self.0.is_none())
            .finish()
    }
}
