//! Log records, whether they belong to a trace or not.

use std::collections::BTreeSet;

use genspan::{Value, semconv::attribute as key};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use rusqlite::{OptionalExtension, Row, params_from_iter, types::Value as Column};

use super::{Asker, budget::Budget, detail::key_values, hex, list::Conditions, micros};
use crate::{
    Cursor, LogFilter, Page, Severity,
    file::Fault,
    open::{self, OpenLog},
    prepare::{facts, nanos, told, view},
    read::{KeyValue, LogDetail, LogFacets, LogPage, LogRow, Scope},
    shape::Facet,
    words,
};

/// Records that are opened for one part of the list, of which few may be what is looked for.
const LOOKED_AT: usize = 5_000;

/// Bytes of them that are opened for one part of the list; the record that is opened last may go beyond.
const BYTES: usize = 32 << 20;

/// Records whose names can be chosen from.
const FACETS: i64 = 1_000;

/// Letters that a row shows.
const SHORT: usize = 280;

/// Names what tells in many agents' events who runs them and where, which a row has no room for.
const DULL: [&str; 7] = [
    "event.",
    "user.",
    "organization.",
    "terminal.",
    "app.",
    "session.",
    "conversation.",
];

const COLUMNS: &str = "log.id, log.at, log.span_id, log.skeleton, log.places, trace.trace_id, \
    coalesce(trace.spans > 0 OR EXISTS (SELECT 1 FROM span WHERE span.trace = trace.id), 0)";

/// Holds a record's row.
struct Found {
    id: i64,
    at: i64,
    span_id: Option<[u8; 8]>,
    skeleton: Vec<u8>,
    places: Vec<u8>,
    trace_id: Option<[u8; 16]>,
    has_trace: bool,
}

impl Found {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            at: row.get(1)?,
            span_id: row.get(2)?,
            skeleton: row.get(3)?,
            places: row.get(4)?,
            trace_id: row.get(5)?,
            has_trace: row.get(6)?,
        })
    }

    fn of(asker: &Asker<'_>, id: i64) -> Result<Option<Self>, Fault> {
        let mut statement = asker.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM log LEFT JOIN trace ON trace.id = log.trace WHERE log.id = ?1"
        ))?;
        Ok(statement.query_row([id], Self::from_row).optional()?)
    }

    fn open(&self, asker: &Asker<'_>) -> Result<Said, Fault> {
        let open = open::log(asker.connection, &self.skeleton, &self.places)?;
        Ok(Said::of(open))
    }

    fn row(&self, said: &Said) -> LogRow {
        LogRow {
            id: self.id,
            time_micros: micros(self.at),
            severity: said.severity().map(Severity::as_str),
            name: said.name(),
            service: said.service.clone(),
            conversation_id: said.conversation(),
            text: said.short(),
            trace_id: self.trace_id.as_ref().map(|id| hex(id)),
            span_id: self.span_id.as_ref().map(|id| hex(id)),
            has_trace: self.has_trace,
        }
    }
}

/// Holds what a record says.
struct Said {
    open: OpenLog,
    service: Option<String>,
    attributes: Vec<KeyValue>,
    body: Option<Value>,
}

impl Said {
    fn of(open: OpenLog) -> Self {
        Self {
            service: facts::service(open.origin.resource.as_ref()),
            attributes: key_values(&open.record.attributes),
            body: open.record.body.as_ref().map(view::value),
            open,
        }
    }

