//! What may stand for a recorder in an attribute.

use std::sync::Arc;

use crate::Telemetry;

/// Is implemented by what `telemetry = …` takes; without a recorder nothing is recorded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no recorder",
    label = "`telemetry` takes a `Telemetry`, a reference to one, or an `Option` of one"
)]
pub trait Source {
    /// Gives the recorder.
    fn genspan_telemetry(&self) -> Option<&Telemetry>;
}

impl Source for Telemetry {
    fn genspan_telemetry(&self) -> Option<&Telemetry> {
        Some(self)
    }
}

impl<T: Source + ?Sized> Source for &T {
    fn genspan_telemetry(&self) -> Option<&Telemetry> {
        (**self).genspan_telemetry()
    }
}

impl<T: Source + ?Sized> Source for Arc<T> {
    fn genspan_telemetry(&self) -> Option<&Telemetry> {
        (**self).genspan_telemetry()
    }
}

impl<T: Source> Source for Option<T> {
    fn genspan_telemetry(&self) -> Option<&Telemetry> {
        self.as_ref().and_then(Source::genspan_telemetry)
    }
}
