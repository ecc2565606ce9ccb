//! Processes that are measured: this program itself, executed again.

pub(crate) mod losses;
pub(crate) mod usage;

use std::{
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio},
};

use losses::Losses;
use usage::Usage;

/// Holds a process that listens on an address and answers what it is told line by line.
///
/// It ends when its standard input does, so none is left behind by a run that breaks off.
#[derive(Debug)]
pub(crate) struct Child {
    process: Process,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    addr: SocketAddr,
    lost: Losses,
}

impl Child {
    /// Starts the hidden sub-command `child NAME ARGUMENTS…` and waits until it listens.
    pub(crate) fn start(name: &str, arguments: &[String]) -> io::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("child")
            .arg(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take();
        let answers = process.stdout.take();
        let mut child = Self {
            process,
            orders,
            answers: BufReader::new(answers.ok_or_else(|| io::Error::other("no pipe"))?),
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            lost: Losses::default(),
        };
        let said = child.read()?;
        child.addr = said.parse().map_err(|_| {
            io::Error::other(format!("child {name} does not listen, it says {said:?}"))
        })?;
        Ok(child)
    }

    /// Where it listens.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Lets it do all that it has put off, and gives what was lost since it was last told to.
    pub(crate) fn settle(&mut self) -> io::Result<Losses> {
        if let Some(orders) = &mut self.orders {
            orders.write_all(b"settle\n")?;
            orders.flush()?;
        }
        let lost = Losses::read(&self.read()?);
        let since = lost.since(self.lost);
        self.lost = lost;
        Ok(since)
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> io::Result<Usage> {
        Usage::of(self.process.id())
    }

    fn read(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.orders.take());
        // A process that is gone already has done what is wanted of it.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Tells the parent where this process listens, and answers until the parent is gone.
///
/// `settle` does what was put off and says in one line what is lost, as [`Losses`] writes it.
pub(crate) fn attend(addr: SocketAddr, mut settle: impl FnMut() -> String) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{addr}")?;
    out.flush()?;
    for order in io::stdin().lock().lines() {
        if order? == "settle" {
            writeln!(out, "{}", settle())?;
            out.flush()?;
        }
    }
    Ok(())
}
