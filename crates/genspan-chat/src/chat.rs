//! One span for each call to a model.

mod layer;
mod service;
mod stream;

pub use layer::ChatLayer;
pub use service::ChatService;
pub use stream::RecordedUpdates;
