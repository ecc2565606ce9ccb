//! Where telemetry may go that others made: it is passed on, and nothing of it is rendered anew.

use genspan_otlp::{Endpoint, Route};

use super::Way;
use crate::Failure;

/// Takes the destinations out that want what cannot be given to them; one that the user named is an error.
pub(super) fn admit(way: &mut Way) -> Result<(), Failure> {
    let mut admitted = Vec::new();
    for route in std::mem::take(&mut way.output.routes) {
        match refusal(&route) {
            None => admitted.push(route),
            Some(why) if way.is_named => return Err(why.into()),
            Some(why) => way.output.notes.push(why),
        }
    }
    way.output.routes = admitted;
    Ok(())
}

/// Says why a destination does not get what OTLP files hold.
fn refusal(route: &Route) -> Option<String> {
    let destination = &route.destination;
    let wish = match (destination.dialect, destination.conventions) {
        (Some(dialect), _) => Some(format!("the dialect {dialect}")),
        (None, Some(version)) => Some(format!("conventions {version}")),
        (None, None) => None,
    };
    if let Some(wish) = wish {
        return Some(format!(
            "{destination} wants {wish}, and what an OTLP file holds goes on as it came; send it to `store`, `file:`, `http:` \
             or `grpc:` without that"
        ));
    }
    let may_have_content = match &destination.endpoint {
        Endpoint::Store(_) => destination.content.is_none_or(|content| content.is_on()),
        _ => route.rendering.capture().is_on(),
    };
    let mend = match destination.content {
        Some(_) => "without `;content=none` it may have them",
        None => "`--content`, or `;content=span` behind it, says that it may have them",
    };
    (!may_have_content).then(|| {
        format!(
            "{destination} is to get no prompts and answers, and what an OTLP file holds goes on as it came; {mend}"
        )
    })
}
