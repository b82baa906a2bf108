//! What apps may do in users' names, and by themselves.
//!
//! References: learn.microsoft.com/graph/api/resources/oauth2permissiongrant and …/approleassignment. Neither says who
//! allowed it; a consent says for whom, which makes it that user's.

use super::{Scene, needed};
use crate::fact::claim::{Declaring, Detail, Tie};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::Refusal;
use crate::source::entra_fields::Fields;
use crate::source::entra_names;

/// A consent: one user's is a thing of its own, everybody's is what the app may do.
pub(super) fn consent(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let client = needed(fields, "clientId")?;
    let app = entra_names::service_principal(facts, scene.realm, Some(&client), None);
    let app = app.ok_or(Refusal::Missing("clientId"))?;
    let personal = needed(fields, "consentType")? == "Principal";
    let user = fields.get("principalId").filter(|_| personal);
    let to = match user.as_deref() {
        Some(user) => {
            let grant = entra_names::grant(facts, Some(&client), None, user).ok_or(Refusal::Missing("principalId"))?;
            facts.tied(grant, Tie::DependsOn, app);
            // The directory itself keeps whose it is. Wrong where an administrator consented for the user, who has never
            // used it: it is the user's nevertheless.
            if let Some(user) = entra_names::user(facts, scene.realm, Some(user), None) {
                facts.declared(user, grant, Declaring::OwnerField, None);
            }
            grant
        }
        None if personal => return Err(Refusal::Missing("principalId")),
        None => app,
    };
    let api = fields.get("resourceId");
    for scope in fields.get("scope").unwrap_or_default().split_whitespace() {
        let what = entra_names::permission(facts, scene.realm, api.as_deref(), scope);
        facts.granted(None, to, what);
    }
    Ok(())
}

/// A user, group or service principal that may do something of an app's.
pub(super) fn role_assignment(fields: &Fields<'_>, scene: Scene<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let (principal, api) = (needed(fields, "principalId")?, needed(fields, "resourceId")?);
    let name = fields.get("principalDisplayName").unwrap_or_default();
    let to = match fields.get("principalType").as_deref() {
        Some("User") => entra_names::user(facts, scene.realm, Some(&principal), None),
        Some("Group") => super::people::team(scene, &principal, None, facts),
        Some("ServicePrincipal") => entra_names::service_principal(facts, scene.realm, Some(&principal), None),
        _ => return Err(Refusal::Missing("principalType")),
    };
    let to = to.ok_or(Refusal::Missing("principalId"))?;
    facts.described(to, Detail::DisplayName, &name);
    let role = fields.get("appRoleId").and_then(|role| entra_names::id(Some(&role)).map(std::borrow::Cow::into_owned));
    let what = match role {
        Some(role) => entra_names::permission(facts, scene.realm, Some(&api), &role),
        // The nil role is the use of the app as such.
        None => match entra_names::service_principal(facts, scene.realm, Some(&api), None) {
            Some(app) => app,
            None => return Err(Refusal::Missing("resourceId")),
        },
    };
    facts.granted(None, to, what);
    Ok(())
}
