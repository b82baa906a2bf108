//! Where a file of a triage collection lay: the host and the home, by the path inside the bundle.
//!
//! References: docs.velociraptor.app "Offline collections" (`Collection-HOST-TIME/uploads/auto/C%3A/Users/…`),
//! ericzimmerman.github.io/KapeDocs (`HOST/C/Users/…`), tclahr.github.io/uac-docs (`uac-HOST-OS-TIME/[root]/home/…`).
//! A path was chosen by whoever collected or packed the files. It is no proof of anything: what rests on it is weak until
//! a record of enrolment, or of what ran, says the same.

use super::endpoint_names::{account_name, host_name};

/// Where a file lay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The host, where the path names one.
    pub(crate) host: Option<String>,
    /// Whose home it lay in.
    pub(crate) user: Option<String>,
    /// The path below the home; the whole path where there is no home. With `/` between its parts.
    pub(crate) below: String,
}

/// Folders in which homes lie.
const HOMES: &[&str] = &["users", "home", "documents and settings"];

/// Homes that are nobody's.
const NOBODYS: &[&str] = &["shared", "public", "default", "default user", "all users", "guest", ".localized", "runner"];

/// Folders of a system's own settings: what lies there is the host's.
const SYSTEMS: &[&str] = &["etc", "programdata", "program files", "library"];

/// Folders that collectors put between host and file, and words for a whole bundle: none of them is a host.
const BETWEEN: &[&str] = &[
    "uploads",
    "auto",
    "file",
    "ntfs",
    "lazy_ntfs",
    "fs",
    "rootfs",
    "[root]",
    "root",
    "system",
    "volumes",
    "data",
    "private",
    "macintosh hd",
    "collected",
    "collection",
    "triage",
    "evidence",
    "bundle",
    "files",
    "results",
    "host",
    "hosts",
    "endpoints",
    "laptops",
    "mnt",
];

/// The place of a file.
pub(crate) fn place(path: &str) -> Place {
    let path = decoded(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if let Some(at) = home(&parts) {
        let user = parts.get(at + 1).and_then(|user| account_name(user));
        return Place { host: host(parts.get(..at).unwrap_or_default()), user, below: rest(&parts, at + 2) };
    }
    if let Some(at) = parts.windows(2).position(|pair| pair == ["[root]", "root"]) {
        let host = host(parts.get(..at).unwrap_or_default());
        return Place { host, user: Some("root".to_owned()), below: rest(&parts, at + 2) };
    }
    if let Some(at) = parts.iter().position(|part| SYSTEMS.contains(&part.to_ascii_lowercase().as_str())) {
        let host = host(parts.get(..at).unwrap_or_default());
        return Place { host, user: None, below: rest(&parts, at) };
    }
    flattened(&parts).or_else(|| ad_hoc(&parts)).unwrap_or_else(|| Place { below: rest(&parts, 0), ..Place::default() })
}

/// A path as it was on the host: collectors escape what a file's name may not hold.
fn decoded(path: &str) -> String {
    let path = path.replace("%3A", ":").replace("%3a", ":").replace("%5C", "/").replace("%5c", "/");
    path.replace("%20", " ").replace('\\', "/")
}

fn rest(parts: &[&str], from: usize) -> String {
    parts.get(from..).unwrap_or_default().join("/")
}

/// Where the homes' folder stands: the last one that has a home with a file below it, so that a folder of that name above
/// the collection does not count.
fn home(parts: &[&str]) -> Option<usize> {
    let is_home = |at: &usize| {
        let homes = parts.get(*at).is_some_and(|part| HOMES.contains(&part.to_ascii_lowercase().as_str()));
        let user = parts.get(at + 1).map(|user| user.to_ascii_lowercase());
        homes && user.is_some_and(|user| !NOBODYS.contains(&user.as_str())) && parts.len() > at + 2
    };
    (0..parts.len()).find(is_home)
}

/// The nearest folder above that names a host.
fn host(above: &[&str]) -> Option<String> {
    above.iter().rev().find(|part| !is_between(part)).and_then(|part| host_name(collector(part)))
}

fn is_between(part: &str) -> bool {
    let small = part.to_ascii_lowercase();
    let drive = matches!(small.trim_end_matches([':', '_']).as_bytes(), [b'a'..=b'z']);
    let partition = small.starts_with("partition ");
    let date = small.len() >= 8 && small.bytes().all(|byte| byte.is_ascii_digit() || b"-_t:z".contains(&byte));
    drive || partition || date || BETWEEN.contains(&small.as_str())
}

/// The host in the name that a collector gave to its folder or archive; a plain name is the host itself.
fn collector(part: &str) -> &str {
    const ARCHIVES: &[&str] = &[".zip", ".tar.gz", ".tgz", ".tar", ".7z"];
    let part = ARCHIVES.iter().find_map(|end| part.strip_suffix(end)).unwrap_or(part);
    if let Some(rest) = part.strip_prefix("Collection-") {
        let time = rest.match_indices('-').find(|(at, _)| begins_with_date(rest.get(at + 1..).unwrap_or_default()));
        return time.map_or(rest, |(at, _)| rest.get(..at).unwrap_or(rest));
    }
    if let Some(rest) = part.strip_prefix("uac-") {
        let mut ends = rest.rsplitn(3, '-');
        if let (Some(_), Some(_), Some(host)) = (ends.next(), ends.next(), ends.next()) {
            return host;
        }
    }
    match part.split_once('_') {
        Some((time, host)) if begins_with_date(time) => host,
        _ => part,
    }
}

fn begins_with_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes.iter().take(4).all(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'-')
        && bytes.get(7) == Some(&b'-')
}

