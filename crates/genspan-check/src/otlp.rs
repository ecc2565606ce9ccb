//! Reads OTLP/JSON into views, forgiving what a reader can forgive.
//!
//! Numbers may be texts and texts numbers, enums numbers or names, names in camel or snake case, unknown members are
//! passed over. What is not there or cannot be read is told as a fault, and the rest is read all the same.

mod log;
mod member;
mod metric;
mod trace;

use genspan::Value;

pub(crate) use self::log::EVENT_NAME;
use self::member::{attributes, list, member, text};
use crate::view::{EventView, MetricView, SpanView, json_type};

/// Holds one thing found in a document, in the document's order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    /// The attributes of a resource or a scope.
    Resource(Vec<(String, Value)>),
    Span(SpanView),
    Log(EventView),
    Metric(MetricView),
    /// What could not be read, and why.
    Fault(String),
}

/// Reads a document: one export request, or one bundle of data of a signal; or a list of them.
pub(crate) fn read(document: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    if let Value::Array(documents) = document {
        for document in documents {
            request(document, &mut items);
        }
    } else {
        request(document, &mut items);
    }
    items
}

/// Names the lists of one signal, and what reads their members.
struct Layers {
    resources: &'static str,
    scopes: &'static str,
    leaves: &'static str,
    read: fn(&Value, &str, &mut Vec<Item>),
}

const SIGNALS: [Layers; 3] = [
    Layers {
        resources: "resourceSpans",
        scopes: "scopeSpans",
        leaves: "spans",
        read: trace::span,
    },
    Layers {
        resources: "resourceLogs",
        scopes: "scopeLogs",
        leaves: "logRecords",
        read: log::record,
    },
    Layers {
        resources: "resourceMetrics",
        scopes: "scopeMetrics",
        leaves: "metrics",
        read: metric::metric,
    },
];

fn request(document: &Value, items: &mut Vec<Item>) {
    let Value::Map(members) = document else {
        let kind = json_type(document);
        items.push(Item::Fault(format!(
            "a document is {kind}, not an export request"
        )));
        return;
    };
    let mut is_known = members.is_empty();
    for signal in &SIGNALS {
        is_known |= member(document, signal.resources).is_some();
        for resource in list(document, signal.resources, items) {
            resource_of(resource, items);
            scopes(resource, signal, items);
        }
    }
    if !is_known {
        items.push(Item::Fault(
            "a document has none of resourceSpans, resourceLogs and resourceMetrics".to_owned(),
        ));
    }
}

fn resource_of(value: &Value, items: &mut Vec<Item>) {
    if let Some(resource) = member(value, "resource") {
        let attributes = attributes(resource, items);
        items.push(Item::Resource(attributes));
    }
}

fn scopes(resource: &Value, signal: &Layers, items: &mut Vec<Item>) {
    for scope in list(resource, signal.scopes, items) {
        if let Some(named) = member(scope, "scope") {
            let attributes = attributes(named, items);
            items.push(Item::Resource(attributes));
        }
        let schema_url = text(scope, "schemaUrl", items);
        for leaf in list(scope, signal.leaves, items) {
            if matches!(leaf, Value::Map(_)) {
                (signal.read)(leaf, &schema_url, items);
            } else {
                let (kind, leaves) = (json_type(leaf), signal.leaves);
                items.push(Item::Fault(format!(
                    "a member of {leaves} is {kind}, not an object"
                )));
            }
        }
    }
}
