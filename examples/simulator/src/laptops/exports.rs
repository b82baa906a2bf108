//! The exports: copies of homes, inventories of devices, and what was started on them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Laptops, Program, Server, host, local};
use crate::clock::{DAY, END, HOUR, iso, iso_millis};
use crate::dice::derived;
use crate::microsoft::{TENANT, user_id};
use crate::people::Person;
use crate::snapshots::{made, save};

/// What GitHub logs of a token: its SHA-256 in base64.
pub(super) fn fingerprint(secret: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in Sha256::digest(secret.as_bytes()).chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letters = (0..=three.len()).map(|place| char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]));
        out.extend(letters);
        out.extend((three.len()..3).map(|_| '='));
    }
    out
}

/// What a configuration gives a server.
fn environment(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

fn entry(program: Program, environment: Value) -> Value {
    let args = if program.command == "npx" { json!(["-y", program.package]) } else { json!([program.package]) };
    json!({"command": program.command, "args": args, "env": environment})
}

impl Laptops<'_> {
    pub(crate) fn write(&self, bundle: &Path, since: i64) -> Result<()> {
        self.homes(&bundle.join("triage"))?;
        self.inventories(bundle)?;
        self.starts(bundle, since)
    }

    /// Every server with its entry in a configuration.
    fn entries(&self) -> Vec<(&Server, Value)> {
        let world = self.world;
        let keyed = world.servers.iter().filter_map(|server| {
            let user = &world.users[world.agents[server.agent?].user?];
            let key = &user.keys[0].id;
            let secret = derived(key, 69).word(40, crate::dice::ALNUM);
            let pairs =
                [("AWS_ACCESS_KEY_ID", key.as_str()), ("AWS_SECRET_ACCESS_KEY", &secret), ("AWS_REGION", "eu-west-1")];
            Some((server, entry(server.program, environment(&pairs))))
        });
        let tokens = self.tokens.iter().map(|token| {
            let pairs = [("GITHUB_PERSONAL_ACCESS_TOKEN", token.secret.as_str())];
            (&token.server, entry(token.server.program, environment(&pairs)))
        });
        let planted = self.planted.iter().map(|server| (server, entry(server.program, environment(&[]))));
        keyed.chain(tokens).chain(planted).collect()
    }

    /// A configuration for each home, where the collector put it.
    fn homes(&self, folder: &Path) -> Result<()> {
        let mut files: BTreeMap<PathBuf, serde_json::Map<String, Value>> = BTreeMap::new();
        for (server, entry) in self.entries() {
            let home = home(&server.host, &self.people().all[server.home]);
            files.entry(home).or_default().insert(server.program.name.to_owned(), entry);
        }
        for (home, servers) in files {
            let folder = made(folder.join(home))?;
            save(&folder.join(".claude.json"), &json!({"numStartups": 12, "mcpServers": servers}))?;
        }
        Ok(())
    }

    /// Intune has the Windows laptops, Jamf the Macs; a laptop stays with whom it was given to.
    fn inventories(&self, bundle: &Path) -> Result<()> {
        let people = self.people().all.iter();
        let (macs, windows): (Vec<&Person>, Vec<&Person>) = people.partition(|person| person.mac);
        let devices: Vec<Value> = windows.into_iter().map(intune).collect();
        let context = "https://graph.microsoft.com/v1.0/$metadata#deviceManagement/managedDevices";
        let list = json!({"@odata.context": context, "value": devices});
        save(&made(bundle.join("intune"))?.join("devices.json"), &list)?;
        let computers: Vec<Value> = macs.into_iter().map(jamf).collect();
        let list = json!({"totalCount": computers.len(), "results": computers});
        save(&made(bundle.join("jamf"))?.join("computers.json"), &list)
    }

    /// Servers are started once a week, while whoever owns the laptop is at work.
    fn starts(&self, bundle: &Path, since: i64) -> Result<()> {
        let mut defender: Vec<(i64, Value)> = Vec::new();
        let mut osquery: BTreeMap<&str, Vec<(i64, Value)>> = BTreeMap::new();
        let people = self.people();
        for (server, _) in self.entries() {
            let person = &people.all[server.home];
            if host(person) != server.host {
                continue;
            }
            let mut dice = derived(&format!("{} {}", server.host, server.program.name), 72);
            let first = server.since - server.since.rem_euclid(DAY) + 8 * HOUR;
            for week in (first.max(server.since)..person.works_until(server.since)).step_by(7 * DAY as usize) {
                let at = week + dice.between(0, HOUR);
                if !(since..END).contains(&at) || !person.works(at) {
                    continue;
                }
                if person.mac {
                    osquery.entry(&server.host).or_default().push((at, osquery_row(person, server, at)));
                } else {
                    defender.push((at, defender_row(person, server, at)));
                }
            }
        }
        lines(&made(bundle.join("defender"))?.join("processes.ndjson"), defender)?;
        let folder = made(bundle.join("osquery"))?;
        for (host, rows) in osquery {
            lines(&folder.join(format!("{host}.results.log")), rows)?;
        }
        Ok(())
    }
}

