//! The responses of the clients that are recorded.

use bytes::Bytes;
use http::Response;
use http_body::Body;

use crate::{Watch, WatchedBody};

/// Stands for the response types that a call can be recorded of: that of `http`, and those of the clients for
/// which this crate has a feature.
pub trait Answer: Sized + sealed::Sealed {
    /// The response with a body that is watched.
    type Watched;

    /// Lets the watch, where there is one, see the response and go on with its body.
    fn watched(self, watch: Option<Watch>) -> Self::Watched;
}

pub(crate) mod sealed {
    /// Keeps the trait to the types of this crate's choice.
    #[allow(unnameable_types, reason = "that is what seals the trait")]
    pub trait Sealed {}
}

impl<B> sealed::Sealed for Response<B> {}

impl<B: Body<Data = Bytes>> Answer for Response<B> {
    type Watched = Response<WatchedBody<B>>;

    fn watched(self, watch: Option<Watch>) -> Self::Watched {
        match watch {
            Some(watch) => watch.response(self),
            None => self.map(WatchedBody::unwatched),
        }
    }
}
