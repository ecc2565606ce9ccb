//! Which paths lead to which provider.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use genspan::Provider;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{Uri, uri};
use thiserror::Error;

use super::recent::Recent;

/// Leads every path below a prefix to one provider.
#[derive(Clone, Debug)]
pub struct Route {
    prefix: String,
    upstream: Upstream,
    provider: Option<Provider>,
    /// Whether a path may go on without a slash between, as that of a bare origin does.
    is_origin: bool,
}

impl Route {
    /// Leads `prefix`, such as `/secret/openai`, to `upstream`; the empty prefix leads everything.
    ///
    /// # Errors
    ///
    /// When the prefix does not start with `/`, ends with one, or has a query or a character that no path can have.
    pub fn new(prefix: impl Into<String>, upstream: Upstream) -> Result<Self, UnusableRoute> {
        let prefix = prefix.into();
        let usable = prefix.is_empty()
            || (prefix.starts_with('/')
                && !prefix.ends_with('/')
                && !prefix.contains(['?', '#'])
                && PathAndQuery::from_str(&prefix).is_ok());
        if usable {
            Ok(Self {
                prefix,
                upstream,
                provider: None,
                is_origin: false,
            })
        } else {
            Err(UnusableRoute { prefix })
        }
    }

    /// The length of a prefix that nobody can mistake: a slash and 32 hexadecimal digits.
    const ORIGIN_PREFIX: usize = 33;

    /// Leads such a prefix to an origin.
    fn to_origin(prefix: String, upstream: Upstream) -> Self {
        Self {
            prefix,
            upstream,
            provider: None,
            is_origin: true,
        }
    }

    /// Names the provider behind this route, where its host name does not tell.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The path that a client's base URL ends with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where the requests go.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// The provider that was named for this route.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        self.provider.as_ref()
    }

    /// What follows the prefix in a path that this route leads, query included.
    pub(super) fn rest<'path>(&self, path: &'path str) -> Option<&'path str> {
        let rest = path.strip_prefix(self.prefix.as_str())?;
        let is_whole = self.is_origin || rest.is_empty() || rest.starts_with(['/', '?']);
        is_whole.then_some(rest)
    }
}

/// Holds the routes of a proxy: those it was set up with, and those to origins that are added while it runs.
#[derive(Debug, Default)]
pub(super) struct Routes {
    set_up: Vec<Route>,
    origins: Mutex<Origins>,
}

/// Holds routes to origins, by both ends; of too many the longest unused are forgotten.
#[derive(Debug)]
struct Origins {
    by_prefix: Recent<String, Route>,
    by_origin: Recent<String, String>,
}

impl Default for Origins {
    fn default() -> Self {
        Self::bounded(Self::MAX)
    }
}

impl Origins {
    /// Bounds the origins that are led to.
    const MAX: usize = 16_384;

    fn bounded(max: usize) -> Self {
        Self {
            by_prefix: Recent::new(max),
            by_origin: Recent::new(max),
        }
    }

    /// Gives the route whose prefix a path begins with.
    fn find(&mut self, path: &str) -> Option<Route> {
        // Only prefixes that nobody can mistake are kept here, each as long as the others.
        let route = self
            .by_prefix
            .find(path.get(..Route::ORIGIN_PREFIX)?)?
            .clone();
        // Both ends are used at once, so that they are forgotten at once.
        self.by_origin.find(&route.upstream.origin());
        Some(route)
    }

    fn lead_to(
        &mut self,
        origin: &Upstream,
        prefix: impl FnOnce() -> Option<String>,
    ) -> Option<Route> {
        let name = origin.origin();
        if let Some(prefix) = self.by_origin.find(&name)
            && let Some(known) = self.by_prefix.find(prefix)
        {
            return Some(known.clone());
        }
        let route = Route::to_origin(prefix()?, origin.clone());
        drop(self.by_origin.insert(name, route.prefix.clone()));
        drop(self.by_prefix.insert(route.prefix.clone(), route.clone()));
        Some(route)
    }
}

impl Routes {
    pub(super) fn new(routes: Vec<Route>) -> Self {
        Self {
            set_up: routes,
            origins: Mutex::default(),
        }
    }

