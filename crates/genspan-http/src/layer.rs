//! The layer that records what goes through a client.

use tower_layer::Layer;

use crate::{Classifier, RecordService, Recorder};

/// Puts a [`RecordService`] round an HTTP client.
///
/// See the [crate's documentation](crate) for an example.
#[derive(Clone, Debug)]
pub struct RecordLayer {
    recorder: Recorder,
    classifier: Classifier,
}

impl RecordLayer {
    /// Records calls with the given recorder.
    #[must_use]
    pub fn new(recorder: Recorder) -> Self {
        Self {
            recorder,
            classifier: Classifier::default(),
        }
    }

    /// Decides by other rules how calls ended that gave an error instead of a response.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }
}

impl<S> Layer<S> for RecordLayer {
    type Service = RecordService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RecordService::new(inner, self.recorder.clone(), self.classifier.clone())
    }
}
