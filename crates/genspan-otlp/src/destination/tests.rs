use super::*;

fn parse(text: &str) -> Destination {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn uri(text: &str) -> Option<Uri> {
    Some(text.parse().unwrap())
}

#[test]
fn a_base_address_gets_the_path_of_each_signal() {
    for text in [
        "http://h:4318",
        "http://h:4318/",
        "http://h:4318/v1/traces",
        "http://h:4318/v1/logs/",
    ] {
        let Endpoint::Http(http) = parse(text).endpoint else {
            panic!("{text}")
        };
        assert_eq!(http.traces, uri("http://h:4318/v1/traces"), "{text}");
        assert_eq!(http.metrics, uri("http://h:4318/v1/metrics"), "{text}");
    }
    let Endpoint::Http(http) = parse("https://h/api/otel?key=1").endpoint else {
        panic!()
    };
    assert_eq!(http.logs, uri("https://h/api/otel/v1/logs?key=1"));
}

#[test]
fn files_and_grpc_are_read() {
    for (text, path) in [
        ("file:a b.jsonl", "a b.jsonl"),
        ("file:///tmp/x", "/tmp/x"),
        ("file:/tmp/x", "/tmp/x"),
    ] {
        assert_eq!(parse(text).endpoint, Endpoint::File(path.into()));
    }
    let Endpoint::Grpc(grpc) = parse("grpcs://h").endpoint else {
        panic!()
    };
    assert_eq!(Some(grpc.origin), uri("https://h:4317"));
    assert_eq!(parse("stdout").endpoint, Endpoint::Stdout);
}

#[test]
fn options_are_read() {
    let destination = parse(
        "https://h;conventions=main;content=both;header=Authorization:Bearer%20k3y;timeout=500ms;encoding=json;temporality=delta",
    );
    assert_eq!(destination.conventions, Some(Conventions::Main));
    assert!(destination.content.unwrap().inputs_on_event());
    assert_eq!(destination.temporality, Temporality::Delta);
    let Endpoint::Http(http) = &destination.endpoint else {
        panic!()
    };
    assert_eq!(
        (http.timeout, http.encoding),
        (Duration::from_millis(500), Encoding::Json)
    );
    assert_eq!(http.headers.iter().next().unwrap().1, "Bearer k3y");
}

#[test]
fn what_is_shown_holds_no_secret() {
    let destination = parse("https://h:9/otel?key=k3y;header=x-api-key:k3y");
    assert_eq!(destination.to_string(), "https://h:9/otel");
    let Endpoint::Http(http) = &destination.endpoint else {
        panic!()
    };
    assert_eq!(format!("{:?}", http.headers), r#"{"x-api-key": "…"}"#);
    assert_eq!(parse("grpc://h").to_string(), "grpc://h:4317");
}

#[test]
fn each_account_has_its_own_spool() {
    let name = |text| parse(text).spool_name();
    assert_eq!(name("http://h"), name("http://h;timeout=3s"));
    assert_ne!(name("http://h"), name("http://h:81"));
    assert_ne!(name("http://h;header=k:1"), name("http://h;header=k:2"));
    assert_eq!(name("file:x"), None);
}

#[test]
fn errors_say_what_would_do() {
    let texts = [
        "",
        "ftp://h",
        "file:",
        "http://",
        "http://u:p@h",
        "grpc://h:x",
        "http://h;content",
        "http://h;color=red",
        "http://h;content=all",
        "http://h;conventions=v9",
        "http://h;dialect=arize",
        "http://h;parent=project_id:p",
        "braintrust;parent=travel",
        "braintrust;temporality=x",
        "file:x;timeout=3s",
        "grpc://h;encoding=json",
        "http://h;timeout=0",
        "http://h;header=a b:c",
        "http://h;temporality=x",
        "http://h;header=a:%zz",
    ];
    let errors: Vec<String> = texts
        .iter()
        .map(|text| format!("{text} → {}", text.parse::<Destination>().expect_err(text)))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
     → `` is no destination; write `store`, `stdout`, `file:PATH`, `http://HOST:PORT`, `https://HOST`, `grpc://HOST:PORT`, `grpcs://HOST:PORT`, `braintrust`, `langfuse` or `sentry`
    ftp://h → `ftp://h` is no destination; write `store`, `stdout`, `file:PATH`, `http://HOST:PORT`, `https://HOST`, `grpc://HOST:PORT`, `grpcs://HOST:PORT`, `braintrust`, `langfuse` or `sentry`
    file: → `file:` needs a path, as in `file:spans.jsonl`
    http:// → `http://` is no address: empty string
    http://u:p@h → an address must not hold credentials; write `;header=Authorization:…` behind it
    grpc://h:x → `grpc://h:x` is no address: its port is no number
    http://h;content → `content` is no option; behind `;` stands `name=value`, with one of `conventions`, `content`, `dialect`, `parent`, `header`, `timeout`, `encoding` and `temporality`
    http://h;color=red → there is no option `color`; known are `conventions`, `content`, `dialect`, `parent`, `header`, `timeout`, `encoding` and `temporality`
    http://h;content=all → `content=all`: `all` is no place for content; write `none`, `span`, `event` or `both` (or `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`, `true`, `false`)
    http://h;conventions=v9 → `conventions=v9`: unknown conventions "v9": expected v1.36, v1.41 or main
    http://h;dialect=arize → `dialect=arize`: unknown dialect `arize`: known are `agent-sdk`, `braintrust`, `langfuse`, `openinference`, `openllmetry`, `sentry`
    http://h;parent=project_id:p → option `parent` has no meaning for a destination without `dialect=braintrust`
    braintrust;parent=travel → `parent=travel`: `travel` names no parent; write `project_id:ID`, `project_name:NAME` or `experiment_id:ID`
    braintrust;temporality=x → `temporality=x`: known are `cumulative` and `delta`
    file:x;timeout=3s → option `timeout` has no meaning for a file
    grpc://h;encoding=json → option `encoding` has no meaning for OTLP over gRPC
    http://h;timeout=0 → `timeout=0`: write seconds or milliseconds, as in `10s` or `500ms`
    http://h;header=a b:c → `header=…`: `a b` is no name of a header
    http://h;temporality=x → `temporality=x`: known are `cumulative` and `delta`
    http://h;header=a:%zz → `header=…`: the value of header `a` holds characters that cannot be sent
    "#);
}

#[test]
fn dialects_are_read_and_an_unknown_one_is_told_with_those_that_are() {
    for dialect in Dialect::WRITTEN {
        assert_eq!(
            parse(&format!("file:x;dialect={dialect}")).dialect,
            Some(*dialect)
        );
    }
    let error = "http://h;dialect=arize".parse::<Destination>();
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("`dialect=arize`: unknown dialect `arize`: known are `"),
        "{error}"
    );
}
