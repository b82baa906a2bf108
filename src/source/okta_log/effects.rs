//! What an event does: whom it signs in, what it makes, changes, grants and ends.

use super::Event;
use super::entry::{Party, Profile, Role};
use crate::base::time::When;
use crate::fact::claim::{Becoming, Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::okta_names::{self, OKTA, ORG, has_prefix};
use crate::source::text::folded;

/// What an event does to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It makes or changes it.
    Makes(Making),
    /// It ends it.
    Ends(Ending),
    /// A person's state is this from then on.
    Sets(&'static str),
    /// It lets the first have or do the second.
    Grants(Role, Role),
    /// A user lets an app act in their name.
    Consents,
    /// It gives an admin role to this.
    Promotes,
    /// A user signs on to an app.
    SignsOn,
    /// A session of a user begins.
    OpensSession,
    /// A person was there with a second factor.
    Verifies,
    /// The profile of a user is changed.
    Edits,
    /// A client is given tokens.
    Consumes,
}

/// The kinds of things, by how their id is found among the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    User,
    ApiToken,
    /// An OAuth client.
    Client,
    /// An app: an OAuth client where people sign on to it by OpenID Connect, else nothing that acts.
    App,
    /// A user's own grant to a client.
    Grant,
    /// A secret or key of an OAuth client.
    ClientSecret,
    Agent,
    /// A key of an AI agent.
    AgentKey,
    McpServer,
    VirtualMcpServer,
    /// Whatever it names.
    Any,
}

use Effect::{Consents, Consumes, Edits, Ends, Grants, Makes, OpensSession, Promotes, Sets, SignsOn, Verifies};
use Ending::{Deactivated, Deleted, Revoked};
use Making::{Created, Issued, Updated};

