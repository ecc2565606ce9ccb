//! What may stand for a text in an attribute.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use crate::Provider;

/// Is implemented by what options such as `name = …` and `call_id = …` take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no text",
    label = "expected a `&str`, a `String`, or an `Option` of one"
)]
pub trait Text {
    /// Gives the text, `None` where there is none.
    fn genspan_text(&self) -> Option<String>;
}

/// Gives the text of an expression in an attribute.
#[must_use]
pub fn text<T: Text + ?Sized>(value: &T) -> Option<String> {
    value.genspan_text()
}

impl Text for str {
    fn genspan_text(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Text for String {
    fn genspan_text(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Text for Cow<'_, str> {
    fn genspan_text(&self) -> Option<String> {
        Some(self.as_ref().to_owned())
    }
}

impl Text for Provider {
    fn genspan_text(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

impl<T: Text> Text for Option<T> {
    fn genspan_text(&self) -> Option<String> {
        self.as_ref().and_then(Text::genspan_text)
    }
}

impl<T: Text + ?Sized> Text for &T {
    fn genspan_text(&self) -> Option<String> {
        (**self).genspan_text()
    }
}

impl<T: Text + ?Sized> Text for Box<T> {
    fn genspan_text(&self) -> Option<String> {
        (**self).genspan_text()
    }
}

impl<T: Text + ?Sized> Text for Arc<T> {
    fn genspan_text(&self) -> Option<String> {
        (**self).genspan_text()
    }
}

impl<T: Text + ?Sized> Text for Rc<T> {
    fn genspan_text(&self) -> Option<String> {
        (**self).genspan_text()
    }
}
