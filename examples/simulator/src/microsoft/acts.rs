//! What people and apps do in stories: signing in, calling the control plane, changing the directory.

use super::azure_log::{self, Caller, Operation};
use super::entra_log::{self, Audit, By, Known, PrincipalSignIn, Proof, Target, UserSignIn};
use super::{App, Microsoft, SUBSCRIPTIONS, laptop, user_id};
use crate::dice::Dice;
use crate::people::{Account, Person};
use crate::world::Repo;

impl Microsoft<'_> {
    pub(super) fn person(&self, person: usize, at: i64) -> (&Person, &Account) {
        let it = &self.people.all[person];
        (it, it.account(at))
    }

    /// A person gets a token for a service with one of the vendor's own tools.
    pub(super) fn sign_in(&mut self, person: usize, tool: Known, resource: Known, at: i64) -> String {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let token = entra_log::token(&mut dice);
        let (it, account) = self.person(person, at);
        let (user, upn, name, host) = (user_id(account), account.login.to_lowercase(), it.display(), laptop(it));
        let ip = it.ip.clone();
        let mut sign = UserSignIn {
            user: &user,
            upn: &upn,
            name: &name,
            ip: &ip,
            app: (tool.id, tool.name),
            resource,
            token: &token,
            device: Some(&host),
            interactive: false,
            failed: false,
        };
        let (log, line) = entra_log::user_sign_in(&sign, at, &mut dice);
        self.entra.put(log, at, line);
        if dice.chance(400) {
            let (earlier, other) = (at - dice.between(60, 3000), entra_log::token(&mut dice));
            (sign.interactive, sign.token) = (true, &other);
            let (log, line) = entra_log::user_sign_in(&sign, earlier, &mut dice);
            self.entra.put(log, earlier, line);
        }
        token
    }

    /// A person at the control plane.
    pub(super) fn user_caller(&mut self, person: usize, at: i64) -> Caller {
        let tool = if self.cast.dice.chance(600) { entra_log::CLI } else { entra_log::PORTAL };
        let token = self.sign_in(person, tool, entra_log::ARM, at - 20);
        let (it, account) = self.person(person, at);
        Caller {
            object: user_id(account),
            user: Some((account.login.clone(), it.given.to_owned(), it.family.to_owned())),
            app: tool.id.to_owned(),
            token,
            ip: it.ip.clone(),
            resource: None,
            role: "Azure AI Owner",
        }
    }

    /// An app at the control plane.
    pub(super) fn app_caller(&mut self, app: usize, proof: Proof<'_>, ip: &str, at: i64) -> Caller {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let token = entra_log::token(&mut dice);
        let it = &self.apps[app];
        let sign = PrincipalSignIn {
            object: &it.principal,
            app: &it.app,
            name: &it.name,
            ip,
            resource: entra_log::ARM,
            token: &token,
            proof,
        };
        let (log, line) = entra_log::principal_sign_in(&sign, at - 3, &mut dice);
        self.entra.put(log, at - 3, line);
        let it = &self.apps[app];
        Caller {
            object: it.principal.clone(),
            user: None,
            app: it.app.clone(),
            token,
            ip: ip.to_owned(),
            resource: None,
            role: "Azure AI Developer",
        }
    }

    /// A call of the control plane, with its two records.
    pub(super) fn operate(&mut self, caller: &Caller, operation: &Operation<'_>, at: i64) {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let subscription = operation.resource.split('/').nth(2).unwrap_or_default();
        let log = SUBSCRIPTIONS.iter().position(|id| *id == subscription).unwrap_or_default();
        for (at, line) in azure_log::operation(caller, operation, at, &mut dice) {
            self.azure.put(log, at, line);
        }
    }

    pub(super) fn write(&mut self, caller: &Caller, resource: &str, created: bool, at: i64) {
        let kind = resource.split("/providers/").last().unwrap_or_default();
        let mut parts = kind.split('/');
        let mut action = parts.next().unwrap_or_default().to_owned();
        for part in parts.step_by(2) {
            action.push('/');
            action.push_str(part);
        }
        action.push_str("/write");
        let code = if created { "Created" } else { "OK" };
        self.operate(caller, &Operation { action: &action, resource, code, request: None }, at);
    }

    /// An audit by a person.
    pub(super) fn audit(&mut self, person: usize, activity: &str, targets: Vec<Target<'_>>, at: i64) {
        let correlation = self.cast.dice.uuid().to_string();
        self.audit_of(person, activity, targets, &[], &correlation, at);
    }

    pub(super) fn audit_of(
        &mut self,
        person: usize,
        activity: &str,
        targets: Vec<Target<'_>>,
        details: &[(&str, &str)],
        correlation: &str,
        at: i64,
    ) {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let (it, account) = self.person(person, at);
        let (user, upn, ip) = (user_id(account), account.login.clone(), it.ip.clone());
        let by = By::User(&user, &upn, &ip);
        let category = "ApplicationManagement";
        let audit = Audit { activity, category, by, targets, details: details.to_vec(), correlation };
        let (log, line) = entra_log::audit(&audit, at, &mut dice);
        self.entra.put(log, at, line);
    }

    /// An audit by one of the vendor's services.
    pub(super) fn audit_by_service(&mut self, service: &str, activity: &str, targets: Vec<Target<'_>>, at: i64) {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let correlation = dice.uuid().to_string();
        let principal = crate::dice::derived(service, 44).uuid().to_string();
        let by = By::App(Some(&principal), service);
        let category = if activity.contains("user") || activity.contains("account") {
            "UserManagement"
        } else {
            "ApplicationManagement"
        };
        let audit = Audit { activity, category, by, targets, details: Vec::new(), correlation: &correlation };
        let (log, line) = entra_log::audit(&audit, at, &mut dice);
        self.entra.put(log, at, line);
    }

    /// A person registers an app of the company's own.
    pub(super) fn register(&mut self, name: &str, by: usize, at: i64) -> usize {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let app = App {
            name: name.to_owned(),
            app: dice.uuid().to_string(),
            object: Some(dice.uuid().to_string()),
            principal: dice.uuid().to_string(),
            made: at,
            owners: Vec::new(),
            secrets: Vec::new(),
            federated: Vec::new(),
            grants: Vec::new(),
            for_all: false,
            works: None,
        };
        let object = app.object.clone().unwrap_or_default();
        let target = Target::new("Application", &object, name).change("AppId", &app.app).change("DisplayName", name);
        self.audit(by, "Add application", vec![target], at);
        let target = Target::new("ServicePrincipal", &app.principal, name).change("AppPrincipalId", &app.app);
        self.audit(by, "Add service principal", vec![target], at + 1);
        self.apps.push(app);
        self.apps.len() - 1
    }

    /// Somebody makes another person the owner of an app.
    pub(super) fn give(&mut self, app: usize, to: usize, by: usize, at: i64) {
        let it = self.apps[app].clone();
        let account = self.people.all[to].account(at).clone();
        let user = user_id(&account);
        let target = Target::user(&user, &account.login);
        match &it.object {
            Some(object) => {
                let target = target.change("Application.ObjectID", object);
                let target = target.change("Application.DisplayName", &it.name).change("Application.AppId", &it.app);
                self.audit(by, "Add owner to application", vec![target], at);
            }
            None => {
                let target = target.change("ServicePrincipal.ObjectID", &it.principal);
                let target = target.change("ServicePrincipal.DisplayName", &it.name);
                let target = target.change("ServicePrincipal.AppId", &it.app);
                self.audit(by, "Add owner to service principal", vec![target], at);
            }
        }
        self.apps[app].owners.push(to);
    }

    /// Somebody gives an app another secret. The old one is dropped where it is a rotation.
    pub(super) fn add_secret(&mut self, app: usize, by: usize, at: i64) -> String {
        let key = self.cast.dice.uuid().to_string();
        let it = &self.apps[app];
        let shown = |keys: &[(String, i64)]| {
            let shown: Vec<String> = keys.iter().map(|(key, _)| described(key)).collect();
            format!("[{}]", shown.join(","))
        };
        let before = shown(&it.secrets);
        let mut secrets = it.secrets.clone();
        secrets.push((key.clone(), at));
        let after = shown(&secrets);
        let (object, name) = (it.object.clone().unwrap_or_default(), it.name.clone());
        let mut target = Target::new("Application", &object, &name);
        target.changes.push(("KeyDescription", Some(before), Some(after)));
        // The real name has this dash and a space at its end.
        self.audit(by, "Update application – Certificates and secrets management ", vec![target], at);
        self.apps[app].secrets = secrets;
        key
    }

    /// A repository, beside those that deploy to AWS.
    pub(super) fn repo(&mut self, name: &str) -> Repo {
        self.repos += 1;
        Repo {
            name: format!("example-org/az-{name}"),
            id: 710_000 + self.repos,
            workflow: 6_000 + self.repos,
            ids_in_subject: false,
            run_in_session: false,
        }
    }
}

fn described(key: &str) -> String {
    entra_log::quote(&format!("[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName=ci]"))
}
