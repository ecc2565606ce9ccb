//! The way through a value, and what did not fit on it.

use std::fmt::Write as _;

use genspan::{Conventions, Value};

use crate::view::json_type;

/// How many misfits of one value are told; a broken writer breaks every message alike.
const MOST: usize = 5;

/// Tells what does not fit where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) grade: Grade,
    /// The way to it, such as `[0].parts[2].content`; empty for the value itself.
    pub(crate) path: String,
    pub(crate) expected: String,
    pub(crate) found: &'static str,
}

/// Tells whether a misfit is wrong or only unlucky.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    Wrong,
    Unlucky,
}

/// Walks through a value and gathers misfits.
#[derive(Debug)]
pub(super) struct Walk {
    version: Conventions,
    path: String,
    misfits: Vec<Misfit>,
}

impl Walk {
    pub(super) const fn new(version: Conventions) -> Self {
        Self {
            version,
            path: String::new(),
            misfits: Vec::new(),
        }
    }

    pub(super) const fn version(&self) -> Conventions {
        self.version
    }

    pub(super) fn into_misfits(self) -> Vec<Misfit> {
        self.misfits
    }

    pub(super) fn misfit(&mut self, expected: &str, found: &'static str) {
        self.add(Grade::Wrong, expected, found);
    }

    pub(super) fn misfit_of(&mut self, expected: &str, value: &Value) {
        self.add(Grade::Wrong, expected, json_type(value));
    }

    /// Tells what would be better, though it may not be had.
    pub(super) fn wish(&mut self, expected: &str, value: &Value) {
        self.add(Grade::Unlucky, expected, json_type(value));
    }

    /// Tells that a member had better be there.
    pub(super) fn wish_for(&mut self, name: &str) {
        self.at(name, |walk| walk.add(Grade::Unlucky, "a value", "nothing"));
    }

    fn add(&mut self, grade: Grade, expected: &str, found: &'static str) {
        let told = self.misfits.iter().filter(|misfit| misfit.grade == grade);
        if told.count() < MOST {
            self.misfits.push(Misfit {
                grade,
                path: self.path.clone(),
                expected: expected.to_owned(),
                found,
            });
        }
    }

    /// Goes on to a member and comes back.
    pub(super) fn at(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(length);
    }

    /// Goes on to each item of a list and comes back.
    pub(super) fn items(&mut self, value: &Value, mut check: impl FnMut(&mut Self, &Value)) {
        let Value::Array(items) = value else {
            self.misfit_of("an array", value);
            return;
        };
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            // Writing to a string has nothing that can fail.
            let _ = write!(self.path, "[{index}]");
            check(self, item);
            self.path.truncate(length);
        }
    }
}

/// Looks at the members of an object.
#[derive(Debug)]
pub(super) struct Members<'v> {
    value: &'v Value,
}

impl<'v> Members<'v> {
    pub(super) fn of(walk: &mut Walk, value: &'v Value) -> Option<Self> {
        if matches!(value, Value::Map(_)) {
            return Some(Self { value });
        }
        walk.misfit_of("an object", value);
        None
    }

    pub(super) fn get(&self, name: &str) -> Option<&'v Value> {
        self.value.get(name)
    }

    /// Wants a member.
    pub(super) fn required(
        &self,
        walk: &mut Walk,
        name: &str,
        check: impl FnOnce(&mut Walk, &Value),
    ) {
        walk.at(name, |walk| match self.get(name) {
            Some(value) => check(walk, value),
            None => walk.misfit("a value", "nothing"),
        });
    }

    /// Wants a text.
    pub(super) fn text(&self, walk: &mut Walk, name: &str) {
        walk.at(name, |walk| match self.get(name) {
            Some(Value::String(_)) => {}
            Some(other) => walk.misfit_of("a string", other),
            None => walk.misfit("a string", "nothing"),
        });
    }

    /// Takes a text, null or nothing.
    pub(super) fn optional_text(&self, walk: &mut Walk, name: &str) {
        if self.get(name).is_some_and(|value| !value.is_null()) {
            self.text(walk, name);
        }
    }

    /// Takes a text or nothing; null is not nothing.
    pub(super) fn text_if_there(&self, walk: &mut Walk, name: &str) {
        if self.get(name).is_some() {
            self.text(walk, name);
        }
    }

    /// Takes a number or nothing; null is not nothing.
    pub(super) fn number_if_there(&self, walk: &mut Walk, name: &str) {
        walk.at(name, |walk| match self.get(name) {
            None | Some(Value::Int(_) | Value::Double(_)) => {}
            Some(other) => walk.misfit_of("a number", other),
        });
    }
}
