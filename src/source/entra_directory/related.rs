//! Owners, sponsors and members: directory objects that stand in another one, or in a list that belongs to one.
//!
//! Reference: learn.microsoft.com/graph/api/group-list-members (and …/application-list-owners,
//! …/agentidentity-list-sponsors). A list of its own does not say of what it is the list, unless it was wrapped in an
//! object that does, or has a link to its next page.

use serde::Deserialize;

use super::{Kind, Scene, of_type, parsed, people};
use crate::bundle::record::{Around, string};
use crate::fact::claim::{Declaring, Detail};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::entra_fields::Fields;
use crate::source::entra_names;
use crate::source::text::{Part, Parts, Text};
use crate::source::{Reading, Refusal};

/// What is put to the object that stands around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Owner,
    Sponsor,
    Member,
}

/// An object of which a list tells owners, sponsors or members.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    role: Role,
    /// The key or the collection that names the object.
    of: &'static str,
    id: String,
}

/// Keys under which exports put the id of the object beside a list, and the collection it is in.
const HOLDERS: &[(&str, &str)] = &[
    ("groupId", "groups"),
    ("appId", "appId"),
    ("applicationId", "applications"),
    ("appObjectId", "applications"),
    ("servicePrincipalId", "servicePrincipals"),
    ("agentIdentityId", "servicePrincipals"),
];

impl Relation {
    pub(super) fn of(around: &Around<'_>, fields: &Fields<'_>) -> Option<Self> {
        let outer = around.outer?;
        let listed = match around.list? {
            "owners" | "Owners" => Some(Role::Owner),
            "sponsors" | "Sponsors" => Some(Role::Sponsor),
            "members" | "Members" => Some(Role::Member),
            "value" => None,
            _ => return None,
        };
        let ours = fields.has("@odata.type") || fields.has("userPrincipalName") || fields.has("appId");
        if let Some(role) = listed.filter(|_| ours) {
            let of = |(key, of): &(&str, &'static str)| {
                let member = outer.members.iter().find(|member| member.key.eq_ignore_ascii_case(key))?;
                let id = string(member.value).filter(|id| !id.is_empty())?;
                Some(Self { role, of, id: id.into_owned() })
            };
            return HOLDERS.iter().find_map(of);
        }
        let links = ["@odata.nextLink", "@odata.context"].into_iter().filter_map(|key| outer.text(key));
        links.into_iter().find_map(|link| Self::in_link(&link))
    }

    /// `…/groups/ID/members?…`, `…$metadata#groups('ID')/members`: the object whose list a link continues.
    fn in_link(link: &str) -> Option<Self> {
        const COLLECTIONS: [&str; 3] = ["groups", "applications", "servicePrincipals"];
        let link = link.replace("('", "/").replace("')", "");
        let mut parts = link.split(['/', '#', '?']);
        while let Some(part) = parts.next() {
            let Some(of) = COLLECTIONS.iter().find(|collection| **collection == part) else { continue };
            let id = parts.next().filter(|id| entra_names::is_guid(id))?;
            let role = match parts.next()? {
                "owners" => Role::Owner,
                "sponsors" => Role::Sponsor,
                "members" | "transitiveMembers" => Role::Member,
                _ => return None,
            };
            return Some(Self { role, of, id: id.to_owned() });
        }
        None
    }

    /// The object itself.
    fn holder(&self, scene: Scene<'_>, facts: &mut FactWriter) -> Option<HandleId> {
        match self.of {
            "groups" => people::team(scene, &self.id, None, facts),
            "applications" => entra_names::application(facts, scene.realm, Some(&self.id), None),
            "servicePrincipals" => entra_names::service_principal(facts, scene.realm, Some(&self.id), None),
            _ => entra_names::application(facts, scene.realm, None, Some(&self.id)),
        }
    }

    pub(super) fn write(
        &self,
        fields: &Fields<'_>,
        scene: Scene<'_>,
        facts: &mut FactWriter,
    ) -> Result<Reading, Refusal> {
        let object = Party::of_fields(fields);
        let holder = self.holder(scene, facts).ok_or(Refusal::Unreadable("@odata.context"))?;
        object.id.get().ok_or(Refusal::Missing("id"))?;
        if object.is_something_else() {
            return Ok(Reading::SetAside("a device or contact in a list of members or owners"));
        }
        let party = object.handle(scene, facts).ok_or(Refusal::Missing("@odata.type"))?;
        put(self.role, party, holder, facts);
        Ok(Reading::Claimed)
    }
}

/// Writes that somebody owns, sponsors or belongs to something.
///
/// Owners look after the object, sponsors answer for what it is there for; both are written down by administrators or
/// put in by Entra itself, which takes whoever makes the object where nobody is named. Wrong where nobody has looked after
/// the entry since. Membership of a group is access, not a place in the organisation: it is told as a grant.
fn put(role: Role, party: HandleId, holder: HandleId, facts: &mut FactWriter) {
    match role {
        Role::Owner => facts.declared(party, holder, Declaring::OwnerField, None),
        Role::Sponsor => facts.declared(party, holder, Declaring::Sponsor, None),
        Role::Member => facts.granted(None, party, holder),
    }
}

