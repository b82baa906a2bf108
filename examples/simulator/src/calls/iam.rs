//! IAM: roles, users, keys; and the secret through which a key is handed over.

use super::Call;
use super::agents::shown;
use crate::dice::{ALNUM, Dice};
use crate::json::body;
use crate::world::{ACCOUNTS, HOME, Key, Role, Trust, User};

fn iam(name: &'static str, read_only: bool) -> Call {
    Call::new("iam", "iam", name, read_only)
}

/// The trust policy of a role, as one line of JSON.
pub(crate) fn trust_policy(role: &Role) -> String {
    let account = ACCOUNTS[role.account];
    let (principal, action, condition) = match &role.trust {
        Trust::Service(service) => (
            format!("{{\"Service\":\"{service}\"}}"),
            "sts:AssumeRole",
            format!(",\"Condition\":{{\"StringEquals\":{{\"aws:SourceAccount\":\"{account}\"}}}}"),
        ),
        Trust::Saml(provider) => (
            format!("{{\"Federated\":\"{provider}\"}}"),
            "sts:AssumeRoleWithSAML",
            ",\"Condition\":{\"StringEquals\":{\"SAML:aud\":\"https://signin.aws.amazon.com/saml\"}}".to_owned(),
        ),
        Trust::Oidc(host) => (
            format!("{{\"Federated\":\"arn:aws:iam::{account}:oidc-provider/{host}\"}}"),
            "sts:AssumeRoleWithWebIdentity",
            format!(",\"Condition\":{{\"StringEquals\":{{\"{host}:aud\":\"sts.amazonaws.com\"}}}}"),
        ),
        Trust::Account(from) => {
            (format!("{{\"AWS\":\"arn:aws:iam::{}:root\"}}", ACCOUNTS[*from]), "sts:AssumeRole", String::new())
        }
    };
    let statement = format!("{{\"Effect\":\"Allow\",\"Principal\":{principal},\"Action\":\"{action}\"{condition}}}");
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statement}]}}")
}

/// A policy as IAM sends it back: URL-encoded.
fn encoded(policy: &str) -> String {
    let mut out = String::with_capacity(policy.len() * 2);
    for byte in policy.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

pub(crate) fn create_role(role: &Role, at: i64) -> Call {
    let policy = trust_policy(role);
    let request = body(|o| {
        o.text("roleName", &role.name).text("path", &role.path).text("assumeRolePolicyDocument", &policy);
        if !role.tags.is_empty() {
            o.list("tags", |list| {
                for (key, value) in &role.tags {
                    list.object(|o| {
                        o.text("key", key).text("value", value);
                    });
                }
            });
        }
    });
    let answer = body(|o| {
        o.object("role", |o| {
            o.text("path", &role.path).text("roleName", &role.name).text("roleId", &role.id).text("arn", &role.arn());
            o.text("createDate", &shown(at)).text("assumeRolePolicyDocument", &encoded(&policy));
        });
    });
    iam("CreateRole", false).asks(request).gets(answer)
}

fn owner_tag(o: &mut crate::json::Object<'_>, key: &str, value: &str) {
    o.list("tags", |list| {
        list.object(|o| {
            o.text("key", key).text("value", value);
        });
    });
}

pub(crate) fn tag_role(role: &Role, value: &str) -> Call {
    iam("TagRole", false).asks(body(|o| {
        o.text("roleName", &role.name);
        owner_tag(o, "owner", value);
    }))
}

pub(crate) fn create_user(user: &User, at: i64) -> Call {
    let request = body(|o| {
        o.text("path", "/").text("userName", &user.name);
    });
    let answer = body(|o| {
        o.object("user", |o| {
            o.text("path", "/").text("arn", &user.arn()).text("userId", &user.id).text("userName", &user.name);
            o.text("createDate", &shown(at));
        });
    });
    iam("CreateUser", false).asks(request).gets(answer)
}

pub(crate) fn delete_user(user: &User) -> Call {
    iam("DeleteUser", false).asks(body(|o| {
        o.text("userName", &user.name);
    }))
}

pub(crate) fn create_key(user: &User, key: &Key, at: i64) -> Call {
    let request = body(|o| {
        o.text("userName", &user.name);
    });
    let answer = body(|o| {
        o.object("accessKey", |o| {
            o.text("accessKeyId", &key.id).text("status", "Active").text("userName", &user.name);
            o.text("createDate", &shown(at));
        });
    });
    iam("CreateAccessKey", false).asks(request).gets(answer)
}

pub(crate) fn stop_key(user: &User, key: &Key) -> Call {
    iam("UpdateAccessKey", false).asks(body(|o| {
        o.text("userName", &user.name).text("accessKeyId", &key.id).text("status", "Inactive");
    }))
}

pub(crate) fn delete_key(user: &User, key: &Key) -> Call {
    iam("DeleteAccessKey", false).asks(body(|o| {
        o.text("userName", &user.name).text("accessKeyId", &key.id);
    }))
}

pub(crate) fn user_policy(user: &User) -> Call {
    let policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"bedrock:InvokeModel\",\
                  \"s3:GetObject\"],\"Resource\":\"*\"}]}";
    iam("PutUserPolicy", false).asks(body(|o| {
        o.text("userName", &user.name).text("policyName", "bedrock-invoke").text("policyDocument", policy);
    }))
}

pub(crate) fn tag_user(user: &User, value: &str) -> Call {
    iam("TagUser", false).asks(body(|o| {
        o.text("userName", &user.name);
        owner_tag(o, "requested-by", value);
    }))
}

fn secret_name(user: &User) -> String {
    format!("agents/{}/aws-key", user.name)
}

pub(crate) fn create_secret(user: &User, dice: &mut Dice) -> Call {
    let name = secret_name(user);
    let request = body(|o| {
        o.text("name", &name).uuid("clientRequestToken", dice.uuid());
    });
    let answer = body(|o| {
        let account = ACCOUNTS[user.account];
        let tail = dice.word(6, ALNUM);
        o.parts("arn", &["arn:aws:secretsmanager:", HOME, ":", account, ":secret:", &name, "-", &tail]);
        o.text("name", &name).uuid("versionId", dice.uuid());
    });
    Call::new("secretsmanager", "secretsmanager", "CreateSecret", false).asks(request).gets(answer)
}

pub(crate) fn read_key_secret(user: &User) -> Call {
    super::get_secret(&secret_name(user))
}