/// Event type, effect, thing; sorted by event type. What is not here is an act and no more.
///
/// Switching an app, agent or credential off is an act, too: it can be switched on again, and whoever does it in an
/// emergency does not look after it.
const EVENTS: &[(&str, Effect, Thing)] = &[
    ("app.ai_agent_provider.import_staging.confirm", Makes(Created), Thing::Agent),
    ("app.oauth2.admin.consent.grant", Grants(Role::Client, Role::Other), Thing::Client),
    ("app.oauth2.as.consent.grant", Consents, Thing::Client),
    ("app.oauth2.as.consent.revoke", Ends(Revoked), Thing::Grant),
    ("app.oauth2.as.consent.revoke.user.client", Ends(Revoked), Thing::Grant),
    ("app.oauth2.as.token.grant", Consumes, Thing::Client),
    ("app.oauth2.as.token.grant.access_token", Consumes, Thing::Client),
    ("app.oauth2.as.token.grant.id_token", Consumes, Thing::Client),
    ("app.oauth2.as.token.grant.interclient_token", Consumes, Thing::Client),
    ("app.oauth2.as.token.grant.refresh_token", Consumes, Thing::Client),
    ("app.oauth2.client.lifecycle.activate", Makes(Updated), Thing::Client),
    ("app.oauth2.client.lifecycle.create", Makes(Created), Thing::Client),
    ("app.oauth2.client.lifecycle.delete", Ends(Deleted), Thing::Client),
    ("app.oauth2.client.lifecycle.update", Makes(Updated), Thing::Client),
    ("app.oauth2.client.privilege.grant", Promotes, Thing::Client),
    ("app.oauth2.consent.grant", Consents, Thing::Client),
    ("app.oauth2.credentials.lifecycle.activate", Makes(Updated), Thing::ClientSecret),
    ("app.oauth2.credentials.lifecycle.create", Makes(Issued), Thing::ClientSecret),
    ("app.oauth2.credentials.lifecycle.delete", Ends(Deleted), Thing::ClientSecret),
    ("app.oauth2.signon", SignsOn, Thing::Any),
    ("app.oauth2.token.grant", Consumes, Thing::Client),
    ("app.oauth2.token.grant.access_token", Consumes, Thing::Client),
    ("app.oauth2.token.grant.id_jag", Consumes, Thing::Client),
    ("app.oauth2.token.grant.id_token", Consumes, Thing::Client),
    ("app.oauth2.token.grant.interclient_token", Consumes, Thing::Client),
    ("app.oauth2.token.grant.oauth_sts", Consumes, Thing::Client),
    ("app.oauth2.token.grant.refresh_token", Consumes, Thing::Client),
    ("app.oauth2.token.grant.service_account", Consumes, Thing::Client),
    ("app.oauth2.token.grant.vaulted_secret", Consumes, Thing::Client),
    ("application.lifecycle.activate", Makes(Updated), Thing::App),
    ("application.lifecycle.create", Makes(Created), Thing::App),
    ("application.lifecycle.delete", Ends(Deleted), Thing::App),
    ("application.lifecycle.update", Makes(Updated), Thing::App),
    ("application.user_membership.add", Grants(Role::User, Role::App), Thing::User),
    ("group.application_assignment.add", Grants(Role::Group, Role::App), Thing::Any),
    ("group.privilege.grant", Promotes, Thing::Any),
    ("group.user_membership.add", Grants(Role::User, Role::Group), Thing::User),
    ("resource_servers.mcp_server.activate", Makes(Updated), Thing::McpServer),
    ("resource_servers.mcp_server.delete", Ends(Deleted), Thing::McpServer),
    ("resource_servers.mcp_server.register", Makes(Created), Thing::McpServer),
    ("resource_servers.mcp_server.update", Makes(Updated), Thing::McpServer),
    ("resource_servers.virtual_mcp_server.activate", Makes(Updated), Thing::VirtualMcpServer),
    ("resource_servers.virtual_mcp_server.create", Makes(Created), Thing::VirtualMcpServer),
    ("resource_servers.virtual_mcp_server.delete", Ends(Deleted), Thing::VirtualMcpServer),
    ("resource_servers.virtual_mcp_server.register", Makes(Created), Thing::VirtualMcpServer),
    ("resource_servers.virtual_mcp_server.update", Makes(Updated), Thing::VirtualMcpServer),
    ("system.api_token.create", Makes(Issued), Thing::ApiToken),
    ("system.api_token.enable", Makes(Updated), Thing::ApiToken),
    ("system.api_token.revoke", Ends(Revoked), Thing::ApiToken),
    ("system.api_token.update", Makes(Updated), Thing::ApiToken),
    ("user.account.privilege.grant", Promotes, Thing::User),
    ("user.account.update_profile", Edits, Thing::User),
    ("user.authentication.auth_via_mfa", Verifies, Thing::User),
    ("user.authentication.sso", SignsOn, Thing::Any),
    ("user.lifecycle.activate", Sets("active"), Thing::User),
    ("user.lifecycle.create", Makes(Created), Thing::User),
    ("user.lifecycle.deactivate", Ends(Deactivated), Thing::User),
    ("user.lifecycle.delete.completed", Ends(Deleted), Thing::User),
    ("user.lifecycle.reactivate", Sets("active"), Thing::User),
    ("user.lifecycle.suspend", Sets("unavailable"), Thing::User),
    ("user.lifecycle.unsuspend", Sets("active"), Thing::User),
    ("user.session.start", OpensSession, Thing::Any),
    ("workload_principal.activate", Makes(Updated), Thing::Agent),
    ("workload_principal.ai_agent.credential.activate", Makes(Updated), Thing::AgentKey),
    ("workload_principal.ai_agent.credential.create", Makes(Issued), Thing::AgentKey),
    ("workload_principal.ai_agent.credential.delete", Ends(Deleted), Thing::AgentKey),
    ("workload_principal.delegation_link.create", Makes(Updated), Thing::Agent),
    ("workload_principal.delegation_link.delete", Makes(Updated), Thing::Agent),
    ("workload_principal.delete", Ends(Deleted), Thing::Agent),
    ("workload_principal.register", Makes(Created), Thing::Agent),
    ("workload_principal.resource_connection.activate", Makes(Updated), Thing::Agent),
    ("workload_principal.resource_connection.create", Makes(Updated), Thing::Agent),
    ("workload_principal.resource_connection.deactivate", Makes(Updated), Thing::Agent),
    ("workload_principal.resource_connection.delete", Makes(Updated), Thing::Agent),
    ("workload_principal.resource_connection.update", Makes(Updated), Thing::Agent),
    ("workload_principal.sign_on_provider.add", Makes(Updated), Thing::Agent),
    ("workload_principal.sign_on_provider.remove", Makes(Updated), Thing::Agent),
    ("workload_principal.update", Makes(Updated), Thing::Agent),
];

