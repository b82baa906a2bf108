//! Events that allow: policies, permissions, assignments. What was allowed is not what was done.
//!
//! References: the API models of iam, lambda, eks and sso-admin. A grant names who may act from now on; that it was taken
//! back later is not followed.

use serde::Deserialize;

use super::identity::IDENTITY_CENTER;
use super::{Event, part};
use crate::fact::claim::Tie;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names::principal;
use crate::source::aws_policy::Trust;
use crate::source::aws_things::{agent_of, by_arn};
use crate::source::text::Text;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request<'a> {
    #[serde(borrow)]
    assume_role_policy_document: Trust<'a>,
    /// Of `UpdateAssumeRolePolicy`.
    #[serde(borrow)]
    policy_document: Trust<'a>,
    #[serde(borrow)]
    policy_arn: Text<'a>,
    #[serde(borrow)]
    principal: Text<'a>,
    #[serde(borrow)]
    source_arn: Text<'a>,
    #[serde(borrow, alias = "name")]
    cluster_name: Text<'a>,
    #[serde(borrow)]
    namespace: Text<'a>,
    #[serde(borrow)]
    service_account: Text<'a>,
    #[serde(borrow)]
    role_arn: Text<'a>,
    #[serde(borrow)]
    principal_arn: Text<'a>,
    #[serde(borrow)]
    target_id: Text<'a>,
    #[serde(borrow)]
    permission_set_arn: Text<'a>,
    #[serde(borrow)]
    principal_type: Text<'a>,
    #[serde(borrow)]
    principal_id: Text<'a>,
}

/// Writes what the event allows. `on` is the thing that the event is about, where it is about one.
pub(super) fn write(event: &Event<'_>, on: Option<HandleId>, facts: &mut FactWriter) {
    let request = || part::<Request<'_>>(event.entry.request);
    let by = Some(event.actor.by);
    match (event.service, event.name) {
        ("iam", "CreateRole" | "UpdateAssumeRolePolicy") => {
            if let Some(role) = on {
                let request = request();
                request.assume_role_policy_document.write(facts, role, by);
                request.policy_document.write(facts, role, by);
            }
        }
        ("iam", "AttachRolePolicy" | "AttachUserPolicy") => {
            if let Some((principal, policy)) = on.zip(request().policy_arn.get()) {
                let policy = facts.handle(HandleKind::Resource, "", policy);
                facts.granted(by, principal, policy);
            }
        }
        ("lambda", "AddPermission") => {
            if let Some(function) = on {
                may_call(event, function, &request(), facts);
            }
        }
        ("eks", "CreatePodIdentityAssociation" | "CreateAccessEntry") => in_cluster(event, &request(), facts),
        ("sso", "CreateAccountAssignment") => assigned(event, &request(), facts),
        _ => {}
    }
}

/// Who may call a function. Where the permission is for one agent, the agent depends on the function.
fn may_call(event: &Event<'_>, function: HandleId, request: &Request<'_>, facts: &mut FactWriter) {
    let by = Some(event.actor.by);
    let source = request.source_arn.get().and_then(|arn| by_arn(facts, arn));
    if let Some(agent) = source.filter(|_| request.source_arn.get().is_some_and(|arn| agent_of(arn).is_some())) {
        facts.tied(agent, Tie::DependsOn, function);
        return facts.granted(by, agent, function);
    }
    let Some(name) = request.principal.get() else { return };
    let to = if name.starts_with("arn:") {
        principal(facts, None, Some(name))
    } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
        Some(facts.handle(HandleKind::Account, "", name))
    } else {
        name.contains('.').then(|| facts.handle(HandleKind::Service, "", name))
    };
    if let Some(to) = to {
        facts.granted(by, to, function);
    }
}

/// A service account of a cluster may act as a role; a principal may enter a cluster.
fn in_cluster(event: &Event<'_>, request: &Request<'_>, facts: &mut FactWriter) {
    let Some(cluster) = request.cluster_name.get().and_then(|name| event.arn("eks", "cluster/", name)) else {
        return;
    };
    let by = Some(event.actor.by);
    if let Some(to) = request.principal_arn.get().and_then(|arn| principal(facts, None, Some(arn))) {
        let cluster = facts.handle(HandleKind::Resource, "", &cluster);
        return facts.granted(by, to, cluster);
    }
    let account = request.namespace.get().zip(request.service_account.get());
    if let Some((namespace, name)) = account
        && let Some(role) = request.role_arn.get().and_then(|arn| principal(facts, None, Some(arn)))
    {
        let subject = format!("system:serviceaccount:{namespace}:{name}");
        let subject = facts.handle(HandleKind::Subject, &cluster, &subject);
        facts.granted(by, subject, role);
    }
}

/// A user or group of Identity Center may take a permission set in an account. The instance's ARN does not say which
/// identity store it stands on.
fn assigned(event: &Event<'_>, request: &Request<'_>, facts: &mut FactWriter) {
    let (Some(set), Some(id)) = (request.permission_set_arn.get(), request.principal_id.get()) else { return };
    let kind = if request.principal_type.get() == Some("GROUP") { HandleKind::Team } else { HandleKind::UserId };
    let to = facts.handle(kind, IDENTITY_CENTER, id);
    let account = request.target_id.get().unwrap_or_default();
    let set = facts.handle(HandleKind::Resource, account, set);
    facts.granted(Some(event.actor.by), to, set);
}
