//! How CyberArk writes names and numbers its messages: users, components, safes, accounts. Shared by the CyberArk sources.
//!
//! References: docs.cyberark.com/pam-self-hosted (Vault audit action codes; the audit service numbers the same messages
//! `PAM00295`) and …/components (the users that components log on with). An account is an object in a safe; its name has
//! the folder before it (`Root\`) in some forms and not in others. What a user of the Vault is, a person or a program,
//! no record says: a name that is an address is taken for a person's, as directories write them, and the users of
//! CyberArk's own components are known by their names. Any other user is an account-side name of which nothing is known.

use crate::fact::claim::{Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::aws_names::principal_named;
use crate::source::text::{folded, is_address};

/// The realm of safes, accounts and users that are known by name alone. No record names the Vault.
pub(crate) const CYBERARK: &str = "cyberark";

/// The realm of people where the record does not say which tenant they are in.
pub(crate) const TENANT: &str = "cyberark:";

/// Users of components that act for everybody, by what their names begin with.
const COMPONENTS: &[&str] = &[
    "Auditor",
    "Backup",
    "Batch",
    "DR",
    "NotificationEngine",
    "Operator",
    "PSMApp",
    "PSMGW",
    "PSMPApp",
    "PSMPGW",
    "PTAApp",
    "PVWAApp",
    "PVWAGW",
    "PasswordManager",
    "SharedAuth",
];

/// Users that fetch credentials for programs.
const PROVIDERS: &[&str] = &["AIMWebService", "AppProvider_", "Prov_"];

/// A user by name.
pub(crate) fn user(out: &mut impl Stand, realm: &str, name: &str) -> HandleId {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if is_address(name) {
        return out.handle(HandleKind::Login, realm, &folded(name));
    }
    if begins(PROVIDERS) {
        let provider = out.handle(HandleKind::Agent, CYBERARK, name);
        out.described(provider, Detail::Kind, "credential-provider");
        return provider;
    }
    if begins(COMPONENTS) {
        return out.handle(HandleKind::Service, CYBERARK, name);
    }
    out.handle(HandleKind::PrincipalName, CYBERARK, &format!("user/{name}"))
}

/// An account: a credential that CyberArk keeps, by its safe and object name.
pub(crate) fn account(out: &mut impl Stand, safe: &str, object: &str) -> HandleId {
    let object = object.strip_prefix("Root\\").or_else(|| object.strip_prefix("Root/")).unwrap_or(object);
    let account = out.handle(HandleKind::Key, CYBERARK, &format!("{safe}/{object}"));
    out.described(account, Detail::Kind, "managed-account");
    account
}

/// Whether a station is a network address, not the name of a host or component.
pub(crate) fn is_network(text: &str) -> bool {
    text.contains(['.', ':']) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

/// A safe.
pub(crate) fn safe(out: &mut impl Stand, name: &str) -> HandleId {
    out.handle(HandleKind::Resource, CYBERARK, &format!("safe/{name}"))
}

/// Says that an account is an AWS access key: of which user, and which key it is now.
pub(crate) fn aws_key(
    out: &mut impl Stand,
    account: HandleId,
    aws_account: Option<&str>,
    user: Option<&str>,
    key: Option<&str>,
) {
    let user = aws_account.zip(user).map(|(aws_account, user)| principal_named(out, aws_account, "user", user));
    if let Some(user) = user {
        out.tied(account, Tie::RunsAs, user);
    }
    if let Some(key) = key.filter(|key| key.starts_with("AKIA")) {
        let key = out.handle(HandleKind::Key, "", key);
        out.tied(account, Tie::DependsOn, key);
        if let Some(user) = user {
            out.tied(key, Tie::RunsAs, user);
        }
    }
}

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// A credential was put into a safe, or another one in its place.
    Stores,
    /// The same, by the component that changes passwords.
    Rotates,
    /// A credential was taken out or used.
    Uses,
    DeletesObject,
    AddsMember,
    AddsUser,
    ChangesUser,
    /// It is about a safe.
    Safe,
    /// It failed.
    Fails,
}

/// The messages that tell more than that something was done, by their codes.
const CODES: &[(u32, Effect)] = &[
    (2, Effect::AddsUser),
    (4, Effect::Fails),
    (24, Effect::Rotates),
    (31, Effect::Rotates),
    (32, Effect::AddsMember),
    (33, Effect::AddsMember),
    (38, Effect::Fails),
    (52, Effect::DeletesObject),
    (57, Effect::Fails),
    (60, Effect::Fails),
    (88, Effect::Stores),
    (180, Effect::AddsUser),
    (181, Effect::Safe),
    (182, Effect::ChangesUser),
    (185, Effect::Safe),
    (294, Effect::Stores),
    (295, Effect::Uses),
    (300, Effect::Uses),
    (308, Effect::Uses),
    (309, Effect::Fails),
    (427, Effect::Stores),
    (428, Effect::Uses),
];

/// Messages that tell nothing about ownership: connections through a gateway, and what was typed and seen in a session.
const SET_ASIDE: &[(u32, &str)] = &[
    (19, "gateway connection"),
    (20, "gateway connection"),
    (304, "session recording"),
    (359, "session recording"),
    (361, "session recording"),
    (411, "session recording"),
    (412, "session recording"),
];

/// What a message is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message<'a> {
    pub(crate) code: u32,
    /// What was done, in words: `Retrieve password`.
    pub(crate) action: &'a str,
    pub(crate) safe: Option<&'a str>,
    pub(crate) object: Option<&'a str>,
    /// The user or group that it was done to.
    pub(crate) target: Option<&'a str>,
    /// The realm of users.
    pub(crate) realm: &'a str,
}

