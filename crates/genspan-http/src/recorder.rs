//! What all watches of one application or proxy share.

mod options;

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use genspan::{Open, Parent, Provider, Registered, Scope, SpanContext, StartOptions, Telemetry};
use genspan_infer::{Agents, Caller, Session};
use genspan_wire::{Endpoint, RequestHead, SocketEndpoint};
use http::{HeaderMap, request::Parts};

pub use self::options::RecorderOptions;
use crate::{
    ClientId, LogicalCall, Recorded, Watch,
    attempts::{Attempts, Key},
    intake::{Feed, Intake},
    marker::{self, set_marker, take_marker},
    proxies::{self, Known, Leads, Led, Proxies},
    socket::{self, Conversation, Socket},
    target::{self, Target},
    unread::Unread,
};

/// Watches exchanges and records them; it is a value, and its clones are one and the same.
///
/// Before the telemetry is flushed or shut down, [`settle`](Self::settle) it: failed attempts that
/// wait for a retry are recorded then.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// Holds what the exchanges of one recorder have in common.
pub(crate) struct Shared {
    pub(crate) telemetry: Telemetry,
    pub(crate) attempts: Attempts,
    pub(crate) unread: Unread,
    proxies: Arc<Proxies>,
    agents: Option<Agents>,
    options: RecorderOptions,
    waiting: AtomicUsize,
    skipped: AtomicU64,
    /// Ended exchanges for which the telemetry's queue had no room.
    overdue: Mutex<Vec<Arc<Intake>>>,
    overdue_count: AtomicUsize,
    _registered: [Registered; 2],
}

impl Recorder {
    /// Watches exchanges for the given telemetry.
    #[must_use]
    pub fn new(telemetry: Telemetry, options: RecorderOptions) -> Self {
        let shared = Arc::new_cyclic(|own| Shared {
            attempts: Attempts::new(options.retry_window, options.max_held),
            unread: Unread::default(),
            proxies: Proxies::of(&telemetry),
            agents: options.agents.map(|limits| match &options.account {
                Some(account) => {
                    Agents::with_account(telemetry.clone(), limits, Arc::clone(account))
                }
                None => Agents::new(telemetry.clone(), limits),
            }),
            waiting: AtomicUsize::new(0),
            skipped: AtomicU64::new(0),
            overdue: Mutex::default(),
            overdue_count: AtomicUsize::new(0),
            _registered: Shared::register(own, &telemetry),
            telemetry,
            options,
        });
        Self { shared }
    }

