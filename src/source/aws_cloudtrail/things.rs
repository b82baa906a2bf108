//! Events that make, change, use or end a thing: agents, functions, stacks, principals, keys.
//!
//! References: the API models of bedrock-agent, bedrock-agentcore-control, iam, lambda, ecs and cloudformation;
//! CloudTrail writes their parameters under the same names, the first letter lower-case. `iam:PassRole` is never logged:
//! which role a thing runs as is read from the request that made it. A request that CloudTrail omitted for its size, or
//! masked, names nothing; then the response or the record's resources do, or the event is an act and no more.

use super::events::{self, Effect, Thing};
use super::params::Params;
use super::{Event, part};
use crate::fact::claim::{Detail, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_depends::Depends;
use crate::source::aws_names::{Arn, kind_of_credential, principal, principal_named, unqualified_function};
use crate::source::aws_tags::tagged;
use crate::source::aws_things::{
    BEDROCK_AGENT, FLOW, GATEWAY, HARNESS, RUNTIME, WORKLOAD_IDENTITY, agent, agent_by_id, agent_called, agent_of,
    by_arn, called, family,
};
use crate::source::vault_names::leased_key;

/// Writes what the event does to a thing, and returns the thing. `None` for events of another kind, and where the
/// record does not name the thing.
pub(super) fn write(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    let (effect, thing) = events::effect(event)?;
    let params = Params::of(event);
    if !succeeded {
        return attempted(thing, &params, event, facts);
    }
    let handle = handle(thing, &params, event, facts)?;
    let by = event.actor.by;
    match effect {
        Effect::Makes(how) => {
            let how = if how == Making::Pointed && params.is_for_trying() { Making::Updated } else { how };
            for made in all(thing, handle, &params, event, facts) {
                facts.made(by, how, made);
                described(thing, made, &params, event, facts);
            }
        }
        Effect::Ends(how) => {
            for ended in all(thing, handle, &params, event, facts) {
                facts.ended(ended, how, Some(by));
            }
            if matches!(thing, Thing::AccessKey | Thing::ServiceKey) {
                key_of_user(thing, handle, &params, event, facts);
            }
        }
        Effect::Plans => described(thing, handle, &params, event, facts),
        Effect::Tags => tagged(facts, handle, &params.request.tags, Some(by)),
        Effect::Uses => {}
    }
    Some(handle)
}

/// What a failed event was about. That somebody asked for an agent does not show that there is one: of an agent only its
/// ARN is told, as something that was asked for.
fn attempted(thing: Thing, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    match agent_name(thing, params, event) {
        Some(AgentName::Arn(arn)) => {
            let (_, arn) = agent_of(&arn)?;
            Some(facts.handle(HandleKind::Resource, "", &arn))
        }
        Some(AgentName::Id(..) | AgentName::Called(..)) => None,
        None if thing == Thing::ByArn => {
            Some(facts.handle(HandleKind::Resource, "", params.request.resource_arn.get()?))
        }
        None => handle(thing, params, event, facts),
    }
}

/// Whatever the event is about: of instances all that it names, else the one thing.
fn all(thing: Thing, first: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Vec<HandleId> {
    if thing != Thing::Instance {
        return vec![first];
    }
    let arns = params.instances().filter_map(|id| event.arn("ec2", "instance/", id));
    arns.map(|arn| facts.handle(HandleKind::Workload, "", &arn)).collect()
}

/// The best name that a record has of an agent.
enum AgentName<'a> {
    /// Its ARN.
    Arn(String),
    /// Its kind and id, where the record does not name account and region.
    Id(&'static str, &'a str),
    /// Its kind, and what it was called where it was made: the id it was given is not in the record.
    Called(&'static str, &'a str),
}

/// The name of the agent that an event is about: the response gives it, else the request, else the resources. `None`
/// where the event is about something else, or the record names nothing.
fn agent_name<'a>(thing: Thing, params: &'a Params<'_>, event: &Event<'_>) -> Option<AgentName<'a>> {
    const DIRECTORY: &str = "workload-identity-directory/";
    let Params { request, response, .. } = params;
    let (kind, service, begin, arn, id, name) = match thing {
        Thing::BedrockAgent => {
            let made = response.agent.get();
            let arn = made.and_then(|agent| agent.agent_arn.get());
            let id = made.and_then(|agent| agent.agent_id.get()).or(response.agent_id.get()).or(request.agent_id.get());
            (BEDROCK_AGENT, "bedrock", "agent/", arn, id, request.agent_name.get())
        }
        Thing::Flow => {
            let id = request.flow_identifier.get().or(response.flow_id.get());
            (FLOW, "bedrock", "flow/", response.arn.get(), id, own_name(params, event, "Flow"))
        }
        Thing::Runtime => {
            let arn = response.agent_runtime_arn.get().or(request.agent_runtime_arn.get());
            let id = response.agent_runtime_id.get().or(request.agent_runtime_id.get());
            (RUNTIME, "bedrock-agentcore", "runtime/", arn, id, request.agent_runtime_name.get())
        }
        Thing::Gateway => {
            let id = response.gateway_id.get().or(request.gateway_identifier.get());
            (
                GATEWAY,
                "bedrock-agentcore",
                "gateway/",
                response.gateway_arn.get(),
                id,
                own_name(params, event, "Gateway"),
            )
        }
        Thing::Harness => {
            let made = response.harness.get();
            let arn = made.and_then(|harness| harness.arn.get()).or(request.harness_arn.get());
            let id = made.and_then(|harness| harness.harness_id.get()).or(request.harness_id.get());
            (HARNESS, "bedrock-agentcore", "harness/", arn, id, request.harness_name.get())
        }
        Thing::WorkloadIdentity => {
            let arn = response.workload_identity_arn.get().or_else(|| params.resource("bedrock-agentcore", DIRECTORY));
            let id = request.workload_name.get().or(request.name.get());
            (WORKLOAD_IDENTITY, "bedrock-agentcore", "", arn, id, None)
        }
        _ => return None,
    };
    if let Some(arn) = arn.or(id.filter(|id| id.starts_with("arn:"))).filter(|arn| agent_of(arn).is_some()) {
        return Some(AgentName::Arn(arn.to_owned()));
    }
    match (id, name) {
        (Some(id), _) if kind == WORKLOAD_IDENTITY => {
            event.arn(service, "workload-identity-directory/default/workload-identity/", id).map(AgentName::Arn)
        }
        (Some(id), _) => {
            let arn = event.arn(service, begin, id);
            Some(arn.map_or(AgentName::Id(kind, id), AgentName::Arn))
        }
        (None, name) => {
            let alias = || if kind == BEDROCK_AGENT { params.resource(service, "agent-alias/") } else { None };
            let arn = params.resource(service, begin).or_else(alias).map(|arn| AgentName::Arn(arn.to_owned()));
            arn.or(name.map(|name| AgentName::Called(kind, name)))
        }
    }
}

