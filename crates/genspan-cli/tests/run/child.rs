//! What the child sees of us, and what its caller sees of it.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use crate::scene::Scene;

#[test]
fn streams_and_exit_code_are_the_childs_own() {
    let scene = Scene::new("streams");
    let mut noise: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    noise.extend(b"\xff\xfe no line break at the end");
    for script in [
        "cat",
        "cat; echo out; echo err >&2; exit 3",
        "printf ''; exit 255",
        "exec >&-; cat >&2",
    ] {
        let mut plain = scene.command("sh");
        plain.args(["-c", script]);
        let without = Scene::output(plain, &noise);
        let with = Scene::output(scene.genspan(&["run", "--", "sh", "-c", script]), &noise);
        assert_eq!(with.status, without.status, "{script}");
        assert!(
            with.stdout == without.stdout && with.stderr == without.stderr,
            "{script}: {with:?}"
        );
    }
}

#[test]
fn arguments_reach_the_child_as_they_are() {
    let scene = Scene::new("arguments");
    let output = Scene::output(
        scene.genspan(&[
            "run",
            "--",
            "printf",
            "%s|",
            "--content",
            "span",
            "--",
            "",
            "a b",
        ]),
        b"",
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "--content|span|--||a b|"
    );
}

#[test]
fn a_signal_that_ends_the_child_is_told_as_shells_do() {
    let scene = Scene::new("killed");
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("INT", 130)] {
        let output = Scene::output(
            scene.genspan(&["run", "--", "sh", "-c", &format!("kill -{signal} $$")]),
            b"",
        );
        assert_eq!(output.status.code(), Some(code), "{signal}");
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
}

#[test]
fn a_signal_for_us_is_passed_on() {
    let standing = Scene::new("passed-on").standing(&[], "OPENAI_BASE_URL");
    let kill = Command::new("sh")
        .args(["-c", &format!("kill -s TERM {}", standing.id())])
        .status()
        .unwrap();
    assert!(kill.success());
    assert_eq!(standing.wait().status.code(), Some(143));
}

#[test]
fn a_child_that_cannot_start_is_told() {
    let scene = Scene::new("not-started");
    fs::write(scene.path("data"), "no program").unwrap();
    fs::set_permissions(scene.path("data"), fs::Permissions::from_mode(0o644)).unwrap();
    for (program, code, words) in [
        ("no-such-program-anywhere", 127, "no such program in PATH"),
        ("./missing", 127, "no such file"),
        ("./data", 126, "not executable"),
    ] {
        let output = Scene::output(scene.genspan(&["run", "--", program]), b"");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(
            stderr.starts_with("genspan: cannot run ") && stderr.contains(words),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn options_that_cannot_be_followed_stop_before_the_child() {
    let scene = Scene::new("usage");
    for (options, words) in [
        (
            &["--to", "stdout"][..],
            "standard output belongs to the program",
        ),
        (&["--to", "nowhere"], "file:PATH"),
        (&["--summary", "no/such/directory"], "cannot be written"),
        (&["--content=everywhere"], "no place for content"),
    ] {
        let mut args = vec!["run"];
        args.extend(options);
        args.extend(["--", "touch", "ran"]);
        let output = Scene::output(scene.genspan(&args), b"");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(stderr.contains(words), "{options:?}: {stderr}");
        assert!(!scene.path("ran").exists(), "{options:?}");
    }
}

#[test]
fn variables_lead_to_a_secret_place_on_this_machine() {
    let scene = Scene::new("variables")
        .with("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/llm/")
        .with("HTTP_PROXY", "http://p");
    let output = Scene::output(scene.genspan(&["run", "--", "env"]), b"");
    let listing = String::from_utf8(output.stdout).unwrap();
    let of = |name: &str| {
        let line = listing
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("{name} is not set: {listing}"))
            .to_owned()
    };
    let openai = of("OPENAI_BASE_URL");
    let secret = openai.rsplit('/').nth(2).unwrap();
    assert!(
        secret.len() == 16
            && openai.starts_with("http://127.0.0.1:")
            && openai.ends_with("/openai/v1"),
        "{openai}"
    );
    assert!(of("ANTHROPIC_BASE_URL").ends_with(&format!("/{secret}/anthropic/llm/")));
    for name in ["OPENAI_API_BASE", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST"] {
        assert!(of(name).contains(secret), "{name}");
    }
    assert!(!listing.contains("TRACEPARENT") && !listing.contains("AZURE_OPENAI_ENDPOINT"));
    assert_eq!(of("NO_PROXY"), "127.0.0.1");
}
