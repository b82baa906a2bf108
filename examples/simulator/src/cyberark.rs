//! CyberArk: the Vault's syslog, in RFC 5424 with the messages as XML.
//!
//! Keys of IAM users lie in safes. The component that changes them makes the new key with the old one; a provider takes
//! the key out for an automation every few nights. Who keeps a provider is somebody else than who owns the key.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::clock::{DAY, END, HOUR, MINUTE, iso};
use crate::people::People;
use crate::snapshots::made;
use crate::thing::{Thing, mail};
use crate::world::{ACCOUNTS, World};

/// An IAM user whose key is managed here.
#[derive(Clone, Debug)]
pub(crate) struct Managed {
    pub(crate) user: usize,
    pub(crate) owner: usize,
    /// Who made the safe.
    pub(crate) engineer: usize,
    /// Who made the provider and looks after it.
    pub(crate) keeper: usize,
    pub(crate) stored: i64,
    pub(crate) changed: i64,
    pub(crate) looked: Option<(usize, i64)>,
}

/// One message.
struct Message<'a> {
    at: i64,
    id: u32,
    what: &'static str,
    by: &'a str,
    from: &'a str,
    target: &'a str,
    safe: &'a str,
    /// The user's name, the account's number and the key's id.
    account: Option<[&'a str; 3]>,
}

/// Providers, each its keeper's.
pub(crate) fn things(world: &World) -> Vec<Thing> {
    let provider = |(index, it): (usize, &Managed)| {
        let (name, at) = (provider(index), it.stored + HOUR);
        let mut thing = Thing::new("cyberark-provider", "cyberark-provider", format!("cyberark/{name}"), name, at);
        thing.owner = Some(it.keeper);
        thing.made(at, &mail(&world.people, it.keeper, at), Some(it.keeper));
        thing.decoy(it.owner, "put-the-key-into-the-safe");
        thing.decoy(it.engineer, "made-the-safe");
        for at in upkeep(&world.people, it) {
            thing.changed(at, Some(it.keeper));
            thing.kept(at);
        }
        thing
    };
    world.managed.iter().enumerate().map(provider).collect()
}

fn provider(index: usize) -> String {
    format!("Prov_auto{:03}", index + 1)
}

/// Days on which the keeper changes the provider.
fn upkeep(people: &People, it: &Managed) -> Vec<i64> {
    let until = people.all[it.keeper].works_until(it.stored);
    [9, 30].into_iter().map(|days| it.stored + days * DAY).filter(|at| *at < until).collect()
}

pub(crate) fn write(folder: &Path, world: &World, since: i64) -> Result<()> {
    let folder = made(folder.to_path_buf())?;
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (index, it) in world.managed.iter().enumerate() {
        tell(world, index, it, &mut |message| lines.push((message.at, message.line())));
    }
    lines.retain(|(at, _)| (since..END).contains(at));
    lines.sort();
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    let path = folder.join("vault.log");
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn tell(world: &World, index: usize, it: &Managed, put: &mut impl FnMut(&Message<'_>)) {
    let people = &world.people;
    let user = &world.users[it.user];
    let (safe, provider) = (format!("Agents-{:03}", index + 1), provider(index));
    let key = |which: usize| Some([user.name.as_str(), ACCOUNTS[user.account], user.keys[which].id.as_str()]);
    let desk = |person: usize| people.all[person].ip.as_str();
    let mut by_person = |person: usize, at: i64, id, what, target: &str, account| {
        let by = mail(people, person, at);
        put(&Message { at, id, what, by: &by, from: desk(person), target, safe: &safe, account });
    };
    let owner = mail(people, it.owner, it.stored);
    by_person(it.engineer, it.stored - 2 * HOUR, 185, "Add Safe", "", None);
    by_person(it.engineer, it.stored - 2 * HOUR + MINUTE, 32, "Add Owner", &owner, None);
    by_person(it.owner, it.stored, 294, "Store password", "", key(0));
    by_person(it.keeper, it.stored + HOUR, 180, "Add User", &provider, None);
    for at in upkeep(people, it) {
        by_person(it.keeper, at, 182, "Update User", &provider, None);
    }
    by_person(it.engineer, it.stored + HOUR + MINUTE, 32, "Add Owner", &provider, None);
    if let Some((person, at)) = it.looked {
        by_person(person, at, 295, "Retrieve password", "", key(1));
    }
    let machine = |at, id, what, by, from, which| Message {
        at,
        id,
        what,
        by,
        from,
        target: "",
        safe: &safe,
        account: key(which),
    };
    put(&machine(it.changed + 5 * MINUTE, 24, "CPM Change Password", "PasswordManager", "198.51.100.71", 1));
    for night in (it.changed + DAY..END).step_by(4 * DAY as usize) {
        put(&machine(night, 295, "Retrieve password", &provider, "198.51.100.77", 1));
    }
}

impl Message<'_> {
    fn line(&self) -> String {
        let Self { at, id, what, by, from, target, safe, account } = self;
        let when = iso(*at);
        let (file, properties) = match account {
            None => (String::new(), "<CAProperties/>".to_owned()),
            Some([user, number, key]) => {
                let property = |name: &str, value: &str| format!("<CAProperty Name=\"{name}\" Value=\"{value}\" />");
                let all = [
                    property("PolicyID", "AWSAccessKeys"),
                    property("UserName", user),
                    property("AWSAccountID", number),
                    property("AWSAccessKeyID", key),
                ];
                let file = format!("Root\\Cloud Service-AWSAccessKeys-aws-{user}");
                (file, format!("<CAProperties>{}</CAProperties>", all.concat()))
            }
        };
        let safe = if matches!(*what, "Add User" | "Update User") { "" } else { safe };
        format!(
            "<5>1 {when} VAULT01 <syslog><audit_record><Rfc5424>yes</Rfc5424><Timestamp>{when}</Timestamp>\
             <IsoTimestamp>{when}</IsoTimestamp><Hostname>VAULT01</Hostname><Vendor>Cyber-Ark</Vendor><Product>Vault\
             </Product><Version>14.2.0000</Version><MessageID>{id}</MessageID><Desc>{what}</Desc><Severity>Info\
             </Severity><Issuer>{by}</Issuer><Action>{what}</Action><SourceUser></SourceUser><TargetUser>{target}\
             </TargetUser><Safe>{safe}</Safe><File>{file}</File><Station>{from}</Station><Location></Location>\
             <Category></Category><RequestId></RequestId><Reason></Reason><ExtraDetails></ExtraDetails><Message>{what}\
             </Message><GatewayStation></GatewayStation>{properties}</audit_record></syslog>\n"
        )
    }
}
