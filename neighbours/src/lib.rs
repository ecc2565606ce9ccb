//! Holds nothing: in `tests/` clients and frameworks that others wrote ask a scripted provider.
