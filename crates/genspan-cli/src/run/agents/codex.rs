//! Codex reads no variable for its address, but a setting that can stand on its command line.
//!
//! <https://developers.openai.com/codex/config-reference>

mod login;
mod settings;

use std::path::PathBuf;

use toml::{Table, Value};

use self::settings::Typed;
use super::{Case, Needs, Setting, unrecorded};

/// The provider that it calls where nothing else is chosen, and the setting of its address.
const OPENAI: &str = "openai";
const OPENAI_ADDRESS: &str = "openai_base_url";
const OPENAI_URL: &str = "https://api.openai.com/v1";

/// Flags with which it calls what runs on this machine, or leaves the calls to another program.
const ELSEWHERE: [&str; 3] = ["--oss", "--local-provider", "--remote"];

pub(super) fn needs(case: &Case<'_>) -> Needs {
    match setting(case) {
        Ok(setting) => Needs {
            setting: Some(setting),
            ..Needs::default()
        },
        Err(why) => Needs {
            notes: vec![unrecorded("codex", &why)],
            ..Needs::default()
        },
    }
}

/// Finds the setting that holds the address, and the address that it has by now.
fn setting(case: &Case<'_>) -> Result<Setting, String> {
    let typed = Typed::read(case.words);
    if let Some(flag) = ELSEWHERE.iter().find(|flag| typed.has(flag)) {
        return Err(format!("with {flag} they go elsewhere"));
    }
    let home = home(case).ok_or("there is no HOME where its settings would be")?;
    let settings = settings::all(&home, &typed)?;
    let text = |path: &[&str]| lookup(&settings, path).and_then(Value::as_str);
    let provider = text(&["model_provider"]).unwrap_or(OPENAI);
    let (key, stated) = if provider == OPENAI {
        (OPENAI_ADDRESS.to_owned(), text(&[OPENAI_ADDRESS]))
    } else if provider.contains(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))) {
        return Err(format!(
            "its provider's name {provider:?} has no place in `-c`"
        ));
    } else {
        let stated = text(&["model_providers", provider, "base_url"]);
        let key = format!("model_providers.{provider}.base_url");
        if stated.is_none() {
            return Err(format!("its settings state no {key}"));
        }
        (key, stated)
    };
    let url = match stated {
        Some(url) => url.to_owned(),
        None => login::with_a_key(case.environment, &home, &settings, &typed)
            .map(|()| OPENAI_URL.to_owned())?,
    };
    // Of two settings the later one counts, so this one stands behind what is typed of the same thing.
    let behind = typed.behind(&key);
    Ok(Setting { key, url, behind })
}

fn home(case: &Case<'_>) -> Option<PathBuf> {
    let own = case.environment.path("CODEX_HOME");
    own.or_else(|| Some(case.environment.path("HOME")?.join(".codex")))
}

fn lookup<'a>(settings: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, tables) = path.split_last()?;
    let within = |table: Option<&'a Table>, name: &&str| table?.get(*name)?.as_table();
    tables.iter().fold(Some(settings), within)?.get(*last)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::environment::Environment;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/agents");

    /// Tells what becomes of a command line with a home that holds settings.
    fn told(home: &str, line: &str, variables: &[(&str, &str)]) -> String {
        let home = format!("{FIXTURES}/{home}/.codex");
        let variables: Vec<_> = variables
            .iter()
            .copied()
            .chain([("CODEX_HOME", home.as_str())])
            .collect();
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let needs = needs(&Case {
            words: &words,
            environment: &Environment::of(&variables),
        });
        match needs.setting {
            Some(Setting { key, url, behind }) => format!("{behind} {key} {url}"),
            None => needs.notes.join("\n").replace(FIXTURES, "…"),
        }
    }

    #[test]
    fn with_a_key_of_openai_its_address_is_set() {
        let openai = "0 openai_base_url https://api.openai.com/v1";
        assert_eq!(told("key", "exec hi", &[]), openai);
        assert_eq!(told("key", "", &[]), openai);
        assert_eq!(
            told("nobody", "exec hi", &[("OPENAI_API_KEY", "k")]),
            openai
        );
        assert_eq!(
            told("signed-in", "-m gpt exec hi", &[("CODEX_API_KEY", "k")]),
            openai
        );
    }

    #[test]
    fn what_is_typed_or_written_names_the_upstream() {
        for (home, line, want) in [
            (
                "nobody",
                "-c openai_base_url=http://a/v1 exec hi",
                "2 openai_base_url http://a/v1",
            ),
            (
                "nobody",
                "exec --config=openai_base_url='http://a/v1' hi",
                "2 openai_base_url http://a/v1",
            ),
            (
                "nobody",
                "exec -- -c openai_base_url=http://a",
                "codex runs as it is",
            ),
            (
                "provider",
                "exec hi",
                "0 model_providers.house.base_url http://house/v1",
            ),
            (
                "provider",
                "-p quick exec hi",
                "0 openai_base_url http://quick/v1",
            ),
            (
                "provider",
                "exec -c model_providers.house={base_url=\"http://b\"} hi",
                "3 model_providers.house.base_url http://b",
            ),
            (
                "provider",
                "exec -c model_provider=other hi",
                "codex runs as it is, and its calls are not recorded: its settings state no model_providers.other.base_url",
            ),
        ] {
            let told = told(home, line, &[]);
            assert!(told.starts_with(want), "{line}: {told}");
        }
    }

    #[test]
    fn what_cannot_be_led_says_why() {
        let lines = [
            told("signed-in", "exec hi", &[("OPENAI_API_KEY", "k")]),
            told("nobody", "hi", &[("OPENAI_API_KEY", "k")]),
            told("nobody", "exec hi", &[("CODEX_ACCESS_TOKEN", "t")]),
            told("provider", "exec --oss hi", &[]),
            told("key", "-p broken exec hi", &[]),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        codex runs as it is, and its calls are not recorded: …/signed-in/.codex/auth.json signs it in with ChatGPT, whose host genspan does not stand for; use `codex login --with-api-key`, or CODEX_API_KEY for `codex exec`
        codex runs as it is, and its calls are not recorded: nobody is logged in with a key; use `codex login --with-api-key`, or CODEX_API_KEY for `codex exec`
        codex runs as it is, and its calls are not recorded: CODEX_ACCESS_TOKEN signs it in with ChatGPT, whose host genspan does not stand for; use `codex login --with-api-key`, or CODEX_API_KEY for `codex exec`
        codex runs as it is, and its calls are not recorded: with --oss they go elsewhere
        codex runs as it is, and its calls are not recorded: …/key/.codex/broken.config.toml is no TOML
        ");
    }
}
