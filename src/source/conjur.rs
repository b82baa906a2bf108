//! CyberArk Conjur audit: which workload read which secret, who loaded the policy that made it.
//!
//! References: docs.cyberark.com/conjur-enterprise (audit) and github.com/cyberark/conjur app/models/audit. Each line is a
//! syslog message (RFC 5424) with structured data under `@43868`. Relied on: the header's time, `[auth@43868 user=]`,
//! `[action@43868 operation= result=]`; used where present: `[subject@43868 …]`, `[client@43868 ip=]`.
//!
//! Quirks. The order of the structured data varies. A role is `account:kind:id`; `host` is a workload, `user` is a person,
//! but for the built-in `admin`. A login under a name that does not exist is written as `not-found`. The text behind the
//! structured data says the same in words, and is not read.

use super::cyberark_names::is_network;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time};
use crate::bundle::record::{Body, Record};
use crate::fact::claim::{Declaring, Detail, Ending, Making, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};

/// Reads audit lines of Conjur.
pub struct Conjur;

static CARD: Card = Card {
    name: "conjur",
    title: "CyberArk Conjur audit",
    tells: "which workload read which secret; who loaded the policy that made a workload, and whom it names as the owner",
    reference: "https://docs.cyberark.com/conjur-enterprise/latest/en/content/operations/logs/audit-service.htm",
    recognised_by: "syslog lines of the app conjur with structured data under @43868",
    exports: &[Export {
        form: "the audit log of a server",
        command: "docker exec CONJUR cat /var/log/conjur/audit.log > conjur-audit.log",
    }],
};

/// What only Conjur's structured data is named.
const MARK: &str = "@43868 ";

impl Source for Conjur {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        match shape.body {
            Body::Line(line) if line.contains(MARK) => Fit::Certain,
            _ => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let Body::Line(line) = record.body else { return Err(Refusal::Unreadable("the record")) };
        let header = line.split('[').next().unwrap_or_default();
        let mut words = header.split_whitespace();
        let at = needed_time(words.nth(1), "time")?;
        // Behind the time: host, app, process, kind of message.
        let kind = words.nth(3).unwrap_or_default();
        let data = data(line);
        let get = |element: &str, name: &str| value(&data, element, name);
        facts.event(at);
        let user = get("auth", "user").ok_or(Refusal::Missing("auth.user"))?;
        let operation = get("action", "operation").ok_or(Refusal::Missing("action.operation"))?;
        let outcome = match get("action", "result") {
            Some("success") => Outcome::Succeeded,
            Some(_) => Outcome::Denied,
            None => return Err(Refusal::Missing("action.result")),
        };
        if user == "not-found" {
            return Ok(Reading::SetAside("login under a name that does not exist"));
        }
        let by = role(facts, user).ok_or(Refusal::Unreadable("auth.user"))?;
        let actor = Actor { by, principal: None, on_behalf_of: None };
        if let Some(ip) = get("client", "ip").filter(|ip| is_network(ip)) {
            let from = facts.handle(HandleKind::Network, "", ip);
            facts.came_from(by, from);
        }
        let subject = get("subject", "role").or_else(|| get("subject", "resource"));
        let on = match get("subject", "resource").filter(|_| kind != "policy") {
            Some(resource) => Some(facts.handle(HandleKind::Resource, CONJUR, resource)),
            None => subject.and_then(|name| role(facts, name)),
        };
        if outcome == Outcome::Succeeded {
            let what = Loaded { operation, owner: get("subject", "owner"), member: get("subject", "member") };
            match kind {
                "policy" => loaded(&what, subject, on, actor, facts),
                "api-key" => rotated(on, actor, facts),
                _ => {}
            }
        }
        facts.did(actor, &format!("conjur:{operation}"), on, outcome);
        Ok(Reading::Claimed)
    }
}

/// The realm of roles and secrets. An account of Conjur is named in each of them; no record names the server.
const CONJUR: &str = "conjur";

