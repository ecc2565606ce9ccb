//! How Codex signs in: with a key of OpenAI's, or with an account of ChatGPT's, which is another host.

use std::{io::ErrorKind, path::Path};

use serde_json::Value;
use toml::Table;

use super::settings::Typed;
use crate::environment::Environment;

/// Tells whether it calls OpenAI with a key, in the order in which it looks for one: `CODEX_API_KEY`, but only where it
/// runs without a terminal; what it keeps; `OPENAI_API_KEY`.
///
/// # Errors
///
/// Returns why it does not, or why that cannot be known.
pub(super) fn with_a_key(
    environment: &Environment,
    home: &Path,
    settings: &Table,
    typed: &Typed,
) -> Result<(), String> {
    let is_set = |name: &str| environment.text(name).is_some();
    if typed.is_exec() && is_set("CODEX_API_KEY") {
        return Ok(());
    }
    if is_set("CODEX_ACCESS_TOKEN") {
        return Err(chatgpt("CODEX_ACCESS_TOKEN"));
    }
    let file = home.join("auth.json");
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let kept: Value = serde_json::from_str(&text)
                .map_err(|_| format!("{} is no JSON", file.display()))?;
            if is_key(&kept) {
                Ok(())
            } else {
                Err(chatgpt(&file.display().to_string()))
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let store = settings.get("cli_auth_credentials_store");
            let store = store.and_then(toml::Value::as_str).unwrap_or("file");
            if store != "file" {
                Err(format!(
                    "its login is kept in {store:?}, where genspan does not look; set CODEX_API_KEY for `codex exec`"
                ))
            } else if typed.is_exec() && is_set("OPENAI_API_KEY") {
                Ok(())
            } else {
                Err("nobody is logged in with a key; use `codex login --with-api-key`, or CODEX_API_KEY for `codex exec`".to_owned())
            }
        }
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    }
}

/// Tells whether what is kept is a key, as it says itself or by what it holds.
fn is_key(kept: &Value) -> bool {
    let text = |name: &str| kept.get(name).and_then(Value::as_str);
    text("auth_mode").map_or_else(
        || text("OPENAI_API_KEY").is_some_and(|key| !key.is_empty()),
        |mode| mode == "apikey",
    )
}

fn chatgpt(whence: &str) -> String {
    format!(
        "{whence} signs it in with ChatGPT, whose host genspan does not stand for; use `codex login --with-api-key`, or CODEX_API_KEY for `codex exec`"
    )
}
