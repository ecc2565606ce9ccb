//! One request of a client and its answer.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use genspan::Scope;
use http::{Request, Response, StatusCode, Version, header};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use tower_layer::Layer;
use tower_service::Service;

use super::admission::Admission;
use super::asking::{Asking, Refusals};
use super::dial::{Dial, Direct, Lost, Manner};
use super::expectation::{Held, Settled, hold};
use super::life::Life;
use super::outlet::Flow;
use super::refusal::Refusal;
use super::relay::Relay;
use super::route::{Route, Routes};
use super::scopes::{Scopes, Token};
use super::signature::Signature;
use super::unasked::{self, Unasked};
use super::under_way::{Counted, UnderWay};
use super::{headers, tunnel};
use crate::marker::{Sealed, TRACESTATE};
use crate::proxies::Known;
use crate::socket::{Compression, Conversation};
use crate::{ClientId, RecordLayer, RecordService, Recorder, WatchedBody};

type Asked = Held<Relay<Incoming>>;
type Answer = Response<Either<Relay<Unasked<WatchedBody<Incoming>>>, Full<Bytes>>>;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) admission: Admission,
    pub(super) routes: Arc<Routes>,
    pub(super) scopes: Arc<Scopes>,
    pub(super) dial: Dial,
    pub(super) recorder: Recorder,
    /// Lets calls of this program that are led through here say that they are recorded.
    pub(super) _known: Known,
    pub(super) layer: RecordLayer,
    pub(super) under_way: Arc<UnderWay>,
    /// Who is not asked for usage; `None` where nobody is.
    pub(super) refusals: Option<Arc<Refusals>>,
}

/// What the requests of one connection share.
#[derive(Debug)]
pub(super) struct Exchanges {
    shared: Arc<Shared>,
    provider: RecordService<Asking<WatchedBody<Asked>>>,
    client: ClientId,
    flow: Arc<Flow>,
    life: Life,
}

impl Exchanges {
    pub(super) fn new(shared: Arc<Shared>, client: ClientId, flow: Arc<Flow>, life: Life) -> Self {
        let direct = Direct::new(shared.dial.clone());
        let asking = Asking::new(direct, shared.refusals.clone());
        let provider = shared.layer.layer(asking);
        Self {
            shared,
            provider,
            client,
            flow,
            life,
        }
    }

    /// Answers a request; an error closes the connection, as the provider has done.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Answer, Lost> {
        match self.pass(request).await {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused(refusal)) => Ok(refusal.response().map(Either::Right)),
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    async fn pass(&self, mut request: Request<Incoming>) -> Result<Answer, Failure> {
        let counted = self.shared.under_way.begin();
        self.shared
            .admission
            .check(request.method(), request.uri(), request.headers())?;
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let (token, path) = Token::split(path);
        let (route, rest) = self.shared.routes.find(path).ok_or(Refusal::Route)?;
        let target = route.upstream().target(rest).map_err(|_| Refusal::Path)?;
        let is_http1 = request.version() < Version::HTTP_2;
        let upgrade = headers::wanted_upgrade(&request);
        let client_side = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));

        let (mut head, body) = request.into_parts();
        let signature = Signature::of(&head);
        let is_signed = signature.is_some();
        headers::forward(&mut head, upgrade);
        if let Some(signature) = signature {
            if signature.covers(&TRACESTATE) {
                head.extensions.insert(Sealed);
            }
            signature.keep(&mut head, &target)?;
        }
        head.uri = target;
        head.version = Version::HTTP_11;
        let scope = token.and_then(|token| self.shared.scopes.find(token));
        head.extensions
            .insert(self.client_within(token, scope.as_ref()));
        if let Some(scope) = scope {
            head.extensions.insert(scope);
        }
        head.extensions.insert(match &client_side {
            Some(_) => Manner::Http1,
            None if is_signed => Manner::Signed,
            None if route.upstream().is_prior_knowledge() => Manner::PriorKnowledge,
            None => Manner::Negotiated,
        });
        let body = Relay::new(body);
        head.extensions.insert(body.breakage());
        if let Some(provider) = route.provider() {
            head.extensions.insert(provider.clone());
        }
        let conversation = client_side
            .as_ref()
            .and_then(|_| self.shared.recorder.conversation(&head));
        let (request, settled) = hold(Request::from_parts(head, body));
        let response = self
            .call(request)
            .await
            .map_err(|error| Failure::of(error, &route))?;
        let tunnel = client_side.map(|client| Tunnel {
            client,
            conversation,
        });
        let leaving = Leaving {
            settled,
            is_http1,
            counted,
        };
        Ok(self.give(response, tunnel, leaving))
    }

    /// Who asks: the work that the URL was made in, since its URLs may differ from one attempt to the next.
    fn client_within(&self, token: Option<Token>, scope: Option<&Scope>) -> ClientId {
        let span = scope.and_then(Scope::context);
        let work = span.map(|span| u64::from_be_bytes(span.span_id.0));
        let work = work.or_else(|| token.map(Token::client));
        work.map_or(self.client, ClientId)
    }

    async fn call(&self, request: Request<Asked>) -> Result<Response<WatchedBody<Incoming>>, Lost> {
        let mut provider = self.provider.clone();
        poll_fn(|cx| provider.poll_ready(cx)).await?;
        provider.call(request).await
    }

    /// Hands the provider's response on.
    fn give(
        &self,
        mut response: Response<WatchedBody<Incoming>>,
        tunnel: Option<Tunnel>,
        leaving: Leaving,
    ) -> Answer {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(Tunnel {
                client,
                conversation,
            }) = tunnel
        {
            let provider = hyper::upgrade::on(&mut response);
            let compression = Compression::of(response.headers());
            let socket =
                conversation.map(|it| self.shared.recorder.socket(it.compressed(compression)));
            let life = self.life.clone();
            tokio::spawn(tunnel::join(client, provider, socket, life));
        }
        let (mut head, body) = response.into_parts();
        headers::backward(&mut head);
        head.version = Version::HTTP_11;
        let claimed = (leaving.is_http1 && head.status == StatusCode::NOT_MODIFIED)
            .then(|| {
                head.headers
                    .get(header::CONTENT_LENGTH)?
                    .to_str()
                    .ok()?
                    .parse()
                    .ok()
            })
            .flatten();
        let filter = unasked::filter(&mut head);
        let body = Relay::new(Unasked::new(body, filter))
            .leaving_by(Arc::clone(&self.flow))
            .settling(leaving.settled)
            .claiming(claimed)
            .counted(leaving.counted);
        Response::from_parts(head, Either::Left(body))
    }
}

/// What goes with a response to its end.
struct Leaving {
    settled: Option<Settled>,
    is_http1: bool,
    counted: Counted,
}

/// What becomes of a connection that is to leave HTTP.
struct Tunnel {
    client: OnUpgrade,
    /// What reads it, where models are asked on it.
    conversation: Option<Conversation>,
}

/// Why there is no answer of a provider.
enum Failure {
    /// It was not asked, or could not be.
    Refused(Refusal),
    /// It closed the connection, or broke the protocol.
    Broken(Lost),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Failure {
    fn of(lost: Lost, route: &Route) -> Self {
        match &lost {
            Lost::Provider(error) if error.is_connect() => {
                let authority = route.upstream().authority().to_owned();
                let why = chain(error);
                Self::Refused(Refusal::Unreachable { authority, why })
            }
            Lost::Provider(_) | Lost::Client(_) | Lost::Gone(_) => Self::Broken(lost),
        }
    }
}

/// The causes of an error, from the outermost that says something to the innermost.
fn chain(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
