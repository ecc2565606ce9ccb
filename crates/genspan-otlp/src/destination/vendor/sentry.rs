//! Sentry, by the DSN that its SDKs read.

use std::time::Duration;

use super::{Address, Variables, VendorEndpoint, add, error, join};
use crate::{EnvironmentError, destination::DEFAULT_TIMEOUT};

const DSN: &str = "SENTRY_DSN";

pub(super) fn address(
    variables: &Variables<'_>,
    stated: &VendorEndpoint,
) -> Result<(Address, Duration), EnvironmentError> {
    let text = variables.need(
        DSN,
        "is not set; the address and key of a Sentry project stand in it, as in `https://KEY@HOST/PROJECT`",
    )?;
    let (key, base) = read(&text).ok_or_else(|| {
        // The text holds a key, and errors end up in logs.
        error(
            DSN,
            "is no DSN; it is written `https://KEY@HOST/PROJECT`, with the project's number at its end",
        )
    })?;
    let mut headers = stated.headers.clone();
    let value = format!("sentry sentry_key={key}");
    add(&mut headers, "x-sentry-auth", &value, DSN)?;
    let address = Address {
        traces: join(DSN, &base, "v1/traces")?,
        logs: Some(join(DSN, &base, "v1/logs")?),
        headers,
    };
    Ok((address, DEFAULT_TIMEOUT))
}

/// Takes a DSN apart into the public key and the base address for OTLP; an old DSN's secret key is passed over.
fn read(dsn: &str) -> Option<(&str, String)> {
    let (scheme, rest) = dsn.split_once("://")?;
    let (keys, place) = rest.split_once('@')?;
    let (public, _secret) = keys.split_once(':').unwrap_or((keys, ""));
    let place = place.split(['?', '#']).next()?.trim_end_matches('/');
    let (host, project) = place.rsplit_once('/')?;
    let is_whole = ["http", "https"].contains(&scheme)
        && !public.is_empty()
        && !host.is_empty()
        && !project.is_empty()
        && project.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| {
        let base = format!("{scheme}://{host}/api/{project}/integration/otlp");
        (public, base)
    })
}
