//! A WebSocket at which questions are asked, one after the other.

mod frames;

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use self::frames::{Message, Opcode, Reader, Writer};
use super::log::{Log, RecordedRequest};
use super::script::Step;

/// What every server puts behind the client's key (RFC 6455, section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The head of the answer that accepts a WebSocket.
pub(super) fn accepted(request: &RecordedRequest, deflates: bool) -> HeaderMap {
    let key = request.header("sec-websocket-key").unwrap_or_default();
    let accept = BASE64_STANDARD.encode(Sha1::digest(format!("{key}{GUID}")));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if deflates {
        headers.insert(
            header::SEC_WEBSOCKET_EXTENSIONS,
            HeaderValue::from_static("permessage-deflate"),
        );
    }
    headers
}

/// The provider's side of one WebSocket.
pub(super) struct Talk {
    log: Log,
    request: RecordedRequest,
    reader: Reader,
    writer: Writer,
}

impl Talk {
    /// `request` is what asked for the WebSocket; its head stands for that of each question.
    pub(super) fn new(log: Log, request: RecordedRequest, deflates: bool) -> Self {
        Self {
            log,
            request,
            reader: Reader::new(deflates),
            writer: Writer::new(deflates),
        }
    }

    /// Answers until a side closes the connection.
    pub(super) async fn over(
        mut self,
        upgrade: hyper::upgrade::OnUpgrade,
        answer: impl Fn(&[u8], &RecordedRequest) -> Vec<Step>,
    ) -> io::Result<()> {
        let stream = TokioIo::new(upgrade.await.map_err(io::Error::other)?);
        let (mut from, mut to) = tokio::io::split(stream);
        while let Some(message) = self.reader.next(&mut from).await? {
            match message {
                Message::Said(text) => {
                    let question = RecordedRequest {
                        body: Bytes::from(text),
                        ..self.request.clone()
                    };
                    self.log.asked(question.clone());
                    let steps = answer(&question.body, &question);
                    if !self.say(steps, &mut to).await? {
                        return Ok(());
                    }
                }
                Message::Ping(payload) => {
                    let pong = Writer::control(Opcode::Pong, &payload);
                    to.write_all(&pong).await?;
                }
                Message::Close(payload) => {
                    let close = Writer::control(Opcode::Close, &payload);
                    to.write_all(&close).await?;
                    return to.shutdown().await;
                }
            }
        }
        Ok(())
    }

    /// Takes the steps of an answer; `false` where the script closes the connection.
    async fn say(
        &mut self,
        steps: Vec<Step>,
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<bool> {
        for step in steps {
            match step {
                Step::Bytes(text) => to.write_all(&self.writer.message(&text)?).await?,
                Step::Flush => to.flush().await?,
                Step::Gate(name) => self.log.clone().pass(name).await,
                Step::Pause(length) => tokio::time::sleep(length).await,
                Step::Cut => return Ok(false),
                Step::Trailers(_) => {}
            }
        }
        to.flush().await?;
        Ok(true)
    }
}
