//! What an act was on: the resource that a record names, as an ARN where it has one.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html. Objects of a
//! bucket are told as their bucket: who reads what is asked of buckets, and objects have no end.

use std::borrow::Cow;

use super::Event;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::aws_names::without_random;
use crate::source::aws_things::by_arn;
use crate::source::text::is_masked;

/// Service and the request parameters that name its resource, the first that is there. Of a list, its first element.
const NAMED_BY: &[(&str, &[&str])] = &[
    ("s3", &["bucketName"]),
    ("secretsmanager", &["secretId", "secretIdList", "name"]),
    ("dynamodb", &["tableName"]),
    ("ssm", &["name", "names", "path", "documentName", "target"]),
    ("sqs", &["queueUrl"]),
    ("sns", &["topicArn"]),
    ("kms", &["keyId"]),
    ("rds", &["dBClusterIdentifier", "dBInstanceIdentifier"]),
    ("rds-data", &["resourceArn"]),
    ("ecs", &["cluster", "service"]),
    ("eks", &["clusterName", "name"]),
    ("ecr", &["repositoryName"]),
    ("logs", &["logGroupName"]),
    ("sts", &["roleArn", "targetPrincipal"]),
    ("bedrock", &["modelId", "knowledgeBaseId", "guardrailIdentifier", "resourceArn"]),
    (
        "bedrock-agentcore",
        &["resourceCredentialProviderName", "memoryId", "browserIdentifier", "codeInterpreterIdentifier", "registryId"],
    ),
    ("agent-registry", &["recordId", "registryId"]),
    ("iam", &["roleName", "userName", "openIDConnectProviderArn", "sAMLProviderArn", "policyArn"]),
    ("rolesanywhere", &["trustAnchorArn", "profileArn"]),
    ("sso", &["permissionSetArn"]),
    ("sagemaker", &["endpointName", "modelName", "notebookInstanceName", "domainId"]),
    ("events", &["name"]),
    ("states", &["stateMachineArn"]),
    ("athena", &["workGroup"]),
    ("glue", &["databaseName"]),
    ("redshift-data", &["clusterIdentifier", "workgroupName"]),
];

/// Parameters of a response that name what was made.
const MADE: &[(&str, &[&str])] = &[
    ("iam", &["openIDConnectProviderArn", "sAMLProviderArn"]),
    ("bedrock", &["knowledgeBaseArn"]),
    ("bedrock-agentcore", &["credentialProviderArn", "recordArn", "browserArn", "codeInterpreterArn", "arn"]),
    ("agent-registry", &["recordArn", "registryArn"]),
    ("secretsmanager", &["aRN", "arn"]),
];

