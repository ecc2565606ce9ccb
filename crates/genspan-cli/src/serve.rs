//! `genspan serve`: keeps what is sent to it, and shows it.

mod proxied;
mod told;
mod values;

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use genspan::{Clock, SystemClock};
use genspan_prices::Prices;
use genspan_serve::{Addresses, Claim, Options, PresenceError, Server, Token};
use genspan_store::{Limit, Retention, Store};
use tokio::sync::oneshot;

use self::{
    proxied::ProxiedArgs,
    values::{Age, Listen, Size},
};
use crate::{Failure, chain, environment::Environment, proxy::stop};

/// Keeps telemetry that programs send, and shows it in a browser, until it is stopped
///
/// Takes OTLP over gRPC and HTTP; the addresses are printed at the start. Prompts and answers are kept as they
/// come, but for recognised secrets, in a file for you alone. SIGINT and SIGTERM stop it.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Keeps everything in this file [default: store.db in GENSPAN_HOME]
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,

    /// Listens on this address of the machine; one that others can reach wants a token
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,

    /// Takes OTLP over gRPC there; 0 takes a free port
    #[arg(long, value_name = "PORT", default_value = "4317")]
    grpc: Listen,

    /// Takes OTLP over HTTP there
    #[arg(long, value_name = "PORT", default_value = "4318")]
    http: Listen,

    /// Shows the web UI there
    #[arg(long, value_name = "PORT", default_value = "4319")]
    ui: Listen,

    /// Wants this secret, of at least 16 characters, from every request
    ///
    /// GENSPAN_TOKEN sets it as well, and does not show it to who lists processes. Where other machines can reach an
    /// address and neither is given, one is made and printed.
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,

    /// Answers requests for this host name too, such as that of a container; may be repeated
    #[arg(long = "allow-host", value_name = "HOST")]
    hosts: Vec<String>,

    /// Forgets traces that are older, such as 36h; `off` keeps all [default: as chosen last, else 14d]
    ///
    /// The store remembers it: `genspan run` and the next `serve` do the same.
    #[arg(long, value_name = "AGE")]
    max_age: Option<Age>,

    /// Forgets the oldest traces where the store is larger, such as 500MB; `off` keeps all [default: as chosen last, else 2GB]
    #[arg(long, value_name = "SIZE")]
    max_size: Option<Size>,

    /// Reads prices from this file, which count before those that genspan brings
    ///
    /// GENSPAN_PRICES names it as well.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    #[command(flatten)]
    proxied: ProxiedArgs,
}

/// Requests that had begun are given this long to end; with what comes after it stays below the ten seconds that
/// container runtimes wait before they kill.
const GRACE: Duration = Duration::from_secs(4);

/// How often it is looked what is too old or too much.
const SWEEP: Duration = Duration::from_secs(600);

