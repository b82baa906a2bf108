//! What an audit log entry does to things: service accounts, keys, agents, endpoints, services; and who became whom.
//!
//! References: cloud.google.com/iam/docs/audit-logging, cloud.google.com/vertex-ai/docs/general/audit-logging,
//! cloud.google.com/generative-ai-app-builder/docs/audit-logging, cloud.google.com/run/docs/audit-logging. The version
//! in a method's name changes and is not looked at.

use super::actor::Chain;
use super::entry::Event;
use crate::fact::claim::{Becoming, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names;
use crate::source::aws_tags::tagged;
use crate::source::gcp_names::{self, agent_name, key_id, principal, service_account, service_account_named, up_to_id};
use crate::source::oidc;

/// What a method does to the thing it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It makes or changes it.
    Makes(Making),
    /// It ends it.
    Ends,
    /// It allows or stops its use.
    State(&'static str),
}

/// The kinds of things, by how their name is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Account,
    Key,
    ApiKey,
    Agent,
    Endpoint,
    /// A service of Cloud Run or a function: code that the platform runs as a service account.
    Service,
    Function,
}

use Effect::{Ends, Makes, State};
use Making::{Created, Issued, Pointed, Updated};

/// Service, the last part of the method, effect, thing. In the order of the services' names.
const METHODS: &[(&str, &str, Effect, Thing)] = &[
    ("aiplatform", "CreateReasoningEngine", Makes(Created), Thing::Agent),
    ("aiplatform", "UpdateReasoningEngine", Makes(Updated), Thing::Agent),
    ("aiplatform", "DeleteReasoningEngine", Ends, Thing::Agent),
    ("aiplatform", "CreateEndpoint", Makes(Created), Thing::Endpoint),
    ("aiplatform", "UpdateEndpoint", Makes(Updated), Thing::Endpoint),
    ("aiplatform", "DeployModel", Makes(Pointed), Thing::Endpoint),
    ("aiplatform", "MutateDeployedModel", Makes(Updated), Thing::Endpoint),
    ("aiplatform", "UndeployModel", Makes(Updated), Thing::Endpoint),
    ("aiplatform", "DeleteEndpoint", Ends, Thing::Endpoint),
    ("apikeys", "CreateKey", Makes(Issued), Thing::ApiKey),
    ("apikeys", "UpdateKey", Makes(Updated), Thing::ApiKey),
    ("apikeys", "DeleteKey", Ends, Thing::ApiKey),
    ("cloudfunctions", "CreateFunction", Makes(Created), Thing::Function),
    ("cloudfunctions", "UpdateFunction", Makes(Updated), Thing::Function),
    ("cloudfunctions", "DeleteFunction", Ends, Thing::Function),
    ("dialogflow", "CreateAgent", Makes(Created), Thing::Agent),
    ("dialogflow", "UpdateAgent", Makes(Updated), Thing::Agent),
    ("dialogflow", "RestoreAgent", Makes(Updated), Thing::Agent),
    ("dialogflow", "DeleteAgent", Ends, Thing::Agent),
    ("dialogflow", "CreatePlaybook", Makes(Updated), Thing::Agent),
    ("dialogflow", "UpdatePlaybook", Makes(Updated), Thing::Agent),
    ("dialogflow", "CreateTool", Makes(Updated), Thing::Agent),
    ("dialogflow", "UpdateTool", Makes(Updated), Thing::Agent),
    ("dialogflow", "CreateWebhook", Makes(Updated), Thing::Agent),
    ("dialogflow", "UpdateWebhook", Makes(Updated), Thing::Agent),
    ("discoveryengine", "CreateEngine", Makes(Created), Thing::Agent),
    ("discoveryengine", "UpdateEngine", Makes(Updated), Thing::Agent),
    ("discoveryengine", "DeleteEngine", Ends, Thing::Agent),
    ("discoveryengine", "CreateAgent", Makes(Created), Thing::Agent),
    ("discoveryengine", "UpdateAgent", Makes(Updated), Thing::Agent),
    ("discoveryengine", "DeployAgent", Makes(Pointed), Thing::Agent),
    ("discoveryengine", "DeleteAgent", Ends, Thing::Agent),
    ("iam", "CreateServiceAccount", Makes(Created), Thing::Account),
    ("iam", "UpdateServiceAccount", Makes(Updated), Thing::Account),
    ("iam", "PatchServiceAccount", Makes(Updated), Thing::Account),
    ("iam", "SetIAMPolicy", Makes(Updated), Thing::Account),
    ("iam", "UndeleteServiceAccount", Makes(Updated), Thing::Account),
    ("iam", "DisableServiceAccount", State("inactive"), Thing::Account),
    ("iam", "EnableServiceAccount", State("active"), Thing::Account),
    ("iam", "DeleteServiceAccount", Ends, Thing::Account),
    ("iam", "CreateServiceAccountKey", Makes(Issued), Thing::Key),
    ("iam", "UploadServiceAccountKey", Makes(Issued), Thing::Key),
    ("iam", "DisableServiceAccountKey", State("inactive"), Thing::Key),
    ("iam", "EnableServiceAccountKey", State("active"), Thing::Key),
    ("iam", "DeleteServiceAccountKey", Ends, Thing::Key),
    ("run", "CreateService", Makes(Created), Thing::Service),
    ("run", "ReplaceService", Makes(Updated), Thing::Service),
    ("run", "UpdateService", Makes(Updated), Thing::Service),
    ("run", "DeleteService", Ends, Thing::Service),
];

