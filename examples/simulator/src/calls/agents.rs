//! Making, changing and calling agents.

use super::Call;
use crate::clock;
use crate::dice::Dice;
use crate::json::{Object, body};
use crate::world::{ACCOUNTS, Agent, HOME, Kind};

pub(crate) const MODEL: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// An agent with what its records need to know about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) index: usize,
    pub(crate) agent: &'a Agent,
    /// When it was created, by the log.
    pub(crate) born: i64,
}

impl About<'_> {
    pub(crate) fn image(&self, version: u32) -> String {
        let account = ACCOUNTS[self.agent.account];
        format!("{account}.dkr.ecr.{HOME}.amazonaws.com/{}:1.{version}", self.agent.name.replace('_', "-"))
    }

    pub(crate) fn workload(&self) -> String {
        let account = ACCOUNTS[self.agent.account];
        let directory = "workload-identity-directory/default/workload-identity";
        format!("arn:aws:bedrock-agentcore:{HOME}:{account}:{directory}/{}", self.agent.id)
    }

    fn alias_arn(&self) -> String {
        let (account, agent) = (ACCOUNTS[self.agent.account], self.agent);
        format!("arn:aws:bedrock:{HOME}:{account}:agent-alias/{}/{}", agent.id, agent.alias)
    }
}

fn bedrock(name: &'static str, read_only: bool) -> Call {
    Call::new("bedrock", "bedrock-agent", name, read_only)
}

fn agentcore(name: &'static str, read_only: bool) -> Call {
    Call::new("bedrock-agentcore", "bedrock-agentcore-control", name, read_only)
}

fn tags(o: &mut Object<'_>, tags: &[(String, String)]) {
    if !tags.is_empty() {
        o.object("tags", |o| {
            for (key, value) in tags {
                o.text(key, value);
            }
        });
    }
}

pub(crate) fn create(about: About<'_>, at: i64, dice: &mut Dice) -> Call {
    let about = About { born: at, ..about };
    let call = match about.agent.kind {
        Kind::AgentRuntime => create_runtime(about, dice),
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => create_agent(about, at, dice),
    };
    call.about(about.index).creates()
}

fn agent_answer(about: About<'_>, status: &str, at: i64) -> Option<Vec<u8>> {
    let agent = about.agent;
    body(|o| {
        o.object("agent", |o| {
            o.text("agentId", &agent.id).text("agentName", &agent.name).text("agentArn", &agent.arn());
            o.text("agentVersion", "DRAFT")
                .text("agentStatus", status)
                .text("agentResourceRoleArn", &about.agent.role_arn);
            o.text("foundationModel", MODEL).text("instruction", HIDDEN);
            o.time("createdAt", about.born).time("updatedAt", at);
        });
    })
}

fn create_agent(about: About<'_>, at: i64, dice: &mut Dice) -> Call {
    let request = body(|o| {
        o.text("agentName", &about.agent.name).text("agentResourceRoleArn", &about.agent.role_arn);
        o.text("foundationModel", MODEL).text("instruction", HIDDEN);
        o.number("idleSessionTTLInSeconds", 600);
        tags(o, &about.agent.tags);
        o.uuid("clientToken", dice.uuid());
    });
    bedrock("CreateAgent", false).asks(request).gets(agent_answer(about, "CREATING", at))
}

fn artifact(o: &mut Object<'_>, image: &str) {
    o.object("agentRuntimeArtifact", |o| {
        o.object("containerConfiguration", |o| {
            o.text("containerUri", image);
        });
    });
    o.object("networkConfiguration", |o| {
        o.text("networkMode", "PUBLIC");
    });
}

fn runtime_answer(about: About<'_>, version: u32, status: &str, updated: Option<i64>) -> Option<Vec<u8>> {
    let agent = about.agent;
    body(|o| {
        o.text("agentRuntimeArn", &agent.arn()).text("agentRuntimeId", &agent.id);
        o.text("agentRuntimeVersion", &version.to_string()).time("createdAt", about.born);
        if let Some(at) = updated {
            o.time("lastUpdatedAt", at);
        }
        o.text("status", status);
        o.object("workloadIdentityDetails", |o| {
            o.text("workloadIdentityArn", &about.workload());
        });
    })
}

fn create_runtime(about: About<'_>, dice: &mut Dice) -> Call {
    let request = body(|o| {
        o.text("agentRuntimeName", &about.agent.name).text("roleArn", &about.agent.role_arn);
        artifact(o, &about.image(1));
        o.object("protocolConfiguration", |o| {
            o.text("serverProtocol", "HTTP");
        });
        tags(o, &about.agent.tags);
        o.uuid("clientToken", dice.uuid());
    });
    agentcore("CreateAgentRuntime", false).asks(request).gets(runtime_answer(about, 1, "CREATING", None))
}

