//! Joining, moving, pausing and leaving, as the provisioning from personnel to Entra writes it down.

use super::entra_log::{Target, quote};
use super::{Microsoft, user_id};
use crate::clock::{DAY, HOUR};

/// What keeps the directory in step with personnel.
const PROVISIONING: &str = "HR to Entra ID User Provisioning";

impl Microsoft<'_> {
    pub(super) fn lives(&mut self) {
        let people = self.people;
        for person in &people.all {
            for account in &person.accounts {
                let (id, upn) = (user_id(account), account.login.as_str());
                let mut tell = |activity: &str, enabled: Option<bool>, at: i64| {
                    let mut target = Target::user(&id, upn);
                    if let Some(enabled) = enabled {
                        let value = |enabled: bool| Some(format!("[{enabled}]"));
                        target.changes.push(("AccountEnabled", value(!enabled), value(enabled)));
                        target.changes.push(("Included Updated Properties", None, Some(quote("AccountEnabled"))));
                    }
                    self.audit_by_service(PROVISIONING, activity, vec![target], at);
                };
                tell("Add user", None, account.from);
                if let Some(at) = account.closed() {
                    tell("Disable account", Some(false), at + HOUR / 2);
                    tell("Delete user", None, at + 30 * DAY);
                }
                if let Some((from, to)) = person.away {
                    tell("Disable account", Some(false), from + HOUR / 2);
                    if let Some(at) = to {
                        tell("Enable account", Some(true), at);
                    }
                }
            }
            if let Some((at, team)) = person.moved {
                let account = person.account(at);
                let (id, quoted) = (user_id(account), |team: usize| format!("[{}]", quote(&people.teams[team].name)));
                let mut target = Target::user(&id, &account.login);
                target.changes.push(("Department", Some(quoted(person.team)), Some(quoted(team))));
                target.changes.push(("Included Updated Properties", None, Some(quote("Department"))));
                self.audit_by_service(PROVISIONING, "Update user", vec![target], at + HOUR / 3);
            }
        }
    }
}
