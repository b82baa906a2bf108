//! The owners file: who answers for which agent, as decided by people who looked.
//!
//! No vendor writes it: a person does, and others review it, as a change to a file under version control. It overrides
//! what the logs say without hiding it, and it expires.
//!
//! ```toml
//! [[owner]]
//! agent = "arn:aws:bedrock:eu-west-1:111122223333:agent/XCZ9AGUFOR"
//! owner = "jon.berg@example.com"
//! decided_by = "greta.olsen@example.com"
//! decided_at = 2026-11-20
//! until = 2027-05-31
//! reason = "took over with the payments platform, see CHG-1042"
//! ```
//!
//! | field | holds |
//! |---|---|
//! | `agent` | the agent's own id, whole (an ARN, `ci:github.com/OWNER/REPO`, a key's id), or its short name |
//! | `owner` | the owner's e-mail address, or an id of a directory (`00u…`, `github.com:12345`) |
//! | `decided_by` | who decided, written like `owner` |
//! | `decided_at` | when: a date (its beginning, UTC) or a time with its zone |
//! | `until` | when it ends to hold: a date (its end, UTC) or a time with its zone; without it, it does not expire |
//! | `reason` | why, for people to read |
//!
//! The first four are needed. The file may also be JSON (objects of these fields, in a list or under `owners`) or a
//! table with these columns. A TOML file is one record: an entry that cannot be read refuses the file, because half of
//! what was decided is not what was decided. It begins with `[[owner]]`, comments aside.
//!
//! Quirks. The time of a decision is what somebody wrote: it dates the decision, and never moves the end of the
//! bundle. A short name is written down as the name it is: which thing has it, and whether only one, is known only to
//! who has read the whole bundle.

use std::borrow::Cow;

use super::aws_names::{AWS, Arn, principal, unqualified_function};
use super::oidc::GITHUB;
use super::{Card, Export, Fit, Reading, Refusal, Shape, Source};
use crate::base::time::{Instant, When};
use crate::bundle::record::{Body, DocKind, Object, Record, Row};
use crate::fact::claim::{Declaring, Detail, Making};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};

/// Reads owners files.
pub struct OwnersFile;

static CARD: Card = Card {
    name: "owners_file",
    title: "Owners file",
    tells: "reviewed decisions about owners: agent, owner, decided_by, decided_at, until, reason",
    reference: "src/source/owners_file.rs",
    recognised_by: "TOML with [[owner]] tables, or objects or rows with the fields agent, owner and decided_by",
    exports: &[
        Export { form: "TOML, written by hand and reviewed", command: "git show main:owners.toml > owners.toml" },
        Export { form: "a table of the same columns", command: "git show main:owners.csv > owners.csv" },
    ],
};

/// The realm of reviews.
const REVIEWS: &str = "owners-file";

/// A decision as it is written.
#[derive(Default)]
struct Entry<'a> {
    agent: Option<Cow<'a, str>>,
    owner: Option<Cow<'a, str>>,
    decided_by: Option<Cow<'a, str>>,
    decided_at: Option<Cow<'a, str>>,
    until: Option<Cow<'a, str>>,
    reason: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    fn of(field: impl Fn(&str) -> Option<Cow<'a, str>>) -> Self {
        let field = |name| field(name).filter(|value| !value.trim().is_empty());
        Self {
            agent: field("agent"),
            owner: field("owner"),
            decided_by: field("decided_by"),
            decided_at: field("decided_at"),
            until: field("until"),
            reason: field("reason"),
        }
    }

    fn of_object(object: &Object<'a>) -> Self {
        Self::of(|name| object.word(name))
    }

    fn of_row(row: &Row<'a>) -> Self {
        Self::of(|name| row.get(name).map(Cow::Borrowed))
    }

    fn of_table(table: &'a toml::Table) -> Self {
        Self::of(|name| match table.get(name)? {
            toml::Value::String(text) => Some(Cow::Borrowed(text.as_str())),
            toml::Value::Datetime(time) => Some(Cow::Owned(time.to_string())),
            _ => None,
        })
    }
}

