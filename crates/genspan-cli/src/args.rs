//! What people type.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};
use genspan::Capture;

use crate::{
    Failure, check::CheckArgs, demo::DemoArgs, environment::Environment, export::ExportArgs,
    forget::ForgetArgs, import::ImportArgs, proxy::ProxyArgs, query::QueryArgs, run::RunArgs,
    serve::ServeArgs, show::ShowArgs, tail::TailArgs,
};

/// Telemetry of LLM calls from any program, without a change to its code.
#[derive(Debug, Parser)]
#[command(
    name = "genspan",
    version,
    propagate_version = true,
    after_help = "Exit status: 0 done; 1 something was found or left out; 2 it could not be done."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Run(RunArgs),
    Proxy(ProxyArgs),
    Serve(Box<ServeArgs>),
    Import(ImportArgs),
    Show(ShowArgs),
    Tail(Box<TailArgs>),
    Query(Box<QueryArgs>),
    Export(Box<ExportArgs>),
    Forget(ForgetArgs),
    Check(CheckArgs),
}

impl Command {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        match self {
            Self::Demo(args) => args.run(environment),
            Self::Run(args) => args.run(environment),
            Self::Proxy(args) => args.run(environment),
            Self::Serve(args) => args.run(environment),
            Self::Import(args) => args.run(environment),
            Self::Show(args) => args.run(environment),
            Self::Tail(args) => args.run(environment),
            Self::Query(args) => args.run(environment),
            Self::Export(args) => args.run(environment),
            Self::Forget(args) => args.run(environment),
            Self::Check(args) => args.run(environment),
        }
    }
}

/// Writes `--content WORD` as `--content=WORD`, where the word names a place for content.
///
/// `--content` may stand alone, so what follows it is as likely a file: only known words are its value.
/// Behind `--` begins another program's command line, which is left as it is.
pub(crate) fn with_content_joined(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        if arg == "--" {
            joined.push(arg);
            joined.extend(args);
            break;
        }
        if arg == "--content"
            && let Some(word) = args.next_if(is_place)
        {
            let mut whole = arg;
            whole.push("=");
            whole.push(word);
            joined.push(whole);
        } else {
            joined.push(arg);
        }
    }
    joined
}

fn is_place(word: &OsString) -> bool {
    word.to_str()
        .is_some_and(|word| word.parse::<Capture>().is_ok())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn content_takes_a_word_only_where_it_is_one() {
        let check = |typed: &str, want: &str| {
            let joined = with_content_joined(typed.split(' ').map(OsString::from));
            let joined: Vec<_> = joined.iter().map(|arg| arg.to_str().unwrap()).collect();
            assert_eq!(joined.join(" "), want);
        };
        check(
            "import har --content span a.har",
            "import har --content=span a.har",
        );
        check("import har --content a.har", "import har --content a.har");
        check("import har a.har --content", "import har a.har --content");
        check(
            "import har --content=both a.har",
            "import har --content=both a.har",
        );
        check(
            "run --content -- app --content span",
            "run --content -- app --content span",
        );
    }
}
