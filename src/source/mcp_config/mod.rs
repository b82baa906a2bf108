//! MCP configurations of desktop assistants, editors and command-line agents, as triage collections hold them.
//!
//! References: modelcontextprotocol.io "Connect to local servers", code.claude.com/docs/en/mcp, code.visualstudio.com
//! "MCP configuration reference", developers.openai.com/codex "Configuration", zed.dev/docs/ai/mcp, and the pages of the
//! other clients. Relied on: a list of servers, each with a program and arguments or an address; used where present: its
//! environment and headers, the account that Claude Code was signed in to, and where the file lay.
//!
//! Quirks. Each client spells the list its own way, in JSON, JSON with comments, TOML or YAML. A file shows that a server
//! is set up, not that it ever ran, nor who wrote it: whoever can write in a home can plant one. A configuration in a
//! folder of somebody's work was written by that work's authors, and belongs to nobody who cloned it. The host and the
//! home are known by the path alone. Of a secret only its id or fingerprint is kept; what stands for one (`${VAR}`,
//! `${input:…}`) says only which credential is meant.

mod spellings;

use serde_json::Value;

use super::endpoint_names::{account, host, server};
use super::entra_names;
use super::fingerprint::{credential, is_placeholder, names_a_secret};
use super::launch::{bare_url, launched};
use super::triage::{Place, place};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, endpoint_names, gcp_names};
use crate::base::origin::StableHash;
use crate::bundle::record::{Body, DocKind, Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Form, Stand};
use spellings::Server;

/// Reads MCP configurations.
pub struct McpConfig;

static CARD: Card = Card {
    name: "mcp_config",
    title: "MCP configurations of laptops and editors",
    tells: "which MCP servers are set up on a host, in whose home, and with which credentials",
    reference: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
    recognised_by: "objects, TOML or YAML with mcpServers, servers, mcp, context_servers, mcp_servers or extensions whose entries have command, cmd or an address; ~/.claude.json",
    exports: &[
        Export {
            form: "a folder named after the host, with the homes below it",
            command: "mkdir -p \"triage/$(hostname -s)$HOME\" && (cd ~ && tar cf - .claude.json .cursor/mcp.json .codex/config.toml .gemini/settings.json .vscode/mcp.json 2>/dev/null) | tar xf - -C \"triage/$(hostname -s)$HOME\"",
        },
        Export { form: "Velociraptor, KAPE or UAC collections, as they are", command: "./uac -p ir_triage /out" },
    ],
};

impl Source for McpConfig {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => is_config(&object),
            Body::Doc(doc) => match doc.kind {
                DocKind::Jsonc => is_settings(doc.text, "\"", "\""),
                DocKind::Yaml => is_settings(doc.text, "", ":"),
                DocKind::Toml => doc.text.lines().any(|line| line.trim_start().starts_with("[mcp_servers")),
                DocKind::Ini | DocKind::Xml | DocKind::Ldif => false,
            },
            Body::Row(_) | Body::Line(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let (config, text) = parsed(&record.body)?;
        facts.snapshot(record.taken);
        let place = place(record.path);
        // Equal settings in two homes are two records.
        let digest = format!("{:016x}", StableHash::default().text(text).finish());
        let whose = [place.host.as_deref(), place.user.as_deref()].map(Option::unwrap_or_default);
        facts.named(CARD.name, &format!("{}/{}/{}#{digest}", whose[0], whose[1], place.below), &[&digest], Form::Full);
        let servers = spellings::servers(&config);
        let signed_in = spellings::account(&config);
        if servers.is_empty() && signed_in.is_none() && config.get("userID").is_none() {
            return Ok(Reading::SetAside("settings without servers"));
        }
        let home = home(facts, &place);
        if let (Some(home), Some((email, _))) = (home, signed_in) {
            // The file's own word, which whoever can write the file can change.
            let login = facts.handle(HandleKind::Login, "", &email.to_lowercase());
            facts.tied(home, Tie::CalledItself, login);
        }
        if let (Some(host), Some(user)) = (place.host.as_deref(), place.user.as_deref()) {
            installation(facts, &config, (host, user), home);
        }
        let client = spellings::client(&place.below, &config);
        // Where no host is known, servers of one name on two hosts must not become one.
        let label = place.host.clone().unwrap_or_else(|| format!("config-{}", digest.get(..8).unwrap_or_default()));
        let user = place.user.as_deref().filter(|_| place.host.is_some());
        for entry in &servers {
            let server = server(facts, &label, user, &entry.name);
            facts.described(server, Detail::DisplayName, &entry.name);
            facts.described(server, Detail::Software, client.unwrap_or_default());
            if let Some(name) = place.host.as_deref() {
                let host = host(facts, name);
                facts.tied(server, Tie::DependsOn, host);
            }
            // What lies in a folder of somebody's work came with the work.
            if let Some(home) = home.filter(|_| place.is_settings()) {
                facts.tied(server, Tie::InstalledFor, home);
            }
            if let (Some(host), Some(user)) = (place.host.as_deref(), user) {
                starts(facts, server, (host, user), entry);
            }
            describe(facts, server, entry);
        }
        Ok(Reading::Claimed)
    }
}

