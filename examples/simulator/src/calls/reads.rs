//! What people look at.

use super::Call;
use crate::dice::Dice;
use crate::json::{Object, body};

pub(crate) fn caller_identity() -> Call {
    Call::new("sts", "sts", "GetCallerIdentity", true)
}

fn asking(source: &'static str, name: &'static str, fill: impl FnOnce(&mut Object<'_>)) -> Call {
    Call::new(source, source, name, true).asks(body(fill))
}

/// One of the reads that consoles and command lines make all day. `thing` is some name of the account.
pub(crate) fn browse(thing: &str, dice: &mut Dice) -> Call {
    match dice.below(14) {
        0 => asking("ec2", "DescribeInstances", |o| {
            o.number("maxResults", 100).object("instancesSet", |_| {}).object("filterSet", |_| {});
        }),
        1 => asking("iam", "ListRoles", |o| {
            o.number("maxItems", 100);
        }),
        2 => asking("iam", "GetRole", |o| {
            o.text("roleName", thing);
        }),
        3 => asking("lambda", "ListFunctions20150331", |o| {
            o.number("maxItems", 50);
        }),
        4 => asking("cloudformation", "DescribeStacks", |o| {
            o.parts("stackName", &[thing, "-stack"]);
        }),
        5 => asking("logs", "DescribeLogGroups", |o| {
            o.parts("logGroupNamePrefix", &["/aws/lambda/", thing]).number("limit", 50);
        }),
        6 => asking("s3", "ListBuckets", |o| {
            o.text("Host", "s3.eu-west-1.amazonaws.com");
        }),
        7 => asking("secretsmanager", "ListSecrets", |o| {
            o.number("maxResults", 100);
        }),
        8 => asking("dynamodb", "DescribeTable", |o| {
            o.text("tableName", thing);
        }),
        9 => asking("cloudtrail", "LookupEvents", |o| {
            o.number("maxResults", 50).text("startTime", "Sep 1, 2026, 12:00:00 AM");
        }),
        10 => asking("monitoring", "DescribeAlarms", |o| {
            o.number("maxRecords", 100);
        }),
        11 => asking("ecr", "DescribeRepositories", |o| {
            o.number("maxResults", 100);
        }),
        12 => asking("kms", "ListAliases", |o| {
            o.number("limit", 100);
        }),
        _ => asking("tagging", "GetResources", |o| {
            o.number("resourcesPerPage", 100);
        }),
    }
}