    /// Gives the route that leads a path, and what follows its prefix.
    pub(super) fn find<'path>(&self, path: &'path str) -> Option<(Route, &'path str)> {
        let set_up = find(&self.set_up, path).map(|(route, rest)| (route.clone(), rest));
        let is_longer = |route: &Route| {
            let length = |(route, _): &(Route, &str)| route.prefix.len();
            route.prefix.len() > set_up.as_ref().map_or(0, length)
        };
        let origin = self.lock().find(path).filter(is_longer);
        match origin {
            Some(origin) => origin.rest(path).map(|rest| (origin.clone(), rest)),
            None => set_up,
        }
    }

    /// Gives the route to an origin, added where it was not asked for before; `None` where there is no prefix for it.
    pub(super) fn to_origin(
        &self,
        origin: &Upstream,
        prefix: impl FnOnce() -> Option<String>,
    ) -> Option<Route> {
        self.lock().lead_to(origin, prefix)
    }

    fn lock(&self) -> MutexGuard<'_, Origins> {
        // Nothing that can panic runs under the lock.
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Picks the route with the longest prefix, and what follows it.
fn find<'routes, 'path>(
    routes: &'routes [Route],
    path: &'path str,
) -> Option<(&'routes Route, &'path str)> {
    routes
        .iter()
        .filter_map(|route| Some((route, route.rest(path)?)))
        .max_by_key(|(route, _)| route.prefix.len())
}

/// Tells why a prefix cannot lead anywhere.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "the prefix {prefix:?} is unusable: write it as a path without a query and without a slash at its end, such as /secret/openai"
)]
pub struct UnusableRoute {
    prefix: String,
}

/// Names a provider's endpoint: scheme, authority and the path that requests are put below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    scheme: Scheme,
    authority: Authority,
    base: String,
    prior_knowledge: bool,
}

impl Upstream {
    /// Speaks HTTP/2 without asking first, for `http` endpoints that know nothing else.
    #[must_use]
    pub fn with_prior_knowledge(mut self) -> Self {
        self.prior_knowledge = true;
        self
    }

    /// Tells the origin that a URL asks from its path and query.
    pub(super) fn split(url: &str) -> Result<(Self, &str), UnusableUpstream> {
        let rest = url.find("://").map_or(0, |at| at + 3);
        let end = url.get(rest..).and_then(|rest| rest.find(['/', '?', '#']));
        let (origin, path) = end
            .and_then(|at| url.split_at_checked(rest + at))
            .unwrap_or((url, ""));
        let path = path.split('#').next().unwrap_or_default();
        Ok((origin.parse()?, path))
    }

    /// Names scheme, host and port, the same however they are written.
    fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority).to_ascii_lowercase()
    }

    /// The host and port as they stand in the URL.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Whether the endpoint is spoken to over TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    pub(super) fn is_prior_knowledge(&self) -> bool {
        self.prior_knowledge
    }

    /// The address of `rest` below the base path, byte for byte.
    pub(super) fn target(&self, rest: &str) -> Result<Uri, http::Error> {
        let slash = if self.base.is_empty() && !rest.starts_with('/') {
            "/"
        } else {
            ""
        };
        let path = format!("{}{slash}{rest}", self.base);
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::try_from(path)?);
        Ok(Uri::from_parts(parts)?)
    }
}

impl FromStr for Upstream {
    type Err = UnusableUpstream;

    /// Reads a base URL such as `https://api.openai.com/v1`.
    fn from_str(url: &str) -> Result<Self, UnusableUpstream> {
        let unusable = |why| UnusableUpstream { why };
        let parts = url
            .parse::<Uri>()
            .map_err(|error| unusable(Why::Malformed(error)))?
            .into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
            .ok_or_else(|| unusable(Why::Scheme))?;
        let authority = parts
            .authority
            .filter(|it| !it.host().is_empty())
            .ok_or_else(|| unusable(Why::Scheme))?;
        if authority.as_str().contains('@') {
            return Err(unusable(Why::Credentials));
        }
        let path = parts
            .path_and_query
            .unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(unusable(Why::Query));
        }
        let base = path.path().trim_end_matches('/').to_owned();
        Ok(Self {
            scheme,
            authority,
            base,
            prior_knowledge: false,
        })
    }
}

/// Tells why a URL cannot be an upstream; the URL is not repeated, for it may hold a password.
#[derive(Debug, Error)]
#[error("the upstream is unusable: {why}")]
pub struct UnusableUpstream {
    why: Why,
}

impl UnusableUpstream {
    pub(super) const fn unguessable() -> Self {
        Self {
            why: Why::Unguessable,
        }
    }
}

