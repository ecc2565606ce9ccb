use std::collections::HashMap;

use super::*;

fn resolve(text: &str, variables: &[(&str, &str)]) -> Result<Destination, EnvironmentError> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let destination: Destination = text.parse().unwrap();
    destination.resolve(|name| variables.get(name).map(|value| (*value).to_owned()))
}

fn http(destination: Destination) -> HttpEndpoint {
    match destination.endpoint {
        Endpoint::Http(http) => http,
        other => panic!("{other:?}"),
    }
}

/// Shows addresses and headers, secrets included.
fn shown(text: &str, variables: &[(&str, &str)]) -> String {
    let destination = resolve(text, variables).unwrap();
    let mut lines = vec![format!(
        "{:?} {:?}",
        destination.dialect, destination.parent
    )];
    let http = http(destination);
    for signal in Signal::ALL {
        if let Some(uri) = http.of(signal) {
            lines.push(uri.to_string());
        }
    }
    for (name, value) in http.headers.iter() {
        lines.push(format!("{name}: {}", value.to_str().unwrap()));
    }
    lines.push(format!("{:?} {:?}", http.timeout, http.encoding));
    lines.join("\n")
}

const KEY: (&str, &str) = ("BRAINTRUST_API_KEY", "k3y");
const NAME: (&str, &str) = ("BRAINTRUST_DEFAULT_PROJECT_NAME", "travel agent");
const ID: (&str, &str) = ("BRAINTRUST_DEFAULT_PROJECT_ID", "p-1");
const PARENT: (&str, &str) = ("BRAINTRUST_PARENT", "experiment_id:e-1");

