//! Embeddings that were decoded.

use genspan::{Embeddings, Record};
use genspan_wire::Decoded;

pub(crate) fn embeddings(decoded: Decoded) -> Embeddings {
    let Record::Embeddings(embeddings) = decoded.record else {
        panic!("not embeddings")
    };
    *embeddings
}
