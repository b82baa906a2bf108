//! Names of endpoints: hosts, the local accounts on them, and what runs there.
//!
//! A host is known by the first label of its name, in small letters: inventories, logs and folders write it with and
//! without its domain, and in any case. Wrong where two hosts of one name stand in two domains; the systems that manage
//! laptops warn of that.

use super::text::folded;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;

/// Whose names hosts are.
pub(crate) const HOST: &str = "host";

/// The realm of servers and agents on endpoints.
const SERVERS: &str = "mcp";

/// The realm of servers that are known by what was started, not by what their configuration calls them.
const STARTED: &str = "mcp-started";

/// The realm of agents of desktops and editors.
const IDE: &str = "ide";

/// The realm of such agents as their installations name themselves.
const INSTALLED: &str = "ide-installed";

/// What kind of thing a server is.
pub(crate) const MCP_SERVER: &str = "mcp-server";

/// A host's name as it is compared. `None` where the text is none.
pub(crate) fn host_name(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('.').trim_start_matches('\\');
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let name = small(if is_address { text } else { text.split('.').next().unwrap_or_default() });
    let is_name = !name.is_empty() && !name.contains(['/', '\\', '"', '<', '>', '+']);
    (is_name && !matches!(name.as_str(), "localhost" | "unknown" | "-" | "n/a")).then_some(name)
}

/// A name in small letters. What is too long for one, or has white space, is left as it is written: what is a secret in it
/// can then still be seen for one.
fn small(name: &str) -> String {
    const LONGEST: usize = 39;
    if name.len() > LONGEST { name.to_owned() } else { folded(name).into_owned() }
}

/// A host.
pub(crate) fn host(out: &mut impl Stand, name: &str) -> HandleId {
    let host = out.handle(HandleKind::Workload, HOST, name);
    out.described(host, Detail::Kind, "host");
    host
}

/// The name of a local account, without its domain: `CORP\mira`, `mira.CORP`, `mira`. `None` where nobody is named.
pub(crate) fn account_name(text: &str) -> Option<String> {
    let name = text.trim().rsplit('\\').next().unwrap_or_default();
    let name = name.split_once('@').map_or(name, |(local, _)| local);
    let name = small(without_domain(name));
    (!name.is_empty()
        && !name.contains(['/', '"', '+'])
        && !matches!(name.as_str(), "-" | "n/a" | "(null)" | "unset" | "unknown"))
    .then_some(name)
}

/// Windows names the folder of a second profile of a name after its domain, in capitals, and a third with a number.
fn without_domain(name: &str) -> &str {
    let numbered = name.rsplit_once('.').filter(|(_, end)| end.len() == 3 && end.bytes().all(|b| b.is_ascii_digit()));
    let name = numbered.map_or(name, |(name, _)| name);
    let is_domain = |end: &str| {
        end.len() > 1
            && end.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && end.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    match name.rsplit_once('.') {
        Some((name, end)) if is_domain(end) && name.bytes().any(|byte| byte.is_ascii_lowercase()) => name,
        _ => name,
    }
}

/// Accounts of the operating system, which are nobody's.
fn is_system_account(name: &str) -> bool {
    const SYSTEM: &[&str] = &[
        "system",
        "local service",
        "network service",
        "root",
        "daemon",
        "nobody",
        "administrator",
        "localsystem",
        "systemprofile",
    ];
    SYSTEM.contains(&name) || name.starts_with('_') || name.ends_with('$') || name.starts_with("dwm-")
}

/// A local account of a host. Accounts of the operating system are not counted among those that people have.
pub(crate) fn account(out: &mut impl Stand, host_name: &str, name: &str) -> HandleId {
    let account = out.handle(HandleKind::PrincipalName, &format!("{HOST}:{host_name}"), name);
    out.described(account, Detail::Kind, "local-account");
    if !is_system_account(name) {
        let host = host(out, host_name);
        out.tied(account, Tie::PartOf, host);
    }
    account
}

/// An MCP server of a configuration: of a user of a host, or of the host. It also has a shorter name, which is its own
/// where no other user of the host has a server of that name.
pub(crate) fn server(out: &mut impl Stand, place: &str, user: Option<&str>, name: &str) -> HandleId {
    let short = format!("mcp:{place}/{name}");
    let short = out.handle(HandleKind::Agent, "", &short);
    let server = match user {
        Some(user) => {
            let server = out.handle(HandleKind::Agent, SERVERS, &format!("mcp:{place}/{user}/{name}"));
            out.tied(server, Tie::Named, short);
            server
        }
        None => short,
    };
    out.described(server, Detail::Kind, MCP_SERVER);
    server
}

/// An MCP server by what is started: a package, image or script.
///
/// It is the server of that user's configuration which starts the same. Where two of them do, it is neither.
pub(crate) fn started(out: &mut impl Stand, host_name: &str, user: &str, package: &str) -> HandleId {
    out.handle(HandleKind::Agent, STARTED, &format!("mcp:{host_name}/{user}/{package}"))
}

/// The agent of a desktop assistant, an editor or the command line, as one user of a host has it.
pub(crate) fn ide_agent(out: &mut impl Stand, client: &str, host_name: &str, user: &str) -> HandleId {
    let agent = out.handle(HandleKind::Agent, IDE, &format!("ide:{client}@{host_name}/{user}"));
    out.described(agent, Detail::Kind, "ide-agent");
    out.described(agent, Detail::DisplayName, client);
    agent
}

/// The same agent by the id that its installation made up for itself, as its telemetry names it.
pub(crate) fn installed_agent(out: &mut impl Stand, client: &str, installation: &str) -> HandleId {
    let agent = out.handle(HandleKind::Agent, INSTALLED, &format!("ide:{client}#{installation}"));
    out.described(agent, Detail::Kind, "ide-agent");
    out.described(agent, Detail::DisplayName, client);
    agent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_accounts() {
        for (written, name) in [
            ("LAP-1042", "lap-1042"),
            ("lap-1042.corp.example.com", "lap-1042"),
            ("Miras-MacBook-Pro.local", "miras-macbook-pro"),
            ("192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(host_name(written).as_deref(), Some(name));
        }
        for none in ["", "localhost", " - ", "a/b"] {
            assert_eq!(host_name(none), None, "{none}");
        }
        for (written, name) in [
            ("CORP\\mholt", "mholt"),
            ("mholt.CORP", "mholt"),
            ("mholt.CORP.000", "mholt"),
            ("mira.holt", "mira.holt"),
            ("mholt@corp.example.com", "mholt"),
            ("MHOLT", "mholt"),
        ] {
            assert_eq!(account_name(written).as_deref(), Some(name), "{written}");
        }
        assert_eq!(account_name("-"), None);
    }
}
