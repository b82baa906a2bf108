//! How AWS writes names: ARNs, ids, accounts. Shared by the AWS sources.
//!
//! References: docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and …/reference_identifiers.html. Unique ids
//! (`AIDA…`, `AROA…`) are never given twice; names of users and roles are unique in their account whatever their path,
//! and can be given again after a deletion.

use crate::base::time::Instant;
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;

/// The realm of ids that AWS never gives twice.
pub(crate) const AWS: &str = "aws";

/// The parts of an ARN that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: &'a str,
    /// `iam`, `lambda`, `bedrock`.
    pub(crate) service: &'a str,
    /// The region, empty for global services.
    pub(crate) region: &'a str,
    /// The account, empty for some resources.
    pub(crate) account: &'a str,
    /// The rest: `role/path/name`, `function:name`.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` for anything else.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut resource = text.strip_prefix("arn:")?;
        let mut part = || {
            // The parts are short: a loop is quicker than a search that has to be set up.
            let (part, rest) = resource.split_at_checked(resource.bytes().position(|byte| byte == b':')?)?;
            resource = rest.get(1..)?;
            Some(part)
        };
        let (partition, service, region, account) = (part()?, part()?, part()?, part()?);
        let sound = partition.starts_with("aws") && !service.is_empty() && !resource.is_empty();
        sound.then_some(Self { partition, service, region, account, resource })
    }

    /// The name of an IAM user or role, without its path: `role/name`.
    pub(crate) fn iam_name(&self) -> Option<String> {
        let (kind, path) = self.resource.split_once('/')?;
        let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
        (self.service == "iam" && matches!(kind, "user" | "role")).then(|| format!("{kind}/{name}"))
    }
}

/// The partition that a region belongs to.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// A session's name where its key is unknown or changes: the principal's id with the session name, and its start.
pub(crate) fn session_start(principal: &str, start: Instant) -> String {
    format!("{principal}@{}", start.plus_millis(-(start.millis().rem_euclid(1000))))
}

/// The role and the session's name in the ARN of a role's session, which has no path: `…:assumed-role/Name/session`.
pub(crate) fn assumed_role<'a>(arn: &Arn<'a>) -> Option<(&'a str, &'a str)> {
    let (role, session) = arn.resource.strip_prefix("assumed-role/")?.split_once('/')?;
    (arn.service == "sts" && !role.is_empty()).then_some((role, session))
}

/// Whether a role belongs to Identity Center, which alone can name its sessions.
///
/// Decided by the role's path, which AWS reserves; a role's name proves nothing.
pub(crate) fn is_identity_center_role(role_arn: &str) -> bool {
    role_arn.contains(":role/aws-reserved/sso.amazonaws.com/")
}

/// Whether a role is a service-linked role, made and used by AWS itself.
pub(crate) fn is_service_linked_role(role_arn: &str) -> bool {
    role_arn.contains(":role/aws-service-role/")
}

/// Whether an access key id is long-lived (`AKIA…`) rather than a session's (`ASIA…`).
pub(crate) fn is_long_lived(access_key: &str) -> bool {
    !access_key.starts_with("ASIA")
}

/// A Lambda function's ARN without version or alias.
pub(crate) fn unqualified_function(arn: &str) -> &str {
    match arn.match_indices(':').nth(6) {
        Some((end, _)) if arn.contains(":function:") => arn.get(..end).unwrap_or(arn),
        _ => arn,
    }
}

/// The ARN of a secret without its last six characters, which are random; requests may also leave them out. They are
/// told from the end of a name by a digit or capital letter among them: wrong where a name ends in such six characters
/// behind a hyphen, or (once in two hundred secrets) where the random ones are small letters alone.
pub(crate) fn without_random(arn: &str) -> &str {
    match arn.rsplit_once('-') {
        Some((name, random))
            if random.len() == 6
                && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && random.bytes().any(|byte| !byte.is_ascii_lowercase()) =>
        {
            name
        }
        _ => arn,
    }
}

