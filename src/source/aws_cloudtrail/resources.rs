//! What an act was on: the resource that a record names, as an ARN where it has one.
//!
//! Reference: docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html. Objects of a
//! bucket are told as their bucket: who reads what is asked of buckets, and objects have no end.

use super::Event;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::text::is_masked;

/// Service and the request parameters that name its resource, the first that is there.
const NAMED_BY: &[(&str, &[&str])] = &[
    ("s3", &["bucketName"]),
    ("secretsmanager", &["secretId", "name"]),
    ("dynamodb", &["tableName"]),
    ("ssm", &["name", "documentName"]),
    ("sqs", &["queueUrl"]),
    ("sns", &["topicArn"]),
    ("kms", &["keyId"]),
    ("rds", &["dBClusterIdentifier", "dBInstanceIdentifier"]),
    ("rds-data", &["resourceArn"]),
    ("ecs", &["cluster", "service"]),
    ("eks", &["name"]),
    ("ecr", &["repositoryName"]),
    ("logs", &["logGroupName"]),
    ("sts", &["roleArn"]),
    ("bedrock", &["modelId", "knowledgeBaseId", "agentId"]),
    ("bedrock-agentcore", &["agentRuntimeArn", "resourceCredentialProviderName", "workloadName"]),
    ("iam", &["roleName", "userName", "policyArn"]),
    ("events", &["name"]),
    ("states", &["stateMachineArn"]),
    ("athena", &["workGroup"]),
    ("glue", &["databaseName"]),
    ("redshift-data", &["clusterIdentifier", "workgroupName"]),
];

/// The resource of an event.
pub(super) fn of(event: &Event<'_>, facts: &mut FactWriter) -> Option<HandleId> {
    if event.service != "s3"
        && let Some(arn) = first_text(event.entry.resources, "ARN")
    {
        return Some(facts.handle(HandleKind::Resource, "", arn));
    }
    let (_, parameters) = NAMED_BY.iter().find(|(service, _)| *service == event.service)?;
    let name = parameters.iter().find_map(|parameter| first_text(event.entry.request, parameter))?;
    let id = match event.service {
        _ if name.starts_with("arn:") => name.to_owned(),
        "s3" => format!("arn:{}:s3:::{name}", event.partition()),
        "dynamodb" => full(event, &format!("table/{name}")),
        "secretsmanager" => full(event, &format!("secret:{name}")),
        "ssm" => full(event, &format!("parameter/{}", name.trim_start_matches('/'))),
        "sqs" => name.to_owned(),
        service => format!("{service}:{}:{}:{name}", event.region(), event.account),
    };
    Some(facts.handle(HandleKind::Resource, "", &id))
}

fn full(event: &Event<'_>, resource: &str) -> String {
    format!("arn:{}:{}:{}:{}:{resource}", event.partition(), event.service, event.region(), event.account)
}

/// The first string under this key in a stretch of valid JSON, at any depth; `None` where it has escapes or is empty.
///
/// Inside a JSON string a quote is escaped, so a quoted key with a colon behind it can only be a key.
fn first_text<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = json;
    loop {
        let at = rest.find(key)?;
        let (before, behind) = (rest.get(..at)?, rest.get(at + key.len()..)?);
        let value = behind.strip_prefix('"').map(str::trim_start).and_then(|behind| behind.strip_prefix(':'));
        if let (true, Some(value)) = (before.ends_with('"'), value) {
            let text = value.trim_start().strip_prefix('"')?;
            let (text, end) = text.split_at_checked(text.find(['"', '\\'])?)?;
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
        assert_eq!(first_text(r#"{"bucketName":"a\u0062"}"#, "bucketName"), None);
        assert_eq!(first_text(r#"{"bucketName":{"a":"b"}}"#, "bucketName"), None);
        assert_eq!(first_text(r#"{"bucketName":"***"}"#, "bucketName"), None);
        assert_eq!(first_text("null", "bucketName"), None);
    }
}
