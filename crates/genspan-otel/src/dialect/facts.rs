//! Facts of a scope on spans that others start within it.

use std::time::Duration;

use opentelemetry::{Context, KeyValue, trace::Span as _};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use crate::{context, sink::value};

/// Tells spans of other instrumentation what holds in the [`genspan::Scope`] that they start in.
///
/// Operations know the attributes of their scope; a span that `tracing` or a framework starts in it does not. With
/// this processor, before the one that exports, it has them too, but for those that it sets itself. What a vendor
/// files spans by, such as `braintrust.parent`, is so the same for all spans of an experiment. [`init`](crate::init)
/// does it for destinations that speak Braintrust's dialect.
///
/// ```
/// use genspan_otel::ScopeFacts;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let provider = SdkTracerProvider::builder()
///     .with_span_processor(ScopeFacts::new(["braintrust.parent"]))
///     .build();
/// # drop(provider);
/// ```
#[derive(Clone, Debug)]
pub struct ScopeFacts {
    keys: Vec<String>,
}

impl ScopeFacts {
    /// Tells the attributes of these keys.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            keys: keys.into_iter().map(Into::into).collect(),
        }
    }
}

impl SpanProcessor for ScopeFacts {
    fn on_start(&self, span: &mut Span, context: &Context) {
        for key in &self.keys {
            tell(span, context, key);
        }
    }

    fn on_end(&self, _span: SpanData) {}

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Sets an attribute of the scope on a span that starts in it, unless it is there.
pub(crate) fn tell(span: &mut Span, context: &Context, key: &str) {
    if !span.is_recording() {
        return;
    }
    let Some(fact) = context::fact(context, key) else {
        return;
    };
    let is_stated = span.exported_data().is_some_and(|data| {
        let mut keys = data.attributes.iter().map(|one| one.key.as_str());
        keys.any(|known| known == key)
    });
    if !is_stated && let Some(value) = value::flat(fact) {
        span.set_attribute(KeyValue::new(key.to_owned(), value));
    }
}