/// Writes down a user or role under all the names that are known of it, and returns the one that lasts longest.
///
/// `id` is the unique id (`AIDA…`, `AROA…`), `arn` the ARN with its path. In an account a name stands for one user or
/// role at a time, whatever the path, so the name without path is a name of its own. `None` where neither is a name.
pub(crate) fn principal(out: &mut impl Stand, id: Option<&str>, arn: Option<&str>) -> Option<HandleId> {
    let id = id.map(|id| out.handle(HandleKind::PrincipalId, AWS, id));
    let parsed = arn.and_then(Arn::parse);
    let name = match (arn, parsed.and_then(|arn| arn.iam_name())) {
        (Some(arn), Some(name)) => {
            let short = out.handle(HandleKind::PrincipalName, parsed?.account, &name);
            let long = out.handle(HandleKind::PrincipalName, "", arn);
            out.tied(short, Tie::Named, long);
            Some(short)
        }
        (Some(arn), None) => parsed.map(|_| out.handle(HandleKind::PrincipalName, "", arn)),
        (None, _) => None,
    };
    if let (Some(id), Some(name)) = (id, name) {
        out.tied(id, Tie::Named, name);
    }
    let principal = id.or(name)?;
    let arn = arn.unwrap_or_default();
    if is_service_linked_role(arn) {
        out.described(principal, Detail::VendorManaged, "service-linked role");
    }
    match parsed.and_then(|arn| arn.resource.split_once('/')) {
        Some(("user", _)) => out.described(principal, Detail::Kind, "iam-user"),
        Some(("role", _)) => out.described(principal, Detail::Kind, "iam-role"),
        _ => {}
    }
    Some(principal)
}

/// A time as AWS tools print it: with its zone, or (the first CLI) as seconds since 1970 with a fraction.
pub(crate) fn time(text: &str) -> Option<Instant> {
    let Some((whole, fraction)) = text.split_once('.').or(Some((text, ""))).filter(|(whole, _)| is_number(whole))
    else {
        return Instant::parse(text);
    };
    let millis = format!("{:0<3}", fraction.get(..3).unwrap_or(fraction));
    let millis: i64 = millis.parse().ok()?;
    Some(Instant::from_seconds(whole.parse().ok()?)?.plus_millis(millis))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The kind of a service-specific credential.
pub(crate) fn kind_of_credential(service: Option<&str>) -> &'static str {
    match service {
        Some("bedrock.amazonaws.com") => "bedrock-api-key",
        Some(_) => "service-credential",
        None => "",
    }
}

/// The root user of an account.
pub(crate) fn root_user(out: &mut impl Stand, partition: &str, account: &str) -> HandleId {
    let root = out.handle(HandleKind::PrincipalName, "", &format!("arn:{partition}:iam::{account}:root"));
    out.described(root, Detail::Kind, "root-user");
    root
}

/// The caller of one request, under the id that every log of the request has. `None` where one of the three is not
/// known: ids are given per service and region.
///
/// Wrong when a record was made up to carry the id of another request; it then claims a role for that request's caller.
pub(crate) fn request(
    out: &mut impl Stand,
    account: Option<&str>,
    region: Option<&str>,
    id: Option<&str>,
) -> Option<HandleId> {
    Some(out.handle(HandleKind::SharedAct, &requests_of(account?, region?), id?))
}

/// The realm of the ids of requests.
pub(crate) fn requests_of(account: &str, region: &str) -> String {
    ["aws-request:", account, ":", region].concat()
}

/// The user or role that a name without path stands for in an account.
pub(crate) fn principal_named(out: &mut impl Stand, account: &str, kind: &str, name: &str) -> HandleId {
    out.handle(HandleKind::PrincipalName, account, &format!("{kind}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_their_path() {
        let arn = Arn::parse("arn:aws:iam::111122223333:role/ci/deploy/agent-deploy").expect("an ARN");
        assert_eq!((arn.account, arn.iam_name().as_deref()), ("111122223333", Some("role/agent-deploy")));
        assert_eq!(Arn::parse("arn:aws:s3:::bucket").and_then(|arn| arn.iam_name()), None);
        assert_eq!(Arn::parse("bucket"), None);
    }

    #[test]
    fn times_of_both_tools() {
        let at = Instant::parse("2026-09-28T09:32:20.5Z");
        assert_eq!(time("2026-09-28T09:32:20.500000+00:00"), at);
        assert_eq!(time("1790587940.5"), at);
        assert_eq!(time("1790587940"), Instant::parse("2026-09-28T09:32:20Z"));
        for none in ["N/A", "no_information", "", ".", "1790587940.x", "99999999999999999999"] {
            assert_eq!(time(none), None, "{none}");
        }
    }

    #[test]
    fn functions_without_their_version() {
        let plain = "arn:aws:lambda:eu-west-1:111122223333:function:triage";
        assert_eq!(unqualified_function(plain), plain);
        assert_eq!(unqualified_function(&format!("{plain}:7")), plain);
    }

    #[test]
    fn secrets_without_their_random_characters() {
        assert_eq!(
            without_random("arn:aws:secretsmanager:r:a:secret:db/key-a1B2c3"),
            "arn:aws:secretsmanager:r:a:secret:db/key"
        );
        let named = "arn:aws:secretsmanager:r:a:secret:db-backup";
        assert_eq!(without_random(named), named);
    }
}