    /// Tells whether this records anything.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.shared.telemetry.is_enabled()
    }

    /// Gives the telemetry that it records for.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        &self.shared.telemetry
    }

    /// Tells whether a request is one that is recorded, as far as its address says.
    #[cfg(any(feature = "reqwest-0_12", feature = "reqwest-0_13"))]
    pub(crate) fn concerns(&self, head: &RequestHead<'_>) -> bool {
        self.shared.telemetry.is_enabled() && Endpoint::detect(head).is_some()
    }

    /// Begins to watch a request's exchange.
    ///
    /// It happens within the [`Scope`] among the request's extensions, else within what is current on this
    /// thread; where that is an inference under way, such as a hand-made span round the call, what the
    /// exchange says is told to that one and there is no second span
    /// ([`is_contribution`](genspan::Open::is_contribution)).
    ///
    /// Gives `None` where no provider's endpoint is asked, and where the extension [`Recorded`] or the
    /// marker in `tracestate` says that the call is recorded already.
    #[must_use]
    pub fn watch(&self, request: &Parts) -> Option<Watch> {
        if !self.shared.telemetry.is_enabled() {
            return None;
        }
        let asked = Target::of(request);
        let led = self.shared.proxies.lead(&asked.head());
        let target = led
            .as_ref()
            .map_or(asked, |led| led.target(&request.method));
        let mut endpoint = Endpoint::detect(&target.head())?;
        if request.extensions.get::<Recorded>().is_some() || marker::has_marker(&request.headers) {
            return None;
        }
        if let Some(provider) = named(request.extensions.get(), led.as_ref()) {
            endpoint = endpoint.with_provider(provider.clone());
        }
        let scope = match request.extensions.get::<Scope>() {
            None => self.scope_led(request, led.as_ref()),
            stated => stated,
        };
        let entered = scope.map(Scope::enter);
        let parent = target::parent(request, self.shared.options.trusts_trace_headers);
        let open = self.open(&endpoint, parent);
        drop(entered);
        let context = open.context().clone();
        let scope = open.scope_source();
        // A call that begins a trace has none to share with its attempts.
        let trace = (!open.is_root()).then_some(context.trace_id);
        let key = Key::of(request, &target, trace);
        let feed = Feed::new(Arc::clone(&self.shared), endpoint, open, key, request);
        Some(Watch::new(feed, context, scope))
    }

    /// Begins to watch a request that is about to be sent, and leaves on it what others on its way are to know.
    ///
    /// It is [`watch`](Self::watch) for clients whose requests pass through no layer of this crate: a watched request
    /// is marked as [`Recorded`], one that asks a [recording proxy](RecorderOptions::recording_proxies) says so to that,
    /// and a marker that was meant for this place is taken off.
    #[must_use]
    pub fn begin(&self, request: &mut Parts) -> Option<Watch> {
        let watch = self.watch(request);
        // Who recorded it in this process has left the marker for whoever is on its way.
        let is_recorded = request.extensions.get::<Recorded>().is_some();
        if !is_recorded && request.extensions.get::<marker::Sealed>().is_none() {
            take_marker(&mut request.headers);
        }
        if let Some(watch) = &watch {
            request.extensions.insert(Recorded);
            self.mark(watch, request);
        }
        watch
    }

    /// Begins a call that its client may make in several attempts, each recorded within the call's scope.
    ///
    /// Gives `None` where [`watch`](Self::watch) does; where the request says itself what it happens within; and
    /// where the recorder does not go by what is current here, because it trusts trace headers or concludes
    /// agents. The attempts then stand for themselves.
    #[must_use]
    pub fn call(&self, request: &Parts) -> Option<LogicalCall> {
        let extensions = &request.extensions;
        let says_more = extensions.get::<Recorded>().is_some()
            || extensions.get::<Scope>().is_some()
            || extensions.get::<SpanContext>().is_some();
        if says_more || !self.shared.telemetry.is_enabled() {
            return None;
        }
        let provider = extensions.get::<Provider>();
        self.call_at(&Target::of(request).head(), &request.headers, provider)
    }

    /// Does what [`call`](Self::call) does, for requests that are not of `http`.
    pub(crate) fn call_at(
        &self,
        head: &RequestHead<'_>,
        headers: &HeaderMap,
        provider: Option<&Provider>,
    ) -> Option<LogicalCall> {
        let shared = &self.shared;
        let goes_by_scope = !shared.options.trusts_trace_headers && shared.agents.is_none();
        if !goes_by_scope || !shared.telemetry.is_enabled() {
            return None;
        }
        let led = shared.proxies.lead(head);
        let behind = led.as_ref().map(|led| led.head(head.method));
        let mut endpoint = Endpoint::detect(behind.as_ref().unwrap_or(head))?;
        if marker::has_marker(headers) {
            return None;
        }
        if let Some(provider) = named(provider, led.as_ref()) {
            endpoint = endpoint.with_provider(provider.clone());
        }
        let scope = led.as_ref().and_then(Led::scope);
        let entered = scope.filter(|_| self.is_nowhere()).map(Scope::enter);
        let open = self.open(&endpoint, Parent::Current);
        drop(entered);
        Some(LogicalCall::new(endpoint, open))
    }

    /// Gives the scope of the URL that leads a request through a proxy of this program, where nothing else says what it
    /// happens within.
    fn scope_led<'a>(&self, request: &Parts, led: Option<&'a Led>) -> Option<&'a Scope> {
        let scope = led?.scope()?;
        let is_said = self.shared.trusts_trace_headers()
            || request.extensions.get::<SpanContext>().is_some()
            || !self.is_nowhere();
        (!is_said).then_some(scope)
    }

    /// Tells whether nothing is current here.
    fn is_nowhere(&self) -> bool {
        Scope::current().is_none() && self.shared.telemetry.current().is_none()
    }

    /// Opens the operation that a request is.
    fn open(&self, endpoint: &Endpoint, parent: Parent) -> Open {
        self.tick();
        self.read_unread(&parent);
        let options = StartOptions {
            parent,
            awaited: self.shared.trusts_trace_headers(),
            ..StartOptions::default()
        };
        self.shared.telemetry.open(endpoint.outline(), options)
    }

    /// Makes the proxy at this address known to all that records with the same telemetry, and where it leads.
    pub(crate) fn know_proxy(&self, address: SocketAddr, leads: Arc<dyn Leads>) -> Known {
        Arc::clone(&self.shared.proxies).add(address, leads)
    }

    /// Says on a watched request to a recording proxy that it is recorded.
    pub(crate) fn mark(&self, watch: &Watch, request: &mut Parts) {
        if request.extensions.get::<marker::Sealed>().is_some() {
            return;
        }
        // Whoever says what is behind a proxy asks the proxy all the same.
        let target = Target::asked(request);
        let head = target.head();
        let is_proxy = self.shared.proxies.are_asked(&head)
            || proxies::is_one_of(&self.shared.options.recording_proxies, &head);
        if is_proxy {
            set_marker(&mut request.headers, watch.context().span_id);
        }
    }

    /// Gives what reads a WebSocket's messages, where a request asks for one at which models are asked.
    pub(crate) fn conversation(&self, request: &Parts) -> Option<Conversation> {
        if !self.shared.telemetry.is_enabled() || !socket::is_asked_for(request) {
            return None;
        }
        let endpoint = SocketEndpoint::detect(&Target::of(request).head())?;
        if request.extensions.get::<Recorded>().is_some() || marker::has_marker(&request.headers) {
            return None;
        }
        let endpoint = match request.extensions.get::<Provider>() {
            Some(provider) => endpoint.with_provider(provider.clone()),
            None => endpoint,
        };
        let shared = Arc::clone(&self.shared);
        Some(Conversation::new(shared, endpoint, request.clone()))
    }

    /// Begins to watch a WebSocket that came about.
    pub(crate) fn socket(&self, conversation: Conversation) -> Socket {
        Socket::new(Arc::clone(&self.shared), conversation)
    }

    /// Decodes what has ended in the trace that a new call belongs to, so that it finds its place free.
    fn read_unread(&self, parent: &Parent) {
        if self.shared.unread.is_empty() {
            return;
        }
        let context = match parent {
            Parent::Current => self.shared.telemetry.current(),
            Parent::Span(context) => Some(context.clone()),
            Parent::Root => None,
        };
        if let Some(context) = context {
            let shared = &self.shared;
            shared.unread.read(&context, || shared.telemetry.now());
        }
    }

    /// Records the failed attempts whose time to be retried is over.
    ///
    /// Each new exchange does so too; a proxy that may stand idle calls it now and then.
    pub fn tick(&self) {
        let shared = &self.shared;
        if shared.overdue_count.load(Ordering::Acquire) > 0
            || shared.attempts.is_due(|| shared.telemetry.now())
            || shared
                .agents
                .as_ref()
                .is_some_and(|agents| agents.is_due(|| shared.telemetry.now()))
        {
            let shared = Arc::clone(shared);
            let work = move || {
                shared.catch_up();
                let now = shared.telemetry.now();
                shared.attempts.expire(now);
                if let Some(agents) = &shared.agents {
                    agents.tick(now);
                }
            };
            // A full queue puts it off until the next time.
            let _ = self.shared.telemetry.submit(0, work);
        }
    }

    /// Decodes what has ended, and records all failed attempts that wait for a retry.
    ///
    /// It waits for the telemetry's worker and tells whether that was done in time. To be called before
    /// the telemetry is flushed or shut down, once the traffic has ended.
    #[must_use = "it tells whether something is left undone"]
    pub fn settle(&self, timeout: Duration) -> bool {
        if let Some(is_in_time) = self.settle_on_worker(timeout) {
            return is_in_time;
        }
        // The queue is full, and after a flush it is not; or it is shut down, and the work is done here.
        let _ = self.shared.telemetry.flush(timeout);
        self.settle_on_worker(timeout).unwrap_or_else(|| {
            self.shared.settle();
            true
        })
    }

    /// Tells whether it was done in time, `None` where the queue takes no work.
    fn settle_on_worker(&self, timeout: Duration) -> Option<bool> {
        let (done, is_done) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        let work = move || {
            shared.settle();
            let _ = done.send(());
        };
        self.shared.telemetry.submit(0, work).ok()?;
        Some(is_done.recv_timeout(timeout).is_ok())
    }

    /// Counts the bytes that were passed over because too many waited to be decoded.
    #[must_use]
    pub fn skipped_bytes(&self) -> u64 {
        self.shared.skipped.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// Bounds the ended exchanges that wait for room in the telemetry's queue.
    const MAX_OVERDUE: usize = 4096;

    pub(crate) const fn copies_small_chunks(&self) -> bool {
        self.options.copies_small_chunks
    }

    pub(crate) const fn trusts_trace_headers(&self) -> bool {
        self.options.trusts_trace_headers
    }

    pub(crate) const fn estimates_usage(&self) -> bool {
        self.options.estimates_usage
    }

    /// Gives what concludes agents, and what it is to know of who makes a request.
    pub(crate) fn agents(&self, request: &Parts) -> Option<(Agents, Caller)> {
        let agents = self.agents.clone()?;
        let header = |name: &str| request.headers.get(name)?.to_str().ok();
        let client = request.extensions.get::<ClientId>();
        let caller = Caller {
            client: client.map_or(0, |client| client.0),
            session: Session::from_headers(header),
        };
        Some((agents, caller))
    }

    /// Takes room for bytes that wait, if there is some.
    pub(crate) fn take_room(&self, bytes: usize) -> bool {
        let limit = self.options.max_waiting_bytes;
        let taken = self
            .waiting
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes)
            <= limit;
        if !taken {
            self.give_room(bytes);
        }
        taken
    }

    /// Gives room back.
    pub(crate) fn give_room(&self, bytes: usize) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn count_skipped(&self, bytes: usize) {
        self.skipped.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Keeps an ended exchange until the worker has time for it; beyond the bound its outline is recorded.
    pub(crate) fn postpone(&self, intake: Arc<Intake>) {
        let mut overdue = self.overdue.lock().unwrap_or_else(PoisonError::into_inner);
        if overdue.len() < Self::MAX_OVERDUE {
            overdue.push(intake);
            self.overdue_count.store(overdue.len(), Ordering::Release);
        }
    }

    /// Decodes the exchanges that were put off; runs on the worker.
    pub(crate) fn catch_up(&self) {
        if self.overdue_count.load(Ordering::Acquire) == 0 {
            return;
        }
        let overdue =
            std::mem::take(&mut *self.overdue.lock().unwrap_or_else(PoisonError::into_inner));
        self.overdue_count.store(0, Ordering::Release);
        for intake in overdue {
            intake.decode();
        }
    }

    /// Has what is held back recorded when its time has come.
    fn register(own: &Weak<Self>, telemetry: &Telemetry) -> [Registered; 2] {
        let (at_shutdown, held) = (Weak::clone(own), Weak::clone(own));
        [
            telemetry.before_shutdown(move |_| {
                if let Some(shared) = at_shutdown.upgrade() {
                    shared.settle();
                }
            }),
            telemetry.when_agents_wait(move || {
                if let Some(shared) = held.upgrade() {
                    shared.attempts.let_go();
                }
            }),
        ]
    }

    fn settle(&self) {
        self.catch_up();
        self.attempts.close_all();
        if let Some(agents) = &self.agents {
            agents.end_all();
        }
    }
}

/// Says who is behind a request: who was named for it, or else for the way by which it is led.
fn named<'a>(stated: Option<&'a Provider>, led: Option<&'a Led>) -> Option<&'a Provider> {
    stated.or_else(|| led?.provider.as_ref())
}

impl From<Telemetry> for Recorder {
    /// Watches exchanges with the default options.
    fn from(telemetry: Telemetry) -> Self {
        Self::new(telemetry, RecorderOptions::default())
    }
}

impl From<&Telemetry> for Recorder {
    /// Watches exchanges with the default options.
    fn from(telemetry: &Telemetry) -> Self {
        telemetry.clone().into()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