/// A directory object as another one refers to it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Party<'a> {
    #[serde(borrow, rename = "@odata.type")]
    odata_type: Text<'a>,
    #[serde(borrow, alias = "Id")]
    pub(super) id: Text<'a>,
    #[serde(borrow, alias = "UserPrincipalName")]
    user_principal_name: Text<'a>,
    #[serde(borrow, alias = "DisplayName")]
    display_name: Text<'a>,
    #[serde(borrow, alias = "AppId")]
    app_id: Text<'a>,
    #[serde(borrow, alias = "ServicePrincipalType")]
    service_principal_type: Text<'a>,
    #[serde(borrow, alias = "SecurityEnabled")]
    security_enabled: Text<'a>,
    #[serde(borrow, rename = "AdditionalProperties")]
    more: Part<More<'a>>,
}

/// What PowerShell's class of directory objects does not know.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct More<'a> {
    #[serde(borrow, rename = "@odata.type")]
    odata_type: Text<'a>,
    #[serde(borrow)]
    user_principal_name: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    app_id: Text<'a>,
}

impl<'a> Party<'a> {
    fn of_fields(fields: &'a Fields<'_>) -> Self {
        Self {
            odata_type: fields.text("@odata.type"),
            id: fields.text("id"),
            user_principal_name: fields.text("userPrincipalName"),
            display_name: fields.text("displayName"),
            app_id: fields.text("appId"),
            service_principal_type: fields.text("servicePrincipalType"),
            security_enabled: fields.text("securityEnabled"),
            more: Part::default(),
        }
    }

    /// What the record says that it is.
    fn typed(&self) -> Option<&str> {
        let own = self.odata_type.get().or_else(|| self.more.get()?.odata_type.get());
        own?.strip_prefix("#microsoft.graph.")
    }

    /// The name of a user.
    fn user_principal_name(&self) -> Option<&str> {
        self.user_principal_name.get().or_else(|| self.more.get()?.user_principal_name.get())
    }

    /// Whether the record says that it is neither user nor service principal nor group.
    fn is_something_else(&self) -> bool {
        self.typed().is_some_and(|name| of_type(name).is_none())
    }

    /// The user that it is, unless the record says that it is something else.
    pub(super) fn user(&self, scene: Scene<'_>, facts: &mut FactWriter) -> Option<HandleId> {
        let user = self.typed().is_none_or(|name| of_type(name) == Some(Kind::User));
        if user { entra_names::user(facts, scene.realm, self.id.get(), self.user_principal_name()) } else { None }
    }

    /// The user, service principal or group. `None` where the record does not say which of them it is: an owner of
    /// unknown kind is nobody.
    fn handle(&self, scene: Scene<'_>, facts: &mut FactWriter) -> Option<HandleId> {
        let more = self.more.get();
        let (typed, upn) = (self.typed(), self.user_principal_name());
        let app = self.app_id.get().or_else(|| more?.app_id.get());
        let name = self.display_name.get().or_else(|| more?.display_name.get());
        let id = self.id.get();
        let kind = typed.and_then(of_type).or(match () {
            () if upn.is_some() => Some(Kind::User),
            () if app.is_some() || self.service_principal_type.get().is_some() => Some(Kind::ServicePrincipal),
            () if self.security_enabled.get().is_some() => Some(Kind::Group),
            () => None,
        });
        let handle = match kind? {
            Kind::User => entra_names::user(facts, scene.realm, id, upn)?,
            Kind::Group => facts.handle(HandleKind::Team, scene.realm, &entra_names::id(id)?),
            Kind::ServicePrincipal if typed == Some("agentIdentity") => entra_names::agent(facts, scene.realm, id?)?,
            Kind::ServicePrincipal => entra_names::service_principal(facts, scene.realm, id, app)?,
            _ => return None,
        };
        facts.described(handle, Detail::DisplayName, name.unwrap_or_default());
        if typed == Some("agentUser") {
            facts.described(handle, Detail::Machine, entra_names::AGENT_USER);
        }
        Some(handle)
    }
}

/// The directory objects in a nested list, and what they are to a holder.
pub(super) fn related(
    fields: &Fields<'_>,
    name: &str,
    role: Role,
    holder: HandleId,
    scene: Scene<'_>,
    facts: &mut FactWriter,
) {
    let nested = fields.nested(name);
    let parties: Parts<Party<'_>> = parsed(nested.as_deref());
    for party in parties.get() {
        if let Some(party) = party.handle(scene, facts) {
            put(role, party, holder, facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_belongs_to() {
        let id = "2f6b1c7e-4d3a-4e0b-8b52-9c1d7a5e3f60";
        for (link, of, role) in [
            (format!("https://graph.microsoft.com/v1.0/groups/{id}/members?$skiptoken=x"), "groups", Role::Member),
            (
                format!("https://graph.microsoft.com/beta/servicePrincipals/{id}/sponsors"),
                "servicePrincipals",
                Role::Sponsor,
            ),
            (
                format!("https://graph.microsoft.com/v1.0/$metadata#applications('{id}')/owners"),
                "applications",
                Role::Owner,
            ),
        ] {
            let relation = Relation::in_link(&link).expect(&link);
            assert_eq!((relation.of, relation.role, relation.id.as_str()), (of, role, id));
        }
        assert!(Relation::in_link("https://graph.microsoft.com/v1.0/$metadata#users").is_none());
    }
}
