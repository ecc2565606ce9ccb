//! The wire formats, one file or folder each; a new one is its file, with a `Format` in it, and a line in [`FAMILIES`].

pub(crate) mod anthropic_messages;
pub(crate) mod bedrock_converse;
pub(crate) mod bedrock_invoke;
pub(crate) mod cohere;
pub(crate) mod failure;
pub(crate) mod google;
pub(crate) mod keep;
pub(crate) mod likeness;
pub(crate) mod ollama;
pub(crate) mod openai_chat;
pub(crate) mod openai_completions;
pub(crate) mod openai_embeddings;
pub(crate) mod openai_responses;
pub(crate) mod openai_usage;
pub(crate) mod vectors;

use genspan::{
    Diagnostic, Embeddings, Failure, FinishReason, Inference, InferenceKind, Outline, Provider,
    Record, ResponseFetch, Timestamp,
};

use crate::{
    count_header::CountHeader,
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing},
};

/// Says what a wire format is called, whose it is, what is asked in it, and how an exchange in it is read.
#[derive(Debug)]
pub(crate) struct Format {
    /// The name, such as `openai.chat_completions`.
    pub(crate) name: &'static str,
    /// The provider whose format it is: what runs behind an unknown host is unknown, what it speaks is not.
    pub(crate) flavour: Provider,
    /// What is asked.
    pub(crate) operation: Operation,
    /// How a stream is divided into frames where only the path says that it is one.
    pub(crate) stream_framing: Framing,
    /// Begins to read an exchange.
    pub(crate) reader: fn(&Endpoint) -> Reader,
}

/// Names what a request in a format asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// An answer of a model.
    Inference(InferenceKind),
    /// Vectors for texts.
    Embeddings,
    /// An answer that the provider has stored.
    ResponseFetch,
}

/// Holds what the head of a request says to the family of formats that knows it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) format: &'static Format,
    /// The model, where the path names it.
    pub(crate) model: Option<String>,
    /// Whether the path asks for a stream.
    pub(crate) is_stream: bool,
    /// The stored answer that is fetched.
    pub(crate) stored: Option<Stored>,
}

/// Names an answer that the provider has stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) response_id: String,
    /// Where in its stream the reading begins.
    pub(crate) stream_cursor: Option<String>,
}

impl From<&'static Format> for Found {
    fn from(format: &'static Format) -> Self {
        Self {
            format,
            model: None,
            is_stream: false,
            stored: None,
        }
    }
}

impl Found {
    pub(crate) fn with_model(mut self, model: Option<String>) -> Self {
        self.model = model;
        self
    }
}

/// Look at what is asked, in this order; the first that knows it reads it.
const FAMILIES: [fn(&Asked<'_>) -> Option<Found>; 10] = [
    openai_chat::found,
    openai_responses::found,
    anthropic_messages::found,
    // Before the family that takes every path that ends in embeddings.
    ollama::found,
    cohere::found,
    openai_completions::found,
    openai_embeddings::found,
    google::found,
    bedrock_converse::found,
    bedrock_invoke::found,
];

/// Finds the format by method and path alone; hosts are many and anyone may run one.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    FAMILIES.iter().find_map(|family| family(asked))
}

impl Endpoint {
    /// Begins the record of an inference.
    pub(crate) fn inference(&self) -> Inference {
        let kind = match self.format.operation {
            Operation::Inference(kind) => kind,
            Operation::Embeddings | Operation::ResponseFetch => InferenceKind::Chat,
        };
        let mut record = Inference::new(kind, self.provider.clone());
        record.server.clone_from(&self.server);
        record.request.model.clone_from(&self.model);
        record.request.stream = self.is_stream;
        record
    }

    /// Begins the record of embeddings.
    pub(crate) fn embeddings(&self) -> Embeddings {
        let mut record = Embeddings::new(self.provider.clone(), String::new());
        record.model.clone_from(&self.model);
        record.server.clone_from(&self.server);
        record
    }

    /// Begins the record of the reading of a stored answer.
    pub(crate) fn response_fetch(&self) -> ResponseFetch {
        let stored = self.stored.clone().unwrap_or_default();
        let mut record = ResponseFetch::new(self.provider.clone(), stored.response_id);
        record.stream_cursor = stored.stream_cursor;
        record.server.clone_from(&self.server);
        record
    }

