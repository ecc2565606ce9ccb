//! Claude Code under `genspan run`: its stream and its traffic are one tree, each call once.

#[path = "claude/fake.rs"]
mod fake;
#[path = "claude/real.rs"]
mod real;
#[path = "claude/tree.rs"]
mod tree;
