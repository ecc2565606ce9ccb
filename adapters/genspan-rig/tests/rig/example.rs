//! The example, run as a user would run it.

#[test]
fn the_example_plans_a_trip_and_shows_it() {
    let required = std::env::var("GENSPAN_REQUIRE").as_deref() == Ok("all");
    let Some(ran) = testkit::example::run("travel", env!("CARGO_TARGET_TMPDIR"), required) else {
        return;
    };
    // Whether a moment is so near its parent's that it goes without saying, the machine decides.
    insta::assert_snapshot!(ran.printed.replace(" {time}", ""), @"
    Take the tram in the morning, while it is cool.

    at time in cached out end
    trace {id} {date} {hour} UTC
    invoke_agent planner 393 97 28 stop
    ├─ chat gpt-4o 151 37 16 tool_call
    ├─ execute_tool get_weather
    ├─ execute_tool guide
    │  └─ invoke_agent guide 11 2 5 stop
    │     └─ chat gpt-4o-mini 11 2 5 stop
    └─ chat gpt-4o 242 60 12 stop
    ");
    testkit::conventions::hold_file(&ran.file, 7, &[]);
}
