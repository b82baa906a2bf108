//! Opening sessions.

use super::Call;
use crate::clock;
use crate::dice::{ALNUM, Dice};
use crate::json::{Object, body};
use crate::world::{ACCOUNTS, Role, Trust};

/// What STS hands out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issue<'a> {
    pub(crate) role: &'a Role,
    pub(crate) session: &'a str,
    pub(crate) key: &'a str,
    pub(crate) at: i64,
    pub(crate) hours: i64,
}

impl Issue<'_> {
    fn credentials(&self, o: &mut Object<'_>, dice: &mut Dice) {
        o.object("credentials", |o| {
            // Real ones are longer; this is enough to compress as badly.
            let token = dice.word(160, ALNUM);
            o.text("accessKeyId", self.key);
            o.parts("sessionToken", &["IQoJEXAMPLETOKEN//////////", &token, "EXAMPLE="]);
            o.text("expiration", &clock::display(self.at + self.hours * clock::HOUR));
        });
    }

    fn assumed(&self, o: &mut Object<'_>) {
        o.object("assumedRoleUser", |o| {
            o.parts("assumedRoleId", &[&self.role.id, ":", self.session]);
            let account = ACCOUNTS[self.role.account];
            o.parts("arn", &["arn:aws:sts::", account, ":assumed-role/", &self.role.name, "/", self.session]);
        });
    }

    fn role_resource(&self) -> (&'static str, &'static str, String) {
        (ACCOUNTS[self.role.account], "AWS::IAM::Role", self.role.arn())
    }
}

fn sts(name: &'static str) -> Call {
    Call::new("sts", "sts", name, true)
}

pub(crate) fn assume_role(issue: Issue<'_>, by_service: bool, dice: &mut Dice) -> Call {
    let request = body(|o| {
        o.text("roleArn", &issue.role.arn()).text("roleSessionName", issue.session);
        if !by_service {
            o.number("durationSeconds", issue.hours * clock::HOUR);
        }
    });
    let answer = body(|o| {
        issue.credentials(o, dice);
        issue.assumed(o);
    });
    let (account, kind, arn) = issue.role_resource();
    sts("AssumeRole").asks(request).gets(answer).touches(&[(account, kind, &arn)])
}

/// The SAML login behind a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    pub(crate) subject: &'a str,
    pub(crate) qualifier: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) subject_type: &'a str,
}

pub(crate) fn assume_role_with_saml(issue: Issue<'_>, assertion: Assertion<'_>, dice: &mut Dice) -> Call {
    let provider = match &issue.role.trust {
        Trust::Saml(provider) => provider.as_str(),
        _ => "",
    };
    let request = body(|o| {
        o.parts("sAMLAssertionID", &["_", &dice.uuid().to_string()]).text("roleSessionName", issue.session);
        o.text("roleArn", &issue.role.arn()).text("principalArn", provider);
        o.number("durationSeconds", issue.hours * clock::HOUR);
    });
    let answer = body(|o| {
        issue.credentials(o, dice);
        issue.assumed(o);
        o.text("subject", assertion.subject).text("subjectType", assertion.subject_type);
        o.text("issuer", assertion.issuer).text("audience", "https://signin.aws.amazon.com/saml");
        o.text("nameQualifier", assertion.qualifier);
    });
    let (account, kind, arn) = issue.role_resource();
    let touched = [(account, kind, arn.as_str()), (account, "AWS::IAM::SAMLProvider", provider)];
    sts("AssumeRoleWithSAML").asks(request).gets(answer).touches(&touched)
}

pub(crate) fn assume_role_with_web_identity(issue: Issue<'_>, subject: &str, provider: &str, dice: &mut Dice) -> Call {
    let request = body(|o| {
        o.text("roleArn", &issue.role.arn()).text("roleSessionName", issue.session);
        o.number("durationSeconds", issue.hours * clock::HOUR);
    });
    let answer = body(|o| {
        issue.credentials(o, dice);
        o.text("subjectFromWebIdentityToken", subject);
        issue.assumed(o);
        o.text("provider", provider).text("audience", "sts.amazonaws.com");
    });
    let (account, kind, arn) = issue.role_resource();
    sts("AssumeRoleWithWebIdentity").asks(request).gets(answer).touches(&[(account, kind, &arn)])
}

pub(crate) fn console_login(provider: &str) -> Call {
    let mut call = Call::new("signin", "signin", "ConsoleLogin", false);
    call.response = body(|o| {
        o.text("ConsoleLogin", "Success");
    });
    call.extra = body(|o| {
        o.text("LoginTo", "https://console.aws.amazon.com/console/home").text("MobileVersion", "No");
        o.text("MFAUsed", "No").text("SamlProviderArn", provider);
    });
    call
}
