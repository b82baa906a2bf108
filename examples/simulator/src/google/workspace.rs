//! Google Workspace: activities as the Reports API lists them.

use serde_json::{Value, json};

use super::{Google, profile};
use crate::clock::{DAY, HOUR, iso_millis};
use crate::dice::{Dice, derived};

pub(super) const CUSTOMER: &str = "C0example1";
/// What keeps the directory in step with personnel.
const PROVISIONING: &str = "directory-sync@example.com";

/// The client id of a vendor's app.
pub(super) fn client(name: &str) -> String {
    let mut dice = derived(name, 53);
    let (number, word) = (dice.word(12, b"123456789"), dice.word(32, b"abcdefghijklmnopqrstuvwxyz0123456789"));
    format!("{number}-{word}.apps.googleusercontent.com")
}

impl Google<'_> {
    fn activity(&mut self, application: &'static str, actor: Value, ip: &str, at: i64, event: Value) {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        let unique = dice.between(i64::MIN / 2, i64::MAX / 2).to_string();
        let id = json!({"time": iso_millis(at, dice.below(1000)), "uniqueQualifier": unique,
                        "applicationName": application, "customerId": CUSTOMER});
        let etag = format!("\"{}\"", dice.word(40, crate::dice::ALNUM));
        let item = json!({"kind": "admin#reports#activity", "id": id, "etag": etag, "actor": actor,
                          "ipAddress": ip, "events": [event]});
        self.activities.push((at, application, item));
    }

    /// A user lets an app act for them.
    pub(super) fn authorize(&mut self, person: usize, name: &str, client: &str, at: i64) {
        let it = &self.people.all[person];
        let account = it.account(at);
        let (ip, mail, profile) = (it.ip.clone(), account.mail.clone(), profile(account));
        let scopes = ["https://www.googleapis.com/auth/gmail.readonly", "openid"];
        let event = json!({
            "type": "auth", "name": "authorize",
            "parameters": [
                {"name": "client_id", "value": client}, {"name": "app_name", "value": name},
                {"name": "client_type", "value": "WEB"},
                {"name": "scope_data", "multiMessageValue": [
                    {"parameter": [{"name": "scope_name", "value": scopes[0]},
                                   {"name": "product_bucket", "multiValue": ["GMAIL"]}]}]},
                {"name": "scope", "multiValue": scopes}
            ]
        });
        let actor = json!({"callerType": "USER", "email": mail, "profileId": profile});
        self.activity("token", actor, &ip, at, event);
    }

    /// Suspended when somebody is away or leaves, deleted a month after leaving.
    pub(super) fn lives(&mut self) {
        let people = self.people;
        for person in &people.all {
            for account in &person.accounts {
                let mut tell = |name: &str, at: i64| {
                    let event = json!({"type": "USER_SETTINGS", "name": name,
                                       "parameters": [{"name": "USER_EMAIL", "value": account.mail}]});
                    let actor =
                        json!({"callerType": "USER", "email": PROVISIONING, "profileId": "100000000000000000001"});
                    self.activity("admin", actor, "192.0.2.31", at, event);
                };
                tell("CREATE_USER", account.from);
                if let Some(at) = account.closed() {
                    tell("SUSPEND_USER", at + HOUR);
                    tell("DELETE_USER", at + 30 * DAY);
                }
                if let Some((from, to)) = person.away {
                    tell("SUSPEND_USER", from + HOUR);
                    if let Some(at) = to {
                        tell("UNSUSPEND_USER", at);
                    }
                }
            }
        }
    }
}
