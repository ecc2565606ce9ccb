//! Query strings as filters.

mod beside;

use std::str::FromStr;

use genspan_store::{Cursor, Filter, Page, StatusFilter};

use crate::refused::Refused;

/// Holds the parameters of a request that were not looked at yet.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

/// How moments are given.
const TIME: &str = "microseconds since 1970, such as 1790000000000000";

/// A list without a limit has so many rows, and none has more than the second number.
const ROWS: (usize, usize) = (50, 1_000);

impl Query {
    /// Reads `name=value&…`; empty values say nothing.
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refused> {
        let pairs = query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        });
        let pairs: Result<Vec<_>, Refused> = pairs.collect();
        let mut pairs = pairs?;
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self { pairs })
    }

    /// Takes a parameter out.
    fn text(&mut self, name: &str) -> Result<Option<String>, Refused> {
        let Some(at) = self.pairs.iter().position(|(known, _)| known == name) else {
            return Ok(None);
        };
        let (_, value) = self.pairs.swap_remove(at);
        if self.pairs.iter().any(|(known, _)| known == name) {
            return Err(Refused::malformed(format!(
                "the parameter `{name}` is given twice: give it once"
            )));
        }
        Ok(Some(value))
    }

    fn number<N: FromStr>(&mut self, name: &str, what: &str) -> Result<Option<N>, Refused> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| {
            Refused::malformed(format!(
                "the parameter `{name}` is {text:?}: expected {what}"
            ))
        })?;
        Ok(Some(number))
    }

    /// Takes out milliseconds as microseconds.
    fn millis(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        let millis: Option<u64> = self.number(name, "milliseconds, such as 1500")?;
        Ok(millis.map(|millis| millis.saturating_mul(1_000)))
    }

    pub(super) fn filter(&mut self) -> Result<Filter, Refused> {
        let filter = Filter {
            text: self.text("text")?,
            model: self.text("model")?,
            provider: self.text("provider")?,
            tool: self.text("tool")?,
            agent: self.text("agent")?,
            conversation: self.text("conversation")?,
            service: self.text("service")?,
            operation: self.text("operation")?,
            status: self.number::<StatusFilter>("status", "ok, error or cancelled")?,
            min_cost: self.number("minCost", "an amount, such as 0.05")?,
            min_tokens: self.number("minTokens", "a number of tokens, such as 1000")?,
            min_duration_micros: self.millis("minDurationMs")?,
            since_micros: self.number("since", TIME)?,
            until_micros: self.number("until", TIME)?,
            source: self.text("source")?,
        };
        if filter
            .min_cost
            .is_some_and(|cost| !cost.is_finite() || cost < 0.0)
        {
            return Err(Refused::malformed(
                "the parameter `minCost` must be an amount of at least 0, such as 0.05",
            ));
        }
        Ok(filter)
    }

    pub(super) fn page(&mut self) -> Result<Page, Refused> {
        let (usual, most) = ROWS;
        let limit = self
            .number("limit", "a number of rows, such as 50")?
            .unwrap_or(usual);
        if !(1..=most).contains(&limit) {
            return Err(Refused::malformed(format!(
                "the parameter `limit` is {limit}: expected 1 to {most}; further rows come with `before`"
            )));
        }
        Ok(Page {
            limit,
            before: self.number::<Cursor>("before", "what `next` of the page before says")?,
        })
    }

    pub(super) fn bucket_micros(&mut self) -> Result<u64, Refused> {
        Ok(self.millis("bucketMs")?.unwrap_or(0))
    }

    /// Makes sure that all was understood: a filter that is misspelt would show what nobody asked for.
    pub(super) fn finish(self) -> Result<(), Refused> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(Refused::malformed(format!(
                "there is no parameter {name:?} here: lists know text, model, provider, tool, agent, conversation, service, \
                 operation, status, minCost, minTokens, minDurationMs, since, until, source, limit and before; statistics \
                 know bucketMs instead of the last two; logs know text, service, name, severity, conversation, trace, alone, since, \
                 until, limit and before; metrics know text, name, service, since and until"
            ))),
        }
    }
}