impl Source for OwnersFile {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn fit(&self, shape: &Shape<'_>) -> Fit {
        const FIELDS: [&str; 3] = ["agent", "owner", "decided_by"];
        let ours = match shape.body {
            Body::Json(object) => FIELDS.iter().all(|field| object.has(field)),
            Body::Row(row) => FIELDS.iter().all(|field| row.has(field)),
            Body::Doc(doc) => {
                doc.kind == DocKind::Toml && doc.text.lines().any(|line| line.trim().starts_with("[[owner]]"))
            }
            Body::Line(_) => false,
        };
        if ours { Fit::Certain } else { Fit::No }
    }

    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        match record.body {
            Body::Json(object) => decision(&Entry::of_object(&object), record.taken, facts)?,
            Body::Row(row) => decision(&Entry::of_row(&row), record.taken, facts)?,
            Body::Doc(doc) => {
                let file: toml::Table = doc.text.parse().map_err(|_| Refusal::Unreadable("[[owner]]"))?;
                let entries = file.get("owner").and_then(toml::Value::as_array).ok_or(Refusal::Missing("[[owner]]"))?;
                for entry in entries {
                    let entry = entry.as_table().ok_or(Refusal::Unreadable("[[owner]]"))?;
                    decision(&Entry::of_table(entry), record.taken, facts)?;
                }
            }
            Body::Line(_) => return Err(Refusal::Unreadable("the record")),
        }
        Ok(Reading::Claimed)
    }
}

/// Writes one decision. It declares the owner, by a review that has its own end, reason and author.
fn decision(entry: &Entry<'_>, taken: Option<Instant>, facts: &mut FactWriter) -> Result<(), Refusal> {
    let agent = entry.agent.as_deref().map(str::trim).ok_or(Refusal::Missing("agent"))?;
    let owner = entry.owner.as_deref().map(str::trim).ok_or(Refusal::Missing("owner"))?;
    let author = entry.decided_by.as_deref().map(str::trim).ok_or(Refusal::Missing("decided_by"))?;
    let decided = entry.decided_at.as_deref().ok_or(Refusal::Missing("decided_at"))?;
    let decided = time(decided, "T00:00:00Z").ok_or(Refusal::Unreadable("decided_at"))?;
    let until = match entry.until.as_deref() {
        Some(until) => Some(time(until, "T23:59:59.999Z").ok_or(Refusal::Unreadable("until"))?),
        None => None,
    };
    facts.snapshot(taken);
    facts.dated(When::at(decided));
    let review = facts.handle(HandleKind::Resource, REVIEWS, &format!("{agent} to {owner} by {author} at {decided}"));
    let (agent, owner, author) = (thing(agent, facts), person(owner, facts), person(author, facts));
    facts.declared(owner, agent, Declaring::Correction, Some(review));
    facts.made(author, Making::Created, review);
    facts.described(review, Detail::Until, &until.map(|until| until.to_string()).unwrap_or_default());
    facts.described(review, Detail::Reason, entry.reason.as_deref().map(str::trim).unwrap_or_default());
    Ok(())
}

/// Reads a date, which stands for this time of its day, or a time with its zone.
fn time(text: &str, of_day: &str) -> Option<Instant> {
    let text = text.trim();
    Instant::parse(text).or_else(|| Instant::parse(&format!("{text}{of_day}")))
}

