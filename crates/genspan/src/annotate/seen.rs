//! Values of any type, as far as their types allow to see them.
//!
//! An annotated function may take and return anything, so no bound can be asked for. Method lookup
//! decides instead: `(&&&Seen(&value)).genspan_value()` finds the trait that is implemented for the
//! most references first, and only those whose bounds hold for the type as it stands in the function.

use std::{
    fmt::{Debug, Display},
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::Serialize;

use crate::{Value, value::serialize::value_of};

/// Holds an argument or result that may become a [`Value`].
#[derive(Debug)]
pub struct Seen<'a, T: ?Sized>(pub &'a T);

/// Sees what can be serialised.
pub trait BySerialize {
    /// Gives the value.
    fn genspan_value(&self) -> Option<Value>;
}

impl<T: Serialize + ?Sized> BySerialize for &&Seen<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        guarded(|| value_of(self.0))
    }
}

/// Sees what can be debugged.
pub trait SeenByDebug {
    /// Gives its debug text.
    fn genspan_value(&self) -> Option<Value>;
}

impl<T: Debug + ?Sized> SeenByDebug for &Seen<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        guarded(|| Some(Value::String(format!("{:?}", self.0))))
    }
}

/// Sees nothing in anything else.
pub trait SeenByNothing {
    /// Gives nothing.
    fn genspan_value(&self) -> Option<Value>;
}

impl<T: ?Sized> SeenByNothing for Seen<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        None
    }
}

/// Holds what was said to an agent or by it, that may become a text.
#[derive(Debug)]
pub struct Said<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> BySerialize for &&Said<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        guarded(|| value_of(self.0))
    }
}

/// Reads what can be displayed.
pub trait SaidByDisplay {
    /// Gives its text.
    fn genspan_value(&self) -> Option<Value>;
}

impl<T: Display + ?Sized> SaidByDisplay for &Said<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        guarded(|| Some(Value::String(self.0.to_string())))
    }
}

/// Reads nothing in anything else.
pub trait SaidByNothing {
    /// Gives nothing.
    fn genspan_value(&self) -> Option<Value>;
}

impl<T: ?Sized> SaidByNothing for Said<'_, T> {
    fn genspan_value(&self) -> Option<Value> {
        None
    }
}

/// Does without a value whose own code panics: being recorded must not break the function.
pub(super) fn guarded<T>(look: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(look)).ok().flatten()
}
