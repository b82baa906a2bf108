//! Kubernetes: the audit log of a cluster's API server, as the server writes it and as AWS and Azure hand it on.
//!
//! References: kubernetes.io/docs/reference/config-api/apiserver-audit.v1 and …/docs/tasks/debug/debug-cluster/audit,
//! docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html,
//! learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit. Relied on: `auditID`, `stage`, `verb`,
//! `user.username`, a timestamp; used where present: what the authenticator says of the user (`extra`), `objectRef`,
//! `responseStatus.code`, `requestObject`, `responseObject`, `annotations`. Google's form of it is read by `gcp_audit`.
//!
//! Quirks. A request has several events, one for each stage; the last one tells how it ended. The audit policy decides
//! which requests are there and whether with their bodies: silence proves nothing. The event does not say of which
//! cluster it is; where its carrier does not either, several clusters cannot be told apart. On making, the name may
//! stand only in the answer. The client software is whatever the client says. Bodies of secrets are never read.

mod calls;
mod entry;
mod names;

use calls::{Call, Target};
use entry::{Entry, Held, UserInfo, cells};
use names::{KUBERNETES, Sort, User, account_name, acting, sort};

use super::{Card, Export, Fit, Reading, Refusal, Shape, Source, needed_time, parsed};
use crate::base::time::Instant;
use crate::bundle::record::{Around, Body, Object, Record};
use crate::fact::claim::{Detail, Outcome};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, FactWriter, Form, Stand};

/// Reads the audit log of a cluster's API server.
pub struct KubernetesAudit;

const NAME: &str = "kubernetes_audit";

static CARD: Card = Card {
    name: NAME,
    title: "Kubernetes audit log",
    tells: "who deployed which workload, as which service account it runs, who had a token of it issued, who acted as whom",
    reference: "https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/",
    recognised_by: "objects with auditID and stage or verb; Azure's records whose properties.log holds one; rows with AuditId and ObjectRef",
    exports: &[
        Export { form: "the API server's own files", command: "cp /var/log/kubernetes/audit/audit*.log ." },
        Export { form: "what it sends to a webhook", command: "cp audit-webhook-bodies.json ." },
        Export {
            form: "EKS, from CloudWatch Logs",
            command: "aws logs filter-log-events --log-group-name /aws/eks/CLUSTER/cluster --log-stream-name-prefix kube-apiserver-audit --output json > eks-audit.json",
        },
        Export {
            form: "EKS, by subscription or export to S3",
            command: "aws s3 cp --recursive s3://BUCKET/eks-audit/ eks-audit/",
        },
        Export {
            form: "AKS, by diagnostic settings",
            command: "az storage blob download-batch --source insights-logs-kube-audit --destination aks-audit",
        },
        Export {
            form: "AKS, from Log Analytics",
            command: "az monitor log-analytics query --workspace WORKSPACE --analytics-query \"AKSAudit | where TimeGenerated > ago(45d)\" --output json > aks-audit.json",
        },
    ],
};

/// Who asks the API server on behalf of people whom it has authenticated itself, by the namespace it runs in: the person
/// stands behind what it says, not the proxy.
///
/// Wrong where somebody who may make service accounts in such a namespace, and let them impersonate, makes up a person;
/// that takes the cluster's administrator.
const PROXIES: &[&str] = &["cattle-system", "pinniped-concierge", "teleport"];

/// The export forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The API server's own.
    Own,
    /// A record of Azure's that holds it as a text.
    Held,
    /// A row of Azure's own tables.
    Table,
    /// What another part of the control plane wrote into the same log group.
    Beside,
}

fn kind(body: &Body<'_>, around: &Around<'_>) -> Option<Kind> {
    match body {
        Body::Json(object) => of_object(object).or_else(|| is_beside(object, around).then_some(Kind::Beside)),
        Body::Row(row) if row.has("AuditId") && row.has("ObjectRef") => Some(Kind::Table),
        Body::Row(row) if row.has("log_s") && is_audit(row.get("Category")) => Some(Kind::Held),
        Body::Row(_) | Body::Line(_) | Body::Doc(_) => None,
    }
}

fn of_object(object: &Object<'_>) -> Option<Kind> {
    let has = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let category = || object.text("category").or(object.text("Category"));
    match () {
        () if has(&["auditID"]) && (has(&["stage"]) || has(&["verb"])) => Some(Kind::Own),
        () if has(&["AuditId", "ObjectRef"]) => Some(Kind::Table),
        () if is_audit(category().as_deref()) && (has(&["properties"]) || has(&["log_s"])) => Some(Kind::Held),
        () => None,
    }
}

