//! The snapshots that responders export beside the logs, as the AWS command line prints them.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::calls::{About, MODEL, trust_policy};
use crate::clock::{DAY, END, iso_micros, iso_offset};
use crate::people::{Account, Person};
use crate::run::{Order, Outcome};
use crate::world::{ACCOUNTS, AGENT_ACCOUNTS, FEDERATION, HOME, Kind, Role, User, World};
use crate::{Degrade, System, okta};

/// Writes all snapshots; a missing account and a missing directory are missing here, too.
pub(crate) fn write(bundle: &Path, order: &Order, world: &World, outcome: &Outcome) -> Result<()> {
    let snapshots = Snapshots { world, outcome };
    if order.has_directories() && order.wants(System::Okta) {
        let folder = made(bundle.join("okta"))?;
        okta::write_users(&folder, &world.people)?;
    }
    if !order.wants(System::Aws) {
        return Ok(());
    }
    if order.has_directories() {
        let folder = made(bundle.join("aws/identity-center"))?;
        save(&folder.join("list-users.json"), &snapshots.directory())?;
    }
    let mut accounts: Vec<usize> = (0..AGENT_ACCOUNTS).collect();
    if order.degrade != Degrade::OneAccountMissing {
        accounts.push(FEDERATION);
    }
    let iam = made(bundle.join("aws/iam"))?;
    for account in accounts {
        let name = format!("get-account-authorization-details-{}.json", ACCOUNTS[account]);
        save(&iam.join(name), &snapshots.authorization(account))?;
    }
    snapshots.access_keys(&iam)?;
    snapshots.agents(bundle)
}

pub(crate) fn made(folder: std::path::PathBuf) -> Result<std::path::PathBuf> {
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

pub(crate) fn save(path: &Path, value: &Value) -> Result<()> {
    let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut file = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut file, value)?;
    file.write_all(b"\n")?;
    Ok(file.flush()?)
}

struct Snapshots<'a> {
    world: &'a World,
    outcome: &'a Outcome,
}

/// A few milliseconds that are the same on each run.
fn fraction(index: usize) -> u64 {
    (index as u64 * 137 + 91) % 1000
}