/// Writes what the entry does, and returns what it was done to.
///
/// A long-running operation has two entries; the first only says that it began, so that a failure makes nothing.
pub(super) fn write(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let done = event.succeeded() && !event.only_begun();
    match (event.service, event.method) {
        ("iamcredentials", "GenerateAccessToken" | "GenerateIdToken" | "SignJwt" | "SignBlob") => {
            return impersonated(event, done, facts);
        }
        ("sts", "ExchangeToken") if done => exchanged(event, facts),
        (_, method) if done && method.to_ascii_lowercase().contains("setiam") => granted(event, facts),
        _ => {}
    }
    let row = METHODS.iter().find(|(service, method, ..)| *service == event.service && *method == event.method);
    let Some((_, _, effect, thing)) = row else { return on(event, facts) };
    // What was not made has no name: an attempt was made where the thing would have been.
    if *effect == Makes(Created) && !done {
        return on(event, facts);
    }
    let Some(handle) = handle(*thing, event, facts) else { return on(event, facts) };
    if done {
        match *effect {
            Makes(how) => facts.made(event.actor.by, how, handle),
            Ends => facts.ended(handle, Ending::Deleted, Some(event.actor.by)),
            State(state) => {
                facts.made(event.actor.by, Updated, handle);
                facts.described(handle, Detail::CredentialState, state);
            }
        }
        if *effect != Ends {
            described(*thing, handle, event, facts);
        }
    }
    Some(handle)
}

/// The thing a method names, by its lasting id where the entry has one.
fn handle(thing: Thing, event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    match thing {
        Thing::Account => service_account_of(event, facts),
        Thing::Key => {
            let id = event.names().find_map(key_id)?;
            Some(facts.handle(HandleKind::Key, "", id))
        }
        Thing::ApiKey => {
            let named = || event.names().find_map(|name| Some(name.split_once("/locations/global/keys/")?.1));
            let id = event.response.uid.get().or_else(named)?;
            Some(facts.handle(HandleKind::Key, "", id.split(['/', '?']).next()?))
        }
        Thing::Agent => agent_of(event, facts),
        Thing::Endpoint => {
            let name = event.names().find_map(|name| up_to_id(name, "/endpoints/"))?;
            Some(facts.handle(HandleKind::Workload, "", name))
        }
        Thing::Service | Thing::Function => {
            let marker = if thing == Thing::Service { "/services/" } else { "/functions/" };
            let name = event.names().find_map(|name| up_to_id(name, marker))?;
            Some(facts.handle(HandleKind::Workload, "", name))
        }
    }
}

/// The service account an entry is about: by its unique id where the entry has it.
fn service_account_of(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (response, labels) = (&event.response, event.labels());
    let email = response.email.get().or_else(|| labels.and_then(|labels| labels.email_id.get()));
    let id = response.unique_id.get().or_else(|| labels.and_then(|labels| labels.unique_id.get()));
    service_account(facts, email, id).or_else(|| event.names().find_map(|name| service_account_named(facts, name)))
}

/// The agent an entry is about, under the names that the entry gives.
fn agent_of(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (name, kind) = event.names().find_map(agent_name)?;
    let agent = gcp_names::agent(facts, name, kind);
    gcp_names::also_named(facts, agent, name, event.project());
    Some(agent)
}

/// What the entry tells of a thing beside who made it.
fn described(thing: Thing, handle: HandleId, event: &Event<'_>, facts: &mut FactWriter) {
    match thing {
        Thing::Account => {
            let requested = event.request.service_account.get();
            let name = event.response.display_name.get().or_else(|| requested?.display_name.get());
            facts.described(handle, Detail::DisplayName, name.unwrap_or_default());
        }
        Thing::Key => {
            facts.described(handle, Detail::Kind, "service-account-key");
            if let Some(account) = service_account_of(event, facts) {
                facts.tied(handle, Tie::RunsAs, account);
            }
        }
        Thing::ApiKey => {
            facts.described(handle, Detail::Kind, "api-key");
            facts.described(handle, Detail::DisplayName, event.response.display_name.get().unwrap_or_default());
        }
        Thing::Agent => agent_described(handle, event, facts),
        Thing::Endpoint => facts.described(handle, Detail::Kind, "endpoint"),
        Thing::Service | Thing::Function => {
            facts.described(handle, Detail::Kind, "function");
            for email in event.request.runs_as().into_iter().chain(event.response.runs_as()) {
                if let Some(account) = service_account(facts, Some(email), None) {
                    facts.tied(handle, Tie::RunsAs, account);
                }
            }
        }
    }
}

