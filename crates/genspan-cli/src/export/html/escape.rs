//! Text that anyone may have written, as HTML that means nothing but that text.

/// Writes a text between tags.
pub(super) fn text(text: &str) -> String {
    attribute(text)
}

/// Writes a text within quotes of an attribute.
pub(super) fn attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // HTML has no other control characters, and would put others in their places.
            '\n' | '\t' => escaped.push(letter),
            '\r' => escaped.push_str("&#13;"),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_tag_or_ends_a_quote() {
        assert_eq!(
            text("<script>alert(\"1\" & '2')</script>\n\u{0}é"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;\n\u{fffd}é"
        );
    }
}
