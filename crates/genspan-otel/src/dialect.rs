//! Spans in a vendor's language or the conventions' own, whoever made them.

mod exporter;
mod facts;
mod fit;
mod restate;
mod speak;

pub use self::{exporter::DialectExporter, facts::ScopeFacts};
pub(crate) use self::{facts::tell, speak::speak};
