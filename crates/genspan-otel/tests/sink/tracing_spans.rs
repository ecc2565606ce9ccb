//! Applications whose own spans come from `tracing`.

use genspan::Provider;
use opentelemetry::trace::TracerProvider;
use tracing_subscriber::layer::SubscriberExt;

use crate::rig::Rig;

#[test]
fn operations_nest_under_tracing_spans_and_tracing_spans_under_operations() {
    let rig = Rig::new();
    let layer = tracing_opentelemetry::layer().with_tracer(rig.tracers.tracer("application"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let request = tracing::info_span!("request");
        let _request = request.enter();
        let agent = rig.telemetry.invoke_agent("travel");
        agent.scope().run(|| {
            let lookup = tracing::info_span!("lookup");
            let _lookup = lookup.enter();
            let scope = genspan_otel::current().unwrap();
            scope
                .telemetry()
                .chat(Provider::OPENAI, "gpt-4o-mini")
                .finish();
        });
        agent.finish();
    });
    let [request, agent, lookup, chat] = [
        "request",
        "invoke_agent travel",
        "lookup",
        "chat gpt-4o-mini",
    ]
    .map(|name| rig.span(name));
    assert_eq!(agent.parent_span_id, request.span_context.span_id());
    assert_eq!(lookup.parent_span_id, agent.span_context.span_id());
    assert_eq!(chat.parent_span_id, lookup.span_context.span_id());
    let traces = [&agent, &lookup, &chat].map(|span| span.span_context.trace_id());
    assert_eq!(traces, [request.span_context.trace_id(); 3]);
}
