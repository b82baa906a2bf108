//! CyberArk Vault syslog: who put credentials into safes, who took them out, who let whom in.
//!
//! References: docs.cyberark.com/pam-self-hosted/latest/en/content/pasref/vault-audit-action-codes.htm and
//! …/pasimp/integrating-with-siem-applications.htm. The Vault writes each message through a translator that its
//! administrator picks: CEF, LEEF, XML, or JSON around the same XML. Relied on: the code of the message, its time and
//! `Issuer` (`suser`, `usrName`); used where present: `Safe`, `File`, `TargetUser`, `Station`, and of the account's
//! properties its AWS user and key.
//!
//! Quirks. Only the header of syslog has the time in CEF and LEEF; the old header has neither year nor zone, and such a
//! message is refused: nothing can be ordered by it. Reasons and other free texts are written by users and stand between
//! the fields, so a field that stands twice in a message is believed in neither place. What was typed in a recorded
//! session is never read.

mod forms;

use forms::Entry;

use super::cyberark_names::{self, Message, TENANT};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Body, Record};
use crate::fact::handle::HandleKind;
use crate::fact::writer::{Actor, FactWriter, Stand};

/// Reads messages of the Vault.
pub struct CyberarkVault;

static CARD: Card = Card {
    name: "cyberark_vault",
    title: "CyberArk Vault syslog",
    tells: "who stored, fetched and used which managed account; who made its users; who let whom into a safe",
    reference: "https://docs.cyberark.com/pam-self-hosted/latest/en/content/pasref/vault-audit-action-codes.htm",
    recognised_by: "lines with CEF:0|Cyber-Ark|Vault| or LEEF:1.0|Cyber-Ark|Vault|; audit_record in XML or JSON",
    exports: &[
        Export {
            form: "what the syslog server received: CEF, LEEF or XML",
            command: "ssh SYSLOG cat /var/log/cyberark/vault.log > cyberark-vault.log",
        },
        Export {
            form: "JSON (the translator for Elastic)",
            command: "ssh SYSLOG cat /var/log/cyberark/vault.json > cyberark-vault.ndjson",
        },
    ],
};

impl Source for CyberarkVault {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Line(line) => forms::is_line(line),
            Body::Json(object) => {
                object.has("format") && object.raw("syslog").is_some_and(|raw| raw.contains("\"audit_record\""))
            }
            Body::Row(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = match record.body {
            Body::Line(line) => Entry::of_line(line),
            Body::Json(object) => Entry::of_json(&object),
            Body::Row(_) | Body::Doc(_) => None,
        };
        let entry = entry.ok_or(Refusal::Unreadable("the record"))?;
        facts.event(entry.time()?);
        let code = entry.code().ok_or(Refusal::Missing("MessageID"))?;
        let action = entry.get("Action").ok_or(Refusal::Missing("Action"))?;
        let message = Message {
            code,
            action,
            safe: entry.get("Safe"),
            object: entry.get("File"),
            target: entry.get("TargetUser"),
            realm: TENANT,
        };
        if let Some(what) = message.set_aside() {
            return Ok(Reading::SetAside(what));
        }
        let issuer = entry.get("Issuer").ok_or(Refusal::Missing("Issuer"))?;
        let by = cyberark_names::user(facts, TENANT, issuer);
        if let Some(address) = entry.get("Station").filter(|text| cyberark_names::is_network(text)) {
            let from = facts.handle(HandleKind::Network, "", address);
            facts.came_from(by, from);
        }
        if let Some(account) = message.account(facts) {
            let property = |name| entry.get(name);
            let (aws, user, key) = (property("AWSAccountID"), property("UserName"), property("AWSAccessKeyID"));
            cyberark_names::aws_key(facts, account, aws, user, key);
        }
        message.write(Actor { by, principal: None, on_behalf_of: None }, facts);
        Ok(Reading::Claimed)
    }
}
