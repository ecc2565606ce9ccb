//! Which names mean a known model, without a guess.

/// Gives the forms of a model's name under which a table may know it, the fullest first.
///
/// A prefix that the provider puts before its models may be left out, and so may a mark that a program puts behind them,
/// and a date behind the name, since a dated version is the model itself. Nothing else is: `gpt-4o-mini` is no `gpt-4o`.
pub(crate) fn known_forms<'n>(
    name: &'n str,
    prefixes: &'n [String],
    suffixes: &'n [String],
) -> impl Iterator<Item = &'n str> {
    let unmarked = suffixes
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix.as_str()));
    let plain = unmarked.unwrap_or(name);
    let bare = prefixes
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix.as_str()));
    let undated = without_date(bare.unwrap_or(plain));
    [Some(name), unmarked, bare, undated].into_iter().flatten()
}

/// Takes a date off, as `-20250929`, `-2025-09-29` and `@20250929` are.
fn without_date(name: &str) -> Option<&str> {
    let is_digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (head, tail) = name.rsplit_once(['-', '@'])?;
    let head = if is_digits(tail, 8) && (tail.starts_with("19") || tail.starts_with("20")) {
        head
    } else {
        let (head, month) = head.rsplit_once('-').filter(|_| is_digits(tail, 2))?;
        let (head, year) = head.rsplit_once('-').filter(|_| is_digits(month, 2))?;
        is_digits(year, 4).then_some(head)?
    };
    (!head.is_empty()).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(name: &str) -> Vec<String> {
        let prefixes = ["models/".to_owned(), "us.".to_owned()];
        let suffixes = ["[1m]".to_owned()];
        let forms = known_forms(name, &prefixes, &suffixes);
        forms.map(str::to_owned).collect()
    }

    #[test]
    fn dates_and_prefixes_do_not_matter() {
        assert_eq!(forms("gpt-4o-2024-08-06"), ["gpt-4o-2024-08-06", "gpt-4o"]);
        assert_eq!(
            forms("claude-sonnet-4-5@20250929"),
            ["claude-sonnet-4-5@20250929", "claude-sonnet-4-5"]
        );
        assert_eq!(
            forms("models/gemini-2.5-flash"),
            ["models/gemini-2.5-flash", "gemini-2.5-flash"]
        );
        assert_eq!(forms("us.x-20250101"), ["us.x-20250101", "x-20250101", "x"]);
    }

    #[test]
    fn a_mark_behind_the_name_does_not_matter() {
        assert_eq!(
            forms("claude-opus-4-8[1m]"),
            ["claude-opus-4-8[1m]", "claude-opus-4-8"]
        );
        assert_eq!(
            forms("us.x-20250101[1m]"),
            ["us.x-20250101[1m]", "us.x-20250101", "x-20250101", "x"]
        );
    }

    #[test]
    fn all_else_does() {
        for name in [
            "gpt-4o-mini",
            "gpt-4o-latest",
            "grok-4-0709",
            "mistral-large-2411",
            "x-12345678",
            "x-2024-8-06",
            "ft:gpt-4o:me::1",
            "x[2m]",
            "x[1m]-y",
            "-20250929",
            "",
            "a.b-v1:0",
        ] {
            assert_eq!(forms(name), [name]);
        }
    }
}
