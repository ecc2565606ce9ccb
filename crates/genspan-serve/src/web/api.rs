//! The JSON API: a path and a query become a question, its answer is passed on.

use std::sync::Arc;

use genspan::{SpanId, TraceId};
use http::request::Parts;
use http::{Method, StatusCode, header};

use super::live;
use super::query::{Query, decoded_path};
use crate::answer::{Answer, empty, whole, with};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::shared::Shared;

/// Answers a request whose path begins with `/api`.
pub(super) async fn answer(shared: &Arc<Shared>, head: &Parts) -> Result<Answer, Refused> {
    let path = head
        .uri
        .path()
        .trim_start_matches("/api")
        .trim_start_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    if head.method == Method::DELETE {
        return match segments.as_slice() {
            ["traces", trace] => forget(shared, trace_id(trace)?).await,
            _ => Err(Refused::method(
                "only traces can be forgotten: DELETE /api/traces/ID",
            )),
        };
    }
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Err(Refused::method(format!(
            "the API knows GET, and DELETE of a trace, not {}",
            head.method
        )));
    }
    if segments.as_slice() == ["live"] {
        return live::answer(shared);
    }
    let reading = reading(&segments, head.uri.query())?;
    read(shared, reading).await
}

/// Finds the question that a path and a query ask.
fn reading(segments: &[&str], query: Option<&str>) -> Result<Reading, Refused> {
    let mut query = Query::read(query)?;
    let reading = match segments {
        ["traces"] => Reading::Traces(query.filter()?, query.page()?),
        ["traces", trace] => Reading::Trace {
            trace: trace_id(trace)?,
        },
        ["traces", trace, "export"] => Reading::Export {
            trace: trace_id(trace)?,
        },
        ["traces", trace, "spans", span] => Reading::Span {
            trace: trace_id(trace)?,
            span: span_id(span)?,
        },
        ["conversations"] => Reading::Conversations(query.filter()?, query.page()?),
        ["conversations", id] if !id.is_empty() => Reading::Conversation {
            id: decoded_path(id)?,
        },
        ["statistics"] => Reading::Statistics {
            filter: query.filter()?,
            bucket_micros: query.bucket_micros()?,
        },
        ["facets"] => Reading::Facets,
        ["logs"] => Reading::Logs(query.log_filter()?, query.page()?),
        ["logs", "facets"] => Reading::LogFacets,
        ["logs", id] => Reading::Log { id: log_id(id)? },
        ["metrics"] => Reading::Metrics(query.metric_filter()?),
        _ => {
            return Err(Refused::not_found(
                "the API has no such path; it has /api/traces, /api/traces/ID, /api/traces/ID/spans/ID, \
                 /api/traces/ID/export, /api/conversations, /api/conversations/ID, /api/statistics, /api/facets, \
                 /api/logs, /api/logs/facets, /api/logs/NUMBER, /api/metrics and /api/live",
            ));
        }
    };
    query.finish()?;
    Ok(reading)
}

fn trace_id(text: &str) -> Result<TraceId, Refused> {
    TraceId::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| no_id(text, 32))
}

fn span_id(text: &str) -> Result<SpanId, Refused> {
    SpanId::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| no_id(text, 16))
}

fn log_id(text: &str) -> Result<i64, Refused> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(80).collect();
        Refused::malformed(format!(
            "{shown:?} is no log record: expected the number that /api/logs gives as `id`"
        ))
    })
}

fn no_id(text: &str, digits: usize) -> Refused {
    let shown: String = text.chars().take(80).collect();
    Refused::malformed(format!(
        "{shown:?} is no id: expected {digits} hexadecimal digits"
    ))
}

async fn read(shared: &Arc<Shared>, reading: Reading) -> Result<Answer, Refused> {
    let missing = missing(&reading);
    let file = match &reading {
        Reading::Export { trace } => Some(format!("attachment; filename=\"trace-{trace}.jsonl\"")),
        _ => None,
    };
    let json = shared
        .read(move |backend| Ok(backend.read(&reading)?))
        .await?;
    let json = json.ok_or_else(|| Refused::not_found(missing))?;
    let answer = whole(StatusCode::OK, "application/json", json);
    Ok(match file {
        Some(name) => with(answer, header::CONTENT_DISPOSITION, name),
        None => answer,
    })
}

