//! How an exchange ended, in the words of those who recorded it.

use genspan_wire::End;

/// Reads what stands in `_error` and its like; `has_head` tells whether a response had begun.
pub(super) fn end(error: Option<&str>, has_head: bool) -> End {
    const CANCELLED: [&str; 4] = ["abort", "cancel", "client disconnect", "client closed"];
    const TIMEOUT: [&str; 3] = ["timed_out", "timed out", "timeout"];
    const LOST: [&str; 8] = [
        "reset",
        "closed",
        "empty_response",
        "disconnect",
        "net_interrupt",
        "peer",
        "eof",
        "network_changed",
    ];
    let error = error.unwrap_or_default().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if says(&CANCELLED) {
        End::Cancelled
    } else if says(&TIMEOUT) {
        End::Timeout
    } else if has_head {
        if error.is_empty() {
            End::Complete
        } else {
            End::Broken
        }
    } else if says(&LOST) {
        End::LostBeforeHeaders
    } else {
        End::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_browsers_and_proxies_are_known() {
        for (error, has_head, expected) in [
            (None, true, End::Complete),
            (Some(""), true, End::Complete),
            (None, false, End::Unreachable),
            (Some("net::ERR_ABORTED"), false, End::Cancelled),
            (Some("net::ERR_ABORTED"), true, End::Cancelled),
            (Some("NS_BINDING_ABORTED"), true, End::Cancelled),
            (Some("Load request cancelled"), false, End::Cancelled),
            (Some("Client disconnected."), true, End::Cancelled),
            (Some("net::ERR_CONNECTION_TIMED_OUT"), false, End::Timeout),
            (Some("NS_ERROR_NET_TIMEOUT"), false, End::Timeout),
            (
                Some("net::ERR_CONNECTION_RESET"),
                false,
                End::LostBeforeHeaders,
            ),
            (
                Some("Server disconnected before sending a complete response"),
                false,
                End::LostBeforeHeaders,
            ),
            (
                Some("net::ERR_INCOMPLETE_CHUNKED_ENCODING"),
                true,
                End::Broken,
            ),
            (Some("net::ERR_NAME_NOT_RESOLVED"), false, End::Unreachable),
            (Some("NS_ERROR_CONNECTION_REFUSED"), false, End::Unreachable),
        ] {
            assert_eq!(end(error, has_head), expected, "{error:?} {has_head}");
        }
    }
}
