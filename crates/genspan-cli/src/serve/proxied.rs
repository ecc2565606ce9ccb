//! `serve --proxy`: the proxy beside the server, and what it records in the store.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use genspan::{Capture, Place, Rendering};
use genspan_http::{Recorder, proxy::Proxy};
use genspan_infer::Limits;
use genspan_otlp::{Destination, Route, Sampling};
use genspan_prices::Prices;
use genspan_serve::{Addresses, Token};

use super::told::reached;
use crate::{
    Failure,
    environment::Environment,
    infer::InferArgs,
    options::EffectiveOutput,
    proxy::{Setup, UpstreamArg, Upstreams, farewell},
    run::Recording,
    usage::UsageArgs,
};

/// Says whether there is a proxy too, and how it works.
#[derive(Args, Debug)]
pub(super) struct ProxiedArgs {
    /// Runs the proxy of `genspan proxy` as well, and keeps what it records, prompts and answers too
    ///
    /// There, or at 127.0.0.1:4320, or any free port of 127.0.0.1 where that is taken.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1)]
    proxy: Option<Option<SocketAddr>>,

    /// Leads the proxy's path /NAME to URL; may be repeated, and replaces the provider known by that name
    #[arg(long = "upstream", value_name = "NAME=URL", requires = "proxy")]
    upstreams: Vec<UpstreamArg>,

    #[command(flatten)]
    usage: UsageArgs,

    #[command(flatten)]
    infer: InferArgs,
}

/// Holds a proxy that listens.
pub(super) struct Proxied {
    proxy: Proxy,
    recorder: Recorder,
    recording: Recording,
    /// The addresses to set.
    told: String,
}

impl ProxiedArgs {
    /// Starts the proxy, where there is to be one; its recordings go the way that all others go.
    pub(super) async fn start(
        &self,
        environment: &Environment,
        prices: &Arc<Prices>,
        hosts: &[String],
        at: &Addresses,
        token: Option<&Token>,
    ) -> Result<Option<Proxied>, Failure> {
        let Some(listen) = self.proxy else {
            return Ok(None);
        };
        let upstreams = Upstreams::of(self.upstreams.clone())?;
        let output = output(environment, prices, at, token)?;
        let recording = Recording::start(&output, environment, "genspan-proxy", Sampling::Parent)?;
        let recorder = recording.recorder(&self.usage, self.infer.within(Limits::default()));
        let setup = Setup {
            recorder: &recorder,
            upstreams: &upstreams,
            hosts,
            origins: &[],
            asks_for_usage: self.usage.asks(),
        };
        let proxy = setup.bind(listen).await?;
        let told = upstreams.addresses(&proxy);
        Ok(Some(Proxied {
            proxy,
            recorder,
            recording,
            told,
        }))
    }
}

/// Sends to the server itself, with content unless the environment says otherwise.
fn output(
    environment: &Environment,
    prices: &Arc<Prices>,
    at: &Addresses,
    token: Option<&Token>,
) -> Result<EffectiveOutput, Failure> {
    let settings = environment.settings();
    let show = token.map_or_else(String::new, |token| {
        format!(";header=authorization:Bearer {}", token.reveal())
    });
    let destination: Destination = format!("http://{}{show}", reached(at.http)).parse()?;
    let capture = settings.capture.unwrap_or(Capture::at(Place::Span));
    let rendering = Rendering::new(settings.conventions.unwrap_or_default()).with_capture(capture);
    Ok(EffectiveOutput {
        routes: vec![Route {
            destination,
            rendering,
        }],
        homes: Vec::new(),
        spool: None,
        prices: Arc::clone(prices),
        notes: Vec::new(),
    })
}

impl Proxied {
    /// Tells the addresses that programs are to be told.
    pub(super) fn addresses(&self) -> &str {
        &self.told
    }

    /// Proxies until it is to stop, hands on what was recorded, and gives what is to be said of it.
    pub(super) async fn run(self, stop: impl Future<Output = ()>, grace: Duration) -> String {
        let Self {
            proxy,
            recorder,
            recording,
            ..
        } = self;
        let is_drained = proxy.run(stop, grace).await;
        let finishing = tokio::task::spawn_blocking(move || recording.finish(&recorder));
        match finishing.await {
            Ok(recorded) => farewell(is_drained, &recorded),
            Err(_) => "note: what the proxy recorded last could not be kept\n".to_owned(),
        }
    }
}
