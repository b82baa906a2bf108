//! Amazon Bedrock and AgentCore as they stand: agents, runtimes, gateways, with their roles and what they depend on.
//!
//! References: docs.aws.amazon.com/bedrock/latest/APIReference (ListAgents, GetAgent, GetAgentActionGroup, …) and
//! docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference (ListAgentRuntimes, GetAgentRuntime, GetGateway,
//! GetGatewayTarget, GetHarness, …). Relied on: `agentArn`, `agentRuntimeArn`, `gatewayArn`, `arn`, `workloadIdentityArn`,
//! else `agentId`, `gatewayId`; used where present: names, roles, times, `tags`, and what `aws_depends` reads.
//!
//! Quirks. None of these records names who made or changed a thing, and AWS keeps that nowhere but in CloudTrail: a time
//! of birth and of the last change is all there is. `list-agents` and `list-gateways` have ids without account and
//! region. An ARN is not made up from another record of the bundle: the id is written in a realm of its own, and every
//! record that knows ARN and id (`get-agent`, CloudTrail) ties the two, so that both are one agent whichever is read. The
//! lists of an agent's aliases, action groups, knowledge bases and versions, and of a gateway's targets, do not say whose
//! they are; neither do lists of tags.

use serde::Deserialize;

use super::aws_depends::Depends;
use super::aws_names::{Arn, principal, time};
use super::aws_tags::{Tags, tagged};
use super::aws_things::{BEDROCK_AGENT, GATEWAY, agent, agent_by_id, agent_of, by_arn, called};
use super::text::{Part, Text};
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::{Around, Member, Object, Record};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads snapshots of Bedrock and AgentCore.
pub struct BedrockSnapshot;

static CARD: Card = Card {
    name: "bedrock_snapshot",
    title: "Amazon Bedrock and AgentCore snapshots",
    tells: "which agents, runtimes and gateways there are, since when, as which role, and what they depend on",
    reference: "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_GetAgent.html",
    recognised_by: "objects with the ids and lists of the bedrock-agent and bedrock-agentcore-control APIs",
    exports: &[
        Export {
            form: "Bedrock agents: ids and names",
            command: "aws bedrock-agent list-agents --output json > list-agents.json",
        },
        Export {
            form: "a Bedrock agent: role, birth, last change",
            command: "aws bedrock-agent get-agent --agent-id ID --output json > get-agent-ID.json",
        },
        Export {
            form: "what an action group calls",
            command: "aws bedrock-agent get-agent-action-group --agent-id ID --agent-version DRAFT --action-group-id GROUP --output json > get-agent-action-group-ID-GROUP.json",
        },
        Export {
            form: "AgentCore runtimes: ARNs and names",
            command: "aws bedrock-agentcore-control list-agent-runtimes --output json > list-agent-runtimes.json",
        },
        Export {
            form: "an AgentCore runtime: role, image, birth, last change",
            command: "aws bedrock-agentcore-control get-agent-runtime --agent-runtime-id ID --output json > get-agent-runtime-ID.json",
        },
        Export {
            form: "an AgentCore gateway",
            command: "aws bedrock-agentcore-control get-gateway --gateway-identifier ID --output json > get-gateway-ID.json",
        },
        Export {
            form: "a target of an AgentCore gateway",
            command: "aws bedrock-agentcore-control get-gateway-target --gateway-identifier ID --target-id TARGET --output json > get-gateway-target-ID-TARGET.json",
        },
    ],
};

