//! What kind of thing a tool is, by its name.

use std::{borrow::Cow, collections::BTreeMap};

use genspan::ToolType;

/// Gives a tool's type; what the application says goes before the table.
pub(crate) fn of<'t>(name: &str, stated: &'t BTreeMap<String, String>) -> Cow<'t, str> {
    match stated.get(name) {
        Some(stated) => Cow::Borrowed(stated),
        None => Cow::Owned(ToolType::of_known(name).as_str().to_owned()),
    }
}