pub(crate) fn update(about: About<'_>, version: u32, at: i64, dice: &mut Dice) -> Call {
    let call = match about.agent.kind {
        Kind::AgentRuntime => {
            let request = body(|o| {
                o.text("agentRuntimeId", &about.agent.id).text("roleArn", &about.agent.role_arn);
                artifact(o, &about.image(version));
                o.uuid("clientToken", dice.uuid());
            });
            let answer = runtime_answer(about, version, "UPDATING", Some(at));
            agentcore("UpdateAgentRuntime", false).asks(request).gets(answer)
        }
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => {
            let request = body(|o| {
                o.text("agentId", &about.agent.id).text("agentName", &about.agent.name);
                o.text("agentResourceRoleArn", &about.agent.role_arn).text("foundationModel", MODEL);
                o.text("instruction", HIDDEN);
            });
            bedrock("UpdateAgent", false).asks(request).gets(agent_answer(about, "UPDATING", at))
        }
    };
    call.about(about.index)
}

pub(crate) fn prepare(about: About<'_>, at: i64) -> Call {
    let request = body(|o| {
        o.text("agentId", &about.agent.id);
    });
    let answer = body(|o| {
        o.text("agentId", &about.agent.id).text("agentStatus", "PREPARING").text("agentVersion", "DRAFT");
        o.time("preparedAt", at);
    });
    bedrock("PrepareAgent", false).asks(request).gets(answer).about(about.index)
}

pub(crate) fn create_alias(about: About<'_>, at: i64) -> Call {
    let agent = about.agent;
    let request = body(|o| {
        o.text("agentId", &agent.id).text("agentAliasName", "live");
    });
    let answer = body(|o| {
        o.object("agentAlias", |o| {
            o.text("agentId", &agent.id).text("agentAliasId", &agent.alias).text("agentAliasName", "live");
            o.text("agentAliasArn", &about.alias_arn()).text("agentAliasStatus", "CREATING");
            o.time("createdAt", at).time("updatedAt", at);
        });
    });
    bedrock("CreateAgentAlias", false).asks(request).gets(answer).about(about.index)
}

/// Reading one agent.
pub(crate) fn look(about: About<'_>) -> Call {
    let (key, call) = match about.agent.kind {
        Kind::AgentRuntime => ("agentRuntimeId", agentcore("GetAgentRuntime", true)),
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => ("agentId", bedrock("GetAgent", true)),
    };
    let request = body(|o| {
        o.text(key, &about.agent.id);
    });
    call.asks(request).about(about.index)
}

pub(crate) fn look_at_all(runtimes: bool) -> Call {
    let call = if runtimes { agentcore("ListAgentRuntimes", true) } else { bedrock("ListAgents", true) };
    call.asks(body(|o| {
        o.number("maxResults", 100);
    }))
}

/// Using an agent, which never makes anybody its owner.
pub(crate) fn invoke(about: About<'_>, user: Option<&str>, dice: &mut Dice) -> Call {
    let agent = about.agent;
    let account = ACCOUNTS[agent.account];
    match agent.kind {
        Kind::AgentRuntime => {
            let request = body(|o| {
                o.text("agentRuntimeArn", &agent.arn()).text("qualifier", "DEFAULT");
                o.uuid("runtimeSessionId", dice.uuid());
                if let Some(user) = user {
                    o.text("runtimeUserId", user);
                }
            });
            let call = Call::new("bedrock-agentcore", "bedrock-agentcore", "InvokeAgentRuntime", false);
            call.asks(request).touches(&[(account, "AWS::BedrockAgentCore::Runtime", &agent.arn())])
        }
        Kind::BedrockAgent | Kind::ServiceUser | Kind::McpServer => {
            let request = body(|o| {
                o.text("agentId", &agent.id).text("agentAliasId", &agent.alias).uuid("sessionId", dice.uuid());
            });
            let call = Call::new("bedrock", "bedrock-agent-runtime", "InvokeAgent", true);
            call.asks(request).touches(&[(account, "AWS::Bedrock::AgentAlias", &about.alias_arn())])
        }
    }
    .data()
    .about(about.index)
}

/// The stack through which an agent is made or changed.
pub(crate) fn stack(name: &str, account: usize, role: &str, update: bool, stack_id: &str, dice: &mut Dice) -> Call {
    let request = body(|o| {
        o.text("stackName", name);
        o.parts("templateURL", &["https://example-templates.s3.eu-west-1.amazonaws.com/", name, ".yaml"]);
        o.text("roleARN", role).texts("capabilities", &["CAPABILITY_NAMED_IAM"]);
        o.list("parameters", |list| {
            list.object(|o| {
                o.text("parameterKey", "Stage");
            });
        });
        o.uuid("clientRequestToken", dice.uuid());
    });
    let answer = body(|o| {
        let prefix = ["arn:aws:cloudformation:eu-west-1:", ACCOUNTS[account], ":stack/"];
        o.parts("stackId", &[prefix[0], prefix[1], prefix[2], name, "/", stack_id]);
    });
    let name = if update { "UpdateStack" } else { "CreateStack" };
    Call::new("cloudformation", "cloudformation", name, false).asks(request).gets(answer)
}

/// When a secret or a role was made, as responses print it.
pub(super) fn shown(at: i64) -> String {
    clock::display(at)
}