/// An agent: its name, the service account it runs as, the secrets it is given, its labels.
///
/// Without a service account of its own an engine runs as one that all engines of the project share, or as itself; the
/// entry then names none, and nothing is claimed.
fn agent_described(agent: HandleId, event: &Event<'_>, facts: &mut FactWriter) {
    let request = &event.request;
    let (parts, response) = (request.agent_part(), &event.response);
    let name = parts.and_then(|part| part.display_name.get()).or(response.display_name.get());
    facts.described(agent, Detail::DisplayName, name.unwrap_or_default());
    let specs = [parts.and_then(|part| part.spec.get()), response.spec.get()];
    for spec in specs.into_iter().flatten() {
        if let Some(account) = service_account(facts, spec.service_account.get(), None) {
            facts.tied(agent, Tie::RunsAs, account);
        }
        for secret in spec.secrets() {
            let secret = match event.project() {
                Some(project) if !secret.contains('/') => format!("projects/{project}/secrets/{secret}"),
                _ => secret.to_owned(),
            };
            let secret = facts.handle(HandleKind::Resource, "", &secret);
            facts.tied(agent, Tie::DependsOn, secret);
        }
    }
    if let Some(labels) = parts.and_then(|part| part.labels.get()) {
        tagged(facts, agent, labels, Some(event.actor.by));
    }
}

/// A token of a service account was given out: whoever asked acts as it from now on.
fn impersonated(event: &Event<'_>, done: bool, facts: &mut FactWriter) -> Option<HandleId> {
    let account = service_account_of(event, facts)?;
    let labelled = event.labels().and_then(|labels| labels.email_id.get());
    let named = || event.names().find_map(|name| name.split_once("/serviceAccounts/").map(|(_, name)| name));
    let name = labelled.or_else(named)?;
    if done {
        let chain = event.authentication.and_then(|auth| Chain::continued(auth, event.actor, event.at, facts));
        let mut chain = chain?;
        // Service accounts in between, which the caller named in the request.
        for delegate in event.request.delegates.iter() {
            let Some(between) = service_account_named(facts, delegate) else { continue };
            let name = delegate.rsplit('/').next().unwrap_or_default();
            chain = chain.step(name, between, facts);
        }
        chain.step(name, account, facts);
    }
    Some(account)
}

/// A token of another identity provider was exchanged for one of a pool. The entry holds the provider's own subject and
/// the name that the pool gave it; later entries have only the latter.
fn exchanged(event: &Event<'_>, facts: &mut FactWriter) {
    let Some(mapped) = event.metadata.mapped_principal.get() else { return };
    let (Some((subject, _)), Some(own)) = (principal(facts, mapped), event.authentication.and_then(|a| a.subject()))
    else {
        return;
    };
    oidc::describe(facts, subject, None, own);
    let session = Chain::exchanged(mapped, event.at, facts);
    let Some(session) = session else { return };
    // A role of an AWS account, by the identity that AWS signed for it.
    if let Some(arn) = aws_names::Arn::parse(own).filter(|arn| arn.service == "sts")
        && let Some(role) = arn.resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next())
    {
        let role = aws_names::principal_named(facts, arn.account, "role", role);
        facts.became(role, Becoming::Federated, session);
    }
}

/// Roles that were given, by the difference that the entry holds. What was taken away is an act, and no more.
fn granted(event: &Event<'_>, facts: &mut FactWriter) {
    let deltas = event.deltas();
    for delta in deltas.iter().filter(|delta| delta.action.get() == Some("ADD")) {
        let (Some(role), Some(member)) = (delta.role.get(), delta.member.get()) else { continue };
        let Some((to, _)) = principal(facts, member) else { continue };
        let what = gcp_names::role_on(facts, role, event.resource);
        facts.granted(Some(event.actor.by), to, what);
    }
}

/// What an entry of any other kind is about: an agent, a service account, else the resource as it is named.
fn on(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let resource = event.resource?;
    if let Some((name, kind)) = agent_name(resource).filter(|_| is_agent_service(event.service)) {
        let agent = gcp_names::agent(facts, name, kind);
        gcp_names::also_named(facts, agent, name, event.project());
        return Some(agent);
    }
    if resource.contains("/serviceAccounts/") {
        return service_account_of(event, facts);
    }
    let resource = resource.trim_start_matches("//");
    Some(facts.handle(HandleKind::Resource, "", resource))
}

/// Services whose resources called `agents` or `engines` are agents.
fn is_agent_service(service: &str) -> bool {
    matches!(service, "aiplatform" | "discoveryengine" | "dialogflow")
}
