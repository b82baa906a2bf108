//! Apps, tokens, keys and memberships: who made, allowed and ended them.
//!
//! Reference: docs.github.com/en/enterprise-cloud@latest/organizations/…/audit-log-events-for-your-organization, the
//! fields of each event included. Of tokens and keys the log has fingerprints and numbers (`managed_hashed_token`,
//! `user_programmatic_access_id`, `fingerprint`); nothing else of them is read.

use super::account;
use super::actor::concerned;
use super::fields::Fields;
use super::repositories::repository;
use crate::fact::claim::{Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::github_names::{APPS, CLASSIC, FINE_GRAINED, OAUTH_APPS, TOKENS, token, token_kind, user};
use crate::source::oidc::GITHUB;

/// The realm of OAuth apps of which a record has only the name, which several can have.
const OAUTH_APPS_NAMED: &str = "github.com/oauth-apps/named";

/// The realm of grants of fine-grained tokens.
const FINE_GRAINED_TOKENS: &str = "github.com/fine-grained-tokens";

/// What an event is about.
#[derive(Clone, Copy)]
enum Of {
    /// A GitHub App.
    App,
    /// An OAuth app.
    OauthApp,
    /// A fine-grained token.
    FineGrainedToken,
    /// A token or key that a member uses in an organisation with single sign-on.
    MemberCredential,
    /// A user's key, or the deploy key of a repository.
    PublicKey,
    /// A user.
    User,
    /// A team.
    Team,
}

/// What an event does to it.
#[derive(Clone, Copy)]
enum Effect {
    Makes(Making),
    Ends(Ending),
    /// It may act in the organisation now, or for the user concerned.
    Admits,
    /// It goes to the user named in `transfer_to`.
    Transfers,
    /// The user named in `manager` manages it from now on.
    GivesManager,
    /// The user concerned is a member of it now.
    Joins,
    /// It may use the repository now.
    OpensRepository,
    /// The account's state in the directory that the company's identity provider fills.
    Sets(&'static str),
    /// No more than the act.
    Acts,
}

use Effect::{Acts, Admits, Ends, GivesManager, Joins, Makes, OpensRepository, Sets, Transfers};
use Making::{Created, Issued, Updated};

/// Action, what it is about, what it does. In the order of the vendor's reference.
///
/// Being removed from an organisation, or deleting one's account, is no sign of having left the company. A token that
/// is revoked here is revoked for this organisation: wrong as its end where it is used elsewhere, and then its use
/// shows it.
const EVENTS: &[(&str, Of, Effect)] = &[
    ("business.remove_member", Of::User, Ends(Ending::Removed)),
    ("external_identity.deprovision", Of::User, Sets("disabled")),
    ("external_identity.provision", Of::User, Sets("enabled")),
    ("integration.create", Of::App, Makes(Created)),
    ("integration.destroy", Of::App, Ends(Ending::Deleted)),
    ("integration.generate_client_secret", Of::App, Makes(Updated)),
    ("integration.manager_added", Of::App, GivesManager),
    ("integration.manager_removed", Of::App, Acts),
    ("integration.remove_client_secret", Of::App, Makes(Updated)),
    ("integration.revoke_all_tokens", Of::App, Acts),
    ("integration.revoke_tokens", Of::App, Acts),
    ("integration.suspend", Of::App, Acts),
    ("integration.transfer", Of::App, Transfers),
    ("integration_installation.create", Of::App, Admits),
    ("integration_installation.destroy", Of::App, Acts),
    ("integration_installation.repositories_added", Of::App, Acts),
    ("integration_installation.repositories_removed", Of::App, Acts),
    ("integration_installation.suspend", Of::App, Acts),
    ("integration_installation.unsuspend", Of::App, Acts),
    ("integration_installation.version_updated", Of::App, Acts),
    ("integration_installation_request.close", Of::App, Acts),
    ("integration_installation_request.create", Of::App, Acts),
    ("oauth_application.create", Of::OauthApp, Makes(Created)),
    ("oauth_application.destroy", Of::OauthApp, Ends(Ending::Deleted)),
    ("oauth_application.generate_client_secret", Of::OauthApp, Makes(Updated)),
    ("oauth_application.remove_client_secret", Of::OauthApp, Makes(Updated)),
    ("oauth_application.reset_secret", Of::OauthApp, Makes(Updated)),
    ("oauth_application.revoke_tokens", Of::OauthApp, Acts),
    ("oauth_application.suspend", Of::OauthApp, Acts),
    ("oauth_application.transfer", Of::OauthApp, Transfers),
    ("oauth_application.unsuspend", Of::OauthApp, Acts),
    ("oauth_authorization.create", Of::OauthApp, Admits),
    ("oauth_authorization.destroy", Of::OauthApp, Acts),
    ("org.add_member", Of::User, Admits),
    ("org.oauth_app_access_approved", Of::OauthApp, Admits),
    ("org.oauth_app_access_blocked", Of::OauthApp, Acts),
    ("org.oauth_app_access_denied", Of::OauthApp, Acts),
    ("org.oauth_app_access_requested", Of::OauthApp, Acts),
    ("org.remove_member", Of::User, Ends(Ending::Removed)),
    ("org.remove_outside_collaborator", Of::User, Ends(Ending::Removed)),
    ("org.update_member", Of::User, Acts),
    ("org_credential_authorization.deauthorize", Of::MemberCredential, Ends(Ending::Revoked)),
    ("org_credential_authorization.deauthorized", Of::MemberCredential, Ends(Ending::Revoked)),
    ("org_credential_authorization.grant", Of::MemberCredential, Admits),
    ("org_credential_authorization.revoke", Of::MemberCredential, Ends(Ending::Revoked)),
    ("personal_access_token.access_granted", Of::FineGrainedToken, Admits),
    ("personal_access_token.access_revoked", Of::FineGrainedToken, Ends(Ending::Revoked)),
    ("personal_access_token.request_cancelled", Of::FineGrainedToken, Acts),
    ("personal_access_token.request_created", Of::FineGrainedToken, Acts),
    ("personal_access_token.request_denied", Of::FineGrainedToken, Acts),
    ("public_key.create", Of::PublicKey, Makes(Issued)),
    ("public_key.delete", Of::PublicKey, Ends(Ending::Deleted)),
    ("repo.add_member", Of::User, OpensRepository),
    ("repo.remove_member", Of::User, Acts),
    ("repo.update_member", Of::User, Acts),
    ("team.add_member", Of::Team, Joins),
    ("team.add_repository", Of::Team, OpensRepository),
    ("team.create", Of::Team, Acts),
    ("team.destroy", Of::Team, Acts),
    ("team.remove_member", Of::Team, Acts),
    ("team.remove_repository", Of::Team, Acts),
    ("user.destroy", Of::User, Ends(Ending::Removed)),
    ("user.suspend", Of::User, Sets("disabled")),
    ("user.unsuspend", Of::User, Sets("enabled")),
];

/// Writes what the event does to an app, token, key or member, and returns what it was done to. `None` for events of
/// another kind, and where the record does not name the thing.
pub(super) fn write(action: &str, fields: &Fields<'_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let (_, of, effect) = EVENTS.iter().find(|(name, ..)| *name == action)?;
    let thing = match of {
        Of::App => app(fields, facts),
        Of::OauthApp => oauth_app(fields, facts),
        Of::FineGrainedToken => fine_grained_token(fields, facts),
        Of::MemberCredential => member_credential(fields, actor, facts),
        Of::PublicKey => public_key(fields, actor, facts),
        Of::User => concerned(fields, facts),
        Of::Team => fields.get("team").map(|team| facts.handle(HandleKind::Team, GITHUB, &team)),
    }?;
    let by = actor.by;
    match *effect {
        Makes(how) => facts.made(by, how, thing),
        Ends(how) => facts.ended(thing, how, Some(by)),
        Admits => {
            if let Some(to) = admitted_to(fields, facts) {
                facts.granted(Some(by), thing, to);
            }
        }
        Transfers => transferred(fields, thing, facts),
        GivesManager => {
            if let Some(manager) = fields.get("manager").and_then(|manager| user(facts, Some(&manager), None, None)) {
                facts.declared(manager, thing, Declaring::OwnerField, Some(by));
            }
        }
        Joins => {
            // Teams of an organisation here are access, many to a person; they are not the team a person belongs to.
            if let Some(member) = concerned(fields, facts) {
                facts.granted(Some(by), member, thing);
            }
        }
        OpensRepository => {
            if let Some(repository) = repository(fields, facts) {
                facts.granted(Some(by), thing, repository);
            }
        }
        Sets(state) => facts.described(thing, Detail::AccountState, state),
        Acts => {}
    }
    Some(thing)
}

/// A GitHub App: by its client id, else by its name, which one app has at a time. Wrong where an app was deleted and
/// its name registered again, in a log that has no client ids.
fn app(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = fields.get("name").or(fields.get("integration"));
    let by_name = name.as_deref().map(|name| facts.handle(HandleKind::Agent, APPS, name));
    let id = fields.get("application_client_id").map(|id| facts.handle(HandleKind::Agent, APPS, &id));
    if let (Some(id), Some(by_name)) = (id, by_name) {
        facts.tied(id, Tie::Named, by_name);
    }
    let app = id.or(by_name)?;
    facts.described(app, Detail::Kind, "github-app");
    facts.described(app, Detail::DisplayName, &name.unwrap_or_default());
    Some(app)
}

/// An OAuth app: by the number that GitHub gives it. Names of OAuth apps are not unique and tie nothing.
fn oauth_app(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = fields.get("oauth_application").or(fields.get("oauth_application_name"));
    let app = match fields.id("oauth_application_id") {
        Some(id) => facts.handle(HandleKind::Agent, OAUTH_APPS, &id),
        None => facts.handle(HandleKind::Agent, OAUTH_APPS_NAMED, name.as_deref()?),
    };
    facts.described(app, Detail::Kind, "oauth-app");
    facts.described(app, Detail::DisplayName, &name.unwrap_or_default());
    Some(app)
}

/// What was opened: the organisation or enterprise, else the account of the user who authorised an app.
fn admitted_to(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    match account(fields) {
        Some(account) => Some(facts.handle(HandleKind::Account, "", &account)),
        None => concerned(fields, facts),
    }
}

/// A fine-grained token, which is the user's for whom it was asked, whoever granted it.
fn fine_grained_token(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let number = fields.id("user_programmatic_access_id");
    let token = token(facts, FINE_GRAINED, None, number.as_deref(), FINE_GRAINED_TOKENS)?;
    facts.described(token, Detail::DisplayName, &fields.get("user_programmatic_access_name").unwrap_or_default());
    belongs_to(token, concerned(fields, facts), facts);
    Some(token)
}

/// A token or key that a member authorised for single sign-on: the member's, unless the record names another user.
fn member_credential(fields: &Fields<'_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let kind = fields.get("oauth_credential_type");
    let kind = kind.as_deref().and_then(|kind| token_kind(Some(kind)));
    let (fingerprint, number) = (fields.get("managed_hashed_token"), fields.id("managed_token_id"));
    let credential = match token(facts, kind.unwrap_or(CLASSIC), fingerprint.as_deref(), number.as_deref(), TOKENS) {
        Some(token) => token,
        None => key(fields, "ssh-key", facts)?,
    };
    let owner = concerned(fields, facts).or(actor.principal);
    belongs_to(credential, owner, facts);
    Some(credential)
}

/// A key: of a repository where the record names one, else of a user.
fn public_key(fields: &Fields<'_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let Some(repository) = repository(fields, facts) else {
        let key = key(fields, "ssh-key", facts)?;
        let owner = concerned(fields, facts).or(actor.principal);
        belongs_to(key, owner, facts);
        return Some(key);
    };
    let key = key(fields, "deploy-key", facts)?;
    facts.tied(key, Tie::PartOf, repository);
    Some(key)
}

fn key(fields: &Fields<'_>, kind: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let key = facts.handle(HandleKind::Key, GITHUB, &fields.get("fingerprint")?);
    facts.described(key, Detail::Kind, kind);
    facts.described(key, Detail::DisplayName, &fields.get("title").unwrap_or_default());
    Some(key)
}

/// A credential stands for the user it was issued to. Wrong where somebody else uses it.
fn belongs_to(credential: HandleId, owner: Option<HandleId>, facts: &mut FactWriter) {
    if let Some(owner) = owner {
        facts.tied(credential, Tie::RunsAs, owner);
    }
}

/// An app that went to a user is that user's: whoever is handed a thing, not whoever hands it over. One that went to an
/// organisation was given to nobody in particular.
fn transferred(fields: &Fields<'_>, thing: HandleId, facts: &mut FactWriter) {
    if !fields.get("transfer_to_type").is_some_and(|kind| kind.eq_ignore_ascii_case("user")) {
        return;
    }
    let (login, id) = (fields.get("transfer_to"), fields.id("transfer_to_id"));
    if let Some(owner) = user(facts, login.as_deref(), id.as_deref(), None) {
        facts.made(owner, Making::HandedOver, thing);
    }
}