fn tags(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

impl Snapshots<'_> {
    /// `aws identitystore list-users`
    fn directory(&self) -> Value {
        let people = self.world.people.all.iter();
        let accounts = people.flat_map(|person| person.accounts.iter().map(move |account| (person, account)));
        let users: Vec<Value> = accounts.map(|(person, account)| directory_user(person, account)).collect();
        json!({"Users": users})
    }

    /// `aws iam get-account-authorization-details`
    fn authorization(&self, account: usize) -> Value {
        let world = self.world;
        let users = world.users.iter().enumerate().filter(|(_, user)| user.account == account && user.gone.is_none());
        let roles = world.roles.iter().enumerate().filter(|(_, role)| role.account == account);
        let users: Vec<Value> = users.map(|(index, user)| self.user(index, user)).collect();
        let roles: Vec<Value> = roles.map(|(index, role)| self.role(index, role)).collect();
        json!({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": []})
    }

    fn user(&self, index: usize, user: &User) -> Value {
        json!({
            "Path": "/", "UserName": user.name, "UserId": user.id, "Arn": user.arn(),
            "CreateDate": iso_offset(self.outcome.known.users[index]),
            "UserPolicyList": [{
                "PolicyName": "bedrock-invoke",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": ["bedrock:InvokeModel", "s3:GetObject"], "Resource": "*"}
                ]}
            }],
            "GroupList": [], "AttachedManagedPolicies": [], "Tags": tags(&user.tags)
        })
    }

    fn role(&self, index: usize, role: &Role) -> Value {
        let trust: Value = serde_json::from_str(&trust_policy(role)).unwrap_or(Value::Null);
        json!({
            "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn(),
            "CreateDate": iso_offset(self.outcome.known.roles[index]),
            "AssumeRolePolicyDocument": trust,
            "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": [],
            "Tags": tags(&role.tags),
            "RoleLastUsed": {"LastUsedDate": iso_offset(END - DAY / 4), "Region": HOME}
        })
    }

    /// `aws iam list-access-keys`, for each user that is still there.
    fn access_keys(&self, folder: &Path) -> Result<()> {
        for (index, user) in self.world.users.iter().enumerate().filter(|(_, user)| user.gone.is_none()) {
            let keys = user.keys.iter().enumerate().filter(|(_, key)| key.gone.is_none());
            let keys: Vec<Value> = keys
                .map(|(which, key)| {
                    let at = self.outcome.known.keys.get(&(index, which)).copied().unwrap_or(key.made);
                    json!({"UserName": user.name, "AccessKeyId": key.id, "Status": "Active",
                           "CreateDate": iso_offset(at)})
                })
                .collect();
            let name = format!("list-access-keys-{}-{}.json", ACCOUNTS[user.account], user.name);
            save(&folder.join(name), &json!({"AccessKeyMetadata": keys}))?;
        }
        Ok(())
    }

    /// `aws bedrock-agent list-agents` and `get-agent`; `aws bedrock-agentcore-control get-agent-runtime`.
    fn agents(&self, bundle: &Path) -> Result<()> {
        let bedrock = made(bundle.join("aws/bedrock"))?;
        let agentcore = made(bundle.join("aws/agentcore"))?;
        let mut lists = vec![Vec::new(); AGENT_ACCOUNTS];
        for (index, agent) in self.world.agents.iter().enumerate() {
            let about = About { index, agent, born: self.outcome.known.born[index] };
            match agent.kind {
                Kind::BedrockAgent => {
                    lists[agent.account].push(self.summary(&about));
                    save(&bedrock.join(format!("get-agent-{}.json", agent.id)), &self.bedrock_agent(&about))?;
                }
                Kind::AgentRuntime => {
                    save(&agentcore.join(format!("get-agent-runtime-{}.json", agent.id)), &self.runtime(&about))?;
                }
                Kind::ServiceUser | Kind::McpServer => {}
            }
        }
        for (account, list) in lists.into_iter().enumerate() {
            let name = format!("list-agents-{}.json", ACCOUNTS[account]);
            save(&bedrock.join(name), &json!({"agentSummaries": list}))?;
        }
        Ok(())
    }

    fn changed(&self, about: &About<'_>) -> String {
        iso_micros(self.outcome.known.changed[about.index], fraction(about.index + 3))
    }

    fn summary(&self, about: &About<'_>) -> Value {
        json!({
            "agentId": about.agent.id, "agentName": about.agent.name, "agentStatus": "PREPARED",
            "updatedAt": self.changed(about), "latestAgentVersion": "1"
        })
    }

    fn bedrock_agent(&self, about: &About<'_>) -> Value {
        let changed = self.changed(about);
        json!({"agent": {
            "agentId": about.agent.id, "agentName": about.agent.name, "agentArn": about.agent.arn(),
            "agentVersion": "DRAFT", "agentStatus": "PREPARED", "idleSessionTTLInSeconds": 600,
            "agentResourceRoleArn": about.agent.role_arn, "foundationModel": MODEL, "orchestrationType": "DEFAULT",
            "createdAt": iso_micros(about.born, fraction(about.index)), "updatedAt": changed, "preparedAt": changed
        }})
    }

    fn runtime(&self, about: &About<'_>) -> Value {
        let version = self.outcome.known.versions[about.index];
        json!({
            "agentRuntimeArn": about.agent.arn(), "agentRuntimeName": about.agent.name,
            "agentRuntimeId": about.agent.id, "agentRuntimeVersion": version.to_string(),
            "createdAt": iso_micros(about.born, fraction(about.index)), "lastUpdatedAt": self.changed(about),
            "roleArn": about.agent.role_arn, "networkConfiguration": {"networkMode": "PUBLIC"}, "status": "READY",
            "protocolConfiguration": {"serverProtocol": "HTTP"},
            "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": about.image(version)}},
            "workloadIdentityDetails": {"workloadIdentityArn": about.workload()}
        })
    }
}

fn directory_user(person: &Person, account: &Account) -> Value {
    let enabled = account.closed().is_none() && !person.is_away();
    json!({
        "IdentityStoreId": "d-1234567890", "UserId": account.idc_user, "UserName": account.idc_name,
        "ExternalIds": [{"Issuer": "https://scim.aws.com/11112222-3333-4444-5555-666677778888", "Id": account.okta}],
        "Name": {"FamilyName": person.family, "GivenName": person.given},
        "DisplayName": person.display(),
        "Emails": [{"Value": account.mail, "Type": "work", "Primary": true}],
        "UserStatus": if enabled { "ENABLED" } else { "DISABLED" }
    })
}