/// The fields of all forms that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    agent_arn: Text<'a>,
    #[serde(borrow)]
    agent_alias_arn: Text<'a>,
    #[serde(borrow)]
    agent_runtime_arn: Text<'a>,
    #[serde(borrow)]
    gateway_arn: Text<'a>,
    #[serde(borrow)]
    gateway_id: Text<'a>,
    #[serde(borrow)]
    knowledge_base_id: Text<'a>,
    #[serde(borrow)]
    knowledge_base_arn: Text<'a>,
    #[serde(borrow)]
    workload_identity_arn: Text<'a>,
    #[serde(borrow)]
    workload_identity_details: Part<Identity<'a>>,
    #[serde(borrow)]
    arn: Text<'a>,
    #[serde(borrow)]
    resource_arn: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    agent_name: Text<'a>,
    #[serde(borrow)]
    agent_runtime_name: Text<'a>,
    #[serde(borrow)]
    harness_name: Text<'a>,
    #[serde(borrow)]
    agent_resource_role_arn: Text<'a>,
    #[serde(borrow)]
    role_arn: Text<'a>,
    #[serde(borrow)]
    execution_role_arn: Text<'a>,
    #[serde(borrow, alias = "createdTime")]
    created_at: Text<'a>,
    #[serde(borrow)]
    updated_at: Text<'a>,
    #[serde(borrow, alias = "lastUpdatedTime")]
    last_updated_at: Text<'a>,
    #[serde(borrow)]
    agent_runtime_artifact: Part<Artifact<'a>>,
    #[serde(borrow)]
    data_source_configuration: Part<DataSource<'a>>,
    #[serde(borrow)]
    tags: Tags<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity<'a> {
    #[serde(borrow)]
    workload_identity_arn: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Artifact<'a> {
    #[serde(borrow)]
    container_configuration: Part<Container<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    container_uri: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DataSource<'a> {
    #[serde(borrow)]
    s3_configuration: Part<Bucket<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Bucket<'a> {
    #[serde(borrow)]
    bucket_arn: Text<'a>,
}

/// The forms of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// An agent itself.
    Agent,
    /// A version, alias, endpoint or target: what it says of roles and dependencies is said of the agent, its name and
    /// times are its own.
    Part,
    /// A knowledge base.
    Base,
    /// What a knowledge base reads.
    DataSource,
    /// The tags of something that is named beside them.
    Tags,
    /// Something that says nothing of any agent.
    Beside(&'static str),
}

use Form::{Agent, Base, Beside};

/// The lists, members that their elements have, and the form of the elements.
const LISTS: &[(&str, &[&str], Form)] = &[
    ("agentSummaries", &["agentId"], Agent),
    ("agentAliasSummaries", &["agentAliasId"], Beside("alias of an agent that is not named")),
    ("agentVersionSummaries", &["agentVersion"], Beside("version of an agent that is not named")),
    ("actionGroupSummaries", &["actionGroupId"], Beside("action group of an agent that is not named")),
    ("agentKnowledgeBaseSummaries", &["knowledgeBaseId"], Beside("knowledge base of an agent that is not named")),
    ("agentCollaboratorSummaries", &["agentId"], Form::Part),
    ("knowledgeBaseSummaries", &["knowledgeBaseId"], Beside("knowledge base")),
    ("dataSourceSummaries", &["dataSourceId"], Beside("data source")),
    ("flowSummaries", &["arn"], Agent),
    ("agentRuntimes", &["agentRuntimeArn"], Agent),
    ("runtimeEndpoints", &["agentRuntimeEndpointArn"], Form::Part),
    ("items", &["gatewayId", "name", "authorizerType"], Agent),
    ("items", &["targetId", "name", "status", "updatedAt"], Beside("target of a gateway that is not named")),
    ("harnesses", &["harnessId"], Agent),
    ("workloadIdentities", &["workloadIdentityArn"], Agent),
    ("credentialProviders", &["credentialProviderArn"], Beside("credential provider")),
    ("memories", &["arn"], Beside("memory")),
    ("browserSummaries", &["browserId"], Beside("browser")),
    ("codeInterpreterSummaries", &["codeInterpreterId"], Beside("code interpreter")),
];

/// The list of file systems in the record of a runtime.
const MOUNTED: &str = "filesystemConfigurations";

/// Objects whose only member is the record: its name, a member that it has, and its form.
const HELD: &[(&str, &str, Form)] = &[
    ("agent", "agentArn", Agent),
    ("agentVersion", "agentArn", Form::Part),
    ("agentAlias", "agentAliasArn", Form::Part),
    ("agentActionGroup", "actionGroupId", Form::Part),
    ("agentKnowledgeBase", "knowledgeBaseId", Form::Part),
    ("agentCollaborator", "collaboratorId", Form::Part),
    ("knowledgeBase", "knowledgeBaseArn", Base),
    ("dataSource", "dataSourceId", Form::DataSource),
    ("harness", "harnessId", Agent),
    ("memory", "memoryExecutionRoleArn", Beside("memory")),
    ("loggingConfig", "textDataDeliveryEnabled", Beside("logging configuration")),
];