/// Writes what the event does, and returns what it was done to.
pub(super) fn write(event: &Event<'_, '_>, actor: &mut Actor, facts: &mut FactWriter) -> Option<HandleId> {
    for user in event.targets.iter().filter(|target| target.role() == Role::User) {
        named(user, facts);
    }
    let known = EVENTS.binary_search_by(|(name, ..)| (*name).cmp(event.name)).ok().and_then(|at| EVENTS.get(at));
    let Some((_, effect, thing)) = known.filter(|_| event.succeeded) else { return on(event, facts) };
    let found = thing.find(event, facts);
    match (*effect, found) {
        (Makes(how), Some(made)) => makes(event, *actor, *thing, how, made, facts),
        (Makes(_), None) => {
            // A credential that the record does not name: what it was added to was changed.
            let holder = thing.holder(event, facts);
            if let Some(holder) = holder {
                facts.made(actor.by, Updated, holder);
            }
            return holder.or_else(|| on(event, facts));
        }
        (Ends(how), Some(ended)) => facts.ended(ended, how, Some(actor.by)),
        (Sets(status), Some(user)) => facts.described(user, Detail::Status, status),
        (Edits, Some(user)) => edits(event, user, facts),
        (Grants(to, what), _) => grants(event, *actor, to, what, facts),
        (Consents, _) => return consents(event, *actor, facts).or(found).or_else(|| on(event, facts)),
        (Promotes, _) => promotes(event, *actor, facts),
        (SignsOn, _) => return signs_on(event, *actor, facts).or_else(|| on(event, facts)),
        (OpensSession, _) => opens_session(event, *actor, facts),
        (Verifies, _) => verified(event, *actor, facts),
        (Consumes, client) => {
            actor.on_behalf_of = event.target(Role::User).and_then(|user| named(user, facts));
            return client;
        }
        (Ends(_) | Sets(_) | Edits, None) => {}
    }
    found.or_else(|| on(event, facts))
}

impl<'a> Event<'_, 'a> {
    /// The first target of this role.
    fn target(&self, role: Role) -> Option<&Party<'a>> {
        self.targets.iter().find(|target| target.role() == role)
    }

    /// The id of the user who acted.
    fn acting_user(&self) -> Option<String> {
        let actor = self.entry.actor();
        actor.id().filter(|id| actor.role() == Role::User && has_prefix(id, "00u")).map(str::to_owned)
    }

    /// Whose consent it is: the user that the event names, else the user who acted.
    fn consenter(&self) -> Option<String> {
        let user = self.target(Role::User).and_then(Party::id).filter(|id| has_prefix(id, "00u"));
        user.map(str::to_owned).or_else(|| self.acting_user())
    }

    /// The OAuth client among the targets.
    fn client(&self) -> Option<&Party<'a>> {
        self.target(Role::Client).or_else(|| self.target(Role::App)).filter(|client| client.id().is_some())
    }
}

impl Thing {
    /// The thing that the event names, by its lasting id.
    fn find(self, event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
        match self {
            Self::User => named(event.target(Role::User)?, facts),
            Self::ApiToken => {
                let token = event.target(Role::ApiToken)?;
                Some(okta_names::api_token(facts, token.id()?, token.display_name.get()))
            }
            Self::Client => {
                let client = event.client()?;
                Some(okta_names::client(facts, client.id()?, client.display_name.get()))
            }
            Self::Grant => {
                let (client, user) = (event.client()?, event.consenter()?);
                Some(okta_names::grant(facts, client.id()?, client.display_name.get(), &user))
            }
            Self::App => {
                let app = event.client()?;
                let oauth = app.role() == Role::Client || app.sign_on_mode() == Some("OPENID_CONNECT");
                oauth.then(|| app.id().map(|id| okta_names::client(facts, id, app.display_name.get())))?
            }
            Self::ClientSecret => credential(event, "client-secret", self.holder(event, facts)?, facts),
            Self::Agent => {
                let agent = event.target(Role::Agent)?;
                Some(okta_names::agent(facts, agent.id()?, "okta-ai-agent", agent.display_name.get()))
            }
            Self::AgentKey => credential(event, "agent-key", self.holder(event, facts)?, facts),
            Self::McpServer | Self::VirtualMcpServer => {
                let servers = || event.targets.iter().filter(|target| target.id().is_some());
                let server = servers().find(|target| matches!(target.role(), Role::Other | Role::Agent))?;
                let kind = if self == Self::McpServer { "okta-mcp-server" } else { "okta-virtual-mcp-server" };
                Some(okta_names::agent(facts, server.id()?, kind, server.display_name.get()))
            }
            Self::Any => None,
        }
    }

    /// What a credential belongs to.
    fn holder(self, event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
        match self {
            Self::ClientSecret => Self::Client.find(event, facts),
            Self::AgentKey => Self::Agent.find(event, facts),
            _ => None,
        }
    }
}

