//! `genspan proxy`: the proxy of `genspan run`, for as long as it is wanted.

pub(crate) mod stop;
mod upstreams;

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use genspan::Place;
use genspan_http::{Recorder, proxy::Proxy};
use genspan_infer::Limits;
use genspan_otlp::Sampling;

pub(crate) use self::upstreams::{UpstreamArg, Upstreams};
use crate::{
    Failure,
    environment::Environment,
    infer::InferArgs,
    options::{Defaults, OutputArgs},
    run::{Recorded, Recording},
    usage::UsageArgs,
};

/// Passes requests on to providers and records them, until it is stopped
///
/// Each provider has a path of its own, such as /openai or /anthropic; the addresses to set are printed at the start.
/// There is no secret in them: whoever reaches the address may use it, with credentials of their own. What was said
/// is not recorded unless `--content` asks for it. SIGINT and SIGTERM stop it, once begun exchanges have ended.
#[derive(Args, Debug)]
pub(crate) struct ProxyArgs {
    /// Listens there [default: 127.0.0.1:4320, or any free port of 127.0.0.1 where that is taken]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Leads the path /NAME to URL; may be repeated, and replaces the provider known by that name
    #[arg(long = "upstream", value_name = "NAME=URL")]
    upstreams: Vec<UpstreamArg>,

    /// Answers requests for this host name too, such as that of a container; may be repeated
    #[arg(long = "allow-host", value_name = "HOST")]
    hosts: Vec<String>,

    /// Answers pages of this origin in a browser, such as `https://app.example`; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,

    #[command(flatten)]
    usage: UsageArgs,

    #[command(flatten)]
    infer: InferArgs,

    #[command(flatten)]
    output: OutputArgs,
}

const DEFAULT_PORT: u16 = 4_320;

/// Exchanges that had begun are given this long to end; with what comes after it stays below the ten seconds that
/// container runtimes wait before they kill.
const GRACE: Duration = Duration::from_secs(4);

/// How often attempts are looked for that nobody repeats any more.
const TICK: Duration = Duration::from_secs(5);

impl ProxyArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let upstreams = Upstreams::of(self.upstreams)?;
        let output = self.output.resolve(
            environment,
            Defaults {
                stored_content: Place::None,
            },
        )?;
        for note in &output.notes {
            tell(&format!("note: {note}\n"));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("there is no thread to work on: {error}"))?;
        let recording = Recording::start(&output, environment, "genspan-proxy", Sampling::Parent)?;
        let recorder = recording.recorder(&self.usage, self.infer.within(Limits::default()));
        let setup = Setup {
            recorder: &recorder,
            upstreams: &upstreams,
            hosts: &self.hosts,
            origins: &self.origins,
            asks_for_usage: self.usage.asks(),
        };
        let served = runtime.block_on(async {
            let stop = stop::asked()?;
            let proxy = setup.bind(self.listen).await?;
            tell(&upstreams.addresses(&proxy));
            let ticking = tokio::spawn(tick(recorder.clone()));
            let is_drained = proxy.run(stop, GRACE).await;
            ticking.abort();
            Ok::<_, Failure>(is_drained)
        });
        let recorded = recording.finish(&recorder);
        // A name that is still being looked up must not hold up the end.
        runtime.shutdown_background();
        tell(&farewell(served?, &recorded));
        Ok(ExitCode::SUCCESS)
    }
}

/// Holds what a proxy is made of.
pub(crate) struct Setup<'a> {
    pub(crate) recorder: &'a Recorder,
    pub(crate) upstreams: &'a Upstreams,
    pub(crate) hosts: &'a [String],
    pub(crate) origins: &'a [String],
    pub(crate) asks_for_usage: bool,
}

impl Setup<'_> {
    pub(crate) async fn bind(&self, listen: Option<SocketAddr>) -> Result<Proxy, Failure> {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT));
        let wanted = listen.unwrap_or(usual);
        let error = match self.try_bind(wanted).await {
            Ok(proxy) => return Ok(proxy),
            Err(error) => error,
        };
        if listen.is_none() && error.kind() == io::ErrorKind::AddrInUse {
            return Ok(self.try_bind(SocketAddr::new(usual.ip(), 0)).await?);
        }
        Err(format!("nobody can listen on {wanted}: {error}").into())
    }

    async fn try_bind(&self, address: SocketAddr) -> io::Result<Proxy> {
        let mut builder =
            Proxy::builder(self.recorder.clone()).with_usage_asked(self.asks_for_usage);
        for route in self.upstreams.routes() {
            builder = builder.with_route(route.clone());
        }
        for host in self.hosts {
            builder = builder.with_allowed_host(host);
        }
        for origin in self.origins {
            builder = builder.with_allowed_origin(origin);
        }
        builder.bind(address).await
    }
}

/// Records failed attempts that nobody repeats, also while there are no new exchanges.
async fn tick(recorder: Recorder) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        recorder.tick();
    }
}

pub(crate) fn farewell(is_drained: bool, recorded: &Recorded) -> String {
    let seen = &recorded.seen;
    let mut text = format!(
        "genspan: stopped; {} calls, {} failed{}\n",
        seen.calls,
        seen.failed,
        crate::run::cost(&seen.spending)
    );
    if !is_drained {
        text.push_str(&format!(
            "  connections that went on for longer than {GRACE:?} were cut\n"
        ));
    }
    for delivery in &recorded.deliveries {
        text.push_str(&format!("  {}\n", delivery.line));
    }
    text
}

fn tell(text: &str) {
    // Where standard error is closed there is nobody to tell.
    drop(io::stderr().write_all(text.as_bytes()));
}
