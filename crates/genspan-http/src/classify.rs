//! What the error of an HTTP client says about a call.

use std::{any::Any, error::Error, fmt, io, sync::Arc};

use crate::End;

/// Decides how a call ended whose client gave an error instead of a response.
///
/// Errors are looked at and never kept: their texts may quote what was sent.
#[derive(Clone)]
pub struct Classifier(Arc<Rule>);

type Rule = dyn Fn(&dyn Any) -> End + Send + Sync;

impl Classifier {
    /// Asks `classify` for errors of type `E`, and the default rules for all others.
    #[must_use]
    pub fn new<E: 'static>(classify: impl Fn(&E) -> End + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |error| {
            error
                .downcast_ref::<E>()
                .map_or_else(|| by_default(error), &classify)
        }))
    }

    /// Says how a call ended whose client gave this error instead of a response.
    #[must_use]
    pub fn classify(&self, error: &dyn Any) -> End {
        (self.0)(error)
    }
}

impl Default for Classifier {
    /// Knows the errors of hyper-util's client, of tokio's time-outs and of IO, bare or in a box, and those of
    /// the clients whose features are on.
    ///
    /// Any other error means that the connection was lost before the response's head.
    fn default() -> Self {
        Self(Arc::new(by_default))
    }
}

impl fmt::Debug for Classifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classifier")
    }
}

/// Says what the error of a response's body makes of the call: the time was over, or the connection was lost.
pub(crate) fn of_body(error: &dyn Any) -> End {
    amid_body(by_default(error))
}

/// Says amid a response's body what an error means that was judged as one before it.
pub(crate) const fn amid_body(end: End) -> End {
    match end {
        End::Timeout => End::Timeout,
        _ => End::Broken,
    }
}

fn by_default(error: &dyn Any) -> End {
    known(error).unwrap_or_else(|| by_cause(error))
}

/// Asks the clients whose features are on whether the error is theirs.
#[allow(unused_variables, reason = "without a feature there is nobody to ask")]
fn known(error: &dyn Any) -> Option<End> {
    let known: Option<End> = None;
    #[cfg(feature = "reqwest-0_12")]
    let known = known.or_else(|| crate::reqwest_0_12::end_of(error));
    #[cfg(feature = "reqwest-0_13")]
    let known = known.or_else(|| crate::reqwest_0_13::end_of(error));
    #[cfg(feature = "reqwest-middleware")]
    let known = known.or_else(|| crate::reqwest_middleware::end_of(error));
    known
}

fn by_cause(error: &dyn Any) -> End {
    let error: Option<&(dyn Error + 'static)> =
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            Some(error)
        } else if let Some(error) = error.downcast_ref::<Box<dyn Error + Send + Sync>>() {
            Some(error.as_ref())
        } else if let Some(error) = error.downcast_ref::<Box<dyn Error + Send>>() {
            Some(error.as_ref())
        } else if let Some(error) = error.downcast_ref::<io::Error>() {
            Some(error)
        } else if let Some(error) = error.downcast_ref::<tokio::time::error::Elapsed>() {
            Some(error)
        } else {
            None
        };
    error.map_or(End::LostBeforeHeaders, by_chain)
}

/// Takes the first word that an error or one of its causes says.
pub(crate) fn by_chain(error: &(dyn Error + 'static)) -> End {
    let mut next = Some(error);
    // A chain that long is a ring.
    for _ in 0..32 {
        let Some(error) = next else { break };
        if let Some(end) = by_type(error) {
            return end;
        }
        next = error.source();
    }
    End::LostBeforeHeaders
}

fn by_type(error: &(dyn Error + 'static)) -> Option<End> {
    if error
        .downcast_ref::<hyper_util::client::legacy::Error>()
        .is_some_and(|error| error.is_connect())
    {
        return Some(End::Unreachable);
    }
    #[cfg(feature = "reqwest-0_12")]
    if let Some(error) = error.downcast_ref::<reqwest_0_12::Error>()
        && error.is_timeout()
    {
        return Some(End::Timeout);
    }
    #[cfg(feature = "reqwest-0_13")]
    if let Some(error) = error.downcast_ref::<reqwest_0_13::Error>()
        && error.is_timeout()
    {
        return Some(End::Timeout);
    }
    if error.is::<tokio::time::error::Elapsed>()
        || error
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_timeout)
    {
        return Some(End::Timeout);
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some(End::Timeout),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::NetworkDown => Some(End::Unreachable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn io_errors_are_told_apart_bare_and_boxed() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let boxed: Box<dyn Error + Send + Sync> = Box::new(refused());
        let classifier = Classifier::default();
        assert_eq!(classifier.classify(&refused()), End::Unreachable);
        assert_eq!(classifier.classify(&boxed), End::Unreachable);
        assert_eq!(
            classifier.classify(&io::Error::from(io::ErrorKind::TimedOut)),
            End::Timeout
        );
        assert_eq!(
            classifier.classify(&io::Error::from(io::ErrorKind::ConnectionReset)),
            End::LostBeforeHeaders
        );
    }

    #[test]
    fn own_rules_come_first() {
        let classifier = Classifier::new(|_: &fmt::Error| End::Timeout);
        assert_eq!(classifier.classify(&fmt::Error), End::Timeout);
        assert_eq!(
            classifier.classify(&io::Error::from(io::ErrorKind::ConnectionRefused)),
            End::Unreachable
        );
    }
}
