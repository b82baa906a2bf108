//! The page of one acting thing: the answer first, then every claim with its grade and its record.

use super::{counted, elided, grouped};
use crate::base::time::Instant;
use crate::query::cite::Citations;
use crate::query::views::{CandidateView, HopView, PersonView};
use crate::query::who_owns::{Owned, ReasonView, Rule};
use crate::report::page::{Page, Paper, Tone};

/// How many rows of a section are shown before the rest is counted.
const SHOWN: usize = 6;

/// Writes the page.
#[must_use]
pub fn page(item: &Owned, cite: &Citations, paper: &Paper) -> String {
    let mut page = Page::new(paper.clone());
    head(&mut page, item);
    owner(&mut page, item);
    route(&mut page, item);
    page.gap();
    why(&mut page, &item.chain, cite);
    joined(&mut page, item, cite);
    apart(&mut page, item, cite);
    without(&mut page, item);
    candidates(&mut page, item);
    uses(&mut page, item);
    reaches(&mut page, item);
    unsure(&mut page, item);
    next(&mut page, item);
    page.finish()
}

/// The colour of a status; the word reads without it.
#[must_use]
pub fn tone(status: &str) -> Tone {
    match status {
        "owned" => Tone::Good,
        "orphaned" => Tone::Bad,
        _ => Tone::Warn,
    }
}

/// The kind of a thing, in words.
#[must_use]
pub fn kind(kind: &str) -> String {
    match kind {
        "bedrock-agent" => "Bedrock agent".to_owned(),
        "agentcore-runtime" => "AgentCore runtime".to_owned(),
        "agentcore-gateway" => "AgentCore gateway".to_owned(),
        "iam-user" => "IAM user".to_owned(),
        "iam-role" => "IAM role".to_owned(),
        "function" => "Lambda function".to_owned(),
        "oauth-client" => "OAuth client".to_owned(),
        "api-token" => "API token".to_owned(),
        other => other.replace('-', " "),
    }
}

fn head(page: &mut Page, item: &Owned) {
    let name = item.agent.name.clone().unwrap_or_else(|| item.agent.id.clone());
    let short = item.agent.short.get(..6).unwrap_or(&item.agent.short);
    page.gap();
    page.paragraph(1, &format!("{name} · {} · {short}", kind(&item.agent.kind)));
    if item.agent.name.is_some() {
        page.paragraph(1, &item.agent.id);
    }
    let status = item.status.word().to_uppercase();
    let mut facts = Vec::new();
    facts.extend(item.reasons.iter().map(|reason| sentence(reason, page.paper())));
    if let Some(ended) = item.agent.ended_at {
        facts.push(format!("ended on {}", page.paper().zone.date(ended)));
    } else if let Some(seen) = item.agent.last_seen {
        facts.push(format!("last active on {}", page.paper().zone.date(seen)));
    }
    page.status((&status, tone(item.status.word())), &facts.join(" · "));
    page.gap();
}

/// A reason in words, with its day.
#[must_use]
pub fn sentence(reason: &ReasonView, paper: &Paper) -> String {
    let text = match reason.code.word() {
        "owner-left" => "the owner left",
        "contract-ended" => "the owner's contract ended",
        "owner-unavailable" => "the owner is away",
        "team-dissolved" => "its team is dissolved",
        "owner-moved" => "the owner went to another team",
        "manager-changed" => "the owner has another manager",
        "declared-disagrees" => "somebody else is written down as the owner",
        "unknown-to-idp" => "no directory here knows the owner",
        "born-ownerless" => "no human is seen behind its making",
        "before-log-window" => "made before the records begin",
        "machine-only" => "the trail ends at a machine",
        "third-party-operated" => "another company operates it",
        "shared-credential" => "the identity that acted is shared by several",
        "chain-broken" => "the trail breaks",
        "self-asserted" => "the only name is one the caller chose",
        other => other,
    };
    match reason.at {
        Some(at) if reason.code.word().starts_with("owner") || reason.code.word().starts_with("contract") => {
            format!("{text} on {}", paper.zone.date(at))
        }
        _ => text.to_owned(),
    }
}

/// A person in one line: `Mira Holt <mira.holt@example.com>`.
#[must_use]
pub fn person(person: &PersonView) -> String {
    match (&person.name, &person.email) {
        (Some(name), Some(email)) if name != email => format!("{name} <{email}>"),
        (_, Some(email)) => email.clone(),
        (Some(name), None) if *name != person.id => format!("{name} ({})", person.id),
        _ => person.id.clone(),
    }
}

