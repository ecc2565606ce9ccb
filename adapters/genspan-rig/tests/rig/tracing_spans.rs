//! rig's own spans of `tracing`, beside ours: adopted by a layer that turns them into operations, or switched off.

use std::{cell::RefCell, collections::HashMap, fmt, sync::Mutex};

use genspan::{
    AgentInvocation, Entered, Inference, Open, Outcome, Outline, Provider, Record, StartOptions,
    Telemetry, ToolExecution,
};
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use rig_agent::AgentBuilder;
use serde_json::json;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record as Fields},
};
use tracing_subscriber::{
    Layer, filter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use super::{checked::Scene, models};

thread_local! {
    static ENTERED: RefCell<Vec<(Id, Entered)>> = const { RefCell::new(Vec::new()) };
}

/// Turns rig's spans into operations that are told of, in the simplest way.
struct Telling {
    telemetry: Telemetry,
    told: Mutex<HashMap<Id, Told>>,
}

struct Told {
    operation: String,
    name: String,
    call_id: Option<String>,
    open: Option<Open>,
}

impl Told {
    fn outline(&self) -> Outline {
        match self.operation.as_str() {
            "invoke_agent" => {
                let agent = AgentInvocation::new(self.name.as_str());
                Record::AgentInvocation(Box::new(agent)).into()
            }
            "execute_tool" => {
                let mut tool = ToolExecution::new(self.name.as_str());
                tool.call_id.clone_from(&self.call_id);
                Record::ToolExecution(Box::new(tool)).into()
            }
            _ => Inference::chat(Provider::new("told"), "told").into(),
        }
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name().rsplit_once("gen_ai.").map_or("", |it| it.1) {
            "operation.name" => value.clone_into(&mut self.operation),
            "agent.name" if self.operation == "invoke_agent" => value.clone_into(&mut self.name),
            "tool.name" => value.clone_into(&mut self.name),
            "tool.call.id" => self.call_id = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Telling {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut told = Told {
            operation: String::new(),
            name: String::new(),
            call_id: None,
            open: None,
        };
        attributes.record(&mut told);
        if told.operation.is_empty() {
            return;
        }
        let options = StartOptions {
            told: true,
            ..StartOptions::default()
        };
        told.open = Some(self.telemetry.open(told.outline(), options));
        self.told.lock().unwrap().insert(id.clone(), told);
    }

    fn on_record(&self, id: &Id, fields: &Fields<'_>, _: Context<'_, S>) {
        if let Some(told) = self.told.lock().unwrap().get_mut(id) {
            fields.record(told);
            let outline = told.outline();
            told.open.as_ref().unwrap().restate(outline);
        }
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let scope = {
            let told = self.told.lock().unwrap();
            told.get(id).map(|it| it.open.as_ref().unwrap().scope())
        };
        if let Some(scope) = scope {
            let entered = (id.clone(), scope.enter());
            ENTERED.with_borrow_mut(|stack| stack.push(entered));
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let left = ENTERED.with_borrow_mut(|stack| {
            let at = stack.iter().rposition(|entered| entered.0 == *id)?;
            Some(stack.remove(at))
        });
        drop(left);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let told = self.told.lock().unwrap().remove(&id);
        if let Some(mut told) = told {
            let record = Record::from(told.outline());
            told.open.take().unwrap().close(record, Outcome::Completed);
        }
    }
}

fn steps() -> String {
    models::plan(&json!([
        {"call": [["get_weather", {"city": "Rome"}], ["get_weather", {"city": "Bern"}]]},
        "Warm.",
    ]))
}

#[tokio::test]
async fn with_a_layer_that_tells_of_rigs_spans_there_is_one_of_each() {
    let mut drawn = Vec::new();
    for (is_told, is_within_a_span) in [(false, false), (true, false), (true, true)] {
        let scene = Scene::new();
        let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
            agent
                .name("travel")
                .default_max_turns(3)
                .dynamic_tool(models::weather())
        });
        let telling = Telling {
            telemetry: scene.telemetry.clone(),
            told: Mutex::default(),
        };
        let layer = is_told.then_some(telling);
        let subscriber = tracing_subscriber::registry().with(layer);
        let _listening = testkit::listen(subscriber);
        // rig makes no span for an agent within a span of the application's.
        let request = is_within_a_span.then(|| tracing::info_span!("request"));
        let request = request.unwrap_or_else(tracing::Span::none);
        let run = request.in_scope(|| agent.prompt(steps()).tool_concurrency(2).into_future());
        run.await.unwrap();
        drop(request);
        drawn.push(scene.drawn());
    }
    insta::assert_snapshot!(drawn[0], @r#"
    invoke_agent travel finish_reasons=["stop"]
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool get_weather arguments={"city":"Rome"} result={"result":"18 degrees and sun-canary"}
      execute_tool get_weather arguments={"city":"Bern"} result={"result":"18 degrees and sun-canary"}
      chat gpt-4o-mini finish_reasons=["stop"]
    "#);
    assert_eq!(drawn[1], drawn[0]);
    assert_eq!(drawn[2], drawn[0]);
}

#[tokio::test]
async fn a_layer_alone_tells_of_an_agent_that_is_not_recorded() {
    let scene = Scene::new();
    let provider = models::openai(&scene.provider).with_http(scene.rig.http(models::transport()));
    let agent = AgentBuilder::new(provider.chat("gpt-4o-mini"))
        .name("travel")
        .default_max_turns(3)
        .dynamic_tool(models::weather())
        .build();
    let telling = Telling {
        telemetry: scene.telemetry.clone(),
        told: Mutex::default(),
    };
    let _listening = testkit::listen(tracing_subscriber::registry().with(telling));
    agent.prompt(steps()).await.unwrap();
    insta::assert_snapshot!(scene.drawn(), @r#"
    invoke_agent travel finish_reasons=["stop"]
      chat told finish_reasons=["tool_calls"]
      execute_tool get_weather
      execute_tool get_weather
      chat told finish_reasons=["stop"]
    "#);
}

#[tokio::test]
async fn rigs_own_spans_are_switched_off_by_their_target() {
    for is_filtered in [false, true] {
        let scene = Scene::new();
        let agent = scene
            .rig
            .agent(models::chat(&scene.provider), |agent| agent.name("travel"));
        let memory = InMemorySpanExporter::default();
        let tracers = SdkTracerProvider::builder()
            .with_simple_exporter(memory.clone())
            .build();
        let otel = tracing_opentelemetry::layer().with_tracer(tracers.tracer("application"));
        let filter = filter::filter_fn(move |span| {
            !(is_filtered && span.is_span() && span.target().starts_with("rig"))
        });
        let subscriber = tracing_subscriber::registry().with(otel.with_filter(filter));
        let _listening = testkit::listen(subscriber);
        agent.prompt(steps()).await.ok();
        tracers.force_flush().unwrap();
        let spans = memory.get_finished_spans().unwrap();
        assert_eq!(spans.is_empty(), is_filtered, "{spans:?}");
    }
}
