//! The program that is run, as if nobody stood between it and its caller.

use std::{
    ffi::OsString,
    io::{self, PipeWriter},
    process::{ExitCode, ExitStatus, Stdio},
};

use tokio::process::{Child, Command};

use super::signals::Signals;

/// Names a program with its arguments and the variables that it gets beside our own.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) variables: Vec<(&'static str, String)>,
}

impl Program {
    /// Takes the words of a command line, the program first.
    pub(super) fn new(words: Vec<OsString>, variables: Vec<(&'static str, String)>) -> Self {
        let mut words = words.into_iter();
        Self {
            name: words.next().unwrap_or_default(),
            arguments: words.collect(),
            variables,
        }
    }
}

/// Says why a program could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot run {name:?}: {why}")]
pub(super) struct NotStarted {
    name: OsString,
    why: String,
    code: u8,
}

impl NotStarted {
    /// Gives the exit code by which shells tell it.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    fn new(program: Program, error: &io::Error) -> Self {
        const NOT_FOUND: u8 = 127;
        const NOT_EXECUTABLE: u8 = 126;
        let is_path = program
            .name
            .to_string_lossy()
            .contains(std::path::MAIN_SEPARATOR);
        let (why, code) = match error.kind() {
            io::ErrorKind::NotFound if is_path => (
                "there is no such file, or the interpreter that its first line names is missing"
                    .to_owned(),
                NOT_FOUND,
            ),
            io::ErrorKind::NotFound => ("there is no such program in PATH".to_owned(), NOT_FOUND),
            io::ErrorKind::PermissionDenied => (
                "it is not executable; make it so with `chmod +x`, or name its interpreter first"
                    .to_owned(),
                NOT_EXECUTABLE,
            ),
            _ => (error.to_string(), NOT_EXECUTABLE),
        };
        Self {
            name: program.name,
            why,
            code,
        }
    }
}

/// Starts the program; it inherits standard streams, directory and everything else, but for an output that is given.
///
/// # Errors
///
/// Returns why it could not be started. Must be called within a runtime.
pub(super) fn start(program: Program, output: Option<PipeWriter>) -> Result<Child, NotStarted> {
    let mut command = Command::new(&program.name);
    command.args(&program.arguments);
    if let Some(output) = output {
        command.stdout(Stdio::from(output));
    }
    for (name, value) in &program.variables {
        command.env(name, value);
    }
    command
        .spawn()
        .map_err(|error| NotStarted::new(program, &error))
}

/// Waits until the program has ended, and passes signals on to it.
///
/// # Errors
///
/// Returns what the system says where it cannot be waited for.
pub(super) async fn wait(child: &mut Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return status,
            signal = signals.next() => {
                // A child that was waited for has no id any more, so nobody else can be hit.
                if let Some(id) = child.id() {
                    signal.pass_on(id).await;
                }
            }
        }
    }
}

/// Gives the code that a shell would give: the program's own, or 128 and the signal that ended it.
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + signal(status));
    // The system hands on the lowest byte alone.
    u8::try_from(code & 0xff).unwrap_or(u8::MAX)
}

/// Tells whether the program ended because somebody wanted it to.
pub(super) fn is_interrupted(status: ExitStatus) -> bool {
    const HANGUP: u8 = 129;
    const INTERRUPT: u8 = 130;
    const TERMINATE: u8 = 143;
    matches!(exit_code(status), HANGUP | INTERRUPT | TERMINATE)
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default()
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> i32 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn codes_are_those_of_a_shell() {
        assert_eq!(exit_code(ExitStatus::from_raw(7 << 8)), 7);
        assert_eq!(exit_code(ExitStatus::from_raw(15)), 143);
    }

    #[test]
    fn what_cannot_start_says_why() {
        let not = |kind: io::ErrorKind, name: &str| {
            let program = Program {
                name: name.into(),
                arguments: vec![],
                variables: vec![],
            };
            let error = NotStarted::new(program, &kind.into());
            format!("{}: {error}", error.code)
        };
        insta::assert_snapshot!(not(io::ErrorKind::NotFound, "nope"), @r#"127: cannot run "nope": there is no such program in PATH"#);
        insta::assert_snapshot!(not(io::ErrorKind::NotFound, "./nope"), @r#"127: cannot run "./nope": there is no such file, or the interpreter that its first line names is missing"#);
        insta::assert_snapshot!(not(io::ErrorKind::PermissionDenied, "./data"), @r#"126: cannot run "./data": it is not executable; make it so with `chmod +x`, or name its interpreter first"#);
    }
}