fn owner(page: &mut Page, item: &Owned) {
    let Some(owner) = &item.owner else {
        let team =
            item.owning_team.as_ref().map(|team| format!("; the group {team} is written down")).unwrap_or_default();
        page.labelled_in("Owner", &format!("nobody can be named{team}"), Some(Tone::Warn));
        return;
    };
    let verdict = item.verdict.zip(item.confidence).map(|(verdict, confidence)| format!("{verdict} · {confidence:.2}"));
    let tones = (Some(Tone::Strong), Some(Tone::Faint));
    page.sides("Owner", &person(owner), &verdict.unwrap_or_default(), tones);
    let zone = page.paper().zone.clone();
    let day = |at: Option<Instant>| at.map_or_else(String::new, |at| format!(" {}", zone.date(at)));
    let place = match (owner.status, owner.team.as_deref()) {
        (Some("left"), Some(team)) => format!("{team} until{}", day(owner.status_at)),
        (Some("left"), None) => format!("left{}", day(owner.status_at)),
        (Some("unavailable"), Some(team)) => format!("{team} · unavailable since{}", day(owner.status_at)),
        (Some("unavailable"), None) => format!("unavailable since{}", day(owner.status_at)),
        (Some(status), Some(team)) => format!("{team} · {status}"),
        (Some(status), None) => status.to_owned(),
        (None, _) => "no directory in the bundle knows this person".to_owned(),
    };
    page.labelled("", &place);
    if let Some((from, _, at)) = &item.handover {
        page.labelled("", &format!("taken over from {}{}", person(from), day(*at)));
    }
}

fn route(page: &mut Page, item: &Owned) {
    let asked = item.route.iter().filter(|(_, why)| *why != "owner");
    for (at, (who, why)) in asked.take(SHOWN).enumerate() {
        let label = if at == 0 { "Ask next" } else { "" };
        let why = match *why {
            "team-lead" => "led the team that owned it, until it was dissolved",
            "returned-owner" => "owned it before leaving, and is back",
            "co-maintainer" => "looks after it, too",
            "manager-at-departure" => "managed the owner when they left",
            "manager-above" => "the nearest manager above who is there",
            "stand-in" => "manages the owner, stands in",
            "new-manager" => "manages the owner now",
            "old-manager" => "managed the owner in the old team",
            "changed-it" => "changed it",
            "candidate" => "something speaks for them",
            other => other,
        };
        page.labelled(label, &format!("{}  {}, {why}", at + 1, person(who)));
    }
}

/// The steps of a chain, each with its time, grade and records.
pub(super) fn why(page: &mut Page, chain: &[HopView], cite: &Citations) {
    let steps: Vec<[String; 4]> = chain.iter().map(|hop| step(hop, cite, page.paper())).collect();
    let width = |column: usize| steps.iter().map(|step| step.get(column).map_or(0, String::len)).max().unwrap_or(0);
    let (when, grade) = (width(1), width(2));
    for (at, [what, at_time, sure, records]) in steps.iter().enumerate() {
        let label = if at == 0 { "Why" } else { "" };
        let right = format!("{at_time:when$}  {sure:grade$}  {records}");
        page.sides(label, &format!("{}  {what}", at + 1), &right, (None, Some(Tone::Faint)));
    }
}

/// What was joined to know that the names on the way are the owner's: one line for each rule.
fn joined(page: &mut Page, item: &Owned, cite: &Citations) {
    let spelled = |rule: &Rule| *rule == Rule::SameName;
    let mut rules: Vec<(Rule, &str)> = item.joins.iter().map(|join| (join.rule, join.grade)).collect();
    rules.sort_unstable();
    rules.dedup();
    for (at, (rule, grade)) in rules.iter().filter(|(rule, _)| !spelled(rule)).enumerate() {
        let mut joins = item.joins.iter().filter(|join| join.rule == *rule);
        let Some(join) = joins.next() else { continue };
        let more = joins.count();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let label = if at == 0 { "Same" } else { "" };
        let half = page.column().saturating_sub(more.len() + " = ".len()) / 2;
        let text = format!("{} = {}{more}", elided(&join.a, half), elided(&join.b, half));
        let record = join.evidence.first().map_or("", |record| cite.label(*record));
        page.sides(label, &text, &format!("{}  {grade}  {record}", rule.word()), (None, Some(Tone::Faint)));
    }
}

