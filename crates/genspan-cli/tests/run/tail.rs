//! `genspan tail`: what comes is printed once, until a signal ends it.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::scene::Scene;

#[test]
fn spans_are_printed_as_they_come() {
    let scene = Scene::new("tail");
    let demo = || {
        assert!(
            Scene::output(scene.genspan(&["demo"]), b"")
                .status
                .success()
        )
    };
    demo();
    let mut child = scene
        .genspan(&["tail", "--json", "-n", "2", "--operation", "chat"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let first = [next(), next()];
    assert_eq!(first[0]["traceId"], first[1]["traceId"]);
    // Now it has seen what there is.
    demo();
    let second = [next(), next(), next(), next()];
    for span in &second {
        assert_eq!(span["operation"], "chat", "{span}");
        assert_eq!(span["traceId"], second[0]["traceId"]);
        assert_ne!(span["traceId"], first[0]["traceId"]);
    }
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