/// A single file under a flattened name: `C_Users_mholt_.claude.json`, `lap-1042__mholt__.claude.json`.
fn flattened(parts: &[&str]) -> Option<Place> {
    let (name, above) = parts.split_last()?;
    let fields: Vec<&str> = name.split("__").collect();
    if let [host, user, file] = fields.as_slice() {
        return Some(Place { host: host_name(host), user: account_name(user), below: (*file).to_owned() });
    }
    let (_, rest) = name.split_once("Users_").or_else(|| name.split_once("home_"))?;
    let (user, file) = rest.split_once('_')?;
    Some(Place { host: host(above), user: account_name(user), below: file.replace('_', "/") })
}

/// `HOST/USER/.claude.json`: a file that lies nowhere but in a home.
fn ad_hoc(parts: &[&str]) -> Option<Place> {
    const HOME_ONLY: &[&str] = &[".claude.json", ".codex", ".codeium", ".copilot", ".lmstudio", ".gitconfig", ".aws"];
    let at = parts.iter().position(|part| HOME_ONLY.contains(part)).filter(|at| *at >= 2)?;
    let (host, user) = (parts.get(at - 2)?, parts.get(at - 1)?);
    let small = |part: &str| part.to_ascii_lowercase();
    let is_home = !HOMES.contains(&small(host).as_str()) && !NOBODYS.contains(&small(user).as_str());
    (is_home && !is_between(host)).then(|| Place {
        host: host_name(collector(host)),
        user: account_name(user),
        below: rest(parts, at),
    })
}

impl Place {
    /// Whether the file lies where a program keeps its user's settings, rather than in a folder of the user's work.
    pub(crate) fn is_settings(&self) -> bool {
        let first = self.below.split('/').next().unwrap_or_default();
        first.starts_with('.') || matches!(first, "AppData" | "Library")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_of_collectors() {
        for (path, host, user, below) in [
            (
                "Collection-LAP-1042-2026-11-18T09_12_33Z.zip/uploads/auto/C%3A/Users/mholt/.cursor/mcp.json",
                "lap-1042",
                "mholt",
                ".cursor/mcp.json",
            ),
            (
                "LAP-1042/C/Users/mholt.CORP/AppData/Roaming/Claude/claude_desktop_config.json",
                "lap-1042",
                "mholt",
                "AppData/Roaming/Claude/claude_desktop_config.json",
            ),
            ("2026-11-18_LAP-1042.zip/C/Users/mholt/.claude.json", "lap-1042", "mholt", ".claude.json"),
            (
                "uac-build-07-linux-20261118091233.tar.gz/[root]/home/tarai/.claude.json",
                "build-07",
                "tarai",
                ".claude.json",
            ),
            ("uac-build-07-linux-20261118091233/[root]/root/.claude.json", "build-07", "root", ".claude.json"),
            ("evidence/lap-7/Partition 1/Users/mholt/.codex/config.toml", "lap-7", "mholt", ".codex/config.toml"),
            ("rtr/LAP-1042/C_Users_mholt_.claude.json", "lap-1042", "mholt", ".claude.json"),
            ("lap-1042__mholt__.claude.json", "lap-1042", "mholt", ".claude.json"),
            ("lap-1042/mholt/.claude.json", "lap-1042", "mholt", ".claude.json"),
            ("lap-1042/uploads/ntfs/%5C%5C.%5CC%3A/Users/mholt/.claude.json", "lap-1042", "mholt", ".claude.json"),
        ] {
            let place = place(path);
            assert_eq!(
                (place.host.as_deref(), place.user.as_deref(), place.below.as_str()),
                (Some(host), Some(user), below),
                "{path}"
            );
            assert!(place.is_settings(), "{path}");
        }
    }

    #[test]
    fn what_names_nobody() {
        for path in
            ["payments/.cursor/mcp.json", ".mcp.json", "x/Users/Shared/.claude.json", "evidence/.cursor/mcp.json"]
        {
            assert_eq!(place(path).user, None, "{path}");
            assert_eq!(place(path).host, None, "{path}");
        }
        let managed = place("lap-1042/Library/Application Support/ClaudeCode/managed-mcp.json");
        assert_eq!((managed.host.as_deref(), managed.user), (Some("lap-1042"), None));
        assert!(!place("lap-1042/C/Users/mholt/src/payments/.cursor/mcp.json").is_settings());
    }
}
