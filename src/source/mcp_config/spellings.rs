//! The spellings of MCP configurations: where each client keeps its servers, and how an entry is written.
//!
//! A list of servers stands under `mcpServers`, `servers`, `mcp`, `context_servers`, `mcp_servers` or `extensions`. What is
//! read must also have entries that start something (`command`, `cmd`) or go somewhere (`url`, `serverUrl`, `httpUrl`,
//! `uri`): other programs have servers and extensions, too.

use serde_json::{Map, Value};

/// A server of a configuration.
pub(super) struct Server<'v> {
    /// What the configuration calls it.
    pub(super) name: String,
    /// The program and its arguments; empty where it is reached over the network.
    pub(super) words: Vec<String>,
    /// Where it is reached.
    pub(super) url: Option<&'v str>,
    /// Its environment and its headers: name, value.
    pub(super) settings: Vec<(&'v str, &'v str)>,
    /// Names of variables whose values stand elsewhere.
    pub(super) elsewhere: Vec<&'v str>,
    /// Whether it is switched off.
    pub(super) off: bool,
}

/// All servers of a configuration, in the order of their names.
pub(super) fn servers(config: &Value) -> Vec<Server<'_>> {
    let mut servers = Vec::new();
    below(config, &mut servers);
    for inner in [
        config.pointer("/mcp"),
        config.pointer("/settings/mcp"),
        config.pointer("/customizations/vscode/mcp"),
        config.pointer("/customizations/vscode/settings/mcp"),
    ] {
        inner.into_iter().for_each(|inner| map(inner.get("servers"), &mut servers));
    }
    // What Claude Code keeps for one folder of its user, and what one of its extensions brings.
    let projects = config.get("projects").and_then(Value::as_object).into_iter().flat_map(Map::values);
    projects.for_each(|project| map(project.get("mcpServers"), &mut servers));
    list(config.pointer("/experimental/modelContextProtocolServers"), &mut servers);
    if let (Some(name), Some(entry)) = (config.get("name"), config.pointer("/server/mcp_config")) {
        servers.extend(name.as_str().and_then(|name| server(name, entry)));
    }
    servers.sort_by(|left, right| left.name.cmp(&right.name));
    servers
}

/// The servers under the keys that lists of servers have.
fn below<'v>(config: &'v Value, servers: &mut Vec<Server<'v>>) {
    for key in ["mcpServers", "servers", "mcp", "context_servers", "mcp_servers", "extensions", "amp.mcpServers"] {
        map(config.get(key), servers);
        list(config.get(key), servers);
    }
}

fn map<'v>(entries: Option<&'v Value>, servers: &mut Vec<Server<'v>>) {
    let entries = entries.and_then(Value::as_object).into_iter().flatten();
    servers.extend(entries.filter_map(|(name, entry)| server(name, entry)));
}

/// A list whose entries say their own name, else are called by their position.
fn list<'v>(entries: Option<&'v Value>, servers: &mut Vec<Server<'v>>) {
    for (at, entry) in entries.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let entry = entry.get("transport").filter(|inner| inner.is_object()).unwrap_or(entry);
        let name = text(entry, "name").map_or_else(|| format!("server-{at}"), str::to_owned);
        servers.extend(server(&name, entry));
    }
}

