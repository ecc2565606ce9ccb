//! Newline-delimited JSON: every split of bodies into chunks, truncation, loss and limits.
#![allow(clippy::indexing_slicing, reason = "tests")]

use genspan_wire::framing::ndjson::{Line, LineParser};
use proptest::{prelude::*, test_runner::RngSeed};

/// The line, whether it was cut, whether the input's end ended it.
type Owned = (String, bool, bool);

/// A name, a body, and its lines with whether the input's end ended them.
type Case = (&'static str, &'static [u8], &'static [(&'static str, bool)]);

fn owned(line: Line<'_>) -> Owned {
    (
        line.bytes.escape_ascii().to_string(),
        line.truncated,
        line.unterminated,
    )
}

fn read<'a>(mut parser: LineParser, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut lines = Vec::new();
    for chunk in chunks {
        parser.push(chunk, &mut |line| lines.push(owned(line)));
    }
    parser.finish(&mut |line| lines.push(owned(line)));
    lines
}

#[test]
fn lines_are_what_newlines_end() {
    let cases: &[Case] = &[
        (
            "two",
            b"{\"a\":1}\n[2]\n",
            &[("{\\\"a\\\":1}", false), ("[2]", false)],
        ),
        ("CRLF", b"1\r\n2\r\n", &[("1", false), ("2", false)]),
        ("a CR alone ends nothing", b"1\r2\n", &[("1\\r2", false)]),
        (
            "blank ones are none",
            b"\n \t\r\n1\n\r\n\n",
            &[("1", false)],
        ),
        ("spaces stay", b" 1 \n", &[(" 1 ", false)]),
        (
            "no last newline",
            b"1\n{\"a\":",
            &[("1", false), ("{\\\"a\\\":", true)],
        ),
        (
            "byte order mark",
            b"\xEF\xBB\xBF1\n\xEF\xBB\xBF2\n",
            &[("1", false), ("\\xef\\xbb\\xbf2", false)],
        ),
        ("only a byte order mark", b"\xEF\xBB\xBF", &[]),
        ("empty", b"", &[]),
    ];
    for (name, body, expected) in cases {
        let seen = read(LineParser::new(), [*body]);
        let seen: Vec<_> = seen
            .iter()
            .map(|(line, _, unterminated)| (&**line, *unterminated))
            .collect();
        assert_eq!(seen, *expected, "{name}");
    }
}

#[test]
fn a_line_over_the_limit_is_cut_and_the_next_is_not() {
    let body = b"\xEF\xBB\xBF1234\r\n12345\r\n12345678901234567890\n1234\n123456";
    let lines = read(LineParser::with_limit(4), [&body[..]]);
    let seen: Vec<_> = lines
        .iter()
        .map(|(line, truncated, end)| (&**line, *truncated, *end))
        .collect();
    let cut = ("1234", true, false);
    let whole = ("1234", false, false);
    assert_eq!(seen, [whole, cut, cut, whole, ("1234", true, true)]);
}

#[test]
fn a_loss_drops_the_line_it_touches() {
    let cases: &[(&[u8], &[u8], &[&str])] = &[
        (b"1\n2", b"2\n3\n", &["1", "3"]),
        (b"1\n", b"\n3\n", &["1", "3"]),
        (b"1\n2", b"2", &["1"]),
        (b"", b"2\n3", &["3"]),
    ];
    for (before, after, expected) in cases {
        let mut parser = LineParser::new();
        let mut seen = Vec::new();
        parser.push(before, &mut |line| seen.push(owned(line).0));
        parser.skip();
        parser.push(after, &mut |line| seen.push(owned(line).0));
        parser.finish(&mut |line| seen.push(owned(line).0));
        assert_eq!(seen, *expected);
    }
}

#[test]
fn a_body_cut_anywhere_gives_its_beginning() {
    let body = "{\"a\":\"é\"}\r\n\n[1,2]\nnull\n".as_bytes();
    let whole = read(LineParser::new(), [body]);
    for end in 0..body.len() {
        let mut lines = read(LineParser::new(), [&body[..end]]);
        if let Some((line, _, _)) = lines.pop_if(|(_, _, unterminated)| *unterminated) {
            assert!(whole[lines.len()].0.starts_with(&line), "cut at {end}");
        }
        assert_eq!(lines, whole[..lines.len()], "cut at {end}");
    }
}

/// A fixed seed: what failed once fails again.
fn same_each_run() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(same_each_run())]

    #[test]
    fn chunks_do_not_show(
        body in prop::collection::vec(prop::sample::select(b"\xEF\xBB\xBF\n\n\r\r ab1{}".to_vec()), 0..80),
        marked in any::<bool>(),
        size in 1_usize..20,
        limit in 0_usize..12,
    ) {
        let body = [if marked { &b"\xEF\xBB\xBF"[..] } else { b"" }, &body].concat();
        let parser = LineParser::with_limit(limit);
        let whole = read(parser.clone(), [&body[..]]);
        prop_assert_eq!(read(parser.clone(), body.chunks(size)), whole.clone());
        for at in 0..=body.len() {
            prop_assert_eq!(read(parser.clone(), [&body[..at], &body[at..]]), whole.clone());
        }
    }
}
