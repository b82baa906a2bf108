//! What an ARN names: an agent, something that agents run on, or something that is acted upon. Shared by the AWS sources.
//!
//! References: the resource types of bedrock and bedrock-agentcore in the Service Authorization Reference, and the
//! patterns of their API models. Names of agents can be given again after a deletion; ids never are.
//!
//! Some exports give an agent's id without its account and region (`list-agents`, `list-gateways`), and a record of its
//! making may lack the id it was given. So an agent has three names, all of kind agent, which every record ties that
//! knows more than one of them: its ARN; its id, in a realm for ids of that kind; and what it is called, in a realm of
//! kind, account and region.

use std::borrow::Cow;

use serde::Deserialize;

use super::aws_names::{Arn, unqualified_function};
use super::text::{Part, Text};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;

/// The kind of Bedrock agents, and the realm of their ids: ten random characters, unique wherever they were given.
pub(crate) const BEDROCK_AGENT: &str = "bedrock-agent";
/// The kind of Bedrock flows.
pub(crate) const FLOW: &str = "bedrock-flow";
/// The kind of AgentCore runtimes.
pub(crate) const RUNTIME: &str = "agentcore-runtime";
/// The kind of AgentCore gateways, and the realm of their ids: a name with ten random characters.
pub(crate) const GATEWAY: &str = "agentcore-gateway";
/// The kind of AgentCore harnesses.
pub(crate) const HARNESS: &str = "agentcore-harness";
/// The kind of AgentCore workload identities: what an agent is to AgentCore, wherever it runs. Runtimes and gateways have
/// one each, which is one more name of theirs; so neither kind nor name is described of it.
pub(crate) const WORKLOAD_IDENTITY: &str = "workload-identity";

/// The kind of agent that an ARN names, and the ARN without alias, endpoint or version. `None` for everything else.
pub(crate) fn agent_of(text: &str) -> Option<(&'static str, Cow<'_, str>)> {
    let arn = Arn::parse(text)?;
    let mut parts = arn.resource.split('/');
    let (kind, id) = (parts.next()?, parts.next().filter(|id| !id.is_empty() && !id.contains('*'))?);
    let until = |id: &str| {
        let end = text.len() - arn.resource.len() + kind.len() + "/".len() + id.len();
        text.get(..end).map(Cow::Borrowed)
    };
    match (arn.service, kind) {
        ("bedrock", "agent") => Some((BEDROCK_AGENT, until(id)?)),
        ("bedrock", "agent-alias") => {
            let Arn { partition, service, region, account, .. } = arn;
            let agent = format!("arn:{partition}:{service}:{region}:{account}:agent/{id}");
            Some((BEDROCK_AGENT, Cow::Owned(agent)))
        }
        ("bedrock", "flow") => Some((FLOW, until(id)?)),
        ("bedrock-agentcore", "runtime") => Some((RUNTIME, until(id)?)),
        // The form that the first models had: `agent/<uuid>:<version>`.
        ("bedrock-agentcore", "agent") => Some((RUNTIME, until(id.split(':').next()?)?)),
        ("bedrock-agentcore", "gateway") => Some((GATEWAY, until(id)?)),
        ("bedrock-agentcore", "harness") => Some((HARNESS, until(id)?)),
        ("bedrock-agentcore", "workload-identity-directory") => (parts.next() == Some("workload-identity")
            && parts.next().is_some())
        .then_some((WORKLOAD_IDENTITY, Cow::Borrowed(text))),
        _ => None,
    }
}

/// Writes down an agent by its ARN, tied to its id where other exports name it by that alone.
pub(crate) fn agent(out: &mut impl Stand, arn: &str) -> Option<HandleId> {
    let (kind, arn) = agent_of(arn)?;
    let agent = out.handle(HandleKind::Agent, "", &arn);
    if kind != WORKLOAD_IDENTITY {
        out.described(agent, Detail::Kind, kind);
    }
    if matches!(kind, BEDROCK_AGENT | GATEWAY)
        && let Some((_, id)) = arn.rsplit_once('/')
    {
        let id = out.handle(HandleKind::Agent, kind, id);
        out.tied(agent, Tie::Named, id);
    }
    Some(agent)
}

/// An agent of which only the id is known.
pub(crate) fn agent_by_id(out: &mut impl Stand, kind: &str, id: &str) -> HandleId {
    let agent = out.handle(HandleKind::Agent, kind, id);
    out.described(agent, Detail::Kind, kind);
    agent
}

