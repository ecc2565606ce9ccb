//! Ours: the proxy, recording all or nothing.

use std::{fs, io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use genspan::{Capture, Place, Rendering, Telemetry};
use genspan_http::{
    Recorder, RecorderOptions,
    proxy::{Proxy, Route, Upstream},
};
use genspan_otlp::{Destination, Endpoint, OtlpSink, SinkOptions};

use crate::child::{self, losses::Losses};

/// The path below which the proxy has the provider; the same length of path as any secret one.
pub(crate) const PREFIX: &str = "/s3cr3t/openai";

/// How long everything that was put off may take.
const SETTLED: Duration = Duration::from_secs(30);

/// Serves as the child process `proxy` before the provider at `arguments[0]`; records, with content, to the file
/// `arguments[1]`, or nothing where there is none.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let provider = arguments
        .first()
        .ok_or_else(|| io::Error::other("which provider?"))?;
    let telemetry = match arguments.get(1) {
        Some(file) => recording(Path::new(file))?,
        None => Telemetry::disabled(),
    };
    let options = RecorderOptions {
        trusts_trace_headers: true,
        copies_small_chunks: true,
        ..RecorderOptions::default()
    };
    let recorder = Recorder::new(telemetry.clone(), options);
    let upstream: Upstream = format!("http://{provider}/v1")
        .parse()
        .map_err(io::Error::other)?;
    let route = Route::new(PREFIX, upstream).map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let proxy = runtime.block_on(
        Proxy::builder(recorder.clone())
            .with_route(route)
            .bind(SocketAddr::from(([127, 0, 0, 1], 0))),
    )?;
    let addr = proxy.local_addr();
    runtime.spawn(proxy.run(std::future::pending(), Duration::ZERO));
    child::attend(addr, || settle(&recorder, &telemetry))
}

fn recording(file: &Path) -> io::Result<Telemetry> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    let route = genspan_otlp::Route {
        destination: Destination::new(Endpoint::File(file.into())),
        rendering: Rendering::default().with_capture(Capture::at(Place::Span)),
    };
    let sink = OtlpSink::start(vec![route], SinkOptions::default()).map_err(io::Error::other)?;
    Ok(Telemetry::builder(Arc::new(sink)).build())
}

/// Records and writes all that is put off, and says what was lost so far.
pub(crate) fn settle(recorder: &Recorder, telemetry: &Telemetry) -> String {
    // What is late is seen by its absence; nothing here takes that long.
    let _ = recorder.settle(SETTLED);
    let report = telemetry.flush(SETTLED);
    Losses {
        operations: report.lost_operations,
        contents: report.lost_content,
        undelivered: report.undelivered,
        skipped: recorder.skipped_bytes(),
    }
    .line()
}