/// Who has a name of the owner's and was not taken for them.
fn apart(page: &mut Page, item: &Owned, cite: &Citations) {
    for (at, apart) in item.kept_apart.iter().take(SHOWN).enumerate() {
        let label = if at == 0 { "Not same" } else { "" };
        let text = format!("{}, who has {}, too", elided(&apart.other.id, 30), elided(&apart.name, 24));
        let records: Vec<&str> = apart.evidence.iter().map(|record| cite.label(*record)).collect();
        page.sides(label, &text, &records.join(" "), (None, Some(Tone::Faint)));
    }
    if item.kept_apart.len() > SHOWN {
        page.labelled("", &format!("and {} more", item.kept_apart.len() - SHOWN));
    }
}

/// What carries the answer, and who is second.
fn without(page: &mut Page, item: &Owned) {
    let Some(without) = item.without.iter().find(|without| Some(without.kind) == item.basis) else { return };
    let then = match &without.owner {
        None => "nobody could be named".to_owned(),
        Some(other) if item.owner.as_ref() == Some(other) => "it would be the same person".to_owned(),
        Some(other) => format!("it would be {}", person(other)),
    };
    let mut text = format!("{}, {then}.", noun(without.kind));
    if let Some((second, confidence)) = &item.runner_up {
        text.push_str(&format!(" Runner-up: {}, {confidence:.2}.", person(second)));
    }
    page.labelled("Without", &text);
}

/// A kind of evidence as a noun.
fn noun(kind: &str) -> &str {
    match kind {
        "corrected" => "the reviewed correction",
        "deployed" => "the deployment",
        "maintained" => "the maintenance",
        "installed" => "the machine it runs on",
        "issued" => "the key's issuance",
        "declared" => "the declaration",
        "inherited" => "the inheritance",
        other => other,
    }
}

/// A step in words: what, when, how sure, which records.
fn step(hop: &HopView, cite: &Citations, paper: &Paper) -> [String; 4] {
    let name = hop.to_name.clone().unwrap_or_else(|| elided(&hop.to, 28));
    let what = match hop.relation {
        "signed-in" => format!("signed in to {name}"),
        "opened" => "opened the session in their name".to_owned(),
        "delegated" => "carries their delegation".to_owned(),
        "federated" => "exchanged the sign-in for a session".to_owned(),
        "assumed" => "assumed the next role".to_owned(),
        "renewed" => "made a session from the key".to_owned(),
        "switched" => "switched role in the console".to_owned(),
        "same-session" => "used the session that was issued".to_owned(),
        "held-key" => "used their own key".to_owned(),
        "ran-as" => "the run's job took the role".to_owned(),
        "started" => "started the run".to_owned(),
        "authored" => "wrote the change".to_owned(),
        "merged" => "let the change in".to_owned(),
        "asked" => "asked the service to act".to_owned(),
        "holds" => format!("{} holds the session", elided(&hop.from, 28)),
        "runs-as" => "runs as the role".to_owned(),
        "deployed" => format!("created {name}"),
        "updated" => format!("changed {name}"),
        "pointed" => format!("pointed an alias at {name}"),
        "issued" => format!("issued {name}"),
        "handed-over" => "was handed it".to_owned(),
        "enrolled" => format!("has {name} enrolled to them"),
        "installed" => format!("has {name} set up in their home"),
        "lives-on" => format!("the key stands in the settings of {name}"),
        "declared" => "is written down as the owner".to_owned(),
        "led" => format!("led the team {name}, until it was dissolved"),
        "source-identity" => "is named as the source identity".to_owned(),
        other => other.replace('-', " "),
    };
    let at = hop.at.map_or_else(String::new, |at| paper.zone.minute(at));
    let records: Vec<&str> = hop.evidence.iter().map(|record| cite.label(*record)).collect();
    [what, at, hop.grade.to_owned(), records.join(" ")]
}

