//! What a whole conversation's answers are to be, written into the user's own message.
//!
//! A program that runs an agent cannot be told for each request which scenario it is to meet; its prompt can. Between
//! `<plan>` and `</plan>` stands a JSON list with a step for each answer of the model: which step is next is told by how
//! often the model has answered since. A step is a text, or an object with
//!
//! - `say`: the text;
//! - `think`: reasoning before it;
//! - `call`: a list of `[name, arguments]`, tools that are called side by side; arguments that are a text call a custom
//!   tool of Responses;
//! - `status`: the request fails with this status, always;
//! - `fail`: it fails with this status once, and is answered by the rest of the step when it is asked again;
//! - `cut`: the connection is closed after as many events.
//!
//! A sub-agent gets its own plan: in the arguments of the call that starts it.

use serde_json::Value;

/// One answer of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    pub(super) say: Option<String>,
    pub(super) think: Option<String>,
    pub(super) call: Vec<(String, Value)>,
    pub(super) status: Option<u16>,
    pub(super) fail: Option<u16>,
    pub(super) cut: Option<usize>,
}

/// One turn of a conversation, whatever its format.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) is_models: bool,
    pub(super) text: String,
}

/// Gives the step that is next, if a message has a plan; after the last step, or where the plan cannot be read, the
/// answer says so.
pub(super) fn next(turns: &[Turn]) -> Option<Step> {
    let (at, plan) = turns
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, turn)| !turn.is_models)
        .find_map(|(at, turn)| Some((at, within(&turn.text)?)))?;
    let answered = turns
        .get(at..)
        .unwrap_or_default()
        .windows(2)
        .filter(|pair| matches!(pair, [before, turn] if turn.is_models && !before.is_models))
        .count();
    let steps: Vec<Value> = match serde_json::from_str(plan) {
        Ok(steps) => steps,
        Err(error) => return Some(Step::says(format!("The plan cannot be read: {error}"))),
    };
    Some(steps.get(answered).map_or_else(
        || Step::says("There is nothing more to do.".to_owned()),
        Step::read,
    ))
}

/// Gives what stands between the marks; the outermost, since a plan can hold another.
fn within(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<plan>")?;
    Some(rest.rsplit_once("</plan>")?.0)
}

impl Step {
    fn says(text: String) -> Self {
        Self {
            say: Some(text),
            ..Self::default()
        }
    }

    fn read(step: &Value) -> Self {
        let text = |name: &str| step[name].as_str().map(str::to_owned);
        let number = |name: &str| step[name].as_u64();
        let status = |name: &str| number(name).and_then(|it| u16::try_from(it).ok());
        if let Some(say) = step.as_str() {
            return Self::says(say.to_owned());
        }
        let calls = step["call"].as_array().into_iter().flatten();
        Self {
            say: text("say"),
            think: text("think"),
            call: calls
                .filter_map(|call| Some((call[0].as_str()?.to_owned(), call[1].clone())))
                .collect(),
            status: status("status"),
            fail: status("fail"),
            cut: number("cut").and_then(|it| usize::try_from(it).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(list: &[(bool, &str)]) -> Vec<Turn> {
        list.iter()
            .map(|(is_models, text)| Turn {
                is_models: *is_models,
                text: (*text).to_owned(),
            })
            .collect()
    }

    #[test]
    fn steps_follow_the_answers_that_were_given() {
        let plan =
            r#"Do it. <plan>[{"call":[["Bash",{"a":"<plan>[\"in\"]</plan>"}]]},"done"]</plan>"#;
        let first = next(&turns(&[(false, "be kind"), (false, plan)])).unwrap();
        assert_eq!(first.call[0].1["a"], "<plan>[\"in\"]</plan>");
        let told = [
            (false, plan),
            (true, "calls"),
            (true, "more"),
            (false, "result"),
        ];
        let second = next(&turns(&told)).unwrap();
        assert_eq!(second, Step::says("done".to_owned()));
        let told = [
            (false, plan),
            (true, ""),
            (false, ""),
            (true, ""),
            (false, "go on"),
        ];
        let third = next(&turns(&told)).unwrap();
        assert_eq!(third.say.as_deref(), Some("There is nothing more to do."));
    }

    #[test]
    fn without_a_plan_there_is_no_step_and_a_bad_one_is_said() {
        assert_eq!(next(&turns(&[(false, "hello")])), None);
        let bad = next(&turns(&[(false, "<plan>[</plan>")])).unwrap();
        assert!(bad.say.unwrap().starts_with("The plan cannot be read"));
    }
}