/// The resource of an event.
///
/// Only where the act succeeded does an agent's ARN show that there is such an agent.
pub(super) fn of(event: &Event<'_>, succeeded: bool, facts: &mut FactWriter) -> Option<HandleId> {
    if event.service != "s3" {
        let arn = first_text(event.entry.resources, "ARN").or_else(|| first_text(event.entry.resources, "arn"));
        if let Some(arn) = arn.filter(|arn| arn.starts_with("arn:")) {
            let id = id_of(event, arn)?;
            return if succeeded { by_arn(facts, id) } else { Some(facts.handle(HandleKind::Resource, "", id)) };
        }
    }
    let named = |table: &[(&str, &[&'static str])], json| {
        let (_, parameters) = table.iter().find(|(service, _)| *service == event.service)?;
        parameters.iter().find_map(|parameter| Some((*parameter, first_text(json, parameter)?)))
    };
    let (parameter, name) = named(MADE, event.entry.response).or_else(|| named(NAMED_BY, event.entry.request))?;
    let id = id_of(event, name).map(Cow::Borrowed).or_else(|| full(event, parameter, name).map(Cow::Owned))?;
    Some(facts.handle(HandleKind::Resource, "", &id))
}

/// An ARN as it is, a secret's without the random characters that AWS adds to its name.
fn id_of<'a>(event: &Event<'_>, arn: &'a str) -> Option<&'a str> {
    arn.starts_with("arn:").then(|| if event.service == "secretsmanager" { without_random(arn) } else { arn })
}

/// The id of a resource that its request names without account and region.
fn full(event: &Event<'_>, parameter: &str, name: &str) -> Option<String> {
    let partition = event.partition();
    let vault = |kind: &str| event.arn("bedrock-agentcore", kind, name);
    match (event.service, parameter) {
        ("s3", _) => Some(["arn:", partition, ":s3:::", name].concat()),
        ("dynamodb", _) => event.arn("dynamodb", "table/", name),
        ("secretsmanager", _) => event.arn("secretsmanager", "secret:", name),
        ("ssm", "name" | "names" | "path") => event.arn("ssm", "parameter/", name.trim_start_matches('/')),
        ("ssm", "target") => event.arn("ec2", "instance/", name),
        ("sqs", _) => Some(name.to_owned()),
        ("bedrock", "knowledgeBaseId") => event.arn("bedrock", "knowledge-base/", name),
        ("bedrock-agentcore", "resourceCredentialProviderName") => match event.name {
            "GetResourceApiKey" => vault("token-vault/default/apikeycredentialprovider/"),
            _ => vault("token-vault/default/oauth2credentialprovider/"),
        },
        ("bedrock-agentcore", "memoryId") => event.arn("bedrock-agentcore", "memory/", name),
        // The path of a user or role is not known here.
        ("iam", "roleName") => Some(format!("arn:{partition}:iam::{}:role/{name}", event.account()?)),
        ("iam", "userName") => Some(format!("arn:{partition}:iam::{}:user/{name}", event.account()?)),
        ("sts", "targetPrincipal") => Some(format!("arn:{partition}:iam::{name}:root")),
        ("eks", _) => event.arn("eks", "cluster/", name),
        (service, _) => Some(format!(
            "{service}:{}:{}:{name}",
            event.entry.region.unwrap_or_default(),
            event.account().unwrap_or_default()
        )),
    }
}

/// The first string under this key in a stretch of valid JSON, at any depth, or the first element of a list under it;
/// `None` where it has escapes or is empty.
///
/// Inside a JSON string a quote is escaped, so a quoted key with a colon behind it can only be a key.
pub(super) fn first_text<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = json;
    loop {
        let at = memchr::memmem::find(rest.as_bytes(), key.as_bytes())?;
        let (before, behind) = (rest.get(..at)?, rest.get(at + key.len()..)?);
        let value = behind.strip_prefix('"').map(str::trim_start).and_then(|behind| behind.strip_prefix(':'));
        if let (true, Some(value)) = (before.ends_with('"'), value) {
            let value = value.trim_start();
            let text = value.strip_prefix('[').map_or(value, str::trim_start).strip_prefix('"')?;
            let (text, end) = text.split_at_checked(memchr::memchr2(b'"', b'\\', text.as_bytes())?)?;
            return (end.starts_with('"') && !text.is_empty() && !is_masked(text)).then_some(text);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_string_under_a_key() {
        let json = r#"{"x":"bucketName","note":"\"bucketName\":\"no\"","deep":{"bucketName" : "tickets"}}"#;
        assert_eq!(first_text(json, "bucketName"), Some("tickets"));
        assert_eq!(first_text(r#"{"names":[ "a","b"]}"#, "names"), Some("a"));
        assert_eq!(first_text(r#"{"names":[]}"#, "names"), None);
        assert_eq!(first_text(r#"{"bucketName":"a\u0062"}"#, "bucketName"), None);
        assert_eq!(first_text(r#"{"bucketName":{"a":"b"}}"#, "bucketName"), None);
        assert_eq!(first_text(r#"{"bucketName":"***"}"#, "bucketName"), None);
        assert_eq!(first_text("null", "bucketName"), None);
    }
}
