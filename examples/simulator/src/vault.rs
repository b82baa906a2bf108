//! Vault: the audit log, with secrets and tokens hidden. It makes users and keys in AWS for those who ask.
//!
//! People log in through Okta. Vault answers when AWS has made user and key, some seconds after it was asked.

use anyhow::Result;

use crate::clock::{HOUR, iso_millis};
use crate::cloudtrail::Session;
use crate::dice::{ALNUM, Dice, HEX, derived};
use crate::json::{Object, object};
use crate::lines::Lines;
use crate::okta;
use crate::people::{Account, Person};
use crate::stage::Stage;
use crate::visit::{Act, Visit};

/// A key that somebody asked for.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) user: usize,
    pub(crate) role: String,
    pub(crate) asked: i64,
    /// Who made the role, and when, if this is the first key of it.
    pub(crate) role_made: Option<(usize, i64)>,
}

/// Where Vault stands.
const SERVER: &str = "198.51.100.5";

pub(crate) struct Log {
    lines: Lines,
    dice: Dice,
}

/// A token as the log shows it.
struct Token {
    id: String,
    accessor: String,
    mail: String,
    entity: String,
    ip: String,
    issued: i64,
}

impl Log {
    pub(crate) fn new(lines: Lines, seed: u64) -> Self {
        Self { lines, dice: Dice::new(seed, &[66]) }
    }

    pub(crate) fn deliver(&mut self, until: i64) -> Result<()> {
        self.lines.deliver(until)
    }

    pub(crate) fn finish(self) -> Result<u64> {
        self.lines.finish()
    }

    fn hidden(&mut self) -> String {
        format!("hmac-sha256:{}", self.dice.word(64, HEX))
    }

    fn log_in(&mut self, person: &Person, at: i64) -> Token {
        let account = person.account(at);
        let (id, accessor) = (self.hidden(), self.hidden());
        let token = Token {
            id,
            accessor,
            mail: account.mail.clone(),
            entity: entity(account),
            ip: person.ip.clone(),
            issued: at,
        };
        let request = self.dice.uuid().to_string();
        let asks = |o: &mut Object<'_>| {
            o.object("request", |o| {
                o.text("id", &request).text("operation", "update").text("mount_point", "auth/oidc/");
                o.text("mount_type", "oidc").text("mount_accessor", "auth_oidc_1a2b3c4d");
                o.object("namespace", |o| {
                    o.text("id", "root");
                });
                o.text("path", "auth/oidc/oidc/callback")
                    .text("remote_address", &token.ip)
                    .number("remote_port", 53_122);
            });
        };
        self.put("request", at, 300, asks);
        self.put("response", at, 340, |o| {
            asks(o);
            o.object("response", |o| {
                o.text("mount_type", "oidc").object("auth", |o| token.written(o));
            });
        });
        token
    }

    /// A request with a token; its answer is a line of its own.
    fn ask(&mut self, token: &Token, operation: &str, path: &str, at: i64) -> Request {
        let request =
            Request { id: self.dice.uuid().to_string(), operation: operation.to_owned(), path: path.to_owned() };
        self.put("request", at, 250, |o| request.written(o, token));
        request
    }

    fn answer(&mut self, token: &Token, request: &Request, lease: bool, at: i64) {
        let secret = lease.then(|| (self.dice.word(24, ALNUM), self.hidden(), self.hidden()));
        self.put("response", at, 700, |o| {
            request.written(o, token);
            o.object("response", |o| {
                o.text("mount_type", "aws");
                if let Some((lease, key, value)) = &secret {
                    o.object("secret", |o| {
                        o.parts("lease_id", &[&request.path, "/", lease]);
                    });
                    o.object("data", |o| {
                        o.text("access_key", key).text("secret_key", value).null("security_token");
                    });
                }
            });
        });
    }

    fn put(&mut self, kind: &str, at: i64, millis: u64, fill: impl FnOnce(&mut Object<'_>)) {
        let mut out = Vec::with_capacity(1200);
        object(&mut out, |o| {
            o.text("time", &iso_millis(at, millis)).text("type", kind);
            fill(o);
        });
        self.lines.put(at, out);
    }
}

struct Request {
    id: String,
    operation: String,
    path: String,
}

impl Request {
    fn written(&self, o: &mut Object<'_>, token: &Token) {
        o.object("auth", |o| token.written(o));
        o.object("request", |o| {
            o.text("id", &self.id).text("operation", &self.operation).text("mount_point", "aws/");
            o.text("mount_type", "aws").text("mount_accessor", "aws_9c0d1e2f").text("client_token", &token.id);
            o.text("client_token_accessor", &token.accessor);
            o.object("namespace", |o| {
                o.text("id", "root");
            });
            o.text("path", &self.path).text("remote_address", &token.ip).number("remote_port", 53_122);
        });
    }
}

impl Token {
    fn written(&self, o: &mut Object<'_>) {
        o.text("client_token", &self.id).text("accessor", &self.accessor);
        o.parts("display_name", &["oidc-", &self.mail]).texts("policies", &["default", "engineers"]);
        o.texts("token_policies", &["default", "engineers"]).text("token_type", "service");
        o.number("token_ttl", HOUR).time("token_issue_time", self.issued).text("entity_id", &self.entity);
        o.object("metadata", |o| {
            o.text("email", &self.mail).text("role", "engineers");
        });
    }
}

fn entity(account: &Account) -> String {
    derived(&account.okta, 67).uuid().to_string()
}

impl Stage<'_> {
    /// Somebody logs in and asks; Vault makes a user and a key with its own key, and answers.
    pub(crate) fn lease(&mut self, visit: &Visit, who: usize, lease: usize, dice: &mut Dice) {
        let world = self.world;
        let it = &world.leases[lease];
        if let Some((engineer, at)) = it.role_made {
            let token = self.at_vault(engineer, at, dice);
            let request = self.vault.ask(&token, "update", &format!("aws/roles/{}", it.role), at + 40);
            self.vault.answer(&token, &request, false, at + 40);
        }
        let token = self.at_vault(who, visit.at, dice);
        let request = self.vault.ask(&token, "read", &format!("aws/creds/{}", it.role), it.asked);
        let root: Session = self.robot(world.fixed[visit.account].vault, 0, SERVER, it.asked);
        let acts = [Act::MakeUser(it.user), Act::UserPolicy(it.user), Act::MakeKey { user: it.user, key: 0 }];
        for (seconds, act) in [0, 1, 1].into_iter().zip(acts) {
            if let Some(call) = self.call(&act, &root, it.asked + seconds, dice) {
                self.act(&root, it.asked + seconds, &call, dice);
            }
        }
        self.vault.answer(&token, &request, true, it.asked + 3);
    }

    fn at_vault(&mut self, who: usize, at: i64, dice: &mut Dice) -> Token {
        let person = &self.world.people.all[who];
        let login = person.account(at).login.clone();
        self.okta.put(at, okta::sign_on(person, okta::VAULT, &login, at, dice));
        self.vault.log_in(person, at + 1)
    }
}
