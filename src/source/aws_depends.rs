//! What an agent, or what it stands on, is told to call and read: functions, other agents, servers, stores, secrets, the
//! providers of its credentials. Shared by the AWS sources, because a request to make an agent and the record of the
//! agent made have the same fields.
//!
//! References: the API models of bedrock-agent (`actionGroupExecutor`, `customOrchestration`, `promptOverrideConfiguration`,
//! `agentDescriptor`, `storageConfiguration`, `dataSourceConfiguration`, `vectorIngestionConfiguration`) and
//! bedrock-agentcore-control (`interceptorConfigurations`, `targetConfiguration`, `credentialProviderConfigurations`,
//! `tools`, `memory`, `environment`, `clientSecretArn`, `apiKeySecretArn`, `synchronizationConfiguration`). Each nests one ARN or address some levels deep,
//! under a name that means the same everywhere, so the names are looked for at any depth of these fields. What users fill
//! freely (headers, custom parameters, schemas) is not looked into: secrets stand there.
//!
//! That an agent may call something does not say that it ever did.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::aws_names::without_random;
use super::aws_things::by_arn;
use crate::fact::claim::Tie;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;

/// The fields that name what an agent depends on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Depends<'a> {
    #[serde(borrow)]
    action_group_executor: Named<'a>,
    #[serde(borrow)]
    custom_orchestration: Named<'a>,
    #[serde(borrow)]
    prompt_override_configuration: Named<'a>,
    #[serde(borrow)]
    agent_descriptor: Named<'a>,
    #[serde(borrow)]
    interceptor_configurations: Named<'a>,
    #[serde(borrow)]
    target_configuration: Named<'a>,
    #[serde(borrow)]
    credential_provider_configurations: Named<'a>,
    #[serde(borrow)]
    tools: Named<'a>,
    #[serde(borrow)]
    memory: Named<'a>,
    #[serde(borrow)]
    environment: Named<'a>,
    #[serde(borrow)]
    storage_configuration: Named<'a>,
    #[serde(borrow)]
    data_source_configuration: Named<'a>,
    #[serde(borrow)]
    vector_ingestion_configuration: Named<'a>,
    #[serde(borrow)]
    client_secret_arn: Named<'a>,
    #[serde(borrow)]
    api_key_secret_arn: Named<'a>,
    #[serde(borrow)]
    synchronization_configuration: Named<'a>,
}

/// The names under which ARNs and addresses stand.
const NAMES: &[&str] = &[
    "agentRuntimeArn",
    "aliasArn",
    "arn",
    "browserArn",
    "bucketArn",
    "codeInterpreterArn",
    "collectionArn",
    "credentialsSecretArn",
    "endpoint",
    "gatewayArn",
    "graphArn",
    "hostUrl",
    "indexArn",
    "lambda",
    "lambdaArn",
    "overrideLambda",
    "providerArn",
    "resourceArn",
    "secretArn",
    "url",
    "vectorBucketArn",
];

/// What users fill freely.
const FREE: &[&str] = &[
    "customParameters",
    "headers",
    "inlineFunction",
    "mcpToolSchema",
    "openApiSchema",
    "outboundAuth",
    "promptConfigurations",
    "retrievalConfig",
    "smithyModel",
    "toolSchema",
];

impl Depends<'_> {
    /// Writes down that `thing` depends on what the fields name.
    pub(crate) fn write(&self, out: &mut impl Stand, thing: HandleId) {
        let fields = [
            &self.action_group_executor,
            &self.custom_orchestration,
            &self.prompt_override_configuration,
            &self.agent_descriptor,
            &self.interceptor_configurations,
            &self.target_configuration,
            &self.credential_provider_configurations,
            &self.tools,
            &self.memory,
            &self.storage_configuration,
            &self.data_source_configuration,
            &self.vector_ingestion_configuration,
            &self.client_secret_arn,
            &self.api_key_secret_arn,
            &self.synchronization_configuration,
        ];
        for text in fields.into_iter().flat_map(|field| &field.0) {
            // A function of which only the name is given could be in any account: it names nothing.
            let needed = match text.split_once("://") {
                Some(_) => Some(out.handle(HandleKind::Resource, "", address(text))),
                None if text.contains(":secretsmanager:") => by_arn(out, without_random(text)),
                None => by_arn(out, text),
            };
            if let Some(needed) = needed.filter(|needed| *needed != thing) {
                out.tied(thing, Tie::DependsOn, needed);
            }
        }
        // A harness has a runtime of its own, which AWS makes for it.
        for runtime in &self.environment.0 {
            if let Some(runtime) = by_arn(out, runtime).filter(|runtime| *runtime != thing) {
                out.tied(runtime, Tie::PartOf, thing);
            }
        }
    }
}

/// An address without what can hold a secret: its query and fragment, and a user with a password.
fn address(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    match url.split_once("://") {
        Some((_, rest)) if rest.split('/').next().is_some_and(|host| host.contains('@')) => {
            rest.split_once('@').map_or(url, |(_, behind)| behind)
        }
        _ => url,
    }
}

/// The texts that stand under [`NAMES`] at any depth of a field.
#[derive(Debug, Default)]
struct Named<'a>(Vec<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Vec::new();
        Look { found: &mut found, named: false }.deserialize(deserializer)?;
        Ok(Self(found))
    }
}

struct Look<'f, 'a> {
    found: &'f mut Vec<Cow<'a, str>>,
    named: bool,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Look<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Look<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if FREE.contains(&key.as_ref()) {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Look { found: &mut *self.found, named: NAMES.contains(&key.as_ref()) })?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Look { found: &mut *self.found, named: self.named })?.is_some() {}
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        if self.named {
            self.found.push(Cow::Borrowed(text));
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.named {
            self.found.push(Cow::Owned(text.to_owned()));
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Vec<String> {
        let depends: Depends<'_> = serde_json::from_str(json).expect(json);
        let fields = [depends.target_configuration, depends.tools, depends.action_group_executor];
        fields.into_iter().flat_map(|field| field.0).map(Cow::into_owned).collect()
    }

    #[test]
    fn names_at_any_depth() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:triage";
        assert_eq!(found(&format!(r#"{{"actionGroupExecutor":{{"lambda":"{arn}"}}}}"#)), [arn]);
        let target = format!(
            r#"{{"targetConfiguration":{{"mcp":{{"lambda":{{"lambdaArn":"{arn}","toolSchema":{{"url":"x"}}}}}}}}}}"#
        );
        assert_eq!(found(&target), [arn]);
        let tools = r#"{"tools":[{"config":{"remoteMcp":{"url":"https://mcp.example.com/x","headers":{"url":"secret"}}}},null,7]}"#;
        assert_eq!(found(tools), ["https://mcp.example.com/x"]);
        assert!(found(r#"{"tools":"none","targetConfiguration":null}"#).is_empty());
    }

    #[test]
    fn addresses_without_secrets() {
        assert_eq!(address("https://mcp.example.com/x?key=s3cr3t"), "https://mcp.example.com/x");
        assert_eq!(address("https://me:s3cr3t@mcp.example.com/x"), "mcp.example.com/x");
    }
}