    fn name(&self) -> Option<String> {
        let name = told::name(&self.open.record);
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn severity(&self) -> Option<Severity> {
        Severity::of(self.open.record.severity_number)
    }

    fn conversation(&self) -> Option<String> {
        let keys = [
            key::GEN_AI_CONVERSATION_ID,
            "session.id",
            "conversation.id",
            "thread.id",
        ];
        keys.iter()
            .find_map(|key| text_of(&self.attributes, key))
            .or_else(|| {
                let resource = self.open.origin.resource.as_ref();
                let told = key_values(resource.map_or(&[], |it| it.attributes.as_slice()));
                text_of(&told, "session.id")
            })
    }

    /// Gives what it says in short: the body, or else what its attributes tell.
    fn short(&self) -> String {
        let name = self.name().unwrap_or_default();
        let body = self.body.as_ref().map(plain).unwrap_or_default();
        // Some write the event's name into the body, where that says nothing new.
        if !body.is_empty() && body != name && !body.ends_with(&format!(".{name}")) {
            return cut(&body);
        }
        let is_telling = |attribute: &&KeyValue| {
            !DULL.iter().any(|dull| attribute.key.starts_with(dull))
                && attribute.key != key::GEN_AI_CONVERSATION_ID
        };
        let mut short = String::new();
        for attribute in self.attributes.iter().filter(is_telling) {
            if short.len() > 4 * SHORT {
                break;
            }
            if !short.is_empty() {
                short.push_str("  ");
            }
            short.push_str(&attribute.key);
            short.push('=');
            short.push_str(&cut(&plain(&attribute.value)));
        }
        cut(&short)
    }

    /// Gives all that can be looked through, each part on one line, so that words side by side are found over the end of one.
    fn all(&self) -> String {
        let mut all = self.name().unwrap_or_default();
        for said in self.body.iter().map(plain) {
            all.push('\n');
            all.push_str(&words::one_line(&said));
        }
        for attribute in &self.attributes {
            all.push('\n');
            all.push_str(&attribute.key);
            all.push('=');
            all.push_str(&words::one_line(&plain(&attribute.value)));
        }
        all
    }
}

fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.as_str().map(str::to_owned)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_json(),
    }
}

/// Shortens a text to one line.
fn cut(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut short = String::new();
    let mut letters = 0;
    for word in words.by_ref() {
        if letters > 0 {
            short.push(' ');
        }
        short.extend(word.chars().take(SHORT));
        letters += 1 + word.chars().count();
        if letters > SHORT {
            let end = short
                .char_indices()
                .nth(SHORT)
                .map_or(short.len(), |(at, _)| at);
            short.truncate(end);
            short.push('…');
            break;
        }
    }
    short
}

/// Says what is looked for where a record must be opened to tell.
struct Wanted<'a> {
    filter: &'a LogFilter,
    words: Vec<String>,
}

impl Wanted<'_> {
    fn is_everything(&self) -> bool {
        let filter = self.filter;
        self.words.is_empty()
            && filter.service.is_none()
            && filter.name.is_none()
            && filter.severity.is_none()
            && filter.conversation.is_none()
    }

    /// Shows a record that is wanted.
    fn shown(&self, found: &Found, said: &Said) -> Option<LogRow> {
        let filter = self.filter;
        let mut row = found.row(said);
        let is = |wanted: &Option<String>, own: &Option<String>| wanted.is_none() || wanted == own;
        if !is(&filter.service, &row.service)
            || !is(&filter.name, &row.name)
            || !is(&filter.conversation, &row.conversation_id)
            || filter
                .severity
                .is_some_and(|least| said.severity() < Some(least))
        {
            return None;
        }
        if self.words.is_empty() {
            return Some(row);
        }
        let all = said.all();
        let lower = all.to_lowercase();
        if !self.words.iter().all(|word| lower.contains(word.as_str())) {
            return None;
        }
        let short = row.text.to_lowercase();
        if !self.words.iter().any(|word| short.contains(word.as_str())) {
            row.text = words::snippet(&all, &self.words);
        }
        Some(row)
    }
}

/// Lists log records, the latest first.
pub(crate) fn logs(asker: &Asker<'_>, filter: &LogFilter, page: Page) -> Result<LogPage, Fault> {
    let text = filter.text.as_deref().unwrap_or_default();
    let wanted = Wanted {
        filter,
        words: words::sought(text).words,
    };
    let conditions = conditions(filter, page);
    // The order is found out of numbers alone: rows are large, and most of a trace's are not on the page.
    let sql = format!(
        "SELECT log.id, log.at FROM log WHERE {} ORDER BY log.at DESC, log.id DESC",
        conditions.sql()
    );
    let mut statement = asker.connection.prepare_cached(&sql)?;
    let mut rows = statement.query_map(params_from_iter(conditions.values), |row| {
        Ok(Cursor {
            row: row.get(0)?,
            at: row.get(1)?,
        })
    })?;
    let most = if wanted.is_everything() {
        page.limit()
    } else {
        LOOKED_AT
    };
    let mut list = LogPage::default();
    let mut budget = Budget::new(BYTES);
    let mut looked_at = 0;
    let mut last = None;
    for at in rows.by_ref() {
        let at = at?;
        if looked_at == most || list.logs.len() == page.limit() || budget.is_spent() {
            // There is one more: what follows the last that was looked at.
            list.next = last.map(|cursor: Cursor| cursor.to_string());
            break;
        }
        looked_at += 1;
        last = Some(at);
        let Some(found) = Found::of(asker, at.row)? else {
            continue;
        };
        let said = found.open(asker)?;
        budget.spend(said.open.record.encoded_len());
        list.logs.extend(wanted.shown(&found, &said));
    }
    list.looked_at = looked_at as u64;
    list.looked_until_micros = last.map(|cursor| micros(cursor.at));
    Ok(list)
}

