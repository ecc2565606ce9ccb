//! The web UI of the binary in a browser: what the demonstration stores and what is sent over OTLP, by mouse and by keyboard, with axe.
//!
//! A program of tests of its own, so that no other test takes the machine's time while a page's is measured.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(dead_code, reason = "other tests use the rest of the scene")]

#[path = "run/scene.rs"]
mod scene;
#[path = "run/serving.rs"]
mod serving;

use std::{env, path::PathBuf, process::Command};

use crate::scene::Scene;
use crate::serving::Serving;

const RUN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../genspan-serve/ui-tests/run.mjs"
);

/// Finds the folder of the packages that drive the browser; says so where a part is missing.
fn parts() -> Option<PathBuf> {
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let packages = env::var_os("GENSPAN_UI_DEPS")
        .map_or_else(|| home.join(".cache/genspan-ui-tests"), PathBuf::from);
    let browser = env::var("GENSPAN_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let node = Command::new("node").arg("--version").output();
    let reason = if !node.is_ok_and(|output| output.status.success()) {
        "there is no program `node`".to_owned()
    } else if !PathBuf::from(&browser).exists() {
        format!("there is no browser {browser}; name a Chromium in GENSPAN_CHROMIUM")
    } else if !packages.join("node_modules/playwright-core").exists() {
        format!(
            "{} has no node_modules/playwright-core; .ci/run installs it, and GENSPAN_UI_DEPS says where",
            packages.display()
        )
    } else {
        return Some(packages);
    };
    assert!(
        env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
    None
}

/// Runs the checks for one kind of data against a server.
fn check(scene: &Scene, serving: &Serving, data: &str) {
    let Some(packages) = parts() else { return };
    let mut node = scene.command("node");
    node.args([RUN, &format!("http://{}", serving.ui), "--data", data]);
    node.args(["--otlp", &format!("http://{}", serving.http)]);
    node.env("GENSPAN_UI_DEPS", packages);
    // The browser keeps its crash reports and caches there.
    node.env("HOME", scene.path("."));
    node.envs(env::var_os("GENSPAN_CHROMIUM").map(|browser| ("GENSPAN_CHROMIUM", browser)));
    let output = Scene::output(node, b"");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    assert!(said.ends_with(" checks hold, 0 fail\n"), "{said}");
}

/// One test for both kinds, so that they do not run beside each other.
#[test]
fn the_demonstration_and_what_is_sent_can_be_clicked_and_typed_through() {
    if parts().is_none() {
        return;
    }
    let scene = Scene::new("browser-demo");
    let serving = Serving::start(&scene, &[]);
    for _ in 0..2 {
        let to = format!("http://{}", serving.http);
        let demo = scene.genspan(&["demo", "--content", "--to", &to]);
        let output = Scene::output(demo, b"");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
    }
    check(&scene, &serving, "demo");
    assert_eq!(serving.stop().0, Some(0));

    let scene = Scene::new("browser-sent");
    let serving = Serving::start(&scene, &[]);
    check(&scene, &serving, "sent");
    assert_eq!(serving.stop().0, Some(0));
}
