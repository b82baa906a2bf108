//! Which record of these APIs is at hand: told by the name of its list, by the member that holds it, or by its ids.

use crate::bundle::record::{Around, Member, Object};
use crate::source::aws_names::Arn;
use crate::source::aws_things::agent_of;

/// The forms of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// An agent itself.
    Agent,
    /// A version, alias, endpoint or target: what it says of roles and dependencies is said of the agent, its name and
    /// times are its own.
    Part,
    /// Something that agents stand on: a knowledge base, a provider of credentials, a memory, a tool, a registry.
    Resource,
    /// What a knowledge base reads.
    DataSource,
    /// The tags of something that is named beside them.
    Tags,
    /// Something that says nothing of any agent.
    Beside(&'static str),
}

use Form::{Agent, Beside, DataSource, Part, Resource, Tags};

/// The lists, members that their elements have, and the form of the elements.
const LISTS: &[(&str, &[&str], Form)] = &[
    ("agentSummaries", &["agentId"], Agent),
    ("agentAliasSummaries", &["agentAliasId"], Beside("alias of an agent that is not named")),
    ("agentVersionSummaries", &["agentVersion"], Beside("version of an agent that is not named")),
    ("actionGroupSummaries", &["actionGroupId"], Beside("action group of an agent that is not named")),
    ("agentKnowledgeBaseSummaries", &["knowledgeBaseId"], Beside("knowledge base of an agent that is not named")),
    ("agentCollaboratorSummaries", &["agentId"], Part),
    ("knowledgeBaseSummaries", &["knowledgeBaseId"], Resource),
    ("dataSourceSummaries", &["dataSourceId"], Beside("data source")),
    ("flowSummaries", &["arn"], Agent),
    ("agentRuntimes", &["agentRuntimeArn"], Agent),
    ("runtimeEndpoints", &["agentRuntimeEndpointArn"], Part),
    ("items", &["gatewayId", "name", "authorizerType"], Agent),
    ("items", &["targetId", "name", "status", "updatedAt"], Beside("target of a gateway that is not named")),
    ("harnesses", &["harnessId"], Agent),
    ("workloadIdentities", &["workloadIdentityArn"], Agent),
    ("credentialProviders", &["credentialProviderArn"], Resource),
    ("memories", &["arn"], Resource),
    ("browserSummaries", &["browserArn"], Resource),
    ("codeInterpreterSummaries", &["codeInterpreterArn"], Resource),
    ("registries", &["registryArn"], Resource),
    ("registryRecords", &["recordArn"], Resource),
    ("policyEngines", &["policyEngineArn"], Resource),
];

/// The list of file systems in the record of a runtime.
const MOUNTED: &str = "filesystemConfigurations";

/// Objects whose only member is the record: its name, a member that it has, and its form.
const HELD: &[(&str, &str, Form)] = &[
    ("agent", "agentArn", Agent),
    ("agentVersion", "agentArn", Part),
    ("agentAlias", "agentAliasArn", Part),
    ("agentActionGroup", "actionGroupId", Part),
    ("agentKnowledgeBase", "knowledgeBaseId", Part),
    ("agentCollaborator", "collaboratorId", Part),
    ("knowledgeBase", "knowledgeBaseArn", Resource),
    ("dataSource", "dataSourceId", DataSource),
    ("harness", "harnessId", Agent),
    ("memory", "eventExpiryDuration", Resource),
    ("loggingConfig", "textDataDeliveryEnabled", Beside("logging configuration")),
];

/// Records that stand by themselves: members that they have, and their form. The first that fits.
const ALONE: &[(&[&str], Form)] = &[
    (&["agentRuntimeEndpointArn", "agentRuntimeArn"], Part),
    (&["agentRuntimeArn", "agentRuntimeId"], Agent),
    (&["gatewayArn", "targetId"], Part),
    (&["gatewayArn", "gatewayId"], Agent),
    (&["workloadIdentityArn", "name"], Agent),
    (&["credentialProviderArn", "name"], Resource),
    (&["browserArn", "browserId"], Resource),
    (&["codeInterpreterArn", "codeInterpreterId"], Resource),
    (&["recordArn", "registryArn"], Resource),
    (&["registryArn", "registryId"], Resource),
    (&["policyEngineArn", "policyEngineId"], Resource),
    (FLOW, Agent),
];

/// The members of a flow, which other services' objects may have, too.
const FLOW: &[&str] = &["executionRoleArn", "arn", "id", "version"];

/// The form of a record, and its text.
pub(super) fn form_of<'a>(object: &Object<'a>, around: Around<'a>) -> Option<(Form, &'a str)> {
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
        return Arn::parse(&arn)?.service.starts_with("bedrock").then_some((Tags, object.text));
    }
    let (members, form) = ALONE.iter().find(|(members, _)| members.iter().all(|member| object.has(member)))?;
    let is_flow = || object.text("arn").is_some_and(|arn| agent_of(&arn).is_some());
    (*members != FLOW || is_flow()).then_some((*form, object.text))
}

fn contains_key(json: &str, key: &str) -> bool {
    json.match_indices(key).any(|(at, _)| {
        let (before, behind) = (json.get(..at), json.get(at + key.len()..));
        before.is_some_and(|before| before.ends_with('"')) && behind.is_some_and(|behind| behind.starts_with('"'))
    })
}
