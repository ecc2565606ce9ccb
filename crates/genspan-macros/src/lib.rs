//! Attribute macros that record functions as tools and agents.
//!
//! They are re-exported by `genspan`, which holds all that they expand to: [`macro@tool`] as
//! `genspan::tool` and [`macro@agent`] as `genspan::agent`. That crate must go by its own name.

mod agent;
mod arguments;
mod expand;
mod function;
mod options;
mod returned;
mod tool;

use proc_macro::TokenStream;

/// Records each run of a function as the run of a tool: a span `execute_tool {name}` and its duration.
///
/// The recorder is that of the scope in which the function runs, such as the agent that called it.
/// Outside of any scope the function runs as if it had no attribute. The attribute goes on async
/// functions and on others, on methods, in impls of traits and on bodies that traits provide. It changes
/// neither the signature nor whether the future is `Send`.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use genspan::{Capture, Conventions, Place, Rendering, Telemetry};
///
/// /// Looks up the weather of a city.
/// #[genspan::tool]
/// async fn weather(city: &str, days: u32) -> Result<String, WeatherError> {
///     if days > 7 {
///         return Err(WeatherError); // `error.type` is `WeatherError`
///     }
///     Ok(format!("sunny in {city}"))
/// }
///
/// #[derive(Debug)]
/// struct WeatherError;
/// # impl std::fmt::Display for WeatherError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("too far") }
/// # }
/// # impl std::error::Error for WeatherError {}
///
/// # futures_util::FutureExt::now_or_never(async {
/// let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
/// # let sink = testkit::CaptureSink::new(rendering);
/// # let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
/// let scope = telemetry.scope(); // in earnest that of an agent
/// scope.within(weather("Paris", 3)).await.unwrap();
/// # assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
/// # let signals = &sink.spans()[0].signals;
/// # assert_eq!(signals.name, "execute_tool weather");
/// # assert!(signals.attributes.iter().any(|attribute| attribute.value.to_json().contains("Paris")));
/// # }).unwrap();
/// ```
///
/// # Options
///
/// | option | says | default |
/// |---|---|---|
/// | `name = …` | the tool's name | the function's |
/// | `description = …` | what the tool does | first paragraph of the doc comment |
/// | `type = "…"` | `function`, `extension` or `datastore` | `function` |
/// | `call_id = …` | the id of the model's call | none |
/// | `telemetry = …` | the recorder: a `Telemetry`, a reference to one, or an `Option` of one | that of the scope |
/// | `skip(a, b)`, `skip_all` | arguments that are not recorded | all are |
/// | `skip_result` | the result is not recorded | it is |
///
/// Texts are string literals, or expressions of the arguments that give `&str`, `String`, or an `Option`
/// of one: `call_id = request.call_id`. An argument that stands alone behind an option is not recorded as
/// an argument once more.
///
/// # Content
///
/// Arguments, as one object by their names, the result, and the text of an error are content: they
/// reach telemetry as far as the capture policy allows. Where it allows none, or the span is not recorded, they
/// are not even looked at. A value is recorded through `serde::Serialize` where its type implements that, else
/// through `Debug`, else not at all. In a generic function the type is what the bounds say it is. `self`
/// and arguments whose names begin with `_` are never recorded.
///
/// # Endings
///
/// | the function | the operation |
/// |---|---|
/// | returns anything but `Err`, `None` included | is completed |
/// | returns `Err(error)` | fails |
/// | is dropped before its end, or panics | is cancelled |
/// | is never polled | never was |
///
/// The class of an error, for `error.type`, is what `impl From<&E> for genspan::Failure` says, where there is
/// one. Else it is the name of its type without path and arguments: `WeatherError`; `timeout` for types
/// called `Elapsed`; `reqwest::Error` where the type is just called `Error`. An `std::io::Error` gives its kind. What
/// has no type of its own, `String`, `Box<dyn Error>`, `anyhow::Error`, is a `tool_error`, unless it holds
/// an `std::io::Error`.
///
/// # Together with others
///
/// Under `#[async_trait]` it stands on the method, and `#[async_trait]` on the impl as ever; arguments that are
/// taken apart in the signature are not recorded there. A function that is not async but returns a future is recorded
/// while the future runs, if its body ends with `async move { … }` or `Box::pin(async move { … })`.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::with_item(options.into(), &item.into(), tool::expand).into()
}

/// Records each run of an async function as the run of an agent: a span `invoke_agent {name}` and its duration.
///
/// All that its body does runs within the operation: model calls, tools and further agents are its
/// children, and belong to the conversation that it names. The recorder, the endings and what is said
/// of content are as for [`macro@tool`]; an error without a type of its own is of the class `_OTHER`.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use genspan::{Conventions, Provider, Rendering, Telemetry};
///
/// #[genspan::tool]
/// async fn weather(city: &str) -> String {
///     format!("sunny in {city}")
/// }
///
/// struct Travel {
///     telemetry: Telemetry,
/// }
///
/// impl Travel {
///     #[genspan::agent(name = "travel", telemetry = self.telemetry, input = question, conversation_id = session)]
///     async fn answer(&self, question: &str, session: &str) -> String {
///         let call = self.telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
///         // ask the model
///         call.finish();
///         weather("Paris").await // runs under the agent, as the model call does
///     }
/// }
///
/// # futures_util::FutureExt::now_or_never(async {
/// # let sink = testkit::CaptureSink::new(Rendering::new(Conventions::V1_41));
/// # let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
/// let agent = Travel { telemetry: telemetry.clone() };
/// agent.answer("What is the weather in Paris?", "c-1").await;
/// # assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
/// # let spans = sink.spans();
/// # let names: Vec<&str> = spans.iter().map(|span| span.signals.name.as_str()).collect();
/// # assert_eq!(names, ["chat gpt-4o-mini", "execute_tool weather", "invoke_agent travel"]);
/// # }).unwrap();
/// ```
///
/// # Options
///
/// | option | says | default |
/// |---|---|---|
/// | `name = …` | the agent's name | the function's |
/// | `id = …` | the stable id of a hosted agent | none |
/// | `description = …` | what the agent is for | none |
/// | `version = …` | the agent's version | none |
/// | `provider = …` | who runs the agent's model, a text or a `Provider` | none |
/// | `model = …` | the agent's model | none |
/// | `conversation_id = …` | the conversation, for the agent and all within it | that of the scope |
/// | `input = …` | what the user said: an argument, or an expression of arguments | none |
/// | `skip_result` | the result is not recorded | it is |
/// | `telemetry = …` | the recorder: a `Telemetry`, a reference to one, or an `Option` of one | that of the scope |
///
/// Texts are string literals or expressions, as for [`macro@tool`].
///
/// # Content
///
/// The input becomes the user's message and the result, what stands in `Ok` of a `Result`, the assistant's. A
/// text is recorded as it is, anything else that implements `serde::Serialize` as JSON, and what implements `Display` alone
/// as it displays. Other arguments are not recorded.
#[proc_macro_attribute]
pub fn agent(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::with_item(options.into(), &item.into(), agent::expand).into()
}
