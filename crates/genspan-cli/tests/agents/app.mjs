// An agent on Claude Code's SDK, as somebody would write it who knows nothing of genspan.
const { query } = await import(process.env.AGENT_SDK);

const options = { pathToClaudeCodeExecutable: process.env.CLAUDE, allowedTools: ["Bash", "Task"] };
for await (const message of query({ prompt: process.argv[2], options })) {
  console.log(JSON.stringify(message));
}
