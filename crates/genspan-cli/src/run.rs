//! `genspan run`: records the calls of any program, which notices nothing.

mod agents;
pub(crate) mod base_urls;
mod child;
mod claude;
mod outbound;
mod recording;
mod redirect;
mod signals;
mod summary;
mod tally;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{ExitCode, ExitStatus},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use genspan::Place;
use genspan_claude::End;
use genspan_http::{
    Recorder,
    proxy::{Proxy, ProxyBuilder},
};
use genspan_infer::Limits;
use genspan_otlp::{Endpoint, Sampling};
use genspan_tree::Style;
use tokio::{runtime::Runtime, sync::oneshot, task::JoinHandle};

use self::{
    base_urls::Plan,
    child::Program,
    claude::Join,
    redirect::{Redirect, Told},
    signals::Signals,
    summary::Summary,
};
pub(crate) use self::{
    recording::{Recorded, Recording},
    summary::cost,
};
use crate::{
    Failure, chain,
    environment::Environment,
    infer::InferArgs,
    options::{Defaults, EffectiveOutput, OutputArgs},
    terminal::style_of,
    usage::UsageArgs,
};

/// Runs a program and records its calls to models
///
/// The program gets the addresses of providers from variables such as OPENAI_BASE_URL, which lead through a proxy
/// on this machine; one that is set already names where calls go on to. Codex, which reads none, gets a setting on its
/// command line. Its standard streams, signals and exit code are the program's own.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    output: OutputArgs,

    #[command(flatten)]
    usage: UsageArgs,

    #[command(flatten)]
    infer: InferArgs,

    /// Writes the summary there, instead of to the terminal
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// The program and its arguments, behind `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Exchanges that the child began and left are given this long to end.
const GRACE: Duration = Duration::from_millis(500);

impl RunArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let output = self.output.resolve(
            environment,
            Defaults {
                stored_content: Place::Span,
            },
        )?;
        if output
            .routes
            .iter()
            .any(|route| route.destination.endpoint == Endpoint::Stdout)
        {
            return Err("`--to stdout` cannot be followed: standard output belongs to the program; write `--to file:PATH`".into());
        }
        if self.command.is_empty() {
            return Err("there is no program to run; write it behind `--`".into());
        }
        let mut listener = Listener::open(self.summary.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("there is no thread to work on: {error}"))?;

        let mut notes = output.notes.clone();
        let watched = Start {
            output: &output,
            usage: &self.usage,
            infer: self.infer,
            environment,
            command: &self.command,
        };
        let watched = watched.start(&runtime, &mut notes);
        let watched = watched
            .map_err(|failure| notes.push(format!("no recorder: {}", chain(&*failure))))
            .ok();
        let told = watched
            .as_ref()
            .map(|watched| watched.told.clone())
            .unwrap_or_default();
        let names: Vec<_> = told.variables.iter().map(|(name, _)| *name).collect();
        let program = Program::new(told.words(self.command), told.variables);
        let join = watched.as_ref().and_then(|watched| watched.join.clone());
        let ended = runtime.block_on(carry_out(program, join.clone()));
        let recorded = watched.map(|watched| watched.finish(&runtime));
        notes.extend(join.and_then(|join| join.lost()));
        // A name that is still being looked up must not hold up the end.
        runtime.shutdown_background();
        let exit_code = match ended {
            Ok(status) => child::exit_code(status),
            Err(Ended::NotStarted(why)) => {
                complain(&why.to_string());
                return Ok(why.exit_code());
            }
            Err(Ended::Lost(error)) => {
                return Err(format!("the program cannot be waited for: {error}").into());
            }
        };
        let is_stored = output.is_stored();
        let names: Vec<_> = names
            .into_iter()
            .filter(|name| !name.eq_ignore_ascii_case("NO_PROXY"))
            .collect();
        let summary = Summary {
            recorded: recorded.as_ref(),
            exit_code,
            variables: &names,
            notes: &notes,
            is_stored,
        };
        listener.tell(&summary, environment);
        Ok(ExitCode::from(exit_code))
    }
}

/// Runs the program to its end, with its output told to the join if there is one.
async fn carry_out(program: Program, join: Option<Arc<Join>>) -> Result<ExitStatus, Ended> {
    let mut signals = Signals::catch();
    let (output, tee) = claude::output(join.clone());
    let mut child = child::start(program, output).map_err(Ended::NotStarted)?;
    signals.catch_all();
    let status = child::wait(&mut child, &mut signals).await;
    if let Some(tee) = tee {
        tokio::select! {
            () = tee.finish() => {}
            // Whoever reads the output may have stopped, and there is no child any more to pass a signal on to.
            _ = signals.next() => {}
        }
    }
    let status = status.map_err(Ended::Lost)?;
    if let Some(join) = join
        && child::is_interrupted(status)
    {
        join.end_as(End::Cancelled);
    }
    Ok(status)
}

/// Says why there is no exit status.
enum Ended {
    NotStarted(child::NotStarted),
    Lost(io::Error),
}

