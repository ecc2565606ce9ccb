//! The `genspan` command: telemetry of LLM calls from any program, without a change to its code.

mod args;
mod check;
mod demo;
mod environment;
mod export;
mod failure;
mod filter;
mod forget;
mod home;
mod import;
mod infer;
mod moment;
mod options;
mod output;
mod proxy;
mod query;
mod run;
mod serve;
mod show;
mod store;
mod tail;
mod terminal;
mod usage;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

pub(crate) use crate::failure::{Failure, chain};
use crate::{args::Cli, environment::Environment, failure::is_broken_pipe};

fn main() -> ExitCode {
    let cli = Cli::parse_from(args::with_content_joined(std::env::args_os()));
    match cli.command.run(&Environment::of_process()) {
        Ok(code) => code,
        Err(failure) if is_broken_pipe(&*failure) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is closed there is nobody left to tell.
            drop(writeln!(io::stderr(), "genspan: {}", chain(&*failure)));
            ExitCode::from(2)
        }
    }
}