/// The thing that is owned, under the name its own system gives it, as the other sources write it.
///
/// A short name is no id: it is written down as the name it is. Wrong where several things have it.
fn thing(written: &str, facts: &mut FactWriter) -> HandleId {
    if let Some(arn) = Arn::parse(written) {
        return by_arn(written, arn, facts);
    }
    let pipeline = written.strip_prefix("ci:github.com/").or(written.strip_prefix("https://github.com/"));
    if let Some(repository) = pipeline.or(is_repository(written).then_some(written)) {
        return facts.handle(HandleKind::Repository, GITHUB, &repository.to_lowercase());
    }
    match written.rsplit_once('/') {
        Some((realm @ ("github.com/apps" | "github.com/oauth-apps"), id)) => {
            return facts.handle(HandleKind::Agent, realm, id);
        }
        _ if written.len() == 44 && written.ends_with('=') => return facts.handle(HandleKind::Key, GITHUB, written),
        _ => {}
    }
    match written.get(..4).filter(|_| is_aws_id(written)).unwrap_or_default() {
        "AKIA" => facts.handle(HandleKind::Key, "", written),
        "AIDA" | "AROA" => facts.handle(HandleKind::PrincipalId, AWS, written),
        _ if is_okta_id(written, "00T") => facts.handle(HandleKind::Key, "okta:", written),
        _ if is_okta_id(written, "0oa") || is_okta_id(written, "wlp") => {
            facts.handle(HandleKind::Agent, "okta:", written)
        }
        _ if written.contains(['/', ':']) => facts.handle(HandleKind::Agent, "", written),
        _ => facts.handle(HandleKind::DisplayName, "", written),
    }
}

/// Unique ids and key ids of AWS: capitals and digits, sixteen or more.
fn is_aws_id(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What an ARN names: an agent, a function, stack or instance, a user or role.
fn by_arn(written: &str, arn: Arn<'_>, facts: &mut FactWriter) -> HandleId {
    let kind = match (arn.service, arn.resource.split(['/', ':']).next().unwrap_or_default()) {
        ("bedrock", "agent") | ("bedrock-agentcore", _) => HandleKind::Agent,
        ("lambda", "function") => return facts.handle(HandleKind::Workload, "", unqualified_function(written)),
        ("cloudformation", "stack") | ("ec2", "instance") => HandleKind::Workload,
        ("iam", "user" | "role") => {
            return principal(facts, None, Some(written))
                .unwrap_or_else(|| facts.handle(HandleKind::PrincipalName, "", written));
        }
        _ => HandleKind::Resource,
    };
    facts.handle(kind, "", written)
}

/// `OWNER/REPO`, and nothing that is a longer path.
fn is_repository(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(owner, name)| word(owner) && word(name))
}

/// Okta's ids: three letters for what it is, and seventeen letters and digits.
fn is_okta_id(text: &str, prefix: &str) -> bool {
    text.len() == 20 && text.starts_with(prefix) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A person: by address, by the id of a directory, else by a name, which joins nobody by itself.
fn person(written: &str, facts: &mut FactWriter) -> HandleId {
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(id) = written.strip_prefix("github.com:").filter(is_number) {
        return facts.handle(HandleKind::UserId, GITHUB, id);
    }
    match written.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') => {
            facts.handle(HandleKind::Email, "", &written.to_lowercase())
        }
        _ if is_okta_id(written, "00u") => facts.handle(HandleKind::UserId, "okta:", written),
        _ => facts.handle(HandleKind::Login, "", written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_stand_for_their_whole_day() {
        let show = |text, of_day| time(text, of_day).expect(text).to_string();
        assert_eq!(show("2027-05-31", "T23:59:59.999Z"), "2027-05-31T23:59:59.999Z");
        assert_eq!(show("2026-11-20", "T00:00:00Z"), "2026-11-20T00:00:00Z");
        assert_eq!(show("2026-11-20T10:00:00+01:00", "T00:00:00Z"), "2026-11-20T09:00:00Z");
        assert_eq!(time("soon", "T00:00:00Z"), None);
    }

    #[test]
    fn repositories_and_other_paths() {
        assert!(is_repository("example-org/invoice-triage"));
        for other in ["triage-helper", "projects/1/locations/eu", "bedrock-agent:1:eu/name", "/x", "x/"] {
            assert!(!is_repository(other), "{other}");
        }
    }
}
