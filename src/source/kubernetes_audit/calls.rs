//! What a call to a cluster's API does: workloads and service accounts made and ended, tokens issued, rights given.
//! References: kubernetes.io/docs/reference/kubernetes-api (workload resources, TokenRequest, RoleBinding) and
//! docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html. An audit policy decides whether the
//! bodies are there; without them a workload is known by its name, and what it runs as is not. Of bodies only the names
//! of things are read: the values of environments, of secrets and of other annotations never are.
//!
//! What a controller makes for another object (its owner references say so) is no deed of anybody's: the object on top
//! of it was. A change that touches neither the template nor anything else of what runs (a scale, a status, a label) is
//! an act and no more.

use serde::Deserialize;

use super::names::{self, object, service_account};
use crate::fact::claim::{Becoming, Declaring, Detail, Ending, Making, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Stand};
use crate::source::aws_names;
use crate::source::aws_tags::{self, Tags};
use crate::source::text::{Part, Parts, Text};

/// A call, whoever wrote it down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'c> {
    /// The realm of the cluster.
    pub(super) cluster: &'c str,
    pub(super) actor: Actor,
    pub(super) verb: &'c str,
    pub(super) target: Target<'c>,
    /// Whether it was done.
    pub(super) done: bool,
    /// Whether the caller is a node, which asks for tokens on behalf of the pods that it runs.
    pub(super) by_node: bool,
    pub(super) request: Option<&'c Manifest<'c>>,
    pub(super) response: Option<&'c Manifest<'c>>,
    /// The id of the token that was issued.
    pub(super) issued: Option<&'c str>,
}

/// What a call names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target<'c> {
    pub(super) group: &'c str,
    pub(super) resource: &'c str,
    pub(super) subresource: Option<&'c str>,
    pub(super) namespace: Option<&'c str>,
    pub(super) name: Option<&'c str>,
}

/// An object in a body: the fields that are used, of all kinds together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Manifest<'a> {
    #[serde(borrow)]
    metadata: Part<Metadata<'a>>,
    #[serde(borrow)]
    spec: Part<Box<Spec<'a>>>,
    #[serde(rename = "type", borrow)]
    sort: Text<'a>,
    #[serde(borrow)]
    role_ref: Part<Reference<'a>>,
    #[serde(borrow)]
    subjects: Parts<Reference<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    labels: Part<Tags<'a>>,
    #[serde(borrow)]
    annotations: Part<Tags<'a>>,
    #[serde(borrow)]
    owner_references: Parts<Reference<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    namespace: Text<'a>,
}

/// What a workload is to be: a pod's own specification, or the template of its pods, or of the jobs that make them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec<'a> {
    #[serde(borrow)]
    service_account_name: Text<'a>,
    #[serde(borrow)]
    containers: Parts<Container<'a>>,
    #[serde(borrow)]
    template: Part<Template<'a>>,
    #[serde(borrow)]
    job_template: Part<Template<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Template<'a> {
    #[serde(borrow)]
    spec: Part<Box<Spec<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Container<'a> {
    #[serde(borrow)]
    image: Text<'a>,
    #[serde(borrow)]
    env: Parts<Variable<'a>>,
    #[serde(borrow)]
    env_from: Parts<ValueFrom<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Variable<'a> {
    #[serde(borrow)]
    value_from: Part<ValueFrom<'a>>,
}

/// The secret that a variable, or a set of them, comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ValueFrom<'a> {
    #[serde(alias = "secretKeyRef", borrow)]
    secret_ref: Part<Reference<'a>>,
}

impl<'a> Spec<'a> {
    /// The specification of the pods, however deep it stands.
    fn pods(&self) -> &Self {
        let inner = self.template.get().or(self.job_template.get()).and_then(|template| template.spec.get());
        inner.map_or(self, |inner| inner.pods())
    }

    fn has_template(&self) -> bool {
        self.template.get().is_some() || self.job_template.get().is_some() || !self.containers.get().is_empty()
    }
}

