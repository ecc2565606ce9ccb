//! The words that names of secrets end in.

/// Every way a name of interest may end; where one is assigned a value, the rules for names decide.
pub(super) const STEMS: &[&str] = &[
    "key",
    "keys",
    "token",
    "secret",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "cookie",
    "sig",
    "signature",
];

/// The last three letters of every stem, and `pat`, which is a name of its own.
const ENDINGS: &[[u8; 3]] = &[
    *b"key", *b"eys", *b"ken", *b"ret", *b"ord", *b"rds", *b"swd", *b"ase", *b"ode", *b"pwd",
    *b"uth", *b"ion", *b"ial", *b"als", *b"kie", *b"sig", *b"ure", *b"pat",
];

/// Whether a name that ends in these letters, in lower case, may be one that `key` knows.
pub(super) fn may_end_name(ending: [u8; 3]) -> bool {
    ENDINGS.contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stem_has_its_ending() {
        for stem in STEMS.iter().chain(&["pat"]) {
            let ending = stem.as_bytes().last_chunk().unwrap();
            assert!(may_end_name(*ending), "{stem}");
        }
        assert!(!may_end_name(*b"ity"));
    }
}
