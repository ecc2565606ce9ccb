//! The wire formats, one file each; a new one is a file, a line in `detect` and an arm in each `match` here.

pub(crate) mod anthropic_messages;
pub(crate) mod failure;
pub(crate) mod keep;
pub(crate) mod openai_chat;

use genspan::{Diagnostic, Failure, Provider, Record, Server, Timestamp};

use crate::json::{Json, Passing};

/// Names a wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// OpenAI's chat completions, as many others speak them.
    OpenAiChat,
    /// Anthropic's messages.
    AnthropicMessages,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai.chat_completions",
            Self::AnthropicMessages => "anthropic.messages",
        }
    }

    /// Begins to read an exchange in this format.
    pub(crate) fn reader(self, provider: Provider, server: Option<Server>) -> Reader {
        match self {
            Self::OpenAiChat => {
                Reader::OpenAiChat(Box::new(openai_chat::Chat::new(provider, server)))
            }
            Self::AnthropicMessages => Reader::AnthropicMessages(Box::new(
                anthropic_messages::Messages::new(provider, server),
            )),
        }
    }
}

/// Gives meaning to the documents of one exchange, which come already parsed.
///
/// Errors with a status of 400 and above, `[DONE]` and unreadable documents are dealt with before; all else is the
/// format's: texts it keeps bounded, and no document makes it fail.
pub(crate) trait Decode {
    /// Reads the request's body.
    fn request(&mut self, request: Json<'_>);
    /// Reads an answer that came as one document.
    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress);
    /// Tells what of an answer is passed over.
    fn passing(&self) -> Passing;
    /// From now on passes over what is said: the record tells everything else all the same.
    fn pass_over_content(&mut self);
    /// Reads one document of a stream if it is of the most common kinds, as [`chunk`](Self::chunk) would; does nothing
    /// where it is not.
    fn quick(&mut self, chunk: &str, at: Timestamp) -> bool;
    /// Reads one document of an answer that came as a stream; it notes its time where it is part of the answer.
    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress);
    /// Hands over the record; says in `progress` whether the answer told why it ended.
    fn finish(self, progress: &mut Progress) -> Record;
}

/// Holds what an answer said about its own end, and the oddities met on the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Every choice said why it ended.
    pub(crate) finished: bool,
    /// The stream said its last word.
    pub(crate) terminal: bool,
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

    /// Takes out the oddities.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

/// Reads one exchange in one of the formats.
#[derive(Clone, Debug)]
pub(crate) enum Reader {
    OpenAiChat(Box<openai_chat::Chat>),
    AnthropicMessages(Box<anthropic_messages::Messages>),
}

impl Reader {
    pub(crate) fn request(&mut self, request: Json<'_>) {
        match self {
            Self::OpenAiChat(reader) => reader.request(request),
            Self::AnthropicMessages(reader) => reader.request(request),
        }
    }

    pub(crate) fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        match self {
            Self::OpenAiChat(reader) => reader.whole(answer, progress),
            Self::AnthropicMessages(reader) => reader.whole(answer, progress),
        }
    }

    pub(crate) fn passing(&self) -> Passing {
        match self {
            Self::OpenAiChat(reader) => reader.passing(),
            Self::AnthropicMessages(reader) => reader.passing(),
        }
    }

    pub(crate) fn pass_over_content(&mut self) {
        match self {
            Self::OpenAiChat(reader) => reader.pass_over_content(),
            Self::AnthropicMessages(reader) => reader.pass_over_content(),
        }
    }

    pub(crate) fn quick(&mut self, chunk: &str, at: Timestamp) -> bool {
        match self {
            Self::OpenAiChat(reader) => reader.quick(chunk, at),
            Self::AnthropicMessages(reader) => reader.quick(chunk, at),
        }
    }

    pub(crate) fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        match self {
            Self::OpenAiChat(reader) => reader.chunk(chunk, at, progress),
            Self::AnthropicMessages(reader) => reader.chunk(chunk, at, progress),
        }
    }

    pub(crate) fn finish(self, progress: &mut Progress) -> Record {
        match self {
            Self::OpenAiChat(reader) => reader.finish(progress),
            Self::AnthropicMessages(reader) => reader.finish(progress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    /// Members of which chunks are made up, what stands in place of `…` being made up in turn.
    const ROOT: [&str; 15] = [
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
    ];
    const CHOICE: [&str; 9] = [
        r#""index":0"#,
        r#""index":1"#,
        r#""index":null"#,
        r#""finish_reason":null"#,
        r#""finish_reason":"stop""#,
        r#""logprobs":{"content":[{"token":"a"}]}"#,
        r#""message":{"content":"m"}"#,
        r#""type":"x""#,
        r#""x":{}"#,
    ];
    const DELTA: [&str; 22] = [
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

        fn event(&mut self) -> String {
            let piece = self.some(&PIECE[5..], 1, PIECE[self.0 as usize % 5]);
            self.some(&EVENT, 2, &format!("\"delta\":{piece}"))
        }
    }

    /// Reads streams of made-up chunks with and without the quick way; gives how many chunks went it.
    fn assert_alike(format: Format, mut next: impl FnMut(&mut Seeded) -> String) -> usize {
        let mut seeded = Seeded(0x2545_f491_4f6c_dd1d);
        let mut quick = 0;
        for _ in 0..4_000 {
            let waiting = format.reader(Provider::OPENAI, None);
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
        assert!(assert_alike(Format::OpenAiChat, Seeded::chunk) > 2_000);
        assert!(assert_alike(Format::AnthropicMessages, Seeded::event) > 2_000);
    }
}
