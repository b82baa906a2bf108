//! Events that make, change, use or end a thing: agents, functions, stacks, principals, keys.
//!
//! References: the API models of bedrock-agent, bedrock-agentcore-control, iam, lambda and cloudformation; CloudTrail
//! writes their parameters under the same names, the first letter lower-case. `iam:PassRole` is never logged: which
//! role a thing runs as is read from the request that made it.

use super::Event;
use super::params::{Ids, Params};
use crate::fact::claim::{Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names::{Arn, principal, principal_named, unqualified_function};
use crate::source::aws_tags::tagged;

/// What an event does to the thing it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It makes or changes it.
    Makes(Making),
    /// It ends it.
    Ends(Ending),
    /// It uses it, or tries to.
    Uses,
    /// It tags it.
    Tags,
}

/// The kinds of things, by how their id is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    BedrockAgent,
    Runtime,
    Gateway,
    Function,
    Stack,
    Instance,
    User,
    Role,
    AccessKey,
    ServiceKey,
    /// Whatever the ARN in the request names.
    ByArn,
}

use Effect::{Ends, Makes, Tags, Uses};
use Making::{Created, Issued, Pointed, Updated};

/// Service, operation, effect, thing. In the order of the services' documentation.
const EVENTS: &[(&str, &str, Effect, Thing)] = &[
    ("bedrock", "CreateAgent", Makes(Created), Thing::BedrockAgent),
    ("bedrock", "UpdateAgent", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "PrepareAgent", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "DeleteAgent", Ends(Ending::Deleted), Thing::BedrockAgent),
    ("bedrock", "CreateAgentAlias", Makes(Pointed), Thing::BedrockAgent),
    ("bedrock", "UpdateAgentAlias", Makes(Pointed), Thing::BedrockAgent),
    ("bedrock", "CreateAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "UpdateAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "DeleteAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "AssociateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "UpdateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "DisassociateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "AssociateAgentCollaborator", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "UpdateAgentCollaborator", Makes(Updated), Thing::BedrockAgent),
    ("bedrock", "InvokeAgent", Uses, Thing::BedrockAgent),
    ("bedrock", "GetAgent", Uses, Thing::BedrockAgent),
    ("bedrock", "TagResource", Tags, Thing::ByArn),
    ("bedrock-agentcore", "CreateAgentRuntime", Makes(Created), Thing::Runtime),
    ("bedrock-agentcore", "UpdateAgentRuntime", Makes(Updated), Thing::Runtime),
    ("bedrock-agentcore", "DeleteAgentRuntime", Ends(Ending::Deleted), Thing::Runtime),
    ("bedrock-agentcore", "CreateAgentRuntimeEndpoint", Makes(Pointed), Thing::Runtime),
    ("bedrock-agentcore", "UpdateAgentRuntimeEndpoint", Makes(Pointed), Thing::Runtime),
    ("bedrock-agentcore", "InvokeAgentRuntime", Uses, Thing::Runtime),
    ("bedrock-agentcore", "GetAgentRuntime", Uses, Thing::Runtime),
    ("bedrock-agentcore", "CreateGateway", Makes(Created), Thing::Gateway),
    ("bedrock-agentcore", "UpdateGateway", Makes(Updated), Thing::Gateway),
    ("bedrock-agentcore", "DeleteGateway", Ends(Ending::Deleted), Thing::Gateway),
    ("bedrock-agentcore", "CreateGatewayTarget", Makes(Updated), Thing::Gateway),
    ("bedrock-agentcore", "UpdateGatewayTarget", Makes(Updated), Thing::Gateway),
    ("bedrock-agentcore", "DeleteGatewayTarget", Makes(Updated), Thing::Gateway),
    ("bedrock-agentcore", "InvokeGateway", Uses, Thing::Gateway),
    ("bedrock-agentcore", "TagResource", Tags, Thing::ByArn),
    ("lambda", "CreateFunction", Makes(Created), Thing::Function),
    ("lambda", "UpdateFunctionCode", Makes(Updated), Thing::Function),
    ("lambda", "UpdateFunctionConfiguration", Makes(Updated), Thing::Function),
    ("lambda", "PublishVersion", Makes(Updated), Thing::Function),
    ("lambda", "DeleteFunction", Ends(Ending::Deleted), Thing::Function),
    ("lambda", "Invoke", Uses, Thing::Function),
    ("lambda", "TagResource", Tags, Thing::ByArn),
    ("cloudformation", "CreateStack", Makes(Created), Thing::Stack),
    ("cloudformation", "UpdateStack", Makes(Updated), Thing::Stack),
    ("cloudformation", "CreateChangeSet", Uses, Thing::Stack),
    ("cloudformation", "ExecuteChangeSet", Makes(Updated), Thing::Stack),
    ("cloudformation", "DeleteStack", Ends(Ending::Deleted), Thing::Stack),
    ("ec2", "RunInstances", Makes(Created), Thing::Instance),
    ("ec2", "TerminateInstances", Ends(Ending::Deleted), Thing::Instance),
    ("iam", "CreateUser", Makes(Created), Thing::User),
    ("iam", "UpdateUser", Makes(Updated), Thing::User),
    ("iam", "DeleteUser", Ends(Ending::Deleted), Thing::User),
    ("iam", "CreateLoginProfile", Makes(Updated), Thing::User),
    ("iam", "UpdateLoginProfile", Makes(Updated), Thing::User),
    ("iam", "TagUser", Tags, Thing::User),
    ("iam", "CreateRole", Makes(Created), Thing::Role),
    ("iam", "UpdateRole", Makes(Updated), Thing::Role),
    ("iam", "UpdateAssumeRolePolicy", Makes(Updated), Thing::Role),
    ("iam", "DeleteRole", Ends(Ending::Deleted), Thing::Role),
    ("iam", "TagRole", Tags, Thing::Role),
    ("iam", "AttachUserPolicy", Makes(Updated), Thing::User),
    ("iam", "PutUserPolicy", Makes(Updated), Thing::User),
    ("iam", "AttachRolePolicy", Makes(Updated), Thing::Role),
    ("iam", "PutRolePolicy", Makes(Updated), Thing::Role),
    ("iam", "CreateAccessKey", Makes(Issued), Thing::AccessKey),
    ("iam", "UpdateAccessKey", Makes(Updated), Thing::AccessKey),
    ("iam", "DeleteAccessKey", Ends(Ending::Deleted), Thing::AccessKey),
    ("iam", "CreateServiceSpecificCredential", Makes(Issued), Thing::ServiceKey),
    ("iam", "DeleteServiceSpecificCredential", Ends(Ending::Deleted), Thing::ServiceKey),
];