fn lines(path: &Path, mut rows: Vec<(i64, Value)>) -> Result<()> {
    rows.sort_by_key(|(at, _)| *at);
    let mut text = String::new();
    for (_, row) in rows {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{row}");
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// Where a home lies in the collection: as the collectors of each system lay it down.
fn home(host: &str, person: &Person) -> PathBuf {
    let local = local(person);
    match () {
        () if host.starts_with("SHARED") => {
            PathBuf::from(format!("uac-{}-linux-20261118091233/[root]/home/{local}", host.to_lowercase()))
        }
        () if person.mac => PathBuf::from(format!("{host}/Users/{local}")),
        () => PathBuf::from(format!("{host}/C/Users/{local}")),
    }
}

fn intune(person: &Person) -> Value {
    let account = person.account(END);
    let mut dice = derived(&account.okta, 73);
    json!({"id": dice.uuid().to_string(), "userId": user_id(account), "deviceName": host(person),
           "managedDeviceOwnerType": "company", "enrolledDateTime": iso(person.accounts[0].from + DAY),
           "lastSyncDateTime": iso(END - dice.between(HOUR, 3 * DAY)), "operatingSystem": "Windows",
           "azureADDeviceId": dice.uuid().to_string(), "userPrincipalName": account.login,
           "serialNumber": format!("SN{}", person.number)})
}

fn jamf(person: &Person) -> Value {
    let account = person.account(END);
    json!({"id": person.number, "udid": format!("U-{}", person.number),
           "general": {"name": host(person), "lastContactTime": iso_millis(END - 5 * HOUR, 123),
                       "lastEnrolledDate": iso(person.accounts[0].from + DAY), "platform": "Mac"},
           "hardware": {"serialNumber": format!("SN{}", person.number), "model": "MacBookPro"},
           "userAndLocation": {"username": local(person), "realname": person.display(), "email": account.mail}})
}

fn command(program: Program) -> String {
    let flag = if program.command == "npx" { " -y" } else { "" };
    format!("{}{flag} {}", program.command, program.package)
}

fn osquery_row(person: &Person, server: &Server, at: i64) -> Value {
    json!({"name": "pack_mcp_process_events", "hostIdentifier": server.host, "calendarTime": iso(at), "unixTime": at + 1,
           "epoch": 0, "counter": 3, "numerics": false, "action": "added",
           "columns": {"pid": "811", "path": "/usr/local/bin/node", "cmdline": command(server.program), "cwd": "/",
                       "uid": "501", "auid": "501", "parent": "700", "time": at.to_string(), "username": local(person)}})
}

fn defender_row(person: &Person, server: &Server, at: i64) -> Value {
    let account = person.account(at);
    let mut dice = derived(&server.host, 74);
    let when = iso_millis(at, 120);
    json!({"time": when, "tenantId": TENANT, "operationName": "Publish",
           "category": "AdvancedHunting-DeviceProcessEvents",
           "properties": {"Timestamp": when, "DeviceId": dice.word(40, crate::dice::HEX),
                          "DeviceName": format!("{}.corp.example.com", server.host.to_lowercase()),
                          "ActionType": "ProcessCreated", "FileName": format!("{}.exe", server.program.command),
                          "FolderPath": format!("C:\\Program Files\\{0}\\{0}.exe", server.program.command),
                          "ProcessId": 4100 + at % 900, "ProcessCommandLine": command(server.program),
                          "AccountDomain": "example", "AccountName": local(person), "AccountUpn": account.login,
                          "AccountObjectId": user_id(account), "InitiatingProcessFileName": "claude.exe",
                          "ReportId": at % 100_000}})
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn fingerprints_are_base64_of_sha_256() {
        assert_eq!(fingerprint("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }
}
