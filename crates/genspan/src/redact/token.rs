//! Keys that announce themselves by a prefix: whole ones, and masked ones that still show a part.

use super::edge::{LOOK, byte, is_mixed, is_name, opens, run_end, slice};

/// What a key is made of after its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Letters and digits.
    Plain,
    /// Letters, digits, `-` and `_`.
    Dashed,
    /// Upper-case letters and digits, and no letter right after.
    Upper,
}

/// One prefix of one issuer.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) name: &'static str,
    pub(super) prefix: &'static str,
    body: Body,
    min: usize,
    /// The prefix alone proves little: the body must look generated, and no name may be glued to it.
    weak: bool,
}

const fn strong(name: &'static str, prefix: &'static str, body: Body, min: usize) -> Token {
    Token {
        name,
        prefix,
        body,
        min,
        weak: false,
    }
}

const fn weak(name: &'static str, prefix: &'static str, body: Body, min: usize) -> Token {
    Token {
        name,
        prefix,
        body,
        min,
        weak: true,
    }
}

/// Every prefix that is known, with the issuer's name for the replacement.
pub(super) const TOKENS: &[Token] = &[
    strong("anthropic-key", "sk-ant-", Body::Dashed, 16),
    strong("openrouter-key", "sk-or-", Body::Dashed, 16),
    strong("openai-key", "sk-proj-", Body::Dashed, 16),
    strong("openai-key", "sk-svcacct-", Body::Dashed, 16),
    strong("openai-key", "sk-admin-", Body::Dashed, 16),
    // Also DeepSeek's, Moonshot's, LiteLLM's and others' who took the prefix over.
    weak("openai-key", "sk-", Body::Dashed, 16),
    strong("google-key", "AIza", Body::Dashed, 30),
    strong("google-oauth-token", "ya29.", Body::Dashed, 16),
    strong("google-client-secret", "GOCSPX-", Body::Dashed, 16),
    strong("aws-key-id", "AKIA", Body::Upper, 16),
    strong("aws-key-id", "ASIA", Body::Upper, 16),
    strong("github-token", "ghp_", Body::Plain, 30),
    strong("github-token", "gho_", Body::Plain, 30),
    strong("github-token", "ghu_", Body::Plain, 30),
    strong("github-token", "ghs_", Body::Dashed, 30),
    strong("github-token", "ghr_", Body::Plain, 30),
    strong("github-token", "github_pat_", Body::Dashed, 22),
    strong("gitlab-token", "glpat-", Body::Dashed, 16),
    weak("slack-token", "xoxa-", Body::Dashed, 10),
    weak("slack-token", "xoxb-", Body::Dashed, 10),
    weak("slack-token", "xoxp-", Body::Dashed, 10),
    weak("slack-token", "xoxr-", Body::Dashed, 10),
    weak("slack-token", "xoxs-", Body::Dashed, 10),
    weak("huggingface-token", "hf_", Body::Plain, 20),
    weak("groq-key", "gsk_", Body::Plain, 20),
    weak("xai-key", "xai-", Body::Dashed, 20),
    weak("perplexity-key", "pplx-", Body::Plain, 20),
    weak("replicate-token", "r8_", Body::Plain, 20),
    weak("cerebras-key", "csk-", Body::Plain, 20),
    strong("nvidia-key", "nvapi-", Body::Dashed, 30),
    strong("stripe-key", "sk_live_", Body::Plain, 16),
    strong("stripe-key", "rk_live_", Body::Plain, 16),
    strong("stripe-key", "sk_test_", Body::Plain, 16),
    strong("stripe-key", "rk_test_", Body::Plain, 16),
    weak("npm-token", "npm_", Body::Plain, 30),
    weak("pypi-token", "pypi-", Body::Dashed, 32),
];

impl Body {
    fn has(self, b: u8) -> bool {
        match self {
            Self::Plain => b.is_ascii_alphanumeric(),
            Self::Dashed => is_name(b),
            Self::Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
        }
    }
}

impl Token {
    /// The range of the key whose prefix stands at `at`, if there is one.
    pub(super) fn find(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        let body = at + self.prefix.len();
        if slice(bytes, at, body) != self.prefix.as_bytes() || !opens(bytes, at, !self.weak) {
            return None;
        }
        let seen = run_end(bytes, body, LOOK, |b| self.body.has(b));
        let end = if self.is_whole(slice(bytes, body, seen), byte(bytes, seen)) {
            let end = run_end(bytes, seen, usize::MAX, |b| self.body.has(b));
            masked_end(bytes, end, end - body).unwrap_or(end)
        } else if seen - body < LOOK {
            masked_end(bytes, seen, seen - body)?
        } else {
            return None;
        };
        // `sk-proj-…` is for the rule of `sk-proj-` to decide: to the shorter one the rest looks like a key's part.
        let longer = |other: &Self| {
            other.prefix.len() > self.prefix.len()
                && slice(bytes, at, at + other.prefix.len()) == other.prefix.as_bytes()
        };
        (!TOKENS.iter().any(longer)).then_some((at, end))
    }

    fn is_whole(&self, body: &[u8], after: u8) -> bool {
        body.len() >= self.min
            && (!self.weak || is_mixed(body))
            && (self.body != Body::Upper || !after.is_ascii_alphanumeric())
    }
}

/// Where a masked key ends whose first `shown` bytes end at `from`: `****abcd`, `...abcd`, `…abcd`. A mask that
/// shows no part of the key is none, and dots count only before a tail, as prose ends in dots too.
fn masked_end(bytes: &[u8], from: usize, shown: usize) -> Option<usize> {
    let (mut at, mut stars, mut dots) = (from, 0, 0);
    while at - from < LOOK {
        at += match slice(bytes, at, at + 3) {
            [b'*', ..] => {
                stars += 1;
                1
            }
            [b'.', ..] => {
                dots += 1;
                1
            }
            // `…`
            [0xe2, 0x80, 0xa6] => {
                dots += 3;
                3
            }
            // `•` and `●`
            [0xe2, 0x80, 0xa2] | [0xe2, 0x97, 0x8f] => {
                stars += 1;
                3
            }
            _ => break,
        };
    }
    let end = run_end(bytes, at, LOOK, is_name);
    let tail = end - at;
    let is_key = match (stars, dots) {
        (3.., _) => shown + tail >= 2,
        (0, 3..) => (3..=12).contains(&tail),
        _ => false,
    };
    is_key.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_needs_a_part_of_the_key() {
        let end = |text: &str, shown| masked_end(text.as_bytes(), shown, shown);
        assert_eq!(end("abc****wxyz rest", 3), Some(11));
        assert_eq!(end("...wxyz", 0), Some(7));
        assert_eq!(end("…wxyz", 0), Some(7));
        assert_eq!(end("••••", 0), None);
        assert_eq!(end("****", 0), None);
        assert_eq!(end("abc...", 3), None);
        assert_eq!(end("abc** bold", 3), None);
    }
}