/// `name` in a request about the thing itself; in one about a part of it (an alias, a target, a rule), it is the part's.
fn own_name<'a>(params: &'a Params<'_>, event: &Event<'_>, whole: &str) -> Option<&'a str> {
    params.request.name.get().filter(|_| event.name.ends_with(whole))
}

/// The thing an event names, by its lasting id where the record has one.
fn handle(thing: Thing, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let Params { request, response, .. } = params;
    match agent_name(thing, params, event) {
        Some(AgentName::Arn(arn)) => return agent(facts, &arn),
        Some(AgentName::Id(kind, id)) => return Some(agent_by_id(facts, kind, id)),
        Some(AgentName::Called(kind, name)) => {
            return Some(agent_called(facts, kind, event.account()?, event.entry.region?, name));
        }
        None => {}
    }
    match thing {
        Thing::BedrockAgent
        | Thing::Flow
        | Thing::Runtime
        | Thing::Gateway
        | Thing::Harness
        | Thing::WorkloadIdentity => None,
        Thing::Function => function(params, event, facts),
        Thing::Stack => stack(params, event, facts),
        Thing::Instance => {
            let arn = event.arn("ec2", "instance/", params.instances().next()?)?;
            Some(facts.handle(HandleKind::Workload, "", &arn))
        }
        Thing::TaskDefinition => {
            let made = response.task_definition.get().and_then(|made| made.task_definition_arn.get());
            task_definition(event, made.or(request.family.get()).or(request.task_definition.get())?, facts)
        }
        Thing::TaskService => {
            let arn = response.service.get().and_then(|service| service.service_arn.get());
            if let Some(arn) = arn.or(request.service.get()).filter(|arn| arn.starts_with("arn:")) {
                return by_arn(facts, arn);
            }
            let cluster = request.cluster.get().unwrap_or("default").rsplit('/').next()?;
            let arn = event.arn("ecs", &format!("service/{cluster}/"), request.service.get()?)?;
            Some(facts.handle(HandleKind::Workload, "", &arn))
        }
        Thing::User => match response.user.get() {
            Some(user) => principal(facts, user.user_id.get(), user.arn.get()),
            None => Some(principal_named(facts, event.account()?, "user", request.user_name.get()?)),
        },
        Thing::Role => match response.role.get() {
            Some(role) => principal(facts, role.role_id.get(), role.arn.get()),
            None => Some(principal_named(facts, event.account()?, "role", request.role_name.get()?)),
        },
        Thing::AccessKey => params.access_key().map(|key| facts.handle(HandleKind::Key, "", key)),
        Thing::ServiceKey => params.service_key().map(|key| facts.handle(HandleKind::Key, "", key)),
        Thing::ByArn => by_arn(facts, request.resource_arn.get()?),
    }
}

