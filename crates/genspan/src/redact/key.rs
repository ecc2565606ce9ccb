//! What the name of a header, member, variable or parameter says about its value.

use super::stem::may_end_name;

/// How much a name alone proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The value is a secret whatever it looks like.
    Secret,
    /// An `Authorization` header: a scheme, then a secret.
    Authorization,
    /// A `Cookie` or `Set-Cookie` header: secret to the end of the line.
    Cookie,
    /// May as well hold something else, as `token` does in a list of log probabilities; the value decides.
    Maybe,
    /// A secret as a URL's query parameter, and an everyday word elsewhere.
    Query,
}

/// Endings of names whose value is always a secret. Lower case, without `-`, `_`, `.` and spaces.
const SECRET: &[&str] = &[
    "apikey",
    "apikeys",
    "apitoken",
    "apisecret",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "bearertoken",
    "sessiontoken",
    "securitytoken",
    "secrettoken",
    "oauthtoken",
    "clienttoken",
    "csrftoken",
    "xsrftoken",
    "bottoken",
    "deploytoken",
    "privatetoken",
    "personaltoken",
    "identitytoken",
    "githubtoken",
    "gitlabtoken",
    "slacktoken",
    "hftoken",
    "npmtoken",
    "vaulttoken",
    "secret",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "privatekey",
    "secretkey",
    "accesskey",
    "accountkey",
    "authkey",
    "masterkey",
    "signingkey",
    "encryptionkey",
    "subscriptionkey",
    "credentials",
];

/// Names that may hold a secret; the whole name.
const MAYBE: &[&str] = &[
    "token",
    "key",
    "pwd",
    "dbpwd",
    "userpwd",
    "auth",
    "pat",
    "credential",
    "xauth",
];

/// Names of query parameters that sign or authorise a URL; the whole name.
const QUERY: &[&str] = &[
    "key",
    "sig",
    "signature",
    "token",
    "auth",
    "xamzsignature",
    "xgoogsignature",
];

/// Longer names are prose.
pub(super) const LONGEST: usize = 64;

/// Judges the name of a header, JSON member or variable.
pub(super) fn classify(name: &str) -> Option<Key> {
    judge(Name::of(name)?.as_bytes())
}

/// Judges the name of a URL's query parameter.
pub(super) fn classify_parameter(name: &str) -> Option<Key> {
    let name = Name::of(name)?;
    let name = name.as_bytes();
    if QUERY.iter().any(|known| known.as_bytes() == name) {
        Some(Key::Query)
    } else {
        judge(name)
    }
}

fn judge(name: &[u8]) -> Option<Key> {
    if name.ends_with(b"authorization") {
        return Some(Key::Authorization);
    }
    if matches!(
        name,
        b"cookie" | b"setcookie" | b"xcookie" | b"sessioncookie" | b"authcookie"
    ) {
        return Some(Key::Cookie);
    }
    if SECRET.iter().any(|end| name.ends_with(end.as_bytes())) {
        return Some(Key::Secret);
    }
    let is_maybe = MAYBE.iter().any(|known| known.as_bytes() == name);
    is_maybe.then_some(Key::Maybe)
}

/// A name in lower case, without what only parts its words.
struct Name {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Name {
    /// Takes a name that may be one of interest; most are told by their last letters not to be.
    fn of(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        let mut letters = bytes.iter().rev().filter(|b| !is_filler(**b));
        let [last, second, third] = [letters.next()?, letters.next()?, letters.next()?];
        let ending = [*third, *second, *last].map(|b| b.to_ascii_lowercase());
        if bytes.len() > LONGEST || !may_end_name(ending) {
            return None;
        }
        let mut name = Self {
            bytes: [0; LONGEST],
            len: 0,
        };
        let letters = bytes.iter().filter(|b| !is_filler(**b));
        for (to, from) in name.bytes.iter_mut().zip(letters) {
            *to = from.to_ascii_lowercase();
            name.len += 1;
        }
        Some(name)
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

const fn is_filler(b: u8) -> bool {
    matches!(b, b'-' | b'_' | b'.' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_name_in_any_spelling() {
        for name in [
            "x-api-key",
            "api-key",
            "api_key",
            "apiKey",
            "APIKEY",
            "OPENAI_API_KEY",
            "x-goog-api-key",
            "Ocp-Apim-Subscription-Key",
            "x-amz-security-token",
            "access_token",
            "refreshToken",
            "id_token",
            "client_secret",
            "clientSecret",
            "private_key",
            "password",
            "db-password",
            "passwd",
            "secret",
            "aws_secret_access_key",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            assert_eq!(classify(name), Some(Key::Secret), "{name}");
        }
        assert_eq!(classify("Proxy-Authorization"), Some(Key::Authorization));
        assert_eq!(classify("Set-Cookie"), Some(Key::Cookie));
    }

    #[test]
    fn ordinary_names_say_nothing() {
        for name in [
            "max_tokens",
            "token_count",
            "secretary",
            "total_tokens",
            "next_page_token",
            "nextPageToken",
            "token_type",
            "eos_token",
            "pad_token_id",
            "password_reset_url",
            "passwordless",
            "cookies",
            "cookie_policy",
            "authorization_url",
            "authority",
            "author",
            "monkey",
            "env_key",
            "primary_key",
            "public_key",
            "prompt_cache_key",
            "api_key_id",
            "thought_signature",
            "signature",
            "secret_name",
            "",
        ] {
            assert_eq!(classify(name), None, "{name}");
        }
        assert_eq!(classify(&format!("{}password", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn a_name_of_interest_ends_in_a_stem() {
        for name in SECRET.iter().chain(MAYBE).chain(QUERY) {
            assert!(Name::of(name).is_some(), "{name}");
        }
        for name in ["pass_word", "Api Key", "x-auth", "SIG-"] {
            assert!(classify_parameter(name).is_some(), "{name}");
        }
    }

    #[test]
    fn some_names_are_secret_in_a_query_alone() {
        assert_eq!(classify_parameter("sig"), Some(Key::Query));
        assert_eq!(classify_parameter("X-Amz-Signature"), Some(Key::Query));
        assert_eq!(classify_parameter("access_token"), Some(Key::Secret));
        assert_eq!(classify_parameter("page_token"), None);
        assert_eq!(classify("key"), Some(Key::Maybe));
    }
}
