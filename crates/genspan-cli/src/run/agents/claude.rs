//! Claude Code reads `ANTHROPIC_BASE_URL`, and does without two features where that is not Anthropic's own.
//!
//! <https://code.claude.com/docs/en/llm-gateway>

use std::path::PathBuf;

use serde_json::Value;

use super::{Case, Needs, unrecorded};

const BASE_URL: &str = "ANTHROPIC_BASE_URL";

/// Variables that have it call another service, by an address of its own.
const OTHER_SERVICES: [&str; 3] = [
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
];

pub(super) fn needs(case: &Case<'_>) -> Needs {
    let set = |name: &str| case.environment.text(name);
    let mut needs = Needs::default();
    if OTHER_SERVICES.iter().any(|name| set(name).is_some()) {
        return needs;
    }
    if let Some(file) = settings_with_address(case) {
        let why = format!(
            "{} sets {BASE_URL}, which counts before genspan's; run it with {BASE_URL} in the environment instead",
            file.display()
        );
        needs.notes.push(unrecorded("claude", &why));
        return needs;
    }
    let is_own = set(BASE_URL).is_none_or(|url| url.contains("//api.anthropic.com"));
    if is_own {
        // Its tool search can be asked for in spite of that: all that it needs passes through.
        let search = if set("ENABLE_TOOL_SEARCH").is_none() {
            ", and so is its tool search unless ENABLE_TOOL_SEARCH=true is set"
        } else {
            ""
        };
        needs.notes.push(format!(
            "claude's Remote Control is off while {BASE_URL} leads through genspan{search}"
        ));
    }
    needs
}

/// Finds the user's settings where these set the address for it: variables that stand there count before others.
fn settings_with_address(case: &Case<'_>) -> Option<PathBuf> {
    let own = case.environment.path("CLAUDE_CONFIG_DIR");
    let folder = own.or_else(|| Some(case.environment.path("HOME")?.join(".claude")))?;
    let file = folder.join("settings.json");
    let settings: Value = serde_json::from_str(&std::fs::read_to_string(&file).ok()?).ok()?;
    settings.get("env")?.get(BASE_URL)?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use crate::environment::Environment;

    use super::*;

    fn notes(variables: &[(&str, &str)]) -> String {
        let environment = Environment::of(variables);
        let case = Case {
            words: &[],
            environment: &environment,
        };
        needs(&case).notes.join("\n")
    }

    #[test]
    fn what_is_off_is_told_where_anthropics_own_address_is_led() {
        insta::assert_snapshot!(notes(&[]), @"claude's Remote Control is off while ANTHROPIC_BASE_URL leads through genspan, and so is its tool search unless ENABLE_TOOL_SEARCH=true is set");
        let asked = ("ENABLE_TOOL_SEARCH", "true");
        let own = (BASE_URL, "https://api.anthropic.com/");
        assert!(!notes(&[asked, own]).contains("search"));
        assert!(notes(&[asked, own]).contains("Remote Control"));
        for elsewhere in [
            (BASE_URL, "http://gateway"),
            ("CLAUDE_CODE_USE_BEDROCK", "1"),
        ] {
            assert_eq!(notes(&[elsewhere]), "");
        }
    }
}
