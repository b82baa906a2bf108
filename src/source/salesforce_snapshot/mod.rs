//! Salesforce as it stands: users, the access they gave to apps, connected apps, agents, permission sets.
//!
//! References: developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm
//! (and …_user.htm, …_connectedapplication.htm, …_botdefinition.htm, …_permissionsetassignment.htm). Relied on: the name of
//! the object (`attributes.type`) or its columns; `Id`, or `UserId` with `AppName`; used where present the fields that the
//! modules below name.
//!
//! Quirks. `OauthToken` has no id and several rows for one user and app. It names the app by its label, and by the number
//! of a menu item. Whoever lacks the right to see all tokens is given their own alone. A frozen user is still active. Users
//! of agents and integrations are users like people, told by their profile alone. Department and manager of users are not
//! read: mostly another directory has them, in other words, and a department written two ways would look like a move.
//! Values of tokens are never read.

mod access;
mod agents;

use super::salesforce_fields::Fields;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::Record;
use crate::fact::writer::FactWriter;

/// Reads answers to queries of Salesforce.
pub struct SalesforceSnapshot;

static CARD: Card = Card {
    name: "salesforce_snapshot",
    title: "Salesforce users, app access and agents",
    tells: "who gave which app access, who made which agent and app, whose account is active, who may use what",
    reference: "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm",
    recognised_by: "answers to queries by attributes.type; tables with AppName and UserId, Username and IsActive, DeveloperName \
                    and MasterLabel, AssigneeId and PermissionSetId",
    exports: &[
        Export {
            form: "users (JSON, or CSV with --result-format csv)",
            command: "sf data query -q \"SELECT Id,Username,Email,Name,IsActive,Profile.Name,UserType,EmployeeNumber,FederationIdentifier,CreatedDate,CreatedById FROM User\" --json > sf-users.json",
        },
        Export {
            form: "the access that users gave to apps",
            command: "sf data query -q \"SELECT AppName,AppMenuItemId,UserId,CreatedDate,LastUsedDate,UseCount FROM OauthToken\" --json > sf-oauth-tokens.json",
        },
        Export {
            form: "connected apps",
            command: "sf data query -q \"SELECT Id,Name,CreatedById,CreatedDate,OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication\" --json > sf-apps.json",
        },
        Export {
            form: "agents of Agentforce, and their versions",
            command: "sf data query -q \"SELECT Id,DeveloperName,MasterLabel,BotUserId,CreatedById,CreatedDate,LastModifiedById,LastModifiedDate FROM BotDefinition\" --json > sf-agents.json",
        },
        Export {
            form: "frozen users",
            command: "sf data query -q \"SELECT Id,UserId,IsFrozen FROM UserLogin\" --json > sf-user-logins.json",
        },
        Export {
            form: "permission sets, and who has them",
            command: "sf data query -q \"SELECT Id,AssigneeId,PermissionSetId,PermissionSet.Name FROM PermissionSetAssignment\" --json > sf-permission-sets.json",
        },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    User,
    UserLogin,
    /// One row of a user's access to an app.
    Token,
    App,
    Agent,
    AgentVersion,
    /// Topics, actions and planners, which belong to agents.
    AgentPart,
    PermissionSet,
    Assignment,
    /// An app that a permission set or profile lets in.
    EntityAccess,
}

/// Objects by their names in queries.
const OBJECTS: &[(&str, Kind)] = &[
    ("BotDefinition", Kind::Agent),
    ("BotVersion", Kind::AgentVersion),
    ("ConnectedApplication", Kind::App),
    ("GenAiFunctionDefinition", Kind::AgentPart),
    ("GenAiPlannerDefinition", Kind::AgentPart),
    ("GenAiPluginDefinition", Kind::AgentPart),
    ("OauthToken", Kind::Token),
    ("PermissionSet", Kind::PermissionSet),
    ("PermissionSetAssignment", Kind::Assignment),
    ("SetupEntityAccess", Kind::EntityAccess),
    ("User", Kind::User),
    ("UserLogin", Kind::UserLogin),
];

/// Objects by the columns of their tables; any one row of these.
const COLUMNS: &[(&[&str], Kind)] = &[
    (&["AppName", "UserId", "UseCount"], Kind::Token),
    (&["AppName", "UserId", "LastUsedDate"], Kind::Token),
    (&["Id", "Username", "IsActive"], Kind::User),
    (&["Id", "Username", "FederationIdentifier"], Kind::User),
    (&["UserId", "IsFrozen"], Kind::UserLogin),
    (&["Id", "Name", "OptionsAllowAdminApprovedUsersOnly"], Kind::App),
    (&["Id", "BotDefinitionId", "CreatedById"], Kind::AgentVersion),
    (&["Id", "DeveloperName", "MasterLabel", "BotUserId"], Kind::Agent),
    (&["AssigneeId", "PermissionSetId"], Kind::Assignment),
    (&["ParentId", "SetupEntityId"], Kind::EntityAccess),
    (&["Id", "Name", "Label", "IsOwnedByProfile"], Kind::PermissionSet),
];

fn kind(fields: &Fields<'_>) -> Option<Kind> {
    if let Some(object) = fields.object() {
        return OBJECTS.iter().find(|(name, _)| *name == object).map(|(_, kind)| *kind);
    }
    COLUMNS.iter().find(|(columns, _)| fields.has(columns)).map(|(_, kind)| *kind)
}

impl Source for SalesforceSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let known = Fields::of(&shape.body).and_then(|fields| kind(&fields));
        if known.is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let fields = Fields::of(&record.body).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        match kind(&fields).ok_or(Refusal::Unreadable("the record"))? {
            Kind::User => access::user(&fields, facts)?,
            Kind::UserLogin => access::user_login(&fields, facts)?,
            Kind::Token => access::token(&fields, facts)?,
            Kind::App => access::app(&fields, facts)?,
            Kind::PermissionSet => access::permission_set(&fields, facts)?,
            Kind::Assignment => access::assignment(&fields, facts)?,
            Kind::EntityAccess => access::entity_access(&fields, facts)?,
            Kind::Agent => agents::agent(&fields, facts)?,
            Kind::AgentVersion => agents::version(&fields, facts)?,
            Kind::AgentPart => return Ok(Reading::SetAside("a part of an agent")),
        }
        Ok(Reading::Claimed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_in_order() {
        assert!(OBJECTS.is_sorted_by(|one, two| one.0 < two.0));
    }
}
