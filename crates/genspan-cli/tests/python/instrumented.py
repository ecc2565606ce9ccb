"""Asks a model twice, whole and streamed, under the instrumentation that the first argument names; OTEL_* says where its spans go."""

import sys

import openai
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

KIND = sys.argv[1]


def instrumentor():
    if KIND == "opentelemetry":
        from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    elif KIND == "openllmetry":
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    else:
        from openinference.instrumentation.openai import OpenAIInstrumentor
    return OpenAIInstrumentor()


provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
instrumentor().instrument(tracer_provider=provider)

client = openai.OpenAI(api_key="no-key")
asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"A whole answer for {KIND}"}]
answer = client.chat.completions.create(model="gpt-4o-mini", messages=asked)
print("whole", answer.usage.prompt_tokens, answer.usage.prompt_tokens_details.cached_tokens, answer.usage.completion_tokens)
asked = [{"role": "user", "content": f"A streamed answer for {KIND}"}]
stream = client.chat.completions.create(model="gpt-4o", messages=asked, stream=True, stream_options={"include_usage": True})
for chunk in stream:
    if chunk.usage:
        print("streamed", chunk.usage.prompt_tokens, chunk.usage.prompt_tokens_details.cached_tokens, chunk.usage.completion_tokens)
provider.shutdown()
