//! What stands beside the choices and belongs to the answer.

use genspan::{Generic, Part, Value};

use crate::{format::keep::Keep, json::Json};

/// The lists by name: sources that were searched, found pictures, questions to ask next.
const LISTS: [&str; 6] = [
    "citations",
    "search_results",
    "images",
    "videos",
    "related_questions",
    "web_search",
];

/// Venice's sources, which stand one level deeper.
const VENICE: (&str, &str) = ("venice_parameters", "web_search_citations");

/// Gathers the lists; each of them comes again, and whole, with every chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    lists: Vec<(&'static str, Value)>,
}

impl Beside {
    pub(super) fn read(&mut self, document: &Json<'_>, keep: &mut Keep) {
        for name in LISTS {
            self.read_list(name, document.get(name), keep);
        }
        let (parameters, name) = VENICE;
        let stated = document.get(parameters).and_then(|stated| stated.get(name));
        self.read_list(name, stated, keep);
    }

    fn read_list(&mut self, name: &'static str, stated: Option<&Json<'_>>, keep: &mut Keep) {
        let Some(stated) = stated.filter(|stated| !stated.items().is_empty()) else {
            return;
        };
        let stated = stated.to_value();
        match self.lists.iter_mut().find(|(seen, _)| *seen == name) {
            // Most repeat themselves; what replaces a list of its size costs nothing more.
            Some((_, seen)) if stated.weight() <= seen.weight() || keep.piece(stated.weight()) => {
                *seen = stated;
            }
            Some(_) => {}
            None if keep.piece(stated.weight()) => self.lists.push((name, stated)),
            None => {}
        }
    }

    pub(super) fn into_parts(self) -> impl Iterator<Item = Part> {
        self.lists.into_iter().map(|(name, stated)| {
            Part::Generic(Generic {
                kind: name.to_owned(),
                members: vec![(name.to_owned(), stated)],
            })
        })
    }
}