/// Undoes `%41` and `+`.
pub(super) fn decoded(text: &str) -> Result<String, Refused> {
    decode(text, true)
}

/// Undoes `%41` in a path, where a plus is itself.
pub(super) fn decoded_path(text: &str) -> Result<String, Refused> {
    decode(text, false)
}

fn decode(text: &str, is_form: bool) -> Result<String, Refused> {
    let wrong = || {
        Refused::malformed(format!(
            "{text:?} is no UTF-8 text with %XX for what cannot stand in a URL"
        ))
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' if is_form => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2).ok_or_else(wrong)?;
                let digits = std::str::from_utf8(digits)
                    .ok()
                    .filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
                let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                bytes.push(value.ok_or_else(wrong)?);
                rest = after;
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Result<Filter, String> {
        let read = || {
            let mut query = Query::read(Some(query))?;
            let filter = query.filter()?;
            query.finish()?;
            Ok(filter)
        };
        read().map_err(|refused: Refused| refused.message)
    }

    #[test]
    fn every_parameter_has_its_place() {
        let read = filter(
            "text=a+b%20%C3%A9&model=m&provider=p&tool=t&agent=a&conversation=c%2F1&service=s&operation=chat&status=error\
             &minCost=0.05&minTokens=7&minDurationMs=1500&since=1&until=2&source=openinference",
        );
        let own = |text: &str| Some(text.to_owned());
        let want = Filter {
            text: own("a b é"),
            model: own("m"),
            provider: own("p"),
            tool: own("t"),
            agent: own("a"),
            conversation: own("c/1"),
            service: own("s"),
            operation: own("chat"),
            status: Some(StatusFilter::Error),
            min_cost: Some(0.05),
            min_tokens: Some(7),
            min_duration_micros: Some(1_500_000),
            since_micros: Some(1),
            until_micros: Some(2),
            source: own("openinference"),
        };
        assert_eq!(read, Ok(want));
        assert_eq!(filter("model=&text="), Ok(Filter::default()));
        assert_eq!(filter(""), Ok(Filter::default()));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_do() {
        let told: Vec<String> = [
            "minTokens=many",
            "minCost=-1",
            "minCost=NaN",
            "status=bad",
            "since=yesterday",
            "modle=gpt",
            "model=a&model=b",
            "text=%zz",
            "text=%ff",
        ]
        .map(|query| format!("{query} → {}", filter(query).unwrap_err()))
        .into();
        insta::assert_snapshot!(told.join("\n"), @r#"
minTokens=many → the parameter `minTokens` is "many": expected a number of tokens, such as 1000
minCost=-1 → the parameter `minCost` must be an amount of at least 0, such as 0.05
minCost=NaN → the parameter `minCost` must be an amount of at least 0, such as 0.05
status=bad → the parameter `status` is "bad": expected ok, error or cancelled
since=yesterday → the parameter `since` is "yesterday": expected microseconds since 1970, such as 1790000000000000
modle=gpt → there is no parameter "modle" here: lists know text, model, provider, tool, agent, conversation, service, operation, status, minCost, minTokens, minDurationMs, since, until, source, limit and before; statistics know bucketMs instead of the last two; logs know text, service, name, severity, conversation, trace, alone, since, until, limit and before; metrics know text, name, service, since and until
model=a&model=b → the parameter `model` is given twice: give it once
text=%zz → "%zz" is no UTF-8 text with %XX for what cannot stand in a URL
text=%ff → "%ff" is no UTF-8 text with %XX for what cannot stand in a URL
"#);
    }

    #[test]
    fn lists_have_bounds() {
        let page = |query: &str| Query::read(Some(query)).unwrap().page();
        assert_eq!(
            page(""),
            Ok(Page {
                limit: 50,
                before: None
            })
        );
        assert_eq!(
            page("limit=1000&before=7.3"),
            Ok(Page {
                limit: 1_000,
                before: "7.3".parse().ok()
            })
        );
        for wrong in [
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=all",
            "before=abc",
        ] {
            assert_eq!(page(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
