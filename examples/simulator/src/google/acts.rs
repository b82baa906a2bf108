//! What people and pipelines do in stories of Google Cloud.

use super::audit_log::{ACTIVITY, By, DATA_ACCESS, Entry, entry};
use super::{Engine, Google, LOCATION, PROJECTS};
use crate::dice::Dice;
use crate::json::Object;
use crate::world::Repo;

pub(super) const VERTEX: &str = "aiplatform.googleapis.com";
const ENGINES: &str = "google.cloud.aiplatform.v1.ReasoningEngineService.";

impl Google<'_> {
    pub(super) fn user(&self, person: usize, at: i64) -> By {
        By::User(self.people.all[person].account(at).mail.clone())
    }

    pub(super) fn put(&mut self, stream: usize, it: &Entry<'_>, at: i64) {
        let mut dice = Dice::new(self.cast.dice.roll(), &[]);
        self.audit.put(stream, at, entry(stream, it, at, &mut dice));
    }

    /// Whether a project logs data access.
    pub(super) fn logs_data(project: usize) -> bool {
        project + 1 < PROJECTS.len()
    }

    /// Makes or changes an engine: two entries of one operation; the new engine's id stands in the last.
    pub(super) fn write_engine(&mut self, engine: &Engine, by: &By, ip: &str, create: bool, at: i64) {
        let project = PROJECTS[engine.project].0;
        let path = engine.path();
        let parent = format!("projects/{project}/locations/{LOCATION}");
        let named = format!("projects/{project}/locations/{LOCATION}/reasoningEngines/{}", engine.id);
        let operation = format!("{path}/operations/{}", 1_000_000 + self.cast.dice.below(8_000_000));
        let account = engine.runs_as.map(|account| self.accounts[account].mail.clone());
        let verb = if create { "Create" } else { "Update" };
        let (method, message) = (format!("{ENGINES}{verb}ReasoningEngine"), format!("{verb}ReasoningEngineRequest"));
        let permission = format!("aiplatform.reasoningEngines.{}", verb.to_lowercase());
        let kind = format!("type.googleapis.com/google.cloud.aiplatform.v1.{message}");
        let request = |o: &mut Object<'_>| {
            o.text("@type", &kind);
            if create {
                o.text("parent", &parent);
            }
            o.object("reasoningEngine", |o| {
                o.text("displayName", &engine.name);
                if !create {
                    o.text("name", &named);
                }
                o.object("spec", |o| {
                    o.text("agentFramework", "google-adk").object("deploymentSpec", |o| {
                        o.list("env", |list| {
                            list.object(|o| {
                                o.text("name", "LOG_LEVEL").text("value", "info");
                            });
                        });
                    });
                    o.object("packageSpec", |o| {
                        o.parts("pickleObjectGcsUri", &["gs://", project, "-staging/agent_engine/agent_engine.pkl"]);
                        o.text("pythonVersion", "3.13");
                    });
                    if let Some(account) = &account {
                        o.text("serviceAccount", account);
                    }
                });
            });
        };
        let begun = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.longrunning.Operation").text("name", &operation);
        };
        let ended = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.cloud.aiplatform.v1.ReasoningEngine").text("name", &path);
            o.text("displayName", &engine.name);
        };
        let target = if create { &parent } else { &named };
        let labels = vec![("location", LOCATION), ("method", method.as_str()), ("project_id", project)];
        let call = || {
            let mut call = Entry::new(project, VERTEX, &method, target, &permission, by).from(ip);
            call.resource = ("audited_resource", labels.clone());
            call
        };
        let mut first = call().asks(&request).gets(&begun);
        first.operation = Some((operation.as_str(), true));
        self.put(ACTIVITY, &first, at);
        let later = at + self.cast.dice.between(90, 400);
        let mut last = call().gets(&ended);
        last.operation = Some((operation.as_str(), false));
        self.put(ACTIVITY, &last, later);
    }

    /// Somebody takes a token of a service account; told where data access is logged.
    pub(super) fn impersonate(&mut self, account: usize, by: &By, ip: &str, at: i64) {
        let it = self.accounts[account].clone();
        if !Self::logs_data(it.project) {
            return;
        }
        let project = PROJECTS[it.project].0;
        let name = format!("projects/-/serviceAccounts/{}", it.mail);
        let request = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.iam.credentials.v1.GenerateAccessTokenRequest");
            o.text("name", &name).texts("scope", &["https://www.googleapis.com/auth/cloud-platform"]);
        };
        let permission = "iam.serviceAccounts.getAccessToken";
        let service = "iamcredentials.googleapis.com";
        let entry = Entry::new(project, service, "GenerateAccessToken", &name, permission, by);
        let mut entry = entry.asks(&request).from(ip);
        let labels = vec![("email_id", it.mail.as_str()), ("project_id", project), ("unique_id", it.unique.as_str())];
        entry.resource = ("service_account", labels);
        self.put(DATA_ACCESS, &entry, at);
    }

    /// A job's token is exchanged for one of the pool.
    pub(super) fn exchange(&mut self, project: usize, subject: &str, ip: &str, at: i64) {
        if !Self::logs_data(project) {
            return;
        }
        let (id, number) = PROJECTS[project];
        let pool = format!("projects/{number}/locations/global/workloadIdentityPools/github");
        let mapped = self.subject(project, subject);
        let provider = format!("{pool}/providers/github-actions");
        let metadata = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.identity.sts.v1.AuditData").text("mapped_principal", &mapped);
            o.object("token_info", |o| {
                o.text("issuer", "https://token.actions.githubusercontent.com").text("subject", subject);
            });
        };
        let by = By::Subject(subject.to_owned());
        let method = "google.identity.sts.v1.SecurityTokenService.ExchangeToken";
        let permission = "sts.identityProviders.checkLogging";
        let entry = Entry::new(id, "sts.googleapis.com", method, &provider, permission, &by);
        let entry = entry.tells(&metadata).from(ip);
        self.put(DATA_ACCESS, &entry, at);
    }

    /// The subject of a job's token as the pool names it.
    pub(super) fn subject(&self, project: usize, subject: &str) -> String {
        let pool = format!("projects/{}/locations/global/workloadIdentityPools/github", PROJECTS[project].1);
        format!("principal://iam.googleapis.com/{pool}/subject/{subject}")
    }

    /// A person makes a service account.
    pub(super) fn make_account(&mut self, account: usize, by: &By, ip: &str, at: i64) {
        let it = self.accounts[account].clone();
        let project = PROJECTS[it.project].0;
        let parent = format!("projects/{project}");
        let name = format!("projects/{project}/serviceAccounts/{}", it.mail);
        let request = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.iam.admin.v1.CreateServiceAccountRequest");
            o.text("account_id", it.mail.split('@').next().unwrap_or_default()).text("name", &parent);
        };
        let response = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.iam.admin.v1.ServiceAccount").text("display_name", &it.title);
            o.text("email", &it.mail).text("name", &name).text("oauth2_client_id", &it.unique);
            o.text("project_id", project).text("unique_id", &it.unique);
        };
        let method = "google.iam.admin.v1.CreateServiceAccount";
        let permission = "iam.serviceAccounts.create";
        let entry = Entry::new(project, "iam.googleapis.com", method, &parent, permission, by);
        let mut entry = entry.asks(&request).gets(&response).from(ip);
        let labels = vec![("email_id", it.mail.as_str()), ("project_id", project), ("unique_id", it.unique.as_str())];
        entry.resource = ("service_account", labels);
        self.put(ACTIVITY, &entry, at);
    }

    /// A person makes or deletes a key.
    pub(super) fn key(&mut self, account: usize, key: &str, delete: bool, by: &By, ip: &str, at: i64) {
        let it = self.accounts[account].clone();
        let project = PROJECTS[it.project].0;
        let of = format!("projects/-/serviceAccounts/{}", it.unique);
        let name = format!("projects/{project}/serviceAccounts/{}/keys/{key}", it.mail);
        let (method, permission) = if delete {
            ("google.iam.admin.v1.DeleteServiceAccountKey", "iam.serviceAccountKeys.delete")
        } else {
            ("google.iam.admin.v1.CreateServiceAccountKey", "iam.serviceAccountKeys.create")
        };
        let request = |o: &mut Object<'_>| {
            o.text("@type", &format!("type.googleapis.com/{method}Request"))
                .text("name", if delete { &name } else { &of });
        };
        let response = |o: &mut Object<'_>| {
            o.text("@type", "type.googleapis.com/google.iam.admin.v1.ServiceAccountKey").number("key_algorithm", 2);
            o.number("key_origin", 2).number("key_type", 1).text("name", &name).number("private_key_type", 2);
        };
        let resource_name = if delete { &name } else { &of };
        let entry = Entry::new(project, "iam.googleapis.com", method, resource_name, permission, by);
        let mut entry = entry.asks(&request).from(ip);
        let labels = vec![("email_id", it.mail.as_str()), ("project_id", project), ("unique_id", it.unique.as_str())];
        entry.resource = ("service_account", labels);
        if !delete {
            entry = entry.gets(&response);
        }
        self.put(ACTIVITY, &entry, at);
    }

    pub(super) fn repo(&mut self, name: &str) -> Repo {
        self.repos += 1;
        Repo {
            name: format!("example-org/gcp-{name}"),
            id: 720_000 + self.repos,
            workflow: 7_000 + self.repos,
            ids_in_subject: self.cast.dice.chance(400),
            run_in_session: false,
        }
    }
}
