//! URLs whose calls happen within a scope.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use genspan::Scope;

use super::recent::Recent;
use super::route::{Routes, Upstream};
use super::{Route, UnusableUpstream};
use crate::proxies::{Leads, Led};

/// A base URL whose calls happen within a scope, until it is dropped.
///
/// It is displayed as the URL. Calls that come later by the same URL are passed on all the same; they are
/// recorded without a parent, as are those of the longest unused URL where too many are held.
pub struct ScopedUrl {
    url: String,
    token: Option<Token>,
    scopes: Arc<Scopes>,
}

impl ScopedUrl {
    /// A URL that leads where it says, past any proxy.
    pub(super) fn leading_there(url: &str) -> Result<Self, UnusableUpstream> {
        Upstream::split(url)?;
        Ok(Self {
            url: url.to_owned(),
            token: None,
            scopes: Arc::default(),
        })
    }

    /// Gives the URL for one request, whose scope it is; the scope ends where that request has come.
    pub(super) fn once(mut self) -> String {
        if let Some(token) = self.token.take() {
            self.scopes.hold_once(token);
        }
        std::mem::take(&mut self.url)
    }
}

impl fmt::Display for ScopedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl AsRef<str> for ScopedUrl {
    fn as_ref(&self) -> &str {
        &self.url
    }
}

impl fmt::Debug for ScopedUrl {
    /// Leaves the URL out: whoever knows it may call in the scope's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedUrl").finish_non_exhaustive()
    }
}

impl Drop for ScopedUrl {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            self.scopes.remove(token);
        }
    }
}

/// Makes the URLs of one proxy.
#[derive(Clone, Debug)]
pub(super) struct Urls {
    pub(super) addr: SocketAddr,
    pub(super) scopes: Arc<Scopes>,
    pub(super) routes: Arc<Routes>,
}

impl Urls {
    /// The URL of a route, without a scope.
    pub(super) fn of(&self, route: &Route) -> String {
        format!("{}{}", self.origin(), route.prefix())
    }

    /// The URL of a route within a scope; without it, where the system gives no random number.
    pub(super) fn within(&self, route: &Route, scope: &Scope) -> ScopedUrl {
        let token = Token::random();
        let url = match token {
            Some(token) => {
                self.scopes.insert(token, scope.clone());
                format!("{}/{token}{}", self.origin(), route.prefix())
            }
            None => self.of(route),
        };
        ScopedUrl {
            url,
            token,
            scopes: Arc::clone(&self.scopes),
        }
    }

    /// The URL that leads where another does, within a scope if there is one.
    pub(super) fn detour(
        &self,
        url: &str,
        scope: Option<&Scope>,
    ) -> Result<ScopedUrl, UnusableUpstream> {
        let (origin, path) = Upstream::split(url)?;
        let route = self.routes.to_origin(&origin, || {
            let Token(number) = Token::random()?;
            Some(format!("/{number:032x}"))
        });
        let route = route.ok_or_else(UnusableUpstream::unguessable)?;
        let mut detour = match scope {
            Some(scope) => self.within(&route, scope),
            None => ScopedUrl {
                url: self.of(&route),
                token: None,
                scopes: Arc::clone(&self.scopes),
            },
        };
        detour.url.push_str(path);
        Ok(detour)
    }

    fn origin(&self) -> String {
        let ip = match self.addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.addr.port()))
    }
}

impl Leads for Urls {
    /// Looks where a request goes, which has not come yet: a scope for one request is for that.
    fn lead(&self, path: &str) -> Option<Led> {
        let (token, path) = Token::split(path);
        let (route, rest) = self.routes.find(path)?;
        Some(Led {
            uri: route.upstream().target(rest).ok()?,
            provider: route.provider().cloned(),
            scope: token.and_then(|token| self.scopes.look_at(token)),
        })
    }
}

/// Names a scope in a path, as `~` and 32 hexadecimal digits that nobody can guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Token(u128);

impl Token {
    const MARK: &'static str = "/~";
    const DIGITS: usize = 32;

    fn random() -> Option<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(u128::from_be_bytes(bytes)))
    }

    /// Takes a token off the beginning of a path, if one is there.
    pub(super) fn split(path: &str) -> (Option<Self>, &str) {
        Self::try_split(path).map_or((None, path), |(token, rest)| (Some(token), rest))
    }

    fn try_split(path: &str) -> Option<(Self, &str)> {
        let (digits, rest) = path
            .strip_prefix(Self::MARK)?
            .split_at_checked(Self::DIGITS)?;
        let is_whole = rest.is_empty() || rest.starts_with(['/', '?']);
        let is_token = is_whole && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let token = u128::from_str_radix(digits, 16).ok().filter(|_| is_token)?;
        Some((Self(token), rest))
    }

    /// Tells the clients of one scope from those of others.
    pub(super) const fn client(self) -> u64 {
        (self.0 >> 64) as u64 ^ self.0 as u64
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "~{:032x}", self.0)
    }
}

