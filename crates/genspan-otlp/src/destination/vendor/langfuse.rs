//! Langfuse, by the variables of its SDKs.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Address, Variables, VendorEndpoint, add, join};
use crate::{EnvironmentError, destination::DEFAULT_TIMEOUT};

const PUBLIC: &str = "LANGFUSE_PUBLIC_KEY";
const SECRET: &str = "LANGFUSE_SECRET_KEY";
const URL: &str = "LANGFUSE_BASE_URL";
/// What the SDKs called it before.
const HOST: &str = "LANGFUSE_HOST";

pub(super) fn address(
    variables: &Variables<'_>,
    stated: &VendorEndpoint,
) -> Result<(Address, Duration), EnvironmentError> {
    let mut headers = stated.headers.clone();
    if !headers.has("authorization") {
        let why = "is not set, and Langfuse takes nothing without it; both keys are in the project's settings";
        let keys = format!(
            "{}:{}",
            variables.need(PUBLIC, why)?,
            variables.need(SECRET, why)?
        );
        let value = format!("Basic {}", STANDARD.encode(keys));
        add(&mut headers, "authorization", &value, SECRET)?;
    }
    // Without it spans are seen minutes later.
    add(&mut headers, "x-langfuse-ingestion-version", "4", URL)?;
    let named = [URL, HOST]
        .into_iter()
        .find_map(|name| Some((name, variables.get(name)?)));
    let (variable, base) = named.unwrap_or_else(|| (URL, "https://cloud.langfuse.com".to_owned()));
    let address = Address {
        traces: join(variable, &base, "/api/public/otel/v1/traces")?,
        logs: None,
        headers,
    };
    Ok((address, DEFAULT_TIMEOUT))
}
