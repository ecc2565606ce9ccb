//! The one place that reads the environment.

use std::{ffi::OsString, fmt, path::PathBuf};

use genspan::config::Settings;
use genspan_otlp::{Destination, EnvironmentError};

use crate::home::Home;

/// Gives the variables that genspan follows, from the process or, in tests, from a list.
pub(crate) struct Environment {
    read: Box<Reader>,
}

/// Gives a variable's value, `None` where it is unset.
type Reader = dyn Fn(&str) -> Option<OsString>;

impl Environment {
    /// Reads the process's own variables.
    pub(crate) fn of_process() -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "this is the one reader of the environment"
        )]
        let read = |name: &str| std::env::var_os(name);
        Self {
            read: Box::new(read),
        }
    }

    /// Holds the given variables and no others.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let read = move |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| known == name)?;
            Some(OsString::from(value))
        };
        Self {
            read: Box::new(read),
        }
    }

    /// Gives a variable's text, `None` where it is unset, empty or no Unicode.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        (self.read)(name)?
            .into_string()
            .ok()
            .filter(|text| !text.trim().is_empty())
    }

    /// Gives a variable that holds a path, `None` where it is unset or empty.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        (self.read)(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    }

    /// Finds where genspan keeps what it records; `None` where the environment names no home at all.
    pub(crate) fn home(&self) -> Option<Home> {
        let own = self.path("GENSPAN_HOME");
        // The XDG specification asks to pass over relative paths.
        let data = || self.path("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let user = || {
            self.path("HOME")
                .or_else(|| self.path("USERPROFILE"))
                .map(|home| home.join(".local/share"))
        };
        own.or_else(|| data().or_else(user).map(|data| data.join("genspan")))
            .map(Home::new)
    }

    /// Reads what the variables say of recording: content and the conventions' version.
    pub(crate) fn settings(&self) -> Settings {
        Settings::read(|name| self.text(name))
    }

    /// Reads the destinations that the `OTEL_EXPORTER_OTLP_*` variables name.
    pub(crate) fn destinations(&self) -> Result<Vec<Destination>, EnvironmentError> {
        genspan_otlp::from_environment(|name| self.text(name))
    }

    /// Reads what a destination leaves to variables, such as a vendor's address and keys.
    pub(crate) fn resolve(
        &self,
        destination: Destination,
    ) -> Result<Destination, EnvironmentError> {
        destination.resolve(|name| self.text(name))
    }

    /// Tells whether colours are unwelcome, after <https://no-color.org>.
    pub(crate) fn forbids_colour(&self) -> bool {
        (self.read)("NO_COLOR").is_some_and(|value| !value.is_empty())
            || self.text("TERM").is_some_and(|terminal| terminal == "dumb")
    }

    /// Tells whether text may hold more than ASCII, as the locale says.
    pub(crate) fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| self.text(name));
        locale.map_or(cfg!(any(windows, target_os = "macos")), |locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }

    /// Gives the columns of the terminal, where the shell states them.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.text("COLUMNS")?.trim().parse().ok()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_the_first_that_is_named() {
        let store = |variables: &[(&str, &str)]| {
            Environment::of(variables)
                .home()
                .map(|home| home.store().to_str().unwrap().to_owned())
        };
        let (user, data, own) = (
            ("HOME", "/u"),
            ("XDG_DATA_HOME", "/d"),
            ("GENSPAN_HOME", "/g"),
        );
        assert_eq!(store(&[user, data, own]).as_deref(), Some("/g/store.db"));
        assert_eq!(store(&[user, data]).as_deref(), Some("/d/genspan/store.db"));
        assert_eq!(
            store(&[user, ("XDG_DATA_HOME", "d")]).as_deref(),
            Some("/u/.local/share/genspan/store.db")
        );
        assert_eq!(store(&[]), None);
    }

    #[test]
    fn empty_variables_say_nothing() {
        let environment = Environment::of(&[
            ("NO_COLOR", ""),
            ("COLUMNS", " "),
            ("GENSPAN_CONVENTIONS", ""),
        ]);
        assert!(!environment.forbids_colour());
        assert_eq!(environment.columns(), None);
        assert_eq!(environment.settings(), Settings::default());
    }

    #[test]
    fn locales_say_whether_lines_may_be_drawn() {
        assert!(Environment::of(&[("LANG", "de_DE.UTF-8")]).is_utf8());
        assert!(!Environment::of(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]).is_utf8());
    }
}
