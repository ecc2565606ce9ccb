//! Parts of a URL.

/// Holds what of a URL says who is asked for what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) host: &'a str,
    /// The port, stated or the scheme's own.
    pub(super) port: Option<u16>,
    /// The path with its query.
    pub(super) path: &'a str,
}

/// Takes a URL apart as browsers write them; `None` where it names no host, as `data:` URLs do.
///
/// It is lenient: what stands in a recording was understood once.
pub(super) fn split(url: &str) -> Option<Address<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest
        .find(['/', '?'])
        .and_then(|at| rest.split_at_checked(at))
        .unwrap_or((rest, "/"));
    let (_, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let own_port = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    };
    (!host.is_empty()).then_some(Address {
        host,
        port: port.or(own_port),
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let check = |url: &str, host: &str, port: Option<u16>, path: &str| {
            assert_eq!(split(url), Some(Address { host, port, path }), "{url}");
        };
        check(
            "https://api.openai.com/v1/chat/completions?x=a/b",
            "api.openai.com",
            Some(443),
            "/v1/chat/completions?x=a/b",
        );
        check(
            "http://user:pass@localhost:8080/v1#part",
            "localhost",
            Some(8080),
            "/v1",
        );
        check("http://[::1]:11434/api", "::1", Some(11434), "/api");
        check("https://[::1]", "::1", Some(443), "/");
        check("https://host?q=a:1", "host", Some(443), "?q=a:1");
        check("https://host:99999/x y|z", "host", Some(443), "/x y|z");
    }

    #[test]
    fn what_names_no_host_is_none() {
        for url in [
            "",
            "data:text/plain,x",
            "/v1/chat",
            "file:///tmp/x",
            "https://",
        ] {
            assert_eq!(split(url), None, "{url}");
        }
    }
}
