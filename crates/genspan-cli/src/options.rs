//! Options that several commands share, and what they come to.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use genspan::{
    Capture, Conventions, Place, Rendering,
    config::{BadSetting, CAPTURE_CONTENT, CONVENTIONS},
};
use genspan_otlp::{Destination, Endpoint, EnvironmentError, Route, StoreEndpoint};
use genspan_prices::{Prices, PricesError};

use crate::{
    environment::Environment,
    home::Home,
    store::{LocalKeeper, StoreArgs, StoreError},
};

/// Says where telemetry goes and what it looks like, as far as the command line tells.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OutputArgs {
    /// Sends telemetry there; may be repeated
    ///
    /// `store`, `stdout`, `file:PATH`, `http[s]://HOST[:PORT]`, `grpc[s]://HOST[:PORT]`, or a vendor that is reached by its own
    /// variables: `braintrust` (BRAINTRUST_API_KEY, BRAINTRUST_PARENT), `langfuse` (LANGFUSE_PUBLIC_KEY,
    /// LANGFUSE_SECRET_KEY) or `sentry` (SENTRY_DSN). Each with `;conventions=…`, `;content=…`, `;dialect=…` or
    /// `;header=NAME:VALUE` behind it where it wants its own.
    /// Without this, telemetry goes to the store, which `genspan show` reads, and to where `OTEL_EXPORTER_OTLP_*` says.
    #[arg(long = "to", value_name = "DESTINATION")]
    pub(crate) to: Vec<Destination>,

    /// Records what was said: `none`, `span`, `event` or `both`; `span` where no word follows
    ///
    /// Without this or OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT destinations other than the store get none.
    /// Recognised secrets are replaced in any case.
    #[arg(long, value_name = "PLACE", num_args = 0..=1, require_equals = true, default_missing_value = "span")]
    pub(crate) content: Option<Capture>,

    /// Writes this version of the conventions: `v1.36`, `v1.41` or `main` [default: v1.41]
    ///
    /// GENSPAN_CONVENTIONS sets it as well, and knows `opt-in`: v1.36 unless OTEL_SEMCONV_STABILITY_OPT_IN
    /// holds `gen_ai_latest_experimental`, then v1.41.
    #[arg(long, value_name = "VERSION")]
    pub(crate) conventions: Option<Conventions>,

    /// Records tools whole, as `gen_ai_tool_definitions` in OTEL_SEMCONV_STABILITY_OPT_IN does
    #[arg(long)]
    pub(crate) tool_definitions: bool,

    /// Leaves out what is sent to models and tools, everywhere
    #[arg(long)]
    pub(crate) no_inputs: bool,

    /// Leaves out what models and tools answer, everywhere
    #[arg(long)]
    pub(crate) no_outputs: bool,

    /// Reads prices from this file, else from GENSPAN_PRICES; they count before genspan's own
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Says how a command treats its output where neither options nor variables do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    /// What the store gets; other destinations get no content.
    pub(crate) stored_content: Place,
}

/// Holds the shared options after everything was considered.
#[derive(Clone, Debug)]
pub(crate) struct EffectiveOutput {
    /// Where telemetry goes, and what it looks like there.
    pub(crate) routes: Vec<Route>,
    /// What has to exist before; empty where genspan's own directory is not used.
    pub(crate) homes: Vec<Home>,
    /// Where telemetry waits for collectors; in memory where it is `None`.
    pub(crate) spool: Option<PathBuf>,
    /// What calls cost.
    pub(crate) prices: Arc<Prices>,
    /// What is worth knowing before, one line each.
    pub(crate) notes: Vec<String>,
}

/// Says why the options cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    #[error(transparent)]
    Variable(BadSetting),
    #[error(transparent)]
    Prices(#[from] PricesError),
    #[error(transparent)]
    Exporter(#[from] EnvironmentError),
    #[error(
        "`--store` names the file of the store, to which nothing is sent; add `--to store`, or leave it out"
    )]
    NoStore,
    #[error("{0}; or say where telemetry goes with `--to`")]
    Store(#[from] StoreError),
}

