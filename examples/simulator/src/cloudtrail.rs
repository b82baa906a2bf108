//! One CloudTrail record: who, from where, what; with the nested fields of real records, in their order.

use crate::calls::Call;
use crate::dice::{Dice, UPPER, Uuid};
use crate::json::{Object, object};
use crate::world::{ACCOUNTS, HOME, STORE, World};

/// What sent a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    CliMac,
    CliLinux,
    Browser,
    Boto,
    Actions,
    Lambda,
    IdentityCenter,
    Service(&'static str),
}

/// Where a call came from.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) ip: String,
    pub(crate) tool: Tool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    Role(usize),
    User(usize),
}

/// A session of a role, or an IAM user with a key.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) principal: Principal,
    /// Session name or user name.
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) since: i64,
    pub(crate) invoked_by: Option<&'static str>,
    pub(crate) console: bool,
    /// The host of the pipeline whose job it is.
    pub(crate) web: Option<&'static str>,
    /// Identity Center user id that rides on some records.
    pub(crate) behalf: Option<String>,
    /// The function or instance that holds the credentials.
    pub(crate) scope: Option<(&'static str, String)>,
    /// The person whom somebody would name who believes the name.
    pub(crate) reads_as: Option<usize>,
    pub(crate) place: Place,
}

impl Session {
    pub(crate) fn new(principal: Principal, name: &str, key: String, since: i64, place: Place) -> Self {
        let name = name.to_owned();
        Self {
            principal,
            name,
            key,
            since,
            invoked_by: None,
            console: false,
            web: None,
            behalf: None,
            scope: None,
            reads_as: None,
            place,
        }
    }
}

/// The caller of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who<'a> {
    Session(&'a Session),
    Service(&'static str),
    Saml { subject: &'a str, qualifier: &'a str },
    Web { subject: &'a str, provider: &'a str },
    OtherAccount { account: usize, principal: &'a str },
    IdentityCenter { user: &'a str, credential: &'a str },
    Login(&'a Session),
}

/// A call that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub(crate) at: i64,
    /// The account whose trail gets the record.
    pub(crate) account: usize,
    pub(crate) who: Who<'a>,
    pub(crate) place: &'a Place,
    pub(crate) call: &'a Call,
    pub(crate) shared: Option<Uuid>,
    /// What Identity Center puts instead of request and response.
    pub(crate) details: Option<&'a [u8]>,
}

/// The middle and the end of what the AWS command line calls itself; its version differs from desk to desk.
const MAC: &str = " ua/2.1 os/macos#25.1.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard \
                   md/installer#exe md/command#";
const LINUX: &str = " ua/2.1 os/linux#6.11.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython \
                     cfg/retry-mode#standard md/installer#exe md/command#";
pub(crate) const BROWSER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
                                  Gecko) Chrome/142.0.0.0 Safari/537.36";
const BOTO: &str = "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#6.1.155 md/arch#x86_64 lang/python#3.12.11 \
                    md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.40.61";
const ACTIONS: &str = "aws-sdk-js/3.917.0 ua/2.1 os/linux#6.11.0 lang/js md/nodejs#20.19.5 exec-env/GitHubActions \
                       api/sts#3.917.0 configure-aws-credentials-for-github-actions";
const LAMBDA: &str = "aws-sdk-python/1.40.61 ua/2.1 os/linux#5.10 lang/python#3.12 exec-env/AWS_Lambda_python3.12 \
                      Botocore/1.40.61";
const PORTAL: &str = "aws-sdk-java/2.46.14 md/io#sync md/http#Apache md/internal ua/2.1 api/STS#2.46.x \
                      os/Linux#4.14.355 lang/java#17.0.19 md/vendor#Amazon.com_Inc. m/E,N";

fn agent(o: &mut Object<'_>, place: &Place, call: &Call) {
    let cli = |o: &mut Object<'_>, system: &str| {
        let build = place.ip.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let version = format!("aws-cli/2.{}.{} md/awscrt#0.28.{}", 18 + build % 14, build / 16 % 30, build / 512 % 5);
        o.parts("userAgent", &[&version, system, call.host, ".", &kebab(call.name)]);
    };
    match place.tool {
        Tool::CliMac => cli(o, MAC),
        Tool::CliLinux => cli(o, LINUX),
        Tool::Browser => {
            o.text("userAgent", BROWSER);
        }
        Tool::Boto => {
            o.text("userAgent", BOTO);
        }
        Tool::Actions => {
            o.text("userAgent", ACTIONS);
        }
        Tool::Lambda => {
            o.text("userAgent", LAMBDA);
        }
        Tool::IdentityCenter => {
            o.text("userAgent", PORTAL);
        }
        Tool::Service(name) => {
            o.text("userAgent", name);
        }
    }
}