/// An agent by what it is called, in its account and region.
///
/// Wrong when an agent was deleted and its name given again while the records do not show the deletion.
pub(crate) fn agent_called(out: &mut impl Stand, kind: &str, account: &str, region: &str, name: &str) -> HandleId {
    let agent = out.handle(HandleKind::Agent, &realm_of_names(kind, account, region), name);
    out.described(agent, Detail::Kind, kind);
    agent
}

fn realm_of_names(kind: &str, account: &str, region: &str) -> String {
    format!("{kind}:{account}:{region}")
}

/// Writes down what an agent is called; `arn` is its ARN.
pub(crate) fn called(out: &mut impl Stand, agent: HandleId, arn: &str, name: &str) {
    if let (Some((kind, _)), Some(arn)) =
        (agent_of(arn).filter(|(kind, _)| *kind != WORKLOAD_IDENTITY), Arn::parse(arn))
    {
        out.described(agent, Detail::DisplayName, name);
        let realm = realm_of_names(kind, arn.account, arn.region);
        let called = out.handle(HandleKind::Agent, &realm, name);
        out.tied(agent, Tie::Named, called);
    }
}

/// What an ARN names, as something to depend on, to tag or to hold a session: an agent, a workload, else a resource.
/// `None` where the text is no ARN, or a pattern.
pub(crate) fn by_arn(out: &mut impl Stand, text: &str) -> Option<HandleId> {
    let arn = Arn::parse(text).filter(|_| !text.contains('*'))?;
    if arn.service.starts_with("bedrock")
        && let Some(agent) = agent(out, text)
    {
        return Some(agent);
    }
    let kind = arn.resource.split(['/', ':']).next()?;
    Some(match (arn.service, kind) {
        ("lambda", "function") => out.handle(HandleKind::Workload, "", unqualified_function(text)),
        ("ec2", "instance") | ("ecs", "service" | "task") | ("cloudformation", "stack") => {
            out.handle(HandleKind::Workload, "", text)
        }
        ("ecs", "task-definition") => out.handle(HandleKind::Workload, "", family(text)),
        _ => out.handle(HandleKind::Resource, "", text),
    })
}

/// What an AgentCore runtime runs, in requests and in snapshots.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Artifact<'a> {
    #[serde(borrow)]
    container_configuration: Part<Container<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    container_uri: Text<'a>,
}

impl Artifact<'_> {
    /// The container image; its tag often is a commit.
    pub(crate) fn image(&self) -> Option<&str> {
        self.container_configuration.get()?.container_uri.get()
    }
}

/// A task definition without its revision.
pub(crate) fn family(arn: &str) -> &str {
    match arn.rsplit_once(':') {
        Some((family, revision)) if revision.bytes().all(|byte| byte.is_ascii_digit()) => family,
        _ => arn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent_arn(resource: &str) -> Option<(&'static str, String)> {
        let (kind, arn) = agent_of(&format!("arn:aws:{resource}")).map(|(kind, arn)| (kind, arn.into_owned()))?;
        Some((kind, arn.strip_prefix("arn:aws:").expect("an ARN").to_owned()))
    }

    #[test]
    fn arns_of_agents() {
        let same = |kind, arn: &str| assert_eq!(agent_arn(arn), Some((kind, arn.to_owned())), "{arn}");
        same(BEDROCK_AGENT, "bedrock:eu-west-1:111122223333:agent/AGENTEXMPL");
        same(RUNTIME, "bedrock-agentcore:eu-west-1:111122223333:runtime/bot-abcdefghij");
        same(
            WORKLOAD_IDENTITY,
            "bedrock-agentcore:eu-west-1:111122223333:workload-identity-directory/default/workload-identity/bot",
        );
        let cut = |arn: &str, whole: &str| assert_eq!(agent_arn(arn).map(|found| found.1).as_deref(), Some(whole));
        cut("bedrock:eu-west-1:1:agent-alias/AGENTEXMPL/TSTALIASID", "bedrock:eu-west-1:1:agent/AGENTEXMPL");
        cut(
            "bedrock-agentcore:us-east-1:1:runtime/b-1/runtime-endpoint/x",
            "bedrock-agentcore:us-east-1:1:runtime/b-1",
        );
        cut("bedrock-agentcore:us-east-1:1:agent/0a1b:3", "bedrock-agentcore:us-east-1:1:agent/0a1b");
        for none in ["bedrock:eu-west-1:1:knowledge-base/KB", "bedrock:eu-west-1:1:agent/*", "s3:::agent/x"] {
            assert_eq!(agent_arn(none), None, "{none}");
        }
    }

    #[test]
    fn task_definitions_without_their_revision() {
        let family_arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/triage";
        assert_eq!(family(&format!("{family_arn}:12")), family_arn);
        assert_eq!(family(family_arn), family_arn);
    }
}
