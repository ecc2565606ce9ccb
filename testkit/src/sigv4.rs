//! Signatures of AWS requests (version 4): made for clients in tests, and checked by the scripted Bedrock.

use sha2::{Digest, Sha256};

/// The bytes that a hash is made of at once.
const BLOCK: usize = 64;

/// Who signs; the scripted provider knows [`TEST_CREDENTIALS`] alone.
#[derive(Clone, Copy, Debug)]
pub struct Credentials {
    /// The key's name, which is sent.
    pub key_id: &'static str,
    /// The key, which is not.
    pub secret: &'static str,
}

/// The credentials that the scripted provider knows.
pub const TEST_CREDENTIALS: Credentials = Credentials {
    key_id: "AKIDTEST",
    secret: "test/secret+key",
};

/// What of a request is signed, apart from its headers.
#[derive(Clone, Copy, Debug)]
pub struct Signable<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path as it is sent, with the query where there is one.
    pub path: &'a str,
    /// The body, all of it.
    pub body: &'a [u8],
}

/// When and where a signature holds.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The moment, as `20260102T030405Z`.
    pub time: &'a str,
    /// AWS's region.
    pub region: &'a str,
    /// AWS's service.
    pub service: &'a str,
}

/// Gives the value of `authorization` for a request with these headers, all of which are signed; `x-amz-date` must be
/// among them, and `host`.
#[must_use]
pub fn authorization(
    who: Credentials,
    place: Place<'_>,
    request: Signable<'_>,
    headers: &[(&str, &str)],
) -> String {
    let mut names: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort();
    names.dedup();
    let signature = signature(who.secret, place, request, &names, |wanted| {
        headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| (*value).to_owned())
            .collect()
    });
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={signature}",
        who.key_id,
        scope(place),
        names.join(";")
    )
}

/// Tells why a request is not accepted, in AWS's words for it; `values` gives all values of a header that came.
///
/// # Errors
///
/// When the signature is missing, made by somebody unknown, or not that of the request as it came.
pub fn verify(
    who: Credentials,
    request: Signable<'_>,
    values: impl Fn(&str) -> Vec<String>,
) -> Result<(), &'static str> {
    const MISSING: &str = "MissingAuthenticationTokenException";
    const INCOMPLETE: &str = "IncompleteSignatureException";
    let authorization = values("authorization").pop().ok_or(MISSING)?;
    let fields = authorization
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or(MISSING)?;
    let field = |name: &str| {
        let fields = fields.split(',').map(str::trim);
        fields
            .filter_map(|field| field.split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
            .ok_or(INCOMPLETE)
    };
    let time = values("x-amz-date").pop().ok_or(INCOMPLETE)?;
    let mut scope = field("Credential")?.split('/');
    let mut part = || scope.next().ok_or(INCOMPLETE);
    let (key_id, date, region, service) = (part()?, part()?, part()?, part()?);
    if key_id != who.key_id {
        return Err("UnrecognizedClientException");
    }
    let names: Vec<String> = field("SignedHeaders")?
        .split(';')
        .map(str::to_owned)
        .collect();
    if !names.iter().any(|name| name == "host") || !time.starts_with(date) {
        return Err(INCOMPLETE);
    }
    let place = Place {
        time: &time,
        region,
        service,
    };
    if signature(who.secret, place, request, &names, values) == field("Signature")? {
        Ok(())
    } else {
        Err("InvalidSignatureException")
    }
}

fn signature(
    secret: &str,
    place: Place<'_>,
    request: Signable<'_>,
    names: &[String],
    values: impl Fn(&str) -> Vec<String>,
) -> String {
    let (path, query) = request.path.split_once('?').unwrap_or((request.path, ""));
    let mut query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    let headers: String = names
        .iter()
        .map(|name| {
            let values = values(name);
            let values: Vec<&str> = values.iter().map(|value| value.trim()).collect();
            format!("{name}:{}\n", values.join(","))
        })
        .collect();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{}\n{}",
        request.method,
        escaped(path),
        query.join("&"),
        names.join(";"),
        hex(&Sha256::digest(request.body)),
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}\n{}",
        place.time,
        scope(place),
        hex(&Sha256::digest(canonical))
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    let date = place.time.get(..8).unwrap_or_default();
    for part in [date, place.region, place.service, "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    hex(&hmac(&key, to_sign.as_bytes()))
}

fn scope(place: Place<'_>) -> String {
    let date = place.time.get(..8).unwrap_or_default();
    format!("{date}/{}/{}/aws4_request", place.region, place.service)
}

/// Escapes a path that is escaped already once more, as all services but S3 want it.
fn escaped(path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                escaped.push(char::from(byte));
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > BLOCK {
        Sha256::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    block.resize(BLOCK, 0);
    let padded = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner)
        .finalize();
    outer.to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `get-vanilla` case of the test suite that AWS publishes for signers.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let who = Credentials {
            key_id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        };
        let time = "20150830T123600Z";
        let place = Place {
            time,
            region: "us-east-1",
            service: "service",
        };
        let request = Signable {
            method: "GET",
            path: "/",
            body: b"",
        };
        let headers = [("Host", "example.amazonaws.com"), ("X-Amz-Date", time)];
        let signed = authorization(who, place, request, &headers);
        assert!(
            signed.ends_with(
                "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
            ),
            "{signed}"
        );
    }

    #[test]
    fn what_was_signed_is_accepted_and_nothing_else() {
        let place = Place {
            time: "20260102T030405Z",
            region: "eu-west-1",
            service: "bedrock",
        };
        let request = Signable {
            method: "POST",
            path: "/model/a%3A0/converse?b=2&a=1",
            body: b"{}",
        };
        let headers = [("host", "h:1"), ("x-amz-date", place.time)];
        let signed = authorization(TEST_CREDENTIALS, place, request, &headers);
        let check = |request, host: &str| {
            verify(TEST_CREDENTIALS, request, |name| {
                let value = match name {
                    "authorization" => &signed,
                    "host" => host,
                    "x-amz-date" => place.time,
                    _ => return Vec::new(),
                };
                vec![value.to_owned()]
            })
        };
        assert_eq!(check(request, "h:1"), Ok(()));
        let refused = Err("InvalidSignatureException");
        assert_eq!(check(request, "other"), refused);
        assert_eq!(
            check(
                Signable {
                    body: b"{ }",
                    ..request
                },
                "h:1"
            ),
            refused
        );
        assert_eq!(
            check(
                Signable {
                    path: "/x",
                    ..request
                },
                "h:1"
            ),
            refused
        );
    }
}
