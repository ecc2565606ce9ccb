//! One span, with all that was said in it.

use genspan::{Money, SpanId, StreamTiming, TraceId, Value, semconv::attribute as key};
use genspan_dialects::{Attributes, Span as View};
use opentelemetry_proto::tonic::common::v1::KeyValue as ProtoKeyValue;
use rusqlite::{OptionalExtension, params};

use super::{Asker, hex, labels, micros, node, previous::previous};
use crate::{
    curl,
    file::Fault,
    open::{self, OpenLog, OpenSpan},
    prepare::{facts, nanos, said, view},
    read::{Chunks, CostPart, Event, KeyValue, Scope, SourceDetail, SpanDetail, ToolDefinition},
    rows::{COLUMNS, Record},
};

/// Opens a span.
pub(crate) fn span(
    asker: &Asker<'_>,
    trace: &TraceId,
    id: &SpanId,
) -> Result<Option<SpanDetail>, Fault> {
    let connection = asker.connection;
    let asked = connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM span JOIN trace ON trace.id = span.trace
             WHERE trace.trace_id = ?1 AND span.span_id = ?2"
        ))?
        .query_row(params![trace.0, id.0], Record::from_row)
        .optional()?;
    let Some(asked) = asked else { return Ok(None) };
    let lead = match asked.lead {
        Some(lead) => connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM span WHERE id = ?1"))?
            .query_row([lead], Record::from_row)
            .optional()?
            .unwrap_or(asked),
        None => asked,
    };
    let members = node::members(connection, lead.row)?;
    let mut told = Vec::with_capacity(1 + members.len());
    for record in std::iter::once(&lead).chain(&members) {
        if let Some(open) = open::span(connection, record.row)? {
            let logs = open::logs(connection, record.trace, Some(record.facts.span_id))?;
            told.push(Told::of(record.clone(), open, logs));
        }
    }
    if told.is_empty() {
        return Ok(None);
    }
    detail(asker, lead, &members, told).map(Some)
}

/// Holds what one source told.
struct Told {
    record: Record,
    open: OpenSpan,
    logs: Vec<OpenLog>,
    view: View,
    said: said::Said,
}

impl Told {
    fn of(record: Record, open: OpenSpan, logs: Vec<OpenLog>) -> Self {
        let view = open::view(&open, &logs);
        let said = said::of(&view);
        Self {
            record,
            open,
            logs,
            view,
            said,
        }
    }
}

fn detail(
    asker: &Asker<'_>,
    lead: Record,
    members: &[Record],
    mut told: Vec<Told>,
) -> Result<SpanDetail, Fault> {
    let mut said = said::Said::default();
    for told in &mut told {
        let own = std::mem::take(&mut told.said);
        said.system = said.system.or(own.system);
        said.input = said.input.or(own.input);
        said.output = said.output.or(own.output);
        said.arguments = said.arguments.or(own.arguments);
        said.result = said.result.or(own.result);
    }
    let attributes = all(&told);
    let threads = told.iter().map(|told| told.open.thread.as_slice());
    let thread = threads
        .max_by_key(|thread| thread.len())
        .unwrap_or_default();
    let previous = previous(asker, &lead, thread)?;
    let sources_detail = sources(asker, &told)?;
    let events = events(&told);
    let span = node::shown(lead, members);
    let tool_definitions = attributes
        .structured(key::GEN_AI_TOOL_DEFINITIONS)
        .and_then(|value| definitions(&value));
    let Some(first) = told.into_iter().next() else {
        return Err(crate::content::Damage("a span lost its body".to_owned()).into());
    };
    let scope = first.open.scope();
    Ok(SpanDetail {
        curl: curl::command(&attributes, &said, tool_definitions.as_deref()),
        truncation: truncation(&first, &attributes, &span.finish_reasons),
        cost_split: cost_split(asker, &attributes, &first),
        request: labels::request(&attributes),
        response: labels::response(&attributes),
        chunks: chunks(&attributes, span.time_to_first_chunk_micros),
        attributes: key_values(&first.open.span.attributes),
        resource: first
            .open
            .origin
            .resource
            .as_ref()
            .map(|resource| key_values(&resource.attributes))
            .unwrap_or_default(),
        scope: Scope {
            name: scope.map(|scope| scope.name.clone()).unwrap_or_default(),
            version: scope
                .map(|scope| scope.version.clone())
                .filter(|version| !version.is_empty()),
        },
        links: span.links.clone(),
        span,
        system: said.system,
        input: said.input,
        output: said.output,
        arguments: said.arguments,
        result: said.result,
        tool_definitions,
        events,
        sources_detail,
        previous,
    })
}

