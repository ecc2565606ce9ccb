//! `--to braintrust`, against an intake that drops spans as the real one does.

use testkit::braintrust::{Arrived, Intake, parent_of};

use crate::{
    har::{chat, file, spans},
    place::{Place, Ran},
};

const KEY: &str = "k3y";

const NAME: (&str, &str) = ("BRAINTRUST_DEFAULT_PROJECT_NAME", "travel");

/// Imports one call; gives what the binary said and what arrived.
fn import(test: &str, args: &[&str], variables: &[(&str, &str)]) -> (Ran, Arrived) {
    let place = Place::new(test);
    place.write("a.har", &file(&[chat(7)]));
    let intake = Intake::of(KEY);
    let url = intake.url();
    let address = ("BRAINTRUST_API_URL", url.as_str());
    let variables: Vec<_> = variables.iter().copied().chain([address]).collect();
    let args: Vec<_> = ["import", "har", "a.har"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let ran = place.run_with(&args, &variables, "");
    (ran, intake.arrived())
}

fn texts(arrived: &Arrived, key: &str) -> Vec<String> {
    let attributes = arrived.kept.iter().flat_map(|span| &span.attributes);
    attributes
        .filter(|one| one.key == key)
        .map(|one| {
            format!(
                "{:?}",
                one.value.as_ref().and_then(|value| value.value.as_ref())
            )
        })
        .collect()
}

#[test]
fn an_import_arrives_with_its_parent() {
    let variables = [("BRAINTRUST_API_KEY", KEY), NAME];
    let (ran, arrived) = import(
        "bt-arrives",
        &["--to", "braintrust", "--content"],
        &variables,
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "1 exchange read from 1 file: 1 span written, 0 not inference, 0 unreadable\n"
    );
    assert_eq!((arrived.kept.len(), arrived.dropped), (1, 0));
    assert_eq!(
        parent_of(&arrived.kept[0].attributes),
        Some("project_name:travel")
    );
    assert_eq!(arrived.parents, ["project_name:travel"]);
    let input = texts(&arrived, "braintrust.input_json");
    let said = "[{\"role\":\"user\",\"content\":\"Hi\"}]";
    assert_eq!(input, [format!("Some(StringValue({said:?}))")]);
    let tokens = texts(&arrived, "braintrust.metrics.prompt_tokens");
    assert_eq!(tokens, ["Some(IntValue(12))"]);
}

#[test]
fn without_content_it_is_said_what_will_not_be_seen() {
    let variables = [("BRAINTRUST_API_KEY", KEY), NAME];
    let (ran, arrived) = import("bt-content", &["--to", "braintrust"], &variables);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("note: http://127.0.0.1:"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("add `--content`"), "{}", ran.stderr);
    assert_eq!(
        (
            arrived.kept.len(),
            texts(&arrived, "braintrust.input_json").len()
        ),
        (1, 0)
    );
    for quiet in ["braintrust;content=none", "file:x;dialect=braintrust"] {
        let (ran, _) = import("bt-content", &["--to", quiet], &variables);
        assert!(!ran.stderr.contains("note: "), "{}", ran.stderr);
    }
}

#[test]
fn without_key_or_parent_it_does_not_start() {
    let key = ("BRAINTRUST_API_KEY", KEY);
    for (variables, missing) in [
        (&[NAME][..], "BRAINTRUST_API_KEY: is not set"),
        (&[key], "BRAINTRUST_PARENT: is not set"),
    ] {
        let (ran, arrived) = import("bt-refused", &["--to", "braintrust"], variables);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with(&format!("genspan: {missing}")),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
        assert_eq!(
            arrived.kept.len() + arrived.dropped + arrived.refused.len(),
            0
        );
    }
}

#[test]
fn a_key_that_is_refused_is_told() {
    let variables = [("BRAINTRUST_API_KEY", "an0ther"), NAME];
    let (ran, arrived) = import("bt-key", &["--to", "braintrust", "--content"], &variables);
    assert_eq!(ran.code, 1);
    assert_eq!(arrived.refused, ["the key is another one"]);
    assert!(
        ran.stderr.contains("401") && !ran.stderr.contains("an0ther"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_dialect_by_itself_is_for_any_destination() {
    let place = Place::new("bt-file");
    place.write("a.har", &file(&[chat(7)]));
    let to = "file:x.jsonl;dialect=braintrust;parent=experiment_id:e";
    let ran = place.run(&["import", "har", "a.har", "--to", to]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let spans = spans(&place.read("x.jsonl"));
    let parent = crate::har::attribute(&spans[0], "braintrust.parent").unwrap();
    assert_eq!(parent["stringValue"], "experiment_id:e");
}
