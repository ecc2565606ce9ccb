//! What stopped a command, and how it is told.

use std::{error::Error, io};

/// Carries whatever stopped a command, with its causes.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Tells whether whoever read our output had enough of it.
pub(crate) fn is_broken_pipe(failure: &(dyn Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(failure), |error| (*error).source());
    causes
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Tells an error with its causes, in one line.
pub(crate) fn chain(failure: &(dyn Error + 'static)) -> String {
    let mut text = failure.to_string();
    for cause in
        std::iter::successors(failure.source(), |error| (*error).source()).map(ToString::to_string)
    {
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{told}")]
    struct Told {
        told: &'static str,
        source: io::Error,
    }

    #[test]
    fn causes_are_told_once() {
        let of = |told| {
            chain(&Told {
                told,
                source: io::Error::other("disk full"),
            })
        };
        assert_eq!(
            of("a.har cannot be read"),
            "a.har cannot be read: disk full"
        );
        assert_eq!(of("a.har: disk full"), "a.har: disk full");
    }

    #[test]
    fn a_broken_pipe_is_found_among_the_causes() {
        let of = |kind| {
            is_broken_pipe(&Told {
                told: "no",
                source: io::Error::from(kind),
            })
        };
        assert!(of(io::ErrorKind::BrokenPipe));
        assert!(!of(io::ErrorKind::NotFound));
    }
}
