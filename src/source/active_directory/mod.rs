//! Active Directory: users, their managers, and managed service accounts, as directory tools export them.
//!
//! References: learn.microsoft.com/openspecs/windows_protocols/ms-ada1 (attributes), RFC 2849 (LDIF),
//! learn.microsoft.com/powershell/module/activedirectory/get-aduser and …/get-adserviceaccount. Relied on: `objectSid` or
//! `objectGUID`, `objectClass`, the distinguished name; used where present: `sAMAccountName`, `userPrincipalName`, `mail`,
//! `proxyAddresses`, `displayName`, `department`, `manager`, `managedBy`, `employeeID`, `employeeType`,
//! `userAccountControl` or `Enabled`, `accountExpires`, `whenCreated`, `whenChanged`, `servicePrincipalName`.
//!
//! Quirks. Managers and owners are written as distinguished names, which change when somebody is moved; they are resolved
//! within the export. LDIF and csvde write ids as bytes, PowerShell as text. PowerShell writes the name of a class where a
//! table has no room for several values. `whenChanged` is only a bound for when an account was disabled. An export holds
//! one domain, and mostly not all of it. Passwords of managed accounts are never read.

mod attributes;
mod ldif;
mod values;

use super::ad_names::{self, AD};
use super::text::{folded, is_address};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::{Instant, When};
use crate::bundle::record::Record;
use crate::fact::claim::{Declaring, Detail, Ending, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use attributes::Attributes;

/// Reads exports of Active Directory.
pub struct ActiveDirectory;

static CARD: Card = Card {
    name: "active_directory",
    title: "Active Directory",
    tells: "who is there, away or deleted, in which department, under which manager; who looks after managed service accounts",
    reference: "https://learn.microsoft.com/openspecs/windows_protocols/ms-ada1/",
    recognised_by: "LDIF, or tables and JSON with a distinguished name and sAMAccountName, objectClass or a security id",
    exports: &[
        Export {
            form: "users (PowerShell, JSON)",
            command: "Get-ADUser -Filter * -Properties mail,proxyAddresses,displayName,manager,department,employeeID,employeeType,userAccountControl,accountExpires,whenCreated,whenChanged,servicePrincipalName | ConvertTo-Json -Depth 4 | Out-File ad-users.json -Encoding utf8",
        },
        Export {
            form: "users (PowerShell, CSV)",
            command: "Get-ADUser -Filter * -Properties mail,displayName,manager,department,employeeID,userAccountControl,whenCreated,whenChanged | Export-Csv ad-users.csv -NoTypeInformation -Encoding utf8",
        },
        Export {
            form: "managed service accounts (PowerShell, JSON)",
            command: "Get-ADServiceAccount -Filter * -Properties ServicePrincipalNames,managedBy,whenCreated,whenChanged | ConvertTo-Json -Depth 4 | Out-File ad-service-accounts.json -Encoding utf8",
        },
        Export {
            form: "LDIF",
            command: "ldifde -f ad.ldf -r \"(|(objectCategory=person)(objectClass=msDS-GroupManagedServiceAccount))\" -l objectClass,objectGUID,objectSid,sAMAccountName,userPrincipalName,mail,proxyAddresses,displayName,manager,managedBy,department,employeeID,userAccountControl,accountExpires,whenCreated,whenChanged,servicePrincipalName",
        },
        Export {
            form: "CSV of csvde",
            command: "csvde -u -f ad.csv -r \"(objectCategory=person)\" -l objectClass,objectGUID,objectSid,sAMAccountName,userPrincipalName,mail,displayName,manager,department,employeeID,userAccountControl,accountExpires,whenCreated,whenChanged",
        },
    ],
};

/// The realm of object ids.
const OBJECTS: &str = "ad-object";

/// The realm of distinguished names.
const NAMES: &str = "ad-dn";

/// The kind of a service account whose password the directory keeps.
const MANAGED: &str = "ad-managed-service-account";

/// Classes of managed service accounts, in small letters.
const MANAGED_CLASSES: &[&str] =
    &["msds-groupmanagedserviceaccount", "msds-managedserviceaccount", "msds-delegatedmanagedserviceaccount"];

impl Source for ActiveDirectory {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if attributes::is_entry(&shape.body) { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = Attributes::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        let dn = entry.get("distinguishedName").ok_or(Refusal::Missing("distinguishedName"))?;
        let domain = ad_names::domain(dn);
        facts.account(domain.as_deref());
        let changed = entry.get("whenChanged").and_then(values::time);
        let seen = record.taken.or(changed);
        facts.snapshot(seen);
        let scene = Scene { entry: &entry, dn, domain: domain.as_deref().unwrap_or_default(), seen };
        let is = |class: &str| entry.all("objectClass").any(|own| own.eq_ignore_ascii_case(class));
        match () {
            () if MANAGED_CLASSES.iter().any(|class| is(class)) => scene.managed(facts),
            () if is("computer") || is("group") || is("organizationalUnit") || is("contact") => {
                Ok(Reading::SetAside("an object that is no account of a person or service"))
            }
            () => scene.user(facts),
        }
    }
}

/// One entry of the directory.
struct Scene<'e> {
    entry: &'e Attributes<'e>,
    dn: &'e str,
    domain: &'e str,
    seen: Option<Instant>,
}

