//! What kind of thing a tool is, by its name.

use std::collections::BTreeMap;

const EXTENSION: &str = "extension";
const DATASTORE: &str = "datastore";
const FUNCTION: &str = "function";

/// Tools that are not run by the application: agents' own that reach out, and those that providers run.
const KNOWN: [(&str, &str); 14] = [
    ("ListMcpResources", EXTENSION),
    ("ReadMcpResource", EXTENSION),
    ("WebFetch", EXTENSION),
    ("WebSearch", EXTENSION),
    ("advisor", EXTENSION),
    ("bash_code_execution", EXTENSION),
    ("code_execution", EXTENSION),
    ("code_interpreter", EXTENSION),
    ("image_generation", EXTENSION),
    ("text_editor_code_execution", EXTENSION),
    ("web_fetch", EXTENSION),
    ("web_search", EXTENSION),
    ("file_search", DATASTORE),
    ("tool_search", DATASTORE),
];

/// Gives a tool's type; what the application says goes before the table.
pub(crate) fn of<'t>(name: &str, stated: &'t BTreeMap<String, String>) -> &'t str {
    if let Some(stated) = stated.get(name) {
        return stated;
    }
    if name.starts_with("mcp__") {
        return EXTENSION;
    }
    let known = KNOWN.iter().find(|(known, _)| *known == name);
    known.map_or(FUNCTION, |(_, kind)| kind)
}