/// A credential among the targets, by its id. Nothing else is read of it: its name or details may be the secret itself.
/// An id has 20 characters; a secret has more.
fn credential(event: &Event<'_, '_>, kind: &str, holder: HandleId, facts: &mut FactWriter) -> Option<HandleId> {
    let others = event.targets.iter().filter(|target| target.role() == Role::Other);
    let id = others.filter_map(Party::id).find(|id| id.len() == 20)?;
    let key = facts.handle(HandleKind::Key, OKTA, id);
    facts.described(key, Detail::Kind, kind);
    facts.tied(key, Tie::RunsAs, holder);
    Some(key)
}

/// A user among the targets, under every name that the record has.
fn named(user: &Party<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    okta_names::user(facts, ORG, user.id(), user.alternate_id.get(), user.display_name.get())
}

/// What an event of another kind was done to: the first target that is a name of its own.
fn on(event: &Event<'_, '_>, facts: &mut FactWriter) -> Option<HandleId> {
    event.targets.iter().find_map(|target| match target.role() {
        Role::User => named(target, facts),
        Role::Client => Some(facts.handle(HandleKind::PrincipalId, OKTA, target.id()?)),
        Role::App => Some(facts.handle(HandleKind::Resource, OKTA, target.id()?)),
        Role::Group => Some(facts.handle(HandleKind::Team, OKTA, target.id()?)),
        Role::ApiToken => Some(facts.handle(HandleKind::Key, OKTA, target.id()?)),
        Role::Agent => Some(facts.handle(HandleKind::Agent, OKTA, target.id()?)),
        Role::AppUser | Role::Other => None,
    })
}

fn makes(event: &Event<'_, '_>, actor: Actor, thing: Thing, how: Making, made: HandleId, facts: &mut FactWriter) {
    facts.made(actor.by, how, made);
    match thing {
        Thing::User => facts.described(made, Detail::Born, &event.at.to_string()),
        // A token belongs to the administrator who made it; it cannot be made for somebody else.
        Thing::ApiToken if how == Issued => {
            if let Some(user) = actor.principal {
                facts.tied(made, Tie::RunsAs, user);
            }
        }
        // Through the app that it is given, people sign on to the agent, and it signs on to others.
        Thing::Agent if event.name == "workload_principal.sign_on_provider.add" => {
            if let Some(id) = event.client().and_then(Party::id) {
                let client = okta_names::client(facts, id, None);
                facts.tied(made, Tie::RunsAs, client);
            }
        }
        _ => {}
    }
}

/// A profile change, as far as its values are written: most records have the names of the fields alone.
fn edits(event: &Event<'_, '_>, user: HandleId, facts: &mut FactWriter) {
    let changes = event.target(Role::User).and_then(|user| user.change_details.get());
    let Some(changes) = changes else { return };
    if let Some(before) = changes.from.get() {
        facts.dated(When::seen(event.at.plus_millis(-1)));
        profile(before, user, facts);
        facts.dated(When::at(event.at));
    }
    if let Some(after) = changes.to.get() {
        profile(after, user, facts);
    }
}

fn profile(profile: &Profile<'_>, user: HandleId, facts: &mut FactWriter) {
    for (kind, realm, name) in [(HandleKind::Login, ORG, &profile.login), (HandleKind::Email, "", &profile.email)] {
        if let Some(name) = name.get() {
            let name = facts.handle(kind, realm, &folded(name));
            facts.tied(user, Tie::Named, name);
        }
    }
    okta_names::member_of(facts, user, profile.department.get());
    okta_names::reports_to(facts, ORG, user, profile.manager_id.get(), profile.manager.get());
}

/// What a user lets an app do in their name is a thing of that user's own; without a user it is access, and no more.
fn consents(event: &Event<'_, '_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let Some(grant) = Thing::Grant.find(event, facts) else {
        grants(event, actor, Role::Client, Role::Other, facts);
        return None;
    };
    for scope in event.targets.iter().filter(|target| target.role() == Role::Other) {
        if let Some(scope) = scope_of(scope, facts) {
            facts.granted(Some(actor.by), grant, scope);
        }
    }
    let (consenter, acting) = (event.consenter(), event.acting_user());
    let own = consenter == acting;
    match consenter.and_then(|user| okta_names::user(facts, ORG, Some(&user), None, None)) {
        // Somebody else consented for the user, as only an administrator can: it is the user's own nevertheless.
        Some(user) if !own => facts.declared(user, grant, Declaring::OwnerField, Some(actor.by)),
        _ => facts.made(actor.by, Created, grant),
    }
    Some(grant)
}

/// A scope, which is called by its name.
fn scope_of(target: &Party<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = target.display_name.get().or(target.alternate_id.get())?;
    Some(facts.handle(HandleKind::Resource, OKTA, &format!("scope/{name}")))
}

