use crate::place::Place;

#[test]
fn help_names_the_commands_and_succeeds() {
    let ran = Place::new("help").run(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for command in [
        "import", "show", "tail", "query", "export", "forget", "check",
    ] {
        assert!(
            ran.stdout.contains(&format!("\n  {command}")),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn each_command_explains_itself_within_a_screen() {
    let place = Place::new("help-commands");
    for (command, words) in [
        (
            &["import", "har", "--help"][..],
            &[
                "--to <DESTINATION>",
                "--content[=<PLACE>]",
                "--tool-definitions",
                "--no-inputs",
                "anew",
            ][..],
        ),
        (
            &["import", "otlp", "--help"],
            &[
                "--to <DESTINATION>",
                "--content",
                "--store <PATH>",
                "gzip or zstd",
                "passed over",
            ],
        ),
        (
            &["show", "--help"],
            &["--last <N>", "--json", "[default: 1; of a file 10]"],
        ),
        (&["tail", "-h"], &["--last <N>", "--json", "--error"]),
        (
            &["query", "-h"],
            &[
                "--text <WORDS>",
                "--min-cost <AMOUNT>",
                "--limit <N>",
                "--since <WHEN>",
            ],
        ),
        (&["export", "-h"], &["--html", "--output <FILE>", "--all"]),
        (
            &["forget", "--help"],
            &["--before <WHEN>", "--all", "--yes"],
        ),
        (
            &["serve", "-h"],
            &[
                "--store <PATH>",
                "--allow-host <HOST>",
                "--proxy [<ADDRESS>]",
                "[default: 4317]",
            ],
        ),
        (
            &["check", "--help"],
            &["--allow <PREFIX>", "--advice", "there are violations"],
        ),
    ] {
        let ran = place.run(command);
        assert_eq!(ran.code, 0, "{command:?}");
        assert!(ran.stdout.lines().count() <= 68, "{}", ran.stdout);
        for word in words {
            assert!(
                ran.stdout.contains(word),
                "{command:?} without {word}: {}",
                ran.stdout
            );
        }
    }
}

#[test]
fn wrong_use_exits_with_2_and_says_what_would_do() {
    let place = Place::new("help-wrong");
    for (args, words) in [
        (&[][..], "Usage: genspan"),
        (&["impotr"], "import"),
        (&["import", "har"], "<FILE>"),
        (&["import", "otlp"], "<FILE>"),
        (&["import", "har", "a.har", "--to", "nowhere"], "file:PATH"),
        (
            &["import", "har", "a.har", "--content=everywhere"],
            "is no place for content",
        ),
        (
            &["check", "--conventions", "1.41", "a"],
            "expected v1.36, v1.41 or main",
        ),
        (&["show", "--last", "few"], "few"),
        (&["show", "0af7"], "32 hexadecimal digits"),
        (&["query", "--since", "yesterday"], "an age such as"),
        (&["query", "--status", "bad"], "expected `ok`"),
        (&["query"], "nothing was recorded yet"),
        (&["export", "0af7"], "32 hexadecimal digits"),
        (&["forget"], "--before <WHEN>"),
        (&["forget", "--all"], "nothing was recorded yet"),
        (
            &[
                "import", "har", "a.har", "--to", "stdout", "--store", "x.db",
            ],
            "add `--to store`",
        ),
    ] {
        let ran = place.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(ran.stderr.contains(words), "{args:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{args:?}");
    }
}

#[test]
fn a_variable_that_means_nothing_is_told() {
    let place = Place::new("help-variable");
    place.write("a.har", &crate::har::file(&[]));
    let ran = place.run_with(
        &["import", "har", "a.har"],
        &[("GENSPAN_CONVENTIONS", "1.41")],
        "",
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.starts_with("genspan: GENSPAN_CONVENTIONS: "),
        "{}",
        ran.stderr
    );
}
