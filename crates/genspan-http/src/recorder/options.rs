//! How exchanges are watched.

use std::{sync::Arc, time::Duration};

use genspan::Server;

/// Says how exchanges are watched.
#[derive(Clone, Debug)]
pub struct RecorderOptions {
    /// Whether `traceparent` and `tracestate` of a request name the parent of its span, as they do for
    /// a proxy; otherwise the parent is the span that is current where the call is made.
    pub trusts_trace_headers: bool,
    /// How long a failed attempt waits for its retry; a `retry-after` of the provider may prolong it, to 310 seconds at
    /// most. Where the agent whose own call it is has ended, it waits no longer.
    pub retry_window: Duration,
    /// How many failed attempts may wait for their retries; the oldest gives way.
    pub max_held: usize,
    /// Bounds the bytes of all exchanges together that wait to be decoded; what exceeds it is passed
    /// over and shows as a diagnostic.
    pub max_waiting_bytes: usize,
    /// Whether small chunks of responses are copied until they are decoded, instead of referred to.
    ///
    /// A reference keeps the whole buffer that a chunk was read into: that is faster for one stream, and a
    /// great deal of memory for a proxy's thousand.
    pub copies_small_chunks: bool,
    /// Whether tokens are estimated where an answer did not state them, and marked so.
    ///
    /// The estimate goes by what was said, which then is read even where it is not recorded; see
    /// [`Exchange::estimating_usage`](genspan_wire::Exchange::estimating_usage).
    pub estimates_usage: bool,
    /// Whether agents, their tools and sub-agents are concluded from calls without a parent, and within which bounds.
    ///
    /// What is said is then read even where it is not recorded; see [`genspan_infer`].
    pub agents: Option<genspan_infer::Limits>,
    /// Recording proxies of elsewhere that requests may be led through, such as `genspan proxy` for a team.
    ///
    /// A request to one of them says in its `tracestate` that it is recorded already ([`set_marker`](crate::set_marker)); the proxy takes
    /// that off again and records it no second time. Proxies in this program with the same telemetry are known without a
    /// word where they are asked by an address of this machine or as `localhost`; name them here where they are asked by
    /// another name. No other server is told.
    ///
    /// Of a proxy in this program it is known where it leads, so the span names the provider behind it. Of one of elsewhere
    /// it is not: the span has the proxy's own address, and the provider that the format is of. An extension
    /// [`Server`] and one [`Provider`](genspan::Provider) on the request say what is behind it; a proxy that is asked without a layer
    /// before it knows that itself.
    pub recording_proxies: Vec<Server>,
    /// Who knows some programs' calls better than their traffic; asked only where agents are concluded.
    pub account: Option<Arc<dyn genspan_infer::Account>>,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self {
            trusts_trace_headers: false,
            retry_window: Duration::from_secs(60),
            max_held: 1024,
            max_waiting_bytes: 64 * 1024 * 1024,
            copies_small_chunks: false,
            estimates_usage: false,
            agents: None,
            recording_proxies: Vec::new(),
            account: None,
        }
    }
}
