//! Signals that reach us and are meant for the child.
//!
//! Keys at the terminal signal the whole process group, so the child has those already; they are not sent twice.
//! Signals that were sent to us alone are passed on.

#[cfg(unix)]
pub(super) use self::unix::Signals;

#[cfg(not(unix))]
pub(super) use self::other::Signals;

#[cfg(unix)]
mod unix {
    use std::{
        io::{self, IsTerminal},
        process::Stdio,
    };

    use tokio::{
        process::Command,
        signal::unix::{SignalKind, signal},
        sync::mpsc,
    };

    /// Receives the signals that are to be passed on.
    #[derive(Debug)]
    pub(in crate::run) struct Signals {
        sender: mpsc::UnboundedSender<Sent>,
        received: mpsc::UnboundedReceiver<Sent>,
        /// Whether a key press may have been what sent the signal.
        had_terminal: bool,
    }

    /// Names one signal.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(in crate::run) struct Sent(&'static str);

    impl Signals {
        /// Begins to catch the signal that asks a process to end, so that it never ends us and leaves the child behind.
        pub(in crate::run) fn catch() -> Self {
            let (sender, received) = mpsc::unbounded_channel();
            let signals = Self {
                sender,
                received,
                had_terminal: has_terminal(),
            };
            signals.watch("TERM", SignalKind::terminate());
            signals
        }

        /// Begins to catch the others, once the child runs.
        ///
        /// Shells and `nohup` have them ignored, which a child inherits only where we do not catch them before.
        pub(in crate::run) fn catch_all(&self) {
            self.watch("INT", SignalKind::interrupt());
            self.watch("HUP", SignalKind::hangup());
            self.watch("QUIT", SignalKind::quit());
            self.watch("USR1", SignalKind::user_defined1());
            self.watch("USR2", SignalKind::user_defined2());
        }

        fn watch(&self, name: &'static str, kind: SignalKind) {
            // A signal that cannot be caught does to us what it always did.
            let Ok(mut signals) = signal(kind) else {
                return;
            };
            let sender = self.sender.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() && sender.send(Sent(name)).is_ok() {}
            });
        }

        /// Waits for the next signal that the child does not have yet.
        pub(in crate::run) async fn next(&mut self) -> Sent {
            loop {
                match self.received.recv().await {
                    Some(sent) if self.is_for_us_alone(sent) => return sent,
                    Some(_) => {}
                    None => std::future::pending().await,
                }
            }
        }

        fn is_for_us_alone(&self, sent: Sent) -> bool {
            match sent.0 {
                "INT" | "QUIT" => !self.had_terminal,
                // A terminal that hangs up is gone by now, and has told the child as well.
                "HUP" => !self.had_terminal || has_terminal(),
                _ => true,
            }
        }
    }

    impl Sent {
        /// Sends the signal to a process; where that fails there is nobody to tell.
        pub(in crate::run) async fn pass_on(self, process: u32) {
            let mut kill = Command::new("/bin/sh");
            kill.args([
                "-c",
                r#"kill -s "$1" "$2""#,
                "sh",
                self.0,
                &process.to_string(),
            ]);
            kill.stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            drop(kill.status().await);
        }
    }

    fn has_terminal() -> bool {
        io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal()
    }
}

#[cfg(not(unix))]
mod other {
    /// Keeps us alive while the child decides what an interrupt means to it.
    #[derive(Debug)]
    pub(in crate::run) struct Signals;

    #[derive(Clone, Copy, Debug)]
    pub(in crate::run) struct Sent;

    impl Signals {
        pub(in crate::run) fn catch() -> Self {
            Self
        }

        pub(in crate::run) fn catch_all(&self) {}

        pub(in crate::run) async fn next(&mut self) -> Sent {
            // The console tells every process by itself; we only must not end of it.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Sent
        }
    }

    impl Sent {
        pub(in crate::run) async fn pass_on(self, _: u32) {}
    }
}
