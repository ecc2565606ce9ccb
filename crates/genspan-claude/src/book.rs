//! What all parts of a session need.

use genspan::{
    Identity, Outline, Parent, Scope, SpanContext, StartOptions, Telemetry, Timestamp, Value,
};

use crate::{Exact, Options, Tally, recent::Recent};

/// Holds the recorder, what the application said, and what was met before.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) telemetry: Telemetry,
    pub(crate) options: Options,
    pub(crate) exact: Option<Box<dyn Exact>>,
    pub(crate) tally: Tally,
    /// Ids of messages as such.
    pub(crate) lines: Recent<()>,
    /// Ids of answers, each with the span of its call.
    pub(crate) calls: Recent<SpanContext>,
    /// Ids of calls of tools.
    pub(crate) tools: Recent<()>,
    /// Sub-agents by the calls of the tools that started them, each with its span.
    pub(crate) agents: Recent<SpanContext>,
    /// Results of tools whose call has not come.
    pub(crate) early: Recent<Early>,
    /// Names that tell spans of one conversation apart.
    pub(crate) key: String,
    /// Counts what has no id of its own.
    nameless: u64,
}

/// Holds what a result said that came before its call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Early {
    pub(crate) is_error: bool,
}

impl Early {
    /// Makes a result of it, without content.
    pub(crate) fn into_result(self) -> Value {
        Value::Map(vec![("is_error".to_owned(), Value::Bool(self.is_error))])
    }
}

impl Book {
    /// What is remembered of a long stream: repetitions and late pieces come soon or never.
    const RECENT: usize = 4096;
    const EARLY: usize = 256;
    const AGENTS: usize = 1024;

    pub(crate) fn new(
        telemetry: Telemetry,
        options: Options,
        exact: Option<Box<dyn Exact>>,
    ) -> Self {
        Self {
            telemetry,
            options,
            exact,
            tally: Tally::default(),
            lines: Recent::new(Self::RECENT),
            calls: Recent::new(Self::RECENT),
            tools: Recent::new(Self::RECENT),
            agents: Recent::new(Self::AGENTS),
            early: Recent::new(Self::EARLY),
            key: String::new(),
            nameless: 0,
        }
    }

    /// Says how a span starts whose place in the conversation has a name.
    pub(crate) fn start(&mut self, at: Timestamp, kind: &str, id: Option<&str>) -> StartOptions {
        StartOptions {
            parent: Parent::Current,
            at: Some(at),
            identity: self.identity(kind, id),
            ..StartOptions::default()
        }
    }

    fn identity(&mut self, kind: &str, id: Option<&str>) -> Option<Identity> {
        let identify = self.options.identify.as_ref()?;
        let name = match id {
            Some(id) => format!("{}\n{kind}\n{id}", self.key),
            None => {
                self.nameless += 1;
                format!("{}\n{kind}\n#{}", self.key, self.nameless)
            }
        };
        Some(identify(&name))
    }

    /// Opens a span within a scope.
    pub(crate) fn open(
        &self,
        scope: &Scope,
        outline: impl Into<Outline>,
        options: StartOptions,
    ) -> genspan::Open {
        scope.run(|| self.telemetry.open(outline, options))
    }
}