impl OutputArgs {
    /// Brings together what the destination, the command line, the environment and the defaults say.
    ///
    /// Content: destination's `;content=` > `--content` > variable > none, but for the store as the
    /// command says; then `--no-inputs` and `--no-outputs` take away. Conventions: destination's
    /// `;conventions=` > `--conventions` > variable > v1.41. Destinations: `--to`, else the store
    /// and those of the variables. Prices: the file of `--prices` > that of the variable, before genspan's own.
    pub(crate) fn resolve(
        self,
        environment: &Environment,
        defaults: Defaults,
    ) -> Result<EffectiveOutput, OptionsError> {
        let settings = environment.settings();
        // A variable that nobody understands matters only where no option stands before it.
        let is_asked = |variable| match variable {
            CAPTURE_CONTENT => self.content.is_none(),
            CONVENTIONS => self.conventions.is_none(),
            _ => true,
        };
        if let Some(problem) = settings
            .problems
            .into_iter()
            .find(|problem| is_asked(problem.variable))
        {
            return Err(OptionsError::Variable(problem));
        }
        let mut prices = Prices::vendored();
        if let Some(file) = self.prices.or(settings.prices) {
            prices = prices.with_overrides(&file)?;
        }
        let prices = Arc::new(prices);
        let stated = self.content.or(settings.capture);
        let has_full_tools = self.tool_definitions || settings.has_full_tool_definitions;
        let conventions = self.conventions.or(settings.conventions);
        let to = if self.to.is_empty() {
            let store = Destination::new(Endpoint::Store(StoreEndpoint::new(None)));
            let others = environment.destinations()?;
            std::iter::once(store).chain(others).collect()
        } else {
            self.to
        };
        let homes = homes(&to, &self.store, environment)?;
        let to: Vec<Destination> = to
            .into_iter()
            .map(|one| kept(environment.resolve(one)?, &self.store, environment, &prices))
            .collect::<Result<_, OptionsError>>()?;
        let notes = to.iter().filter_map(|one| unseen(one, stated)).collect();
        let routes = to.into_iter().map(|destination| {
            let version = destination.conventions.or(conventions).unwrap_or_default();
            let usual = match destination.endpoint {
                Endpoint::Store(_) => Capture::at(defaults.stored_content),
                _ => Capture::default(),
            };
            let mut capture = destination.content.or(stated).unwrap_or(usual);
            if self.no_inputs {
                capture = capture.without_inputs();
            }
            if self.no_outputs {
                capture = capture.without_outputs();
            }
            let mut rendering = Rendering::new(version).with_capture(capture);
            if matches!(destination.endpoint, Endpoint::Store(_)) {
                rendering = rendering.with_chunk_gaps();
            }
            if has_full_tools {
                rendering = rendering.with_full_tool_definitions();
            }
            Route {
                destination,
                rendering,
            }
        });
        Ok(EffectiveOutput {
            routes: routes.collect(),
            homes,
            spool: environment.home().map(|home| home.spool()),
            prices,
            notes,
        })
    }
}

impl EffectiveOutput {
    /// Tells whether what is recorded can be looked at with `genspan show`.
    pub(crate) fn is_stored(&self) -> bool {
        let is_store = |route: &Route| matches!(route.destination.endpoint, Endpoint::Store(_));
        self.routes.iter().any(is_store)
    }
}

/// Gives genspan's own directory where the store is in it, and tells where `--store` is of no use.
fn homes(
    to: &[Destination],
    store: &StoreArgs,
    environment: &Environment,
) -> Result<Vec<Home>, OptionsError> {
    let is_usual =
        |one: &Destination| matches!(&one.endpoint, Endpoint::Store(store) if store.path.is_none());
    match (to.iter().any(is_usual), store.store.is_some()) {
        (false, true) => Err(OptionsError::NoStore),
        (true, false) => Ok(vec![environment.home().ok_or(StoreError::NoHome)?]),
        (true, true) | (false, false) => Ok(Vec::new()),
    }
}

/// Gives a store its file, and somebody who writes it; other destinations are as they were.
fn kept(
    mut destination: Destination,
    args: &StoreArgs,
    environment: &Environment,
    prices: &Arc<Prices>,
) -> Result<Destination, OptionsError> {
    if let Endpoint::Store(store) = &mut destination.endpoint {
        let args = match &store.path {
            Some(path) => &StoreArgs {
                store: Some(path.clone()),
            },
            None => args,
        };
        let path = args.path(environment)?;
        let keeper = LocalKeeper::new(path.clone(), Arc::<Prices>::clone(prices));
        *store = StoreEndpoint::new(Some(path)).with_keeper(Arc::new(keeper));
    }
    Ok(destination)
}

