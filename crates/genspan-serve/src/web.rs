//! The web port: pages, their files and their API.

mod api;
mod assets;
mod live;
mod query;

use std::sync::Arc;

use http::request::Parts;
use http::{Method, Request, StatusCode, header};
use hyper::body::Incoming;

use crate::answer::{Answer, empty, whole, with};
use crate::gate::Gate;
use crate::receive;
use crate::refused::Refused;
use crate::shared::Shared;

/// Answers a request to the web port.
pub(crate) async fn answer(
    gate: &Gate,
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    let answer = match gate.admit(&head) {
        Ok(()) => admitted(gate, shared, &head).await,
        Err(refused) => Err(refused),
    };
    // No request here says anything in its body.
    receive::discard(&head.headers, body).await;
    answer.unwrap_or_else(|refused| error(&head, &refused))
}

async fn admitted(gate: &Gate, shared: &Arc<Shared>, head: &Parts) -> Result<Answer, Refused> {
    if let Some(visit) = gate.visit(head) {
        let answer = with(
            empty(StatusCode::SEE_OTHER),
            header::LOCATION,
            visit.location,
        );
        return Ok(with(answer, header::SET_COOKIE, visit.cookie));
    }
    let path = head.uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return api::answer(shared, head).await;
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(Refused::method(format!(
            "{path} is read by GET, not {}",
            head.method
        )));
    }
    assets::answer(head)
}

/// Tells an error: to scripts and programs as JSON, to people as a page.
fn error(head: &Parts, refused: &Refused) -> Answer {
    let accepts = head.headers.get(header::ACCEPT).map(|it| it.as_bytes());
    let is_read_by_people = !head.uri.path().starts_with("/api")
        && accepts.is_some_and(|kinds| kinds.windows(9).any(|kind| kind == b"text/html"));
    let mut answer = if is_read_by_people {
        whole(
            refused.status,
            "text/html; charset=utf-8",
            page(&refused.message),
        )
    } else {
        let text = serde_json::json!({ "error": { "message": refused.message } });
        whole(refused.status, "application/json", text.to_string())
    };
    if let Some(seconds) = refused.retry_seconds() {
        answer = with(answer, header::RETRY_AFTER, seconds.to_string());
    }
    match refused.status {
        StatusCode::METHOD_NOT_ALLOWED => with(answer, header::ALLOW, "GET, HEAD"),
        StatusCode::UNAUTHORIZED => with(answer, header::WWW_AUTHENTICATE, "Bearer"),
        _ => answer,
    }
}

fn page(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for char in message.chars() {
        match char {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            char => text.push(char),
        }
    }
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>genspan</title><h1>genspan</h1><p>{text}</p></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_errors_hold_no_markup_of_others() {
        assert!(page("<script>&").contains("<p>&lt;script&gt;&amp;</p>"));
    }
}