    /// Adds what the head says to what the bodies said; the provider is whom the caller named.
    pub(crate) fn complete(self, record: &mut Record) {
        let (provider, model) = match record {
            Record::Inference(record) => (&mut record.provider, Some(&mut record.request.model)),
            Record::Embeddings(record) => (&mut record.provider, Some(&mut record.model)),
            Record::ResponseFetch(record) => (&mut record.provider, None),
            _ => return,
        };
        *provider = self.provider;
        if let (Some(model), Some(stated)) = (model, self.model) {
            model.get_or_insert(stated);
        }
    }

    /// Gives what is known before the call is made: operation, provider, server.
    #[must_use]
    pub fn outline(&self) -> Outline {
        match self.format.operation {
            Operation::Inference(kind) => Outline::inference(
                kind,
                self.provider.clone(),
                self.model.clone(),
                self.server.clone(),
            ),
            Operation::Embeddings => Record::Embeddings(Box::new(self.embeddings())).into(),
            Operation::ResponseFetch => {
                Record::ResponseFetch(Box::new(self.response_fetch())).into()
            }
        }
    }
}

/// Gives meaning to the documents of one exchange, which come already parsed.
///
/// Errors with a status of 400 and above, `[DONE]` and unreadable documents are dealt with before; all else is the
/// format's: texts it keeps bounded, and no document makes it fail.
pub(crate) trait Decode: std::fmt::Debug + Send + Sync {
    /// Reads the request's body.
    fn request(&mut self, request: Json<'_>);
    /// Reads a header of the response that counts tokens; formats whose bodies state all pass over it.
    fn count_header(&mut self, _header: CountHeader, _count: u64) {}
    /// Reads an answer that came as one document.
    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress);
    /// Tells what of an answer is passed over.
    fn passing(&self) -> Passing {
        Passing::Nothing
    }
    /// From now on passes over what is said: the record tells everything else all the same. A format that does not
    /// know how reads on; what it read is dropped in the end.
    fn pass_over_content(&mut self) {}
    /// Reads one document of a stream if it is of the most common kinds, as [`chunk`](Self::chunk) would; does nothing
    /// where it is not.
    fn quick(&mut self, _chunk: &str, _at: Timestamp) -> bool {
        false
    }
    /// Reads one document of an answer that came as a stream; it notes its time where it is part of the answer.
    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress);
    /// Reads one document of a stream whose framing names what its documents are; most formats name that within.
    fn event(&mut self, _name: &str, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        self.chunk(chunk, at, progress);
    }
    /// Hands over the record; says in `progress` whether the answer told why it ended.
    fn finish(self: Box<Self>, progress: &mut Progress) -> Record;
    /// Gives another reader that has read the same.
    fn boxed(&self) -> Reader;
}

/// Reads one exchange in one of the formats.
pub(crate) type Reader = Box<dyn Decode>;

impl Clone for Reader {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

/// Holds what an answer said about its own end, and the oddities met on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Every choice said why it ended.
    pub(crate) finished: bool,
    /// The stream said its last word.
    pub(crate) terminal: bool,
    /// The document that is being read ended too early: what is not in it may have been said all the same.
    pub(crate) is_part: bool,
    /// What was asked and answered shows that no model was asked.
    pub(crate) asks_no_model: bool,
    /// The error that the answer itself reports; the first one stands.
    failure: Option<Failure>,
    diagnostics: Vec<Diagnostic>,
}

