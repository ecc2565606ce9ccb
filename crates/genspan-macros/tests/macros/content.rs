//! What is recorded of arguments and results, and when they are looked at at all.

use std::{
    cell::Cell,
    fmt::{self, Debug},
};

use genspan::{
    Capture, Conventions, Place, Rendering, Telemetry, Value, agent, semconv::attribute, tool,
};
use serde::{Serialize, Serializer};
use testkit::CaptureSink;

use crate::rig::{Rig, drive};

const CANARY: &str = "canary-5150";

/// Gives what the only span says of arguments and result, as JSON.
fn content(rig: &Rig) -> (String, String) {
    let span = rig.span();
    let text = |key| {
        let value = span.signals.get(key);
        value.map_or_else(String::new, Value::to_json)
    };
    (
        text(attribute::GEN_AI_TOOL_CALL_ARGUMENTS),
        text(attribute::GEN_AI_TOOL_CALL_RESULT),
    )
}

#[derive(Clone, Serialize)]
struct Site {
    city: String,
    at: (f64, f64),
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
struct OnlyDebug(u8);

struct Neither;

struct Api {
    secret: &'static str,
}

impl Api {
    #[tool(skip(key), skip_result)]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    async fn all(
        &self,
        text: &str,
        owned: String,
        number: i64,
        places: &[Site],
        only_debug: OnlyDebug,
        neither: &Neither,
        key: &str,
        _unused: u8,
        r#type: Option<&mut u16>,
        (left, [right, ..]): (bool, [f32; 2]),
        shown: impl Serialize,
        hidden: impl Debug,
    ) -> usize {
        let _ = (text, &owned, number, places, &only_debug, neither, key);
        let _ = (r#type, left, right, &shown, &hidden);
        self.secret.len()
    }
}

#[test]
fn arguments_are_one_object_by_name() {
    let rig = Rig::with_content();
    let api = Api { secret: CANARY };
    let places = [Site {
        city: "Paris".to_owned(),
        at: (48.85, 2.35),
    }];
    rig.run(api.all(
        "a\"b",
        "owned".to_owned(),
        -7,
        &places,
        OnlyDebug(3),
        &Neither,
        CANARY,
        1,
        Some(&mut 9),
        (true, [0.5, 1.5]),
        Some("shown"),
        'h',
    ));
    let (arguments, result) = content(&rig);
    insta::assert_snapshot!(arguments, @r#"{"text":"a\"b","owned":"owned","number":-7,"places":[{"city":"Paris","at":[48.85,2.35]}],"only_debug":"OnlyDebug(3)","type":9,"left":true,"right":0.5,"shown":"shown","hidden":"'h'"}"#);
    assert_eq!(result, "");
    assert!(!rig.tree().contains(CANARY));
}

#[test]
fn results_are_recorded_as_far_as_their_type_allows() {
    macro_rules! result {
        ($type:ty, $value:expr) => {{
            #[tool]
            async fn result() -> $type {
                $value
            }
            let rig = Rig::with_content();
            let _ = rig.run(result());
            content(&rig).1
        }};
    }
    fn paris() -> Site {
        Site {
            city: "Paris".to_owned(),
            at: (1.0, 2.0),
        }
    }
    assert_eq!(result!(Site, paris()), r#"{"city":"Paris","at":[1.0,2.0]}"#);
    assert_eq!(
        result!(Result<Site, String>, Ok(paris())),
        r#"{"city":"Paris","at":[1.0,2.0]}"#
    );
    assert_eq!(result!(&'static str, "sunny"), r#"{"result":"sunny"}"#);
    assert_eq!(result!(Option<u8>, Some(3)), r#"{"result":3}"#);
    assert_eq!(
        result!(OnlyDebug, OnlyDebug(3)),
        r#"{"result":"OnlyDebug(3)"}"#
    );
    assert_eq!(
        result!(impl Iterator<Item = u8>, 1..3),
        r#"{"start":1,"end":3}"#
    );
    assert_eq!(result!(Neither, Neither), "");
    assert_eq!(result!((), ()), "");
    assert_eq!(result!(Result<Site, String>, Err(CANARY.to_owned())), "");
}

#[test]
fn what_an_option_takes_is_no_argument() {
    #[tool(call_id = id, telemetry = telemetry)]
    fn named(telemetry: &Telemetry, id: String, city: &str) -> usize {
        let _ = (telemetry, &id);
        city.len()
    }
    #[tool(skip_all)]
    fn skipping(city: &str) -> usize {
        city.len()
    }
    let rig = Rig::with_content();
    named(&rig.telemetry, "call_1".to_owned(), "Paris");
    assert_eq!(content(&rig).0, r#"{"city":"Paris"}"#);
    let id = rig
        .span()
        .signals
        .get(attribute::GEN_AI_TOOL_CALL_ID)
        .cloned();
    assert_eq!(id, Some(Value::from("call_1")));
    let rig = Rig::with_content();
    rig.scope().run(|| skipping(CANARY));
    assert_eq!(content(&rig).0, "");
}

#[test]
fn an_agents_input_and_result_are_messages() {
    #[agent(input = question)]
    async fn displayed(question: &str) -> impl fmt::Display {
        format_args!("{question}!").to_string()
    }
    #[agent(input = request.city)]
    async fn structured(request: Site) -> Result<Site, String> {
        Ok(request)
    }
    let messages = |rig: &Rig| {
        let span = rig.span();
        let text = |key| {
            span.signals
                .get(key)
                .map(Value::to_json)
                .unwrap_or_default()
        };
        let (input, output) = (
            text(attribute::GEN_AI_INPUT_MESSAGES),
            text(attribute::GEN_AI_OUTPUT_MESSAGES),
        );
        format!("{input}\n{output}")
    };
    let rig = Rig::with_content();
    rig.run(async { displayed("How is Paris?").await.to_string() });
    insta::assert_snapshot!(messages(&rig), @r#"
    [{"role":"user","parts":[{"type":"text","content":"How is Paris?"}]}]
    [{"role":"assistant","parts":[{"type":"text","content":"How is Paris?!"}]}]
    "#);
    let rig = Rig::with_content();
    let place = Site {
        city: "Paris".to_owned(),
        at: (1.0, 2.0),
    };
    assert!(rig.run(structured(place)).is_ok());
    insta::assert_snapshot!(messages(&rig), @r#"
    [{"role":"user","parts":[{"type":"text","content":"Paris"}]}]
    [{"role":"assistant","parts":[{"type":"text","content":"{\"city\":\"Paris\",\"at\":[1.0,2.0]}"}]}]
    "#);
}

/// Counts how often it is looked at, in whatever way.
struct Watched<'a>(&'a Cell<u32>);

impl Watched<'_> {
    fn look(&self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Serialize for Watched<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.look();
        serializer.serialize_str(CANARY)
    }
}

impl fmt::Display for Watched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look();
        f.write_str(CANARY)
    }
}

#[tool]
async fn watched_tool<'a>(value: Watched<'a>, fails: bool) -> Result<Watched<'a>, Watched<'a>> {
    if fails { Err(value) } else { Ok(value) }
}

#[agent(input = value)]
async fn watched_agent<'a>(value: Watched<'a>, fails: bool) -> Result<Watched<'a>, Watched<'a>> {
    watched_tool(value, fails).await
}

fn watched(rig: &Rig) -> u32 {
    let looks = Cell::new(0);
    for fails in [false, true] {
        let returned = rig.run(watched_agent(Watched(&looks), fails));
        assert_eq!(returned.is_err(), fails);
    }
    looks.get()
}

#[test]
fn content_that_is_not_captured_is_never_looked_at() {
    let rig = Rig::without_content();
    assert_eq!(watched(&rig), 0);
    assert_eq!(rig.spans().len(), 4);
    assert!(!rig.tree().contains(CANARY));
    assert!(!format!("{:?}", rig.sink).contains(CANARY));
    let captured = Rig::with_content();
    assert_eq!(watched(&captured), 8, "what counts does count");
}

#[test]
fn content_of_a_span_that_is_not_sampled_is_never_looked_at() {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
    let rig = Rig::of(CaptureSink::unsampled(rendering));
    assert_eq!(watched(&rig), 0);
    assert_eq!(rig.spans().len(), 0);
    assert!(!rig.sink.measurements().is_empty());
}

#[test]
fn without_a_recorder_nothing_is_looked_at_and_all_works() {
    let looks = Cell::new(0);
    assert!(drive(watched_agent(Watched(&looks), true)).is_err());
    let disabled = Telemetry::disabled().scope();
    assert!(drive(disabled.within(watched_agent(Watched(&looks), false))).is_ok());
    assert_eq!(looks.get(), 0);
}

#[test]
fn a_recorder_may_be_named_or_missing() {
    #[tool(telemetry = telemetry)]
    async fn named(telemetry: Option<&Telemetry>) -> bool {
        telemetry.is_some()
    }
    let (rig, other) = (Rig::without_content(), Rig::without_content());
    assert!(other.run(named(Some(&rig.telemetry))));
    assert!(!other.run(named(None)));
    assert_eq!(rig.spans().len(), 1);
    assert_eq!(other.spans().len(), 0);
}

struct Panics;

impl Serialize for Panics {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("the application's own")
    }
}

#[test]
fn a_value_that_cannot_be_looked_at_costs_itself_alone() {
    #[tool]
    async fn panics(value: Panics, city: &str) -> Panics {
        let _ = city;
        value
    }
    let rig = Rig::with_content();
    rig.run(panics(Panics, "Paris"));
    assert_eq!(
        content(&rig),
        (r#"{"city":"Paris"}"#.to_owned(), String::new())
    );
    assert_eq!(rig.error_type(), None);
}

#[test]
fn the_sampler_sees_what_is_known_at_the_start() {
    #[agent(model = "gpt-4o-mini")]
    async fn travel() {}
    let rig = Rig::without_content();
    rig.run(travel());
    let start = rig.sink.starts().remove(0);
    assert_eq!(start.name, "invoke_agent travel");
    let seen = format!("{:?}", start.attributes);
    assert!(seen.contains(attribute::GEN_AI_REQUEST_MODEL), "{seen}");
    assert!(seen.contains("gpt-4o-mini"), "{seen}");
}