/// Records that stand by themselves: members that they have, and their form. The first that fits.
const ALONE: &[(&[&str], Form)] = &[
    (&["agentRuntimeEndpointArn", "agentRuntimeArn"], Form::Part),
    (&["agentRuntimeArn", "agentRuntimeId"], Agent),
    (&["gatewayArn", "targetId"], Form::Part),
    (&["gatewayArn", "gatewayId"], Agent),
    (&["workloadIdentityArn", "name"], Agent),
    (&["credentialProviderArn", "name"], Beside("credential provider")),
    (&["executionRoleArn", "arn", "id", "version"], Agent),
];

/// The form of a record, and its text.
fn form_of<'a>(object: &Object<'a>, around: Around<'a>) -> Option<(Form, &'a str)> {
    if let Some(list) = around.list {
        // A runtime with mounted file systems is taken apart into these by whoever looks for lists of records. What
        // stands around each is the runtime.
        if list == MOUNTED {
            let runtime = around.outer.filter(|outer| outer.has("agentRuntimeArn") && outer.has("agentRuntimeId"))?;
            return Some((Agent, runtime.text));
        }
        let has = |members: &[&str]| members.iter().all(|member| object.has(member));
        let (.., form) = LISTS.iter().find(|(name, members, _)| *name == list && has(members))?;
        // Flows and memories have nothing of their own but an ARN.
        let named =
            object.text("arn").is_none_or(|arn| Arn::parse(&arn).is_some_and(|arn| arn.service.starts_with("bedrock")));
        return named.then_some((*form, object.text));
    }
    if let [Member { key, value }] = object.members {
        let held = HELD.iter().find(|(name, member, _)| name == key && contains_key(value, member));
        if let Some((.., form)) = held.filter(|_| value.starts_with('{')) {
            return Some((*form, *value));
        }
        let is_tags = *key == "tags" && value.starts_with('{');
        return is_tags.then_some((Beside("tags of something that is not named"), *value));
    }
    if object.members.len() == 2 && object.has("tags") {
        let arn = object.text("resourceArn")?;
        return Arn::parse(&arn)?.service.starts_with("bedrock").then_some((Form::Tags, object.text));
    }
    let (_, form) = ALONE.iter().find(|(members, _)| members.iter().all(|member| object.has(member)))?;
    let flow = || object.text("arn").is_some_and(|arn| agent_of(&arn).is_some());
    (!object.has("executionRoleArn") || flow()).then_some((*form, object.text))
}

fn contains_key(json: &str, key: &str) -> bool {
    json.match_indices(key).any(|(at, _)| {
        let (before, behind) = (json.get(..at), json.get(at + key.len()..));
        before.is_some_and(|before| before.ends_with('"')) && behind.is_some_and(|behind| behind.starts_with('"'))
    })
}

impl Source for BedrockSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        match form_of(&object, shape.around) {
            // Many systems print tags alone.
            Some((Beside(what), _)) if what.starts_with("tags") => Fit::Likely,
            Some(_) => Fit::Certain,
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let (form, text) = form_of(&object, record.around).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        if let Beside(what) = form {
            return Ok(Reading::SetAside(what));
        }
        let entry: Entry<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("the record"))?;
        match form {
            Agent | Form::Part => of_agent(form, &entry, text, facts)?,
            Base => of_base(&entry, facts)?,
            Form::DataSource => of_data_source(&entry, facts)?,
            Form::Tags => of_tags(&entry, facts)?,
            Beside(_) => {}
        }
        Ok(Reading::Claimed)
    }
}

fn of_agent(form: Form, entry: &Entry<'_>, text: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let arns = [&entry.agent_arn, &entry.agent_runtime_arn, &entry.gateway_arn, &entry.agent_alias_arn];
    let arn = arns.into_iter().find_map(Text::get).or(entry.workload_identity_arn.get()).or(entry.arn.get());
    let arn = arn.filter(|arn| agent_of(arn).is_some());
    let known = match (arn, entry.agent_id.get(), entry.gateway_id.get()) {
        (Some(arn), _, _) => agent(facts, arn).ok_or(Refusal::Missing("agentId"))?,
        (None, Some(id), _) => agent_by_id(facts, BEDROCK_AGENT, id),
        (None, None, Some(id)) => agent_by_id(facts, GATEWAY, id),
        (None, None, None) => return Err(Refusal::Missing("agentId")),
    };
    facts.account(arn.and_then(Arn::parse).map(|arn| arn.account));
    for role in [&entry.agent_resource_role_arn, &entry.role_arn, &entry.execution_role_arn] {
        if let Some(role) = role.get().and_then(|arn| principal(facts, None, Some(arn))) {
            facts.tied(known, Tie::RunsAs, role);
        }
    }
    serde_json::from_str::<Depends<'_>>(text).unwrap_or_default().write(facts, known);
    if let Some(base) = entry.knowledge_base_id.get() {
        let base = base_by_id(facts, base);
        facts.tied(known, Tie::DependsOn, base);
    }
    if form == Agent {
        itself(entry, known, arn, facts);
    }
    Ok(())
}

