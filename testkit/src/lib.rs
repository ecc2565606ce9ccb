//! Scripted provider, deterministic clock and ids, and in-memory capture for genspan's tests and demo.

pub mod provider;
