//! Replaces secrets in every text of what came in.

use std::borrow::Cow;

use genspan::redact::Redactor;
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    logs::v1::LogRecord,
    resource::v1::Resource,
    trace::v1::Span,
};

/// Bounds how deep values are kept; deeper ones become nothing.
const DEPTH: usize = 48;

/// Keys that are shorter hold no secret.
const SHORT_KEY: usize = 16;

pub(super) fn span(redactor: &Redactor, span: &mut Span) {
    text(redactor, &mut span.name);
    text(redactor, &mut span.trace_state);
    attributes(redactor, &mut span.attributes, DEPTH);
    for event in &mut span.events {
        text(redactor, &mut event.name);
        attributes(redactor, &mut event.attributes, DEPTH);
    }
    for link in &mut span.links {
        text(redactor, &mut link.trace_state);
        attributes(redactor, &mut link.attributes, DEPTH);
    }
    if let Some(status) = &mut span.status {
        text(redactor, &mut status.message);
    }
}

pub(super) fn log(redactor: &Redactor, record: &mut LogRecord) {
    text(redactor, &mut record.severity_text);
    text(redactor, &mut record.event_name);
    attributes(redactor, &mut record.attributes, DEPTH);
    if let Some(body) = &mut record.body {
        value(redactor, "", body, DEPTH);
    }
}

pub(super) fn resource(redactor: &Redactor, resource: &mut Resource) {
    attributes(redactor, &mut resource.attributes, DEPTH);
}

pub(super) fn scope(redactor: &Redactor, scope: &mut InstrumentationScope) {
    text(redactor, &mut scope.name);
    text(redactor, &mut scope.version);
    attributes(redactor, &mut scope.attributes, DEPTH);
}

pub(super) fn text(redactor: &Redactor, text: &mut String) {
    if let Cow::Owned(redacted) = redactor.redact(text) {
        *text = redacted;
    }
}

pub(super) fn list(redactor: &Redactor, list: &mut [KeyValue]) {
    attributes(redactor, list, DEPTH);
}

fn attributes(redactor: &Redactor, list: &mut [KeyValue], depth: usize) {
    for attribute in list {
        if let Some(found) = &mut attribute.value {
            value(redactor, &attribute.key, found, depth);
        }
        if attribute.key.len() >= SHORT_KEY {
            text(redactor, &mut attribute.key);
        }
    }
}

fn value(redactor: &Redactor, key: &str, value: &mut AnyValue, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        value.value = None;
        return;
    };
    match &mut value.value {
        Some(Value::StringValue(text)) => {
            if let Cow::Owned(redacted) = redactor.redact_value(key, text) {
                *text = redacted;
            }
        }
        Some(Value::BytesValue(bytes)) => {
            if let Ok(text) = std::str::from_utf8(bytes)
                && let Cow::Owned(redacted) = redactor.redact_value(key, text)
            {
                *bytes = redacted.into_bytes();
            }
        }
        Some(Value::ArrayValue(array)) => {
            for item in &mut array.values {
                self::value(redactor, key, item, depth);
            }
        }
        Some(Value::KvlistValue(members)) => attributes(redactor, &mut members.values, depth),
        _ => {}
    }
}
