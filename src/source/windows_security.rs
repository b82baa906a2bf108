//! Windows Security events: who made, changed, disabled and deleted accounts; who logged on where, and how.
//!
//! Reference: learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing, one page
//! an event. Relied on: the event's number, the provider `Microsoft-Windows-Security-Auditing`, a time with its zone,
//! `TargetSid` or `TargetUserSid`, `SubjectUserSid`; used where present: the names beside them, `LogonType`, `IpAddress`.
//!
//! Quirks. An account is known by its security id, which is never given twice in a domain; its name may be. Names that end
//! in `$` are computers' and managed service accounts'. Management of accounts is written on the one controller that did
//! it, and a log that was cleared counts its records anew. The domain of a locked-out account (4740) is a computer's name.

use super::ad_names;
use super::windows_event::WindowsEvent;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::Record;
use crate::fact::claim::{Detail, Ending, Making, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads Windows Security events.
pub struct WindowsSecurity;

static CARD: Card = Card {
    name: "windows_security",
    title: "Windows Security events",
    tells: "who made, changed, disabled and deleted accounts of the domain, where service accounts run, who logs on as them",
    reference: "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4720",
    recognised_by: "events of the provider Microsoft-Windows-Security-Auditing, as JSON (Winlogbeat, NXLog, EvtxECmd, evtx_dump) or XML",
    exports: &[
        Export {
            form: "EvtxECmd's JSON of a domain controller's log",
            command: "EvtxECmd.exe -f Security.evtx --json . --jsonf security.json",
        },
        Export {
            form: "XML, of the events that are used",
            command: "wevtutil qe Security /f:xml \"/q:*[System[(EventID=4624 or EventID=4720 or EventID=4722 or EventID=4724 or EventID=4725 or EventID=4726 or EventID=4738 or EventID=4741)]]\" > security.xml",
        },
        Export {
            form: "Winlogbeat's and NXLog's events, from the store they are sent to",
            command: "curl -G \"$ELASTIC/winlogbeat-*/_search\" --data-urlencode 'q=winlog.channel:Security' > security.json",
        },
    ],
};

const PROVIDER: &str = "Microsoft-Windows-Security-Auditing";

/// What an event says of the account it is about.
#[derive(Clone, Copy)]
enum Says {
    Created,
    Changed,
    /// Somebody else set its password, and knows it since.
    PasswordSet,
    Sets(&'static str),
    Deleted,
    LoggedOn,
}

use Says::{Changed, Created, Deleted, LoggedOn, PasswordSet, Sets};

/// What each event says.
const EVENTS: &[(u32, Says)] = &[
    (4624, LoggedOn),
    (4720, Created),
    (4722, Sets("active")),
    (4724, PasswordSet),
    (4725, Sets("unavailable")),
    (4726, Deleted),
    (4738, Changed),
    (4741, Created),
    (4742, Changed),
    (4743, Deleted),
];

impl Source for WindowsSecurity {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = WindowsEvent::of(&shape.body).is_some_and(|event| match event.provider.get() {
            Some(provider) => provider == PROVIDER,
            None => event.channel.get() == Some("Security"),
        });
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let event = WindowsEvent::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        let id = event.id.ok_or(Refusal::Missing("EventID"))?;
        facts.account(event.computer.get());
        let Some((_, says)) = EVENTS.iter().find(|(known, _)| *known == id) else {
            return Ok(Reading::SetAside("an event that tells nothing of who owns what"));
        };
        let at = event.time().ok_or(Refusal::Missing("a time with its zone"))?;
        facts.event(at);
        if let (Some(computer), Some(number)) = (event.computer.get(), event.record.get()) {
            let id = format!("{}/{number}/{at}", computer.to_lowercase());
            facts.named(CARD.name, &id, &[id.as_str()], Form::Full);
        }
        if let LoggedOn = says {
            return logged_on(&event, facts);
        }
        let sid = event.data("TargetSid").or_else(|| event.data("TargetUserSid"));
        let target = account(&event, "Target", sid, facts).ok_or(Refusal::Missing("TargetSid"))?;
        let subject = account(&event, "Subject", event.data("SubjectUserSid"), facts);
        match (says, subject) {
            (Sets(status), _) => facts.described(target, Detail::Status, status),
            (Deleted, by) => facts.ended(target, Ending::Deleted, by),
            (_, None) => return Err(Refusal::Missing("SubjectUserSid")),
            (Created, Some(by)) => facts.made(by, Making::Created, target),
            (PasswordSet, Some(by)) => facts.made(by, Making::Issued, target),
            (Changed, Some(by)) => facts.made(by, Making::Updated, target),
            (LoggedOn, Some(_)) => {}
        }
        Ok(Reading::Claimed)
    }
}

/// An account of an event, by its security id, with the name beside it.
fn account(event: &WindowsEvent<'_>, whose: &str, sid: Option<&str>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = event.data(&format!("{whose}UserName"));
    let sid = sid?;
    let who = ad_names::account(facts, sid, name.is_some_and(|name| name.ends_with('$')))?;
    if ad_names::is_machine(sid) {
        return Some(who);
    }
    if let (Some(name), Some(domain)) = (name, event.data(&format!("{whose}DomainName"))) {
        ad_names::named(facts, who, domain, name);
    }
    Some(who)
}

/// How somebody logged on, by the type of the logon; the rest is network traffic.
const LOGONS: &[(&str, &str)] = &[
    ("2", "windows:InteractiveLogon"),
    ("4", "windows:BatchLogon"),
    ("5", "windows:ServiceLogon"),
    ("7", "windows:InteractiveLogon"),
    ("10", "windows:RemoteInteractiveLogon"),
    ("11", "windows:InteractiveLogon"),
];

/// A logon: of a service account as a service it tells where it runs, of a person where they work.
fn logged_on(event: &WindowsEvent<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let kind = event.data("LogonType").ok_or(Refusal::Missing("LogonType"))?;
    let Some((_, action)) = LOGONS.iter().find(|(known, _)| *known == kind) else {
        return Ok(Reading::SetAside("a logon over the network"));
    };
    let sid = event.data("TargetUserSid").ok_or(Refusal::Missing("TargetUserSid"))?;
    if ad_names::is_machine(sid) {
        return Ok(Reading::SetAside("a logon of the computer itself"));
    }
    let who = account(event, "Target", Some(sid), facts).ok_or(Refusal::Unreadable("TargetUserSid"))?;
    let computer = event.computer.get().map(|name| name.split('.').next().unwrap_or(name).to_lowercase());
    let host = computer.map(|name| facts.handle(HandleKind::Workload, ad_names::HOST, &name));
    if let Some(address) = event.data("IpAddress").filter(|text| ad_names::is_address(text)) {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(who, address);
    }
    let actor = Actor { by: who, principal: None, on_behalf_of: None };
    facts.did(actor, action, host, Outcome::Succeeded);
    Ok(Reading::Claimed)
}
