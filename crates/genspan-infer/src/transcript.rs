//! What a request tells of its conversation, as fingerprints.

use genspan::{Inference, Message, Part, Role, ToolCallRequest, Value};

use crate::print;

/// Marks how far a conversation had come at one point of its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// All that was said before the model answered.
    Asked(u64),
    /// The same with the answer.
    Answered(u64),
}

/// Names a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallName {
    /// By its place in the conversation.
    pub(crate) place: u64,
    /// By id, name and arguments; `None` where it has no id.
    pub(crate) signature: Option<u64>,
    /// By its place and its id, whatever it asks for; `None` where it has no id.
    ///
    /// Some programs repeat calls in other words: a tool by its newer name, arguments with what was left out.
    pub(crate) slot: Option<u64>,
}

/// Holds a tool's result as a request tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// The call, where the request repeats it.
    pub(crate) call: Option<CallName>,
    /// The call's id.
    pub(crate) id: Option<u64>,
    pub(crate) response: &'a Value,
}

/// Holds a call that an answer asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) name: CallName,
    pub(crate) id: Option<u64>,
    pub(crate) call: &'a ToolCallRequest,
}

/// Holds what a request and its answer tell.
#[derive(Debug, Default)]
pub(crate) struct Transcript<'a> {
    /// The points of the history, from the first to the last.
    pub(crate) marks: Vec<Mark>,
    /// What was said before the request.
    pub(crate) base: u64,
    /// All that was said before this answer.
    pub(crate) asked: u64,
    /// What was said with each of the choices of the answer.
    pub(crate) answered: Vec<u64>,
    /// What tools came to, as far as the request tells.
    pub(crate) results: Vec<Told<'a>>,
    pub(crate) wanted: Vec<Wanted<'a>>,
    /// The instructions, which some agents change from call to call.
    pub(crate) instructions: u64,
}

/// Holds a call of the history.
#[derive(Debug)]
struct Earlier {
    name: CallName,
    id: Option<u64>,
    is_answered: bool,
}

/// Reads messages in order.
#[derive(Debug)]
struct Reader {
    chain: u64,
    /// Where the answer that is being read began.
    run: Option<u64>,
    /// How many calls that answer asked for so far.
    calls: usize,
}

/// Bounds the choices of an answer that are told apart.
const MAX_CHOICES: usize = 8;

impl<'a> Transcript<'a> {
    /// Reads a record; `base` stands for what was said before, where the request does not repeat it.
    pub(crate) fn of(record: &'a Inference, base: u64) -> Self {
        let content = &record.content;
        let mut this = Self {
            base,
            ..Self::default()
        };
        let mut reader = Reader {
            chain: base,
            run: None,
            calls: 0,
        };
        let mut earlier: Vec<Earlier> = Vec::new();
        // Where in `earlier` the latest answer begins.
        let mut latest = 0;
        let mut instructions: Vec<u64> = Vec::new();
        instructions.extend(content.system_instructions.iter().filter_map(print::part));
        for message in &content.input {
            if is_instruction(&message.role) {
                instructions.extend(message.parts.iter().filter_map(print::part));
                continue;
            }
            for part in &message.parts {
                let Some(step) = print::part(part) else {
                    continue;
                };
                let is_answer = is_said_by_model(message, part);
                if is_answer && reader.run.is_none() {
                    this.marks.push(Mark::Asked(reader.chain));
                    latest = earlier.len();
                }
                if reader.leaves_answer(is_answer) {
                    this.marks.push(Mark::Answered(reader.chain));
                }
                let name = reader.step(is_answer, step, part);
                match part {
                    Part::ToolCallRequest(call) => earlier.push(Earlier {
                        name,
                        id: call.id.as_ref().map(print::of),
                        is_answered: false,
                    }),
                    Part::ToolCallResponse(result) => {
                        let id = result.id.as_ref().map(print::of);
                        this.results.push(Told {
                            call: answer(&mut earlier, latest, id),
                            id,
                            response: &result.response,
                        });
                    }
                    _ => {}
                }
            }
        }
        this.instructions = print::of(instructions);
        // An answer that was begun by the client is no part of the question.
        this.asked = match reader.run {
            Some(start) => {
                this.marks.pop();
                start
            }
            None => reader.chain,
        };
        this.read_answer(record);
        this
    }

    /// Gives what was said with the answer.
    pub(crate) fn end(&self) -> u64 {
        self.answered.first().copied().unwrap_or(self.asked)
    }

    fn read_answer(&mut self, record: &'a Inference) {
        for message in record.content.output.iter().take(MAX_CHOICES) {
            let mut reader = Reader {
                chain: self.asked,
                run: None,
                calls: 0,
            };
            for part in &message.parts {
                let Some(step) = print::part(part) else {
                    continue;
                };
                let name = reader.step(true, step, part);
                if let Part::ToolCallRequest(call) = part {
                    let id = call.id.as_ref().map(print::of);
                    self.wanted.push(Wanted { name, id, call });
                }
            }
            if reader.run.is_some() {
                self.answered.push(reader.chain);
            }
        }
    }
}

impl Reader {
    /// Notes who speaks; tells whether the model has come to its end.
    const fn leaves_answer(&mut self, is_answer: bool) -> bool {
        !is_answer && self.run.take().is_some()
    }

    /// Goes one step on; gives the name that a call has at this place.
    fn step(&mut self, is_answer: bool, step: u64, part: &Part) -> CallName {
        let start = if is_answer {
            if self.run.is_none() {
                self.calls = 0;
            }
            *self.run.get_or_insert(self.chain)
        } else {
            self.chain
        };
        self.chain = print::of((self.chain, is_answer, step));
        let Part::ToolCallRequest(call) = part else {
            return CallName {
                place: 0,
                signature: None,
                slot: None,
            };
        };
        let nth = self.calls;
        self.calls += 1;
        CallName {
            place: print::of((start, nth, &call.id, step)),
            signature: call.id.as_ref().map(|id| print::of((id, step))),
            slot: call.id.as_ref().map(|id| print::of((start, nth, id))),
        }
    }
}

/// Finds the call that a result answers: by its id, or in order where there is none.
fn answer(earlier: &mut [Earlier], latest: usize, id: Option<u64>) -> Option<CallName> {
    let found = match id {
        Some(_) => earlier.iter_mut().rev().find(|call| call.id == id),
        None => earlier
            .iter_mut()
            .skip(latest)
            .find(|call| !call.is_answered),
    }?;
    found.is_answered = true;
    Some(found.name)
}

fn is_instruction(role: &Role) -> bool {
    *role == Role::System || role.as_str() == "developer"
}

/// Tells who says a part; results of tools stand in messages of various roles.
fn is_said_by_model(message: &Message, part: &Part) -> bool {
    let is_models = message.role == Role::Assistant || message.role.as_str() == "model";
    is_models && !matches!(part, Part::ToolCallResponse(_))
}
