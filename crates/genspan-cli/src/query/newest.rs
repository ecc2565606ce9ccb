//! The newest of what is found, page after page.

use std::io::{self, Write};

use genspan_store::Page;

use crate::Failure;

/// Finds so many at most, and tells whether those are all; `ask` gives a page and where the next one begins.
pub(super) fn find<T>(
    most: usize,
    ask: impl Fn(Page) -> Result<(Vec<T>, Option<String>), genspan_store::Error>,
) -> Result<(Vec<T>, bool), Failure> {
    let mut found = Vec::new();
    let mut before = None;
    while found.len() < most {
        let limit = most - found.len();
        let (page, next) = ask(Page { limit, before })?;
        found.extend(page);
        match next {
            Some(next) => before = Some(next.parse()?),
            None => return Ok((found, true)),
        }
    }
    Ok((found, false))
}

/// Says beside the output that it is not all.
pub(super) fn say_there_are_more(found: usize) -> io::Result<()> {
    writeln!(
        io::stderr(),
        "genspan: the newest {found}; there are more, which `--limit N` or `--until WHEN` lists"
    )
}
