//! Feeds `checks/framing.rs`.

#![no_main]

#[path = "../checks/framing.rs"]
mod framing;
#[path = "../checks/pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|data: &[u8]| framing::check(data));
