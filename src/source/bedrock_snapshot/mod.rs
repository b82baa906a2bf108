//! Amazon Bedrock and AgentCore as they stand: agents, runtimes, gateways, with their roles and what they depend on; the
//! knowledge bases, providers of credentials, memories, tools and registries that these stand on.
//!
//! References: docs.aws.amazon.com/bedrock/latest/APIReference (ListAgents, GetAgent, GetAgentActionGroup, …) and
//! docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference (ListAgentRuntimes, GetAgentRuntime, GetGateway,
//! GetGatewayTarget, GetHarness, GetOauth2CredentialProvider, GetRegistryRecord, …). Relied on: `agentArn`,
//! `agentRuntimeArn`, `gatewayArn`, `arn`, `workloadIdentityArn`, else `agentId`, `gatewayId`; of what agents stand on its
//! own ARN, else `knowledgeBaseId`; used where present: names, roles, times, `tags`, `authorizerConfiguration`, and what
//! `aws_depends` reads.
//!
//! Quirks. None of these records names who made or changed a thing, and AWS keeps that nowhere but in CloudTrail: a time
//! of birth and of the last change is all there is. `list-agents` and `list-gateways` have ids without account and
//! region. An ARN is not made up from another record of the bundle: the id is written in a realm of its own, and every
//! record that knows ARN and id (`get-agent`, CloudTrail) ties the two, so that both are one agent whichever is read. The
//! lists of an agent's aliases, action groups, knowledge bases and versions, and of a gateway's targets, do not say whose
//! they are; neither do lists of tags. Whom a record of a registry names as its owner is text of whoever wrote it, in a
//! form of their choice: it is not read. Of secrets only their names are in these records.

mod forms;

use forms::Form;
use forms::Form::{Agent, Beside};
use serde::Deserialize;

use super::aws_depends::Depends;
use super::aws_names::{Arn, principal, time};
use super::aws_tags::{Tags, tagged};
use super::aws_things::{Artifact, BEDROCK_AGENT, GATEWAY, agent, agent_by_id, agent_of, by_arn, called};
use super::text::{Part, Text};
use super::texts::Texts;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::bundle::record::Record;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads snapshots of Bedrock and AgentCore.
pub struct BedrockSnapshot;

static CARD: Card = Card {
    name: "bedrock_snapshot",
    title: "Amazon Bedrock and AgentCore snapshots",
    tells: "which agents, runtimes and gateways there are, since when, as which role, who may call them, and what they depend on",
    reference: "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_GetAgent.html",
    recognised_by: "objects with the ids and lists of the bedrock-agent, bedrock-agentcore-control and agent-registry-control APIs",
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
            form: "a knowledge base, and what it reads",
            command: "aws bedrock-agent get-knowledge-base --knowledge-base-id ID --output json > get-knowledge-base-ID.json   # also get-data-source",
        },
        Export {
            form: "a target of an AgentCore gateway",
            command: "aws bedrock-agentcore-control get-gateway-target --gateway-identifier ID --target-id TARGET --output json > get-gateway-target-ID-TARGET.json",
        },
        Export {
            form: "AgentCore workload identities",
            command: "aws bedrock-agentcore-control list-workload-identities --output json > list-workload-identities.json",
        },
        Export {
            form: "AgentCore credential providers, with the names of their secrets",
            command: "aws bedrock-agentcore-control get-oauth2-credential-provider --name NAME --output json > credential-provider-NAME.json   # also get-api-key-credential-provider",
        },
        Export {
            form: "the records of an agent registry",
            command: "aws bedrock-agentcore-control list-registry-records --registry-id ID --output json > registry-records-ID.json",
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
    credential_provider_arn: Text<'a>,
    #[serde(borrow)]
    record_arn: Text<'a>,
    #[serde(borrow)]
    registry_arn: Text<'a>,
    #[serde(borrow)]
    policy_engine_arn: Text<'a>,
    #[serde(borrow)]
    browser_arn: Text<'a>,
    #[serde(borrow)]
    code_interpreter_arn: Text<'a>,
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
    #[serde(borrow)]
    memory_execution_role_arn: Text<'a>,
    #[serde(borrow, alias = "createdTime")]
    created_at: Text<'a>,
    #[serde(borrow)]
    updated_at: Text<'a>,
    #[serde(borrow, alias = "lastUpdatedTime")]
    last_updated_at: Text<'a>,
    #[serde(borrow)]
    agent_runtime_artifact: Part<Artifact<'a>>,
    #[serde(borrow)]
    authorizer_configuration: Part<Authorizer<'a>>,
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
#[serde(default)]
struct Authorizer<'a> {
    #[serde(rename = "customJWTAuthorizer", borrow)]
    tokens: Part<Tokens<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tokens<'a> {
    #[serde(borrow)]
    discovery_url: Text<'a>,
    #[serde(borrow)]
    allowed_clients: Texts<'a>,
}

