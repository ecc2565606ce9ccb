//! Bounded text: the beginning and the end of what was appended, however it was appended.
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

use genspan_wire::bounded::BoundedText;
use proptest::{prelude::*, test_runner::RngSeed};

fn gather<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a str>) -> BoundedText {
    let mut text = BoundedText::with_limit(limit);
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

#[test]
fn an_owned_piece_is_a_piece_like_any_other() {
    for pieces in [
        &["abcdef"][..],
        &["abcdefg"],
        &["ab", "cdefgh", "ij"],
        &["", "abcdefghij"],
        &["é", "abcdef"],
    ] {
        let expected = gather(8, pieces.iter().copied());
        let mut text = BoundedText::with_limit(8);
        for piece in pieces {
            text.push((*piece).to_owned().into());
        }
        let facts = |text: &BoundedText| (text.head().to_owned(), text.len_seen(), text.left_out());
        assert_eq!(facts(&text), facts(&expected));
        assert_eq!(text.into_string(), expected.into_string(), "{pieces:?}");
    }
}

#[test]
fn keeps_beginning_and_end() {
    let cases = [
        (8, "", ""),
        (8, "abcdefgh", "abcdefgh"),
        (8, "abcdefghi", "abcdef…[1 bytes left out]…hi"),
        (8, "abcdefghijklmnop", "abcdef…[8 bytes left out]…op"),
        (0, "abc", "…[3 bytes left out]…"),
        (1, "abc", "a…[2 bytes left out]…"),
        // The end has the room that the beginning could not use.
        (8, "abcdeéf", "abcdeéf"),
        (9, "abcdeféhi", "abcdef…[2 bytes left out]…hi"),
    ];
    for (limit, text, expected) in cases {
        assert_eq!(
            gather(limit, [text]).into_string(),
            expected,
            "{text} in {limit}"
        );
    }
}

#[test]
fn counts_what_it_saw_and_left_out() {
    let mut text = BoundedText::with_limit(8);
    assert!(text.is_empty());
    text.push_str("");
    assert!(text.is_empty());
    text.push_str("abcdefgh");
    assert_eq!(
        (
            text.is_empty(),
            text.is_cut(),
            text.len_seen(),
            text.left_out()
        ),
        (false, false, 8, 0)
    );
    text.push_str("ij");
    assert_eq!(
        (text.is_cut(), text.len_seen(), text.left_out(), text.head()),
        (true, 10, 2, "abcdef")
    );
}

#[test]
fn a_short_character_does_not_slip_in_behind_a_long_one() {
    assert_eq!(
        gather(4, ["ab🎉", "c", "d"]).into_string(),
        "ab…[4 bytes left out]…cd"
    );
}

#[test]
fn a_megabyte_is_kept_unless_said_otherwise() {
    let mut text = BoundedText::new();
    for _ in 0..1024 {
        text.push_str(&"x".repeat(1024));
    }
    assert!(!text.is_cut());
    text.push_str("y");
    assert_eq!(text.left_out(), 1);
    assert!(text.into_string().ends_with("xy"));
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
    fn pieces_do_not_show(text in "[ab é漢🎉]{0,60}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12), limit in 0_usize..80) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]);
        let (one, many) = (gather(limit, [&*text]), gather(limit, pieces));
        prop_assert_eq!(one.left_out(), many.left_out());
        prop_assert_eq!(one.head(), many.head());
        prop_assert_eq!(one.into_string(), many.into_string());
    }

    #[test]
    fn what_is_kept_is_the_text_at_both_ends(text in "[ab é漢🎉]{0,60}", limit in 0_usize..80) {
        let gathered = gather(limit, [&*text]);
        prop_assert_eq!(gathered.len_seen(), text.len() as u64);
        let left_out = gathered.left_out();
        let out = gathered.into_string();
        if text.len() <= limit {
            prop_assert_eq!(out, text);
            return Ok(());
        }
        let marker = format!("…[{left_out} bytes left out]…");
        let (head, tail) = out.split_once(&marker).ok_or_else(|| TestCaseError::fail("no marker"))?;
        prop_assert!(text.starts_with(head) && text.ends_with(tail));
        prop_assert!(head.len() + tail.len() <= limit);
        prop_assert_eq!((head.len() + tail.len()) as u64 + left_out, text.len() as u64);
        // At most a character of three more bytes is lost at each of the cuts.
        prop_assert!(head.len() + tail.len() + 6 >= limit);
    }
}
