//! Writes constants: keys, values, event names, and the key sets of versions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::resolve::Table;
use super::source::{Range, Version};

/// Constants of all attribute keys.
pub(crate) fn attributes(table: &Table) -> String {
    let mut keys: BTreeMap<&str, (Vec<String>, &str)> = BTreeMap::new();
    for attribute in &table.attributes {
        let entry = keys
            .entry(&attribute.key)
            .or_insert((Vec::new(), &attribute.brief));
        entry.0.push(attribute.range.list());
        entry.1 = &attribute.brief;
    }
    let mut out = "//! The keys of attributes, those of all versions together.\n".to_owned();
    for (key, (ranges, brief)) in keys {
        let _ = write!(
            out,
            "\n/// {brief}\n///\n/// {}\npub const {}: &str = {key:?};\n",
            belonging(key, &ranges.join(", ")),
            constant(key)
        );
    }
    out
}

/// A sentence about the versions that have a name; our own names belong to none.
pub(crate) fn belonging(name: &str, list: &str) -> String {
    if is_ours(name) {
        "Genspan's own, beside every version.".to_owned()
    } else {
        format!("In {list}.")
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with("genspan.")
}

/// The attributes that share a module, and by constant the value and the versions that have it.
type Module<'a> = (Vec<&'a str>, BTreeMap<String, (&'a str, Vec<Range>)>);

/// A module for each attribute whose values are known, with a constant for each value.
pub(crate) fn values(table: &Table) -> Result<String, String> {
    let mut modules: BTreeMap<String, Module<'_>> = BTreeMap::new();
    for attribute in &table.attributes {
        for value in attribute
            .values
            .iter()
            .chain(&attribute.known)
            .chain(&attribute.own)
        {
            let module = attribute
                .key
                .strip_prefix("gen_ai.")
                .unwrap_or(&attribute.key)
                .replace('.', "_");
            let (keys, constants) = modules.entry(module).or_default();
            if !keys.contains(&attribute.key.as_str()) {
                keys.push(&attribute.key);
            }
            let (other, ranges) = constants
                .entry(constant(value))
                .or_insert((value, Vec::new()));
            if other != value {
                return Err(format!(
                    "{}: {value:?} and {other:?} would be the same constant",
                    attribute.key
                ));
            }
            if !attribute.own.contains(value) && !is_ours(&attribute.key) {
                ranges.push(attribute.range);
            }
        }
    }
    let mut out = "//! The known values of attributes, a module for each attribute.\n".to_owned();
    for (module, (keys, constants)) in modules {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = write!(
            out,
            "\n/// Values of {}.\npub mod {module} {{\n",
            keys.join(" and ")
        );
        for (name, (value, ranges)) in constants {
            let list = Version::ALL
                .into_iter()
                .filter(|version| ranges.iter().any(|range| range.contains(*version)));
            let list: Vec<&str> = list.map(Version::as_str).collect();
            let list = if list.is_empty() {
                "genspan's own".to_owned()
            } else {
                format!("in {}", list.join(", "))
            };
            let _ = write!(
                out,
                "/// `{value}`, {list}.\npub const {name}: &str = {value:?};\n"
            );
        }
        out.push_str("}\n");
    }
    Ok(out)
}

/// Constants of all event names.
pub(crate) fn events(table: &Table) -> String {
    let mut events: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
    for (version, signals) in &table.versions {
        for event in &signals.events {
            events
                .entry(&event.name)
                .or_insert((&event.brief, Vec::new()))
                .1
                .push(version.as_str());
        }
    }
    let mut out = "//! The names of events, those of all versions together.\n".to_owned();
    for (name, (brief, list)) in events {
        let _ = write!(
            out,
            "\n/// {brief}\n///\n/// {}\npub const {}: &str = {name:?};\n",
            belonging(name, &list.join(", ")),
            constant(name)
        );
    }
    out
}

/// The sorted keys of each version, our own keys, and what became of old ones.
pub(crate) fn keys(table: &Table) -> String {
    let mut out =
        "//! The attribute keys of each version, sorted.\n\nuse super::attribute;\n".to_owned();
    let mut list = |name: &str, doc: &str, belongs: &dyn Fn(&super::resolve::Attribute) -> bool| {
        let mut keys: Vec<String> = Vec::new();
        for attribute in table
            .attributes
            .iter()
            .filter(|attribute| belongs(attribute))
        {
            let key = format!("attribute::{}", constant(&attribute.key));
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
        let _ = write!(
            out,
            "\n/// {doc}\npub const {name}: &[&str] = &[{}];\n",
            keys.join(", ")
        );
    };
    for version in Version::ALL {
        let doc = format!("Lists every key that {} has.", version.as_str());
        list(&version.variant().to_uppercase(), &doc, &|attribute| {
            attribute.range.contains(version) && !is_ours(&attribute.key)
        });
    }
    list(
        "GENSPAN",
        "Lists genspan's own keys, which are valid beside every version.",
        &|attribute| is_ours(&attribute.key),
    );
    out.push_str("\n/// Pairs keys that are no longer used with the keys that took their place.\n");
    out.push_str("pub const RENAMED: &[(&str, &str)] = &[\n");
    for (old, new) in &table.renamed {
        let _ = writeln!(out, "({old:?}, {new:?}),");
    }
    out.push_str("];\n");
    out
}

/// The name of a constant: upper case, words apart by underscores.
pub(crate) fn constant(text: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in text.trim_start_matches('_').chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase();
        out.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::constant;

    #[test]
    fn constants_keep_words_apart() {
        assert_eq!(constant("gen_ai.request.top_k"), "GEN_AI_REQUEST_TOP_K");
        assert_eq!(constant("logging/setLevel"), "LOGGING_SET_LEVEL");
        assert_eq!(constant("_OTHER"), "OTHER");
    }
}
