//! Which path leads to which provider.

use std::str::FromStr;

use genspan_http::proxy::{Proxy, Route, UnusableRoute, UnusableUpstream, Upstream};

use crate::run::base_urls::{self, Known};

/// Holds what `--upstream` says.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamArg {
    name: String,
    upstream: Upstream,
}

/// Says why `--upstream` cannot be followed; it does not repeat what may hold a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadUpstream {
    #[error(
        "write it as NAME=URL, such as openai=https://gateway.example/v1, with a name of letters, digits, `-`, `_` and `.`"
    )]
    Shape,
    #[error(transparent)]
    Upstream(#[from] UnusableUpstream),
}

impl FromStr for UpstreamArg {
    type Err = BadUpstream;

    fn from_str(text: &str) -> Result<Self, BadUpstream> {
        let (name, url) = text.split_once('=').ok_or(BadUpstream::Shape)?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(is_word) {
            return Err(BadUpstream::Shape);
        }
        Ok(Self {
            name: name.to_owned(),
            upstream: url.trim().parse()?,
        })
    }
}

/// Holds all ways of the proxy: the known providers, and those that were named.
#[derive(Debug)]
pub(crate) struct Upstreams {
    /// Each with the variable that programs read, where there is a usual one.
    routes: Vec<(Option<&'static str>, Route)>,
}

impl Upstreams {
    /// Joins the known providers and those that were named, which come first.
    ///
    /// # Errors
    ///
    /// Returns an error where a name cannot stand in a path.
    pub(crate) fn of(named: Vec<UpstreamArg>) -> Result<Self, UnusableRoute> {
        let known = base_urls::known();
        let variable = |name: &str| {
            known
                .iter()
                .find(|entry| entry.name == name)
                .map(|entry| entry.variable)
        };
        let mut routes: Vec<(Option<&'static str>, Route)> = Vec::new();
        let mut add = |name: &str, upstream: Upstream| {
            let route = Route::new(format!("/{name}"), upstream)?;
            if !routes
                .iter()
                .any(|(_, earlier)| earlier.prefix() == route.prefix())
            {
                routes.push((variable(name), route));
            }
            Ok(())
        };
        // Of two that were named alike the later counts.
        for UpstreamArg { name, upstream } in named.into_iter().rev() {
            add(&name, upstream)?;
        }
        for Known { name, url, .. } in &known {
            // The addresses in the table are sound, as a test sees to.
            let Ok(upstream) = url.parse() else { continue };
            add(name, upstream)?;
        }
        Ok(Self { routes })
    }

    pub(super) fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().map(|(_, route)| route)
    }

    /// Writes the addresses that programs are to be told.
    pub(crate) fn addresses(&self, proxy: &Proxy) -> String {
        let mut text = format!("genspan: listening on {}; set\n", proxy.local_addr());
        let mut lines: Vec<_> = self
            .routes
            .iter()
            .map(|(variable, route)| {
                let url = proxy.url_for(route);
                let set =
                    variable.map_or_else(|| url.clone(), |variable| format!("{variable}={url}"));
                (set, route.upstream().authority())
            })
            .collect();
        lines.sort();
        let width = lines
            .iter()
            .map(|(set, _)| set.len())
            .max()
            .unwrap_or_default();
        for (set, authority) in lines {
            text.push_str(&format!("  {set:width$}  for {authority}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(named: &[&str]) -> Vec<String> {
        let named = named.iter().map(|text| text.parse().unwrap()).collect();
        let upstreams = Upstreams::of(named).unwrap();
        upstreams
            .routes()
            .map(|route| format!("{} {}", route.prefix(), route.upstream().authority()))
            .collect()
    }

    #[test]
    fn every_known_provider_has_its_path() {
        assert_eq!(routes(&[]).len(), base_urls::known().len());
        assert!(routes(&[]).contains(&"/anthropic api.anthropic.com".to_owned()));
    }

    #[test]
    fn what_is_named_stands_before_what_is_known() {
        let routes = routes(&[
            "openai=http://a/v1",
            "mine=http://b:1",
            "openai=http://c/v1",
        ]);
        assert!(
            routes.contains(&"/openai c".to_owned()) && routes.contains(&"/mine b:1".to_owned())
        );
        assert_eq!(
            routes
                .iter()
                .filter(|route| route.starts_with("/openai "))
                .count(),
            1
        );
    }

    #[test]
    fn what_cannot_be_followed_says_what_to_write() {
        for text in ["openai", "=http://a", "a/b=http://a", "..=http://a"] {
            assert!(
                matches!(text.parse::<UpstreamArg>(), Err(BadUpstream::Shape)),
                "{text}"
            );
        }
        let error = "a=https://me:hunter2@b"
            .parse::<UpstreamArg>()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("user name") && !error.contains("hunter2"),
            "{error}"
        );
    }
}