/// Whether an event of CloudWatch Logs is of a cluster's log group, and holds no audit event: that would stand in its place.
fn is_beside(object: &Object<'_>, around: &Around<'_>) -> bool {
    const STREAMS: &[&str] = &[
        "authenticator-",
        "cloud-controller-manager-",
        "kube-apiserver-",
        "kube-controller-manager-",
        "kube-scheduler-",
    ];
    let stream = object.text("logStreamName").or(around.outer.and_then(|outer| outer.text("logStream")));
    let group = around.outer.and_then(|outer| outer.text("logGroup"));
    let in_group = group.is_none_or(|group| group.starts_with("/aws/eks/"));
    let is_stream = stream.is_some_and(|stream| STREAMS.iter().any(|name| stream.starts_with(name)));
    object.has("message") && object.has("timestamp") && in_group && is_stream
}

/// The categories of Azure's that hold audit events.
fn is_audit(category: Option<&str>) -> bool {
    category.is_some_and(|category| matches!(category, "kube-audit" | "kube-audit-admin"))
}

impl Source for KubernetesAudit {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        if kind(&shape.body, &shape.around).is_some() { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        match kind(&record.body, &record.around).ok_or(Refusal::Unreadable("the record"))? {
            Kind::Own => {
                let object = record.body.json().ok_or(Refusal::Unreadable("the record"))?;
                event(&parsed(&object)?, &cluster(&record.around), facts)
            }
            Kind::Held => {
                let (text, resource) = held(&record.body)?;
                let entry: Entry<'_> =
                    serde_json::from_str(&text).map_err(|_| Refusal::Unreadable("properties.log"))?;
                event(&entry, &of_azure(resource.as_deref()), facts)
            }
            Kind::Table => {
                let cells = cells(&record.body);
                let resource = match record.body {
                    Body::Json(object) => object.text("_ResourceId").map(std::borrow::Cow::into_owned),
                    _ => record.body.row().and_then(|row| row.get("_ResourceId")).map(str::to_owned),
                };
                event(&Entry::table(&cells), &of_azure(resource.as_deref()), facts)
            }
            Kind::Beside => Ok(Reading::SetAside("another log of the control plane")),
        }
    }
}

/// The event that a record of Azure's holds, and the resource it is of.
fn held(body: &Body<'_>) -> Result<(String, Option<String>), Refusal> {
    if let Some(row) = body.row() {
        let text = row.get("log_s").ok_or(Refusal::Missing("log_s"))?;
        return Ok((text.to_owned(), row.get("ResourceId").or(row.get("_ResourceId")).map(str::to_owned)));
    }
    let held: Held<'_> = parsed(&body.json().ok_or(Refusal::Unreadable("the record"))?)?;
    let text = held.event().ok_or(Refusal::Missing("properties.log"))?;
    Ok((text.to_owned(), held.resource.get().map(str::to_owned)))
}

/// The realm of the cluster whose log group stands around an event.
///
/// A log group is of one account and region, and names the account alone. Wrong where an account has clusters of one
/// name in two regions.
fn cluster(around: &Around<'_>) -> String {
    let text = |key: &str| around.outer.and_then(|outer| outer.text(key));
    let group = text("logGroup");
    let name = group.as_deref().and_then(|group| group.strip_prefix("/aws/eks/")?.strip_suffix("/cluster"));
    match (text("owner"), name) {
        (Some(account), Some(name)) => format!("{KUBERNETES}eks/{account}/{name}"),
        _ => KUBERNETES.to_owned(),
    }
}

/// The realm of the cluster that a resource of Azure's is.
fn of_azure(resource: Option<&str>) -> String {
    let resource = resource.map(str::to_lowercase).filter(|resource| resource.contains("/managedclusters/"));
    format!("{KUBERNETES}{}", resource.unwrap_or_default().trim_start_matches('/'))
}

/// Verbs that only look.
const LOOKS: &[&str] = &["get", "list", "watch"];

