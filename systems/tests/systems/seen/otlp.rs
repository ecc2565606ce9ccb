//! What stands in a file of OTLP/JSON.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value};

/// Holds all signals that arrived.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<Span>,
    /// Log records: name, attributes, body.
    pub(crate) logs: Vec<(String, Attributes, Value)>,
    pub(crate) metrics: Vec<Metric>,
    /// All of it, as it was written.
    pub(crate) bytes: String,
}

pub(crate) type Attributes = BTreeMap<String, Value>;

/// Holds one span.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) name: String,
    /// `internal` or `client`.
    pub(crate) kind: &'static str,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) links: Vec<String>,
    pub(crate) attributes: Attributes,
    pub(crate) events: Vec<(String, Attributes)>,
    /// The code, 0 where there is none.
    pub(crate) status: u64,
    pub(crate) message: String,
    pub(crate) began: u64,
    pub(crate) ended: u64,
}

/// Holds one metric with the labels of each of its points.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) points: Vec<Point>,
}

/// Holds one point.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) labels: Attributes,
    pub(crate) count: u64,
    pub(crate) sum: f64,
    pub(crate) bounds: Vec<f64>,
}

impl Seen {
    pub(crate) fn read(file: &Path) -> Self {
        let bytes = fs::read_to_string(file).unwrap();
        let mut seen = Self::default();
        for line in bytes.lines() {
            let request: Value = serde_json::from_str(line).unwrap();
            for span in under(&request, ["resourceSpans", "scopeSpans", "spans"]) {
                seen.spans.push(Span::of(&span));
            }
            for log in under(&request, ["resourceLogs", "scopeLogs", "logRecords"]) {
                let name = text(&log["eventName"]);
                seen.logs
                    .push((name, attributes(&log), plain(&log["body"])));
            }
            for metric in under(&request, ["resourceMetrics", "scopeMetrics", "metrics"]) {
                seen.metrics.push(Metric::of(&metric));
            }
        }
        seen.spans.sort_by_key(|span| span.began);
        seen.bytes = bytes;
        seen
    }

    /// Gives the spans whose name begins so, in the order in which they began.
    pub(crate) fn all(&self, name: &str) -> Vec<&Span> {
        let named = |span: &&Span| span.name == name || span.name.starts_with(&format!("{name} "));
        self.spans.iter().filter(named).collect()
    }

    /// Gives the first span whose name begins so.
    pub(crate) fn span(&self, name: &str) -> &Span {
        let found = self.all(name).first().copied();
        found.unwrap_or_else(|| panic!("no {name} in {:?}", self.names()))
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.spans.iter().map(|span| span.name.as_str()).collect()
    }

    pub(crate) fn metric(&self, name: &str) -> &Metric {
        let found = self.metrics.iter().find(|metric| metric.name == name);
        found.unwrap_or_else(|| {
            let names: Vec<_> = self.metrics.iter().map(|it| &it.name).collect();
            panic!("no {name} in {names:?}")
        })
    }

    /// Draws the tree: names, by parents, in the order in which they began.
    pub(crate) fn tree(&self) -> String {
        let mut drawn = String::new();
        let ids: Vec<&str> = self.spans.iter().map(|span| span.id.as_str()).collect();
        for span in &self.spans {
            if !ids.contains(&span.parent.as_str()) {
                self.draw(span, 0, &mut drawn);
            }
        }
        drawn
    }

    fn draw(&self, span: &Span, depth: usize, drawn: &mut String) {
        let mark = if span.status == 2 { " ✗" } else { "" };
        drawn.push_str(&format!("{}{}{mark}\n", "  ".repeat(depth), span.name));
        for child in self.spans.iter().filter(|it| it.parent == span.id) {
            self.draw(child, depth + 1, drawn);
        }
    }
}

impl Span {
    fn of(span: &Value) -> Self {
        let events = list(&span["events"]).map(|it| (text(&it["name"]), attributes(it)));
        let kind = match span["kind"].as_u64() {
            Some(1) => "internal",
            Some(3) => "client",
            other => panic!("kind {other:?}"),
        };
        Self {
            name: text(&span["name"]),
            kind,
            trace: text(&span["traceId"]),
            id: text(&span["spanId"]),
            parent: text(&span["parentSpanId"]),
            links: list(&span["links"]).map(|it| text(&it["spanId"])).collect(),
            attributes: attributes(span),
            events: events.collect(),
            status: span["status"]["code"].as_u64().unwrap_or(0),
            message: text(&span["status"]["message"]),
            began: number(&span["startTimeUnixNano"]),
            ended: number(&span["endTimeUnixNano"]),
        }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.attributes.contains_key(key)
    }

    /// Gives an attribute, `null` where there is none.
    pub(crate) fn get(&self, key: &str) -> &Value {
        self.attributes.get(key).unwrap_or(&Value::Null)
    }

    /// Gives an attribute that is JSON text, as what it says.
    pub(crate) fn json(&self, key: &str) -> Value {
        let Some(text) = self.get(key).as_str() else {
            panic!("{key} is no text: {}", self.get(key));
        };
        serde_json::from_str(text).unwrap()
    }

    pub(crate) fn event_names(&self) -> Vec<&str> {
        self.events.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Draws the attributes, a line each, numbers of time and addresses apart.
    pub(crate) fn shown(&self) -> String {
        let line = |(key, value): (&String, &Value)| match key.as_str() {
            "server.port" | "gen_ai.response.time_to_first_chunk" => format!("{key} = …\n"),
            "gen_ai.response.time_to_first_token" => format!("{key} = …\n"),
            _ => format!("{key} = {value}\n"),
        };
        self.attributes.iter().map(line).collect()
    }
}

impl Metric {
    fn of(metric: &Value) -> Self {
        let points = list(&metric["histogram"]["dataPoints"]).map(|point| Point {
            labels: attributes(point),
            count: number(&point["count"]),
            sum: point["sum"].as_f64().unwrap_or(0.0),
            bounds: list(&point["explicitBounds"])
                .filter_map(Value::as_f64)
                .collect(),
        });
        Self {
            name: text(&metric["name"]),
            unit: text(&metric["unit"]),
            points: points.collect(),
        }
    }
}

fn under(request: &Value, names: [&str; 3]) -> Vec<Value> {
    let resources = list(&request[names[0]]);
    let scopes = resources.flat_map(|it| list(&it[names[1]]));
    scopes.flat_map(|it| list(&it[names[2]])).cloned().collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Reads a number that OTLP/JSON may write as a text.
fn number(value: &Value) -> u64 {
    let read = value.as_str().map(|text| text.parse().unwrap());
    read.or_else(|| value.as_u64()).unwrap_or(0)
}

fn attributes(holder: &Value) -> Attributes {
    let mut all = Attributes::new();
    for one in list(&holder["attributes"]) {
        let key = text(&one["key"]);
        assert!(
            all.insert(key, plain(&one["value"])).is_none(),
            "twice: {one}"
        );
    }
    all
}

/// Reads a value as JSON has it.
fn plain(value: &Value) -> Value {
    let Some((kind, held)) = value.as_object().and_then(|it| it.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "intValue" => held
            .as_str()
            .map_or(held.clone(), |it| it.parse::<i64>().unwrap().into()),
        "arrayValue" => list(&held["values"]).map(plain).collect(),
        "kvlistValue" => {
            let members = list(&held["values"]);
            let members = members.map(|it| (text(&it["key"]), plain(&it["value"])));
            Value::Object(members.collect::<Map<_, _>>())
        }
        _ => held.clone(),
    }
}
