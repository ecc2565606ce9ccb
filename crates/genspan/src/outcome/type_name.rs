//! The name of an error's type as a class of failures.

use std::borrow::Cow;

use crate::ErrorType;

/// Makes a type's name one word: without path and type arguments.
///
/// An error that is just called `Error` is told apart by where it is from. A type that says nothing of
/// what went wrong, such as a text or a box of any error, gives `None`.
pub(super) fn class_of(name: &'static str) -> Option<ErrorType> {
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    let path = name.split('<').next()?;
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    if !path.chars().all(is_part) {
        return None;
    }
    let word = path.rsplit("::").next()?;
    match word {
        "Box" | "Arc" | "Rc" => class_of(name.split_once('<')?.1.trim_end_matches('>')),
        "String" | "Cow" | "Value" => None,
        "Elapsed" | "TimeoutError" | "Timeout" => Some(ErrorType::Timeout),
        "Error" => {
            let mut origins = path.split("::");
            let origin = origins.find(|origin| !matches!(*origin, "std" | "core" | "alloc"))?;
            if matches!(origin, "anyhow" | "eyre") {
                return None; // it holds an error of any type
            }
            Some(ErrorType::Other(Cow::Owned(format!("{origin}::{word}"))))
        }
        _ if word.starts_with(char::is_uppercase) => Some(ErrorType::Other(Cow::Borrowed(word))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(name: &'static str) -> Option<String> {
        class_of(name).map(|class| class.to_string())
    }

    #[test]
    fn a_type_name_becomes_one_word() {
        for (name, expected) in [
            ("tools::weather::WeatherError", Some("WeatherError")),
            ("tools::Broken<alloc::string::String>", Some("Broken")),
            ("&mut tools::WeatherError", Some("WeatherError")),
            (
                "alloc::boxed::Box<tools::WeatherError>",
                Some("WeatherError"),
            ),
            ("alloc::sync::Arc<tools::Broken<u8>>", Some("Broken")),
            ("tokio::time::error::Elapsed", Some("timeout")),
            ("reqwest::error::Error", Some("reqwest::Error")),
            ("std::io::error::Error", Some("io::Error")),
            ("core::fmt::Error", Some("fmt::Error")),
            ("anyhow::Error", None),
            ("alloc::string::String", None),
            ("&str", None),
            ("()", None),
            ("(tools::A, tools::B)", None),
            ("alloc::boxed::Box<dyn core::error::Error>", None),
        ] {
            assert_eq!(word(name).as_deref(), expected, "{name}");
        }
    }
}
