//! Braintrust, by the variables of its SDKs.

mod environment;

use std::time::Duration;

pub(super) use self::environment::environment;
use super::{Address, Variables, VendorEndpoint, add, error, join};
use crate::EnvironmentError;

const KEY: &str = "BRAINTRUST_API_KEY";
const URL: &str = "BRAINTRUST_API_URL";
const PARENT: &str = "BRAINTRUST_PARENT";
const PROJECT_ID: &str = "BRAINTRUST_DEFAULT_PROJECT_ID";
const PROJECT_NAME: &str = "BRAINTRUST_DEFAULT_PROJECT_NAME";
const TIMEOUT: &str = "BRAINTRUST_REQUEST_TIMEOUT";

const SHAPES: &str = "`project_id:ID`, `project_name:NAME` or `experiment_id:ID`";

/// Finds where spans are filed that name no place themselves.
pub(super) fn parent(variables: &Variables<'_>) -> Result<Option<String>, EnvironmentError> {
    if let Some(parent) = variables.get(PARENT) {
        check_parent(&parent).map_err(|why| error(PARENT, why))?;
        return Ok(Some(parent));
    }
    let id = variables.get(PROJECT_ID);
    let named = || variables.get(PROJECT_NAME);
    Ok(id
        .map(|id| format!("project_id:{id}"))
        .or_else(|| named().map(|name| format!("project_name:{name}"))))
}

/// Says why a text names no parent, and what would do.
pub(in crate::destination) fn check_parent(text: &str) -> Result<(), String> {
    let is_one = text
        .split_once(':')
        .is_some_and(|(kind, which)| !kind.trim().is_empty() && !which.trim().is_empty());
    if is_one {
        Ok(())
    } else {
        Err(format!("`{text}` names no parent; write {SHAPES}"))
    }
}

pub(super) fn address(
    variables: &Variables<'_>,
    stated: &VendorEndpoint,
    parent: Option<&str>,
) -> Result<(Address, Duration), EnvironmentError> {
    let mut headers = stated.headers.clone();
    if !headers.has("authorization") {
        let key = variables.need(
            KEY,
            "is not set, and Braintrust takes nothing without it; set it to a key of your organisation (a \
             `.env.braintrust` file is not looked for)",
        )?;
        add(&mut headers, "authorization", &format!("Bearer {key}"), KEY)?;
    }
    let Some(parent) = parent else {
        let why = format!(
            "is not set, and Braintrust drops spans without a parent; set it to {SHAPES}, or set {PROJECT_ID} or \
             {PROJECT_NAME}, or write `;parent=…` behind `braintrust`"
        );
        return Err(error(PARENT, why));
    };
    if !headers.has("x-bt-parent") && headers.push("x-bt-parent", parent).is_err() {
        let why = format!(
            "`{parent}` holds characters that no header may hold; name the project by its id, in {PROJECT_ID}"
        );
        return Err(error(PARENT, why));
    }
    let base = variables
        .get(URL)
        .unwrap_or_else(|| "https://api.braintrust.dev".to_owned());
    let path = |variable: &str, default: &str| {
        let path = variables
            .get(variable)
            .unwrap_or_else(|| default.to_owned());
        join(URL, &base, &path)
    };
    let address = Address {
        traces: path("BRAINTRUST_TRACES_PATH", "/otel/v1/traces")?,
        logs: Some(path("BRAINTRUST_LOGS_PATH", "/otel/v1/logs")?),
        headers,
    };
    Ok((address, timeout(variables)?))
}

fn timeout(variables: &Variables<'_>) -> Result<Duration, EnvironmentError> {
    let Some(text) = variables.get(TIMEOUT) else {
        return Ok(Duration::from_secs(30));
    };
    let seconds: Option<u64> = text.parse().ok().filter(|seconds| *seconds > 0);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| error(TIMEOUT, format!("`{text}` is no number of seconds above 0")))
}
