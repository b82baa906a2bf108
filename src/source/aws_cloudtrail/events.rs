//! Which events make, change, tag or end which kind of thing: the plain cases, as a table.
//!
//! References: the operations of the API models of bedrock, bedrock-agent, bedrock-agentcore-control, lambda,
//! cloudformation, ecs, ec2 and iam. Events that only use a thing need no row: see [`used`].

use super::Event;
use crate::fact::claim::{Ending, Making};

/// What an event does to the thing it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It makes or changes it.
    Makes(Making),
    /// It ends it.
    Ends(Ending),
    /// It says what is to be made, and makes nothing yet.
    Plans,
    /// It uses it, or tries to.
    Uses,
    /// It tags it.
    Tags,
}

/// The kinds of things, by how their id is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    BedrockAgent,
    Flow,
    Runtime,
    Gateway,
    Harness,
    WorkloadIdentity,
    Function,
    Stack,
    Instance,
    TaskDefinition,
    TaskService,
    User,
    Role,
    AccessKey,
    ServiceKey,
    /// Whatever the ARN in the request names.
    ByArn,
}

use Effect::{Ends, Makes, Plans, Tags, Uses};
use Ending::Deleted;
use Making::{Created, Issued, Pointed, Updated};

type Row = (&'static str, Effect, Thing);

const BEDROCK: &[Row] = &[
    ("CreateAgent", Makes(Created), Thing::BedrockAgent),
    ("UpdateAgent", Makes(Updated), Thing::BedrockAgent),
    ("PrepareAgent", Makes(Updated), Thing::BedrockAgent),
    ("DeleteAgent", Ends(Deleted), Thing::BedrockAgent),
    ("DeleteAgentVersion", Makes(Updated), Thing::BedrockAgent),
    ("CreateAgentAlias", Makes(Pointed), Thing::BedrockAgent),
    ("UpdateAgentAlias", Makes(Pointed), Thing::BedrockAgent),
    ("DeleteAgentAlias", Makes(Updated), Thing::BedrockAgent),
    ("CreateAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("UpdateAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("DeleteAgentActionGroup", Makes(Updated), Thing::BedrockAgent),
    ("AssociateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("UpdateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("DisassociateAgentKnowledgeBase", Makes(Updated), Thing::BedrockAgent),
    ("AssociateAgentCollaborator", Makes(Updated), Thing::BedrockAgent),
    ("UpdateAgentCollaborator", Makes(Updated), Thing::BedrockAgent),
    ("DisassociateAgentCollaborator", Makes(Updated), Thing::BedrockAgent),
    ("CreateFlow", Makes(Created), Thing::Flow),
    ("UpdateFlow", Makes(Updated), Thing::Flow),
    ("PrepareFlow", Makes(Updated), Thing::Flow),
    ("CreateFlowVersion", Makes(Updated), Thing::Flow),
    ("CreateFlowAlias", Makes(Pointed), Thing::Flow),
    ("UpdateFlowAlias", Makes(Pointed), Thing::Flow),
    ("DeleteFlow", Ends(Deleted), Thing::Flow),
    ("TagResource", Tags, Thing::ByArn),
    ("UntagResource", Uses, Thing::ByArn),
];

const AGENTCORE: &[Row] = &[
    ("CreateAgentRuntime", Makes(Created), Thing::Runtime),
    ("UpdateAgentRuntime", Makes(Updated), Thing::Runtime),
    ("DeleteAgentRuntime", Ends(Deleted), Thing::Runtime),
    ("CreateAgentRuntimeEndpoint", Makes(Pointed), Thing::Runtime),
    ("UpdateAgentRuntimeEndpoint", Makes(Pointed), Thing::Runtime),
    ("DeleteAgentRuntimeEndpoint", Makes(Updated), Thing::Runtime),
    ("CreateGateway", Makes(Created), Thing::Gateway),
    ("UpdateGateway", Makes(Updated), Thing::Gateway),
    ("DeleteGateway", Ends(Deleted), Thing::Gateway),
    ("CreateGatewayTarget", Makes(Updated), Thing::Gateway),
    ("UpdateGatewayTarget", Makes(Updated), Thing::Gateway),
    ("DeleteGatewayTarget", Makes(Updated), Thing::Gateway),
    ("SynchronizeGatewayTargets", Makes(Updated), Thing::Gateway),
    ("CreateGatewayRule", Makes(Updated), Thing::Gateway),
    ("UpdateGatewayRule", Makes(Updated), Thing::Gateway),
    ("DeleteGatewayRule", Makes(Updated), Thing::Gateway),
    ("CreateHarness", Makes(Created), Thing::Harness),
    ("UpdateHarness", Makes(Updated), Thing::Harness),
    ("DeleteHarness", Ends(Deleted), Thing::Harness),
    ("CreateWorkloadIdentity", Makes(Created), Thing::WorkloadIdentity),
    ("UpdateWorkloadIdentity", Makes(Updated), Thing::WorkloadIdentity),
    ("DeleteWorkloadIdentity", Ends(Deleted), Thing::WorkloadIdentity),
    ("InvokeGateway", Uses, Thing::Gateway),
    // What the preview called it.
    ("InvokeMcp", Uses, Thing::Gateway),
    ("TagResource", Tags, Thing::ByArn),
    ("UntagResource", Uses, Thing::ByArn),
];

const LAMBDA: &[Row] = &[
    ("CreateFunction", Makes(Created), Thing::Function),
    ("UpdateFunctionCode", Makes(Updated), Thing::Function),
    ("UpdateFunctionConfiguration", Makes(Updated), Thing::Function),
    ("PublishVersion", Makes(Updated), Thing::Function),
    ("CreateAlias", Makes(Pointed), Thing::Function),
    ("UpdateAlias", Makes(Pointed), Thing::Function),
    ("CreateFunctionUrlConfig", Makes(Updated), Thing::Function),
    ("UpdateFunctionUrlConfig", Makes(Updated), Thing::Function),
    ("AddPermission", Makes(Updated), Thing::Function),
    ("RemovePermission", Makes(Updated), Thing::Function),
    ("DeleteFunction", Ends(Deleted), Thing::Function),
    ("Invoke", Uses, Thing::Function),
    ("TagResource", Tags, Thing::ByArn),
    ("UntagResource", Uses, Thing::ByArn),
];

const CLOUDFORMATION: &[Row] = &[
    ("CreateStack", Makes(Created), Thing::Stack),
    ("UpdateStack", Makes(Updated), Thing::Stack),
    ("ContinueUpdateRollback", Makes(Updated), Thing::Stack),
    ("CreateChangeSet", Plans, Thing::Stack),
    ("ExecuteChangeSet", Makes(Updated), Thing::Stack),
    ("DeleteStack", Ends(Deleted), Thing::Stack),
];

const ECS: &[Row] = &[
    ("RegisterTaskDefinition", Makes(Updated), Thing::TaskDefinition),
    ("RunTask", Uses, Thing::TaskDefinition),
    ("CreateService", Makes(Created), Thing::TaskService),
    ("UpdateService", Makes(Updated), Thing::TaskService),
    ("DeleteService", Ends(Deleted), Thing::TaskService),
    ("TagResource", Tags, Thing::ByArn),
];

const EC2: &[Row] = &[
    ("RunInstances", Makes(Created), Thing::Instance),
    ("TerminateInstances", Ends(Deleted), Thing::Instance),
    ("StartInstances", Uses, Thing::Instance),
    ("StopInstances", Uses, Thing::Instance),
];

const IAM: &[Row] = &[
    ("CreateUser", Makes(Created), Thing::User),
    ("UpdateUser", Makes(Updated), Thing::User),
    ("DeleteUser", Ends(Deleted), Thing::User),
    ("CreateLoginProfile", Makes(Updated), Thing::User),
    ("UpdateLoginProfile", Makes(Updated), Thing::User),
    ("DeleteLoginProfile", Makes(Updated), Thing::User),
    ("AttachUserPolicy", Makes(Updated), Thing::User),
    ("DetachUserPolicy", Makes(Updated), Thing::User),
    ("PutUserPolicy", Makes(Updated), Thing::User),
    ("DeleteUserPolicy", Makes(Updated), Thing::User),
    ("AddUserToGroup", Makes(Updated), Thing::User),
    ("RemoveUserFromGroup", Makes(Updated), Thing::User),
    ("TagUser", Tags, Thing::User),
    ("UntagUser", Uses, Thing::User),
    ("CreateRole", Makes(Created), Thing::Role),
    // Whoever first uses a feature in an account sets this off: it makes nobody the owner of anything.
    ("CreateServiceLinkedRole", Uses, Thing::Role),
    ("UpdateRole", Makes(Updated), Thing::Role),
    ("UpdateAssumeRolePolicy", Makes(Updated), Thing::Role),
    ("AttachRolePolicy", Makes(Updated), Thing::Role),
    ("DetachRolePolicy", Makes(Updated), Thing::Role),
    ("PutRolePolicy", Makes(Updated), Thing::Role),
    ("DeleteRolePolicy", Makes(Updated), Thing::Role),
    ("DeleteRole", Ends(Deleted), Thing::Role),
    ("TagRole", Tags, Thing::Role),
    ("UntagRole", Uses, Thing::Role),
    ("CreateAccessKey", Makes(Issued), Thing::AccessKey),
    ("UpdateAccessKey", Makes(Updated), Thing::AccessKey),
    ("DeleteAccessKey", Ends(Deleted), Thing::AccessKey),
    ("CreateServiceSpecificCredential", Makes(Issued), Thing::ServiceKey),
    ("ResetServiceSpecificCredential", Makes(Issued), Thing::ServiceKey),
    ("UpdateServiceSpecificCredential", Makes(Updated), Thing::ServiceKey),
    ("DeleteServiceSpecificCredential", Ends(Deleted), Thing::ServiceKey),
];

/// What an event does, and to what kind of thing. `None` for events that are about none.
pub(super) fn effect(event: &Event<'_>) -> Option<(Effect, Thing)> {
    let rows = match event.service {
        "bedrock" => BEDROCK,
        "bedrock-agentcore" => AGENTCORE,
        "lambda" => LAMBDA,
        "cloudformation" => CLOUDFORMATION,
        "ecs" => ECS,
        "ec2" => EC2,
        "iam" => IAM,
        _ => return None,
    };
    let row = rows.iter().find(|(name, ..)| *name == event.name);
    row.map(|(_, effect, thing)| (*effect, *thing)).or_else(|| used(event).map(|thing| (Uses, thing)))
}

/// The thing that an event without a row uses: the request names it.
fn used(event: &Event<'_>) -> Option<Thing> {
    const BEDROCK: &[(&str, Thing)] = &[(r#""agentId""#, Thing::BedrockAgent), (r#""flowIdentifier""#, Thing::Flow)];
    const AGENTCORE: &[(&str, Thing)] = &[
        (r#""agentRuntimeArn""#, Thing::Runtime),
        (r#""agentRuntimeId""#, Thing::Runtime),
        (r#""gatewayIdentifier""#, Thing::Gateway),
        (r#""harnessArn""#, Thing::Harness),
        (r#""harnessId""#, Thing::Harness),
        (r#""workloadName""#, Thing::WorkloadIdentity),
    ];
    const LAMBDA: &[(&str, Thing)] = &[(r#""functionName""#, Thing::Function)];
    let named = match event.service {
        "bedrock" => BEDROCK,
        "bedrock-agentcore" => AGENTCORE,
        "lambda" => LAMBDA,
        _ => return None,
    };
    named.iter().find(|(key, _)| event.entry.request.contains(key)).map(|(_, thing)| *thing)
}