/// Watches the child's calls.
struct Watched {
    recording: Recording,
    recorder: Recorder,
    told: Told,
    stop: oneshot::Sender<()>,
    proxy: JoinHandle<bool>,
    /// What reads the program's output, where that tells of its work.
    join: Option<Arc<Join>>,
}

/// Holds what watching begins with.
struct Start<'a> {
    output: &'a EffectiveOutput,
    usage: &'a UsageArgs,
    infer: InferArgs,
    environment: &'a Environment,
    command: &'a [OsString],
}

impl Start<'_> {
    fn start(self, runtime: &Runtime, notes: &mut Vec<String>) -> Result<Watched, Failure> {
        let Self {
            output,
            usage,
            infer,
            environment,
            command,
        } = self;
        let program = command.first().map(Path::new).and_then(Path::file_name);
        let service = program.unwrap_or_default().to_string_lossy().into_owned();
        let secret = secret()?;
        let mut plan = base_urls::plan(environment, &secret);
        agents::adapt(command, environment, &secret, &mut plan);
        notes.extend(plan.notes.iter().cloned());
        let recording = Recording::start(output, environment, &service, Sampling::Always)?;
        let limits = infer.within(Limits::for_program());
        let asked = agents::words_of("claude", command).and_then(claude::asked);
        // On a terminal somebody reads, and the program may ask whether it is one.
        let asked = asked.filter(|_| limits.is_some() && !io::stdout().is_terminal());
        let join = asked.map(|asked| Join::new(&recording.telemetry, asked));
        let recorder = recording.recorder_with(usage, limits, join.clone());
        let proxy = || Proxy::builder(recorder.clone()).with_usage_asked(usage.asks());
        let (proxy, redirects) = runtime.block_on(bind(proxy, plan, notes))?;
        let address = proxy.local_addr().ip();
        let mut told = Told::of(&redirects, |route| proxy.url_for(route));
        told.variables
            .extend(outbound::exceptions(environment, address));
        let (stop, stopped) = oneshot::channel::<()>();
        let proxy = runtime.spawn(proxy.run(
            // A sender that is gone ends the proxy as well.
            async { drop(stopped.await) },
            GRACE,
        ));
        Ok(Watched {
            recording,
            recorder,
            told,
            stop,
            proxy,
            join,
        })
    }
}

impl Watched {
    fn finish(self, runtime: &Runtime) -> Recorded {
        drop(self.stop);
        // A proxy that panicked has ended its exchanges as cancelled.
        drop(runtime.block_on(self.proxy));
        self.recording.finish(&self.recorder)
    }
}

/// Listens on a free port; where TLS cannot be set up, for the providers that need none.
async fn bind(
    proxy: impl Fn() -> ProxyBuilder,
    plan: Plan,
    notes: &mut Vec<String>,
) -> io::Result<(Proxy, Vec<Redirect>)> {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let builder = |redirects: &[Redirect]| {
        redirects.iter().fold(proxy(), |builder, redirect| {
            builder.with_route(redirect.route.clone())
        })
    };
    match builder(&plan.redirects).bind(anywhere).await {
        Ok(proxy) => Ok((proxy, plan.redirects)),
        Err(error) => {
            let is_plain = |redirect: &Redirect| !redirect.route.upstream().is_encrypted();
            let plain: Vec<_> = plan.redirects.into_iter().filter(is_plain).collect();
            let proxy = builder(&plain).bind(anywhere).await?;
            notes.push(format!("calls over TLS are not recorded: {error}"));
            Ok((proxy, plain))
        }
    }
}

/// Makes a path that nobody can guess, so that only the child and whom it tells can use the proxy.
fn secret() -> Result<String, Failure> {
    let number =
        getrandom::u64().map_err(|error| format!("the system gives no random number: {error}"))?;
    Ok(format!("{number:016x}"))
}

/// Names who is told how the run went, if anybody is.
enum Listener {
    File(File, PathBuf),
    Terminal,
    Nobody,
}

impl Listener {
    fn open(summary: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = summary else {
            return Ok(if io::stderr().is_terminal() {
                Self::Terminal
            } else {
                Self::Nobody
            });
        };
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(Self::File(file, path.to_owned()))
    }

    fn tell(&mut self, summary: &Summary<'_>, environment: &Environment) {
        match self {
            Self::File(file, path) => {
                let text = summary.text(&Style {
                    unicode: environment.is_utf8(),
                    ..Style::PLAIN
                });
                if let Err(error) = file.write_all(text.as_bytes())
                    && io::stderr().is_terminal()
                {
                    complain(&format!("{} cannot be written: {error}", path.display()));
                }
            }
            Self::Terminal => {
                let text = summary.text(&style_of(&io::stderr(), environment));
                // A terminal that is gone by now tells nobody.
                drop(io::stderr().write_all(text.as_bytes()));
            }
            Self::Nobody => {}
        }
    }
}

/// Tells a problem on standard error.
fn complain(problem: &str) {
    drop(writeln!(io::stderr(), "genspan: {problem}"));
}
