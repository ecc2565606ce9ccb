//! OpenAI's Responses over HTTP, whole and streamed.

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use crate::raw::{Got, exchange, post};

fn ask(provider: &Provider, body: &Value) -> Got {
    exchange(
        provider,
        &post(
            "/v1/responses",
            "authorization: Bearer k\r\n",
            &body.to_string(),
        ),
    )
}

fn question(input: &Value, stream: bool) -> Value {
    let parameters =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    json!({"model": "m", "stream": stream, "input": input, "tools": [{"type": "function", "name": "weather", "parameters": parameters}]})
}

#[test]
fn a_stream_ends_with_the_whole_answer_and_its_deltas_are_what_it_says() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    for scenario in ["text", "tools", "parallel-tools", "reasoning", "refusal"] {
        let input = json!(format!("How is it? scripted:{scenario}"));
        let whole = ask(&provider, &question(&input, false)).json();
        assert_eq!(whole["status"], "completed");
        let events = ask(&provider, &question(&input, true)).events();
        let last = events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["response"]),
            (&json!("response.completed"), &whole),
            "{scenario}"
        );
        for (at, item) in whole["output"].as_array().unwrap().iter().enumerate() {
            let of = |kind: &'static str| {
                events.iter().filter(move |it| {
                    it["output_index"] == at && it["type"].as_str().unwrap().ends_with(kind)
                })
            };
            let said: String = of(".delta")
                .map(|it| it["delta"].as_str().unwrap())
                .collect();
            let texts = [
                &item["arguments"],
                &item["content"][0]["text"],
                &item["content"][0]["refusal"],
                &item["summary"][0]["text"],
            ];
            assert_eq!(
                texts.iter().find_map(|it| it.as_str()),
                Some(said.as_str()),
                "{scenario}"
            );
            assert_eq!(&of("output_item.done").next().unwrap()["item"], item);
        }
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["sequence_number"], number);
        }
    }
}

#[test]
fn a_question_goes_on_from_an_earlier_answer() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let plan = json!(
        r#"<plan>[{"call":[["weather",{"city":"Rome"}],["note","free text"]]},"done"]</plan>"#
    );
    let first = ask(&provider, &question(&plan, false)).json();
    let calls = &first["output"];
    assert_eq!(
        (&calls[0]["arguments"], &calls[1]["type"]),
        (&json!(r#"{"city":"Rome"}"#), &json!("custom_tool_call"))
    );
    assert_eq!(calls[1]["input"], "free text");
    let results = [0, 1].map(|at| json!({"type": "function_call_output", "call_id": calls[at]["call_id"], "output": "sunny"}));
    let mut next = question(&json!(results), false);
    next["previous_response_id"] = first["id"].clone();
    let second = ask(&provider, &next).json();
    assert_eq!(second["output"][0]["content"][0]["text"], "done");
    // The same without an earlier answer: all of the conversation is sent again.
    let said = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": plan}]});
    let all: Vec<Value> = [said]
        .into_iter()
        .chain(calls.as_array().unwrap().clone())
        .chain(results)
        .collect();
    let again = ask(&provider, &question(&json!(all), false)).json();
    assert_eq!(
        again["output"][0]["content"],
        second["output"][0]["content"]
    );
}

#[test]
fn what_goes_wrong_goes_wrong() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let of = |scenario: &str, stream| {
        ask(
            &provider,
            &question(&json!(format!("scripted:{scenario}")), stream),
        )
    };
    assert_eq!(of("error-429", true).status(), 429);
    assert!(
        of("error-401", false).json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("provided: k.")
    );
    let (failed, answered) = (of("retry-529", false), of("retry-529", false));
    assert_eq!((failed.status(), answered.status()), (529, 200));
    let events = of("error-midstream:2", true).events();
    assert_eq!((events.len(), &events[2]["type"]), (3, &json!("error")));
    assert!(!of("cut-midstream", true).whole);
    assert_ne!(
        of("no-done", true).events().last().unwrap()["type"],
        "response.completed"
    );
    assert_eq!(of("no-usage", false).json()["usage"], Value::Null);
}
