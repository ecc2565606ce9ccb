//! Holds nothing: `tests/` walks the systems that genspan takes the place of, one module for each.