impl Scene<'_> {
    /// A handle for an account under every name that is lasting: the security id, else the object id.
    fn account(&self, kind: HandleKind, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
        let sid = self.entry.get("objectSid").filter(|sid| ad_names::is_sid(sid));
        let sid = sid.map(|sid| facts.handle(kind, AD, sid));
        let object = self.entry.get("objectGUID").map(|id| facts.handle(kind, OBJECTS, &folded(id)));
        if let (Some(sid), Some(object), HandleKind::UserId) = (sid, object, kind) {
            facts.tied(sid, Tie::SamePerson, object);
        }
        let who = sid.or(object).ok_or(Refusal::Missing("objectSid"))?;
        let dn = name_of(facts, self.dn);
        facts.tied(who, Tie::Named, dn);
        if let Some(name) = self.entry.get("sAMAccountName") {
            let login = facts.handle(HandleKind::Login, &format!("{AD}:{}", self.domain), &folded(name));
            facts.tied(who, Tie::Named, login);
        }
        if let Some(born) = self.entry.get("whenCreated").and_then(values::time) {
            facts.described(who, Detail::Born, &born.to_string());
        }
        Ok(who)
    }

    fn user(&self, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let entry = self.entry;
        let who = self.account(HandleKind::UserId, facts)?;
        for name in
            [entry.get("userPrincipalName"), entry.get("mail")].into_iter().flatten().filter(|name| is_address(name))
        {
            let mail = entry.get("mail").is_some_and(|mail| mail.eq_ignore_ascii_case(name));
            let (kind, realm) = if mail { (HandleKind::Email, "") } else { (HandleKind::Login, AD) };
            let name = facts.handle(kind, realm, &folded(name));
            facts.tied(who, Tie::Named, name);
        }
        facts.described(who, Detail::DisplayName, entry.get("displayName").or(entry.get("name")).unwrap_or_default());
        facts.described(who, Detail::UserType, entry.get("employeeType").unwrap_or_default());
        if let Some(number) = entry.get("employeeID").or(entry.get("employeeNumber")) {
            let number = facts.handle(HandleKind::EmployeeId, AD, number);
            facts.tied(who, Tie::Named, number);
        }
        if let Some(department) = entry.get("department") {
            let team = facts.handle(HandleKind::Team, "", department);
            facts.tied(who, Tie::MemberOf, team);
        }
        if let Some(manager) = entry.get("manager") {
            let manager = name_of(facts, manager);
            facts.tied(who, Tie::ReportsTo, manager);
        }
        if entry.get("servicePrincipalName").is_some() && entry.get("mail").is_none() {
            self.service(who, facts);
        }
        self.state(who, facts);
        Ok(Reading::Claimed)
    }

    /// A user that services log on as, by the names of the services. Who looks after it stands as its manager, or as the
    /// object's. Wrong for a person who was given the name of a service, and has no mail.
    fn service(&self, who: HandleId, facts: &mut FactWriter) {
        facts.described(who, Detail::Machine, "service principal name");
        self.owners(who, &["managedBy", "manager"], facts);
    }

    /// A service account whose password the directory keeps: it acts by itself, on the hosts that may fetch it.
    fn managed(&self, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let who = self.account(HandleKind::PrincipalId, facts)?;
        facts.described(who, Detail::Kind, MANAGED);
        facts.described(who, Detail::DisplayName, self.entry.get("sAMAccountName").unwrap_or_default());
        self.owners(who, &["managedBy"], facts);
        if self.is_deleted() {
            facts.ended(who, Ending::Deleted, None);
        }
        Ok(Reading::Claimed)
    }

    fn owners(&self, owned: HandleId, fields: &[&str], facts: &mut FactWriter) {
        for owner in fields.iter().filter_map(|field| self.entry.get(field)) {
            let owner = name_of(facts, owner);
            facts.declared(owner, owned, Declaring::OwnerField, None);
        }
    }

    fn is_deleted(&self) -> bool {
        let marked = self.entry.get("isDeleted").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        marked || self.dn.contains("\\0ADEL:")
    }

    /// Whether the user is there. Switched off, or with a day of expiry that has passed, somebody is away; that they are
    /// gone is said by a deletion.
    fn state(&self, who: HandleId, facts: &mut FactWriter) {
        if self.is_deleted() {
            return facts.ended(who, Ending::Deleted, None);
        }
        let expires = self.entry.get("accountExpires").and_then(values::filetime);
        let expired = expires.filter(|at| self.seen.is_some_and(|seen| *at <= seen));
        match (self.is_enabled(), expired) {
            (Some(false), _) => facts.described(who, Detail::Status, "unavailable"),
            (_, Some(at)) => {
                facts.dated(When::at(at));
                facts.described(who, Detail::Status, "unavailable");
            }
            (Some(true), None) => facts.described(who, Detail::Status, "active"),
            (None, None) => {}
        }
    }

    fn is_enabled(&self) -> Option<bool> {
        const ACCOUNTDISABLE: u32 = 2;
        let flag = self.entry.get("Enabled").and_then(|flag| flag.to_ascii_lowercase().parse::<bool>().ok());
        let bits = self.entry.get("userAccountControl").and_then(|bits| bits.parse::<u32>().ok());
        flag.or(bits.map(|bits| bits & ACCOUNTDISABLE == 0))
    }
}

/// The object of a distinguished name, which may be moved, and the name given again.
fn name_of(facts: &mut FactWriter, dn: &str) -> HandleId {
    facts.handle(HandleKind::Login, NAMES, &dn.trim().to_lowercase())
}
