//! What the start of a process claims, whatever product saw it: which MCP server or agent was started, by which local
//! account, on which host.
//!
//! A start is proof that the account's session ran the program at that time. It says nothing of who set the program up,
//! nor of what it did. Everything else that starts on a host tells nothing of agents and is set aside.

use super::endpoint_names::{MCP_SERVER, account, account_name, host, host_name, ide_agent, started};
use super::fingerprint::credential;
use super::launch::{Launched, launched, words};
use super::{Reading, Refusal};
use crate::fact::claim::{Detail, Outcome, Tie};
use crate::fact::handle::HandleId;
use crate::fact::writer::{Actor, FactWriter, Stand};

/// The start of a process as a product tells it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start<'a> {
    /// The host's name.
    pub(crate) host: Option<&'a str>,
    /// The account, with or without its domain.
    pub(crate) account: Option<&'a str>,
    /// The program and its arguments, in one line.
    pub(crate) line: Option<&'a str>,
    /// The same, one by one.
    pub(crate) arguments: &'a [&'a str],
}

/// What is set aside.
const OTHER: &str = "process that is no agent";

/// What a start is called as an act.
const ACTION: &str = "process:Start";

/// Writes what a start claims; `user` ties the account to a user of a directory, where the product knows one. The record
/// must be dated already.
pub(crate) fn claim(
    start: &Start<'_>,
    facts: &mut FactWriter,
    user: impl FnOnce(&mut FactWriter) -> Option<HandleId>,
) -> Result<Reading, Refusal> {
    let split = start.line.map(words).unwrap_or_default();
    let from_line: Vec<&str> = split.iter().map(String::as_str).collect();
    let words = if start.arguments.is_empty() { from_line.as_slice() } else { start.arguments };
    if words.is_empty() {
        return Err(Refusal::Missing("the command line"));
    }
    let launched = launched(words);
    let client = launched.as_ref().and_then(|launched| client(launched, words));
    let Some(launched) = launched.filter(|launched| launched.is_server || client.is_some()) else {
        return Ok(Reading::SetAside(OTHER));
    };
    let host_name = start.host.and_then(host_name).ok_or(Refusal::Missing("the host's name"))?;
    let account_name = start.account.and_then(account_name).ok_or(Refusal::Missing("the account"))?;
    let by = account(facts, &host_name, &account_name);
    if let Some(user) = user(facts) {
        facts.tied(user, Tie::Named, by);
    }
    let thing = match client.filter(|_| !launched.is_server) {
        Some(client) => ide_agent(facts, client, &host_name, &account_name),
        None => {
            let server = started(facts, &host_name, &account_name, &launched.what);
            facts.described(server, Detail::Kind, MCP_SERVER);
            facts.described(server, Detail::DisplayName, &launched.what);
            server
        }
    };
    let host = host(facts, &host_name);
    facts.tied(thing, Tie::DependsOn, host);
    for word in words {
        let value = word.rsplit_once('=').map_or(*word, |(_, value)| value);
        let value = value.split_once(": ").map_or(value, |(_, value)| value);
        if let Some(key) = credential(facts, value) {
            facts.tied(thing, Tie::Holds, key);
        }
    }
    facts.did(Actor { by, principal: None, on_behalf_of: None }, ACTION, Some(thing), Outcome::Succeeded);
    Ok(Reading::Claimed)
}

/// The agent that a program is: a desktop assistant, an editor with an agent, an agent of the command line.
fn client(launched: &Launched, words: &[&str]) -> Option<&'static str> {
    const PACKAGES: &[(&str, &str)] = &[
        ("@anthropic-ai/claude-code", "claude-code"),
        ("@openai/codex", "codex"),
        ("@google/gemini-cli", "gemini-cli"),
        ("@github/copilot", "copilot-cli"),
    ];
    const PROGRAMS: &[(&str, &str)] = &[
        ("claude", "claude-code"),
        ("cursor", "cursor"),
        ("windsurf", "windsurf"),
        ("codex", "codex"),
        ("gemini", "gemini-cli"),
        ("copilot", "copilot-cli"),
        ("goose", "goose"),
        ("opencode", "opencode"),
    ];
    let find = |list: &[(&str, &'static str)], what: &str| {
        list.iter().find(|(name, _)| *name == what).map(|(_, client)| *client)
    };
    let program = words.first().copied().unwrap_or_default();
    let desktop = program.contains("Claude.app/") || program.contains("AnthropicClaude");
    let name = launched.what.rsplit(['/', '\\']).next().unwrap_or_default();
    match find(PACKAGES, &launched.what).or_else(|| find(PROGRAMS, name)) {
        Some("claude-code") if desktop => Some("claude-desktop"),
        found => found,
    }
}
