"""An agent on an official package, as an application would write it; nothing in it knows of telemetry."""

import concurrent.futures
import json
import sys

KEYS = {"api_key": "no-key"}
QUESTION = "What can one see in the Marais in one hour?"


def weather(arguments):
    return f"sunny in {arguments['city']}"


def museums(arguments):
    return json.dumps({"open": ["Carnavalet", "Picasso"], "area": arguments["area"]})


def table(arguments):
    raise RuntimeError(f"no table for {arguments['people']}, canary-result")


def lookup(arguments):
    return f"{arguments['place']}: free"


def guide(arguments):
    """A sub-agent with instructions and a tool of its own."""
    return MODEL("You are a guide. canary-system", arguments["question"], {"lookup": lookup})


TOOLS = {"weather": weather, "museums": museums, "table": table, "guide": guide}
SCHEMA = {"type": "object", "properties": {}}


def run(tools, name, arguments):
    """Gives what a tool says, and whether it failed."""
    try:
        return tools[name](arguments), False
    except Exception as error:
        return f"Error: {error}", True


def all_of(tools, calls):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(lambda call: run(tools, *call), calls))


def with_openai(system, question, tools):
    import openai

    client = openai.OpenAI(**KEYS)
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    offered = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in tools]
    while True:
        if STREAMED:
            text, calls = openai_stream(client, messages, offered)
        else:
            said = client.chat.completions.create(model="gpt", messages=messages, tools=offered).choices[0].message
            text, calls = said.content, [call.model_dump() for call in said.tool_calls or []]
        messages.append({"role": "assistant", "content": text, "tool_calls": calls} if calls else {"role": "assistant", "content": text})
        if not calls:
            return text
        wanted = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]
        for call, (result, _) in zip(calls, all_of(tools, wanted)):
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


def openai_stream(client, messages, offered):
    text, calls = None, []
    for chunk in client.chat.completions.create(model="gpt", messages=messages, tools=offered, stream=True):
        for choice in chunk.choices:
            if choice.delta.content:
                text = (text or "") + choice.delta.content
            for piece in choice.delta.tool_calls or []:
                if piece.id:
                    calls.append({"id": piece.id, "type": "function", "function": {"name": piece.function.name, "arguments": ""}})
                calls[piece.index]["function"]["arguments"] += piece.function.arguments or ""
    return text, calls


def with_anthropic(system, question, tools):
    import anthropic

    client = anthropic.Anthropic(**KEYS)
    messages = [{"role": "user", "content": question}]
    offered = [{"name": name, "input_schema": SCHEMA} for name in tools]
    while True:
        asked = dict(model="claude", max_tokens=100, system=system, messages=messages, tools=offered)
        if STREAMED:
            with client.messages.stream(**asked) as stream:
                said = stream.get_final_message()
        else:
            said = client.messages.create(**asked)
        messages.append({"role": "assistant", "content": said.content})
        calls = [block for block in said.content if block.type == "tool_use"]
        if not calls:
            return said.content[0].text
        results = all_of(tools, [(call.name, call.input) for call in calls])
        blocks = [
            {"type": "tool_result", "tool_use_id": call.id, "content": result, "is_error": failed}
            for call, (result, failed) in zip(calls, results)
        ]
        messages.append({"role": "user", "content": blocks})


MODEL = {"openai": with_openai, "anthropic": with_anthropic}[sys.argv[1]]
STREAMED = sys.argv[2] == "streamed"
print(MODEL("You plan trips.", "Plan an evening in Paris. canary-prompt", TOOLS))
