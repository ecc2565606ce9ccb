//! What must come of each case.

use std::fmt::Write;

use super::{ANSWER, Case, Fact, RESULT, TOOL, Unknown, arguments};

/// Draws it in the manner of [`reduced`](super::reduced::reduced).
pub(super) fn expected(case: Case, has_content: bool, unknown: &[Unknown]) -> String {
    let mut drawing = Drawing {
        unknown,
        has_content,
        text: String::new(),
    };
    match case {
        Case::Whole | Case::Streamed => {
            drawing.agent("");
            drawing.call(case, &[&asked(case)], &answered());
        }
        Case::Tools | Case::StreamedTools => {
            drawing.agent("");
            drawing.call(case, &[&asked(case)], &called(unknown));
            drawing.tool();
            let told = format!("tool: {}result {RESULT}", id(unknown));
            drawing.call(case, &[&asked(case), &called(unknown), &told], &answered());
        }
        Case::Refused => {
            drawing.agent(" ERROR");
            drawing.failed(case, "stated");
        }
        Case::Cancelled => {
            drawing.agent(" ERROR");
            drawing.failed(case, "cancelled");
        }
    }
    drawing.text
}

fn asked(case: Case) -> String {
    format!("user: {}", case.prompt())
}

fn answered() -> String {
    format!("assistant: {ANSWER}")
}

fn called(unknown: &[Unknown]) -> String {
    format!("assistant: {}call {TOOL} {}", id(unknown), arguments())
}

/// A call's id as it stands in messages.
fn id(unknown: &[Unknown]) -> &'static str {
    if knows(unknown, Fact::CallId) {
        "ID "
    } else {
        ""
    }
}

fn knows(unknown: &[Unknown], fact: Fact) -> bool {
    unknown.iter().all(|one| one.fact != fact)
}

struct Drawing<'a> {
    unknown: &'a [Unknown],
    has_content: bool,
    text: String,
}

impl Drawing<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    fn fact(&mut self, fact: Fact, line: &str) {
        if knows(self.unknown, fact) {
            self.line(line);
        }
    }

    fn content(&mut self, fact: Fact, line: &str) {
        if self.has_content {
            self.fact(fact, line);
        }
    }

    fn agent(&mut self, status: &str) {
        self.line(&format!("invoke_agent {} [Internal]{status}", super::AGENT));
    }

    fn tool(&mut self) {
        self.line(&format!("  execute_tool {TOOL} [Internal]"));
        self.fact(Fact::CallId, "    call id");
        self.content(Fact::ToolContent, &format!("    arguments {}", arguments()));
        self.content(Fact::ToolContent, &format!("    result {RESULT}"));
    }

    fn call(&mut self, case: Case, input: &[&str], output: &str) {
        self.line("  chat MODEL [Client]");
        self.fact(Fact::Provider, "    provider");
        self.fact(Fact::Server, "    server");
        self.stream(case);
        self.fact(Fact::ResponseModel, "    response model");
        self.fact(Fact::ResponseId, "    response id");
        let is_call = output.contains("call get_weather");
        let reason = if is_call { "tool_call" } else { "stop" };
        self.fact(Fact::FinishReason, &format!("    finish {reason}"));
        self.fact(Fact::Tokens, "    tokens in and out");
        if case.has_tools() {
            self.content(Fact::ToolDefinitions, &format!("    offers {TOOL}"));
        }
        for message in input {
            self.content(Fact::Input, &format!("    in {message}"));
        }
        self.content(Fact::Output, &format!("    out {output}"));
    }

    fn failed(&mut self, case: Case, error: &str) {
        self.line("  chat MODEL [Client] ERROR");
        self.fact(Fact::Provider, "    provider");
        self.fact(Fact::Server, "    server");
        self.stream(case);
        self.fact(Fact::ErrorType, &format!("    error {error}"));
        self.content(Fact::Input, &format!("    in {}", asked(case)));
    }

    fn stream(&mut self, case: Case) {
        if case.is_streamed() {
            self.fact(Fact::Streamed, "    streamed");
            self.fact(Fact::FirstChunk, "    first chunk");
        }
    }
}
