//! Measures genspan beside hand-written peers.

fn main() {}
