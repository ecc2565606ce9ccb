//! From a span in the conventions' language to the typed facts of its operation.

pub(crate) mod content;
mod outcome;
mod private;

use std::{mem, time::Duration};

use genspan::{
    AgentCreation, AgentInvocation, AgentSite, Common, Counts, Diagnostic, Embeddings, Inference,
    InferenceKind, OutputType, Plan, Provider, Record, Request, Response, Retrieval, Server,
    ToolExecution, ToolType, Usage, Value, WorkflowInvocation,
    semconv::{
        attribute as key,
        value::{operation_name as operation, output_type},
    },
};

pub use self::{outcome::outcome, private::may_be_content};
use crate::{Attributes, Kind, Span};

/// Gives the facts of the operation that a span in the conventions' language stands for; `None` where it names none that
/// is known here.
///
/// A span in another language is to be [read](crate::read) first. What the record has no place for stays among its
/// [own attributes](Common::attributes), but for what may be content: that comes out only where it has a place.
///
/// ```
/// use genspan::Record;
/// use genspan_dialects::{Dialect, Span, record};
///
/// let mut span = Span::default();
/// span.attributes.set("gen_ai.operation.name", "chat");
/// span.attributes.set("gen_ai.request.model", "gpt-4o-mini");
/// span.attributes.set("gen_ai.usage.input_tokens", "12");
/// assert!(Dialect::Rig.read(&mut span));
/// let Some(Record::Inference(call)) = record(&span) else { panic!() };
/// assert_eq!(call.usage.input(), Some(12));
/// ```
#[must_use]
pub fn record(span: &Span) -> Option<Record> {
    let mut facts = Facts(span.attributes.clone());
    let operation = facts.text(key::GEN_AI_OPERATION_NAME)?;
    let mut record = match operation.as_str() {
        operation::CHAT => inference(&mut facts, span, InferenceKind::Chat),
        operation::TEXT_COMPLETION => inference(&mut facts, span, InferenceKind::TextCompletion),
        operation::GENERATE_CONTENT => inference(&mut facts, span, InferenceKind::GenerateContent),
        operation::EMBEDDINGS => embeddings(&mut facts),
        operation::EXECUTE_TOOL => Record::ToolExecution(Box::new(tool(&mut facts))),
        operation::INVOKE_AGENT => agent(&mut facts, span),
        operation::CREATE_AGENT => creation(&mut facts),
        operation::INVOKE_WORKFLOW => Record::WorkflowInvocation(Box::new(WorkflowInvocation {
            name: facts.text(key::GEN_AI_WORKFLOW_NAME),
            content: content::take(&mut facts),
            common: Common::default(),
        })),
        operation::PLAN => Record::Plan(Box::new(Plan {
            agent_name: facts.text(key::GEN_AI_AGENT_NAME),
            common: Common::default(),
        })),
        operation::RETRIEVAL => retrieval(&mut facts),
        _ => return None,
    };
    let common = record.common_mut();
    common.conversation_id = facts.text(key::GEN_AI_CONVERSATION_ID);
    common.attributes = facts.rest();
    Some(record)
}

/// Gives facts out, each once.
struct Facts(Attributes);