/// Gives what all sources say in the conventions' language; of the same key, who leads counts.
fn all(told: &[Told]) -> Attributes {
    let mut all = Attributes::default();
    for told in told {
        for (key, value) in told.view.attributes.iter() {
            if !all.has(key) {
                all.set(key.to_owned(), value.clone());
            }
        }
    }
    all
}

/// Tells how the answer streamed, as far as the span says so.
fn chunks(attributes: &Attributes, first: Option<u64>) -> Option<Chunks> {
    let count = attributes.count(key::GENSPAN_STREAM_CHUNKS);
    let count = count.and_then(|count| u64::try_from(count).ok());
    let gaps = attributes.structured(key::GENSPAN_STREAM_CHUNK_GAPS);
    let gaps_micros: Vec<u64> = match gaps.as_deref() {
        Some(Value::Array(gaps)) => gaps
            .iter()
            .filter_map(|gap| match gap {
                Value::Int(micros) => u64::try_from(*micros).ok(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    if first.is_none() && count.is_none() {
        return None;
    }
    let run = |count: u64| {
        count
            .saturating_sub(1)
            .div_ceil(StreamTiming::SHOWN_GAPS as u64)
    };
    Some(Chunks {
        count,
        time_to_first_micros: first,
        gap_run: count.filter(|_| !gaps_micros.is_empty()).map(run),
        gaps_micros,
    })
}

fn sources(asker: &Asker<'_>, told: &[Told]) -> Result<Vec<SourceDetail>, Fault> {
    let mut sources = Vec::with_capacity(told.len());
    for told in told {
        let trace_id: [u8; 16] = asker
            .connection
            .prepare_cached("SELECT trace_id FROM trace WHERE id = ?1")?
            .query_row([told.record.trace], |row| row.get(0))?;
        sources.push(SourceDetail {
            source: told.record.facts.source.clone(),
            trace_id: hex(&trace_id),
            span_id: hex(&told.record.facts.span_id),
            name: told.open.span.name.clone(),
        });
    }
    Ok(sources)
}

/// Gives the events of all sources, and the log records that name their spans.
fn events(told: &[Told]) -> Vec<Event> {
    let mut events = Vec::new();
    for told in told {
        for event in &told.open.span.events {
            events.push(Event {
                name: event.name.clone(),
                time_micros: micros(nanos(event.time_unix_nano)),
                attributes: key_values(&event.attributes),
            });
        }
        for log in &told.logs {
            let record = &log.record;
            let mut attributes = key_values(&record.attributes);
            if let Some(body) = &record.body {
                attributes.push(KeyValue {
                    key: "body".to_owned(),
                    value: view::value(body),
                });
            }
            let at = match record.time_unix_nano {
                0 => record.observed_time_unix_nano,
                at => at,
            };
            let name = match record.event_name.as_str() {
                "" => "log",
                name => name,
            };
            events.push(Event {
                name: name.to_owned(),
                time_micros: micros(nanos(at)),
                attributes,
            });
        }
    }
    events.sort_by_key(|event| event.time_micros);
    events
}

pub(super) fn key_values(list: &[ProtoKeyValue]) -> Vec<KeyValue> {
    let attributes = view::attributes(list).into_iter();
    attributes
        .map(|attribute| KeyValue {
            key: attribute.key.into_owned(),
            value: attribute.value,
        })
        .collect()
}

/// Reads descriptions of tools in the shapes that programs give them.
fn definitions(value: &Value) -> Option<Vec<ToolDefinition>> {
    let Value::Array(items) = value else {
        return None;
    };
    let read = |item: &Value| {
        // OpenAI wraps what a function is.
        let item = item.get("function").unwrap_or(item);
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let parameters = ["parameters", "input_schema", "inputSchema"];
        Some(ToolDefinition {
            name: text("name").or_else(|| text("type"))?,
            description: text("description"),
            parameters: parameters.iter().find_map(|name| item.get(name)).cloned(),
        })
    };
    let found: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            Value::String(json) => read(&Value::from_json(json).ok()?),
            other => read(other),
        })
        .collect();
    (!found.is_empty()).then_some(found)
}

/// Says what is missing.
fn truncation(told: &Told, attributes: &Attributes, reasons: &[String]) -> Vec<String> {
    let span = &told.open.span;
    let mut said = Vec::new();
    let is_on = |key: &str| {
        attributes
            .get(key)
            .is_some_and(|value| *value != Value::Bool(false))
    };
    if is_on(key::GENSPAN_CONTENT_TRUNCATED) {
        said.push(
            "Content was too long and is shortened; what is missing is marked in the text."
                .to_owned(),
        );
    }
    if is_on(key::GENSPAN_STREAM_TRUNCATED) {
        said.push("The stream of the answer ended before the answer did.".to_owned());
    }
    if reasons
        .iter()
        .any(|reason| facts::CUT_SHORT.contains(&reason.as_str()))
    {
        said.push("The model stopped at the limit of its tokens.".to_owned());
    }
    for (count, what) in [
        (span.dropped_attributes_count, "attributes"),
        (span.dropped_events_count, "events"),
        (span.dropped_links_count, "links"),
    ] {
        if count > 0 {
            said.push(format!("The program dropped {count} {what} of this span."));
        }
    }
    said
}

/// Says what the parts of a call cost: as the span states, else as the prices say where they give the same sum.
fn cost_split(asker: &Asker<'_>, attributes: &Attributes, told: &Told) -> Option<Vec<CostPart>> {
    let usage = facts::usage(attributes);
    let stated = |key: &str| match attributes.get(key)? {
        Value::Double(amount) => Money::from_f64(*amount),
        _ => None,
    };
    let (input, cached, written, output, reasoning) =
        if attributes.has(key::GENSPAN_COST_INPUT) || attributes.has(key::GENSPAN_COST_OUTPUT) {
            (
                stated(key::GENSPAN_COST_INPUT),
                stated(key::GENSPAN_COST_CACHE_READ),
                stated(key::GENSPAN_COST_CACHE_WRITE),
                stated(key::GENSPAN_COST_OUTPUT),
                stated(key::GENSPAN_COST_REASONING),
            )
        } else {
            let facts = &told.record.facts;
            let cost = facts::price(
                attributes,
                facts.kind,
                usage,
                asker.prices?,
                told.view.started,
            )?;
            if u128::try_from(facts.cost?).ok()? != cost.amount.picos() {
                return None;
            }
            let parts = cost.parts;
            (
                parts.input,
                parts.cache_read,
                parts.cache_write,
                parts.output,
                parts.reasoning,
            )
        };
    let minus = |whole: Option<Money>, parts: &[Option<Money>]| {
        let parts: u128 = parts.iter().flatten().map(|part| part.picos()).sum();
        whole.map(|whole| Money::from_picos(whole.picos().saturating_sub(parts)))
    };
    let left = |whole: Option<u64>, parts: &[Option<u64>]| {
        let parts: u64 = parts.iter().flatten().sum();
        whole.map(|whole| whole.saturating_sub(parts))
    };
    let (read, write) = (usage.cache_read(), usage.cache_write());
    let parts = [
        (
            "input",
            left(usage.input(), &[read, write]),
            minus(input, &[cached, written]),
        ),
        ("cached input", read, cached),
        ("cache write", write, written),
        (
            "output",
            left(usage.output(), &[usage.reasoning()]),
            minus(output, &[reasoning]),
        ),
        ("reasoning", usage.reasoning(), reasoning),
    ];
    let parts: Vec<CostPart> = parts
        .into_iter()
        .filter_map(|(part, tokens, amount)| {
            Some(CostPart {
                part,
                tokens,
                amount: amount?.to_string(),
            })
        })
        .collect();
    (!parts.is_empty()).then_some(parts)
}
