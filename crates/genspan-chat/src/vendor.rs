//! A vendor's own attributes, beside the conventions'.

use std::{
    fmt,
    task::{Context, Poll},
};

use genspan::{Telemetry, Value, semconv::attribute};
use tower_layer::Layer;
use tower_service::Service;

use crate::{recording::Within, request::Asks};

/// Puts a vendor's attributes on the spans of what it goes round, and opens none.
///
/// The conventions' keys are the other layers', so each may be had without the other. A call that is recorded
/// further out is decorated; what is recorded further in gets the attributes as it starts.
///
/// ```
/// use genspan::Telemetry;
/// use genspan_chat::VendorLayer;
///
/// # fn of(telemetry: &Telemetry) -> Result<(), genspan_chat::ReservedKey> {
/// let layer = VendorLayer::new(telemetry, [("braintrust.parent", "project_name:travel")])?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct VendorLayer {
    telemetry: Telemetry,
    attributes: Vec<(String, Value)>,
}

impl VendorLayer {
    /// Adds the given attributes; they must not be content, which no policy would hold back here.
    ///
    /// # Errors
    ///
    /// Returns the first key that is the conventions' own.
    pub fn new<K: Into<String>, V: Into<Value>>(
        telemetry: &Telemetry,
        attributes: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ReservedKey> {
        let own = attributes.into_iter().map(|(key, value)| {
            let key = key.into();
            if is_reserved(&key) {
                Err(ReservedKey(key))
            } else {
                Ok((key, value.into()))
            }
        });
        Ok(Self {
            telemetry: telemetry.clone(),
            attributes: own.collect::<Result<_, _>>()?,
        })
    }
}

/// Tells whether a key is in one of the conventions' namespaces, or this project's own.
fn is_reserved(key: &str) -> bool {
    const OWNED: [&str; 4] = [
        attribute::GEN_AI_OPERATION_NAME,
        attribute::ERROR_TYPE,
        attribute::SERVER_ADDRESS,
        attribute::GENSPAN_ATTEMPTS,
    ];
    let namespace = |key: &str| key.split('.').next().map(str::to_owned);
    OWNED.iter().any(|owned| namespace(owned) == namespace(key))
}

/// Says that a vendor's layer was given a key that is not a vendor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservedKey(String);

impl fmt::Display for ReservedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is a key of the conventions', which the chat, tool and agent layers own; state the fact in the request \
             or the layer, or take a key of the vendor's own",
            self.0
        )
    }
}

impl std::error::Error for ReservedKey {}

impl<S> Layer<S> for VendorLayer {
    type Service = VendorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        VendorService {
            inner,
            layer: self.clone(),
        }
    }
}

/// Hands requests on within a scope that holds a vendor's attributes.
#[derive(Clone, Debug)]
pub struct VendorService<S> {
    inner: S,
    layer: VendorLayer,
}

impl<S> VendorService<S> {
    /// Gives the service inside.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Gives the service back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R> Service<R> for VendorService<S>
where
    S: Service<R>,
    R: Asks,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Within<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let VendorLayer {
            telemetry,
            attributes,
        } = &self.layer;
        let inner = &mut self.inner;
        let scope = telemetry.is_enabled().then(|| {
            // Where nothing is under way out there, what starts in here gets the attributes.
            let _is_decorated = telemetry.decorate(&request.outline(), attributes);
            let outer = telemetry.scope();
            attributes.iter().fold(outer, |scope, (key, value)| {
                scope.with_attribute(key.clone(), value.clone())
            })
        });
        Within::begin(scope.as_ref(), || inner.call(request))
    }
}

impl<S: crate::Toolset> crate::Toolset for VendorService<S> {
    fn definitions(&self) -> Vec<genspan::ToolDefinition> {
        self.inner.definitions()
    }
}