/// `CreateAgent` → `create-agent`; a version date in the name is left out.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars().take_while(|letter| !letter.is_ascii_digit()) {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// Writes a record.
pub(crate) fn record(out: &mut Vec<u8>, world: &World, made: &Made<'_>, dice: &mut Dice) {
    let call = made.call;
    object(out, |o| {
        o.text("eventVersion", "1.11");
        o.object("userIdentity", |o| identity(o, world, made.who));
        o.time("eventTime", made.at).parts("eventSource", &[call.source, ".amazonaws.com"]);
        o.text("eventName", call.name).text("awsRegion", call.region()).text("sourceIPAddress", &made.place.ip);
        agent(o, made.place, call);
        if let Some(error) = call.error {
            o.text("errorCode", error);
            o.parts("errorMessage", &["User is not authorized to perform: ", call.source, ":", call.name]);
        }
        o.raw_or_null("requestParameters", call.request.as_deref());
        o.raw_or_null("responseElements", call.response.as_deref());
        if let Some(extra) = &call.extra {
            o.raw("additionalEventData", extra);
        }
        request_id(o, call, dice);
        o.uuid("eventID", dice.uuid()).flag("readOnly", call.read_only);
        if let Some(resources) = &call.resources {
            o.raw("resources", resources);
        }
        ending(o, made);
    });
}

/// Each service has its own kind of request id.
fn request_id(o: &mut Object<'_>, call: &Call, dice: &mut Dice) {
    match call.source {
        "s3" => o.text("requestID", &dice.word(16, UPPER)),
        "dynamodb" => o.text("requestID", &dice.word(52, UPPER)),
        _ => o.uuid("requestID", dice.uuid()),
    };
}

fn ending(o: &mut Object<'_>, made: &Made<'_>) {
    let call = made.call;
    let kind = match (call.source, made.who) {
        ("signin", _) => "AwsConsoleSignIn",
        (_, Who::IdentityCenter { .. }) => "AwsServiceEvent",
        _ => "AwsApiCall",
    };
    o.text("eventType", kind).flag("managementEvent", !call.data);
    o.text("recipientAccountId", ACCOUNTS[made.account]);
    if let Some(shared) = made.shared {
        o.uuid("sharedEventID", shared);
    }
    if matches!(made.who, Who::Session(session) if session.console) {
        o.text("sessionCredentialFromConsole", "true");
    }
    if let Some(details) = made.details {
        o.raw("serviceEventDetails", details);
    }
    o.text("eventCategory", if call.data { "Data" } else { "Management" });
    if !matches!(made.place.tool, Tool::Service(_)) && made.details.is_none() {
        o.object("tlsDetails", |o| {
            o.text("tlsVersion", "TLSv1.3").text("cipherSuite", "TLS_AES_128_GCM_SHA256");
            match call.source {
                "iam" => o.text("clientProvidedHostHeader", "iam.amazonaws.com"),
                "signin" => o.text("clientProvidedHostHeader", "signin.aws.amazon.com"),
                _ => o.parts("clientProvidedHostHeader", &[call.host, ".", HOME, ".amazonaws.com"]),
            };
        });
    }
}