impl Facts {
    fn text(&mut self, key: &str) -> Option<String> {
        match self.0.take(key)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn count(&mut self, key: &str) -> Option<u64> {
        let count = self.0.count(key);
        self.0.take(key);
        count.and_then(|count| u64::try_from(count).ok())
    }

    fn whole(&mut self, key: &str) -> Option<i64> {
        let number = self.0.count(key);
        self.0.take(key);
        number
    }

    fn number(&mut self, key: &str) -> Option<f64> {
        match self.0.take(key)? {
            #[allow(clippy::cast_precision_loss, reason = "settings are small numbers")]
            Value::Int(number) => Some(number as f64),
            Value::Double(number) => Some(number),
            Value::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.0.take(key) {
            Some(Value::Bool(flag)) => flag,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        match self.0.take(key) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(Value::String(text)) => vec![text],
            _ => Vec::new(),
        }
    }

    fn value(&mut self, key: &str) -> Value {
        match self.0.take(key) {
            Some(Value::String(text)) => Value::from_json_or_text(&text),
            Some(value) => value,
            None => Value::Null,
        }
    }

    fn provider(&mut self) -> Provider {
        let name = self.text(key::GEN_AI_PROVIDER_NAME);
        Provider::new(name.unwrap_or_default())
    }

    fn server(&mut self) -> Option<Server> {
        let port = self.whole(key::SERVER_PORT);
        let address = self.text(key::SERVER_ADDRESS)?;
        Some(Server::new(
            address,
            port.and_then(|port| u16::try_from(port).ok()),
        ))
    }

    fn usage(&mut self) -> (Usage, Vec<Diagnostic>) {
        let written = self
            .count(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)
            .or_else(|| self.count(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS));
        self.0.take(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS);
        let mut counts = Counts {
            input: self.count(key::GEN_AI_USAGE_INPUT_TOKENS),
            output: self.count(key::GEN_AI_USAGE_OUTPUT_TOKENS),
            cache_read: self.count(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
            cache_write: written,
            reasoning: self.count(key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
            ..Counts::default()
        };
        counts.input_by.audio = self.count(key::GEN_AI_USAGE_AUDIO_INPUT_TOKENS);
        counts.output_by.audio = self.count(key::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS);
        Usage::inclusive(counts)
    }

    fn request(&mut self) -> Request {
        Request {
            model: self.text(key::GEN_AI_REQUEST_MODEL),
            stream: self.flag(key::GEN_AI_REQUEST_STREAM),
            max_tokens: self.count(key::GEN_AI_REQUEST_MAX_TOKENS),
            temperature: self.number(key::GEN_AI_REQUEST_TEMPERATURE),
            top_p: self.number(key::GEN_AI_REQUEST_TOP_P),
            top_k: self.number(key::GEN_AI_REQUEST_TOP_K),
            frequency_penalty: self.number(key::GEN_AI_REQUEST_FREQUENCY_PENALTY),
            presence_penalty: self.number(key::GEN_AI_REQUEST_PRESENCE_PENALTY),
            stop_sequences: self.texts(key::GEN_AI_REQUEST_STOP_SEQUENCES),
            seed: self.whole(key::GEN_AI_REQUEST_SEED),
            choice_count: self.count(key::GEN_AI_REQUEST_CHOICE_COUNT),
            output_type: self
                .text(key::GEN_AI_OUTPUT_TYPE)
                .and_then(|it| output(&it)),
            reasoning_level: self.text(key::GEN_AI_REQUEST_REASONING_LEVEL),
            previous_response_id: self.text(key::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID),
        }
    }

    /// Gives what has no place in the record.
    fn rest(self) -> Vec<(String, Value)> {
        let is_bare =
            |value: &Value| matches!(value, Value::Bool(_) | Value::Int(_) | Value::Double(_));
        // How it ended is told apart, and what may be content has its places.
        let rest = self.0.into_list().into_iter();
        rest.filter(|one| one.key != key::ERROR_TYPE)
            .filter(|one| is_bare(&one.value) || !may_be_content(&one.key))
            .map(|one| (one.key.into_owned(), one.value))
            .collect()
    }
}

fn output(word: &str) -> Option<OutputType> {
    Some(match word {
        output_type::TEXT => OutputType::Text,
        output_type::JSON => OutputType::Json,
        output_type::IMAGE => OutputType::Image,
        output_type::SPEECH => OutputType::Speech,
        _ => return None,
    })
}

fn inference(facts: &mut Facts, span: &Span, kind: InferenceKind) -> Record {
    let mut call = Inference::new(kind, facts.provider());
    call.server = facts.server();
    call.request = facts.request();
    call.response = Response {
        id: facts.text(key::GEN_AI_RESPONSE_ID),
        model: facts.text(key::GEN_AI_RESPONSE_MODEL),
        finish_reasons: facts.texts(key::GEN_AI_RESPONSE_FINISH_REASONS),
        ..Response::default()
    };
    let usage = facts.usage();
    call.set_usage(usage);
    call.content = content::take(facts);
    let wait = facts.number(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
    let wait = wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    if let (Some(started), Some(wait)) = (span.started, wait) {
        call.timing.chunk(started.plus(wait));
    }
    call.into()
}

fn embeddings(facts: &mut Facts) -> Record {
    let (usage, diagnostics) = facts.usage();
    let mut call = Embeddings::new(facts.provider(), String::new());
    call.server = facts.server();
    call.model = facts.text(key::GEN_AI_REQUEST_MODEL);
    call.response_model = facts.text(key::GEN_AI_RESPONSE_MODEL);
    call.dimension_count = facts.count(key::GEN_AI_EMBEDDINGS_DIMENSION_COUNT);
    call.encoding_formats = facts.texts(key::GEN_AI_REQUEST_ENCODING_FORMATS);
    call.usage = usage;
    call.common.diagnostics = diagnostics;
    Record::Embeddings(Box::new(call))
}

fn tool(facts: &mut Facts) -> ToolExecution {
    ToolExecution {
        tool_type: facts.text(key::GEN_AI_TOOL_TYPE).map(tool_type),
        call_id: facts.text(key::GEN_AI_TOOL_CALL_ID),
        description: facts.text(key::GEN_AI_TOOL_DESCRIPTION),
        agent_name: facts.text(key::GEN_AI_AGENT_NAME),
        arguments: facts.value(key::GEN_AI_TOOL_CALL_ARGUMENTS),
        result: facts.value(key::GEN_AI_TOOL_CALL_RESULT),
        ..ToolExecution::new(facts.text(key::GEN_AI_TOOL_NAME).unwrap_or_default())
    }
}

fn tool_type(word: String) -> ToolType {
    let known = [ToolType::Function, ToolType::Extension, ToolType::Datastore];
    let known = known.into_iter().find(|known| known.as_str() == word);
    known.unwrap_or(ToolType::Other(word))
}

fn agent(facts: &mut Facts, span: &Span) -> Record {
    let provider = facts.text(key::GEN_AI_PROVIDER_NAME).map(Provider::new);
    let server = facts.server();
    // Only a call to another service leaves the process.
    let site = match (span.kind, provider) {
        (Kind::Client, Some(provider)) => AgentSite::Remote { provider, server },
        (_, provider) => AgentSite::InProcess { provider },
    };
    let (usage, diagnostics) = facts.usage();
    let mut run = AgentInvocation::at(site);
    run.name = facts.text(key::GEN_AI_AGENT_NAME);
    run.id = facts.text(key::GEN_AI_AGENT_ID);
    run.description = facts.text(key::GEN_AI_AGENT_DESCRIPTION);
    run.version = facts.text(key::GEN_AI_AGENT_VERSION);
    run.data_source_id = facts.text(key::GEN_AI_DATA_SOURCE_ID);
    run.request = facts.request();
    run.finish_reasons = facts.texts(key::GEN_AI_RESPONSE_FINISH_REASONS);
    run.usage = usage;
    run.content = content::take(facts);
    run.common.diagnostics = diagnostics;
    Record::AgentInvocation(Box::new(run))
}

fn creation(facts: &mut Facts) -> Record {
    let mut content = content::take(facts);
    let mut made = AgentCreation::new(facts.provider(), String::new());
    made.server = facts.server();
    made.name = facts.text(key::GEN_AI_AGENT_NAME);
    made.id = facts.text(key::GEN_AI_AGENT_ID);
    made.description = facts.text(key::GEN_AI_AGENT_DESCRIPTION);
    made.version = facts.text(key::GEN_AI_AGENT_VERSION);
    made.model = facts.text(key::GEN_AI_REQUEST_MODEL);
    made.system_instructions = mem::take(&mut content.system_instructions);
    Record::AgentCreation(Box::new(made))
}

fn retrieval(facts: &mut Facts) -> Record {
    let mut search = Retrieval::new(String::new());
    search.data_source_id = facts.text(key::GEN_AI_DATA_SOURCE_ID);
    search.query = facts.text(key::GEN_AI_RETRIEVAL_QUERY_TEXT);
    Record::Retrieval(Box::new(search))
}