/// What speaks for each candidate, where there is a choice to be understood.
fn candidates(page: &mut Page, item: &Owned) {
    let named = item.owner.is_some();
    if named && item.candidates.len() < 2 {
        return;
    }
    for (at, candidate) in item.candidates.iter().take(SHOWN).enumerate() {
        let label = if at == 0 { "Weighed" } else { "" };
        page.sides(
            label,
            &person(&candidate.person),
            &format!("{:.2}", candidate.confidence),
            (None, Some(Tone::Faint)),
        );
        page.labelled("", &format!("  {}", signals(candidate)));
    }
    more(page, item.candidates.len());
}

fn signals(candidate: &CandidateView) -> String {
    if candidate.signals.is_empty() {
        return "named by a caller, or one of several who fit equally".to_owned();
    }
    let list = candidate.signals.iter().map(|signal| {
        let times = if signal.causes > 1 { format!(" on {} days", signal.causes) } else { String::new() };
        format!("{}{times} {:+.1} bits ({})", signal.kind, signal.bits, signal.grade)
    });
    list.collect::<Vec<_>>().join(" · ")
}

fn uses(page: &mut Page, item: &Owned) {
    let mut label = "Uses";
    for principal in item.principals.iter().take(SHOWN) {
        page.labelled(label, &format!("role or user {principal}"));
        label = "";
    }
    for credential in item.credentials.iter().take(SHOWN) {
        let mut text = format!("{} {}", kind(&credential.kind), credential.id);
        if credential.long_lived {
            text.push_str(", long-lived");
        }
        if let Some(ended) = credential.ended_at {
            text.push_str(&format!(", ended {}", page.paper().zone.date(ended)));
        } else if let Some(used) = credential.last_used {
            text.push_str(&format!(", last used {}", page.paper().zone.date(used)));
        }
        let tone = credential.used_after_departure.then_some(Tone::Bad);
        if credential.used_after_departure {
            text.push_str(", used after the departure");
        }
        page.labelled_in(label, &text, tone);
        label = "";
    }
    for (workload, kind) in item.workloads.iter().take(SHOWN) {
        page.labelled(label, &format!("{kind} {workload}"));
        label = "";
    }
    more(page, item.principals.len().max(item.credentials.len()).max(item.workloads.len()));
}

fn reaches(page: &mut Page, item: &Owned) {
    let mut resources: Vec<_> = item.resources.iter().collect();
    resources.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.id.cmp(&right.id)));
    for (at, resource) in resources.iter().take(SHOWN).enumerate() {
        let label = if at == 0 { "Reaches" } else { "" };
        let last = resource.last.map_or_else(String::new, |last| format!(", last {}", page.paper().zone.date(last)));
        let count = format!("{} ×{last}", grouped(resource.count));
        let actions: Vec<&str> = resource.actions.iter().take(3).map(String::as_str).collect();
        let rest = resource.actions.len().saturating_sub(3);
        let rest = if rest > 0 { format!(" +{rest}") } else { String::new() };
        page.sides(label, &format!("{}  {}{rest}", resource.id, actions.join(", ")), &count, (None, Some(Tone::Faint)));
    }
    more(page, resources.len());
}

fn unsure(page: &mut Page, item: &Owned) {
    for (at, gap) in item.gaps.iter().take(SHOWN).enumerate() {
        let label = if at == 0 { "Unsure" } else { "" };
        let account = gap.account.as_ref().map_or_else(String::new, |account| format!(" of {account}"));
        let zone = &page.paper().zone;
        let span = match (gap.from, gap.to) {
            (Some(from), Some(to)) => format!(" from {} to {}", zone.minute(from), zone.minute(to)),
            (None, Some(to)) => format!(" before {}", zone.minute(to)),
            (Some(from), None) => format!(" after {}", zone.minute(from)),
            (None, None) => String::new(),
        };
        page.labelled(label, &format!("the {} log{account}{span} would say {}", gap.system, gap.would_say));
    }
    more(page, item.gaps.len());
}

fn next(page: &mut Page, item: &Owned) {
    let short = item.agent.short.get(..6).unwrap_or(&item.agent.short);
    let record = item.chain.last().is_some();
    let mut hints = vec![format!("clutch find {short}")];
    if record {
        hints.insert(0, "clutch show <evidence id>".to_owned());
    }
    page.labelled_in("Next", &hints.join(" · "), Some(Tone::Faint));
}

fn more(page: &mut Page, count: usize) {
    if count > SHOWN {
        page.labelled_in(
            "",
            &format!("and {} (--format json has all)", counted((count - SHOWN) as u64, "more", "more")),
            Some(Tone::Faint),
        );
    }
}