impl<'a> Manifest<'a> {
    /// The name that the API server gave, where the caller only said how it should begin.
    pub(super) fn name(&self) -> Option<&str> {
        self.metadata.get()?.name.get()
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.get()?.annotations.get()?.pairs().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    fn is_controlled(&self) -> bool {
        self.metadata.get().is_some_and(|metadata| !metadata.owner_references.get().is_empty())
    }
}

/// The resources that run something: group, resource.
const WORKLOADS: &[(&str, &str)] = &[
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
];

/// The resources that are agents, or servers for them: group, resource, kind. Told by both, because the names alone are
/// in use for other things.
const AGENTS: &[(&str, &str, &str)] = &[
    ("agents.x-k8s.io", "sandboxes", "agent-sandbox"),
    ("kagent.dev", "agents", "kubernetes-agent"),
    ("kagent.dev", "mcpservers", "mcp-server"),
    ("kagent.dev", "remotemcpservers", "mcp-server"),
    ("toolhive.stacklok.dev", "mcpservers", "mcp-server"),
];

/// The annotation by which a service account asks for a role of AWS.
const ROLE: &str = "eks.amazonaws.com/role-arn";

/// Writes what a call does, and returns what it was done to.
pub(super) fn write(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let target = call.target;
    match (target.group, target.resource, target.subresource) {
        ("", "serviceaccounts", Some("token")) => return token(call, facts),
        ("", "serviceaccounts", None) => return account(call, facts),
        ("", "secrets", None) => return secret(call, facts),
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings", None) if call.done => bound(call, facts),
        _ => {}
    }
    let Some(thing) = thing(call, facts) else { return plain(call, facts) };
    if call.done && target.subresource.is_none() {
        changed(call, thing, facts);
    }
    Some(thing)
}

/// The name of what is called: as it was asked for, else as the API server made it.
fn name<'c>(call: &Call<'c>) -> Option<&'c str> {
    call.target.name.or_else(|| call.response?.name()).or_else(|| call.request?.name())
}

/// What is called, as a resource.
fn plain(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = object(call.target.namespace, call.target.resource, name(call)?);
    Some(facts.handle(HandleKind::Resource, call.cluster, &name))
}

/// A workload or agent. What a controller made for another object is none.
fn thing(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let Target { group, resource, namespace, .. } = call.target;
    let controlled = [call.request, call.response].into_iter().flatten().any(Manifest::is_controlled);
    // Of a pod only its making tells whether it is somebody's own.
    if controlled || (resource == "pods" && (call.verb != "create" || call.target.subresource.is_some())) {
        return None;
    }
    let name = object(namespace, resource, name(call)?);
    if let Some((.., kind)) = AGENTS.iter().find(|(g, r, _)| (*g, *r) == (group, resource)) {
        let agent = facts.handle(HandleKind::Agent, call.cluster, &name);
        facts.described(agent, Detail::Kind, kind);
        return Some(agent);
    }
    WORKLOADS.contains(&(group, resource)).then(|| {
        let workload = facts.handle(HandleKind::Workload, call.cluster, &name);
        facts.described(workload, Detail::Kind, "kubernetes-workload");
        workload
    })
}

/// The way in which a verb makes something.
fn making(verb: &str) -> Option<Making> {
    match verb {
        "create" => Some(Making::Created),
        "update" | "patch" => Some(Making::Updated),
        _ => None,
    }
}

/// A workload or agent was made, changed or ended.
fn changed(call: &Call<'_>, thing: HandleId, facts: &mut FactWriter) {
    let by = call.actor.by;
    if call.verb == "delete" {
        return facts.ended(thing, Ending::Deleted, Some(by));
    }
    let Some(how) = making(call.verb) else { return };
    // A patch tells only what it touches; without a body it may have touched anything.
    let partial = call.verb == "patch" && WORKLOADS.contains(&(call.target.group, call.target.resource));
    let touches = |patch: &Manifest<'_>| patch.spec.get().is_some_and(|spec| spec.has_template());
    if partial && !call.request.is_none_or(touches) {
        return;
    }
    facts.made(by, how, thing);
    let Some(body) = call.response.filter(|body| body.spec.get().is_some()).or(call.request) else { return };
    owners(body, thing, by, facts);
    if let Some(spec) = body.spec.get() {
        runs(spec.pods(), call, thing, facts);
    }
}

/// What a workload runs as, from which images, with which secrets.
///
/// The service account that every namespace has is left out: whatever says nothing runs as it, and who acts with it
/// cannot be told.
fn runs(pods: &Spec<'_>, call: &Call<'_>, thing: HandleId, facts: &mut FactWriter) {
    let account = pods.service_account_name.get().filter(|name| *name != "default");
    if let (Some(name), Some(namespace)) = (account, call.target.namespace) {
        let account = service_account(facts, call.cluster, namespace, name);
        facts.tied(thing, Tie::RunsAs, account);
    }
    for container in pods.containers.get() {
        if let Some(image) = container.image.get() {
            facts.described(thing, Detail::Commit, image.rsplit([':', '@']).next().unwrap_or_default());
        }
        let named = container.env.get().iter().filter_map(|variable| variable.value_from.get());
        for secret in named.chain(container.env_from.get()).filter_map(|from| from.secret_ref.get()?.name.get()) {
            let name = object(call.target.namespace, "secrets", secret);
            let secret = facts.handle(HandleKind::Resource, call.cluster, &name);
            facts.tied(thing, Tie::DependsOn, secret);
        }
    }
}