/// Access that was given: an app to a user or group, a group to a user, scopes to a client.
fn grants(event: &Event<'_, '_>, actor: Actor, to: Role, what: Role, facts: &mut FactWriter) {
    let holder = match to {
        Role::User => event.target(Role::User).and_then(|user| named(user, facts)),
        Role::Group => event.target(Role::Group).and_then(|group| {
            let id = group.id()?;
            Some(okta_names::group(facts, id, group.display_name.get()))
        }),
        _ => event.client().and_then(Party::id).map(|id| facts.handle(HandleKind::PrincipalId, OKTA, id)),
    };
    let Some(holder) = holder else { return };
    for target in event.targets.iter().filter(|target| target.role() == what) {
        let what = match what {
            Role::Group => target.id().map(|id| okta_names::group(facts, id, target.display_name.get())),
            Role::App => target.id().map(|id| facts.handle(HandleKind::Resource, OKTA, id)),
            _ => scope_of(target, facts),
        };
        if let Some(what) = what {
            facts.granted(Some(actor.by), holder, what);
        }
    }
}

/// An admin role that was given to a user, group or client.
fn promotes(event: &Event<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    let Some(role) = event.entry.context.debug.privilege_granted.get() else { return };
    if let Some(to) = on(event, facts) {
        let what = facts.handle(HandleKind::Resource, OKTA, &format!("role/{role}"));
        facts.granted(Some(actor.by), to, what);
    }
}

/// A user signed on to an app. Says under which name the app knows them, where the app trusts Okta's word for it.
fn signs_on(event: &Event<'_, '_>, actor: Actor, facts: &mut FactWriter) -> Option<HandleId> {
    let user = actor.principal.or_else(|| event.target(Role::User).and_then(|user| named(user, facts)))?;
    let app = event.target(Role::App)?;
    let sign_in = facts.handle(HandleKind::SignIn, OKTA, app.id()?);
    facts.described(sign_in, Detail::DisplayName, app.display_name.get().unwrap_or_default());
    facts.became(user, Becoming::SignedIn, sign_in);
    if let Some(issuer) = saml_issuer(event, app) {
        let app_user = event.target(Role::AppUser).and_then(|user| user.alternate_id.get());
        let mut names = [event.entry.context.debug.subject.get(), app_user];
        if names[0] == names[1] {
            names[1] = None;
        }
        // The name in the assertion, at the issuer that the app knows Okta by. Wrong only where an administrator gave
        // somebody another's name in the app. Apps with passwords are left out: there users choose their names.
        for name in names.into_iter().flatten() {
            let name = facts.handle(HandleKind::Login, &format!("saml:{issuer}"), name);
            facts.tied(user, Tie::Named, name);
        }
    }
    Some(sign_in)
}

/// The issuer of the assertion that an app was sent: written in the event, or by the app's external key (`exk…`) in the
/// address that was called; organisations can change it, and then only the first is right.
fn saml_issuer(event: &Event<'_, '_>, app: &Party<'_>) -> Option<String> {
    let debug = &event.entry.context.debug;
    let mode = debug.sign_on_mode.get().or(app.sign_on_mode());
    if mode.is_some_and(|mode| !mode.to_ascii_uppercase().starts_with("SAML")) {
        return None;
    }
    if let Some(issuer) = debug.issuer.get().filter(|_| mode.is_some()) {
        return Some(issuer.to_owned());
    }
    let path = debug.request_uri.get()?.strip_suffix("/sso/saml")?;
    let key = path.rsplit('/').next().filter(|key| key.starts_with("exk"))?;
    Some(format!("http://www.okta.com/{key}"))
}

/// The session that begins is the user's: what Okta does in it later, it does for them.
fn opens_session(event: &Event<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    let session = event.entry.context.session.get().filter(|session| !session.starts_with("trs"));
    if let (Some(session), Some(user)) = (session.filter(|session| okta_names::is_id(session)), actor.principal) {
        let session = facts.handle(HandleKind::Session, OKTA, session);
        facts.tied(session, Tie::IssuedTo, user);
    }
}

/// A person was there. Wrong where a script holds the second factor.
fn verified(event: &Event<'_, '_>, actor: Actor, facts: &mut FactWriter) {
    let user = event.target(Role::User).and_then(|user| named(user, facts)).or(actor.principal);
    if let Some(user) = user {
        facts.described(user, Detail::Presence, "second factor");
    }
}

#[cfg(test)]
mod tests {
    use super::EVENTS;

    #[test]
    fn the_table_is_sorted() {
        assert!(EVENTS.is_sorted_by(|left, right| left.0 < right.0));
    }
}