/// A role: a workload, a person, or neither.
fn role(out: &mut impl Stand, name: &str) -> Option<HandleId> {
    let (_, rest) = name.split_once(':')?;
    let (kind, id) = rest.split_once(':').filter(|(_, id)| !id.is_empty())?;
    Some(match kind {
        "host" => {
            let host = out.handle(HandleKind::Agent, CONJUR, name);
            out.described(host, Detail::Kind, "conjur-host");
            out.described(host, Detail::DisplayName, id.rsplit('/').next().unwrap_or(id));
            host
        }
        "user" if id == "admin" => out.handle(HandleKind::Service, CONJUR, name),
        "user" => out.handle(HandleKind::Login, "conjur:", id),
        "group" | "layer" => out.handle(HandleKind::Team, CONJUR, name),
        _ => out.handle(HandleKind::Resource, CONJUR, name),
    })
}

/// What a loaded policy did.
struct Loaded<'a> {
    operation: &'a str,
    owner: Option<&'a str>,
    member: Option<&'a str>,
}

/// A statement of a policy. Only hosts are made by it here: what it says of groups and secrets makes nobody act.
fn loaded(what: &Loaded<'_>, subject: Option<&str>, on: Option<HandleId>, actor: Actor, facts: &mut FactWriter) {
    let is_host = subject.and_then(|name| name.split(':').nth(1)) == Some("host");
    let Some(on) = on else { return };
    let member = what.member.and_then(|member| role(facts, member));
    match (what.operation, what.owner, member) {
        ("add", _, Some(member)) => facts.granted(Some(actor.by), member, on),
        ("add", Some(owner), None) => {
            // A policy without an owner of its own names the one it stands in, or whoever loaded it.
            let is_said = owner.split(':').nth(1) == Some("user");
            if let Some(owner) = role(facts, owner).filter(|owner| is_host && is_said && *owner != actor.by) {
                facts.declared(owner, on, Declaring::OwnerField, Some(actor.by));
            }
        }
        ("add", None, None) if is_host => facts.made(actor.by, Making::Created, on),
        ("change", ..) if is_host => facts.made(actor.by, Making::Updated, on),
        ("remove", None, None) if is_host => facts.ended(on, Ending::Deleted, Some(actor.by)),
        _ => {}
    }
}

/// The key of a role was changed, by the role itself or by somebody else, who has it in hand then.
fn rotated(on: Option<HandleId>, actor: Actor, facts: &mut FactWriter) {
    if let Some(on) = on.filter(|on| *on != actor.by) {
        facts.made(actor.by, Making::Updated, on);
    }
}

/// One parameter of the structured data: its element, its name, its value.
type Parameter = (String, String, String);

/// The structured data of a line: `[element@43868 name="value" …]`, one behind the other.
fn data(line: &str) -> Vec<Parameter> {
    let mut all = Vec::new();
    let Some(start) = line.find('[') else { return all };
    let mut letters = line.get(start..).unwrap_or_default().chars().peekable();
    while letters.next_if_eq(&'[').is_some() {
        let name = until(&mut letters, &[' ', ']']);
        let element = name.split_once('@').filter(|(_, number)| *number == "43868").map(|(element, _)| element);
        while letters.next_if_eq(&' ').is_some() {
            let key = until(&mut letters, &['=', ']']);
            if letters.next() != Some('=') || letters.next() != Some('"') {
                return all;
            }
            let Some(value) = quoted(&mut letters) else { return all };
            all.extend(element.map(|element| (element.to_owned(), key, value)));
        }
        if letters.next() != Some(']') {
            return all;
        }
    }
    all
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn until(letters: &mut Letters<'_>, ends: &[char]) -> String {
    std::iter::from_fn(|| letters.next_if(|letter| !ends.contains(letter))).collect()
}

/// The rest of a quoted value; `None` where it is not closed.
fn quoted(letters: &mut Letters<'_>) -> Option<String> {
    let mut value = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(value),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

/// A parameter that stands there once; what stands twice is believed in neither place.
fn value<'d>(data: &'d [Parameter], element: &str, name: &str) -> Option<&'d str> {
    let mut values = data.iter().filter(|(of, key, _)| of == element && key == name).map(|(.., value)| value.as_str());
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(value)
}