/// Tells that a vendor's pages will show no prompts and answers, where nobody said that they should not.
fn unseen(destination: &Destination, stated: Option<Capture>) -> Option<String> {
    let dialect = destination.dialect?;
    let is_network = matches!(destination.endpoint, Endpoint::Http(_) | Endpoint::Grpc(_));
    let is_said = destination.content.or(stated).is_some();
    (is_network && !is_said).then(|| {
        format!(
            "{destination} gets no prompts and answers, so where {dialect} shows them nothing stands; add `--content`, \
             or `;content=none` behind it if that is right"
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        output: OutputArgs,
    }

    fn resolve(line: &str, variables: &[(&str, &str)]) -> Vec<(String, Conventions, Capture)> {
        let typed = std::iter::once("genspan").chain(line.split_whitespace());
        let variables: Vec<_> = variables
            .iter()
            .copied()
            .chain([("GENSPAN_HOME", "/home")])
            .collect();
        let defaults = Defaults {
            stored_content: Place::Span,
        };
        let output = Line::try_parse_from(typed)
            .unwrap()
            .output
            .resolve(&Environment::of(&variables), defaults);
        let facts = |route: Route| {
            (
                route.destination.to_string(),
                route.rendering.conventions(),
                route.rendering.capture(),
            )
        };
        output.unwrap().routes.into_iter().map(facts).collect()
    }

    const CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    #[test]
    fn destination_comes_before_option_before_variable_before_default() {
        let variables = [(CONTENT, "event"), ("GENSPAN_CONVENTIONS", "v1.36")];
        let check = |line: &str, variables: &[(&str, &str)], conventions, place| {
            let want = ("stdout".to_owned(), conventions, Capture::at(place));
            assert_eq!(resolve(line, variables), [want], "{line}");
        };
        check(
            "--to stdout;content=none;conventions=v1.41 --content=both --conventions main",
            &variables,
            Conventions::V1_41,
            Place::None,
        );
        check(
            "--to stdout --content=both --conventions main",
            &variables,
            Conventions::Main,
            Place::Both,
        );
        check(
            "--to stdout --content",
            &variables,
            Conventions::V1_36,
            Place::Span,
        );
        check("--to stdout", &variables, Conventions::V1_36, Place::Event);
        check("--to stdout", &[], Conventions::V1_41, Place::None);
    }

    #[test]
    fn the_store_gets_content_unless_it_is_told_otherwise() {
        let store = "store:/home/store.db".to_owned();
        assert_eq!(
            resolve("", &[]),
            [(store.clone(), Conventions::V1_41, Capture::at(Place::Span))]
        );
        assert_eq!(
            resolve("", &[(CONTENT, "false")]),
            [(store.clone(), Conventions::V1_41, Capture::at(Place::None))]
        );
        // The same store by its name, and another one.
        let content = Capture::at(Place::Span);
        assert_eq!(
            resolve("--to store --to store:/other.db;content=none", &[]),
            [
                (store, Conventions::V1_41, content),
                (
                    "store:/other.db".to_owned(),
                    Conventions::V1_41,
                    Capture::at(Place::None)
                )
            ]
        );
        let mine = ("store:/mine.db".to_owned(), Conventions::V1_41, content);
        assert_eq!(resolve("--store /mine.db", &[]), [mine]);
    }

    #[test]
    fn collectors_of_the_environment_stand_beside_the_store_without_content() {
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        let routes = resolve("", &[collector]);
        assert_eq!(
            routes[1],
            (
                "http://127.0.0.1:4318".to_owned(),
                Conventions::V1_41,
                Capture::default()
            )
        );
        assert_eq!(resolve("--to stdout", &[collector]).len(), 1);
    }

    #[test]
    fn tools_are_told_whole_where_an_option_or_a_variable_asks_for_it() {
        let is_whole = |line: &str, variables: &[(&str, &str)]| {
            let typed = std::iter::once("genspan").chain(line.split_whitespace());
            let variables = [&[("GENSPAN_HOME", "/home")], variables].concat();
            let defaults = Defaults {
                stored_content: Place::Span,
            };
            let output = Line::try_parse_from(typed).unwrap().output;
            let output = output.resolve(&Environment::of(&variables), defaults);
            let mut routes = output.unwrap().routes.into_iter();
            routes.all(|route| route.rendering.has_full_tool_definitions())
        };
        let asked = (
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "a, gen_ai_tool_definitions",
        );
        assert!(is_whole("--to stdout --to file:x --tool-definitions", &[]));
        assert!(is_whole("", &[asked]));
        assert!(!is_whole("--to stdout", &[]));
    }

    #[test]
    fn directions_are_taken_away_everywhere() {
        let want = Capture::at(Place::Both).without_inputs();
        for (_, _, capture) in resolve(
            "--to stdout;content=both --to file:x --content=both --no-inputs",
            &[],
        ) {
            assert_eq!(capture, want);
        }
    }

    #[test]
    fn a_variable_that_means_nothing_is_told_unless_an_option_stands_before_it() {
        let environment =
            Environment::of(&[("GENSPAN_CONVENTIONS", "1.41"), ("GENSPAN_HOME", "/home")]);
        let defaults = Defaults {
            stored_content: Place::None,
        };
        let error = OutputArgs::default()
            .resolve(&environment, defaults)
            .unwrap_err();
        insta::assert_snapshot!(error, @r#"GENSPAN_CONVENTIONS: unknown conventions "1.41": expected v1.36, v1.41 or main"#);
        let args = OutputArgs {
            conventions: Some(Conventions::Main),
            ..OutputArgs::default()
        };
        assert!(args.resolve(&environment, defaults).is_ok());
    }

    #[test]
    fn without_any_home_the_store_has_no_place() {
        let error = OutputArgs::default().resolve(
            &Environment::of(&[]),
            Defaults {
                stored_content: Place::None,
            },
        );
        assert!(error.unwrap_err().to_string().contains("GENSPAN_HOME"));
    }

    #[test]
    fn a_store_that_gets_nothing_is_told() {
        let typed = ["genspan", "--store", "x.db", "--to", "stdout"];
        let output = Line::try_parse_from(typed).unwrap().output;
        let defaults = Defaults {
            stored_content: Place::Span,
        };
        let error = output
            .resolve(&Environment::of(&[("GENSPAN_HOME", "/home")]), defaults)
            .unwrap_err();
        insta::assert_snapshot!(error, @"`--store` names the file of the store, to which nothing is sent; add `--to store`, or leave it out");
    }
}