/// What is said of an agent alone, and of no part of it: name, birth, last change, image.
fn itself(entry: &Entry<'_>, known: HandleId, arn: Option<&str>, facts: &mut FactWriter) {
    let name = entry.agent_name.get().or(entry.agent_runtime_name.get()).or(entry.harness_name.get());
    match (name.or(entry.name.get()), arn) {
        (Some(name), Some(arn)) => called(facts, known, arn, name),
        (Some(name), None) => facts.described(known, Detail::DisplayName, name),
        (None, _) => {}
    }
    born_and_changed(entry, known, facts);
    if let Some(identity) = entry.workload_identity_details.get()
        && let Some(identity) = identity.workload_identity_arn.get().and_then(|arn| agent(facts, arn))
    {
        facts.tied(known, Tie::Named, identity);
    }
    let image = entry.agent_runtime_artifact.get().and_then(|artifact| artifact.container_configuration.get());
    if let Some(image) = image.and_then(|container| container.container_uri.get()) {
        facts.described(known, Detail::Commit, image.rsplit([':', '@']).next().unwrap_or_default());
    }
    tagged(facts, known, &entry.tags, None);
}

fn born_and_changed(entry: &Entry<'_>, thing: HandleId, facts: &mut FactWriter) {
    if let Some(at) = entry.created_at.get().and_then(time) {
        facts.described(thing, Detail::Born, &at.to_string());
    }
    if let Some(at) = entry.updated_at.get().or(entry.last_updated_at.get()).and_then(time) {
        facts.described(thing, Detail::Changed, &at.to_string());
    }
}

/// A knowledge base of which only the id is known.
fn base_by_id(facts: &mut FactWriter, id: &str) -> HandleId {
    facts.handle(HandleKind::Resource, "bedrock-knowledge-base", id)
}

fn of_base(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let arn = entry.knowledge_base_arn.get().ok_or(Refusal::Missing("knowledgeBaseArn"))?;
    let base = facts.handle(HandleKind::Resource, "", arn);
    facts.account(Arn::parse(arn).map(|arn| arn.account));
    if let Some(id) = entry.knowledge_base_id.get() {
        let id = base_by_id(facts, id);
        facts.tied(base, Tie::Named, id);
    }
    facts.described(base, Detail::DisplayName, entry.name.get().unwrap_or_default());
    born_and_changed(entry, base, facts);
    if let Some(role) = entry.role_arn.get().and_then(|arn| principal(facts, None, Some(arn))) {
        facts.tied(base, Tie::RunsAs, role);
    }
    Ok(())
}

fn of_data_source(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let base = entry.knowledge_base_id.get().ok_or(Refusal::Missing("knowledgeBaseId"))?;
    let base = base_by_id(facts, base);
    let bucket = entry.data_source_configuration.get().and_then(|source| source.s3_configuration.get());
    if let Some(bucket) = bucket.and_then(|bucket| bucket.bucket_arn.get()).and_then(|arn| by_arn(facts, arn)) {
        facts.tied(base, Tie::DependsOn, bucket);
    }
    Ok(())
}

/// What somebody wrote once: a snapshot does not say who, nor when.
fn of_tags(entry: &Entry<'_>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let arn = entry.resource_arn.get().ok_or(Refusal::Missing("resourceArn"))?;
    let thing = by_arn(facts, arn).ok_or(Refusal::Unreadable("resourceArn"))?;
    facts.account(Arn::parse(arn).map(|arn| arn.account));
    tagged(facts, thing, &entry.tags, None);
    Ok(())
}
