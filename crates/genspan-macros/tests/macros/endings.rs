//! Every way in which an annotated function can end.

use std::{
    error::Error,
    fmt,
    future::pending,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use genspan::{ErrorType, Failure, agent, semconv::Metric, tool};

use crate::rig::{Rig, pause, poll};

/// Makes an error type that says what it is told.
macro_rules! error {
    ($($name:ident)+) => {$(
        #[derive(Debug)]
        struct $name;
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no weather")
            }
        }
        impl Error for $name {}
    )+};
}
error!(WeatherError Elapsed OwnClass);

impl From<&OwnClass> for Failure {
    fn from(_: &OwnClass) -> Self {
        Self::new(ErrorType::RateLimited).with_status(429)
    }
}

#[derive(Debug)]
struct Wrapped<T>(T);

impl<T> fmt::Display for Wrapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl<T: fmt::Debug> Error for Wrapped<T> {}

/// Says nothing of itself.
struct Mute;

#[tool]
async fn failing<E>(error: Option<E>) -> Result<(), E> {
    pause().await;
    error.map_or(Ok(()), Err)
}

/// Gives the class and the text of an error that a tool returns.
macro_rules! ending {
    ($type:ty, $error:expr) => {{
        #[tool]
        async fn ending(error: $type) -> Result<(), $type> {
            Err(error)?
        }
        let rig = Rig::with_content();
        assert!(rig.run(ending($error)).is_err());
        (rig.error_type().unwrap(), rig.span().signals.status_message)
    }};
}

#[test]
fn errors_are_classified_by_their_type() {
    let known = |class: &str, text: &str| (class.to_owned(), text.to_owned());
    let boxed = || Box::new(WeatherError);
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    assert_eq!(
        ending!(WeatherError, WeatherError),
        known("WeatherError", "no weather")
    );
    assert_eq!(
        ending!(Box<WeatherError>, boxed()),
        known("WeatherError", "no weather")
    );
    assert_eq!(
        ending!(Wrapped<Option<String>>, Wrapped(None)),
        known("Wrapped", "wrapped")
    );
    assert_eq!(ending!(Elapsed, Elapsed), known("timeout", "no weather"));
    assert_eq!(
        ending!(OwnClass, OwnClass),
        known("rate_limited", "HTTP 429")
    );
    assert_eq!(ending!(Mute, Mute), known("Mute", ""));
    assert_eq!(
        ending!(io::Error, refused()),
        known("connectivity", "connection refused")
    );
    assert_eq!(
        ending!(String, "broken".to_owned()),
        known("tool_error", "broken")
    );
    assert_eq!(
        ending!(&'static str, "broken"),
        known("tool_error", "broken")
    );
    assert_eq!(ending!((), ()), known("tool_error", ""));
    assert_eq!(
        ending!(Box<dyn Error>, boxed()),
        known("tool_error", "no weather")
    );
    assert_eq!(
        ending!(Box<dyn Error + Send + Sync>, Box::new(refused())),
        known("connectivity", "connection refused")
    );
    assert_eq!(
        ending!(ErrorType, ErrorType::Truncated),
        known("truncated", "")
    );
}

#[test]
fn an_error_in_a_generic_function_is_what_it_turns_out_to_be() {
    let rig = Rig::with_content();
    assert!(rig.run(failing(Some(WeatherError))).is_err());
    assert_eq!(rig.error_type().as_deref(), Some("WeatherError"));
    assert_eq!(
        rig.span().signals.status_message,
        "",
        "nothing says that it can be shown"
    );
}

#[test]
fn an_agents_untyped_error_is_no_tools() {
    #[agent]
    async fn broken() -> Result<(), String> {
        Err("broken".to_owned())
    }
    let rig = Rig::with_content();
    assert!(rig.run(broken()).is_err());
    assert_eq!(rig.error_type().as_deref(), Some("_OTHER"));
}

#[test]
fn an_early_return_and_a_question_mark_end_the_operation() {
    #[tool]
    async fn parse(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
        if text.is_empty() {
            return Ok(0);
        }
        let number: u32 = text.parse()?;
        Ok(number)
    }
    #[tool]
    fn parse_now(text: &str) -> Result<u32, std::num::ParseIntError> {
        if text.is_empty() {
            return Ok(0);
        }
        let number: u32 = text.parse()?;
        Ok(number)
    }
    for (text, class, class_now) in [
        ("", None, None),
        ("7", None, None),
        ("x", Some("tool_error"), Some("ParseIntError")),
    ] {
        let rig = Rig::without_content();
        assert_eq!(rig.run(parse(text)).is_err(), class.is_some());
        assert_eq!(rig.error_type().as_deref(), class);
        assert_eq!(
            rig.span().signals.status_message,
            "",
            "an error's text is content"
        );
        let rig = Rig::without_content();
        assert_eq!(
            rig.scope().run(|| parse_now(text)).is_err(),
            class.is_some()
        );
        assert_eq!(rig.error_type().as_deref(), class_now);
    }
}

#[test]
fn no_option_is_an_error() {
    #[tool]
    async fn find(name: &str) -> Option<String> {
        let _ = name;
        None
    }
    let rig = Rig::without_content();
    assert_eq!(rig.run(find("x")), None);
    assert_eq!(rig.error_type(), None);
}

#[tool]
async fn waiting(value: u32) -> u32 {
    pending::<()>().await;
    value
}

#[agent]
async fn asking() {
    waiting(1).await;
}

#[test]
fn a_dropped_future_is_cancelled_once() {
    let rig = Rig::without_content();
    {
        let mut work = pin!(rig.scope().within(asking()));
        assert!(poll(work.as_mut()).is_pending());
        assert!(poll(work.as_mut()).is_pending());
        assert_eq!(rig.spans().len(), 0);
    }
    insta::assert_snapshot!(rig.tree(), @r#"
    invoke_agent asking [Internal] 5ms ERROR ""
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "asking"
      error.type = "cancelled"
      execute_tool waiting [Internal] 3ms ERROR ""
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "waiting"
        gen_ai.tool.type = "function"
        error.type = "cancelled"
    "#);
    let points = rig.sink.measurements();
    let durations = points
        .iter()
        .filter(|point| point.metric == Metric::ExecuteToolDuration)
        .count();
    assert_eq!(durations, 1);
}

#[test]
fn a_future_that_is_never_polled_never_was() {
    let rig = Rig::without_content();
    drop(rig.scope().within(waiting(1)));
    rig.scope().run(|| drop(waiting(1)));
    assert_eq!(rig.spans().len(), 0);
    assert_eq!(rig.sink.starts().len(), 0);
}

#[test]
fn a_panic_is_cancelled_and_goes_on() {
    #[tool]
    async fn panicking(text: &str) -> Result<(), String> {
        pause().await;
        panic!("{text}")
    }
    let rig = Rig::without_content();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        rig.run(panicking("the application's own"))
    }));
    assert!(caught.is_err());
    assert!(rig.is_cancelled());
    // What runs on this thread afterwards is in no scope that the panic left behind.
    assert!(genspan::Scope::current().is_none());
}

#[test]
fn a_panic_in_a_function_that_is_not_async_is_cancelled() {
    #[tool]
    fn panicking() -> u32 {
        panic!("the application's own")
    }
    let rig = Rig::without_content();
    let caught = catch_unwind(AssertUnwindSafe(|| rig.scope().run(panicking)));
    assert!(caught.is_err());
    assert!(rig.is_cancelled());
}
