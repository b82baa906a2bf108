//! Cloud Audit Logs as a log sink writes them: one entry a line, keys in alphabetical order.

use crate::clock;
use crate::dice::{ALNUM, Dice};
use crate::json::{Object, object};

/// The streams, in the order in which the logs are kept.
pub(crate) const ACTIVITY: usize = 0;
pub(crate) const DATA_ACCESS: usize = 1;
pub(crate) const STREAMS: [&str; 2] = ["activity", "data_access"];

/// Who acts.
#[derive(Clone, Debug)]
pub(crate) enum By {
    User(String),
    Account(String),
    /// A service account, with the id of its key.
    Key(String, String),
    /// A service account, on behalf of a user or of the subject of a pool.
    For(String, String),
    /// A subject of a pool, by itself.
    Subject(String),
}

/// Writes the inside of an object.
pub(crate) type Fill<'a> = &'a dyn Fn(&mut Object<'_>);

/// One call.
pub(crate) struct Entry<'a> {
    pub(crate) project: &'a str,
    pub(crate) service: &'a str,
    pub(crate) method: &'a str,
    pub(crate) resource_name: &'a str,
    pub(crate) permission: &'a str,
    /// Type and labels of the monitored resource.
    pub(crate) resource: (&'a str, Vec<(&'a str, &'a str)>),
    pub(crate) by: &'a By,
    pub(crate) ip: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) denied: bool,
    pub(crate) request: Option<Fill<'a>>,
    pub(crate) response: Option<Fill<'a>>,
    pub(crate) metadata: Option<Fill<'a>>,
    /// A long-running operation: its id, and whether this is its first entry, or its last.
    pub(crate) operation: Option<(&'a str, bool)>,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(
        project: &'a str,
        service: &'a str,
        method: &'a str,
        resource_name: &'a str,
        permission: &'a str,
        by: &'a By,
    ) -> Self {
        Self {
            project,
            service,
            method,
            resource_name,
            permission,
            resource: ("audited_resource", vec![("method", method), ("project_id", project), ("service", service)]),
            by,
            ip: "198.51.100.40",
            agent: "google-cloud-sdk gcloud/542.0.0 command/gcloud.invocation-id/e1a2 environment/None",
            denied: false,
            request: None,
            response: None,
            metadata: None,
            operation: None,
        }
    }

    pub(crate) fn from(mut self, ip: &'a str) -> Self {
        self.ip = ip;
        self
    }

    pub(crate) fn asks(mut self, request: Fill<'a>) -> Self {
        self.request = Some(request);
        self
    }

    pub(crate) fn gets(mut self, response: Fill<'a>) -> Self {
        self.response = Some(response);
        self
    }

    pub(crate) fn tells(mut self, metadata: Fill<'a>) -> Self {
        self.metadata = Some(metadata);
        self
    }
}

pub(crate) fn entry(stream: usize, it: &Entry<'_>, at: i64, dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::with_capacity(2048);
    let nanos = dice.below(1_000_000);
    let time = clock::iso(at);
    let received = clock::iso(at + dice.between(0, 3));
    object(&mut out, |o| {
        o.text("insertId", &dice.word(13, ALNUM).to_lowercase());
        let name = format!("projects/{}/logs/cloudaudit.googleapis.com%2F{}", it.project, STREAMS[stream]);
        o.text("logName", &name);
        if let Some((id, first)) = it.operation {
            o.object("operation", |o| {
                if first {
                    o.flag("first", true);
                }
                o.text("id", id);
                if !first {
                    o.flag("last", true);
                }
                o.text("producer", it.service);
            });
        }
        o.object("protoPayload", |o| payload(o, it, &time, nanos));
        o.parts("receiveTimestamp", &[&received[..19], ".", &format!("{:09}", dice.below(999_999_999)), "Z"]);
        o.object("resource", |o| {
            o.object("labels", |o| {
                for (key, value) in &it.resource.1 {
                    o.text(key, value);
                }
            });
            o.text("type", it.resource.0);
        });
        let severity = match (it.denied, stream) {
            (true, _) => "ERROR",
            (false, ACTIVITY) => "NOTICE",
            _ => "INFO",
        };
        o.text("severity", severity);
        o.parts("timestamp", &[&time[..19], ".", &format!("{nanos:06}"), "Z"]);
    });
    out
}

fn payload(o: &mut Object<'_>, it: &Entry<'_>, time: &str, nanos: u64) {
    o.text("@type", "type.googleapis.com/google.cloud.audit.AuditLog");
    o.object("authenticationInfo", |o| authentication(o, it.by));
    o.list("authorizationInfo", |list| {
        list.object(|o| {
            if !it.denied {
                o.flag("granted", true);
            }
            o.text("permission", it.permission).text("permissionType", "ADMIN_WRITE");
            o.text("resource", it.resource_name).object("resourceAttributes", |o| {
                o.text("name", it.resource_name).text("service", it.service);
                o.text("type", it.permission.rsplit_once('.').map_or("", |(kind, _)| kind));
            });
        });
    });
    if let Some(fill) = it.metadata {
        o.object("metadata", |o| fill(o));
    }
    o.text("methodName", it.method);
    if let Some(fill) = it.request {
        o.object("request", |o| fill(o));
    }
    o.object("requestMetadata", |o| {
        o.text("callerIp", it.ip).text("callerSuppliedUserAgent", it.agent);
        o.object("destinationAttributes", |_| {}).object("requestAttributes", |o| {
            o.object("auth", |_| {}).parts("time", &[&time[..19], ".", &format!("{nanos:06}"), "Z"]);
        });
    });
    o.text("resourceName", it.resource_name);
    if let Some(fill) = it.response {
        o.object("response", |o| fill(o));
    }
    o.text("serviceName", it.service).object("status", |o| {
        if it.denied {
            o.number("code", 7).parts("message", &["Permission '", it.permission, "' denied on resource."]);
        }
    });
}

fn authentication(o: &mut Object<'_>, by: &By) {
    match by {
        By::User(mail) => {
            o.object("oauthInfo", |o| {
                o.text("oauthClientId", "32555940559.apps.googleusercontent.com");
            });
            o.text("principalEmail", mail).parts("principalSubject", &["user:", mail]);
        }
        By::Account(mail) => {
            o.text("principalEmail", mail).parts("principalSubject", &["serviceAccount:", mail]);
        }
        By::Key(mail, key) => {
            let project = mail.split('@').nth(1).and_then(|host| host.split('.').next()).unwrap_or_default();
            o.text("principalEmail", mail).parts("principalSubject", &["serviceAccount:", mail]);
            let name = format!("//iam.googleapis.com/projects/{project}/serviceAccounts/{mail}/keys/{key}");
            o.text("serviceAccountKeyName", &name);
        }
        By::For(mail, caller) => {
            o.text("principalEmail", mail).parts("principalSubject", &["serviceAccount:", mail]);
            o.list("serviceAccountDelegationInfo", |list| {
                list.object(|o| {
                    if caller.starts_with("principal://") {
                        o.text("principalSubject", caller);
                    } else {
                        o.object("firstPartyPrincipal", |o| {
                            o.text("principalEmail", caller);
                        });
                        o.parts("principalSubject", &["user:", caller]);
                    }
                });
            });
        }
        By::Subject(subject) => {
            o.text("principalSubject", subject);
        }
    }
}
