//! The same program over each of the clients.

use futures_util::StreamExt;
use genspan_http::{
    reqwest_0_12::{self as old, SendRecorded as _},
    reqwest_0_13::{self as new, SendRecorded as _},
    reqwest_middleware::RecordMiddleware,
};
use tower_service::Service;

use crate::rig::{Ask, Rig, Told};

/// The ways to record a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// reqwest 0.12, a request of its own.
    Old,
    /// reqwest 0.12, as a service.
    OldService,
    /// reqwest 0.13, all of a client.
    New,
    /// reqwest 0.13, as a service.
    NewService,
    /// reqwest-middleware.
    Middleware,
    /// reqwest 0.13, without a recorder.
    Plain,
}

impl Front {
    pub(crate) const RECORDED: [Self; 5] = [
        Self::Old,
        Self::OldService,
        Self::New,
        Self::NewService,
        Self::Middleware,
    ];
}

/// What breaks a call off, in the words of the client.
pub(crate) type Lost = String;

/// How much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    All,
    FirstChunk,
}

macro_rules! words {
    ($error:ident) => {
        format!(
            "timeout {} connect {} request {} body {} decode {}",
            $error.is_timeout(),
            $error.is_connect(),
            $error.is_request(),
            $error.is_body(),
            $error.is_decode(),
        )
    };
}

macro_rules! request {
    ($client:expr, $rig:ident, $ask:ident) => {{
        let url = format!("{}{}", $rig.provider.url(), $ask.path);
        let mut request = $client
            .post(url)
            .header("x-scripted", $ask.scenario)
            .header("content-type", "application/json")
            .body($ask.body.clone());
        if let Some(timeout) = $ask.timeout {
            request = request.timeout(timeout);
        }
        request
    }};
}

macro_rules! told {
    ($response:ident, $read:ident) => {{
        let response = $response;
        let mut told = Told {
            status: response.status().as_u16(),
            version: response.version(),
            url: response.url().to_string(),
            headers: response.headers().clone(),
            content_length: response.content_length(),
            remote: response.remote_addr(),
            body: bytes::Bytes::new(),
            error: None,
        };
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => body.extend_from_slice(&chunk),
                Err(error) => told.error = Some(words!(error)),
            }
            if $read == Read::FirstChunk {
                break;
            }
        }
        told.body = body.into();
        Ok(told)
    }};
}

/// Asks the provider and reads the answer.
pub(crate) async fn ask(front: Front, rig: &Rig, ask: &Ask, read: Read) -> Result<Told, Lost> {
    let recorder = &rig.recorder;
    match front {
        Front::Old => {
            let client = old_client();
            let sent = request!(client, rig, ask).send_recorded(recorder).await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
        Front::OldService => {
            let client = old_client();
            let request = request!(client, rig, ask).build().unwrap();
            let mut client = old::Recorded::new(client, recorder.clone());
            let sent = client.call(request).await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
        Front::New => {
            let client = new::Recorded::new(new_client(), recorder.clone());
            let sent = request!(client, rig, ask).send().await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
        Front::NewService => {
            let client = new_client();
            let request = request!(client, rig, ask).build().unwrap();
            let mut client = new::Recorded::new(client, recorder.clone());
            let sent = client.call(request).await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
        Front::Middleware => {
            let client = reqwest_middleware::ClientBuilder::new(new_client())
                .with(RecordMiddleware::new(recorder.clone()))
                .build();
            let sent = request!(client, rig, ask).send().await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
        Front::Plain => {
            let client = new_client();
            let sent = request!(client, rig, ask).send().await;
            let response = sent.map_err(|error| words!(error))?;
            told!(response, read)
        }
    }
}

/// Sends one request with `send_recorded` of reqwest 0.13.
pub(crate) async fn ask_once(rig: &Rig, ask: &Ask) -> ::reqwest_0_13::Response {
    let client = new_client();
    request!(client, rig, ask)
        .send_recorded(&rig.recorder)
        .await
        .unwrap()
}

/// A client that asks for no compression, whatever features other crates of the build switch on.
fn old_client() -> ::reqwest_0_12::Client {
    let plain = ::reqwest_0_12::Client::builder().no_gzip().no_brotli();
    plain.no_deflate().no_zstd().build().unwrap()
}

/// The same of the newer one.
fn new_client() -> ::reqwest_0_13::Client {
    let plain = ::reqwest_0_13::Client::builder().no_gzip().no_brotli();
    plain.no_deflate().no_zstd().build().unwrap()
}
