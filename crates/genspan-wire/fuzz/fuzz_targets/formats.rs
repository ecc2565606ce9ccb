//! Feeds `checks/formats.rs`.

#![no_main]

#[path = "../checks/formats.rs"]
mod formats;
#[path = "../checks/pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|data: &[u8]| formats::check(data));
