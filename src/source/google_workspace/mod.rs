//! Google Workspace: who gave which app access, who is there, away or gone, under which manager; who signed in.
//!
//! References: developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list and
//! developers.google.com/workspace/admin/directory/reference/rest/v1/users. Relied on: of activities `id.time`,
//! `id.applicationName` and the names of `events`; of the directory `kind` with `id`, `email` or `clientId`. Used where
//! present: `actor`, `ipAddress`, parameters, and what the two parts of this source name.
//!
//! Quirks. `events` can be a list or one object. The token log goes back six months. A user's access to an app sleeps
//! while the user is suspended and ends with the user's deletion; what a service account was given for the whole domain
//! ends with nobody. A list of users leaves out who was deleted unless it is asked for. A list of members does not say
//! of which group; the export adds it. Activities that Workspace shares with Google Cloud stand in its audit logs.

mod activity;
mod directory;
mod names;

use super::gcp_audit;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Body, Object, Record};
use crate::fact::writer::FactWriter;

/// Reads Google Workspace.
pub struct GoogleWorkspace;

const NAME: &str = "google_workspace";

static CARD: Card = Card {
    name: NAME,
    title: "Google Workspace",
    tells: "which app a user gave access to, who is there, away or gone, in which team, under which manager",
    reference: "https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list",
    recognised_by: "objects of a kind admin#reports#activity or admin#directory#…; reports and tokens as GAM prints them; activities shared with Google Cloud",
    exports: &[
        Export {
            form: "access that users gave to apps (also: applications/admin, applications/login, applications/saml)",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://admin.googleapis.com/admin/reports/v1/activity/users/all/applications/token?startTime=2026-06-01T00:00:00Z&maxResults=1000\" > workspace-token.json",
        },
        Export {
            form: "users",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://admin.googleapis.com/admin/directory/v1/users?customer=my_customer&projection=full&maxResults=500\" > workspace-users.json",
        },
        Export { form: "users as a table", command: "gam print users allfields > workspace-users.csv" },
        Export {
            form: "users who were deleted in the last 20 days",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://admin.googleapis.com/admin/directory/v1/users?customer=my_customer&showDeleted=true&maxResults=500\" > workspace-users-deleted.json",
        },
        Export {
            form: "groups",
            command: "curl -H \"Authorization: Bearer $TOKEN\" \"https://admin.googleapis.com/admin/directory/v1/groups?customer=my_customer\" > workspace-groups.json",
        },
        Export {
            form: "members of a group, with the group's address added to each",
            command: "curl -H \"Authorization: Bearer $TOKEN\" https://admin.googleapis.com/admin/directory/v1/groups/$GROUP/members | jq --arg g $GROUP '.members | map(. + {group: $g})' > workspace-group-$GROUP.json",
        },
        Export {
            form: "apps that users gave access to, as they stand",
            command: "gam all users print tokens > workspace-tokens.csv",
        },
        Export { form: "reports as tables", command: "gam report token start -180d > workspace-token.csv" },
    ],
};

/// What a record is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Activity,
    /// An activity in a log entry of Google Cloud.
    Shared,
    Directory(directory::Kind),
}

fn kind(object: &Object<'_>) -> Option<Kind> {
    if activity::is_item(object) {
        return Some(Kind::Activity);
    }
    if let Some(payload) = object.raw("protoPayload") {
        let organization = object.raw("logName").is_some_and(|log| log.starts_with("\"organizations/"));
        return (organization && gcp_audit::is_of_workspace(payload)).then_some(Kind::Shared);
    }
    directory::kind(object).map(Kind::Directory)
}

impl Source for GoogleWorkspace {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let ours = match shape.body {
            Body::Json(object) => kind(&object).is_some(),
            Body::Row(row) => {
                activity::is_report(&row) || directory::is_token_table(&row) || directory::is_user_table(&row)
            }
            Body::Line(_) | Body::Doc(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        match record.body {
            Body::Row(row) if activity::is_report(&row) => activity::row(row, NAME, facts),
            Body::Row(row) if directory::is_user_table(&row) => {
                directory::user_row(&row, record.taken, facts).map(|()| Reading::Claimed)
            }
            Body::Row(row) => directory::token_row(&row, record.taken, facts).map(|()| Reading::Claimed),
            Body::Json(object) => match kind(&object).ok_or(Refusal::Unreadable("the record"))? {
                Kind::Activity => activity::item(&object, NAME, facts),
                Kind::Shared => activity::shared(&object, NAME, facts),
                Kind::Directory(kind) => {
                    directory::write(kind, &object, record.taken, facts).map(|()| Reading::Claimed)
                }
            },
            Body::Line(_) | Body::Doc(_) => Err(Refusal::Unreadable("the record")),
        }
    }
}
