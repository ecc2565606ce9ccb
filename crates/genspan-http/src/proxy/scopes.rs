//! URLs whose calls happen within a scope.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use genspan::Scope;

use super::route::{Routes, Upstream};
use super::{Route, UnusableUpstream};

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
        let route = self.routes.to_origin(&origin, || match Token::random() {
            Some(Token(number)) => format!("/{number:032x}"),
            None => format!("/{}", origin.authority()),
        });
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

/// A scope, and when it was used last.
#[derive(Debug)]
struct Held {
    used: u64,
    scope: Scope,
    /// Whether the next request is the only one that it is held for.
    is_once: bool,
}

/// Holds the scopes of a proxy's URLs; where there are too many it forgets the longest unused.
#[derive(Debug, Default)]
pub(super) struct Scopes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Counts the uses, so that each has a number of its own.
    uses: u64,
    scopes: HashMap<Token, Held>,
    by_use: BTreeMap<u64, Token>,
}

impl Scopes {
    /// Bounds the scopes that are held.
    const MAX: usize = 16_384;

    fn insert(&self, token: Token, scope: Scope) {
        let mut state = self.lock();
        state.uses += 1;
        let used = state.uses;
        let held = Held {
            used,
            scope,
            is_once: false,
        };
        state.scopes.insert(token, held);
        state.by_use.insert(used, token);
        let outdone = (state.scopes.len() > Self::MAX)
            .then(|| state.by_use.pop_first())
            .flatten()
            .and_then(|(_, token)| state.scopes.remove(&token));
        drop(state);
        // Outside of the lock, since it may be the last to hold a telemetry.
        drop(outdone);
    }

    /// Gives the scope that a token stands for.
    pub(super) fn find(&self, token: Token) -> Option<Scope> {
        let mut state = self.lock();
        let state = &mut *state;
        let held = state.scopes.get_mut(&token)?;
        state.by_use.remove(&held.used);
        if held.is_once {
            return state.scopes.remove(&token).map(|held| held.scope);
        }
        state.uses += 1;
        state.by_use.insert(state.uses, token);
        held.used = state.uses;
        Some(held.scope.clone())
    }

    /// Holds a scope for no more than the next request.
    fn hold_once(&self, token: Token) {
        if let Some(held) = self.lock().scopes.get_mut(&token) {
            held.is_once = true;
        }
    }

    fn remove(&self, token: Token) {
        let mut state = self.lock();
        let removed = state.scopes.remove(&token);
        if let Some(held) = &removed {
            state.by_use.remove(&held.used);
        }
        drop(state);
        drop(removed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
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
    fn the_longest_unused_is_forgotten() {
        let scopes = Scopes::default();
        let scope = Telemetry::disabled().scope();
        let token = |number: usize| Token(number as u128);
        for number in 0..Scopes::MAX {
            scopes.insert(token(number), scope.clone());
        }
        assert!(scopes.find(token(0)).is_some());
        scopes.insert(token(Scopes::MAX), scope.clone());
        assert!(scopes.find(token(0)).is_some());
        assert!(scopes.find(token(1)).is_none());
        scopes.remove(token(1));
        scopes.remove(token(2));
        let state = scopes.lock();
        assert_eq!(
            (state.scopes.len(), state.by_use.len()),
            (Scopes::MAX - 1, Scopes::MAX - 1)
        );
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
        assert!(urls.scopes.find(token.unwrap()).is_some());
        assert!(urls.scopes.find(token.unwrap()).is_none());
        assert_eq!(urls.scopes.lock().by_use.len(), 0);
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
        let path = one
            .as_ref()
            .strip_prefix("http://127.0.0.1:80")
            .unwrap()
            .to_owned();
        let (token, rest) = Token::split(&path);
        assert_eq!(rest, "/openai");
        assert!(urls.scopes.find(token.unwrap()).is_some());
        drop(one);
        assert!(urls.scopes.find(token.unwrap()).is_none());
        assert_eq!(urls.scopes.lock().by_use.len(), 1);
    }
}