/// Writes what the event does to a thing, and returns the thing. `None` for events of another kind, and where the
/// record does not name the thing.
pub(super) fn write(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    let (_, _, effect, thing) =
        EVENTS.iter().find(|(service, name, ..)| *service == event.service && *name == event.name)?;
    let params = Params::of(event);
    let handle = handle(*thing, &params, event, facts)?;
    if !succeeded {
        return Some(handle);
    }
    let by = event.actor.by;
    match *effect {
        Makes(how) => {
            facts.made(by, how, handle);
            described(*thing, handle, &params, event, facts);
        }
        Ends(how) => facts.ended(handle, how, Some(by)),
        Tags => tagged(facts, handle, &params.request.tags, Some(by)),
        Uses => {}
    }
    Some(handle)
}

/// The thing an event names, by its lasting id where the record has one.
fn handle(thing: Thing, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let ids = Ids { params, event };
    match thing {
        Thing::BedrockAgent => match ids.bedrock_agent() {
            Some(arn) => Some(facts.handle(HandleKind::Agent, "", &arn)),
            None => unfinished(facts, event, "bedrock-agent", params.request.agent_name.get()?),
        },
        Thing::Runtime => match ids.runtime() {
            Some(arn) => Some(facts.handle(HandleKind::Agent, "", &arn)),
            None => unfinished(facts, event, "agentcore-runtime", params.request.agent_runtime_name.get()?),
        },
        Thing::Gateway => ids.gateway().map(|arn| facts.handle(HandleKind::Agent, "", &arn)),
        Thing::Function => ids.function().map(|arn| facts.handle(HandleKind::Workload, "", unqualified_function(&arn))),
        Thing::Stack => ids.stack().map(|arn| facts.handle(HandleKind::Workload, "", &arn)),
        Thing::Instance => ids.instance().map(|arn| facts.handle(HandleKind::Workload, "", &arn)),
        Thing::User => user(params, event, facts),
        Thing::Role => role(params, event, facts),
        Thing::AccessKey => ids.access_key().map(|key| facts.handle(HandleKind::Key, "", key)),
        Thing::ServiceKey => ids.service_key().map(|key| facts.handle(HandleKind::Key, "", key)),
        Thing::ByArn => by_arn(params.request.resource_arn.get()?, facts),
    }
}

