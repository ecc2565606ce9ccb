use std::collections::HashMap;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Vec<Destination>, EnvironmentError> {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    from_environment(|name| variables.get(name).cloned())
}

fn one(variables: &[(&str, &str)]) -> Destination {
    let mut destinations = read(variables).unwrap();
    assert_eq!(destinations.len(), 1, "{destinations:?}");
    destinations.remove(0)
}

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318/base/");

#[test]
fn no_endpoint_no_destination() {
    assert_eq!(read(&[]), Ok(vec![]));
    assert_eq!(
        read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", " "),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b")
        ]),
        Ok(vec![])
    );
    assert_eq!(read(&[ENDPOINT, ("OTEL_SDK_DISABLED", "true")]), Ok(vec![]));
}

#[test]
fn the_general_endpoint_serves_all_signals() {
    let destination = one(&[
        ENDPOINT,
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k%2C3y, x = y"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
    ]);
    assert_eq!(destination.temporality, Temporality::Delta);
    let Endpoint::Http(http) = destination.endpoint else {
        panic!()
    };
    assert_eq!(http.metrics.unwrap(), "http://h:4318/base/v1/metrics");
    assert_eq!(http.traces.unwrap(), "http://h:4318/base/v1/traces");
    assert_eq!(http.timeout, Duration::from_millis(2500));
    let headers: Vec<_> = http
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(headers, [("api-key", "k,3y"), ("x", "y")]);
}

#[test]
fn a_signal_s_own_endpoint_is_used_as_it_is() {
    let destination = one(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h/ingest")]);
    assert!(destination.takes(Signal::Traces) && !destination.takes(Signal::Logs));
    let Endpoint::Http(http) = destination.endpoint else {
        panic!()
    };
    assert_eq!(http.traces.unwrap(), "http://h/ingest");
}

#[test]
fn signals_that_go_another_way_are_another_destination() {
    let destinations = read(&[ENDPOINT, ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b")]).unwrap();
    let takes = destinations
        .iter()
        .map(|one| Signal::ALL.map(|signal| one.takes(signal)))
        .collect::<Vec<_>>();
    assert_eq!(takes, [[true, false, true], [false, true, false]]);
}

#[test]
fn a_signal_can_be_switched_off() {
    let destination = one(&[
        ENDPOINT,
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "console,otlp"),
    ]);
    assert_eq!(
        Signal::ALL.map(|signal| destination.takes(signal)),
        [true, true, false]
    );
}

#[test]
fn grpc_is_read() {
    let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let Endpoint::Grpc(grpc) = one(&[ENDPOINT, protocol]).endpoint else {
        panic!()
    };
    assert_eq!(
        (grpc.origin.to_string().as_str(), grpc.signals.len()),
        ("http://h:4318/", 3)
    );
    let bare = ("OTEL_EXPORTER_OTLP_ENDPOINT", "h:4317");
    let Endpoint::Grpc(grpc) = one(&[bare, protocol]).endpoint else {
        panic!()
    };
    assert_eq!(grpc.origin.scheme_str(), Some("https"));
    let Endpoint::Grpc(grpc) =
        one(&[bare, protocol, ("OTEL_EXPORTER_OTLP_INSECURE", "true")]).endpoint
    else {
        panic!()
    };
    assert_eq!(grpc.origin.scheme_str(), Some("http"));
}

#[test]
fn errors_name_the_variable_and_no_secret() {
    let errors: Vec<String> = [
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "h:4318"), ("", "")],
        [ENDPOINT, ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")],
        [ENDPOINT, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "thrift")],
        [ENDPOINT, ("OTEL_EXPORTER_OTLP_HEADERS", "k3y")],
        [ENDPOINT, ("OTEL_EXPORTER_OTLP_HEADERS", "a=k3y%0A")],
        [ENDPOINT, ("OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem")],
        [
            ENDPOINT,
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "x"),
        ],
    ]
    .iter()
    .map(|variables| read(variables).unwrap_err().to_string())
    .collect();
    let errors = errors.join("\n");
    assert!(!errors.contains("k3y"));
    insta::assert_snapshot!(errors, @"
    OTEL_EXPORTER_OTLP_ENDPOINT: `h:4318` is no address: it does not begin with `http://` or `https://`
    OTEL_EXPORTER_OTLP_TIMEOUT: `10s` is no number of milliseconds above 0
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: `thrift` is unknown; write `http/protobuf`, `http/json` or `grpc`
    OTEL_EXPORTER_OTLP_HEADERS: write `name=value,name=value`, with `,` inside values as %2C
    OTEL_EXPORTER_OTLP_HEADERS: the value of header `a` holds characters that cannot be sent
    OTEL_EXPORTER_OTLP_CERTIFICATE: is not supported; name the certificates with SSL_CERT_FILE
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: `x` is unknown; write `cumulative`, `delta` or `lowmemory`
    ");
}

fn resource(name: Option<&str>, attributes: &str) -> Result<Vec<String>, EnvironmentError> {
    let read = |variable: &str| match variable {
        "OTEL_SERVICE_NAME" => name.map(str::to_owned),
        _ => Some(attributes.to_owned()),
    };
    let resource = resource_from_environment(read, "default")?;
    let shown = resource.attributes.iter().map(|attribute| {
        let value = attribute
            .value
            .as_ref()
            .and_then(|value| value.value.as_ref());
        format!("{}={value:?}", attribute.key)
    });
    Ok(shown.collect())
}

#[test]
fn the_service_s_own_variable_stands_before_the_attributes() {
    let attributes = "a=1,service.name=x,a=%3D2";
    assert_eq!(
        resource(Some("n"), attributes).unwrap(),
        [
            r#"service.name=Some(StringValue("n"))"#,
            r#"a=Some(StringValue("=2"))"#
        ]
    );
    assert_eq!(
        resource(None, attributes).unwrap().first().unwrap(),
        r#"service.name=Some(StringValue("x"))"#
    );
    assert_eq!(
        resource(None, "").unwrap(),
        [r#"service.name=Some(StringValue("default"))"#]
    );
    assert!(resource(None, "a=1,b").is_err());
}
