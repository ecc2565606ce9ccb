//! OTLP over gRPC.

use std::{error::Error, io, time::Duration};

use http::uri::PathAndQuery;
use opentelemetry_proto::tonic::collector::{
    logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
    metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse},
    trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
};
use prost::Message;
use tonic::{
    Code, Status,
    client::Grpc,
    metadata::MetadataMap,
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tonic_prost::ProstCodec;

use super::{Outcome, chain, rpc_status};
use crate::{GrpcEndpoint, request::Request};

/// Calls a collector's export methods.
#[derive(Debug)]
pub(crate) struct GrpcExporter {
    client: Grpc<Channel>,
    endpoint: GrpcEndpoint,
}

impl GrpcExporter {
    pub(super) fn new(endpoint: &GrpcEndpoint) -> io::Result<Self> {
        let mut channel = Endpoint::from(endpoint.origin.clone());
        if endpoint.origin.scheme_str() == Some("https") {
            channel = channel
                .tls_config(ClientTlsConfig::new().with_native_roots())
                .map_err(io::Error::other)?;
        }
        Ok(Self {
            client: Grpc::new(channel.connect_lazy()),
            endpoint: endpoint.clone(),
        })
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.endpoint.timeout
    }

    pub(super) async fn export(&mut self, request: &Request) -> Outcome {
        let rejected = match request {
            Request::Traces(request) => self.traces(request.clone()).await,
            Request::Logs(request) => self.logs(request.clone()).await,
            Request::Metrics(request) => self.metrics(request.clone()).await,
        };
        match rejected {
            Ok(rejected) => Outcome::Delivered {
                rejected: u64::try_from(rejected.unwrap_or(0)).unwrap_or(0),
            },
            Err(status) => judge(&status),
        }
    }

    async fn traces(&mut self, request: ExportTraceServiceRequest) -> Result<Option<i64>, Status> {
        const PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let response: ExportTraceServiceResponse = self.call(PATH, request).await?;
        Ok(response
            .partial_success
            .map(|partial| partial.rejected_spans))
    }

    async fn logs(&mut self, request: ExportLogsServiceRequest) -> Result<Option<i64>, Status> {
        const PATH: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
        let response: ExportLogsServiceResponse = self.call(PATH, request).await?;
        Ok(response
            .partial_success
            .map(|partial| partial.rejected_log_records))
    }

    async fn metrics(
        &mut self,
        request: ExportMetricsServiceRequest,
    ) -> Result<Option<i64>, Status> {
        const PATH: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
        let response: ExportMetricsServiceResponse = self.call(PATH, request).await?;
        Ok(response
            .partial_success
            .map(|partial| partial.rejected_data_points))
    }

    async fn call<Q, A>(&mut self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        self.client
            .ready()
            .await
            .map_err(|error| Status::unavailable(chain(&error)))?;
        let mut request = tonic::Request::new(request);
        let mut headers = http::HeaderMap::new();
        for (name, value) in self.endpoint.headers.iter() {
            headers.insert(name, value.clone());
        }
        *request.metadata_mut() = MetadataMap::from_headers(headers);
        let codec = ProstCodec::<Q, A>::default();
        let response = self
            .client
            .unary(request, PathAndQuery::from_static(path), codec)
            .await?;
        Ok(response.into_inner())
    }
}

/// Judges an answer by its code; what the receiver says in words may repeat what we sent, and is not told on.
fn judge(status: &Status) -> Outcome {
    if let Some(error) = status.source() {
        // It never came to an answer: the connection failed or broke.
        return Outcome::Away {
            after: None,
            why: chain(error),
        };
    }
    let why = format!("gRPC status {}", status.code());
    let after = rpc_status::retry_delay(status.details());
    match status.code() {
        Code::ResourceExhausted if status.message().contains("larger than max") => {
            Outcome::TooLarge { why }
        }
        Code::ResourceExhausted if after.is_none() => Outcome::Refused { why },
        Code::ResourceExhausted
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Outcome::Away { after, why },
        Code::Ok
        | Code::Unknown
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Unimplemented
        | Code::Internal
        | Code::Unauthenticated => Outcome::Refused { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exhausted_means_later_only_if_a_time_is_named() {
        let exhausted = Status::resource_exhausted("quota");
        assert!(matches!(judge(&exhausted), Outcome::Refused { .. }));
        let details = rpc_status::tests::with_retry_delay(3, 500_000_000);
        let later = Status::with_details(Code::ResourceExhausted, "quota", details.into());
        let after = Some(Duration::from_millis(3500));
        assert!(matches!(judge(&later), Outcome::Away { after: found, .. } if found == after));
    }

    #[test]
    fn what_is_too_large_is_cut_and_what_is_wrong_is_dropped() {
        let large = Status::resource_exhausted("grpc: received message larger than max (5 vs. 4)");
        assert!(matches!(judge(&large), Outcome::TooLarge { .. }));
        assert!(matches!(
            judge(&Status::unavailable("x")),
            Outcome::Away { .. }
        ));
        assert!(
            matches!(judge(&Status::unauthenticated("secret")), Outcome::Refused { why } if !why.contains("secret"))
        );
    }
}