#[derive(Debug, Error)]
enum Why {
    #[error(
        "the system gives no random number, and a way to it must be one that nobody guesses; try it again"
    )]
    Unguessable,
    #[error("{0}; write it as https://host/path")]
    Malformed(uri::InvalidUri),
    #[error("it needs http:// or https:// and a host, such as https://api.openai.com/v1")]
    Scheme,
    #[error("it holds a user name; pass credentials as headers from the client")]
    Credentials,
    #[error("it holds a query; pass queries from the client")]
    Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(upstream: &str, rest: &str) -> String {
        upstream
            .parse::<Upstream>()
            .unwrap()
            .target(rest)
            .unwrap()
            .to_string()
    }

    #[test]
    fn the_rest_of_a_path_keeps_its_bytes() {
        let base = "https://host.example/v1/";
        for rest in [
            "/a/../b",
            "/a//b",
            "/a%2Fb%2f",
            "/a?",
            "/a?x=1&&y=%20",
            "/",
            "/./",
            "//",
            "/a;b=c",
            "?q",
        ] {
            assert_eq!(
                target(base, rest),
                format!("https://host.example/v1{rest}"),
                "{rest}"
            );
        }
        assert_eq!(target(base, ""), "https://host.example/v1");
        assert_eq!(target("http://host.example", ""), "http://host.example/");
        assert_eq!(
            target("http://host.example", "?q"),
            "http://host.example/?q"
        );
        assert_eq!(target("http://[::1]:8080", "//x"), "http://[::1]:8080//x");
    }

    #[test]
    fn the_longest_prefix_leads() {
        let route = |prefix: &str| Route::new(prefix, "http://h.example".parse().unwrap()).unwrap();
        let routes = [route("/s"), route("/s/openai"), route("/t")];
        let found = |path| find(&routes, path).map(|(route, rest)| (route.prefix(), rest));
        assert_eq!(found("/s/openai/v1?x"), Some(("/s/openai", "/v1?x")));
        assert_eq!(found("/s/openai?x"), Some(("/s/openai", "?x")));
        assert_eq!(found("/s/openai"), Some(("/s/openai", "")));
        assert_eq!(found("/s/openaix"), Some(("/s", "/openaix")));
        assert_eq!(found("/st"), None);
        assert_eq!(found("/"), None);
    }

    #[test]
    fn an_origin_has_one_way_that_nobody_guesses_or_none() {
        let routes = Routes::new(vec![Route::new("", "http://all".parse().unwrap()).unwrap()]);
        let origin: Upstream = "http://h.example".parse().unwrap();
        assert!(routes.to_origin(&origin, || None).is_none());
        let prefix = |number: u32| Some(format!("/{number:032x}"));
        let one = routes.to_origin(&origin, || prefix(1)).unwrap();
        let other: Upstream = "http://H.example".parse().unwrap();
        let same = routes.to_origin(&other, || prefix(2)).unwrap();
        assert_eq!(one.prefix(), same.prefix());
        let path = format!("{}chat?x", one.prefix());
        let (found, rest) = routes.find(&path).unwrap();
        assert_eq!((found.upstream(), rest), (&origin, "chat?x"));
        let (found, rest) = routes.find("/v1").unwrap();
        assert_eq!((found.upstream().authority(), rest), ("all", "/v1"));
    }

    #[test]
    fn of_too_many_origins_the_longest_unused_is_forgotten() {
        let mut origins = Origins::bounded(2);
        let mut lead = |number: u32| {
            let origin: Upstream = format!("http://h{number}").parse().unwrap();
            let prefix = || Some(format!("/{number:032x}"));
            origins.lead_to(&origin, prefix).unwrap().prefix
        };
        let [first, second] = [lead(1), lead(2)];
        assert_eq!(lead(1), first);
        let third = lead(3);
        let mut is_led = |prefix: &str| origins.find(prefix).is_some();
        assert!(is_led(&first) && !is_led(&second) && is_led(&third));
    }

    #[test]
    fn refusals_say_what_to_write() {
        let of = |url: &str| url.parse::<Upstream>().unwrap_err().to_string();
        assert_eq!(of("ftp://h/"), of("/path"));
        insta::assert_snapshot!(of("ftp://h/"), @"the upstream is unusable: it needs http:// or https:// and a host, such as https://api.openai.com/v1");
        insta::assert_snapshot!(of("https://u:p@h/"), @"the upstream is unusable: it holds a user name; pass credentials as headers from the client");
        insta::assert_snapshot!(of("https://h/?k=1"), @"the upstream is unusable: it holds a query; pass queries from the client");
        insta::assert_snapshot!(of("ht tp"), @"the upstream is unusable: invalid uri character; write it as https://host/path");
        for prefix in ["openai", "/openai/", "/", "/a?b", "/a b"] {
            assert!(
                Route::new(prefix, "http://h.example".parse().unwrap()).is_err(),
                "{prefix}"
            );
        }
    }
}
