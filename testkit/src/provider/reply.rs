//! What the model says, before it is put into a format.

use serde_json::Value;

use super::ask::Ask;
use super::plan::Step;
use super::scenario::Scenario;
use super::schema;

/// A question is quoted up to this many characters.
const QUOTE: usize = 400;
/// What a long answer repeats.
const FILLER: &str = "All work and no play makes a long answer. ";

/// A call that the model asks for.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Value,
}

/// Counts of tokens; `input` includes `cached` and `cache_creation`, `output` includes `reasoning`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) cache_creation: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
}

/// One answer of the model.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) reasoning: Option<String>,
    /// One for each choice.
    pub(super) texts: Vec<String>,
    pub(super) refused: bool,
    pub(super) calls: Vec<Call>,
    /// Absent where the scenario leaves it out.
    pub(super) tokens: Option<Tokens>,
}

impl Reply {
    /// Answers by the scenario; the same question always gets the same answer.
    pub(super) fn to(ask: &Ask, scenario: Scenario) -> Self {
        let wanted = match scenario {
            Scenario::Tools => 1,
            Scenario::ParallelTools => 2,
            _ => 0,
        };
        let calls = if ask.result.is_none() {
            calls(ask, wanted)
        } else {
            Vec::new()
        };
        let refused = scenario == Scenario::Refusal;
        let text = match (&ask.result, scenario) {
            (_, Scenario::Refusal) => "I'm sorry, but I can't help with that.".to_owned(),
            (_, Scenario::Huge(mib)) => FILLER.repeat(((mib as usize) << 20) / FILLER.len() + 1),
            (Some(result), _) => format!("The tool said: {}", quoted(result)),
            (None, _) => format!("You said: {}", quoted(&ask.question)),
        };
        let texts: Vec<String> = match ask.choices {
            _ if !calls.is_empty() => Vec::new(),
            0 | 1 => vec![text],
            n => (1..=n).map(|i| format!("{text} (answer {i})")).collect(),
        };
        let reasoning = (scenario == Scenario::Reasoning)
            .then(|| "The user wants an answer. The question is easy, so I repeat it.".to_owned());
        let tokens = counted(ask, reasoning.as_deref(), &texts, &calls);
        Self {
            reasoning,
            texts,
            refused,
            calls,
            tokens: (scenario != Scenario::NoUsage).then_some(tokens),
        }
    }

    /// Answers by the step of a plan; without tools there is nothing to call, and the answer is the text.
    pub(super) fn planned(ask: &Ask, step: &Step) -> Self {
        let calls: Vec<Call> = step
            .call
            .iter()
            .filter(|_| !ask.tools.is_empty())
            .enumerate()
            .map(|(i, (name, arguments))| Call {
                id: ask.id(&format!("call {i}")),
                name: name.clone(),
                arguments: arguments.clone(),
            })
            .collect();
        let silent = (!calls.is_empty()).then(Vec::new);
        let texts = step.say.clone().map(|text| vec![text]).or(silent);
        let texts = texts.unwrap_or_else(|| vec!["A plan is carried out.".to_owned()]);
        let tokens = counted(ask, step.think.as_deref(), &texts, &calls);
        Self {
            reasoning: step.think.clone(),
            texts,
            refused: false,
            calls,
            tokens: Some(tokens),
        }
    }
}

fn counted(ask: &Ask, reasoning: Option<&str>, texts: &[String], calls: &[Call]) -> Tokens {
    let thought = reasoning.map_or(0, tokens);
    let said: u64 = texts.iter().map(|it| tokens(it)).sum();
    let called: u64 = calls
        .iter()
        .map(|it| tokens(&it.name) + tokens(&it.arguments.to_string()))
        .sum();
    Tokens {
        input: ask.input_tokens,
        cached: ask.input_tokens / 4,
        cache_creation: ask.input_tokens / 8,
        output: thought + said + called,
        reasoning: thought,
    }
}

fn calls(ask: &Ask, wanted: usize) -> Vec<Call> {
    let offers = ask.tools.iter().chain(ask.tools.iter()).take(wanted);
    offers
        .enumerate()
        .map(|(i, offer)| Call {
            id: ask.id(&format!("call {i}")),
            name: offer.name.clone(),
            arguments: schema::example(&offer.schema),
        })
        .collect()
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTE).collect()
}

fn tokens(text: &str) -> u64 {
    text.chars().count() as u64 / 4 + 1
}

/// The pieces in which a text is streamed: of `size` characters, the last one shorter.
pub(super) fn pieces(text: &str, size: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        pieces.push(rest.by_ref().take(size).collect());
    }
    pieces
}

/// The size of a piece: small, but no more than some hundred pieces.
pub(super) fn piece_size(text: &str) -> usize {
    (text.len() / 256).max(9)
}
