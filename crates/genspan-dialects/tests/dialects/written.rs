//! Spans that several tests look at.

pub(crate) mod calls;
pub(crate) mod frameworks;
pub(crate) mod named;
pub(crate) mod spans;
pub(crate) mod vendors;
