//! Clients that speak a provider's own shape, recorded as they are.

mod call;
mod client;
mod shape;
mod stream;

pub use client::ShapedClient;
pub use shape::Shape;
pub use stream::ShapedStream;