/// Whether an object is the settings of a client: it has a list of servers under a key of its own, or under a common key
/// and with entries that start something.
fn is_config(object: &Object<'_>) -> bool {
    let nested = |key: &str| object.raw(key).filter(|raw| raw.starts_with(['{', '[']));
    let has = |key: &str, words: &[&str]| {
        nested(key).is_some_and(|raw| words.iter().any(|word| raw.contains(&format!("\"{word}\""))))
    };
    const GOES: &[&str] = &["command", "cmd", "url", "serverUrl", "httpUrl", "uri"];
    ["mcpServers", "context_servers", "mcp_servers", "amp.mcpServers"].iter().any(|key| nested(key).is_some())
        || has("servers", &["command", "stdio", "sse"])
        || (has("servers", &["http", "streamable-http"]) && has("servers", &["url"]))
        || has("mcp", GOES)
        || has("extensions", &["cmd", "uri"])
        || has("projects", &["mcpServers"])
        || has("experimental", &["modelContextProtocolServers"])
        || has("server", &["mcp_config"])
        || (has("oauthAccount", &["emailAddress"]) && has("oauthAccount", &["accountUuid"]))
        || (has("settings", &["mcp"]) && has("settings", GOES))
        || (has("customizations", &["mcp"]) && has("customizations", GOES))
}

/// The same of a text whose keys stand between these marks.
fn is_settings(text: &str, before: &str, behind: &str) -> bool {
    let has = |key: &str| text.contains(&format!("{before}{key}{behind}"));
    let starts = has("command") || has("cmd");
    let goes = starts || has("url") || has("uri");
    ["mcpServers", "context_servers", "mcp_servers"].iter().any(|key| has(key))
        || (has("extensions") && (has("cmd") || has("uri")))
        || (has("servers") && (starts || (has("url") && has("type"))))
        || (before == "\"" && has("mcp") && goes)
}

/// The configuration as a tree, whatever language it is written in, and its text.
fn parsed<'r>(body: &Body<'r>) -> Result<(Value, &'r str), Refusal> {
    const WHAT: Refusal = Refusal::Unreadable("the configuration");
    match body {
        Body::Json(object) => Ok((serde_json::from_str(object.text).map_err(|_| WHAT)?, object.text)),
        Body::Doc(doc) => {
            let config = match doc.kind {
                DocKind::Toml => toml::from_str(doc.text).map_err(|_| WHAT)?,
                DocKind::Yaml => serde_saphyr::from_str(doc.text).map_err(|_| WHAT)?,
                _ => serde_json::from_str(&doc.uncommented()).map_err(|_| WHAT)?,
            };
            Ok((config, doc.text))
        }
        Body::Row(_) | Body::Line(_) => Err(WHAT),
    }
}

/// The local account in whose home the file lay.
fn home(facts: &mut FactWriter, place: &Place) -> Option<HandleId> {
    Some(account(facts, place.host.as_deref()?, place.user.as_deref()?))
}

