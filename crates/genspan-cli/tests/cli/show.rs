use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    har::{chat, file},
    place::Place,
};

#[test]
fn what_was_imported_is_shown() {
    let place = Place::new("show");
    place.write("a.har", &file(&[chat(1), chat(2), chat(3)]));
    let ran = place.run(&["import", "har", "a.har", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = place.run_with(
        &["show", "--last", "2"],
        &[("LANG", "C.UTF-8"), ("COLUMNS", "500")],
        "",
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout, @"
                      time in out       cost  end
    trace 8b701d520bd48af0f54e96e429286224  2026-01-01 00:00:02 UTC
    chat gpt-4o-mini 120ms 12   3 $0.0000036  stop
    trace 8b1866647771762247b8b86e1f96a8ba  2026-01-01 00:00:03 UTC
    chat gpt-4o-mini 120ms 12   3 $0.0000036  stop
    2 calls to models: $0.0000072
    ");
    // What was imported twice is kept once.
    assert_eq!(place.run(&["import", "har", "a.har", "--quiet"]).code, 0);
    let again = place.run_with(&["show", "--last", "2"], &[("LANG", "C.UTF-8")], "");
    assert_eq!(again.stdout, ran.stdout);
}

#[test]
fn the_store_holds_content_and_is_for_its_owner_alone() {
    let place = Place::new("show-private");
    place.write("a.har", &file(&[chat(1)]));
    assert_eq!(place.run(&["import", "har", "a.har", "--quiet"]).code, 0);
    let exported = place.run(&["export"]).stdout;
    assert!(exported.contains("gen_ai.input.messages"), "{exported}");
    #[cfg(unix)]
    for (name, want) in [("home", 0o700), ("home/store.db", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, want, "{name}");
    }
}

#[test]
fn traces_are_given_as_json() {
    let place = Place::new("show-json");
    place.write("a.har", &file(&[chat(1)]));
    let spans = place
        .run(&["import", "har", "a.har", "--quiet", "--to", "stdout"])
        .stdout;
    let ran = place.run_with(&["show", "-", "--json"], &[], &spans);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout, @r#"{"traceId":"c20ab188952f59b39ca0cf026bdac7b9","spanId":"5bb690d4697d39b2","name":"chat gpt-4o-mini","startMicros":1767225601000000,"durationMicros":120000,"status":"ok","inputTokens":12,"outputTokens":3,"cost":{"amount":"0.0000036","currency":"USD"},"finishReasons":["stop"]}"#);
    // The store tells the same, and more.
    assert_eq!(place.run(&["import", "har", "a.har", "--quiet"]).code, 0);
    let of_file: Value = serde_json::from_str(&ran.stdout).unwrap();
    let stored = place.run(&["show", "--json"]).stdout;
    let stored: Value = serde_json::from_str(&stored).unwrap();
    for (key, value) in of_file.as_object().unwrap() {
        assert_eq!(&stored[key], value, "{key}");
    }
    assert_eq!(stored["provider"], "openai");
}

#[test]
fn nothing_recorded_is_said_and_what_to_try() {
    let ran = Place::new("show-nothing").run(&["show"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("nothing was recorded yet") && ran.stderr.contains("genspan run"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_torn_line_is_told_and_the_rest_is_shown() {
    let ran = Place::new("show-torn").run_with(&["show", "-"], &[], "{\"resourceSpans\":[{\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "no spans\n"));
    assert_eq!(
        ran.stderr,
        "genspan: 1 line is no OTLP/JSON and not shown\n"
    );
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let place = Place::new("show-pipe");
    place.write("a.har", &file(&[chat(1)]));
    let spans = place
        .run(&["import", "har", "a.har", "--quiet", "--to", "stdout"])
        .stdout;
    let mut child = Command::new(env!("CARGO_BIN_EXE_genspan"))
        .args(["show", "-"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Gone before the input is: whatever is written finds nobody.
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(spans.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_file_of_prices_counts_and_is_read_carefully() {
    let place = Place::new("show-prices");
    place.write("a.har", &file(&[chat(1)]));
    place.write(
        "own.toml",
        "[[table]]\nprovider = \"openai\"\n[[table.model]]\nnames = [\"gpt-4o-mini\"]\ninput = 1000\noutput = 0\n",
    );
    let import = ["import", "har", "a.har", "--quiet", "--to", "stdout"];
    let priced = |ran: &crate::place::Ran| ran.stdout.contains(r#""own.toml openai""#);
    let by_option = place.run(&[&import[..], &["--prices", "own.toml"]].concat());
    assert!(priced(&by_option), "{}", by_option.stdout);
    let by_variable = place.run_with(&import, &[("GENSPAN_PRICES", "own.toml")], "");
    assert!(priced(&by_variable), "{}", by_variable.stdout);
    let shown = place.run_with(&["show", "-"], &[("LANG", "C.UTF-8")], &by_option.stdout);
    assert!(
        shown.stdout.contains("1 call to models: $0.012"),
        "{}",
        shown.stdout
    );

    place.write("own.toml", "[[table]]\nprovider = 1\n");
    let refused = place.run(&[&import[..], &["--prices", "own.toml"]].concat());
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .stderr
            .contains("own.toml:2: provider = 1: expected a provider"),
        "{}",
        refused.stderr
    );
}
