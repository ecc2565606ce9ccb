//! What the user says about the telemetry to check.

use genspan::Conventions;

/// Says which conventions to hold telemetry against, and which keys beside them are welcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Options {
    conventions: Conventions,
    allowed: Vec<String>,
    is_terse: bool,
}

impl Options {
    /// Sets the version for telemetry whose scope names none in its schema URL.
    pub fn with_conventions(mut self, conventions: Conventions) -> Self {
        self.conventions = conventions;
        self
    }

    /// Allows all keys of a namespace, such as `braintrust`; a dot or an asterisk at its end may be there or not.
    pub fn with_allowed(mut self, namespace: &str) -> Self {
        let namespace = namespace.trim_end_matches(['*', '.']);
        if !namespace.is_empty() {
            self.allowed.push(namespace.to_owned());
        }
        self
    }

    /// Leaves advice out: the report holds violations alone.
    pub const fn without_advice(mut self) -> Self {
        self.is_terse = true;
        self
    }

    pub(crate) const fn has_advice(&self) -> bool {
        !self.is_terse
    }

    /// Tells whether the user allows a key.
    pub(crate) fn allows(&self, key: &str) -> bool {
        self.allowed.iter().any(|namespace| {
            key.strip_prefix(namespace.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Chooses the version for a scope.
    pub(crate) fn version(&self, schema_url: &str) -> Conventions {
        named(schema_url).unwrap_or(self.conventions)
    }
}

/// The version that a schema URL names, of those genspan knows the nearest.
///
/// From 1.42 on, the core repository's schemas hold no GenAI conventions and so name none.
fn named(schema_url: &str) -> Option<Conventions> {
    let path = schema_url.split_once("://")?.1.split_once('/')?.1;
    let (family, version) = path.trim_end_matches('/').rsplit_once('/')?;
    if family.ends_with("gen-ai") || family.ends_with("gen-ai-dev") {
        return Some(Conventions::Main);
    }
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next()?.ok()?, numbers.next()?.ok()?) {
        (1, ..=36) => Some(Conventions::V1_36),
        (1, 37..=41) => Some(Conventions::V1_41),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Conventions, Options, named};

    #[test]
    fn a_schema_url_names_a_version() {
        let of = |path: &str| named(&format!("https://opentelemetry.io/schemas/{path}"));
        assert_eq!(of("1.36.0"), Some(Conventions::V1_36));
        assert_eq!(of("1.28.0"), Some(Conventions::V1_36));
        assert_eq!(of("1.37.0"), Some(Conventions::V1_41));
        assert_eq!(of("1.41.0"), Some(Conventions::V1_41));
        assert_eq!(of("gen-ai-dev/1.42.0-dev"), Some(Conventions::Main));
        assert_eq!(of("1.43.0"), None);
        assert_eq!(of("latest"), None);
        assert_eq!(named(""), None);
        assert_eq!(named("https://example.org"), None);
    }

    #[test]
    fn a_namespace_ends_at_a_dot() {
        let options = Options::default().with_allowed("acme.*").with_allowed("");
        assert!(options.allows("acme.team"));
        assert!(options.allows("acme"));
        assert!(!options.allows("acmeville.team"));
        assert!(!options.allows("other"));
    }
}
