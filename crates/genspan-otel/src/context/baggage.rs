//! Facts that come as baggage, those that are allowed and no others.

use genspan::{Marker, Telemetry, semconv::attribute::GEN_AI_CONVERSATION_ID};
use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt},
};

use super::Carried;

/// Names the baggage that may become facts of operations.
///
/// Baggage comes from whoever called this process, so nothing of it reaches telemetry unasked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowed {
    keys: Vec<String>,
}

impl Allowed {
    pub(crate) fn new(keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let keys = keys.into_iter().map(Into::into).collect();
        Self { keys }
    }

    /// Puts a marker into a context.
    pub(crate) fn carry(&self, marker: &Marker, context: &Context) -> Context {
        let baggage = context.baggage();
        let told = if baggage.is_empty() {
            Vec::new()
        } else {
            self.values(baggage)
                .map(|(_, value)| value.map(str::to_owned))
                .collect()
        };
        context.with_value(Carried {
            marker: marker.clone(),
            told,
        })
    }

    /// Gives the marker of a context, with the facts that its baggage holds; `None` where there is neither.
    ///
    /// What was said last counts: baggage that was there when the marker's scope was made is known to
    /// it already, and the scope may have said otherwise since.
    pub(crate) fn marker(&self, context: &Context, telemetry: &Telemetry) -> Option<Marker> {
        let carried = context.get::<Carried>();
        let mut marker = carried.map(|carried| carried.marker.clone());
        if self.keys.is_empty() {
            return marker;
        }
        let mut told = carried
            .map(|carried| carried.told.iter())
            .into_iter()
            .flatten();
        for (key, value) in self.values(context.baggage()) {
            let known = told.next().and_then(Option::as_deref);
            if let Some(value) = value
                && known != Some(value)
            {
                let known = marker.take();
                let known = known.unwrap_or_else(|| Marker::outermost(telemetry.clone()));
                marker = Some(tell(known, key, value));
            }
        }
        marker
    }

    /// Gives what baggage says of each allowed key.
    fn values<'a>(
        &'a self,
        baggage: &'a Baggage,
    ) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.keys.iter().map(|key| {
            let value = baggage.get(key).map(|value| value.as_str());
            (key.as_str(), value.filter(|value| !value.is_empty()))
        })
    }
}

fn tell(marker: Marker, key: &str, value: &str) -> Marker {
    if key == GEN_AI_CONVERSATION_ID {
        marker.with_conversation_id(value)
    } else {
        marker.with_attribute(key, value)
    }
}