fn identity(o: &mut Object<'_>, world: &World, who: Who<'_>) {
    match who {
        Who::Session(session) => holder(o, world, session),
        Who::Login(session) => login(o, world, session),
        Who::Service(name) => {
            o.text("type", "AWSService").text("invokedBy", name);
        }
        Who::Saml { subject, qualifier } => {
            o.text("type", "SAMLUser").parts("principalId", &[qualifier, ":", subject]);
            o.text("userName", subject).text("identityProvider", qualifier);
        }
        Who::Web { subject, provider } => {
            o.text("type", "WebIdentityUser").parts("principalId", &[provider, ":sts.amazonaws.com:", subject]);
            o.text("userName", subject).text("identityProvider", provider);
        }
        Who::OtherAccount { account, principal } => {
            o.text("type", "AWSAccount").text("principalId", principal).text("accountId", ACCOUNTS[account]);
        }
        Who::IdentityCenter { user, credential } => {
            o.text("type", "IdentityCenterUser").text("accountId", ACCOUNTS[crate::world::DIRECTORY]);
            behalf(o, user);
            o.text("credentialId", credential);
        }
    }
}

fn behalf(o: &mut Object<'_>, user: &str) {
    o.object("onBehalfOf", |o| {
        o.text("userId", user).text("identityStoreArn", STORE);
    });
}

fn holder(o: &mut Object<'_>, world: &World, session: &Session) {
    match session.principal {
        Principal::Role(role) => assumed_role(o, world, role, session),
        Principal::User(user) => {
            let user = &world.users[user];
            o.text("type", "IAMUser").text("principalId", &user.id).text("arn", &user.arn());
            o.text("accountId", ACCOUNTS[user.account]).text("accessKeyId", &session.key);
            o.text("userName", &user.name);
        }
    }
}

/// A sign-in to the console shows the session without key and context.
fn login(o: &mut Object<'_>, world: &World, session: &Session) {
    if let Principal::Role(role) = session.principal {
        let role = &world.roles[role];
        let account = ACCOUNTS[role.account];
        o.text("type", "AssumedRole").parts("principalId", &[&role.id, ":", &session.name]);
        o.parts("arn", &["arn:aws:sts::", account, ":assumed-role/", &role.name, "/", &session.name]);
        o.text("accountId", account);
    }
}

fn assumed_role(o: &mut Object<'_>, world: &World, role: usize, session: &Session) {
    let role = &world.roles[role];
    let account = ACCOUNTS[role.account];
    o.text("type", "AssumedRole").parts("principalId", &[&role.id, ":", &session.name]);
    o.parts("arn", &["arn:aws:sts::", account, ":assumed-role/", &role.name, "/", &session.name]);
    o.text("accountId", account).text("accessKeyId", &session.key);
    o.object("sessionContext", |o| {
        o.object("sessionIssuer", |o| {
            o.text("type", "Role").text("principalId", &role.id);
            o.parts("arn", &["arn:aws:iam::", account, ":role", &role.path, &role.name]);
            o.text("accountId", account).text("userName", &role.name);
        });
        if let Some(host) = session.web {
            o.object("webIdFederationData", |o| {
                let provider = ["arn:aws:iam::", account, ":oidc-provider/", host];
                o.parts("federatedProvider", &provider).object("attributes", |_| {});
            });
        }
        o.object("attributes", |o| {
            o.time("creationDate", session.since).text("mfaAuthenticated", "false");
        });
    });
    if let Some(user) = &session.behalf {
        behalf(o, user);
    }
    if let Some((kind, arn)) = &session.scope {
        o.object("inScopeOf", |o| {
            o.text("issuerType", kind).text("credentialsIssuedTo", arn);
        });
    }
    if let Some(service) = session.invoked_by {
        o.text("invokedBy", service);
    }
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn command_names_follow_the_call() {
        assert_eq!(kebab("CreateAgentRuntime"), "create-agent-runtime");
        assert_eq!(kebab("ListFunctions20150331"), "list-functions");
    }
}
