//! Coding agents that variables alone do not lead through the proxy, or not without harm.
//!
//! They are known by the name they are started by: their own, `npx` with their package, or `node` with their script.
//! A shell line or a script that starts one is not looked into; there an agent that reads variables is recorded, and
//! another runs as ever.

mod claude;
mod codex;
mod gemini;

use std::{ffi::OsString, path::Path};

use super::{
    base_urls::Plan,
    redirect::{Redirect, Target},
};
use crate::environment::Environment;

/// Names an agent by its program and its package, and knows what it needs.
struct Agent {
    program: &'static str,
    package: &'static str,
    needs: fn(&Case<'_>) -> Needs,
}

const AGENTS: [Agent; 3] = [
    Agent {
        program: "claude",
        package: "@anthropic-ai/claude-code",
        needs: claude::needs,
    },
    Agent {
        program: "codex",
        package: "@openai/codex",
        needs: codex::needs,
    },
    Agent {
        program: "gemini",
        package: "@google/gemini-cli",
        needs: gemini::needs,
    },
];

/// Starts packages, with words in front of the package that take none of their own.
const RUNNERS: [&str; 3] = ["npx", "bunx", "pnpx"];
const RUNNERS_FLAGS: [&str; 5] = ["-y", "--yes", "-q", "--quiet", "--"];

/// Holds what an agent's needs depend on.
struct Case<'a> {
    /// The agent's own words on the command line.
    words: &'a [OsString],
    environment: &'a Environment,
}

/// Says what an agent needs beside variables.
#[derive(Debug, Default, PartialEq)]
struct Needs {
    setting: Option<Setting>,
    /// Variables that it must not get.
    left: Vec<&'static str>,
    notes: Vec<String>,
}

/// Names a setting that leads calls, and where they are meant to go.
#[derive(Debug, PartialEq)]
struct Setting {
    key: String,
    url: String,
    /// How many of the agent's own words stand before it.
    behind: usize,
}

/// Changes the plan where the command starts an agent that needs more, or less, than variables.
pub(super) fn adapt(
    command: &[OsString],
    environment: &Environment,
    secret: &str,
    plan: &mut Plan,
) {
    let Some((agent, start)) = find(command) else {
        return;
    };
    let words = command.get(start..).unwrap_or_default();
    let needs = (agent.needs)(&Case { words, environment });
    plan.redirects
        .retain(|redirect| !needs.left.iter().any(|name| redirect.is_of(name)));
    plan.notes.extend(needs.notes);
    let Some(setting) = needs.setting else { return };
    let target = Target::Setting {
        key: setting.key,
        before: start + setting.behind,
    };
    match Redirect::new(target, agent.program, &setting.url, secret, environment) {
        Ok(redirect) => plan.redirects.push(redirect),
        Err(why) => plan.notes.push(unrecorded(agent.program, &why)),
    }
}

/// Says that an agent runs unchanged.
fn unrecorded(program: &str, why: &str) -> String {
    format!("{program} runs as it is, and its calls are not recorded: {why}")
}

/// Gives an agent's own words, where a command starts that one.
pub(super) fn words_of<'c>(program: &str, command: &'c [OsString]) -> Option<&'c [OsString]> {
    let (agent, words) = find(command)?;
    (agent.program == program).then(|| command.get(words..))?
}

/// Finds the agent that a command starts, and where its own words begin.
fn find(command: &[OsString]) -> Option<(&'static Agent, usize)> {
    let (program, words) = command.split_first()?;
    let program = stem(program);
    if RUNNERS.contains(&program.as_str()) {
        let is_flag = |word: &&OsString| RUNNERS_FLAGS.iter().any(|flag| *word == flag);
        let flags = words.iter().take_while(is_flag).count();
        let package = words.get(flags)?.to_str()?;
        let named = AGENTS.iter().find(|agent| agent.is_package(package))?;
        return Some((named, flags + 2));
    }
    if program == "node" {
        let script = words.first()?;
        let within = |agent: &&Agent| {
            let path = script.to_string_lossy().replace('\\', "/");
            stem(script) == agent.program || path.contains(&format!("{}/", agent.package))
        };
        return AGENTS.iter().find(within).map(|agent| (agent, 2));
    }
    let named = AGENTS.iter().find(|agent| agent.program == program)?;
    Some((named, 1))
}

impl Agent {
    /// Tells whether a package's name, with or without a version, or that of its program means this one.
    fn is_package(&self, word: &str) -> bool {
        word == self.program
            || word
                .strip_prefix(self.package)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
    }
}

/// Gives a file's name without folders and ending.
fn stem(word: &OsString) -> String {
    let stem = Path::new(word).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(&'static str, usize)> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        find(&words).map(|(agent, at)| (agent.program, at))
    }

    #[test]
    fn agents_are_known_by_what_starts_them() {
        for (line, want) in [
            ("codex exec hi", Some(("codex", 1))),
            ("/usr/bin/codex", Some(("codex", 1))),
            ("npx -y @openai/codex@0.169.0 exec", Some(("codex", 3))),
            ("npx gemini -p hi", Some(("gemini", 2))),
            ("npx --package x codex", None),
            ("npx @openai/codex-other", None),
            (
                "node /n/@openai/codex/bin/codex.js exec",
                Some(("codex", 2)),
            ),
            (
                "node /n/@anthropic-ai/claude-code/cli.js",
                Some(("claude", 2)),
            ),
            ("node app.mjs", None),
            ("node", None),
            ("python app.py codex", None),
            ("sh -c codex", None),
        ] {
            assert_eq!(found(line), want, "{line}");
        }
    }

    #[test]
    fn a_plan_is_adapted_to_the_agent() {
        let command = ["npx", "codex", "exec", "hi"].map(OsString::from);
        let plan = |variables: &[(&str, &str)]| {
            let own = [("CODEX_API_KEY", "k"), ("CODEX_HOME", "/nowhere")];
            let environment = Environment::of(&[&own, variables].concat());
            let mut plan = Plan::default();
            adapt(&command, &environment, "s", &mut plan);
            plan
        };
        let direct = plan(&[]);
        let [redirect] = direct.redirects.as_slice() else {
            panic!("{direct:?}");
        };
        let key = "openai_base_url".to_owned();
        assert_eq!(redirect.target, Target::Setting { key, before: 2 });
        assert_eq!(redirect.route.prefix(), "/s/codex/v1");
        assert_eq!(redirect.route.upstream().authority(), "api.openai.com");

        let far = plan(&[("HTTPS_PROXY", "http://corp:3128")]);
        assert!(far.redirects.is_empty());
        insta::assert_snapshot!(far.notes.join("\n"), @"codex runs as it is, and its calls are not recorded: api.openai.com is reached through HTTPS_PROXY, which genspan cannot do");
    }
}
