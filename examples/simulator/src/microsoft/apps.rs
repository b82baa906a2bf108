//! Apps of the company's own, and apps of vendors that people let act for them.

use super::entra_log::{GRAPH, Target};
use super::{App, Microsoft, user_id};
use crate::clock::{DAY, END, HOUR, MINUTE};
use crate::thing::Thing;

/// Vendors' apps that do not exist.
const VENDORS: [&str; 12] = [
    "NotesPilot AI",
    "Inbox Otter",
    "Minutes by Magpie",
    "SlideSmith",
    "Scribe Finch",
    "Calendar Heron",
    "Draftwell",
    "Quill Copilot",
    "Deskmate AI",
    "Recap Robin",
    "Threadwise",
    "Plan Puffin",
];
const SCOPES: [&str; 4] =
    ["Mail.Read offline_access", "Calendars.Read User.Read", "Files.Read.All offline_access", "Chat.Read User.Read"];

impl Microsoft<'_> {
    /// An automation: the platform registers the app, the owner gets it, adds its secret and rotates it.
    pub(super) fn app_with_secret(&mut self) {
        let at = self.cast.between(2, 88);
        let owner = self.cast.builder(self.people, at);
        let engineer = self.cast.engineer(self.people);
        let name = format!("svc-{}", self.cast.fresh_name());
        let app = self.register(&name, engineer, at);
        let given = at + self.cast.dice.between(5 * MINUTE, 2 * HOUR);
        self.give(app, owner, engineer, given);
        let issued = self.cast.moment(given + 10 * MINUTE, given + 3 * DAY).max(given + 10 * MINUTE);
        self.add_secret(app, owner, issued);
        let ip = format!("198.51.100.{}", self.cast.dice.between(2, 30));
        self.apps[app].works = Some((issued + HOUR, ip));
        let it = &self.apps[app];
        let mut thing = Thing::new("entra-app", "entra-app-secret", it.principal.clone(), name.clone(), issued);
        thing.aliases = vec![it.app.clone(), it.object.clone().unwrap_or_default()];
        let mut thing = thing.owned(owner);
        let engineer_upn = self.people.all[engineer].account(at).login.clone();
        thing.made(at, &engineer_upn, Some(engineer));
        thing.changed(issued, Some(owner));
        thing.decoy(engineer, "registered-the-app");
        for at in self.cast.days(self.people, owner, 2, (issued, END)) {
            self.add_secret(app, owner, at);
            thing.changed(at, Some(owner));
            thing.kept(at);
        }
        self.things.push(thing);
    }

    /// A vendor's app, in the tenant since somebody first consented.
    fn vendor(&mut self, name: &str, at: i64) -> usize {
        if let Some(known) = self.apps.iter().position(|app| app.object.is_none() && app.name == name) {
            return known;
        }
        let mut dice = crate::dice::derived(name, 46);
        self.apps.push(App {
            name: name.to_owned(),
            app: dice.uuid().to_string(),
            object: None,
            principal: dice.uuid().to_string(),
            made: at,
            owners: Vec::new(),
            secrets: Vec::new(),
            federated: Vec::new(),
            grants: Vec::new(),
            for_all: false,
            works: None,
        });
        self.apps.len() - 1
    }

    /// Somebody lets a vendor's app read their own mail.
    pub(super) fn user_grant(&mut self) {
        let at = self.cast.between(2, 95);
        let user = self.cast.builder(self.people, at);
        let name = *self.cast.dice.pick(&VENDORS);
        let app = self.vendor(name, at);
        if self.apps[app].grants.iter().any(|(known, _)| *known == user) {
            return;
        }
        let is_new = self.apps[app].grants.is_empty() && self.apps[app].made == at;
        let oid = user_id(self.people.all[user].account(at));
        self.consent(app, user, Some(&oid), is_new, at);
        self.apps[app].grants.push((user, oid.clone()));
        let id = format!("grant:{}/{oid}", self.apps[app].principal);
        let mut thing = Thing::new("oauth-grant", "entra-user-grant", id, name.to_owned(), at).owned(user);
        let upn = self.people.all[user].account(at).login.clone();
        thing.made(at, &upn, Some(user));
        self.things.push(thing);
    }

    /// An administrator lets a vendor's app act for everybody. For some, a business owner is written down.
    pub(super) fn consented_for_all(&mut self, owned: bool) {
        let at = self.cast.between(4, 92);
        let admin = self.cast.engineer(self.people);
        let name = format!("{} for {}", self.cast.dice.pick(&VENDORS), self.cast.fresh_name());
        let app = self.vendor(&name, at);
        self.consent(app, admin, None, true, at);
        self.apps[app].for_all = true;
        let path = if owned { "entra-owned-saas" } else { "entra-admin-consent" };
        let it = &self.apps[app];
        let mut thing = Thing::new("entra-app", path, it.principal.clone(), name, at).alias(&it.app);
        let upn = self.people.all[admin].account(at).login.clone();
        thing.made(at, &upn, Some(admin));
        thing.decoy(admin, "consented-for-all");
        if owned {
            let owner = self.cast.builder(self.people, at);
            let given = at + self.cast.dice.between(MINUTE, 2 * DAY);
            self.give(app, owner, admin, given);
            thing.owner = Some(owner);
            thing.decoys.retain(|decoy| decoy.person != owner);
            thing.kept(given);
        }
        self.things.push(thing);
    }

    /// One click, several audits under one correlation id.
    fn consent(&mut self, app: usize, by: usize, user: Option<&str>, is_new: bool, at: i64) {
        let correlation = self.cast.dice.uuid().to_string();
        let scope = *self.cast.dice.pick(&SCOPES);
        let it = self.apps[app].clone();
        let api = crate::dice::derived(GRAPH.id, 3).uuid().to_string();
        let details = [("User-Agent", "EvoSTS"), ("AppId", it.app.as_str())];
        if is_new {
            let target = Target::new("ServicePrincipal", &it.principal, &it.name).change("AppPrincipalId", &it.app);
            self.audit_of(by, "Add service principal", vec![target], &details, &correlation, at);
        }
        let kind = if user.is_some() { "Principal" } else { "AllPrincipals" };
        let target = Target::new("ServicePrincipal", &api, GRAPH.name)
            .change("DelegatedPermissionGrant.Scope", &format!(" {scope}"))
            .change("DelegatedPermissionGrant.ConsentType", kind)
            .change("ServicePrincipal.ObjectID", &it.principal)
            .change("ServicePrincipal.DisplayName", &it.name)
            .change("ServicePrincipal.AppId", &it.app);
        let client = Target::new("ServicePrincipal", &it.principal, &it.name);
        self.audit_of(by, "Add delegated permission grant", vec![target, client], &details, &correlation, at + 1);
        let permissions = format!(
            "[] => [[Id: {}, ClientId: {}, PrincipalId: {}, ResourceId: {api}, ConsentType: {kind}, Scope: {scope}, \
             CreatedDateTime: , LastModifiedDateTime ]]; ",
            self.cast.dice.word(43, crate::dice::ALNUM),
            it.principal,
            user.unwrap_or_default(),
        );
        let all = if user.is_some() { "False" } else { "True" };
        let target = Target::new("ServicePrincipal", &it.principal, &it.name)
            .change("ConsentContext.IsAdminConsent", all)
            .change("ConsentContext.IsAppOnly", "False")
            .change("ConsentContext.OnBehalfOfAll", all)
            .change("ConsentContext.Tags", "WindowsAzureActiveDirectoryIntegratedApp")
            .change("ConsentAction.Permissions", &permissions)
            .change("TargetId.ServicePrincipalNames", &it.app);
        self.audit_of(by, "Consent to application", vec![target], &details, &correlation, at + 1);
    }
}
