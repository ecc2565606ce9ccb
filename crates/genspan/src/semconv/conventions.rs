//! The versions of the conventions.

use std::fmt;
use std::str::FromStr;

/// Selects the version of the conventions that telemetry is written in; older versions order first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conventions {
    /// v1.36, before the provider key was renamed: `gen_ai.system` and an event for each message.
    V1_36,
    /// v1.41, the last release of the core repository that holds the GenAI conventions.
    #[default]
    V1_41,
    /// The development state of the GenAI repository, which may change at any time.
    Main,
}

impl Conventions {
    /// Lists all versions, oldest first.
    pub const ALL: [Self; 3] = [Self::V1_36, Self::V1_41, Self::Main];

    /// Names the version as options and variables do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_36 => "v1.36",
            Self::V1_41 => "v1.41",
            Self::Main => "main",
        }
    }

    /// Names the schema that the version's names follow, for the scope of telemetry.
    #[must_use]
    pub const fn schema_url(self) -> &'static str {
        match self {
            Self::V1_36 => "https://opentelemetry.io/schemas/1.36.0",
            Self::V1_41 => "https://opentelemetry.io/schemas/1.41.0",
            Self::Main => "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
        }
    }
}

impl fmt::Display for Conventions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Conventions {
    type Err = UnknownConventions;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text);
        known.ok_or_else(|| UnknownConventions(text.to_owned()))
    }
}

/// Reports a name that is no version of the conventions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown conventions {0:?}: expected v1.36, v1.41 or main")]
pub struct UnknownConventions(String);

/// Tells which versions have something, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Versions {
    since: Conventions,
    until: Conventions,
}

impl Versions {
    /// Spans the versions from `since` to `until`, both included.
    #[must_use]
    pub const fn new(since: Conventions, until: Conventions) -> Self {
        Self { since, until }
    }

    /// Gives the first version.
    #[must_use]
    pub const fn since(self) -> Conventions {
        self.since
    }

    /// Gives the last version.
    #[must_use]
    pub const fn until(self) -> Conventions {
        self.until
    }

    /// Tells whether a version is among them.
    #[must_use]
    pub fn contains(self, version: Conventions) -> bool {
        (self.since..=self.until).contains(&version)
    }

    /// Gives the version itself where it is among them, else the oldest that is.
    #[must_use]
    pub fn home(self, version: Conventions) -> Conventions {
        if self.contains(version) {
            version
        } else {
            self.since
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Conventions, Versions};

    #[test]
    fn names_read_back() {
        for version in Conventions::ALL {
            assert_eq!(version.to_string().parse(), Ok(version));
        }
        let error = "1.41".parse::<Conventions>().unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"unknown conventions "1.41": expected v1.36, v1.41 or main"#);
    }

    #[test]
    fn home_is_the_oldest_version_where_the_asked_one_lacks_something() {
        let versions = Versions::new(Conventions::V1_41, Conventions::Main);
        assert_eq!(versions.home(Conventions::V1_36), Conventions::V1_41);
        assert_eq!(versions.home(Conventions::Main), Conventions::Main);
    }
}
