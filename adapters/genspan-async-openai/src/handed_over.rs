//! A request that is built already, as the hook wants it.

use std::sync::{Mutex, PoisonError};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use reqwest_0_13::Request;

/// What came of building a request.
pub(crate) type Built = Result<Request, OpenAIError>;

/// Lets who is further in have what was built from a factory, error or not, when it first builds; after that, it is
/// built anew.
///
/// To build it once more only to look at it would read a form's file twice.
pub(crate) fn handed_over(built: Built, factory: HttpRequestFactory) -> HttpRequestFactory {
    let built = Mutex::new(Some(built));
    HttpRequestFactory::new(move || {
        let built = built.lock().unwrap_or_else(PoisonError::into_inner).take();
        let factory = factory.clone();
        async move {
            match built {
                Some(built) => built,
                None => factory.build().await,
            }
        }
    })
}
