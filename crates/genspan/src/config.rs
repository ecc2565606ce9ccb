//! Settings from the environment; the one place in the library that may read it.

use std::{fmt, path::PathBuf};

use crate::{Capture, Conventions, semconv::UnknownConventions};

/// Names the variable that decides which content is recorded.
pub const CAPTURE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
/// Names the variable that decides the conventions' version.
pub const CONVENTIONS: &str = "GENSPAN_CONVENTIONS";
/// Names the variable that holds the path of a file of prices, which count before the vendored ones.
pub const PRICES: &str = "GENSPAN_PRICES";
/// Names OpenTelemetry's variable for trying conventions before they are stable.
pub const STABILITY_OPT_IN: &str = "OTEL_SEMCONV_STABILITY_OPT_IN";

/// The word in [`STABILITY_OPT_IN`] that asks for the newest GenAI conventions.
const LATEST: &str = "gen_ai_latest_experimental";
/// The word in [`STABILITY_OPT_IN`] that asks for tools' descriptions and parameters, as Strands has it.
///
/// Strands' other word, `gen_ai_use_latest_invocation_tokens`, asks for what is always so here: an agent's tokens are
/// those of its one run.
const TOOL_DEFINITIONS: &str = "gen_ai_tool_definitions";

/// Holds what the environment says of recording; what it does not say stays `None`.
///
/// ```
/// use genspan::config::{CAPTURE_CONTENT, Settings};
///
/// let settings = Settings::read(|name| (name == CAPTURE_CONTENT).then(|| "SPAN_ONLY".to_owned()));
/// assert!(settings.capture.unwrap().inputs_on_span());
/// assert_eq!(settings.problems, []);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Which content is recorded.
    pub capture: Option<Capture>,
    /// Which version of the conventions names and shapes follow.
    pub conventions: Option<Conventions>,
    /// Whether descriptions and parameters of tools are recorded beside their names, where inputs are.
    pub has_full_tool_definitions: bool,
    /// The file of prices that count before the vendored ones.
    pub prices: Option<PathBuf>,
    /// Values that could not be understood; each was passed over.
    pub problems: Vec<BadSetting>,
}

/// Says that a variable's value could not be understood, and was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSetting {
    /// The variable.
    pub variable: &'static str,
    /// What was wrong and what was expected.
    pub reason: String,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl std::error::Error for BadSetting {}

/// Reads a variable of the process's environment; one that is no text counts as none.
///
/// Libraries that take further settings from the environment read them through this.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Settings {
    /// Reads the process's environment.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::read(variable)
    }

    /// Reads settings through `variable`, which gives a variable's value.
    ///
    /// Content that is asked for in words nobody understands is not recorded.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut settings = Self::default();
        if let Some(text) = variable(CAPTURE_CONTENT).filter(|text| !text.trim().is_empty()) {
            match text.parse() {
                Ok(capture) => settings.capture = Some(capture),
                Err(error) => {
                    settings.capture = Some(Capture::default());
                    settings.note(CAPTURE_CONTENT, &error);
                }
            }
        }
        let opt_in = variable(STABILITY_OPT_IN).unwrap_or_default();
        let is_asked = |word: &str| opt_in.split(',').any(|asked| asked.trim() == word);
        settings.has_full_tool_definitions = is_asked(TOOL_DEFINITIONS);
        if let Some(text) = variable(CONVENTIONS).filter(|text| !text.trim().is_empty()) {
            match choose(&text, is_asked(LATEST)) {
                Ok(conventions) => settings.conventions = Some(conventions),
                Err(error) => settings.note(CONVENTIONS, &error),
            }
        }
        settings.prices = variable(PRICES)
            .filter(|path| !path.trim().is_empty())
            .map(PathBuf::from);
        settings
    }

    fn note(&mut self, variable: &'static str, error: &impl fmt::Display) {
        self.problems.push(BadSetting {
            variable,
            reason: error.to_string(),
        });
    }
}

/// Reads a version, or `opt-in`: the legacy one unless the latest is asked for as OpenTelemetry has it.
fn choose(text: &str, is_latest: bool) -> Result<Conventions, UnknownConventions> {
    if text.trim() != "opt-in" {
        return text.trim().parse();
    }
    Ok(if is_latest {
        Conventions::V1_41
    } else {
        Conventions::V1_36
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn read(variables: &[(&str, &str)]) -> Settings {
        Settings::read(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_says_nothing() {
        assert_eq!(read(&[]), Settings::default());
        assert_eq!(
            read(&[(CAPTURE_CONTENT, " "), (CONVENTIONS, ""), (PRICES, " ")]),
            Settings::default()
        );
    }

    #[test]
    fn current_and_legacy_words_for_content_are_known() {
        let on = read(&[(CAPTURE_CONTENT, "span_and_event")]);
        assert_eq!(on.capture, Some(Capture::at(Place::Both)));
        assert!(
            read(&[(CAPTURE_CONTENT, "true")])
                .capture
                .is_some_and(Capture::is_on)
        );
        assert_eq!(
            read(&[(CAPTURE_CONTENT, "false")]).capture,
            Some(Capture::default())
        );
    }

    #[test]
    fn a_file_of_prices_is_named() {
        let settings = read(&[(PRICES, "/etc/prices.toml")]);
        assert_eq!(settings.prices, Some(PathBuf::from("/etc/prices.toml")));
    }

    #[test]
    fn a_word_nobody_understands_records_nothing_and_is_told() {
        let settings = read(&[(CAPTURE_CONTENT, "all")]);
        assert_eq!(settings.capture, Some(Capture::default()));
        assert!(
            settings.problems[0]
                .to_string()
                .starts_with(CAPTURE_CONTENT)
        );
    }

    #[test]
    fn strands_words_are_known_whatever_the_version_is() {
        let both = "gen_ai_tool_definitions, gen_ai_use_latest_invocation_tokens";
        let asked = read(&[(STABILITY_OPT_IN, both)]);
        assert!(asked.has_full_tool_definitions);
        assert_eq!((asked.conventions, asked.problems), (None, Vec::new()));
        // An agent's tokens are those of its run, whether that is asked for or not.
        for other in [
            "gen_ai_use_latest_invocation_tokens",
            "gen_ai_tool_definitions_x",
            ",,",
        ] {
            assert_eq!(read(&[(STABILITY_OPT_IN, other)]), Settings::default());
        }
        let opt_in = [
            (CONVENTIONS, "opt-in"),
            (STABILITY_OPT_IN, "gen_ai_tool_definitions"),
        ];
        assert_eq!(read(&opt_in).conventions, Some(Conventions::V1_36));
    }

    #[test]
    fn opt_in_follows_opentelemetrys_variable() {
        let opt_in = (CONVENTIONS, "opt-in");
        assert_eq!(read(&[opt_in]).conventions, Some(Conventions::V1_36));
        let latest = (STABILITY_OPT_IN, "http, gen_ai_latest_experimental,");
        assert_eq!(
            read(&[opt_in, latest]).conventions,
            Some(Conventions::V1_41)
        );
        assert_eq!(
            read(&[(CONVENTIONS, "main"), latest]).conventions,
            Some(Conventions::Main)
        );
    }
}