impl Progress {
    /// Notes an oddity, each kind once.
    pub(crate) fn note(&mut self, diagnostic: Diagnostic) {
        let same = |seen: &Diagnostic| match (seen, &diagnostic) {
            (
                Diagnostic::UsagePartExceedsWhole { part: seen, .. },
                Diagnostic::UsagePartExceedsWhole { part, .. },
            ) => seen == part,
            (seen, new) => seen.as_str() == new.as_str(),
        };
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes that the answer reports an error.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Gives the error that the answer reports.
    pub(crate) const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Says why a message of the answer ended, for the reason that is stated of it; one that ended before any was is in error.
    pub(crate) fn reason(&self, stated: Option<&str>) -> Option<FinishReason> {
        match stated {
            Some(stated) => Some(FinishReason::from_provider(stated)),
            None => (self.failure.is_some() || !self.terminal).then_some(FinishReason::Error),
        }
    }

    /// Takes out the oddities.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RequestHead, json::read};

    /// Members of which chunks are made up, what stands in place of `…` being made up in turn.
    const ROOT: [&str; 21] = [
        r#""id":"c1""#,
        r#""id":null"#,
        r#""object":"chat.completion.chunk""#,
        r#""object":"error""#,
        r#""model":"m""#,
        r#""service_tier":"default""#,
        r#""service_tier":"flex""#,
        r#""usage":null"#,
        r#""usage":{"prompt_tokens":2}"#,
        r#""x":[1,{"y":2}]"#,
        r#""error":null"#,
        r#""error":"bad""#,
        r#""choices":[]"#,
        r#""system_fingerprint":"""#,
        r#""citations":["a"]"#,
        r#""model_id":"w""#,
        r#""timings":{"predicted_n":3}"#,
        r#""cost":{"usd":0.5}"#,
        r#""x_groq":{"id":"r","error":"e"}"#,
        r#""base_resp":{"status_code":1002}"#,
        r#""venice_parameters":{"web_search_citations":["v"]}"#,
    ];
    const CHOICE: [&str; 12] = [
        r#""index":0"#,
        r#""index":1"#,
        r#""index":null"#,
        r#""finish_reason":null"#,
        r#""finish_reason":"stop""#,
        r#""logprobs":{"content":[{"token":"a"}]}"#,
        r#""message":{"content":"m"}"#,
        r#""text":"t""#,
        r#""usage":null"#,
        r#""usage":{"prompt_tokens":3}"#,
        r#""type":"x""#,
        r#""x":{}"#,
    ];
    const DELTA: [&str; 27] = [
        r#""role":"assistant""#,
        r#""role":"""#,
        r#""content":"Hi ""#,
        r#""content":"a\n\"b\"""#,
        r#""content":null"#,
        r#""content":"\ud83d""#,
        r#""content":[{"type":"text","text":"t"}]"#,
        r#""refusal":"no""#,
        r#""reasoning":"r1""#,
        r#""reasoning_content":"r2""#,
        r#""thinking":"""#,
        r#""reasoning_text":"r3""#,
        r#""thinking_blocks":[{"thinking":"b","signature":"s"}]"#,
        r#""executed_tools":[{"type":"search","arguments":"{}"}]"#,
        r#""executed_tools":null"#,
        r#""extra_content":{"x":{"thought_signature":"s"}}"#,
        r#""reasoning_details":[{"text":"d"}]"#,
        r#""x":1"#,
        r#""x":{"y":1}"#,
        r#""tool_calls":null"#,
        r#""tool_calls":[]"#,
        r#""tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]"#,
        r#""tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]"#,
        r#""tool_calls":[{"id":"b","function":{"name":"g","arguments":{"o":1}}}]"#,
        r#""tool_calls":[{"function":{"arguments":"1"}},{"function":{"arguments":"2"}}]"#,
        r#""tool_calls":[{"index":0,"function":null,"custom":{"input":"i"}}]"#,
        r#""function_call":{"name":"h"}"#,
    ];
    const EVENT: [&str; 7] = [
        r#""type":"content_block_delta""#,
        r#""type":"content_block_delta""#,
        r#""index":0"#,
        r#""index":1"#,
        r#""index":null"#,
        r#""x":{}"#,
        r#""type":"message_stop""#,
    ];
    const PIECE: [&str; 11] = [
        r#""type":"text_delta""#,
        r#""type":"thinking_delta""#,
        r#""type":"input_json_delta""#,
        r#""type":"signature_delta""#,
        r#""type":"future_delta""#,
        r#""text":"Hi\t""#,
        r#""text":null"#,
        r#""thinking":"hm""#,
        r#""partial_json":"{\"a\":""#,
        r#""text":5"#,
        r#""signature":"s""#,
    ];

    const RESPONSES_EVENT: [&str; 16] = [
        r#""output_index":0"#,
        r#""output_index":1"#,
        r#""output_index":null"#,
        r#""output_index":"0""#,
        r#""content_index":0"#,
        r#""content_index":1"#,
        r#""summary_index":1"#,
        r#""delta":"Hi\t""#,
        r#""delta":null"#,
        r#""delta":5"#,
        r#""sequence_number":4"#,
        r#""logprobs":[{"token":"a"}]"#,
        r#""error":null"#,
        r#""error":{"message":"bad"}"#,
        r#""object":"error""#,
        r#""response":{"id":"r","status":"in_progress"}"#,
    ];
    const RESPONSES_TYPE: [&str; 12] = [
        r#""type":"response.output_text.delta""#,
        r#""type":"response.output_text.delta""#,
        r#""type":"response.output_text.delta""#,
        r#""type":"response.refusal.delta""#,
        r#""type":"response.reasoning_text.delta""#,
        r#""type":"response.reasoning_summary_text.delta""#,
        r#""type":"response.function_call_arguments.delta""#,
        r#""type":"response.mcp_call_arguments.delta""#,
        r#""type":"response.custom_tool_call_input.delta""#,
        r#""type":"response.code_interpreter_call_code.delta""#,
        r#""type":"response.future.delta""#,
        r#""type":"response.output_text.done""#,
    ];

    struct Seeded(u64);

    impl Seeded {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 11).unwrap() % bound
        }