#[test]
fn braintrust_is_where_its_variables_say() {
    insta::assert_snapshot!(shown("braintrust", &[KEY, NAME]), @r#"
    Some(Braintrust) Some("project_name:travel agent")
    https://api.braintrust.dev/otel/v1/traces
    https://api.braintrust.dev/otel/v1/logs
    authorization: Bearer k3y
    x-bt-parent: project_name:travel agent
    30s Protobuf
    "#);
    let own = [
        ("BRAINTRUST_API_URL", "http://h:81/base/"),
        ("BRAINTRUST_TRACES_PATH", "t"),
        ("BRAINTRUST_LOGS_PATH", "/l"),
        ("BRAINTRUST_REQUEST_TIMEOUT", "5"),
        KEY,
        ID,
        NAME,
    ];
    insta::assert_snapshot!(shown("braintrust", &own), @r#"
    Some(Braintrust) Some("project_id:p-1")
    http://h:81/base/t
    http://h:81/base/l
    authorization: Bearer k3y
    x-bt-parent: project_id:p-1
    5s Protobuf
    "#);
}

#[test]
fn what_stands_behind_the_word_stands_before_the_variables() {
    let text = "braintrust;parent=project_id:p-2;header=Authorization:Bearer%20mine;timeout=500ms;encoding=json";
    insta::assert_snapshot!(shown(text, &[PARENT, KEY]), @r#"
    Some(Braintrust) Some("project_id:p-2")
    https://api.braintrust.dev/otel/v1/traces
    https://api.braintrust.dev/otel/v1/logs
    authorization: Bearer mine
    x-bt-parent: project_id:p-2
    500ms Json
    "#);
}

#[test]
fn a_parent_comes_before_a_project_and_its_id_before_its_name() {
    let parent = |variables: &[(&str, &str)]| {
        let variables: Vec<_> = variables.iter().copied().chain([KEY]).collect();
        resolve("braintrust", &variables).unwrap().parent.unwrap()
    };
    assert_eq!(parent(&[PARENT, ID, NAME]), "experiment_id:e-1");
    assert_eq!(parent(&[ID, NAME]), "project_id:p-1");
    assert_eq!(
        parent(&[NAME, ("BRAINTRUST_PARENT", " ")]),
        "project_name:travel agent"
    );
}

#[test]
fn the_dialect_by_itself_takes_a_parent_from_the_variables_and_needs_none() {
    let parent = |text, variables: &[(&str, &str)]| resolve(text, variables).unwrap().parent;
    let named = Some("experiment_id:e-1".to_owned());
    assert_eq!(parent("http://h;dialect=braintrust", &[PARENT]), named);
    assert_eq!(parent("http://h;dialect=braintrust", &[]), None);
    assert_eq!(parent("http://h", &[PARENT]), None);
    let stated = "file:x;parent=project_id:p;dialect=braintrust";
    assert_eq!(parent(stated, &[PARENT]).as_deref(), Some("project_id:p"));
}

#[test]
fn langfuse_is_where_its_variables_say() {
    let keys = [
        ("LANGFUSE_PUBLIC_KEY", "pk-lf-1"),
        ("LANGFUSE_SECRET_KEY", "sk-lf-2"),
        ("LANGFUSE_HOST", "https://us.cloud.langfuse.com/"),
    ];
    insta::assert_snapshot!(shown("langfuse", &keys), @"
    Some(Langfuse) None
    https://us.cloud.langfuse.com/api/public/otel/v1/traces
    authorization: Basic cGstbGYtMTpzay1sZi0y
    x-langfuse-ingestion-version: 4
    10s Protobuf
    ");
    let default = http(resolve("langfuse", &keys[..2]).unwrap());
    let address = "https://cloud.langfuse.com/api/public/otel/v1/traces";
    assert_eq!(default.traces.unwrap(), address);
}

#[test]
fn sentry_is_where_its_dsn_says() {
    for (dsn, base) in [
        (
            "https://pub@o1.ingest.sentry.io/42",
            "https://o1.ingest.sentry.io/api/42",
        ),
        ("http://pub:sec@h:9000/sub/42/", "http://h:9000/sub/api/42"),
    ] {
        let destination = resolve("sentry", &[("SENTRY_DSN", dsn)]).unwrap();
        let http = http(destination);
        let address = |signal| format!("{base}/integration/otlp/v1/{signal}");
        assert_eq!(http.traces.unwrap().to_string(), address("traces"));
        assert_eq!(http.logs.unwrap().to_string(), address("logs"));
        assert_eq!(http.metrics, None);
        let headers: Vec<_> = http.headers.iter().collect();
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[0].0, "x-sentry-auth");
        assert_eq!(headers[0].1, "sentry sentry_key=pub");
    }
}

#[test]
fn what_is_missing_is_told_and_no_secret() {
    let secret = ("LANGFUSE_SECRET_KEY", "s3cret");
    let cases: [(&str, &[(&str, &str)]); 10] = [
        ("braintrust", &[NAME]),
        ("braintrust", &[KEY]),
        ("braintrust", &[KEY, ("BRAINTRUST_PARENT", "travel")]),
        (
            "braintrust",
            &[KEY, ("BRAINTRUST_DEFAULT_PROJECT_NAME", "a\u{1}b")],
        ),
        (
            "braintrust",
            &[KEY, ID, ("BRAINTRUST_API_URL", "api.braintrust.dev")],
        ),
        (
            "braintrust",
            &[KEY, ID, ("BRAINTRUST_REQUEST_TIMEOUT", "30s")],
        ),
        ("braintrust", &[ID, ("BRAINTRUST_API_KEY", "s3cret\n1")]),
        ("langfuse", &[secret]),
        ("sentry", &[]),
        ("sentry", &[("SENTRY_DSN", "https://s3cret@h/project")]),
    ];
    let errors: Vec<_> = cases
        .iter()
        .map(|(text, variables)| resolve(text, variables).unwrap_err().to_string())
        .collect();
    let errors = errors.join("\n");
    assert!(!errors.contains("s3cret") && !errors.contains("k3y"));
    insta::assert_snapshot!(errors.replace('\u{1}', "?"), @"
    BRAINTRUST_API_KEY: is not set, and Braintrust takes nothing without it; set it to a key of your organisation (a `.env.braintrust` file is not looked for)
    BRAINTRUST_PARENT: is not set, and Braintrust drops spans without a parent; set it to `project_id:ID`, `project_name:NAME` or `experiment_id:ID`, or set BRAINTRUST_DEFAULT_PROJECT_ID or BRAINTRUST_DEFAULT_PROJECT_NAME, or write `;parent=…` behind `braintrust`
    BRAINTRUST_PARENT: `travel` names no parent; write `project_id:ID`, `project_name:NAME` or `experiment_id:ID`
    BRAINTRUST_PARENT: `project_name:a?b` holds characters that no header may hold; name the project by its id, in BRAINTRUST_DEFAULT_PROJECT_ID
    BRAINTRUST_API_URL: `api.braintrust.dev/otel/v1/traces` is no address: invalid format
    BRAINTRUST_REQUEST_TIMEOUT: `30s` is no number of seconds above 0
    BRAINTRUST_API_KEY: the value of header `authorization` holds characters that cannot be sent
    LANGFUSE_PUBLIC_KEY: is not set, and Langfuse takes nothing without it; both keys are in the project's settings
    SENTRY_DSN: is not set; the address and key of a Sentry project stand in it, as in `https://KEY@HOST/PROJECT`
    SENTRY_DSN: is no DSN; it is written `https://KEY@HOST/PROJECT`, with the project's number at its end
    ");
}

#[test]
fn a_vendor_is_shown_by_its_name_until_it_is_resolved() {
    for vendor in Vendor::ALL {
        let destination: Destination = vendor.as_str().parse().unwrap();
        assert_eq!(destination.to_string(), vendor.as_str());
        assert!(destination.takes(Signal::Traces) && !destination.takes(Signal::Metrics));
    }
    assert_eq!(Vendor::Braintrust.dialect(), Some(Dialect::Braintrust));
    assert_eq!(Vendor::Langfuse.dialect(), Some(Dialect::Langfuse));
}

#[test]
fn braintrust_is_told_what_the_program_runs_in() {
    let told = |variables: &[(&str, &str)]| {
        let own = [&[KEY, NAME], variables].concat();
        let place = resolve("braintrust", &own).unwrap().environment;
        place.map(|place| {
            let [kind, name] = [place.kind, place.name].map(Option::unwrap_or_default);
            format!("{kind} {name}")
        })
    };
    let word = |variables: &[(&str, &str)]| told(variables).unwrap();
    assert_eq!(told(&[]), None);
    assert_eq!(told(&[("BRAINTRUST_ENVIRONMENT_NAME", " ")]), None);
    let stated = [
        ("CI", "true"),
        ("BRAINTRUST_ENVIRONMENT_TYPE", "server"),
        ("BRAINTRUST_ENVIRONMENT_NAME", "staging"),
    ];
    assert_eq!(word(&stated), "server staging");
    assert_eq!(
        word(&[("BRAINTRUST_ENVIRONMENT_NAME", "staging")]),
        " staging"
    );
    // Where runners set `CI` too, their own name says more.
    let runner = [("CI", "true"), ("GITHUB_ACTIONS", "true")];
    assert_eq!(word(&runner), "ci github_actions");
    assert_eq!(word(&[("CI", "1"), ("DYNO", "web.1")]), "ci ci");
    // A function in a cluster is a function.
    let host = [("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("K_SERVICE", "f")];
    assert_eq!(word(&host), "server cloud_run");
}