fn function(params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let named = params.response.function_arn.get().or(params.request.function_name.get());
    let name = named.or_else(|| params.resource("lambda", "function:"))?;
    let arn = match name.split_once(":function:") {
        Some(_) if name.starts_with("arn:") => name.to_owned(),
        // The short form of an ARN: `account:function:name`.
        Some((_, name)) => event.arn("lambda", "function:", name.split(':').next()?)?,
        None => match event.arn("lambda", "function:", name.split(':').next()?) {
            Some(arn) => arn,
            None => params.resource("lambda", "function:")?.to_owned(),
        },
    };
    Some(facts.handle(HandleKind::Workload, "", unqualified_function(&arn)))
}

/// A stack by its id; its name, by which later requests may call it, is tied to it. A name can be given again after the
/// stack was deleted.
fn stack(params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = params.response.stack_id.get().or(params.request.stack_name.get());
    let Some(name) = name else { return by_arn(facts, params.resource("cloudformation", "stack/")?) };
    if !name.starts_with("arn:") {
        let arn = event.arn("cloudformation", "stack/", name)?;
        return Some(facts.handle(HandleKind::Workload, "", &arn));
    }
    let id = facts.handle(HandleKind::Workload, "", name);
    if let Some((named, _)) = name.rsplit_once('/').filter(|(named, _)| named.contains(":stack/")) {
        let named = facts.handle(HandleKind::Workload, "", named);
        facts.tied(id, Tie::Named, named);
    }
    Some(id)
}

fn task_definition(event: &Event<'_>, name: &str, facts: &mut FactWriter) -> Option<HandleId> {
    if name.starts_with("arn:") {
        return by_arn(facts, name);
    }
    let arn = event.arn("ecs", "task-definition/", name)?;
    Some(facts.handle(HandleKind::Workload, "", family(&arn)))
}

/// What the record tells of a thing beside who made it: its kind, name, role, tags, what it depends on.
fn described(thing: Thing, handle: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) {
    let request = &params.request;
    let (kind, name) = match thing {
        // The kind of an agent is told by whatever names it.
        Thing::BedrockAgent => ("", request.agent_name.get()),
        Thing::Flow => ("", own_name(params, event, "Flow")),
        Thing::Gateway => ("", own_name(params, event, "Gateway")),
        Thing::Runtime => ("", request.agent_runtime_name.get()),
        Thing::Harness => ("", request.harness_name.get()),
        Thing::WorkloadIdentity => ("", request.name.get()),
        Thing::Function => ("function", None),
        Thing::Stack => ("stack", None),
        Thing::Instance => ("instance", None),
        Thing::TaskDefinition => ("task-definition", request.family.get()),
        Thing::TaskService => ("ecs-service", None),
        Thing::User => ("iam-user", request.user_name.get()),
        Thing::Role => ("iam-role", request.role_name.get()),
        Thing::AccessKey | Thing::ServiceKey => return key_of_user(thing, handle, params, event, facts),
        Thing::ByArn => return,
    };
    facts.described(handle, Detail::Kind, kind);
    name_of(handle, name, facts);
    if !matches!(thing, Thing::User | Thing::Role | Thing::TaskDefinition | Thing::TaskService) {
        for arn in [&request.agent_resource_role_arn, &request.role_arn, &request.role] {
            if let Some(role) = arn.get().and_then(|arn| principal(facts, None, Some(arn))) {
                facts.tied(handle, Tie::RunsAs, role);
            }
        }
    }
    depends(thing, handle, params, event, facts);
    if let Some(identity) = params.response.workload_identity_details.get()
        && let Some(identity) = identity.workload_identity_arn.get().and_then(|arn| agent(facts, arn))
    {
        facts.tied(handle, Tie::Named, identity);
    }
    if let Some(image) = params.image() {
        facts.described(handle, Detail::Commit, image.rsplit([':', '@']).next().unwrap_or_default());
    }
    tagged(facts, handle, &request.tags, Some(event.actor.by));
}