fn conditions(filter: &LogFilter, page: Page) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(trace) = filter.trace {
        conditions.add(
            "log.trace = (SELECT id FROM trace WHERE trace_id = ?)",
            [Column::Blob(trace.0.to_vec())],
        );
    }
    if filter.is_alone {
        conditions.add("log.trace IS NULL", []);
    }
    let moment = |micros: i64| Column::Integer(micros.saturating_mul(1_000));
    if let Some(since) = filter.since_micros {
        conditions.add("log.at >= ?", [moment(since)]);
    }
    if let Some(until) = filter.until_micros {
        conditions.add("log.at < ?", [moment(until)]);
    }
    if let Some(before) = page.before {
        conditions.add(
            "(log.at, log.id) < (?, ?)",
            [Column::Integer(before.at), Column::Integer(before.row)],
        );
    }
    conditions
}

/// Opens a log record by its number.
pub(crate) fn log(asker: &Asker<'_>, id: i64) -> Result<Option<LogDetail>, Fault> {
    let Some(found) = Found::of(asker, id)? else {
        return Ok(None);
    };
    let said = found.open(asker)?;
    let row = found.row(&said);
    let has_conversation = match &row.conversation_id {
        Some(id) => asker
            .connection
            .prepare_cached("SELECT 1 FROM facet WHERE kind = ?1 AND word = ?2")?
            .exists(rusqlite::params![Facet::Conversation.column(), id])?,
        None => false,
    };
    let record = &said.open.record;
    let observed = micros(nanos(record.observed_time_unix_nano));
    let scope = said
        .open
        .origin
        .scope_logs
        .first()
        .and_then(|logs| logs.scope.as_ref());
    let resource: Option<&Resource> = said.open.origin.resource.as_ref();
    Ok(Some(LogDetail {
        severity_text: Some(record.severity_text.clone()).filter(|text| !text.is_empty()),
        observed_micros: (observed > 0 && observed != row.time_micros).then_some(observed),
        has_conversation,
        resource: key_values(resource.map_or(&[], |resource| resource.attributes.as_slice())),
        scope: Scope {
            name: scope.map(|scope| scope.name.clone()).unwrap_or_default(),
            version: scope
                .map(|scope| scope.version.clone())
                .filter(|version| !version.is_empty()),
        },
        row,
        body: said.body,
        attributes: said.attributes,
    }))
}

/// Gives what there is to choose from among the latest records.
pub(crate) fn log_facets(asker: &Asker<'_>) -> Result<LogFacets, Fault> {
    let mut statement = asker
        .connection
        .prepare_cached("SELECT skeleton, places FROM log ORDER BY at DESC, id DESC LIMIT ?1")?;
    let mut rows = statement.query([FACETS])?;
    let (mut services, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut budget = Budget::new(BYTES);
    while !budget.is_spent()
        && let Some(row) = rows.next()?
    {
        let (skeleton, places): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let open = open::log(asker.connection, &skeleton, &places)?;
        budget.spend(open.record.encoded_len());
        services.extend(facts::service(open.origin.resource.as_ref()));
        let name = told::name(&open.record);
        if !name.is_empty() {
            names.insert(name.to_owned());
        }
    }
    Ok(LogFacets {
        services: services.into_iter().collect(),
        names: names.into_iter().collect(),
    })
}
