//! The answers that the campaign is led over: our own, and recorded ones of every interface.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::Path,
};

use genspan_wire::{Exchange, RequestHead};

use testkit::recordings::{Corpus, Recorded};

/// One line for each folder of fixtures: the folder, the method, where whole answers of the format come from, and
/// where streamed ones do.
///
/// Fixtures with `request` in their names are no answers; how an answer is labelled its extension says.
const FORMATS: [(&str, &str, &str, &str); 17] = [
    (
        "anthropic_messages",
        "POST",
        "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/messages",
    ),
    (
        "bedrock_converse",
        "POST",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse-stream",
    ),
    (
        "bedrock_embed",
        "POST",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke",
    ),
    (
        "bedrock_invoke",
        "POST",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke",
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke-with-response-stream",
    ),
    (
        "cohere_chat",
        "POST",
        "https://api.cohere.com/v2/chat",
        "https://api.cohere.com/v2/chat",
    ),
    (
        "cohere_chat_v1",
        "POST",
        "https://api.cohere.com/v1/chat",
        "https://api.cohere.com/v1/chat",
    ),
    (
        "cohere_embed",
        "POST",
        "https://api.cohere.com/v2/embed",
        "https://api.cohere.com/v2/embed",
    ),
    (
        "google_embed_content",
        "POST",
        "https://generativelanguage.googleapis.com/v1beta/models/m:embedContent",
        "https://generativelanguage.googleapis.com/v1beta/models/m:embedContent",
    ),
    (
        "google_generate_content",
        "POST",
        "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
        "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse",
    ),
    (
        "google_interactions",
        "POST",
        "https://generativelanguage.googleapis.com/v1beta/interactions",
        "https://generativelanguage.googleapis.com/v1beta/interactions",
    ),
    (
        "ollama_chat",
        "POST",
        "http://localhost:11434/api/chat",
        "http://localhost:11434/api/chat",
    ),
    (
        "ollama_embed",
        "POST",
        "http://localhost:11434/api/embed",
        "http://localhost:11434/api/embed",
    ),
    (
        "ollama_generate",
        "POST",
        "http://localhost:11434/api/generate",
        "http://localhost:11434/api/generate",
    ),
    (
        "openai_chat",
        "POST",
        "https://api.openai.com/v1/chat/completions",
        "https://api.openai.com/v1/chat/completions",
    ),
    (
        "openai_completions",
        "POST",
        "https://api.openai.com/v1/completions",
        "https://api.openai.com/v1/completions",
    ),
    (
        "openai_embeddings",
        "POST",
        "https://api.openai.com/v1/embeddings",
        "https://api.openai.com/v1/embeddings",
    ),
    (
        "openai_responses",
        "POST",
        "https://api.openai.com/v1/responses",
        "https://api.openai.com/v1/responses",
    ),
];

/// The labels of fixtures by their extensions.
const LABELS: [(&str, &str); 4] = [
    ("json", "application/json"),
    ("sse", "text/event-stream"),
    ("ndjson", "application/x-ndjson"),
    ("eventstream", "application/vnd.amazon.eventstream"),
];

/// The interfaces of which there are recordings, last those of which nothing is expected (InvokeModel, interactions);
/// what is not detected is another test's matter.
const RECORDED: [&str; 10] = [
    "anthropic.messages",
    "aws.bedrock.converse",
    "cohere.chat",
    "google.generate_content",
    "ollama.chat",
    "openai.chat_completions",
    "openai.completions",
    "openai.embeddings",
    "openai.responses",
    "",
];

/// One response body, and the exchange that waits for it.
pub(crate) struct Answer {
    pub(crate) name: String,
    pub(crate) format: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) waiting: Exchange,
    pub(crate) is_stream: bool,
    /// It is one of our own fixtures, with the name of its folder and itself.
    pub(crate) own: Option<(String, String)>,
    /// How many of its format were recorded.
    recorded: usize,
    /// How many formats there are.
    formats: usize,
}

impl Answer {
    fn new(name: String, waiting: Exchange, body: Vec<u8>, label: &str) -> Self {
        let (label, _) = label.split_once(';').unwrap_or((label, ""));
        Self {
            name,
            format: waiting.format_name(),
            body,
            waiting,
            is_stream: LABELS[1..].iter().any(|(_, stream)| label == *stream),
            own: None,
            recorded: 1,
            formats: 1,
        }
    }

