#![doc = include_str!("../README.md")]

mod call;
mod fields;
mod layer;
mod others;

pub use layer::{OperationLayer, layer};
pub use others::{Others, others};
