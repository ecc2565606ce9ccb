//! Answers in the shape of OpenAI's Responses.

use serde_json::{Value, json};

use super::ask::Ask;
use super::reply::{Reply, Tokens, piece_size, pieces};

/// The time of every answer, in seconds since 1970.
const CREATED: u64 = 1_700_000_000;

/// What stands for sealed reasoning; nobody can open it.
const SEALED: &str = "c2NyaXB0ZWQtcmVhc29uaW5n";

/// The whole answer.
pub(super) fn whole(ask: &Ask, reply: &Reply) -> Value {
    let output: Vec<Value> = items(ask, reply).into_iter().map(|it| it.whole).collect();
    response(ask, "completed", &output, &usage(reply.tokens))
}

/// The items that the model adds to the conversation.
pub(super) fn output(ask: &Ask, reply: &Reply) -> Vec<Value> {
    items(ask, reply).into_iter().map(|it| it.whole).collect()
}

/// Names the answer, so that the next question can go on from it.
pub(super) fn id(ask: &Ask) -> String {
    format!("resp_{}", ask.id("response"))
}

/// The documents of the streamed answer, `response.completed` last.
pub(super) fn stream(ask: &Ask, reply: &Reply) -> Vec<Value> {
    let begun = response(ask, "in_progress", &[], &Value::Null);
    let mut documents = vec![
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
    ];
    for (index, item) in items(ask, reply).into_iter().enumerate() {
        documents.push(json!({"type": "response.output_item.added", "output_index": index, "item": item.start}));
        let id = item.whole.get("id").cloned().unwrap_or_default();
        for mut delta in item.deltas {
            if let Some(fields) = delta.as_object_mut() {
                fields.insert("output_index".to_owned(), json!(index));
                fields.insert("item_id".to_owned(), id.clone());
            }
            documents.push(delta);
        }
        documents.push(
            json!({"type": "response.output_item.done", "output_index": index, "item": item.whole}),
        );
    }
    documents.push(json!({"type": "response.completed", "response": whole(ask, reply)}));
    for (number, document) in documents.iter_mut().enumerate() {
        if let Some(fields) = document.as_object_mut() {
            fields.insert("sequence_number".to_owned(), json!(number));
        }
    }
    documents
}

/// The answer to a question that asks for none: the conversation is only made ready.
pub(super) fn prepared(ask: &Ask) -> Vec<Value> {
    let usage = json!({"input_tokens": 0, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 0});
    vec![
        json!({"type": "response.created", "response": response(ask, "in_progress", &[], &Value::Null)}),
        json!({"type": "response.completed", "response": response(ask, "completed", &[], &usage)}),
    ]
}

/// The error that ends a stream.
pub(super) fn error_event() -> Value {
    json!({"type": "error", "code": "server_error", "message": "The server had an error while processing your request.", "param": null})
}

/// An item of the output, whole and as it is streamed.
struct Item {
    whole: Value,
    start: Value,
    deltas: Vec<Value>,
}

fn items(ask: &Ask, reply: &Reply) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(thought) = &reply.reasoning {
        items.push(reasoning(&format!("rs_{}", ask.id("reasoning")), thought));
    }
    // This format has one choice.
    if let Some(text) = reply.texts.first() {
        items.push(message(
            &format!("msg_{}", ask.id("message")),
            text,
            reply.refused,
        ));
    }
    items.extend(reply.calls.iter().map(|call| {
        let (name, id) = (&call.name, &call.id);
        match call.arguments.as_str() {
            // A tool that takes free text.
            Some(input) => called("custom_tool_call", "input", id, name, input),
            None => called(
                "function_call",
                "arguments",
                id,
                name,
                &call.arguments.to_string(),
            ),
        }
    }));
    items
}

fn reasoning(id: &str, thought: &str) -> Item {
    let item = |summary: &Value| json!({"id": id, "type": "reasoning", "summary": summary, "encrypted_content": SEALED});
    let part = json!({"type": "summary_text", "text": thought});
    let mut deltas = vec![
        json!({"type": "response.reasoning_summary_part.added", "summary_index": 0, "part": {"type": "summary_text", "text": ""}}),
    ];
    deltas.extend(pieces(thought, piece_size(thought)).into_iter().map(
        |piece| json!({"type": "response.reasoning_summary_text.delta", "summary_index": 0, "delta": piece}),
    ));
    deltas.push(json!({"type": "response.reasoning_summary_text.done", "summary_index": 0, "text": thought}));
    deltas.push(
        json!({"type": "response.reasoning_summary_part.done", "summary_index": 0, "part": part}),
    );
    Item {
        whole: item(&json!([part])),
        start: item(&json!([])),
        deltas,
    }
}

fn message(id: &str, text: &str, is_refused: bool) -> Item {
    let (event, part) = if is_refused {
        (
            "response.refusal",
            json!({"type": "refusal", "refusal": text}),
        )
    } else {
        (
            "response.output_text",
            json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text}),
        )
    };
    let field = if is_refused { "refusal" } else { "text" };
    let mut empty = part.clone();
    if let Some(fields) = empty.as_object_mut() {
        fields.insert(field.to_owned(), json!(""));
    }
    let item = |status: &str, content: &Value| json!({"id": id, "type": "message", "status": status, "role": "assistant", "content": content});
    let mut deltas =
        vec![json!({"type": "response.content_part.added", "content_index": 0, "part": empty})];
    deltas.extend(pieces(text, piece_size(text)).into_iter().map(
        |piece| json!({"type": format!("{event}.delta"), "content_index": 0, "delta": piece}),
    ));
    deltas.push(json!({"type": format!("{event}.done"), "content_index": 0, field: text}));
    deltas.push(json!({"type": "response.content_part.done", "content_index": 0, "part": part}));
    Item {
        whole: item("completed", &json!([part])),
        start: item("in_progress", &json!([])),
        deltas,
    }
}

fn called(kind: &str, field: &str, id: &str, name: &str, input: &str) -> Item {
    let item = |status: &str, input: &str| json!({"id": format!("fc_{id}"), "type": kind, "status": status, field: input, "call_id": format!("call_{id}"), "name": name});
    let event = if field == "input" {
        "response.custom_tool_call_input"
    } else {
        "response.function_call_arguments"
    };
    let said = pieces(input, piece_size(input)).into_iter();
    let deltas = said.map(|piece| json!({"type": format!("{event}.delta"), "delta": piece}));
    Item {
        whole: item("completed", input),
        start: item("in_progress", ""),
        deltas: deltas
            .chain([json!({"type": format!("{event}.done"), field: input})])
            .collect(),
    }
}

fn response(ask: &Ask, status: &str, output: &[Value], usage: &Value) -> Value {
    json!({
        "id": id(ask), "object": "response", "created_at": CREATED, "status": status, "error": null,
        "incomplete_details": null, "model": ask.model, "output": output, "parallel_tool_calls": true,
        "service_tier": "default", "tool_choice": "auto", "tools": [], "usage": usage, "metadata": {},
    })
}

fn usage(tokens: Option<Tokens>) -> Value {
    tokens.map_or(Value::Null, |tokens| {
        json!({
            "input_tokens": tokens.input,
            "input_tokens_details": {"cached_tokens": tokens.cached},
            "output_tokens": tokens.output,
            "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
            "total_tokens": tokens.input + tokens.output,
        })
    })
}
