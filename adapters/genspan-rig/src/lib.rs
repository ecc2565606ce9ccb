#![doc = include_str!("../README.md")]

mod client;
mod facts;
mod hook;
mod rig;
mod run;
mod serve;

pub use client::Recorded;
pub use rig::{Buildable, Rig};
