//! The way of one address through the proxy, and how the program hears of it.

use std::ffi::OsString;

use genspan_http::proxy::{Route, Upstream};
use http::Uri;

use super::outbound;
use crate::environment::Environment;

/// Says where the program reads the address.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// In a variable of the environment.
    Variable(&'static str),
    /// In a setting on its command line, `-c KEY="…"` in front of the word with this number.
    Setting { key: String, before: usize },
}

/// Holds the way of one address through the proxy.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    pub(super) target: Target,
    pub(super) route: Route,
    /// What the address ends with behind the route's own.
    pub(super) ending: &'static str,
}

impl Redirect {
    /// Leads what is meant for `url` through the proxy, below `secret` and the name.
    ///
    /// # Errors
    ///
    /// Returns why it must be left as it is.
    pub(super) fn new(
        target: Target,
        name: &str,
        url: &str,
        secret: &str,
        environment: &Environment,
    ) -> Result<Self, String> {
        let upstream: Upstream = url
            .parse()
            .map_err(|error: genspan_http::proxy::UnusableUpstream| error.to_string())?;
        let uri: Uri = url
            .parse()
            .map_err(|error: http::uri::InvalidUri| error.to_string())?;
        let host = uri.host().unwrap_or_default();
        if let Some(variable) = outbound::way(environment, upstream.is_encrypted(), host) {
            return Err(format!(
                "{host} is reached through {variable}, which genspan cannot do"
            ));
        }
        // Some programs look at the end of the path, so it stays what it is.
        let path = uri.path().trim_end_matches('/');
        let route = Route::new(format!("/{secret}/{name}{path}"), upstream)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            target,
            route,
            ending: if url.ends_with('/') { "/" } else { "" },
        })
    }

    /// Tells whether it is this variable that is led.
    pub(super) fn is_of(&self, variable: &str) -> bool {
        matches!(self.target, Target::Variable(name) if name == variable)
    }
}

/// Holds what the program is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) variables: Vec<(&'static str, String)>,
    /// Settings, and the numbers of the words that they stand in front of.
    settings: Vec<(usize, String)>,
}

impl Told {
    /// Tells of each redirect by the proxy's address for its route.
    pub(super) fn of(redirects: &[Redirect], address: impl Fn(&Route) -> String) -> Self {
        let mut told = Self::default();
        for redirect in redirects {
            let url = format!("{}{}", address(&redirect.route), redirect.ending);
            match &redirect.target {
                Target::Variable(name) => told.variables.push((name, url)),
                Target::Setting { key, before } => {
                    // What JSON quotes, TOML reads.
                    let quoted = serde_json::Value::String(url);
                    told.settings.push((*before, format!("{key}={quoted}")));
                }
            }
        }
        told
    }

    /// Puts the settings between the words of the command line.
    pub(super) fn words(&self, words: Vec<OsString>) -> Vec<OsString> {
        let mut all = words;
        for (before, setting) in &self.settings {
            let mut rest = all.split_off(all.len().min(*before));
            all.extend(["-c".into(), setting.into()]);
            all.append(&mut rest);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_where_they_should_in_quotes() {
        let words = || ["codex", "exec", "-c", "a=1", "hi"].map(OsString::from);
        let line = |before| {
            let target = Target::Setting {
                key: "openai_base_url".to_owned(),
                before,
            };
            let redirect =
                Redirect::new(target, "codex", "http://up/v1/", "s", &Environment::of(&[]))
                    .unwrap();
            let told = Told::of(&[redirect], |route| {
                format!("http://here{}", route.prefix())
            });
            let words = told.words(words().to_vec());
            words.join(&OsString::from(" ")).into_string().unwrap()
        };
        assert_eq!(
            line(1),
            r#"codex -c openai_base_url="http://here/s/codex/v1/" exec -c a=1 hi"#
        );
        assert_eq!(
            line(4),
            r#"codex exec -c a=1 -c openai_base_url="http://here/s/codex/v1/" hi"#
        );
        assert!(line(9).ends_with(r#"hi -c openai_base_url="http://here/s/codex/v1/""#));
    }
}