/// A thing whose making the record shows, but not the id it was given: named by what it was called, where.
fn unfinished(facts: &mut FactWriter, event: &Event<'_>, kind: &str, name: &str) -> Option<HandleId> {
    let realm = format!("{kind}:{}:{}", event.account, event.region());
    Some(facts.handle(HandleKind::Agent, &realm, name))
}

/// What an ARN names: an agent, a function; nothing else is tagged here.
fn by_arn(arn: &str, facts: &mut FactWriter) -> Option<HandleId> {
    let parsed = Arn::parse(arn)?;
    let kind = match (parsed.service, parsed.resource.split(['/', ':']).next()?) {
        ("bedrock", "agent") | ("bedrock-agentcore", "runtime" | "gateway") => HandleKind::Agent,
        ("lambda", "function") => HandleKind::Workload,
        _ => HandleKind::Resource,
    };
    Some(facts.handle(kind, "", arn))
}

fn user(params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if let Some(user) = params.response.user.get() {
        return principal(facts, user.user_id.get(), user.arn.get());
    }
    Some(principal_named(facts, event.account, "user", params.request.user_name.get()?))
}

fn role(params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if let Some(role) = params.response.role.get() {
        return principal(facts, role.role_id.get(), role.arn.get());
    }
    Some(principal_named(facts, event.account, "role", params.request.role_name.get()?))
}

/// What the record tells of a thing beside who made it: its kind, name, role, tags, what it depends on.
fn described(thing: Thing, handle: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) {
    let request = &params.request;
    let (kind, name) = match thing {
        Thing::BedrockAgent => ("bedrock-agent", request.agent_name.get()),
        Thing::Runtime => ("agentcore-runtime", request.agent_runtime_name.get()),
        Thing::Gateway => ("agentcore-gateway", request.name.get()),
        Thing::Function => ("function", request.function_name.get()),
        Thing::Stack => ("stack", request.stack_name.get()),
        Thing::Instance => ("instance", None),
        Thing::User => ("iam-user", request.user_name.get()),
        Thing::Role => ("iam-role", request.role_name.get()),
        Thing::AccessKey | Thing::ServiceKey => return key_of_user(handle, params, event, facts),
        Thing::ByArn => return,
    };
    facts.described(handle, Detail::Kind, kind);
    facts.described(handle, Detail::DisplayName, name.map_or("", |name| name.rsplit('/').next().unwrap_or(name)));
    if !matches!(thing, Thing::User | Thing::Role) {
        for arn in [&request.agent_resource_role_arn, &request.role_arn, &request.role] {
            if let Some(role) = arn.get().and_then(|arn| principal(facts, None, Some(arn))) {
                facts.tied(handle, Tie::RunsAs, role);
            }
        }
    }
    let lambda = request.action_group_executor.get().and_then(|executor| executor.lambda.get());
    if let Some(arn) = lambda {
        let function = facts.handle(HandleKind::Workload, "", unqualified_function(arn));
        facts.tied(handle, Tie::DependsOn, function);
    }
    if let Some(image) = params.image() {
        facts.described(handle, Detail::Commit, image.rsplit([':', '@']).next().unwrap_or_default());
    }
    tagged(facts, handle, &request.tags, Some(event.actor.by));
}

/// A key belongs to the user it was issued to, however issued it.
fn key_of_user(key: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) {
    facts.described(key, Detail::Kind, "access-key");
    let issued = params.response.access_key.get().and_then(|key| key.user_name.get());
    let user = match issued.or(params.request.user_name.get()) {
        Some(name) => principal_named(facts, event.account, "user", name),
        None => match event.actor.principal {
            Some(own) => own,
            None => return,
        },
    };
    facts.tied(key, Tie::RunsAs, user);
    if let Some(status) = params.request.status.get() {
        facts.described(key, Detail::CredentialState, if status == "Active" { "active" } else { "inactive" });
    }
}