impl Message<'_> {
    /// The name under which a message is set aside, if it is.
    pub(crate) fn set_aside(&self) -> Option<&'static str> {
        SET_ASIDE.iter().find(|(code, _)| *code == self.code).map(|(_, what)| *what)
    }

    fn effect(&self) -> Option<Effect> {
        CODES.iter().find(|(code, _)| *code == self.code).map(|(_, effect)| *effect)
    }

    /// The account that it is about, where it names one in full.
    pub(crate) fn account(&self, out: &mut impl Stand) -> Option<HandleId> {
        let about =
            matches!(self.effect(), Some(Effect::Stores | Effect::Rotates | Effect::Uses | Effect::DeletesObject));
        let (safe, object) = self.safe.zip(self.object).filter(|_| about)?;
        Some(account(out, safe, object))
    }

    /// Writes what the message claims, and the act itself.
    pub(crate) fn write(&self, actor: Actor, facts: &mut FactWriter) {
        let account = self.account(facts);
        let target = self.target.map(|name| user(facts, self.realm, name));
        let safe = self.safe.map(|name| safe(facts, name));
        let by = actor.by;
        match self.effect() {
            Some(Effect::Stores) => {
                if let Some(account) = account {
                    facts.made(by, Making::Updated, account);
                }
            }
            Some(Effect::Rotates) => {
                if let Some(account) = account {
                    facts.made(by, Making::Issued, account);
                }
            }
            Some(Effect::DeletesObject) => {
                if let Some(account) = account {
                    facts.ended(account, Ending::Deleted, Some(by));
                }
            }
            Some(Effect::AddsMember) => {
                if let (Some(target), Some(safe)) = (target, safe) {
                    facts.granted(Some(by), target, safe);
                }
            }
            Some(Effect::AddsUser) => {
                if let Some(target) = target {
                    facts.made(by, Making::Created, target);
                }
            }
            Some(Effect::ChangesUser) => {
                if let Some(target) = target {
                    facts.made(by, Making::Updated, target);
                }
            }
            Some(Effect::Uses | Effect::Safe | Effect::Fails) => {}
            None if self.action == "Delete User" => {
                if let Some(target) = target {
                    facts.ended(target, Ending::Deleted, Some(by));
                }
            }
            None => {}
        }
        let on = account.or(safe).or(target);
        let failed = self.effect() == Some(Effect::Fails) || self.action.starts_with("Failure");
        let outcome = if failed { Outcome::Failed } else { Outcome::Succeeded };
        facts.did(actor, &format!("cyberark:{}", self.action), on, outcome);
    }
}
