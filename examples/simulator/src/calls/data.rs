//! What agents and workloads do all day: models, objects, tables, secrets.

use super::{Call, MODEL};
use crate::dice::{ALNUM, Dice, HEX};
use crate::json::body;
use crate::world::{ACCOUNTS, HOME};

pub(crate) fn invoke_model(dice: &mut Dice) -> Call {
    let name = if dice.chance(400) { "InvokeModelWithResponseStream" } else { "InvokeModel" };
    let mut call = Call::new("bedrock", "bedrock-runtime", name, true).asks(body(|o| {
        o.text("modelId", MODEL);
    }));
    call.extra = body(|o| {
        o.text("inferenceRegion", ["eu-west-1", "eu-north-1", "eu-central-1"][dice.index(3)]);
        o.number("inputTokens", dice.between(40, 9000)).number("outputTokens", dice.between(4, 2000));
    });
    call
}

pub(crate) fn retrieve(account: usize, base: &str) -> Call {
    let arn = format!("arn:aws:bedrock:{HOME}:{}:knowledge-base/{base}", ACCOUNTS[account]);
    let request = body(|o| {
        o.text("knowledgeBaseId", base);
        o.object("retrievalQuery", |o| {
            o.text("text", "HIDDEN_DUE_TO_SECURITY_REASONS");
        });
    });
    let call = Call::new("bedrock", "bedrock-agent-runtime", "Retrieve", true);
    call.asks(request).touches(&[(ACCOUNTS[account], "AWS::Bedrock::KnowledgeBase", &arn)]).data()
}

pub(crate) fn object(write: bool, account: usize, bucket: &str, key: &str, dice: &mut Dice) -> Call {
    let name = if write { "PutObject" } else { "GetObject" };
    let request = body(|o| {
        o.text("bucketName", bucket).text("key", key);
        o.parts("Host", &[bucket, ".s3.eu-west-1.amazonaws.com"]);
    });
    let moved = dice.between(400, 90_000);
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    let object_arn = format!("arn:aws:s3:::{bucket}/{key}");
    let mut call = Call::new("s3", "s3", name, !write)
        .asks(request)
        .data()
        .touches(&[("", "AWS::S3::Object", &object_arn), (ACCOUNTS[account], "AWS::S3::Bucket", &bucket_arn)]);
    call.extra = body(|o| {
        o.text("SignatureVersion", "SigV4").text("CipherSuite", "TLS_AES_128_GCM_SHA256");
        o.number("bytesTransferredIn", if write { moved } else { 0 }).text("AuthenticationMethod", "AuthHeader");
        o.parts("x-amz-id-2", &[&dice.word(75, ALNUM), "="]);
        o.number("bytesTransferredOut", if write { 0 } else { moved });
    });
    call
}

pub(crate) fn get_secret(name: &str) -> Call {
    Call::new("secretsmanager", "secretsmanager", "GetSecretValue", true).asks(body(|o| {
        o.text("secretId", name);
    }))
}

pub(crate) fn table(account: usize, table: &str, key: &str) -> Call {
    let arn = format!("arn:aws:dynamodb:{HOME}:{}:table/{table}", ACCOUNTS[account]);
    let request = body(|o| {
        o.text("tableName", table);
        o.object("key", |o| {
            o.text("id", key);
        });
        o.flag("consistentRead", false);
    });
    let call = Call::new("dynamodb", "dynamodb", "GetItem", true);
    call.asks(request).touches(&[(ACCOUNTS[account], "AWS::DynamoDB::Table", &arn)]).data()
}

pub(crate) fn decrypt(account: usize, secret: &str) -> Call {
    let number = ACCOUNTS[account];
    let key = format!("arn:aws:kms:{HOME}:{number}:key/{}-example-key", &number[..8]);
    let request = body(|o| {
        o.text("encryptionAlgorithm", "SYMMETRIC_DEFAULT");
        o.object("encryptionContext", |o| {
            o.parts("SecretARN", &["arn:aws:secretsmanager:", HOME, ":", number, ":secret:", secret]);
        });
    });
    Call::new("kms", "kms", "Decrypt", true).asks(request).touches(&[(number, "AWS::KMS::Key", &key)])
}

pub(crate) fn parameter(name: &str) -> Call {
    Call::new("ssm", "ssm", "GetParameter", true).asks(body(|o| {
        o.text("name", name).flag("withDecryption", true);
    }))
}

pub(crate) fn log_stream(group: &str, dice: &mut Dice) -> Call {
    Call::new("logs", "logs", "CreateLogStream", false).asks(body(|o| {
        o.text("logGroupName", group).parts("logStreamName", &["[$LATEST]", &dice.word(32, HEX)]);
    }))
}

pub(crate) fn instance_information(instance: &str) -> Call {
    Call::new("ssm", "ssm", "UpdateInstanceInformation", false).asks(body(|o| {
        o.text("instanceId", instance).text("agentVersion", "3.3.2299.0").text("agentStatus", "Active");
        o.text("platformType", "Linux").text("platformName", "Amazon Linux").text("platformVersion", "2023");
    }))
}