/// An entry, where it is one of a server.
fn server<'v>(name: &str, entry: &'v Value) -> Option<Server<'v>> {
    let command = entry.get("command").or(entry.get("cmd"));
    // Older Zed nests program, arguments and environment under `command`.
    let nested = command.filter(|command| command.is_object());
    let mut words: Vec<String> = match command {
        Some(Value::String(line)) => super::super::launch::words(line),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::Object(inner)) => {
            inner.get("path").and_then(Value::as_str).map(str::to_owned).into_iter().collect()
        }
        _ => Vec::new(),
    };
    // A program's path may hold spaces, and is one word where it is one.
    if let Some(path) = command.and_then(Value::as_str).filter(|line| line.contains(['/', '\\'])) {
        words = vec![path.to_owned()];
    }
    let of = |key: &str| entry.get(key).or_else(|| nested?.get(key));
    let arguments = of("args").and_then(Value::as_array).into_iter().flatten();
    words.extend(arguments.filter_map(Value::as_str).map(str::to_owned));
    let url = ["url", "serverUrl", "httpUrl", "uri"].iter().find_map(|key| text(entry, key));
    if words.is_empty() && url.is_none() {
        return None;
    }
    let settings =
        ["env", "environment", "envs", "headers", "http_headers", "settings"].iter().filter_map(|key| of(key));
    let settings = settings.filter_map(Value::as_object).flatten();
    let settings: Vec<(&str, &str)> =
        settings.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    let named = |key: &str| of(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut elsewhere: Vec<&str> = named("env_keys").chain(named("env_vars")).collect();
    elsewhere.extend(text(entry, "bearer_token_env_var"));
    let off = entry.get("disabled").and_then(Value::as_bool) == Some(true)
        || entry.get("enabled").and_then(Value::as_bool) == Some(false);
    Some(Server { name: name.to_owned(), words, url, settings, elsewhere, off })
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The account that Claude Code was signed in to, by the file itself: address and id.
pub(super) fn account(config: &Value) -> Option<(&str, Option<&str>)> {
    let account = config.get("oauthAccount")?;
    Some((
        text(account, "emailAddress").filter(|text| super::super::text::is_address(text))?,
        text(account, "accountUuid"),
    ))
}

/// The client whose settings a file is, by the end of its path; else by the spelling that only one client uses.
pub(super) fn client(below: &str, config: &Value) -> Option<&'static str> {
    const PATHS: &[(&str, &str)] = &[
        (".claude.json", "claude-code"),
        ("managed-mcp.json", "claude-code"),
        ("claude_desktop_config.json", "claude-desktop"),
        ("saoudrizwan.claude-dev/", "cline"),
        (".cline/", "cline"),
        ("rooveterinaryinc.roo-cline/", "roo-code"),
        (".roo/", "roo-code"),
        ("kilocode.kilo-code/", "kilo-code"),
        (".kilocode/", "kilo-code"),
        (".cursor/mcp.json", "cursor"),
        ("Cursor/User/", "cursor"),
        (".codeium/windsurf/", "windsurf"),
        ("Windsurf/User/", "windsurf"),
        (".kiro/", "kiro"),
        (".gemini/antigravity/", "antigravity"),
        (".gemini/", "gemini-cli"),
        (".codex/", "codex"),
        (".copilot/", "copilot-cli"),
        ("github-copilot/", "copilot-jetbrains"),
        ("zed/settings.json", "zed"),
        ("Zed/settings.json", "zed"),
        (".zed/", "zed"),
        (".continue/", "continue"),
        (".junie/", "junie"),
        (".lmstudio/", "lm-studio"),
        ("amazonq/", "amazon-q"),
        ("opencode.json", "opencode"),
        ("goose/config", "goose"),
        ("Goose/config", "goose"),
        (".vscode/", "vs-code"),
        ("Code/User/", "vs-code"),
        (".vs/mcp.json", "visual-studio"),
        (".mcp.json", "claude-code"),
    ];
    let by_path = PATHS.iter().find(|(part, _)| below.contains(part)).map(|(_, client)| *client);
    by_path.or_else(|| {
        const KEYS: &[(&str, &str)] =
            &[("oauthAccount", "claude-code"), ("mcp_servers", "codex"), ("context_servers", "zed")];
        KEYS.iter().find(|(key, _)| config.get(key).is_some()).map(|(_, client)| *client)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(json: &str) -> Vec<(String, Vec<String>)> {
        let config: Value = serde_json::from_str(json).expect(json);
        servers(&config).into_iter().map(|server| (server.name, server.words)).collect()
    }

    #[test]
    fn the_spellings_of_one_server() {
        let expected = vec![("git".to_owned(), vec!["uvx".to_owned(), "mcp-server-git".to_owned()])];
        for json in [
            r#"{"mcpServers":{"git":{"command":"uvx","args":["mcp-server-git"]}}}"#,
            r#"{"mcpServers":[{"name":"git","command":"uvx","args":["mcp-server-git"]}]}"#,
            r#"{"servers":{"git":{"type":"stdio","command":"uvx","args":["mcp-server-git"]}}}"#,
            r#"{"mcp":{"servers":{"git":{"command":"uvx","args":["mcp-server-git"]}}}}"#,
            r#"{"mcp":{"git":{"type":"local","command":["uvx","mcp-server-git"]}}}"#,
            r#"{"context_servers":{"git":{"command":{"path":"uvx","args":["mcp-server-git"]}}}}"#,
            r#"{"mcp_servers":{"git":{"command":"uvx mcp-server-git"}}}"#,
            r#"{"extensions":{"git":{"type":"stdio","cmd":"uvx","args":["mcp-server-git"]}}}"#,
            r#"{"projects":{"/home/mira/src":{"mcpServers":{"git":{"command":"uvx","args":["mcp-server-git"]}}}}}"#,
        ] {
            assert_eq!(names(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_server() {
        for json in [
            "{}",
            r#"{"servers":[{"url":7}]}"#,
            r#"{"servers":{"a":{"port":80}},"extensions":{"b":{"enabled":true}}}"#,
            r#"{"mcpServers":"none"}"#,
        ] {
            assert_eq!(names(json), [], "{json}");
        }
    }
}
