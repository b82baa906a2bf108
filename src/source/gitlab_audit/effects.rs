//! What single events do: to tokens, agents, users, projects.
//!
//! Reference: docs.gitlab.com/user/compliance/audit_event_types. Names of events for tokens differ between versions in
//! their last word; the kind of token and that word are read apart.

use super::entry::Entry;
use super::{Event, entity_user};
use crate::base::time::When;
use crate::fact::claim::{Becoming, Detail, Ending, Making, Outcome, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::gitlab_names::{self, INSTANCE, Token, User};
use crate::source::text::{folded, is_address};

/// What an event does to what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Makes(Making),
    Ends(Ending),
    /// The account's state in an instance that mostly another directory fills.
    Sets(&'static str),
    /// It, or whoever is named, may use the project or group now.
    Admits,
    /// A user signed in.
    SignsIn,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// The agent, flow or external agent of the AI catalogue that is the target.
    Catalog(&'static str),
    ClusterAgent,
    User,
    Project,
    /// The application that a user authorised.
    Application,
    Member,
}

use Effect::{Admits, Ends, Makes, Sets, SignsIn};
use Making::{Created, Updated};

const AGENT: &str = "gitlab-agent";
const FLOW: &str = "gitlab-flow";
const EXTERNAL_AGENT: &str = "gitlab-external-agent";

/// Event, what it is about, what it does to it. Losing an account in GitLab is no sign of having left the company.
const EVENTS: &[(&str, Of, Effect)] = &[
    ("add_project", Of::Project, Makes(Created)),
    ("add_user_access", Of::Member, Admits),
    ("authenticated", Of::User, SignsIn),
    ("authenticated_with_group_saml", Of::User, SignsIn),
    ("authenticated_with_ldap", Of::User, SignsIn),
    ("authenticated_with_oauth", Of::User, SignsIn),
    ("authenticated_with_password", Of::User, SignsIn),
    ("ban_user", Of::User, Sets("disabled")),
    ("cluster_agent_created", Of::ClusterAgent, Makes(Created)),
    ("cluster_agent_deleted", Of::ClusterAgent, Ends(Ending::Deleted)),
    ("create_ai_catalog_agent", Of::Catalog(AGENT), Makes(Created)),
    ("create_ai_catalog_flow", Of::Catalog(FLOW), Makes(Created)),
    ("create_ai_catalog_third_party_flow", Of::Catalog(EXTERNAL_AGENT), Makes(Created)),
    ("delete_ai_catalog_agent", Of::Catalog(AGENT), Ends(Ending::Deleted)),
    ("delete_ai_catalog_flow", Of::Catalog(FLOW), Ends(Ending::Deleted)),
    ("delete_ai_catalog_third_party_flow", Of::Catalog(EXTERNAL_AGENT), Ends(Ending::Deleted)),
    ("enable_ai_catalog_agent", Of::Catalog(AGENT), Admits),
    ("enable_ai_catalog_flow", Of::Catalog(FLOW), Admits),
    ("enable_ai_catalog_third_party_flow", Of::Catalog(EXTERNAL_AGENT), Admits),
    ("member_created", Of::Member, Admits),
    ("member_updated", Of::Member, Admits),
    ("project_created", Of::Project, Makes(Created)),
    ("project_destroyed", Of::Project, Ends(Ending::Deleted)),
    ("unban_user", Of::User, Sets("enabled")),
    ("unblock_user", Of::User, Sets("enabled")),
    ("update_ai_catalog_agent", Of::Catalog(AGENT), Makes(Updated)),
    ("update_ai_catalog_flow", Of::Catalog(FLOW), Makes(Updated)),
    ("update_ai_catalog_third_party_flow", Of::Catalog(EXTERNAL_AGENT), Makes(Updated)),
    ("user_activate", Of::User, Sets("enabled")),
    ("user_approved", Of::User, Sets("enabled")),
    ("user_authorized_oauth_application", Of::Application, Makes(Created)),
    ("user_blocked", Of::User, Sets("disabled")),
    ("user_created", Of::User, Sets("enabled")),
    ("user_deactivate", Of::User, Sets("disabled")),
    ("user_destroyed", Of::User, Ends(Ending::Removed)),
];

/// Writes what an event does, and returns what it was done to, with the outcome. `None` where it names no thing that is
/// told of.
pub(super) fn write(event: &Event<'_, '_>, facts: &mut FactWriter) -> (Option<HandleId>, Outcome) {
    if let Some((kind, effect)) = of_token(event.name) {
        return match effect {
            Some(effect) => (token(event, kind, effect, facts), Outcome::Succeeded),
            None => (None, Outcome::Failed),
        };
    }
    if let Some((_, of, effect)) = EVENTS.iter().find(|(name, ..)| *name == event.name) {
        return (about(event, *of, *effect, facts), Outcome::Succeeded);
    }
    let failed = event.name.contains("failed") || event.name.contains("denied");
    (
        renamed(event, facts).or_else(|| variable(event, facts)),
        if failed { Outcome::Failed } else { Outcome::Succeeded },
    )
}

fn about(event: &Event<'_, '_>, of: Of, effect: Effect, facts: &mut FactWriter) -> Option<HandleId> {
    let entry = event.entry;
    let thing = match of {
        Of::Catalog(kind) => catalog_item(entry, kind, facts),
        Of::ClusterAgent => gitlab_names::cluster_agent(facts, entry.target_id()?, entry.target_details()),
        Of::User => entity_user(entry, facts),
        Of::Member => member(entry, facts),
        Of::Project => event.entity.filter(|_| entry.entity_type.get() == Some("Project")),
        Of::Application => return application(event, facts),
    }?;
    let by = event.actor.by;
    match effect {
        Makes(how) => facts.made(by, how, thing),
        Ends(how) => facts.ended(thing, how, Some(by)),
        Sets(state) => {
            facts.described(thing, Detail::AccountState, state);
            if event.name == "user_created" {
                facts.described(thing, Detail::Born, &event.at.to_string());
            }
        }
        Admits => {
            if let Some(entity) = event.entity {
                let (to, what) = if of == Of::Member { (thing, entity) } else { (entity, thing) };
                facts.granted(Some(by), to, what);
            }
        }
        SignsIn => {
            let gitlab = facts.handle(HandleKind::SignIn, INSTANCE, "GitLab");
            facts.became(thing, Becoming::SignedIn, gitlab);
            return Some(gitlab);
        }
    }
    Some(thing)
}

/// An item of the AI catalogue, by its number.
fn catalog_item(entry: &Entry<'_>, kind: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let id = entry.target_id().filter(|id| gitlab_names::is_id(id))?;
    let item = facts.handle(HandleKind::Agent, INSTANCE, &format!("ai-catalog/{id}"));
    facts.described(item, Detail::Kind, kind);
    facts.described(item, Detail::DisplayName, entry.target_details().unwrap_or_default());
    Some(item)
}

/// The user who got access: by number, where the target is a user.
fn member(entry: &Entry<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let id = entry.target_id().filter(|_| entry.target_type() == Some("User"));
    gitlab_names::user(facts, INSTANCE, User { id, name: entry.target_details(), ..User::default() })
}

/// An application that a user let act in their name: the grant is a thing of its own.
///
/// Wrong where the instance's administrator made the application trusted: then nobody was asked, and there is no event.
fn application(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (entry, user) = (event.entry, event.actor.principal?);
    let id = entry.target_id().filter(|id| gitlab_names::is_id(id))?;
    let name = entry.target_details().unwrap_or_default();
    let grant = format!("grant:gitlab-{id}/{}", facts.text(user));
    let grant = facts.handle(HandleKind::Agent, "", &grant);
    facts.described(grant, Detail::Kind, "oauth-grant");
    facts.described(grant, Detail::DisplayName, name);
    let client = facts.handle(HandleKind::PrincipalId, INSTANCE, &format!("oauth-application/{id}"));
    facts.described(client, Detail::Kind, "oauth-client");
    facts.described(client, Detail::DisplayName, name);
    facts.tied(grant, Tie::DependsOn, client);
    facts.made(event.actor.by, Created, grant);
    Some(grant)
}

/// The kind of token an event is about, and what it does; no effect for one that failed.
fn of_token(name: &str) -> Option<(Token, Option<Effect>)> {
    const KINDS: &[(&str, Token)] = &[
        ("personal_access_token_", Token::Personal),
        ("project_access_token_", Token::Project),
        ("group_access_token_", Token::Group),
        ("deploy_token_", Token::Deploy),
        ("deploy_key_", Token::DeployKey),
        ("cluster_agent_token_", Token::ClusterAgent),
    ];
    let (prefix, kind) = KINDS.iter().find(|(prefix, _)| name.starts_with(prefix))?;
    let effect = match name.strip_prefix(prefix)? {
        "created" | "issued" | "rotated" | "added" => Some(Makes(Making::Issued)),
        "deleted" | "revoked" | "destroyed" | "removed" => Some(Ends(Ending::Revoked)),
        failed if failed.ends_with("failed") => None,
        _ => return None,
    };
    Some((*kind, effect))
}

/// A token that was issued or revoked. Its number stands in the message, or it is the target.
///
/// A user's own token is the user's whose account it was made in, whoever made it. A project's or group's stands for a
/// bot that came with it, so that whoever issued it also made the bot.
fn token(event: &Event<'_, '_>, kind: Token, effect: Effect, facts: &mut FactWriter) -> Option<HandleId> {
    let entry = event.entry;
    let is_target = entry.target_type().is_some_and(|of| of.contains("Token") || of.contains("DeployKey"));
    let in_message = entry.message().and_then(number_in);
    let id = in_message.or(entry.target_id().filter(|_| is_target))?;
    let (key, principal) = gitlab_names::token(facts, kind, id, entry.target_details())?;
    if kind == Token::Personal {
        facts.described(key, Detail::Kind, kind.kind());
        if let Some(holder) = entity_user(entry, facts).or(event.actor.principal) {
            facts.tied(key, Tie::RunsAs, holder);
        }
    }
    let by = event.actor.by;
    match effect {
        Ends(how) => {
            facts.ended(key, how, Some(by));
            if let Some(principal) = principal {
                facts.ended(principal, how, Some(by));
            }
        }
        _ => {
            facts.made(by, Making::Issued, key);
            if let Some(principal) = principal {
                facts.made(by, Created, principal);
                bot(entry, principal, facts);
                if let Some(entity) = event.entity.filter(|_| entry.entity_type.get() == Some("Project")) {
                    facts.tied(principal, Tie::PartOf, entity);
                }
            }
        }
    }
    Some(key)
}

/// The bot that a token acts as, where it is the target.
fn bot(entry: &Entry<'_>, principal: HandleId, facts: &mut FactWriter) {
    let Some(id) = entry.target_id().filter(|id| entry.target_type() == Some("User") && gitlab_names::is_id(id)) else {
        return;
    };
    let bot = facts.handle(HandleKind::UserId, INSTANCE, id);
    facts.described(bot, Detail::Machine, "bot");
    facts.tied(bot, Tie::RunsAs, principal);
}

/// The number in `… token with token_id: 3642271 with scopes …` or `… token with id 33`.
fn number_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("token_id: ").or_else(|| message.split_once(" with id "))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end).filter(|id| !id.is_empty())
}

