//! What an error of the client or of a layer says about a call.

use std::{any::Any, error::Error};

use async_openai::error::OpenAIError;
use genspan::{ErrorType, Failure};
use genspan_http::{Classifier, End};
use tower::{BoxError, timeout::error::Elapsed};

/// Tells how an exchange ended that gave this error instead of a response.
pub(crate) fn end(error: &dyn Any) -> End {
    let general = Classifier::default();
    let chain: &(dyn Error + 'static) = if let Some(error) = error.downcast_ref::<OpenAIError>() {
        error
    } else if let Some(error) = error.downcast_ref::<BoxError>() {
        error.as_ref()
    } else {
        return general.classify(error);
    };
    let mut next = Some(chain);
    // A chain that long is a ring.
    for _ in 0..32 {
        let Some(error) = next else { break };
        if error.is::<Elapsed>() {
            return End::Timeout;
        }
        if let Some(error) = error.downcast_ref::<reqwest_0_13::Error>() {
            return general.classify(error);
        }
        next = match error.downcast_ref::<OpenAIError>() {
            // It passes over the one inside to that one's own cause.
            Some(OpenAIError::Boxed(inner)) => Some(inner.as_ref()),
            _ => error.source(),
        };
    }
    general.classify(error)
}

/// Tells how a call failed, as far as its attempts do not know it better.
pub(crate) fn of_call(error: &dyn Any) -> Failure {
    let error_type = match end(error) {
        End::Timeout => ErrorType::Timeout,
        _ => ErrorType::Unknown,
    };
    Failure::new(error_type)
}
