"""Calls models with the official packages, as an application would; prints what it got and nothing that varies."""

import asyncio
import sys

import anthropic
import openai

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
OPENAI_TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
ANTHROPIC_TOOLS = [{"name": "weather", "input_schema": SCHEMA}]
# Clients take their addresses from the environment; keys are not looked at by the scripted provider.
KEYS = {"api_key": "no-key"}


def messages(text):
    return [{"role": "user", "content": text}]


def scripted(name):
    return {"x-scripted": name}


def openai_usage(usage):
    return f"{usage.prompt_tokens} in, {usage.prompt_tokens_details.cached_tokens} cached, {usage.completion_tokens} out"


def anthropic_usage(usage):
    return f"{usage.input_tokens} in, {usage.cache_read_input_tokens} cached, {usage.output_tokens} out"


def openai_sync():
    client = openai.OpenAI(**KEYS)
    answer = client.chat.completions.create(model="sync", messages=messages("Hello?"))
    print(answer.choices[0].message.content, openai_usage(answer.usage))
    stream = client.chat.completions.create(
        model="streamed", messages=messages("And now?"), stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="|")
        if chunk.usage:
            print(openai_usage(chunk.usage))
    asked = messages("How is the weather?")
    answer = client.chat.completions.create(
        model="tools", messages=asked, tools=OPENAI_TOOLS, extra_headers=scripted("tools")
    )
    call = answer.choices[0].message.tool_calls[0]
    print(call.function.name, call.function.arguments, openai_usage(answer.usage))
    asked.append(answer.choices[0].message)
    asked.append({"role": "tool", "tool_call_id": call.id, "content": "It rains."})
    answer = client.chat.completions.create(model="tool-result", messages=asked, tools=OPENAI_TOOLS)
    print(answer.choices[0].message.content, openai_usage(answer.usage))
    try:
        client.chat.completions.create(model="error", messages=messages("No"), extra_headers=scripted("error-400"))
    except openai.BadRequestError as error:
        print("refused:", error, file=sys.stderr)
    answer = client.chat.completions.create(
        model="retried", messages=messages("Again"), extra_headers=scripted("retry-529")
    )
    print(answer.choices[0].message.content, openai_usage(answer.usage))


async def openai_async():
    async with openai.AsyncOpenAI(**KEYS) as client:
        answer = await client.chat.completions.create(model="async", messages=messages("Hello?"))
        print(answer.choices[0].message.content, openai_usage(answer.usage))
        stream = await client.chat.completions.create(
            model="async-streamed",
            messages=messages("And now?"),
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=scripted("one-byte"),
        )
        async for chunk in stream:
            if chunk.usage:
                print(openai_usage(chunk.usage))
        answers = await asyncio.gather(
            *(client.chat.completions.create(model=f"together-{n}", messages=messages(f"{n}")) for n in range(3))
        )
        print([answer.choices[0].message.content for answer in answers])


def anthropic_sync():
    client = anthropic.Anthropic(**KEYS)
    answer = client.messages.create(model="sync", max_tokens=64, messages=messages("Hello?"))
    print(answer.content[0].text, anthropic_usage(answer.usage))
    with client.messages.stream(model="streamed", max_tokens=64, messages=messages("And now?")) as stream:
        for text in stream.text_stream:
            print(text, end="|")
        print(anthropic_usage(stream.get_final_message().usage))
    asked = messages("How is the weather?")
    answer = client.messages.create(
        model="tools", max_tokens=64, messages=asked, tools=ANTHROPIC_TOOLS, extra_headers=scripted("tools")
    )
    call = answer.content[0]
    print(call.name, call.input, anthropic_usage(answer.usage))
    asked.append({"role": "assistant", "content": answer.content})
    asked.append(
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "It rains."}]}
    )
    answer = client.messages.create(model="tool-result", max_tokens=64, messages=asked, tools=ANTHROPIC_TOOLS)
    print(answer.content[0].text, anthropic_usage(answer.usage))
    try:
        client.messages.create(
            model="error", max_tokens=64, messages=messages("No"), extra_headers=scripted("error-400")
        )
    except anthropic.BadRequestError as error:
        print("refused:", error, file=sys.stderr)
    answer = client.messages.create(
        model="retried", max_tokens=64, messages=messages("Again"), extra_headers=scripted("retry-529")
    )
    print(answer.content[0].text, anthropic_usage(answer.usage))


async def anthropic_async():
    async with anthropic.AsyncAnthropic(**KEYS) as client:
        answer = await client.messages.create(model="async", max_tokens=64, messages=messages("Hello?"))
        print(answer.content[0].text, anthropic_usage(answer.usage))
        async with client.messages.stream(
            model="async-streamed", max_tokens=64, messages=messages("And now?"), extra_headers=scripted("one-byte")
        ) as stream:
            final = await stream.get_final_message()
        print(final.content[0].text, anthropic_usage(final.usage))


openai_sync()
asyncio.run(openai_async())
anthropic_sync()
asyncio.run(anthropic_async())
sys.exit(7)