    /// Gives the places where it is looked at: all of a fixture of our own, and of a recorded answer as many as its
    /// share of the work allows. What is looked at costs as much as the body is long; every format has the same share.
    pub(crate) fn places(&self, work: usize, seeded: &mut Seeded) -> BTreeSet<usize> {
        const FEWEST: usize = 32;
        const AROUND: usize = 16;
        let len = self.body.len();
        let share = work / self.formats / self.recorded / len.max(1);
        if self.own.is_some() || share >= len {
            return (0..len).collect();
        }
        let ends = self.frame_ends();
        let near = |end: usize, by: usize| (end + by).saturating_sub(AROUND).min(len - 1);
        (0..share.max(FEWEST))
            .map(|nth| match nth % 2 {
                0 => seeded.below(len),
                _ => near(ends[seeded.below(ends.len())], seeded.below(2 * AROUND)),
            })
            .collect()
    }

    /// Gives where frames end, as far as lines and lengths tell.
    pub(crate) fn frame_ends(&self) -> Vec<usize> {
        let body = &self.body;
        let mut ends = Vec::new();
        if self.is_stream && body.first() == Some(&0) {
            let mut at = 0;
            while let Some(length) = body.get(at..at + 4) {
                at += u32::from_be_bytes(length.try_into().unwrap()).max(16) as usize;
                ends.push(at.min(body.len()));
            }
        } else if self.is_stream {
            let lines = (1..body.len()).filter(|&end| body[end - 1] == b'\n');
            // Events end with a blank line, and lines are frames of their own.
            let is_events = body.windows(2).any(|pair| pair == b"\n\n")
                || body.windows(3).any(|blank| blank == b"\n\r\n");
            ends.extend(lines.filter(|&end| !is_events || matches!(body[end], b'\n' | b'\r')));
        }
        ends.push(body.len());
        ends.dedup();
        ends
    }
}

/// A small generator of numbers that are the same each time.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }
}

/// Begins an exchange whose answer is awaited; `None` where no format is known for its address.
fn waiting(method: &str, url: &str, label: &str, is_stream: bool) -> Option<Exchange> {
    let (_, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let mut exchange = Exchange::detect(&RequestHead {
        method,
        host,
        port: port.parse().ok(),
        path,
    })?;
    // Of some models the request tells in whose shape they answer; where there is none, the answer does.
    if method == "POST" && !path.starts_with("/model/") {
        exchange.request(format!(r#"{{"model":"m","stream":{is_stream}}}"#).as_bytes());
    }
    exchange.request_end();
    exchange.response_head(200, Some(label));
    Some(exchange)
}

/// Gives our own fixtures; a folder without a line in the table is an oversight.
fn fixtures() -> Vec<Answer> {
    let mut list = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for folder in sorted(&root) {
        let line = FORMATS.iter().find(|(name, ..)| *name == folder);
        let (_, method, whole, streamed) = line.unwrap_or_else(|| panic!("{folder}: no format"));
        for file in sorted(&root.join(&folder)) {
            if file.contains("request") {
                continue;
            }
            let (_, extension) = file.rsplit_once('.').unwrap();
            let label = LABELS.iter().find(|(known, _)| *known == extension);
            let (_, label) = label.unwrap_or_else(|| panic!("{folder}/{file}: no label"));
            let is_stream = extension != "json";
            let url = if is_stream { streamed } else { whole };
            let exchange = waiting(method, url, label, is_stream);
            let exchange = exchange.unwrap_or_else(|| panic!("{url}: not detected"));
            let body = fs::read(root.join(&folder).join(&file)).unwrap();
            let mut answer = Answer::new(format!("{folder}/{file}"), exchange, body, label);
            answer.own = Some((folder.clone(), file));
            list.push(answer);
        }
    }
    list
}

fn sorted(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn recorded(recorded: &Recorded, name: String) -> Option<Answer> {
    let label = recorded.content_type.as_deref().unwrap_or_default();
    let is_stream = !label.starts_with("application/json");
    let exchange = waiting(&recorded.method, &recorded.url, label, is_stream)?;
    Some(Answer::new(
        name,
        exchange,
        recorded.response.clone(),
        label,
    ))
}

/// Gives every different answer: our own fixtures, and recorded traffic where it is at hand.
pub(crate) fn answers() -> Vec<Answer> {
    let mut list = fixtures();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    if let Some(corpus) = Corpus::read() {
        let mut seen = HashSet::new();
        for api in RECORDED {
            for (one, expected) in corpus.of(api) {
                if one.status == 200 && seen.insert(one.response.clone()) {
                    list.extend(recorded(one, format!("{api} {}", expected["start"])));
                }
            }
        }
    }
    for answer in &list {
        *counts.entry(answer.format).or_default() += usize::from(answer.own.is_none());
    }
    let formats = counts.values().filter(|count| **count > 0).count();
    for answer in &mut list {
        answer.recorded = counts[answer.format].max(1);
        answer.formats = formats.max(1);
    }
    list
}
