//! An exporter round another one.

use std::{mem, time::Duration};

use genspan::Rendering;
use genspan_dialects::{Dialect, Settings};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use super::{fit, restate::restate, speak::speak};
use crate::deliver::is_discarded;

/// Lets any exporter speak a vendor's language: spans are translated on their way to it, whoever made them.
///
/// A span of another instrumentation, `tracing`'s among them, is read where it speaks a language that is known, and
/// ends with the conventions' keys and the vendor's, each once; what became text on its way and is a number is one
/// again. Names, times and ids stay.
///
/// What is handed on at once stays under 3.5 MiB, since receivers take 4, and a span that alone is larger is cut while
/// its neighbours stay whole. Spans that are marked as none (see
/// [`OtelSinkBuilder::with_discard_filter`](crate::OtelSinkBuilder::with_discard_filter)) do not pass.
///
/// ```
/// use genspan_otel::{Dialect, DialectExporter, DialectSettings};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let settings = DialectSettings {
///     braintrust_parent: Some("project_name:travel".to_owned()),
///     ..DialectSettings::default()
/// };
/// let exporter = InMemorySpanExporter::default(); // or OTLP to the vendor
/// let exporter = DialectExporter::new(exporter, Dialect::Braintrust).with_settings(settings);
/// let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
/// # drop(provider);
/// ```
#[derive(Debug)]
pub struct DialectExporter<E> {
    inner: E,
    language: Language,
    settings: Settings,
    request_bytes: usize,
}

/// Tells what spans are said in.
#[derive(Debug)]
enum Language {
    Vendor(Dialect),
    Conventions(Box<Rendering>),
}

impl<E: SpanExporter> DialectExporter<E> {
    /// Hands spans to this exporter, in this language.
    #[must_use]
    pub fn new(inner: E, dialect: Dialect) -> Self {
        Self::speaking(inner, Language::Vendor(dialect))
    }

    /// Hands spans to this exporter in the conventions' own language, as the recorder itself renders operations.
    ///
    /// What stands for an operation, by whatever names, gets the conventions' name, kind, keys and types, each key once,
    /// and `error.type` where it failed; what the version does not know is said by the oldest that does. Content and
    /// errors' texts stay only as far as [`Rendering::capture`] has it, recognised secrets never do, and without content
    /// no event of such a span stays but that there was an exception. Other spans, and what the recorder made, pass as
    /// they are.
    ///
    /// ```
    /// use genspan::Rendering;
    /// use genspan_otel::DialectExporter;
    /// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    ///
    /// let exporter = InMemorySpanExporter::default(); // or OTLP
    /// let exporter = DialectExporter::conventions(exporter, Rendering::default());
    /// let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    /// # drop(provider);
    /// ```
    #[must_use]
    pub fn conventions(inner: E, rendering: Rendering) -> Self {
        let rendering = rendering.with_content_as_json();
        Self::speaking(inner, Language::Conventions(Box::new(rendering)))
    }

    fn speaking(inner: E, language: Language) -> Self {
        Self {
            inner,
            language,
            settings: Settings::default(),
            request_bytes: 3_584 * 1024,
        }
    }

    /// Tells the dialect what vendors want to be told, such as Braintrust's parent.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Bounds what is handed on at once, in bytes of protobuf as far as they can be told before; 3.5 MiB by default.
    #[must_use]
    pub const fn with_request_bytes(mut self, bytes: usize) -> Self {
        self.request_bytes = bytes;
        self
    }

    /// Cuts a batch where it would become too large.
    fn parts(&self, batch: Vec<SpanData>) -> Vec<Vec<SpanData>> {
        let (mut parts, mut part, mut taken) = (Vec::new(), Vec::new(), 0);
        for mut span in batch.into_iter().filter(|span| !is_discarded(span)) {
            match &self.language {
                Language::Vendor(dialect) => speak(&mut span, *dialect, &self.settings),
                Language::Conventions(rendering) => restate(&mut span, rendering),
            }
            fit::fit(&mut span, self.request_bytes);
            let size = fit::size(&span);
            if taken + size > self.request_bytes && !part.is_empty() {
                parts.push(mem::take(&mut part));
                taken = 0;
            }
            taken += size;
            part.push(span);
        }
        if !part.is_empty() {
            parts.push(part);
        }
        parts
    }
}

impl<E: SpanExporter> SpanExporter for DialectExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut errors = Vec::new();
        for part in self.parts(batch) {
            // One that fails must not cost those behind it.
            if let Err(error) = self.inner.export(part).await {
                errors.push(error);
            }
        }
        match errors.len() {
            0 => Ok(()),
            1 => errors.pop().map_or(Ok(()), Err),
            _ => {
                let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Err(OTelSdkError::InternalFailure(told.join("; ")))
            }
        }
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
