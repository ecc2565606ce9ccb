//! Answers in the shape of Ollama's chats, completions and embeddings.

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::reply::{Reply, Tokens, piece_size, pieces};

/// The time of every answer: answers are the same on every day.
const CREATED: &str = "2023-11-14T22:13:20.5Z";
/// The encoding of every conversation that a completion hands out; nobody can read it.
const CONTEXT: [u32; 3] = [128_006, 882, 128_007];
/// The numbers of a vector.
const DIMENSIONS: u64 = 8;

/// The whole answer.
pub(super) fn whole(ask: &Ask, reply: &Reply) -> Value {
    let mut said = Map::from_iter([(words(ask).to_owned(), json!(text(reply)))]);
    if let Some(reasoning) = &reply.reasoning {
        said.insert("thinking".to_owned(), json!(reasoning));
    }
    if !reply.calls.is_empty() {
        let calls: Vec<Value> = (0..reply.calls.len())
            .filter_map(|at| call(reply, at))
            .collect();
        said.insert("tool_calls".to_owned(), json!(calls));
    }
    last(ask, reply, said)
}

/// The lines of the streamed answer; the last one has the reason and all counts.
pub(super) fn stream(ask: &Ask, reply: &Reply) -> Vec<String> {
    let empty = || (words(ask).to_owned(), json!(""));
    let thoughts = reply
        .reasoning
        .iter()
        .flat_map(|it| pieces(it, piece_size(it)))
        .map(|piece| Map::from_iter([empty(), ("thinking".to_owned(), json!(piece))]));
    let text = text(reply);
    let texts = pieces(text, piece_size(text))
        .into_iter()
        .map(|piece| Map::from_iter([(words(ask).to_owned(), json!(piece))]));
    let calls = (0..reply.calls.len())
        .filter_map(|at| call(reply, at))
        .map(|call| Map::from_iter([empty(), ("tool_calls".to_owned(), json!([call]))]));
    thoughts
        .chain(texts)
        .chain(calls)
        .map(|said| line(&Value::Object(answer(ask, said, false))))
        .chain([line(&last(ask, reply, Map::from_iter([empty()])))])
        .collect()
}

/// The answer to a question for vectors, one for each text.
pub(super) fn embeddings(body: &Value) -> Value {
    let texts: Vec<&str> = match &body["input"] {
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        text => text.as_str().into_iter().collect(),
    };
    let vector = |text: &&str| -> Vec<f64> {
        let length = text.chars().count() as f64;
        (0..DIMENSIONS)
            .map(|nth| nth as f64 / 8.0 - length)
            .collect()
    };
    let counted: usize = texts.iter().map(|text| text.chars().count() / 4 + 1).sum();
    json!({
        "model": body["model"], "embeddings": texts.iter().map(vector).collect::<Vec<_>>(),
        "total_duration": 14_143_917, "load_duration": 1_019_500, "prompt_eval_count": counted,
    })
}

/// The body of a failed request, and the line that ends a stream which fails.
pub(super) fn error(status: u16, key: &str) -> Value {
    let message = match status {
        400 => "invalid option provided: temperature".to_owned(),
        401 => format!("unauthorized: {key}"),
        404 => "model not found, try pulling it first".to_owned(),
        429 => "too many requests".to_owned(),
        503 | 529 => "server busy, please try again. maximum pending requests exceeded".to_owned(),
        _ => "an error was encountered while running the model".to_owned(),
    };
    json!({"error": message})
}

/// The list of models.
pub(super) fn models() -> Value {
    let model = |name: &str| json!({"name": name, "model": name, "modified_at": CREATED, "size": 2_019_393_189_u64, "digest": "a80c4f17acd5", "details": {}});
    json!({"models": [model("scripted-1"), model("scripted-1-mini")]})
}

/// Nothing but a line's end, which keeps a connection alive.
pub(super) fn ping() -> String {
    "\n".to_owned()
}

/// A document as a line of a stream.
pub(super) fn line(document: &Value) -> String {
    format!("{document}\n")
}

/// The member that holds the text.
const fn words(ask: &Ask) -> &'static str {
    if ask.is_prompt { "response" } else { "content" }
}

fn text(reply: &Reply) -> &str {
    // One answer is given, however many are asked for.
    reply.texts.first().map_or("", String::as_str)
}

fn call(reply: &Reply, at: usize) -> Option<Value> {
    let call = reply.calls.get(at)?;
    Some(json!({
        "id": format!("call_{}", call.id),
        "function": {"index": at, "name": call.name, "arguments": call.arguments},
    }))
}

/// A chat says it in a message, a completion in the answer itself.
fn answer(ask: &Ask, mut said: Map<String, Value>, is_done: bool) -> Map<String, Value> {
    let mut answer = Map::from_iter([
        ("model".to_owned(), json!(ask.model)),
        ("created_at".to_owned(), json!(CREATED)),
        ("done".to_owned(), json!(is_done)),
    ]);
    if ask.is_prompt {
        answer.extend(said);
    } else {
        said.insert("role".to_owned(), json!("assistant"));
        answer.insert("message".to_owned(), Value::Object(said));
    }
    answer
}

fn last(ask: &Ask, reply: &Reply, said: Map<String, Value>) -> Value {
    let mut answer = answer(ask, said, true);
    answer.insert("done_reason".to_owned(), json!("stop"));
    if ask.is_prompt {
        answer.insert("context".to_owned(), json!(CONTEXT));
    }
    if let Some(tokens) = reply.tokens {
        answer.extend(counts(tokens));
    }
    Value::Object(answer)
}

/// Durations are in nanoseconds; what was read from a cache is not told, and thoughts are part of the output.
fn counts(tokens: Tokens) -> [(String, Value); 6] {
    [
        ("total_duration", 883_583_458),
        ("load_duration", 1_334_875),
        ("prompt_eval_count", tokens.input),
        ("prompt_eval_duration", 342_546_000),
        ("eval_count", tokens.output),
        ("eval_duration", 535_599_000),
    ]
    .map(|(name, number)| (name.to_owned(), json!(number)))
}