fn missing(reading: &Reading) -> String {
    let what = match reading {
        Reading::Trace { trace } | Reading::Export { trace } => format!("trace {trace}"),
        Reading::Span { trace, span } => format!("span {span} of trace {trace}"),
        Reading::Conversation { id } => format!("conversation {id:?}"),
        Reading::Log { id } => format!("log record {id}"),
        Reading::Traces(..)
        | Reading::Conversations(..)
        | Reading::Statistics { .. }
        | Reading::Logs(..)
        | Reading::LogFacets
        | Reading::Metrics(_)
        | Reading::Facets => "answer".to_owned(),
    };
    format!(
        "there is no {what} in the store: it may have been forgotten, or is older than what is kept"
    )
}

async fn forget(shared: &Arc<Shared>, trace: TraceId) -> Result<Answer, Refused> {
    let missing = missing(&Reading::Trace { trace });
    let was_there = shared
        .ingest(move |backend| Ok(backend.forget(&trace)?))
        .await?;
    if was_there {
        Ok(empty(StatusCode::NO_CONTENT))
    } else {
        Err(Refused::not_found(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn ask(path: &str) -> Result<Reading, u16> {
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let segments: Vec<&str> = path.split('/').collect();
        reading(&segments, query).map_err(|refused| refused.status.as_u16())
    }

    #[test]
    fn paths_ask_questions() {
        let trace = || trace_id(TRACE).unwrap();
        assert_eq!(
            ask(&format!("traces/{}", TRACE.to_uppercase())),
            Ok(Reading::Trace { trace: trace() })
        );
        assert_eq!(
            ask(&format!("traces/{TRACE}/export")),
            Ok(Reading::Export { trace: trace() })
        );
        let span = span_id("b7ad6b7169203331").unwrap();
        assert_eq!(
            ask(&format!("traces/{TRACE}/spans/B7AD6B7169203331")),
            Ok(Reading::Span {
                trace: trace(),
                span
            })
        );
        assert_eq!(
            ask("conversations/a%2Fb+c"),
            Ok(Reading::Conversation {
                id: "a/b+c".to_owned()
            })
        );
        assert!(
            matches!(ask("statistics?bucketMs=60000&model=m"), Ok(Reading::Statistics { bucket_micros: 60_000_000, filter }) if filter.model.as_deref() == Some("m"))
        );
        assert_eq!(ask("facets"), Ok(Reading::Facets));
        assert_eq!(ask("logs/facets"), Ok(Reading::LogFacets));
        assert_eq!(ask("logs/7"), Ok(Reading::Log { id: 7 }));
        assert!(
            matches!(ask("logs?severity=warn&limit=3"), Ok(Reading::Logs(filter, page)) if filter.severity.is_some() && page.limit == 3)
        );
        assert!(
            matches!(ask("metrics?name=a.b"), Ok(Reading::Metrics(filter)) if filter.name.as_deref() == Some("a.b"))
        );
        assert!(matches!(ask("traces?limit=3"), Ok(Reading::Traces(_, page)) if page.limit == 3));
    }

    #[test]
    fn what_is_no_question_is_refused() {
        for (path, want) in [
            ("", 404),
            ("trace", 404),
            ("conversations/", 404),
            ("traces/1", 400),
            ("traces/0af7651916cd43dd8448eb211c80319g", 400),
            ("traces/0af7651916cd43dd8448eb211c80319c/spans/1", 400),
            ("traces/0af7651916cd43dd8448eb211c80319c/spans", 404),
            ("statistics?bucketMs=-1", 400),
            ("statistics?limit=3", 400),
            ("facets?model=m", 400),
            ("logs?model=m", 400),
            ("logs/facets?service=s", 400),
            ("logs/first", 400),
            ("logs/7/body", 404),
            ("metrics?limit=3", 400),
            ("conversations/%ff", 400),
        ] {
            assert_eq!(ask(path), Err(want), "{path}");
        }
    }
}
