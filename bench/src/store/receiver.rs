//! The receiver, a process of its own, and who sends to it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use genspan_serve::{Options as Ports, Server};
use genspan_store::{Options, Store};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::{client::Grpc, codegen::http::uri::PathAndQuery, transport::Endpoint};
use tonic_prost::ProstCodec;

use crate::{
    child::{self, losses::Losses},
    harness::timed,
};

/// Who sends at once, as several programs do.
pub(crate) const SENDERS: usize = 4;

const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// Opens a store as the binary does.
pub(crate) fn open(file: &Path) -> io::Result<Store> {
    let options = Options {
        prices: Some(Arc::new(genspan_prices::Prices::vendored())),
        ..Options::default()
    };
    Store::open(file, options).map_err(io::Error::other)
}

/// Serves as the child process `store-serve` the store in the file `arguments[0]`; what is put off is the index.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let file = arguments
        .first()
        .ok_or_else(|| io::Error::other("which file?"))?;
    let store = open(Path::new(file))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut ports = Ports::default();
    (ports.grpc, ports.http, ports.ui) = (free, free, free);
    let server = runtime
        .block_on(Server::bind(Arc::new(store.clone()), ports))
        .map_err(io::Error::other)?;
    let addr = server.addresses().grpc;
    runtime.spawn(server.run(std::future::pending(), Duration::ZERO));
    child::attend(addr, || match store.settle() {
        Ok(()) => Losses::default().line(),
        Err(error) => error.to_string(),
    })
}

/// Sends requests over gRPC from several connections, and tells how long it took until all were acknowledged.
pub(crate) fn send(
    addr: SocketAddr,
    requests: Vec<ExportTraceServiceRequest>,
) -> Result<Duration, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let left = Arc::new(Mutex::new(requests));
    let (took, sent) = timed(|| {
        runtime.block_on(async {
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| tokio::spawn(sender(addr, Arc::clone(&left))))
                .collect();
            for sender in senders {
                sender.await.map_err(|error| error.to_string())??;
            }
            Ok::<(), String>(())
        })
    });
    sent.map(|()| took)
}

async fn sender(
    addr: SocketAddr,
    left: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
) -> Result<(), String> {
    let endpoint =
        Endpoint::from_shared(format!("http://{addr}")).map_err(|error| error.to_string())?;
    let channel = endpoint
        .connect()
        .await
        .map_err(|error| error.to_string())?;
    let mut client = Grpc::new(channel);
    loop {
        let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(request) = next else { return Ok(()) };
        client.ready().await.map_err(|error| error.to_string())?;
        let codec = ProstCodec::<ExportTraceServiceRequest, ExportTraceServiceResponse>::default();
        let path = PathAndQuery::from_static(EXPORT);
        let answer = client
            .unary(tonic::Request::new(request), path, codec)
            .await;
        let answer = answer.map_err(|status| status.to_string())?.into_inner();
        if let Some(partial) = answer.partial_success
            && partial.rejected_spans > 0
        {
            return Err(format!("rejected: {}", partial.error_message));
        }
    }
}
