//! Where a long text is cut, so that a list that grows shares what it had.

use std::ops::Range;

use super::LONG;

/// Gives the ranges of a text that are kept apart; what stands between them stays.
///
/// In a JSON text, these are the elements of its outermost arrays; short ones are taken together, from the first on, so that
/// a list which only grew is cut in the same places. Any other text is one range. Nothing depends on the JSON being right.
pub(crate) fn ranges(text: &str) -> Vec<Range<usize>> {
    let is_structured = text.trim_start().starts_with(['[', '{']);
    let found = if is_structured {
        elements(text.as_bytes())
    } else {
        Vec::new()
    };
    if found.is_empty() {
        return std::iter::once(0..text.len()).collect();
    }
    let mut ranges = Vec::new();
    let mut done = 0;
    for range in found {
        // What stands around lists is rarely long; where it is, it is kept apart as well.
        if range.start - done >= LONG {
            ranges.push(done..range.start);
        }
        done = range.end;
        ranges.push(range);
    }
    if text.len() - done >= LONG {
        ranges.push(done..text.len());
    }
    ranges
}

/// Gives the elements of the outermost arrays, short neighbours taken together.
fn elements(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    // How deep the outermost array lies that is open.
    let mut list_depth: Option<usize> = None;
    let mut element: Option<Range<usize>> = None;
    let mut group: Option<Range<usize>> = None;
    let mut next = 0;
    while let Some(&byte) = bytes.get(next) {
        let at = next;
        next += 1;
        let is_direct = list_depth == Some(open.len());
        if byte == b'"' {
            next = text_end(bytes, next);
        } else {
            match byte {
                b'[' | b'{' => open.push(byte),
                b']' | b'}' => {
                    if is_direct {
                        add(&mut found, &mut group, element.take());
                        found.extend(group.take());
                        list_depth = None;
                    }
                    open.pop();
                }
                b',' if is_direct => {
                    add(&mut found, &mut group, element.take());
                    continue;
                }
                _ => {}
            }
            if byte == b'[' && list_depth.is_none() {
                list_depth = Some(open.len());
                continue;
            }
        }
        let is_within = list_depth.is_some_and(|depth| open.len() >= depth);
        if is_within && !(byte.is_ascii_whitespace() && element.is_none()) {
            element.get_or_insert(at..at).end = next;
        }
    }
    found
}

/// Gives where a text ends, its last quote included; nearly all of JSON is in texts, so they are passed over in one go.
fn text_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(rest) = bytes.get(at..)
        && let Some(found) = memchr::memchr2(b'"', b'\\', rest)
    {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        // What is escaped counts for nothing.
        at += 2;
    }
    bytes.len()
}

/// Takes an element into the group that is open, or ends that.
fn add(
    found: &mut Vec<Range<usize>>,
    group: &mut Option<Range<usize>>,
    element: Option<Range<usize>>,
) {
    let Some(element) = element else { return };
    // A long element stands alone, so that lists which lost their beginning meet again at the next one.
    if element.len() >= LONG {
        found.extend(group.take());
        found.push(element);
        return;
    }
    let joined = group
        .take()
        .map_or(element.clone(), |group| group.start..element.end);
    if joined.len() >= LONG {
        found.push(joined);
    } else {
        *group = Some(joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: usize, length: usize) -> String {
        format!(r#"{{"n":{number},"text":"{}\"],["}}"#, "x".repeat(length))
    }

    fn texts(text: &str) -> Vec<&str> {
        ranges(text)
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn a_list_that_grows_is_cut_in_the_same_places() {
        let messages: Vec<String> = (0..9).map(|n| message(n, 100 + 90 * n)).collect();
        let wrap = |list: &[String]| format!(r#"{{"model":"m","messages":[{}]}}"#, list.join(", "));
        let (short, long) = (wrap(&messages[..6]), wrap(&messages));
        let (short, long) = (texts(&short), texts(&long));
        let shared = short.iter().filter(|text| long.contains(text)).count();
        assert!(shared + 1 >= short.len(), "{shared} of {}", short.len());
        assert!(shared >= 3);
    }

    #[test]
    fn a_long_element_stands_alone() {
        let text = format!(
            "[{},{},{}]",
            message(0, 10),
            message(1, 600),
            message(2, 10)
        );
        let found = texts(&text);
        assert_eq!(found, [message(0, 10), message(1, 600), message(2, 10)]);
    }

    #[test]
    fn any_text_is_cut_within_its_bounds() {
        for text in [
            "plain",
            "[",
            "]]]",
            "{\"a\":[1,2",
            "[\"\\",
            "[[[,],]",
            "",
            "[]{}[]",
        ] {
            let mut done = 0;
            for range in ranges(text) {
                assert!(range.start >= done && range.end <= text.len(), "{text}");
                done = range.end;
            }
        }
    }
}