/// Claude Code as it is installed in this home: its telemetry names it by the id that stands here.
fn installation(facts: &mut FactWriter, config: &Value, (host, user): (&str, &str), home: Option<HandleId>) {
    let Some(id) = config.get("userID").and_then(Value::as_str).filter(|id| !id.is_empty()) else { return };
    let agent = endpoint_names::ide_agent(facts, "claude-code", host, user);
    let installed = endpoint_names::installed_agent(facts, "claude-code", id);
    facts.tied(agent, Tie::Named, installed);
    if let Some(home) = home {
        facts.tied(agent, Tie::InstalledFor, home);
    }
}

/// A server is also known by what it starts, as records of processes name it.
fn starts(facts: &mut FactWriter, server: HandleId, (host, user): (&str, &str), entry: &Server<'_>) {
    let words: Vec<&str> = entry.words.iter().map(String::as_str).collect();
    if let Some(launched) = launched(&words) {
        let started = endpoint_names::started(facts, host, user, &launched.what);
        facts.tied(server, Tie::Named, started);
    }
}

/// What a server goes to and lives on.
fn describe(facts: &mut FactWriter, server: HandleId, entry: &Server<'_>) {
    if entry.off {
        facts.described(server, Detail::Tag, "state=switched off");
    }
    if let Some(url) = entry.url {
        let resource = facts.handle(HandleKind::Resource, "", &bare_url(url));
        facts.tied(server, Tie::DependsOn, resource);
        query(url).for_each(|value| held(facts, server, value));
    }
    for (at, word) in entry.words.iter().enumerate() {
        // `--token X`, `--token=X`, `-e NAME=X`, `Authorization: Bearer X`, `postgres://user:X@host`
        let value = word.rsplit_once('=').map_or(word.as_str(), |(_, value)| value);
        let value = value.split_once(": ").map_or(value, |(_, value)| value);
        held(facts, server, value);
        if word.contains("://") && at > 0 {
            query(word).for_each(|value| held(facts, server, value));
        }
    }
    for (name, value) in &entry.settings {
        setting(facts, server, name, value);
    }
    for name in &entry.elsewhere {
        facts.described(server, Detail::Tag, &format!("credential={name}"));
    }
    application(facts, server, &entry.settings);
}

/// The values of an address's query.
fn query(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value)
}

/// A variable or header: the credential that it is, else which credential is meant.
fn setting(facts: &mut FactWriter, server: HandleId, name: &str, value: &str) {
    if let Some(key) = credential(facts, value).or_else(|| service_account_key(facts, value)) {
        facts.tied(server, Tie::Holds, key);
    } else if names_a_secret(name) || (is_placeholder(value) && !value.trim().is_empty()) {
        facts.described(server, Detail::Tag, &format!("credential={name}"));
    }
}

fn held(facts: &mut FactWriter, server: HandleId, value: &str) {
    if let Some(key) = credential(facts, value) {
        facts.tied(server, Tie::Holds, key);
    }
}

/// The key of a Google service account, where its whole file stands in a variable: by its id, and whose it is.
fn service_account_key(facts: &mut FactWriter, value: &str) -> Option<HandleId> {
    let file: Value = serde_json::from_str(value).ok().filter(Value::is_object)?;
    let key = facts.handle(HandleKind::Key, "", file.get("private_key_id")?.as_str()?);
    facts.described(key, Detail::Kind, "service-account-key");
    let email = file.get("client_email").and_then(Value::as_str).filter(|email| gcp_names::is_service_account(email));
    if let Some(account) = email.and_then(|email| gcp_names::service_account(facts, Some(email), None)) {
        facts.tied(key, Tie::RunsAs, account);
    }
    Some(key)
}

/// The app of Entra that a server signs in as: its client id is no secret, and the secret beside it has no fingerprint
/// that the directory knows.
fn application(facts: &mut FactWriter, server: HandleId, settings: &[(&str, &str)]) {
    let ids = settings.iter().filter(|(name, _)| matches!(*name, "AZURE_CLIENT_ID" | "ARM_CLIENT_ID"));
    for (_, id) in ids.filter(|(_, id)| entra_names::is_guid(id.trim())) {
        if let Some(app) = entra_names::application(facts, entra_names::TENANT, None, Some(id)) {
            facts.tied(server, Tie::RunsAs, app);
        }
    }
}
