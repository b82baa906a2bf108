//! The setup audit trail: what administrators did to users, apps and agents.
//!
//! The trail names its subject in a sentence (`Display`), in the language of whoever exported it. Only an id within it
//! (`(UserID: [0055j000000utlP])`) is taken for what it names; a name alone, which several may have, is not.

use super::NAME;
use crate::fact::claim::{Detail, Making, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};
use crate::source::salesforce_fields::Fields;
use crate::source::salesforce_names::{self, ORG, User, id};
use crate::source::{Reading, Refusal};

/// What an action says of the state of the user whose id the sentence has.
///
/// Users are mostly made and ended by a directory that the company keeps elsewhere: that one is deactivated here says less
/// of the person than that directory does.
const STATES: &[(&str, &str)] = &[
    ("CSPUserDisabled", "disabled"),
    ("PRMUserDisabled", "disabled"),
    ("activateduser", "enabled"),
    ("createdcustomersuccessuser", "enabled"),
    ("createdpartneruser", "enabled"),
    ("createduser", "enabled"),
    ("deactivateduser", "disabled"),
    ("frozeuser", "disabled"),
    ("unfrozeuser", "enabled"),
];

/// Reads an entry of the trail.
pub(super) fn trail(fields: &Fields<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let action = fields.get("Action").ok_or(Refusal::Missing("Action"))?;
    let when = fields.get("CreatedDate").ok_or(Refusal::Missing("CreatedDate"))?;
    facts.event(fields.time("CreatedDate").ok_or(Refusal::Unreadable("CreatedDate"))?);
    if let Some(id) = fields.get("Id") {
        facts.named(NAME, &id, &[&action, &when], Form::Full);
    }
    let Some(actor) = actor(fields, facts) else { return Ok(Reading::SetAside("without a user")) };
    let sentence = fields.get("Display").unwrap_or_default();
    let on = match action.as_ref() {
        "insertApplication" => made(&sentence, actor, facts),
        "insertConnectedApplication" => installed(&sentence, actor, facts),
        _ => concerned(&sentence, facts),
    };
    if let (Some(user), Some((_, state))) = (on, STATES.iter().find(|(name, _)| *name == action)) {
        facts.described(user, Detail::AccountState, state);
    }
    facts.did(actor, &format!("salesforce:setup.{action}"), on, Outcome::Succeeded);
    Ok(Reading::Claimed)
}

/// Who acted. Where an administrator had signed in as the user, the trail says who the administrator was: then the user is
/// the one in whose name it was done.
fn actor(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<Actor> {
    let (by_id, username) = (fields.get("CreatedById"), fields.get("CreatedBy.Username"));
    let known = User { id: by_id.as_deref(), username: username.as_deref(), ..User::default() };
    let user = salesforce_names::user(facts, ORG, known);
    let delegate = fields.get("DelegateUser");
    let known = User { username: delegate.as_deref(), ..User::default() };
    match salesforce_names::user(facts, ORG, known) {
        Some(delegate) => Some(Actor { by: delegate, principal: Some(delegate), on_behalf_of: user }),
        None => Some(Actor { by: user?, principal: user, on_behalf_of: None }),
    }
}

/// The user whose id stands in a sentence.
fn concerned(sentence: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let user = user_in(sentence)?;
    salesforce_names::user(facts, ORG, User { id: Some(user), ..User::default() })
}

/// `Deactivated user N (UserID: [0055j000000utlP])`: the id in brackets, which users' begin with `005`.
fn user_in(sentence: &str) -> Option<&str> {
    let (_, rest) = sentence.rsplit_once("UserID: [")?;
    id(rest.split_once(']')?.0).filter(|id| id.starts_with("005"))
}

/// An app that this organisation registered, by its label.
fn made(sentence: &str, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let app = labelled(facts, sentence.strip_prefix("Created Connected App ")?);
    facts.made(actor.by, Making::Created, app);
    Some(app)
}

/// An app that was let in for the whole organisation: whoever did that does not own it.
fn installed(sentence: &str, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let label = sentence.strip_prefix("Installed Connected App ")?.trim_end_matches(" to Salesforce");
    let app = labelled(facts, label);
    let organisation = facts.handle(HandleKind::Resource, ORG, "organisation");
    facts.granted(Some(actor.by), app, organisation);
    Some(app)
}

/// An app by its label, in a realm of its own: labels are not ids, and the realm is no organisation.
fn labelled(facts: &mut FactWriter, label: &str) -> HandleId {
    let app = facts.handle(HandleKind::PrincipalName, "salesforce-apps", label.trim());
    facts.described(app, Detail::Kind, "connected-app");
    facts.described(app, Detail::DisplayName, label.trim());
    app
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_in_sentences() {
        assert_eq!(user_in("Deactivated user Jo Ferro (UserID: [0055j000000utlP])"), Some("0055j000000utlP"));
        for none in ["Froze user account for Jo Ferro", "(UserID: [00D5j000000utlP])", "UserID: [", ""] {
            assert_eq!(user_in(none), None, "{none}");
        }
        // The name is the user's own to choose, and stands before the id.
        assert_eq!(
            user_in("Deactivated user (UserID: [0055j000000AAAA]) (UserID: [0055j000000utlP])"),
            Some("0055j000000utlP")
        );
    }

    #[test]
    fn states_are_in_order() {
        assert!(STATES.is_sorted_by(|one, two| one.0 < two.0));
    }
}
