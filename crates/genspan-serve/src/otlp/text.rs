//! OTLP/JSON that comes by other ways than a port, such as in files.

use genspan_otlp::Request;

use super::json;
use super::signal::Signal;

/// Says why a text is no OTLP/JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct BadJson {
    /// What is wrong, and in which column.
    pub what: String,
    /// Whether it may be the beginning of something right.
    pub is_cut: bool,
}

/// Reads the requests that a text of OTLP/JSON holds, most often one, by the same rules as what comes to a port.
///
/// ```
/// let line = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"chat"}]}]}]}"#;
/// let requests = genspan_serve::read_json(line)?;
/// assert!(matches!(requests[..], [genspan_otlp::Request::Traces(_)]));
/// # Ok::<(), genspan_serve::BadJson>(())
/// ```
///
/// # Errors
///
/// Returns what is wrong with it; nothing of it is read then. No more than 128 levels are followed.
pub fn read_json(text: &[u8]) -> Result<Vec<Request>, BadJson> {
    let document = json::read_document(text)?;
    if document.requests.is_empty() && document.has_others {
        return Err(BadJson {
            what: "there is none of resourceSpans, resourceLogs and resourceMetrics in it"
                .to_owned(),
            is_cut: false,
        });
    }
    let requests = document.requests.into_iter().map(|(signal, protobuf)| {
        let protobuf = protobuf.as_slice();
        Ok(match signal {
            Signal::Traces => Request::Traces(prost::Message::decode(protobuf)?),
            Signal::Logs => Request::Logs(prost::Message::decode(protobuf)?),
            Signal::Metrics => Request::Metrics(prost::Message::decode(protobuf)?),
        })
    });
    requests.collect()
}

impl From<serde_json::Error> for BadJson {
    fn from(error: serde_json::Error) -> Self {
        let (told, line, column) = (error.to_string(), error.line(), error.column());
        let what = told.strip_suffix(&format!(" at line {line} column {column}"));
        let what = what.unwrap_or(&told);
        let what = match (line, column) {
            (_, 0) => what.to_owned(),
            (0 | 1, _) => format!("{what}, in column {column}"),
            _ => format!("{what}, in line {line}, column {column}"),
        };
        Self {
            what,
            is_cut: error.is_eof(),
        }
    }
}

impl From<prost::DecodeError> for BadJson {
    fn from(error: prost::DecodeError) -> Self {
        // The protobuf is our own, so there is but one thing that can be wrong with it.
        Self {
            what: format!("its values nest too deep: {error}"),
            is_cut: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<&'static str>, BadJson> {
        let requests = read_json(text.as_bytes())?;
        let words = requests.iter().map(|request| match request {
            Request::Traces(_) => "traces",
            Request::Logs(_) => "logs",
            Request::Metrics(_) => "metrics",
        });
        Ok(words.collect())
    }

    #[test]
    fn a_document_says_by_its_members_which_signals_it_is_of() {
        assert_eq!(read(r#"{"resourceSpans":[{}]}"#), Ok(vec!["traces"]));
        assert_eq!(read(r#"{"resource_logs":[{}],"more":1}"#), Ok(vec!["logs"]));
        assert_eq!(
            read(r#"{"resourceMetrics":[],"resourceSpans":[]}"#),
            Ok(vec!["metrics", "traces"])
        );
        assert_eq!(read("{}"), Ok(vec![]));
        let request = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"chat"}]}]}]}"#;
        let requests = read_json(request.as_bytes()).unwrap();
        let [Request::Traces(traces)] = &requests[..] else {
            panic!("{requests:?}")
        };
        let span = &traces.resource_spans[0].scope_spans[0].spans[0];
        assert_eq!(span.name, "chat");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let nested = format!(
            r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{}}}]}}]}}]}}"#,
            r#"{"arrayValue":{"values":["#.repeat(45) + &"]}}".repeat(45)
        );
        let told = [
            "",
            "Buy milk.",
            "[]",
            "7",
            r#"{"log":{"entries":[]}}"#,
            r#"{"resourceSpans":{}}"#,
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}"#,
            r#"{"resourceSpans":[{"scopeSp"#,
            "{\n  \"resourceSpans\": [7]\n}",
            r#"{"resourceSpans":[]} and more"#,
            &nested,
        ]
        .map(|text| {
            let bad = read(text).unwrap_err();
            format!("{bad}{}", if bad.is_cut { " (cut)" } else { "" })
        });
        insta::assert_snapshot!(told.join("\n"), @r"
        EOF while parsing a value (cut)
        expected value, in column 1
        invalid type: sequence, expected an object with resourceSpans, resourceLogs or resourceMetrics
        invalid type: integer `7`, expected an object with resourceSpans, resourceLogs or resourceMetrics, in column 1
        there is none of resourceSpans, resourceLogs and resourceMetrics in it
        invalid type: map, expected a list as resource_spans, in column 19
        invalid type: integer `7`, expected a text as name, in column 52
        EOF while parsing a string, in column 27 (cut)
        invalid type: integer `7`, expected an object as resource_spans, in line 2, column 21
        trailing characters, in column 22
        recursion limit exceeded, in column 1055
        ");
    }
}