/// A user who got another name or address: the old one was theirs until now.
fn renamed(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (what, from, to) = event.entry.change()?;
    let user = entity_user(event.entry, facts)?;
    let mut name = |text: &str| match what {
        "username" => Some(facts.handle(HandleKind::Login, INSTANCE, &folded(text))),
        "email address" | "email" if is_address(text) => Some(facts.handle(HandleKind::Email, "", &folded(text))),
        _ => None,
    };
    let (old, new) = (from.and_then(&mut name), to.and_then(&mut name));
    if let Some(old) = old {
        facts.dated(When::at(event.at.plus_millis(-1)));
        facts.tied(user, Tie::Named, old);
        facts.dated(When::at(event.at));
    }
    if let Some(new) = new {
        facts.tied(user, Tie::Named, new);
    }
    Some(user)
}

/// A variable of a pipeline, by its name in the project or group that holds it; its value is never written.
fn variable(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    let scope = event
        .entry
        .entity_path()
        .filter(|_| event.name.contains("ci_variable") || event.name.contains("ci_group_variable"))?;
    let name = event.entry.target_details()?;
    Some(facts.handle(HandleKind::Resource, INSTANCE, &format!("{}/variables/{name}", scope.to_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_tokens() {
        assert_eq!(of_token("personal_access_token_issued"), Some((Token::Personal, Some(Makes(Making::Issued)))));
        assert_eq!(of_token("group_access_token_deleted"), Some((Token::Group, Some(Ends(Ending::Revoked)))));
        assert_eq!(of_token("project_access_token_creation_failed"), Some((Token::Project, None)));
        assert_eq!(of_token("project_created"), None);
    }

    #[test]
    fn numbers_in_messages() {
        assert_eq!(number_in("Revoked project access token with token_id: 3642271"), Some("3642271"));
        assert_eq!(number_in("Created personal access token with id 33"), Some("33"));
        assert_eq!(number_in("Created personal access token"), None);
    }

    #[test]
    fn events_are_in_order() {
        assert!(EVENTS.is_sorted_by(|one, two| one.0 < two.0));
    }
}
