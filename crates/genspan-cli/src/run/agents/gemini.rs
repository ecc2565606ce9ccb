//! Gemini CLI reads `GOOGLE_GEMINI_BASE_URL`, and takes it for a wish to authenticate in another way.
//!
//! Where its settings choose how it signs in, the address is nothing but an address. Where they choose nothing, the
//! variable stands for a gateway and goes before `GEMINI_API_KEY`, so that it must not be set. A choice cannot be lent to
//! it for one run: settings of the system count only where root owns them, and those of the user are the user's.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Case, Needs, unrecorded};

const BASE_URL: &str = "GOOGLE_GEMINI_BASE_URL";

/// Variables that choose another way to sign in, before the address is looked at.
const CHOICES: [&str; 2] = ["GOOGLE_GENAI_USE_GCA", "GOOGLE_GENAI_USE_VERTEXAI"];

pub(super) fn needs(case: &Case<'_>) -> Needs {
    let set = |name: &str| case.environment.text(name);
    let mut needs = Needs::default();
    // An address of the user's own has its meaning with and without genspan.
    if set(BASE_URL).is_some() {
        return needs;
    }
    let chosen = chosen(case);
    let is_by_variable = CHOICES
        .iter()
        .any(|name| set(name).as_deref() == Some("true"));
    match chosen.as_deref() {
        Some("gemini-api-key" | "gateway") => {}
        // Vertex AI has an address of its own.
        Some("vertex-ai") => {}
        Some(other) => needs.notes.push(unrecorded(
            "gemini",
            &format!("its settings choose {other:?}, which calls Google's Code Assist; choose an API key with `/auth`"),
        )),
        None if is_by_variable => {}
        None => {
            needs.left.push(BASE_URL);
            needs.notes.push(unrecorded(
                "gemini",
                &format!(
                    "its settings choose no way to sign in, and {BASE_URL} would be taken for one; choose one with `/auth`, or write \
                     {{\"security\":{{\"auth\":{{\"selectedType\":\"gemini-api-key\"}}}}}} to ~/.gemini/settings.json"
                ),
            ));
        }
    }
    needs
}

/// Gives the way to sign in that settings choose: the system's, the user's, or the system's defaults, in this order.
///
/// A project's settings count only where the user trusts its folder, so they are no choice here.
fn chosen(case: &Case<'_>) -> Option<String> {
    let path = |name: &str| case.environment.path(name);
    let system = path("GEMINI_CLI_SYSTEM_SETTINGS_PATH")
        .unwrap_or_else(|| PathBuf::from("/etc/gemini-cli/settings.json"));
    let defaults = path("GEMINI_CLI_SYSTEM_DEFAULTS_PATH")
        .or_else(|| Some(system.parent()?.join("system-defaults.json")));
    let home = path("GEMINI_CLI_HOME").or_else(|| path("HOME"));
    let user = home.map(|home| home.join(".gemini/settings.json"));
    [Some(system), user, defaults]
        .into_iter()
        .flatten()
        .find_map(|file| selected(&file))
}

fn selected(file: &Path) -> Option<String> {
    let settings: Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    let chosen = settings.pointer("/security/auth/selectedType")?.as_str()?;
    Some(chosen.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::environment::Environment;

    use super::*;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/agents");

    fn with(variables: &[(&str, &str)]) -> Needs {
        let nowhere = ("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "/nowhere/settings.json");
        let variables: Vec<_> = variables.iter().copied().chain([nowhere]).collect();
        let environment = Environment::of(&variables);
        needs(&Case {
            words: &[],
            environment: &environment,
        })
    }

    #[test]
    fn without_a_choice_it_runs_as_it_is() {
        let needs = with(&[("GEMINI_API_KEY", "k")]);
        assert_eq!(needs.left, [BASE_URL]);
        insta::assert_snapshot!(needs.notes.join("\n"), @r#"gemini runs as it is, and its calls are not recorded: its settings choose no way to sign in, and GOOGLE_GEMINI_BASE_URL would be taken for one; choose one with `/auth`, or write {"security":{"auth":{"selectedType":"gemini-api-key"}}} to ~/.gemini/settings.json"#);
    }

    #[test]
    fn a_choice_in_settings_or_variables_lets_it_be_led() {
        let home = format!("{FIXTURES}/key");
        assert_eq!(with(&[("HOME", &home)]), Needs::default());
        assert_eq!(with(&[("GEMINI_CLI_HOME", &home)]), Needs::default());
        assert_eq!(with(&[(BASE_URL, "http://gateway")]), Needs::default());
        assert_eq!(
            with(&[("GOOGLE_GENAI_USE_VERTEXAI", "true")]),
            Needs::default()
        );
        assert_eq!(
            with(&[("GOOGLE_GENAI_USE_VERTEXAI", "no")]).left,
            [BASE_URL]
        );
    }

    #[test]
    fn what_it_calls_elsewhere_is_said() {
        let home = format!("{FIXTURES}/signed-in");
        let needs = with(&[("HOME", &home)]);
        assert!(needs.left.is_empty());
        insta::assert_snapshot!(needs.notes.join("\n"), @r#"gemini runs as it is, and its calls are not recorded: its settings choose "oauth-personal", which calls Google's Code Assist; choose an API key with `/auth`"#);
    }
}