/// What a thing is called: by the request, else by its id. Where an AgentCore agent's name is masked, its id has it: the
/// name with ten random characters.
fn name_of(handle: HandleId, name: Option<&str>, facts: &mut FactWriter) {
    let id = facts.text(handle).to_owned();
    let Some(arn) = Arn::parse(&id) else {
        return facts.described(handle, Detail::DisplayName, name.unwrap_or_default());
    };
    let within = || match arn.service {
        "lambda" => arn.resource.strip_prefix("function:"),
        "cloudformation" => arn.resource.split('/').nth(1),
        "bedrock-agentcore" => {
            let named = arn.resource.split('/').nth(1).and_then(|id| id.rsplit_once('-'));
            named.filter(|(_, random)| random.len() == 10).map(|(name, _)| name)
        }
        _ => None,
    };
    match name {
        Some(name) if arn.service.starts_with("bedrock") => called(facts, handle, &id, name),
        _ => facts.described(handle, Detail::DisplayName, name.or_else(within).unwrap_or_default()),
    }
}

fn depends(thing: Thing, handle: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) {
    match thing {
        Thing::BedrockAgent | Thing::Gateway | Thing::Harness => {
            part::<Depends<'_>>(event.entry.request).write(facts, handle);
            let base = params.request.knowledge_base_id.get().filter(|_| event.name.starts_with("Associate"));
            if let Some(arn) = base.and_then(|id| event.arn("bedrock", "knowledge-base/", id)) {
                let base = facts.handle(HandleKind::Resource, "", &arn);
                facts.tied(handle, Tie::DependsOn, base);
            }
        }
        Thing::TaskService => {
            let made = params.response.service.get().and_then(|service| service.task_definition.get());
            if let Some(tasks) = params.request.task_definition.get().or(made)
                && let Some(tasks) = task_definition(event, tasks, facts)
            {
                facts.tied(handle, Tie::DependsOn, tasks);
            }
        }
        _ => {}
    }
}

/// A key belongs to the user it was issued to, however issued it.
fn key_of_user(thing: Thing, key: HandleId, params: &Params<'_>, event: &Event<'_>, facts: &mut FactWriter) {
    let (request, response) = (&params.request, &params.response);
    let service = response.service_specific_credential.get();
    let (kind, issued, status) = match (thing, service, response.access_key.get()) {
        (Thing::ServiceKey, Some(made), _) => {
            (kind_of_credential(made.service_name.get()), made.user_name.get(), made.status.get())
        }
        // Only its making says for which service it is.
        (Thing::ServiceKey, None, _) => ("", None, None),
        (_, _, Some(made)) => ("access-key", made.user_name.get(), made.status.get()),
        (_, _, None) => ("access-key", None, None),
    };
    facts.described(key, Detail::Kind, kind);
    if thing == Thing::AccessKey
        && let Some(name) = issued.or(request.user_name.get())
    {
        leased_key(facts, key, name);
    }
    let user = match issued.or(request.user_name.get()).zip(event.account()) {
        Some((name, account)) => Some(principal_named(facts, account, "user", name)),
        // Without a name it is the caller's own.
        None => event.actor.principal,
    };
    if let Some(user) = user {
        facts.tied(key, Tie::RunsAs, user);
    }
    if let Some(status) = request.status.get().or(status) {
        facts.described(key, Detail::CredentialState, if status == "Active" { "active" } else { "inactive" });
    }
}
