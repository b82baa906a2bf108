//! Who acted: a person, a bot, an agent on a person's behalf; with which token, from where.
//!
//! `actor_id` lasts; a login can be renamed, and then be registered by somebody else. The fingerprint of a token
//! (`hashed_token`) joins all uses of it. Tokens of GitHub Apps live for hours: they are told as their bot or user.

use std::borrow::Cow;

use super::fields::Fields;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::github_names::{
    AGENT, FINE_GRAINED, FINE_GRAINED_USES, OAUTH, OAUTH_APPS, TOKENS, is_nobody, machine, token, token_kind, user,
};
use crate::source::oidc::GITHUB;

/// A field, decoded.
type Part<'a> = Option<Cow<'a, str>>;

/// Everything in a record that tells who acted.
struct Who<'a> {
    login: Part<'a>,
    id: Part<'a>,
    machine: Option<&'static str>,
    name_id: Part<'a>,
    username: Part<'a>,
    org: Part<'a>,
    business: Part<'a>,
    /// Of an agent's act: the human who set the agent to work. Of every other act: the user concerned; not told here.
    user: Part<'a>,
    user_id: Part<'a>,
    agent_session: Part<'a>,
    access: Part<'a>,
    hashed_token: Part<'a>,
    token_id: Part<'a>,
    oauth_app: Part<'a>,
    address: Part<'a>,
    software: Part<'a>,
}

/// Who acted in a record, read once for all records that repeat it; `None` where the record names nobody.
pub(super) fn actor(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<Actor> {
    let who = Who::of(fields)?;
    facts.circumstances(&who.parts(), |out| who.write(out).ok_or(())).ok()
}

impl<'f> Who<'f> {
    fn of(fields: &'f Fields<'_>) -> Option<Self> {
        let (login, id) = (fields.get("actor").filter(|login| !is_nobody(login)), fields.id("actor_id"));
        let (bot, agent) = (fields.says("actor_is_bot"), fields.says("actor_is_agent"));
        let machine = machine(login.as_deref().or(id.as_deref().map(|_| ""))?, bot, agent);
        let of_agent = |part: Part<'f>| part.filter(|_| machine == Some(AGENT));
        Some(Self {
            name_id: fields.get("external_identity_nameid"),
            username: fields.get("external_identity_username"),
            org: fields.get("org"),
            business: fields.get("business"),
            user: of_agent(fields.get("user")),
            user_id: of_agent(fields.id("user_id")),
            agent_session: of_agent(fields.get("agent_session_id")),
            access: fields.get("programmatic_access_type"),
            hashed_token: fields.get("hashed_token"),
            token_id: fields.id("token_id"),
            oauth_app: fields.id("oauth_application_id"),
            address: fields.get("actor_ip"),
            software: fields.get("user_agent"),
            login,
            id,
            machine,
        })
    }

    /// The stretch of text that decides all that [`Self::write`] claims.
    fn parts(&self) -> [&str; 16] {
        [
            text(&self.login),
            text(&self.id),
            self.machine.unwrap_or_default(),
            text(&self.name_id),
            text(&self.username),
            text(&self.org),
            text(&self.business),
            text(&self.user),
            text(&self.user_id),
            text(&self.agent_session),
            text(&self.access),
            text(&self.hashed_token),
            text(&self.token_id),
            text(&self.oauth_app),
            text(&self.address),
            text(&self.software),
        ]
    }

    fn write(&self, out: &mut impl Stand) -> Option<Actor> {
        let user = user(out, self.login.as_deref(), self.id.as_deref(), self.machine)?;
        let mut actor = Actor { by: user, principal: Some(user), on_behalf_of: None };
        match self.machine {
            Some(AGENT) => self.agent(out, &mut actor),
            Some(_) => {}
            None => {
                self.external_names(out, user);
                actor.by = self.token(out, user).unwrap_or(user);
            }
        }
        if let Some(address) = self.address.as_deref() {
            let address = out.handle(HandleKind::Network, "", address);
            out.came_from(actor.by, address);
        }
        out.described(actor.by, Detail::Software, text(&self.software));
        Some(actor)
    }

    /// An agent's session: GitHub itself says which human set the agent to work. Wrong where that human only passed on
    /// what another had asked for (an issue assigned by a third person's rule).
    fn agent(&self, out: &mut impl Stand, actor: &mut Actor) {
        let human = machine(text(&self.user), false, false).is_none();
        let human = if human { user(out, self.user.as_deref(), self.user_id.as_deref(), None) } else { None };
        actor.on_behalf_of = human;
        let Some(session) = self.agent_session.as_deref() else { return };
        let session = out.handle(HandleKind::Session, GITHUB, session);
        out.tied(session, Tie::RunsAs, actor.by);
        if let Some(human) = human {
            out.tied(session, Tie::IssuedTo, human);
        }
        actor.by = session;
    }

    /// The names that the company's identity provider gives the user: the SAML name and the user name it was
    /// provisioned under. Only an account with a lasting id gets them. Wrong where the person links the account anew
    /// under another company identity; and the log writes them for the actor, so a bot's are nobody's.
    fn external_names(&self, out: &mut impl Stand, user: HandleId) {
        let realm = match (self.org.as_deref(), self.business.as_deref()) {
            (Some(org), _) => format!("saml:{GITHUB}/{org}"),
            (None, Some(business)) => format!("saml:{GITHUB}/enterprises/{business}"),
            (None, None) => return,
        };
        if self.id.is_some() {
            for name in [&self.name_id, &self.username].into_iter().flatten() {
                let login = out.handle(HandleKind::Login, &realm, name);
                out.tied(user, Tie::Named, login);
            }
        }
    }

    /// The long-lived token that acted: it stands for the user it was issued to, whoever holds it now.
    fn token(&self, out: &mut impl Stand, user: HandleId) -> Option<HandleId> {
        let kind = token_kind(self.access.as_deref())?;
        let numbers = if kind == FINE_GRAINED { FINE_GRAINED_USES } else { TOKENS };
        let token = token(out, kind, self.hashed_token.as_deref(), self.token_id.as_deref(), numbers)?;
        out.tied(token, Tie::RunsAs, user);
        if let Some(app) = self.oauth_app.as_deref().filter(|_| kind == OAUTH) {
            let app = out.handle(HandleKind::Agent, OAUTH_APPS, app);
            out.described(app, Detail::Kind, "oauth-app");
            out.tied(token, Tie::IssuedFor, app);
        }
        Some(token)
    }
}

fn text<'p>(part: &'p Part<'_>) -> &'p str {
    part.as_deref().unwrap_or_default()
}

/// The user whom a record concerns (`user`, `user_id`), where it names one.
pub(super) fn concerned(fields: &Fields<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let login = fields.get("user").filter(|login| !is_nobody(login));
    let machine = machine(login.as_deref().unwrap_or_default(), false, false);
    user(facts, login.as_deref(), fields.id("user_id").as_deref(), machine)
}
