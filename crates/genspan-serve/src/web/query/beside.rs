//! Query strings as filters of log records and metrics.

use genspan::TraceId;
use genspan_store::{LogFilter, MetricFilter, Severity};

use super::{Query, TIME};
use crate::refused::Refused;

impl Query {
    pub(in crate::web) fn log_filter(&mut self) -> Result<LogFilter, Refused> {
        let trace = self.text("trace")?;
        let alone = self.text("alone")?;
        Ok(LogFilter {
            text: self.text("text")?,
            service: self.text("service")?,
            name: self.text("name")?,
            severity: self
                .number::<Severity>("severity", "trace, debug, info, warn, error or fatal")?,
            conversation: self.text("conversation")?,
            trace: trace.map(|id| trace_id(&id)).transpose()?,
            is_alone: match alone.as_deref() {
                None => false,
                Some("1") => true,
                Some(other) => {
                    return Err(Refused::malformed(format!(
                        "the parameter `alone` is {other:?}: expected 1, for records that belong to no trace"
                    )));
                }
            },
            since_micros: self.number("since", TIME)?,
            until_micros: self.number("until", TIME)?,
        })
    }

    pub(in crate::web) fn metric_filter(&mut self) -> Result<MetricFilter, Refused> {
        Ok(MetricFilter {
            text: self.text("text")?,
            name: self.text("name")?,
            service: self.text("service")?,
            since_micros: self.number("since", TIME)?,
            until_micros: self.number("until", TIME)?,
        })
    }
}

fn trace_id(text: &str) -> Result<TraceId, Refused> {
    TraceId::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| {
        Refused::malformed(format!(
            "the parameter `trace` is {text:?}: expected 32 hexadecimal digits"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(query: &str, read: fn(&mut Query) -> Result<T, Refused>) -> Result<T, String> {
        let read = || {
            let mut query = Query::read(Some(query))?;
            let filter = read(&mut query)?;
            query.finish()?;
            Ok(filter)
        };
        read().map_err(|refused: Refused| refused.message)
    }

    #[test]
    fn every_parameter_has_its_place() {
        let own = |text: &str| Some(text.to_owned());
        let id = "0af7651916cd43dd8448eb211c80319c";
        let query = format!(
            "text=a&service=s&name=n&severity=warn&conversation=c&trace={id}&alone=1&since=1&until=2"
        );
        let want = LogFilter {
            text: own("a"),
            service: own("s"),
            name: own("n"),
            severity: Some(Severity::Warn),
            conversation: own("c"),
            trace: TraceId::from_hex(id),
            is_alone: true,
            since_micros: Some(1),
            until_micros: Some(2),
        };
        assert_eq!(read(&query, Query::log_filter), Ok(want));
        let want = MetricFilter {
            text: own("a"),
            name: own("n"),
            service: own("s"),
            since_micros: Some(1),
            until_micros: Some(2),
        };
        let query = "text=a&name=n&service=s&since=1&until=2";
        assert_eq!(read(query, Query::metric_filter), Ok(want));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_do() {
        let told = ["severity=loud", "alone=yes", "trace=12", "since=now"]
            .map(|query| read(query, Query::log_filter).unwrap_err());
        insta::assert_snapshot!(told.join("\n"), @r#"
        the parameter `severity` is "loud": expected trace, debug, info, warn, error or fatal
        the parameter `alone` is "yes": expected 1, for records that belong to no trace
        the parameter `trace` is "12": expected 32 hexadecimal digits
        the parameter `since` is "now": expected microseconds since 1970, such as 1790000000000000
        "#);
    }
}
