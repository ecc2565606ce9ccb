//! Who may speak to a port: programs that were told its address, and pages that came from it.
//!
//! A page of another site can make a browser send requests here, and by rebinding its own name it can pass for this
//! server's page. What it cannot do is to be known by a name of ours, leave out what browsers say of where a request
//! comes from, or send a header that only scripts of this origin may send.

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, header};

use crate::refused::Refused;
use crate::token::Token;

/// Shows that a request which changes something was made by a script of this origin, or by a program.
pub(crate) const MARK: HeaderName = HeaderName::from_static("x-genspan");

/// Browsers tell with it from where a request comes, whatever the page wants.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Decides who may speak to one port.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// The address that is listened on.
    pub(crate) own: SocketAddr,
    /// Names by which the port is known beside its address, each with a port or for every port.
    pub(crate) hosts: Vec<String>,
    /// What must be shown, if anything.
    pub(crate) token: Option<Token>,
    /// Whether pages are served, so that browsers come by links, with cookies and scripts of this origin.
    pub(crate) has_pages: bool,
}

impl Gate {
    /// Lets a request in, or says why not.
    pub(crate) fn admit(&self, head: &Parts) -> Result<(), Refused> {
        let host = self.host(head)?;
        self.same_origin(head, &host)?;
        self.not_from_elsewhere(head)?;
        self.known(head)?;
        let is_reading = matches!(head.method, Method::GET | Method::HEAD);
        if self.has_pages && !is_reading && head.headers.get(MARK).is_none_or(|it| it != "1") {
            return Err(Refused::forbidden(
                "what changes something needs the header `x-genspan: 1`, which pages of other sites cannot send",
            ));
        }
        Ok(())
    }

    /// Gives the one name by which the port was called, in lower case.
    fn host(&self, head: &Parts) -> Result<String, Refused> {
        let named = head.uri.authority().map(|it| it.as_str().as_bytes());
        let stated = head.headers.get_all(header::HOST);
        let mut known = None;
        for bytes in named
            .into_iter()
            .chain(stated.iter().map(|it| it.as_bytes()))
        {
            let authority = Authority::try_from(bytes).ok();
            let Some(authority) = authority.filter(|it| self.is_known(it)) else {
                return Err(self.stranger(&String::from_utf8_lossy(bytes)));
            };
            known = Some(authority.as_str().to_ascii_lowercase());
        }
        known.ok_or_else(|| Refused::malformed("the request names no host: send the header `host`"))
    }

    fn stranger(&self, host: &str) -> Refused {
        let shown: String = host
            .chars()
            .filter(|it| !it.is_control())
            .take(100)
            .collect();
        Refused::forbidden(format!(
            "this server is not known as {shown:?}, and a page of another site might be behind that: call it by \
             {} or localhost:{}, or start genspan with `--allow-host {}`",
            self.own,
            self.own.port(),
            shown
                .split(':')
                .next()
                .filter(|it| !it.is_empty())
                .unwrap_or("NAME"),
        ))
    }

    fn is_known(&self, authority: &Authority) -> bool {
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let port = authority.port_u16();
        let is_allowed = |allowed: &String| match Authority::try_from(allowed.as_str()) {
            Ok(allowed) => {
                allowed.host().eq_ignore_ascii_case(&host)
                    && (allowed.port_u16().is_none() || allowed.port_u16() == port)
            }
            Err(_) => false,
        };
        if self.hosts.iter().any(is_allowed) {
            return true;
        }
        // Addresses cannot be rebound to another server, names can.
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        let is_own = match address {
            Ok(address) => {
                address.is_loopback() || address == self.own.ip() || self.own.ip().is_unspecified()
            }
            Err(_) => host == "localhost",
        };
        is_own && port.unwrap_or(80) == self.own.port()
    }

    /// Whoever states an origin must be a page of the very host that was called.
    fn same_origin(&self, head: &Parts, host: &str) -> Result<(), Refused> {
        for origin in head.headers.get_all(header::ORIGIN) {
            let is_own = self.has_pages
                && origin.to_str().is_ok_and(|origin| {
                    let origin = origin.to_ascii_lowercase();
                    let page = origin
                        .strip_prefix("http://")
                        .or_else(|| origin.strip_prefix("https://"));
                    page == Some(host)
                });
            if !is_own {
                return Err(Refused::forbidden(
                    "pages of other sites may not speak to genspan: send telemetry of a page through a server of your own",
                ));
            }
        }
        Ok(())
    }

    /// Images, scripts and frames of other sites state no origin, but browsers say whence they come.
    fn not_from_elsewhere(&self, head: &Parts) -> Result<(), Refused> {
        let is_foreign = head
            .headers
            .get_all(FETCH_SITE)
            .iter()
            .any(|site| site != "same-origin" && site != "none");
        let is_link = self.has_pages
            && head.method == Method::GET
            && head
                .headers
                .get(FETCH_MODE)
                .is_some_and(|mode| mode == "navigate")
            && !head.uri.path().starts_with("/api/");
        if is_foreign && !is_link {
            return Err(Refused::forbidden(
                "pages of other sites may not load anything from genspan",
            ));
        }
        Ok(())
    }

    fn known(&self, head: &Parts) -> Result<(), Refused> {
        let Some(token) = &self.token else {
            return Ok(());
        };
        let shows_token = head
            .headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .any(|value| bearer(value.as_bytes()).is_some_and(|given| token.is(given)));
        let has_session = self.has_pages
            && cookies(&head.headers, &self.cookie_name()).any(|given| token.is_session(given));
        if shows_token || has_session || self.visit(head).is_some() {
            return Ok(());
        }
        Err(Refused::unauthorized())
    }

    /// Tells of a page that is opened by the printed address: where to go on, and the cookie that opens it from then.
    pub(crate) fn visit(&self, head: &Parts) -> Option<Visit> {
        let token = self.token.as_ref().filter(|_| self.has_pages)?;
        if head.method != Method::GET || head.uri.path().starts_with("/api/") {
            return None;
        }
        let query = head.uri.query()?;
        let (given, rest): (Vec<&str>, Vec<&str>) = query
            .split('&')
            .partition(|pair| pair.starts_with("token="));
        let is_right = given
            .iter()
            .filter_map(|pair| pair.strip_prefix("token="))
            .any(|given| token.is(given.as_bytes()));
        is_right.then(|| Visit {
            // A path that begins with two slashes would lead to another site.
            location: format!(
                "/{}{}{}",
                head.uri.path().trim_start_matches('/'),
                if rest.is_empty() { "" } else { "?" },
                rest.join("&")
            ),
            cookie: format!(
                "{}={}; Path=/; HttpOnly; SameSite=Strict",
                self.cookie_name(),
                token.session()
            ),
        })
    }

    /// Browsers keep cookies by host, whatever the port.
    fn cookie_name(&self) -> String {
        format!("genspan-{}", self.own.port())
    }
}

/// Tells how a page that was opened with a token goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) location: String,
    pub(crate) cookie: String,
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

fn cookies<'head>(headers: &'head HeaderMap, name: &str) -> impl Iterator<Item = &'head str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests;
