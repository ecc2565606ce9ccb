//! A span's name: the operation, and what it is done to.

use genspan::semconv::attribute;
use genspan::semconv::spec::SpanSpec;

use super::{Facts, Notes};
use crate::view::SpanView;

/// What may follow the tool's name, in this order, where a tool runs a skill or a program.
const AFTER_TOOL: &[&[&str]] = &[
    &[attribute::GEN_AI_SKILL_NAME],
    &[
        attribute::GEN_AI_SKILL_NAME,
        attribute::GEN_AI_SKILL_RESOURCE_NAME,
    ],
    &[attribute::GEN_AI_SKILL_RESOURCE_NAME],
    &[attribute::PROCESS_EXECUTABLE_NAME],
];

pub(super) fn check(notes: &mut Notes<'_>, view: &SpanView, spec: &SpanSpec) {
    let facts = Facts(&view.attributes);
    // Without an operation there is no name to expect, and that is told elsewhere.
    let Some(head) = facts.text(spec.name_head) else {
        return;
    };
    let target = spec
        .name_targets
        .iter()
        .find_map(|key| Some((*key, facts.text(key)?)));
    let expected = target.map_or_else(|| head.to_owned(), |(_, target)| format!("{head} {target}"));
    if view.name == expected || is_longer(&view.name, &expected, spec, facts) {
        return;
    }
    let (name, wanted) = (notes.shown(&view.name), notes.shown(&expected));
    if view.name == head {
        let key = target.map_or("", |(key, _)| key);
        notes.advice(
            "short-name",
            "",
            format!("the span's name is \"{name}\" though {key} is known"),
            format!("name the span \"{wanted}\""),
        );
    } else {
        notes.violation(
            "wrong-name",
            "",
            format!("the span's name is \"{name}\"; the conventions have \"{wanted}\" here"),
            format!("name the span \"{wanted}\" when it starts"),
        );
    }
}

/// Tells whether a tool's span names the skill or the program, too.
fn is_longer(name: &str, expected: &str, spec: &SpanSpec, facts: Facts<'_>) -> bool {
    if spec.name_target != Some(attribute::GEN_AI_TOOL_NAME) {
        return false;
    }
    AFTER_TOOL.iter().any(|keys| {
        let words: Option<Vec<&str>> = keys.iter().map(|key| facts.text(key)).collect();
        words.is_some_and(|words| name == format!("{expected} {}", words.join(" ")))
    })
}