impl Source for BedrockSnapshot {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        let Some(object) = shape.body.json() else { return Fit::No };
        match forms::form_of(&object, shape.around) {
            // Many systems print tags alone.
            Some((Beside(what), _)) if what.starts_with("tags") => Fit::Likely,
            Some(_) => Fit::Certain,
            None => Fit::No,
        }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
        let (form, text) = forms::form_of(&object, record.around).ok_or(Refusal::Unreadable("the record"))?;
        facts.snapshot(record.taken);
        if let Beside(what) = form {
            return Ok(Reading::SetAside(what));
        }
        let entry: Entry<'_> = serde_json::from_str(text).map_err(|_| Refusal::Unreadable("the record"))?;
        match form {
            Agent | Form::Part => of_agent(form, &entry, text, facts)?,
            Form::Resource => of_resource(&entry, text, facts)?,
            Form::DataSource => of_data_source(&entry, text, facts)?,
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
    if let Some(image) = entry.agent_runtime_artifact.get().and_then(Artifact::image) {
        facts.described(known, Detail::Commit, image.rsplit([':', '@']).next().unwrap_or_default());
    }
    if let Some(tokens) = entry.authorizer_configuration.get().and_then(|authorizer| authorizer.tokens.get()) {
        admitted(tokens, known, facts);
    }
    tagged(facts, known, &entry.tags, None);
}

/// The clients whose tokens an agent accepts, each under its issuer: a client that calls for itself has its own id as
/// the subject of its token. That a client may call does not say that it ever did.
fn admitted(tokens: &Tokens<'_>, known: HandleId, facts: &mut FactWriter) {
    let Some(url) = tokens.discovery_url.get() else { return };
    let issuer = url.strip_prefix("https://").unwrap_or(url);
    let issuer = issuer.strip_suffix("/.well-known/openid-configuration").unwrap_or(issuer);
    for client in tokens.allowed_clients.iter() {
        let client = facts.handle(HandleKind::Subject, issuer, client);
        facts.granted(None, client, known);
    }
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

fn of_resource(entry: &Entry<'_>, text: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let arns = [
        &entry.knowledge_base_arn,
        &entry.credential_provider_arn,
        &entry.record_arn,
        &entry.registry_arn,
        &entry.policy_engine_arn,
        &entry.browser_arn,
        &entry.code_interpreter_arn,
        &entry.arn,
    ];
    let arn = arns.into_iter().find_map(Text::get).filter(|arn| Arn::parse(arn).is_some());
    let id = entry.knowledge_base_id.get().map(|id| base_by_id(facts, id));
    let resource = match (arn, id) {
        (Some(arn), id) => {
            let resource = facts.handle(HandleKind::Resource, "", arn);
            if let Some(id) = id {
                facts.tied(resource, Tie::Named, id);
            }
            resource
        }
        (None, Some(id)) => id,
        (None, None) => return Err(Refusal::Missing("arn")),
    };
    facts.account(arn.and_then(Arn::parse).map(|arn| arn.account));
    facts.described(resource, Detail::DisplayName, entry.name.get().unwrap_or_default());
    born_and_changed(entry, resource, facts);
    for role in [&entry.role_arn, &entry.execution_role_arn, &entry.memory_execution_role_arn] {
        if let Some(role) = role.get().and_then(|arn| principal(facts, None, Some(arn))) {
            facts.tied(resource, Tie::RunsAs, role);
        }
    }
    if let (Some(_), Some(registry)) = (entry.record_arn.get(), entry.registry_arn.get()) {
        let registry = facts.handle(HandleKind::Resource, "", registry);
        facts.tied(resource, Tie::PartOf, registry);
    }
    serde_json::from_str::<Depends<'_>>(text).unwrap_or_default().write(facts, resource);
    Ok(())
}

fn of_data_source(entry: &Entry<'_>, text: &str, facts: &mut FactWriter) -> Result<(), Refusal> {
    let base = entry.knowledge_base_id.get().ok_or(Refusal::Missing("knowledgeBaseId"))?;
    let base = base_by_id(facts, base);
    serde_json::from_str::<Depends<'_>>(text).unwrap_or_default().write(facts, base);
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