#[derive(Debug)]
struct Held {
    scope: Scope,
    /// Whether the next request is the only one that it is held for.
    is_once: bool,
}

/// Holds the scopes of a proxy's URLs; where there are too many it forgets the longest unused.
#[derive(Debug)]
pub(super) struct Scopes(Mutex<Recent<Token, Held>>);

impl Default for Scopes {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(Self::MAX)))
    }
}

impl Scopes {
    /// Bounds the scopes that are held.
    const MAX: usize = 16_384;

    fn insert(&self, token: Token, scope: Scope) {
        let held = Held {
            scope,
            is_once: false,
        };
        let outdone = self.lock().insert(token, held);
        // Outside of the lock, since it may be the last to hold a telemetry.
        drop(outdone);
    }

    /// Gives the scope that a token stands for, to the request that has come by it.
    pub(super) fn find(&self, token: Token) -> Option<Scope> {
        let mut scopes = self.lock();
        let held = scopes.find(&token)?;
        if held.is_once {
            return scopes.remove(&token).map(|held| held.scope);
        }
        Some(held.scope.clone())
    }

    /// Gives the scope that a token stands for, to somebody else.
    fn look_at(&self, token: Token) -> Option<Scope> {
        let scopes = self.lock();
        scopes.look_at(&token).map(|held| held.scope.clone())
    }

    /// Holds a scope for the next request alone.
    fn hold_once(&self, token: Token) {
        if let Some(held) = self.lock().find(&token) {
            held.is_once = true;
        }
    }

    fn remove(&self, token: Token) {
        let removed = self.lock().remove(&token);
        drop(removed);
    }

    fn lock(&self) -> MutexGuard<'_, Recent<Token, Held>> {
        // Nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use genspan::Telemetry;

    use super::*;

    #[test]
    fn tokens_are_found_in_paths_and_nowhere_else() {
        let token = Token(0xab);
        let split = |path: &str| {
            let (token, rest) = Token::split(path);
            (token, rest.to_owned())
        };
        for rest in ["", "/", "/openai/v1?x", "?x"] {
            assert_eq!(
                split(&format!("/{token}{rest}")),
                (Some(token), rest.to_owned())
            );
        }
        for path in [
            "/",
            "/openai",
            "/~",
            "/~ab/openai",
            "/~000000000000000000000000000000ab0/x",
            "/~+00000000000000000000000000000ab/x",
            "/~0000000000000000000000000000000g/x",
            "/x/~000000000000000000000000000000ab",
        ] {
            assert_eq!(split(path), (None, path.to_owned()));
        }
    }

    #[test]
    fn a_url_for_one_request_is_forgotten_after_it() {
        let urls = Urls {
            addr: SocketAddr::from(([127, 0, 0, 1], 80)),
            scopes: Arc::default(),
            routes: Arc::default(),
        };
        let scope = Telemetry::disabled().scope();
        let url = urls.detour("http://h/v1/", Some(&scope)).unwrap().once();
        let path = url.strip_prefix("http://127.0.0.1:80").unwrap();
        let (token, rest) = Token::split(path);
        let (route, rest) = urls.routes.find(rest).unwrap();
        assert_eq!((route.upstream().authority(), rest), ("h", "/v1/"));
        let looked = urls.lead(path).unwrap();
        assert_eq!(looked.uri, "http://h/v1/");
        assert!(looked.scope.is_some(), "who looks leaves it to the request");
        assert!(urls.scopes.find(token.unwrap()).is_some());
        assert!(urls.scopes.find(token.unwrap()).is_none());
    }

    #[test]
    fn a_url_that_is_dropped_takes_its_scope_with_it() {
        let urls = Urls {
            addr: SocketAddr::from(([0, 0, 0, 0], 80)),
            scopes: Arc::default(),
            routes: Arc::default(),
        };
        let route = Route::new("/openai", "http://h".parse().unwrap()).unwrap();
        assert_eq!(urls.of(&route), "http://127.0.0.1:80/openai");
        let [one, other] = [(); 2].map(|()| urls.within(&route, &Telemetry::disabled().scope()));
        assert_ne!(one.to_string(), other.to_string());
        let path_of = |url: &ScopedUrl| {
            let path = url.as_ref().strip_prefix("http://127.0.0.1:80");
            path.unwrap().to_owned()
        };
        let path = path_of(&one);
        let (token, rest) = Token::split(&path);
        assert_eq!(rest, "/openai");
        assert!(urls.scopes.find(token.unwrap()).is_some());
        drop(one);
        assert!(urls.scopes.find(token.unwrap()).is_none());
        assert!(
            urls.scopes
                .find(Token::split(&path_of(&other)).0.unwrap())
                .is_some()
        );
    }
}