        fn some(&mut self, members: &[&str], most: usize, last: &str) -> String {
            let mut list: Vec<&str> = Vec::new();
            for _ in 0..self.below(most + 1) {
                list.push(members[self.below(members.len())]);
            }
            let at = self.below(list.len() + 1);
            if !last.is_empty() {
                list.insert(at, last);
            }
            format!("{{{}}}", list.join(","))
        }

        fn chunk(&mut self) -> String {
            let delta = self.some(&DELTA, 2, "");
            let choice = self.some(&CHOICE, 2, &format!("\"delta\":{delta}"));
            self.some(&ROOT, 3, &format!("\"choices\":[{choice}]"))
        }

        fn responses_event(&mut self) -> String {
            let kind = RESPONSES_TYPE[self.below(RESPONSES_TYPE.len())];
            let rest = self.some(&RESPONSES_EVENT, 3, r#""delta":"a\"b\"""#);
            rest.replacen('{', &format!("{{{kind},"), 1)
        }

        fn event(&mut self) -> String {
            let piece = self.some(&PIECE[5..], 1, PIECE[self.0 as usize % 5]);
            self.some(&EVENT, 2, &format!("\"delta\":{piece}"))
        }
    }

    /// Reads streams of made-up chunks with and without the quick way; gives how many chunks went it.
    fn assert_alike(path: &str, mut next: impl FnMut(&mut Seeded) -> String) -> usize {
        let mut seeded = Seeded(0x2545_f491_4f6c_dd1d);
        let mut quick = 0;
        for _ in 0..4_000 {
            let endpoint = Endpoint::detect(&RequestHead {
                method: "POST",
                host: "",
                port: None,
                path,
            });
            let endpoint = endpoint.unwrap();
            let waiting = (endpoint.format.reader)(&endpoint);
            let (mut slow, mut fast) = (waiting.clone(), waiting);
            let (mut slow_progress, mut fast_progress) = (Progress::default(), Progress::default());
            let mut chunks: Vec<String> = (0..3).map(|_| next(&mut seeded)).collect();
            chunks.extend_from_within(..seeded.below(3));
            for (at, chunk) in (1..).zip(&chunks) {
                let at = Timestamp::from_unix_nanos(at);
                read(chunk.as_bytes(), |_, json| {
                    slow.chunk(json, at, &mut slow_progress)
                });
                if fast.quick(chunk, at) {
                    quick += 1;
                } else {
                    read(chunk.as_bytes(), |_, json| {
                        fast.chunk(json, at, &mut fast_progress)
                    });
                }
            }
            let (slow, fast) = (
                slow.finish(&mut slow_progress),
                fast.finish(&mut fast_progress),
            );
            assert_eq!(fast, slow, "{chunks:#?}");
            assert_eq!(fast_progress.finished, slow_progress.finished);
            assert_eq!(fast_progress.failure(), slow_progress.failure());
        }
        quick
    }

    #[test]
    fn the_quick_way_reads_chunks_as_the_other_does() {
        assert!(assert_alike("/chat/completions", Seeded::chunk) > 2_000);
        assert!(assert_alike("/v1/messages", Seeded::event) > 2_000);
        assert!(assert_alike("/v1/responses", Seeded::responses_event) > 2_000);
    }
}
