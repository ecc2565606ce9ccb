//! Leads a client's requests through the proxy beside the program.

use std::{io, sync::Arc};

use genai::{
    ClientBuilder, ServiceTarget,
    resolver::{AuthData, Endpoint},
};
use genspan::Telemetry;
use genspan_http::proxy::Detour;

/// The adapter whose requests are signed for the host and path that they go to.
const SIGNED: &str = "bedrock_sigv4";

/// Makes a client one that is recorded, in one line.
pub trait Record: Sized {
    /// Has what the client asks recorded by `telemetry`.
    ///
    /// It sets the client's service target resolver; where you have one of your own, put the two together with
    /// [`Recording::lead`]. A telemetry that records nothing changes nothing.
    ///
    /// # Errors
    ///
    /// When no port of this machine can be listened on, or the system gives no thread.
    fn recorded(self, telemetry: &Telemetry) -> io::Result<Self>;
}

impl Record for ClientBuilder {
    fn recorded(self, telemetry: &Telemetry) -> io::Result<Self> {
        if !telemetry.is_enabled() {
            return Ok(self);
        }
        let recording = Recording::of(telemetry)?;
        let lead = move |target| Ok(recording.lead(target));
        Ok(self.with_service_target_resolver_fn(lead))
    }
}

/// Leads requests to where they are recorded.
#[derive(Clone, Debug)]
pub struct Recording(Arc<Detour>);

impl Recording {
    /// Leads through the proxy that all clients of a telemetry [share](Detour::shared).
    ///
    /// # Errors
    ///
    /// When no port of this machine can be listened on, or the system gives no thread.
    pub fn of(telemetry: &Telemetry) -> io::Result<Self> {
        Detour::shared(telemetry).map(Self)
    }

    /// Gives a target for the next request, which leads where `target` does and happens within what is current here.
    ///
    /// To be called last in a resolver of your own, for each request anew:
    ///
    /// ```
    /// use genai::{Client, ServiceTarget, resolver::Endpoint};
    /// use genspan_genai::Recording;
    ///
    /// # fn example(telemetry: &genspan::Telemetry) -> std::io::Result<()> {
    /// let recording = Recording::of(telemetry)?;
    /// let builder = Client::builder().with_service_target_resolver_fn(move |mut target: ServiceTarget| {
    ///     target.endpoint = Endpoint::from_static("https://models.example/v1/");
    ///     Ok(recording.lead(target))
    /// });
    /// # drop(builder);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A target that cannot be led there, such as one that is signed for AWS, stays as it is.
    #[must_use]
    pub fn lead(&self, mut target: ServiceTarget) -> ServiceTarget {
        if target.model.adapter_kind.as_lower_str() == SIGNED {
            return target;
        }
        if let AuthData::RequestOverride { url, .. } = &mut target.auth {
            if let Ok(ours) = self.0.url_once(url) {
                *url = ours;
            }
        } else if let Ok(ours) = self.0.url_once(target.endpoint.base_url()) {
            target.endpoint = Endpoint::from_owned(ours);
        }
        target
    }
}

impl From<Detour> for Recording {
    /// Leads through a proxy that was set up with settings of one's own; it serves as long as the clients live.
    fn from(detour: Detour) -> Self {
        Self(Arc::new(detour))
    }
}
