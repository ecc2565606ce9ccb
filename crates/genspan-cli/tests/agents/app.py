"""An agent on Claude Code's SDK, as somebody would write it who knows nothing of genspan."""

import asyncio, json, os, sys

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query


async def main():
    options = ClaudeAgentOptions(cli_path=os.environ["CLAUDE"], allowed_tools=["Bash", "Task"])
    async for message in query(prompt=sys.argv[1], options=options):
        if isinstance(message, ResultMessage):
            print(json.dumps({"result": message.result, "modelUsage": message.model_usage}))


asyncio.run(main())
