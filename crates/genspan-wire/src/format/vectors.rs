//! How many numbers the vectors of an answer have.
//!
//! Where an answer is read with [`Passing::Vectors`](crate::json::Passing), a list of numbers is their count.

use crate::json::Json;

/// Tells how long a vector is.
pub(crate) fn dimension(vector: &Json<'_>) -> Option<u64> {
    let length = match vector {
        Json::Int(count) => u64::try_from(*count).ok()?,
        Json::List(numbers) if numbers.first()?.as_f64().is_some() => {
            u64::try_from(numbers.len()).ok()?
        }
        _ => return None,
    };
    (length > 0).then_some(length)
}

/// Tells how long the first of several vectors is, and so all of them.
pub(crate) fn dimension_of_first(vectors: &Json<'_>) -> Option<u64> {
    vectors.items().first().and_then(dimension)
}
