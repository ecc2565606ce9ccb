//! The variables that send a program's requests through a proxy of the network's.
//!
//! Our proxy connects to providers directly. Where these variables say that a provider is reached another way, its
//! traffic is left alone, since it might not get through; and the child must not look for our own address there.

use std::net::IpAddr;

use crate::environment::Environment;

const ENCRYPTED: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const PLAIN: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Names the variable through which a host is reached; `None` where it is reached directly.
pub(super) fn way(
    environment: &Environment,
    is_encrypted: bool,
    host: &str,
) -> Option<&'static str> {
    let names = if is_encrypted { ENCRYPTED } else { PLAIN };
    let name = names
        .into_iter()
        .find(|name| environment.text(name).is_some())?;
    let is_direct = is_local(host)
        || EXCEPTIONS.iter().any(|list| {
            environment
                .text(list)
                .is_some_and(|list| list.split(',').any(|entry| covers(entry.trim(), host)))
        });
    (!is_direct).then_some(name)
}

/// Says that providers are out of reach, where the variables send requests elsewhere.
pub(super) fn note(environment: &Environment) -> Option<String> {
    let name = ENCRYPTED
        .into_iter()
        .find(|name| environment.text(name).is_some())?;
    Some(format!(
        "{name} is set: calls that go through it are not recorded, as genspan connects directly"
    ))
}

/// Gives the variables that keep the child's requests to our own address off such proxies.
pub(super) fn exceptions(
    environment: &Environment,
    address: IpAddr,
) -> Vec<(&'static str, String)> {
    if !ENCRYPTED
        .iter()
        .chain(&PLAIN)
        .any(|name| environment.text(name).is_some())
    {
        return Vec::new();
    }
    let of = |name: &str| environment.text(name);
    let either = of("NO_PROXY").or_else(|| of("no_proxy"));
    let with_ours = |name| {
        let list: Option<String> = of(name).or_else(|| either.clone());
        let list = list.map_or_else(|| address.to_string(), |list| format!("{list},{address}"));
        (name, list)
    };
    EXCEPTIONS.into_iter().map(with_ours).collect()
}

fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Reads one entry as most clients do: `*`, a host, or a domain with all below it.
fn covers(entry: &str, host: &str) -> bool {
    let domain = entry.trim_start_matches('*').trim_start_matches('.');
    entry == "*"
        || !domain.is_empty()
            && host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_hosts_domains_and_everything() {
        for (list, is_direct) in [
            ("example.org", true),
            (".example.org", true),
            ("*.example.org", true),
            ("x, api.example.org", true),
            ("*", true),
            ("ample.org", false),
            ("", false),
        ] {
            let environment = Environment::of(&[("https_proxy", "http://p"), ("no_proxy", list)]);
            assert_eq!(
                way(&environment, true, "api.example.org").is_none(),
                is_direct,
                "{list}"
            );
        }
    }

    #[test]
    fn what_runs_here_is_never_far() {
        let environment = Environment::of(&[("ALL_PROXY", "socks5://p")]);
        assert_eq!(way(&environment, false, "127.0.0.1"), None);
        assert_eq!(way(&environment, false, "[::1]"), None);
        assert_eq!(way(&environment, false, "gpu"), Some("ALL_PROXY"));
    }

    #[test]
    fn our_address_joins_the_exceptions() {
        let ours = IpAddr::from([127, 0, 0, 1]);
        let environment = Environment::of(&[("HTTP_PROXY", "http://p"), ("no_proxy", "a.example")]);
        let list = "a.example,127.0.0.1".to_owned();
        assert_eq!(
            exceptions(&environment, ours),
            [("NO_PROXY", list.clone()), ("no_proxy", list)]
        );
        assert_eq!(exceptions(&Environment::of(&[]), ours), []);
    }
}