impl ServeArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let token = self.token(environment)?;
        let prices = Arc::new(self.prices(environment)?);
        let store = self.open(environment, &prices)?;
        let claim = claim(&store)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("there is no thread to work on: {error}"))?;
        let options = self.options(token.clone());
        let served = runtime.block_on(async {
            let stop = stop::asked()?;
            let server = Server::bind(Arc::new(store.clone()), options).await;
            let server = server.map_err(|error| told::not_bound(&error))?;
            let at = server.addresses();
            let proxied = self
                .proxied
                .start(environment, &prices, &self.hosts, &at, token.as_ref())
                .await?;
            if let Some(claim) = &claim {
                present(claim, at, token.as_ref());
            }
            tell(&told::greeting(store.path(), &at, token.as_ref()));
            if let Some(proxied) = &proxied {
                tell(proxied.addresses());
            }
            let sweeping = tokio::spawn(sweep(store.clone()));
            let (end, ended) = oneshot::channel::<()>();
            let serving = tokio::spawn(server.run(async { drop(ended.await) }, GRACE));
            // What the proxy recorded is kept by the server, which therefore ends after it.
            match proxied {
                Some(proxied) => tell(&proxied.run(stop, GRACE).await),
                None => stop.await,
            }
            drop(end);
            sweeping.abort();
            let is_drained = serving.await.unwrap_or(false);
            Ok::<_, Failure>(is_drained)
        });
        drop(claim);
        store.close();
        runtime.shutdown_background();
        if !served? {
            tell(&format!(
                "genspan: requests that went on for longer than {GRACE:?} were cut\n"
            ));
        }

        tell("genspan: stopped; all that was acknowledged is kept\n");
        Ok(ExitCode::SUCCESS)
    }

    /// Finds the secret that requests must show: what is given, or one that is made where others can come.
    fn token(&self, environment: &Environment) -> Result<Option<Token>, Failure> {
        let given = self
            .token
            .clone()
            .or_else(|| environment.text("GENSPAN_TOKEN"));
        if let Some(text) = given {
            let token = Token::new(text.trim());
            return Ok(Some(token.map_err(|error| format!("--token: {error}"))?));
        }
        if self
            .addresses()
            .iter()
            .all(|address| address.ip().is_loopback())
        {
            return Ok(None);
        }
        let made = Token::generate();
        Ok(Some(made.map_err(|error| {
            format!("no token can be made: {error}")
        })?))
    }

    fn addresses(&self) -> [SocketAddr; 3] {
        [self.grpc, self.http, self.ui].map(|port| port.on(self.listen))
    }

    fn options(&self, token: Option<Token>) -> Options {
        let mut options = Options::default();
        [options.grpc, options.http, options.ui] = self.addresses();
        options.token = token;
        options.hosts.clone_from(&self.hosts);
        options
    }

    fn prices(&self, environment: &Environment) -> Result<Prices, Failure> {
        let prices = Prices::vendored();
        let file = self
            .prices
            .clone()
            .or_else(|| environment.settings().prices);
        Ok(match file {
            Some(file) => prices.with_overrides(&file)?,
            None => prices,
        })
    }

    fn open(&self, environment: &Environment, prices: &Arc<Prices>) -> Result<Store, Failure> {
        let path = match &self.store {
            Some(path) => path.clone(),
            None => {
                let home = environment.home().ok_or(
                    "there is no place for the store; set GENSPAN_HOME, or name a file with `--store`",
                )?;
                home.create().map_err(|error| {
                    format!("{} cannot be created: {error}", home.path().display())
                })?;
                home.store()
            }
        };
        let options = genspan_store::Options {
            retention: Retention {
                age: self.max_age.map(|age| age.0.map_or(Limit::Off, Limit::At)),
                bytes: self
                    .max_size
                    .map(|size| size.0.map_or(Limit::Off, Limit::At)),
            },
            prices: Some(Arc::<Prices>::clone(prices)),
            ..genspan_store::Options::default()
        };
        Ok(Store::open(&path, options)?)
    }
}

/// Keeps the store for this server; a disk that cannot be written is no reason not to show what is there.
fn claim(store: &Store) -> Result<Option<Claim>, Failure> {
    match Claim::take(store.path()) {
        Ok(claim) => Ok(Some(claim)),
        Err(error @ PresenceError::Taken { .. }) => Err(error.into()),
        Err(error) => {
            unseen(&error);
            Ok(None)
        }
    }
}

fn present(claim: &Claim, at: Addresses, token: Option<&Token>) {
    if let Err(error) = claim.tell(at, token) {
        unseen(&error);
    }
}

fn unseen(error: &PresenceError) {
    tell(&format!(
        "note: {}; `genspan run` will not find this server by itself\n",
        chain(error)
    ));
}

/// Lets go of what is too old or too much, at once and then now and again.
async fn sweep(store: Store) {
    let clock = SystemClock::new();
    let mut sweeps = tokio::time::interval(SWEEP);
    loop {
        sweeps.tick().await;
        let now = i64::try_from(clock.now().unix_nanos() / 1_000).unwrap_or(i64::MAX);
        let store = store.clone();
        let swept = tokio::task::spawn_blocking(move || store.retain(now)).await;
        if let Ok(Err(error)) = swept {
            tell(&format!(
                "note: what is too old could not be forgotten: {error}\n"
            ));
        }
    }
}

fn tell(text: &str) {
    // Where standard error is closed there is nobody to tell.
    drop(io::stderr().write_all(text.as_bytes()));
}