/// Owners that are written on an object, in labels or annotations: whoever may change it wrote them.
fn owners(body: &Manifest<'_>, thing: HandleId, by: HandleId, facts: &mut FactWriter) {
    let Some(metadata) = body.metadata.get() else { return };
    for (key, value) in
        [&metadata.labels, &metadata.annotations].into_iter().filter_map(Part::get).flat_map(Tags::pairs)
    {
        let plain = key.rsplit('/').next().unwrap_or(key);
        if aws_tags::is_owner_key(plain) {
            facts.described(thing, Detail::Tag, &format!("{key}={value}"));
            let owner = aws_tags::owner(facts, value);
            facts.declared(owner, thing, Declaring::Tag, Some(by));
        }
    }
}

/// A service account was made, changed or ended. That it asks for a role by an annotation is a wish: whether the role
/// lets it in, the role says.
fn account(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let (namespace, name) = (call.target.namespace?, name(call)?);
    let account = service_account(facts, call.cluster, namespace, name);
    if !call.done {
        return Some(account);
    }
    if call.verb == "delete" {
        facts.ended(account, Ending::Deleted, Some(call.actor.by));
    }
    let Some(how) = making(call.verb) else { return Some(account) };
    facts.made(call.actor.by, how, account);
    for body in [call.response, call.request].into_iter().flatten() {
        owners(body, account, call.actor.by, facts);
        if let Some(role) = body.annotation(ROLE).and_then(|arn| aws_names::principal(facts, None, Some(arn))) {
            facts.granted(Some(call.actor.by), account, role);
            break;
        }
    }
    Some(account)
}

/// A token of a service account was issued. A node asks for those of its pods, which then act; anybody else has it in
/// hand and acts as the service account.
fn token(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let account = service_account(facts, call.cluster, call.target.namespace?, call.target.name?);
    if let Some(id) = call.issued.filter(|_| call.done) {
        let token = names::token(facts, id, account);
        if !call.by_node {
            facts.became(call.actor.by, Becoming::Assumed, token);
        }
    }
    Some(account)
}

/// A secret: what it holds is never read. One of the sort that holds a service account's token is a key of that account,
/// and never expires.
fn secret(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let body = call.response.filter(|body| body.sort.get().is_some()).or(call.request);
    let holds_token = body.is_some_and(|body| body.sort.get() == Some("kubernetes.io/service-account-token"));
    let account = body.and_then(|body| body.annotation("kubernetes.io/service-account.name"));
    let (true, Some(account), Some(namespace)) = (call.done && holds_token, account, call.target.namespace) else {
        return plain(call, facts);
    };
    let name = object(Some(namespace), "secrets", name(call)?);
    let key = facts.handle(HandleKind::Key, call.cluster, &name);
    facts.described(key, Detail::Kind, "service-account-token");
    if call.verb == "create" {
        facts.made(call.actor.by, Making::Issued, key);
    }
    let account = service_account(facts, call.cluster, namespace, account);
    facts.tied(key, Tie::RunsAs, account);
    Some(key)
}

/// Rights were given to service accounts, users and groups.
fn bound(call: &Call<'_>, facts: &mut FactWriter) {
    let Some(body) = call.response.filter(|body| body.role_ref.get().is_some()).or(call.request) else { return };
    let Some(role) = body.role_ref.get() else { return };
    let (Some(kind), Some(role)) = (role.kind.get(), role.name.get()) else { return };
    if making(call.verb).is_none() {
        return;
    }
    let resource = if kind == "ClusterRole" { "clusterroles" } else { "roles" };
    let role = object(call.target.namespace, resource, role);
    let what = facts.handle(HandleKind::Resource, call.cluster, &role);
    for subject in body.subjects.get() {
        let (Some(kind), Some(name)) = (subject.kind.get(), subject.name.get()) else { continue };
        let to = match (kind, subject.namespace.get().or(call.target.namespace)) {
            ("ServiceAccount", Some(namespace)) => service_account(facts, call.cluster, namespace, name),
            ("User", _) => names::named(facts, call.cluster, name),
            ("Group", _) => facts.handle(HandleKind::Team, call.cluster, name),
            _ => continue,
        };
        facts.granted(Some(call.actor.by), to, what);
    }
}
