//! Holds the tests that need more than one adapter.