/// Writes what an event claims.
fn event(entry: &Entry<'_>, cluster: &str, facts: &mut FactWriter) -> Result<Reading, Refusal> {
    let at = needed_time(entry.time(), "requestReceivedTimestamp")?;
    let id = entry.audit_id.get().ok_or(Refusal::Missing("auditID"))?;
    let verb = entry.verb.get().ok_or(Refusal::Missing("verb"))?;
    let user = entry.user.get().ok_or(Refusal::Missing("user"))?;
    let caller = user.username.get().ok_or(Refusal::Missing("user.username"))?;
    facts.event(at);
    facts.account(cluster.strip_prefix(KUBERNETES).filter(|cluster| !cluster.is_empty()));
    let stage = entry.stage.get().unwrap_or_default();
    facts.named(NAME, id, &[&at.to_string(), stage], Form::Full);
    let target = entry.target.get();
    let target = Target {
        group: target.and_then(|target| target.api_group.get()).unwrap_or_default(),
        resource: target.and_then(|target| target.resource.get()).unwrap_or_default(),
        subresource: target.and_then(|target| target.subresource.get()),
        namespace: target.and_then(|target| target.namespace.get()),
        name: target.and_then(|target| target.name.get()),
    };
    let issued = entry.annotations.get("authentication.kubernetes.io/issued-credential-id");
    let is_component = sort(caller) == Sort::Component && entry.impersonated.get().is_none();
    match () {
        // A connection that is held open is known by its beginning, and may have no end in the records.
        () if stage == "RequestReceived" || (stage == "ResponseStarted" && target.subresource.is_none()) => {
            return Ok(Reading::SetAside("a request that was not answered yet"));
        }
        () if entry.uri.get().is_some_and(|uri| uri.contains("dryRun=All")) => {
            return Ok(Reading::SetAside("a dry run"));
        }
        () if is_component && issued.is_none() => return Ok(Reading::SetAside("the cluster's own components")),
        () if target.resource.is_empty() => return Ok(Reading::SetAside("a request for no object")),
        () => {}
    }
    let outcome = outcome(entry, stage);
    let actor = actor(entry, user, at, cluster, facts);
    let call = Call {
        cluster,
        actor,
        verb,
        target,
        done: outcome == Outcome::Succeeded,
        by_node: caller.starts_with("system:node:"),
        request: entry.request.get().map(|body| &**body),
        response: entry.response.get().map(|body| &**body),
        issued,
    };
    let on = if LOOKS.contains(&verb) { looked_at(&call, facts) } else { calls::write(&call, facts) };
    let what = [Some(target.resource), target.subresource].into_iter().flatten().collect::<Vec<_>>().join("/");
    facts.did(actor, &format!("kubernetes:{verb} {what}"), on, outcome);
    Ok(Reading::Claimed)
}

/// What was only looked at.
fn looked_at(call: &Call<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    let name = names::object(call.target.namespace, call.target.resource, call.target.name?);
    Some(facts.handle(HandleKind::Resource, call.cluster, &name))
}

/// How a request ended. One that began to be answered, and is held open, was let in.
fn outcome(entry: &Entry<'_>, stage: &str) -> Outcome {
    let forbidden = entry.annotations.get("authorization.k8s.io/decision") == Some("forbid");
    match entry.code() {
        _ if stage == "Panic" => Outcome::Failed,
        _ if forbidden => Outcome::Denied,
        Some(101 | 200..300) => Outcome::Succeeded,
        Some(401 | 403) => Outcome::Denied,
        _ => Outcome::Failed,
    }
}

/// Who acted, and from where.
///
/// Whoever acts as another is still the one who acts: the other is whose rights were used. Only of a proxy that signs
/// people in itself the person is the one.
fn actor(entry: &Entry<'_>, user: &UserInfo<'_>, at: Instant, cluster: &str, facts: &mut FactWriter) -> Actor {
    let caller = full(user);
    let (by, principal) = acting(facts, cluster, caller, at);
    let other = entry.impersonated.get().and_then(|other| other.username.get());
    let other = other.filter(|other| sort(other) != Sort::Component);
    let is_proxy = account_name(caller.name).is_some_and(|(namespace, _)| PROXIES.contains(&namespace));
    let actor = match other.map(|other| (names::named(facts, cluster, other), sort(other))) {
        Some((person, Sort::Other)) if is_proxy => Actor { by: person, principal: Some(person), on_behalf_of: None },
        Some((other, _)) => Actor { by, principal: Some(principal), on_behalf_of: Some(other) },
        None => Actor { by, principal: Some(principal), on_behalf_of: None },
    };
    if let Some(address) = entry.address() {
        let address = facts.handle(HandleKind::Network, "", address);
        facts.came_from(actor.by, address);
    }
    facts.described(actor.by, Detail::Software, entry.software.get().unwrap_or_default());
    actor
}

/// What the authenticator says of a user.
fn full<'a>(user: &'a UserInfo<'a>) -> User<'a> {
    let extra = user.extra.get();
    User {
        name: user.username.get().unwrap_or_default(),
        uid: user.uid.get(),
        credential: extra.and_then(|extra| extra.credential.iter().next()),
        access_key: extra.and_then(|extra| extra.access_key_id.iter().next()),
        canonical_arn: extra.and_then(|extra| extra.canonical_arn.iter().next()),
        session_name: extra.and_then(|extra| extra.session_name.iter().next()),
    }
}
