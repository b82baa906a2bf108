//! The order of facts does not matter: small worlds made by dice, told in another order, in other files, twice, by more
//! threads. The same facts, the same identities and joins, the same answers, to the letter.

use std::fs;
use std::path::Path;

use crate::support::facts_text;
use clutch::base::progress::Progress;
use clutch::case::{Case, Opening, Root};
use clutch::query::cite::Citations;
use clutch::query::inventory::{self, Filter};
use clutch::query::naming;
use clutch::query::orphans::{self, Wanted};
use clutch::report::wire::convert::{self, Labels};
use proptest::prelude::*;
use serde_json::{Value, json};

const PEOPLE: [(&str, &str); 3] = [
    ("mira.holt@example.com", "Mira Holt"),
    ("jon.berg@example.com", "Jon Berg"),
    ("ida.falk@example.com", "Ida Falk"),
];

const ACCOUNT: &str = "111122223333";

/// What is told. Sessions, users, keys and agents are few, so that one record tells of what another one made.
#[derive(Clone, Copy, Debug)]
enum Told {
    SignedIn { person: usize },
    Federated { session: usize },
    Chained { from: usize, session: usize },
    MadeUser { session: usize, user: usize },
    MadeKey { session: usize, user: usize },
    EndedKey { session: usize, user: usize },
    EndedUser { session: usize, user: usize },
    KeyUsed { user: usize },
    ConsoleOpened { user: usize },
    MadeAgent { session: usize, agent: usize },
    ChangedAgent { session: usize, agent: usize },
    CalledAgent { session: usize, agent: usize },
    Tagged { session: usize, agent: usize, person: usize },
    ExecRole { agent: usize },
    Directory { person: usize, left: bool },
    IdentityCenter { person: usize },
    Corrected { agent: usize, person: usize },
}

fn told() -> impl Strategy<Value = Told> {
    (0..17_usize, 0..5_usize, 0..5_usize, 0..3_usize, any::<bool>()).prop_map(|(kind, one, other, third, flag)| {
        let (session, user, agent, person) = (one, other % 2, other % 3, third);
        match kind {
            0 => Told::SignedIn { person },
            1 => Told::Federated { session },
            2 => Told::Chained { from: other, session },
            3 => Told::MadeUser { session, user },
            4 => Told::MadeKey { session, user },
            5 => Told::EndedKey { session, user },
            6 => Told::EndedUser { session, user },
            7 => Told::KeyUsed { user },
            8 => Told::ConsoleOpened { user },
            9 => Told::MadeAgent { session, agent },
            10 => Told::ChangedAgent { session, agent },
            11 => Told::CalledAgent { session, agent },
            12 => Told::Tagged { session, agent, person },
            13 => Told::ExecRole { agent },
            14 => Told::Directory { person, left: flag },
            15 => Told::IdentityCenter { person },
            _ => Told::Corrected { agent, person },
        }
    })
}

fn role(session: usize) -> &'static str {
    ["Builder", "deployer", "triage-exec"][session % 3]
}

/// The identity block of a session. The first three are federated people, the others are named by whoever opened them.
fn identity(session: usize) -> Value {
    let (role, name) = (role(session), PEOPLE.get(session).map_or("nightly", |person| person.0));
    json!({
        "type": "AssumedRole", "principalId": format!("AROAEXAMPLE{role}:{name}"), "accountId": ACCOUNT,
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"),
        "accessKeyId": format!("ASIAEXAMPLESESSION{session:02}"),
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": format!("AROAEXAMPLE{role}"), "userName": role,
                "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "accountId": ACCOUNT},
            "attributes": {"creationDate": "2026-10-01T08:00:00Z", "mfaAuthenticated": "false"},
        },
    })
}

fn user(number: usize, key: bool) -> Value {
    let mut user = json!({
        "type": "IAMUser", "principalId": format!("AIDAEXAMPLEUSER{number:02}"), "accountId": ACCOUNT,
        "arn": format!("arn:aws:iam::{ACCOUNT}:user/svc-{number}"), "userName": format!("svc-{number}"),
    });
    if key {
        user["accessKeyId"] = format!("AKIAEXAMPLEKEY{number:02}").into();
    }
    user
}

fn credentials(session: usize) -> Value {
    let (role, name) = (role(session), PEOPLE.get(session).map_or("nightly", |person| person.0));
    json!({
        "credentials": {"accessKeyId": format!("ASIAEXAMPLESESSION{session:02}"), "expiration": "Nov 30, 2026, 9:00:00 PM"},
        "assumedRoleUser": {"assumedRoleId": format!("AROAEXAMPLE{role}:{name}"),
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}")},
    })
}

/// The record that tells it. `number` makes it one of its kind, `day` dates it; many share a day, to the second.
fn record(told: Told, number: usize, day: u32) -> Value {
    let time = format!("2026-10-{:02}T08:00:00Z", 1 + day);
    let event = |source: &str, name: &str, identity: Value, parameters: Value, response: Value| {
        json!({
            "eventVersion": "1.11", "userIdentity": identity, "eventTime": time, "awsRegion": "eu-west-1",
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2.31.14", "requestParameters": parameters, "responseElements": response,
            "eventID": format!("00000000-0000-4000-8000-{number:012}"), "eventType": "AwsApiCall",
            "recipientAccountId": ACCOUNT, "managementEvent": true, "eventCategory": "Management",
        })
    };
    let arn = |agent: usize| format!("arn:aws:bedrock:eu-west-1:{ACCOUNT}:agent/AGENTEXM{agent:02}");
    let id = |agent: usize| format!("AGENTEXM{agent:02}");
    let name = |user: usize| format!("svc-{user}");
    match told {
        Told::SignedIn { person } => json!({
            "actor": {"id": format!("00uEXAMPLEPERSON{person:04}"), "type": "User", "alternateId": PEOPLE[person].0,
                "displayName": PEOPLE[person].1},
            "client": {"ipAddress": "203.0.113.7", "userAgent": {"rawUserAgent": "Mozilla/5.0"}},
            "eventType": "user.authentication.sso", "displayMessage": "sign-on", "outcome": {"result": "SUCCESS"},
            "published": format!("2026-10-{:02}T07:59:58.000Z", 1 + day), "severity": "INFO", "legacyEventType": null,
            "debugContext": {"debugData": {"signOnMode": "SAML 2.0", "subject": PEOPLE[person].0}},
            "uuid": format!("00000000-0000-4000-9000-{number:012}"), "version": "0",
            "target": [{"id": "0oaEXAMPLEaws0000001", "type": "AppInstance", "alternateId": "AWS", "displayName": "AWS"}],
        }),
        Told::Federated { session } => {
            let who = PEOPLE[session % 3].0;
            let mut response = credentials(session);
            response["subject"] = who.into();
            response["issuer"] = "http://www.okta.com/exkEXAMPLE0000000001".into();
            response["nameQualifier"] = "EXAMPLEqualifier".into();
            let caller = json!({"type": "SAMLUser", "principalId": format!("EXAMPLEqualifier:{who}"), "userName": who});
            let parameters = json!({
                "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/{}", role(session)), "roleSessionName": who,
                "principalArn": format!("arn:aws:iam::{ACCOUNT}:saml-provider/okta"),
            });
            event("sts", "AssumeRoleWithSAML", caller, parameters, response)
        }
        Told::Chained { from, session } => {
            let parameters = json!({
                "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/{}", role(session)), "roleSessionName": "nightly",
            });
            event("sts", "AssumeRole", identity(from), parameters, credentials(session))
        }
        Told::MadeUser { session, user: made } => {
            let response = json!({"user": {"userId": format!("AIDAEXAMPLEUSER{made:02}"), "userName": name(made),
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/svc-{made}")}});
            event("iam", "CreateUser", identity(session), json!({"userName": name(made)}), response)
        }
        Told::MadeKey { session, user: of } => {
            let response = json!({"accessKey": {"accessKeyId": format!("AKIAEXAMPLEKEY{of:02}"), "userName": name(of),
                "status": "Active"}});
            event("iam", "CreateAccessKey", identity(session), json!({"userName": name(of)}), response)
        }
        Told::EndedKey { session, user: of } => {
            let parameters = json!({"userName": name(of), "accessKeyId": format!("AKIAEXAMPLEKEY{of:02}")});
            event("iam", "DeleteAccessKey", identity(session), parameters, Value::Null)
        }
        Told::EndedUser { session, user: ended } => {
            event("iam", "DeleteUser", identity(session), json!({"userName": name(ended)}), Value::Null)
        }
        Told::KeyUsed { user: by } => event("sts", "GetCallerIdentity", user(by, true), Value::Null, Value::Null),
        Told::ConsoleOpened { user: by } => {
            let mut opened =
                event("signin", "ConsoleLogin", user(by, false), Value::Null, json!({"ConsoleLogin": "Success"}));
            opened["eventType"] = "AwsConsoleSignIn".into();
            opened
        }
        Told::MadeAgent { session, agent } => {
            let parameters = json!({"agentName": "helper",
                "agentResourceRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/triage-exec")});
            let response = json!({"agent": {"agentId": id(agent), "agentName": "helper", "agentArn": arn(agent)}});
            event("bedrock", "CreateAgent", identity(session), parameters, response)
        }
        Told::ChangedAgent { session, agent } => {
            let parameters = json!({"agentId": id(agent), "agentName": "helper"});
            event("bedrock", "UpdateAgent", identity(session), parameters, json!({"agent": {"agentId": id(agent)}}))
        }
        Told::CalledAgent { session, agent } => {
            let parameters = json!({"agentId": id(agent), "agentAliasId": "TSTALIASID"});
            event("bedrock", "InvokeAgent", identity(session), parameters, Value::Null)
        }
        Told::Tagged { session, agent, person } => {
            let parameters = json!({"resourceArn": arn(agent), "tags": {"owner": PEOPLE[person].0}});
            event("bedrock", "TagResource", identity(session), parameters, Value::Null)
        }
        Told::ExecRole { agent } => {
            let mut worker = identity(2);
            let named = format!("BedrockAgents-{}", id(agent));
            worker["principalId"] = format!("AROAEXAMPLEtriage-exec:{named}").into();
            worker["arn"] = format!("arn:aws:sts::{ACCOUNT}:assumed-role/triage-exec/{named}").into();
            worker["accessKeyId"] = format!("ASIAEXAMPLEWORKER{agent:02}").into();
            event("bedrock", "InvokeModel", worker, json!({"modelId": "vendor.model-x"}), Value::Null)
        }
        Told::Directory { person, left } => json!({
            "id": format!("00uEXAMPLEPERSON{person:04}"), "status": if left { "DEPROVISIONED" } else { "ACTIVE" },
            "created": "2023-02-06T08:00:00.000Z", "statusChanged": time, "lastUpdated": time, "lastLogin": null,
            "passwordChanged": null, "type": {"id": "otyEXAMPLEdefault0001"},
            "profile": {"login": PEOPLE[person].0, "email": PEOPLE[person].0, "displayName": PEOPLE[person].1,
                "department": format!("Team {number}"), "managerId": null},
            "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        }),
        Told::IdentityCenter { person } => json!({
            "IdentityStoreId": "d-1234567890", "UserId": format!("1234567890-EXAMPLE-{person:04}"),
            "UserName": PEOPLE[person].0, "DisplayName": PEOPLE[person].1, "UserStatus": "ENABLED",
            "ExternalIds": [{"Issuer": "https://scim.aws.com/example", "Id": format!("00uEXAMPLEPERSON{person:04}")}],
            "Emails": [{"Value": PEOPLE[person].0, "Type": "work", "Primary": true}],
        }),
        Told::Corrected { agent, person } => json!({
            "agent": arn(agent), "owner": PEOPLE[person].0, "decided_by": "greta.olsen@example.com",
            "decided_at": &time[..10], "until": "2027-05-31", "reason": format!("review {number}"),
        }),
    }
}

/// Everything that is known and answered, as text.
fn known(folder: &Path, threads: usize) -> String {
    let root = Root { name: String::new(), path: folder.to_owned() };
    let opening = Opening { roots: vec![root], threads: Some(threads), ..Opening::default() };
    let case = Case::open(opening, &Progress::default());
    let facts = facts_text(case.facts());
    assert!(case.coverage().is_complete(), "every record is read: {:?}", case.coverage().files);
    let things = inventory::inventory(&case, Filter { all: true });
    let orphans = orphans::orphans(&case, &Wanted { unattributed: true, ..Wanted::default() });
    let cited =
        things.iter().flat_map(|item| item.cited()).chain(orphans.iter().flat_map(|orphan| orphan.item.cited()));
    let cite = Citations::of(&case, cited);
    let labels = Labels(&cite);
    let things = things.iter().map(|item| serde_json::to_string_pretty(&convert::owned(item, &labels)));
    let orphans = orphans.iter().map(|item| serde_json::to_string_pretty(&convert::orphan(item, &labels)));
    let answers: Vec<String> = things.chain(orphans).map(|item| item.expect("JSON")).collect();
    let mut identities: Vec<String> = case.identities().iter().map(|id| naming::canonical(&case, id)).collect();
    identities.sort();
    let (as_of, spans) = (case.known_as_of(), &case.coverage().spans);
    format!("{as_of:?}\n{spans:#?}\n{}\n{}\n{}", facts.join("\n"), identities.join("\n"), answers.join("\n"))
}

/// Lays records into files: for each its file, and how often it stands there.
fn lay(folder: &Path, records: &[(String, usize, usize)]) {
    for file in 0..3 {
        let lines = records
            .iter()
            .filter(|record| record.1 == file)
            .flat_map(|(text, _, times)| vec![text.clone() + "\n"; *times]);
        let text: String = lines.collect();
        if !text.is_empty() {
            fs::write(folder.join(format!("{file}.ndjson")), text).expect("writable");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn the_order_of_facts_does_not_matter(
        (told, shuffled) in prop::collection::vec((told(), 0..20_u32), 1..14).prop_flat_map(|told| {
            let lie: Vec<(usize, usize, usize)> = (0..told.len()).map(|number| (number, 0, 1)).collect();
            let lies = Just(lie).prop_shuffle().prop_flat_map(|lie| {
                let one = |(number, ..): (usize, usize, usize)| (Just(number), 0..3_usize, 1..3_usize);
                lie.into_iter().map(one).collect::<Vec<_>>()
            });
            (Just(told), lies)
        }),
    ) {
        let records: Vec<String> =
            told.iter().enumerate().map(|(number, (told, day))| record(*told, number, *day).to_string()).collect();
        let (plain, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        lay(plain.path(), &records.iter().map(|text| (text.clone(), 0, 1)).collect::<Vec<_>>());
        let shuffled: Vec<(String, usize, usize)> =
            shuffled.into_iter().map(|(number, file, times)| (records[number].clone(), file, times)).collect();
        lay(other.path(), &shuffled);
        let (plain, other) = (known(plain.path(), 1), known(other.path(), 2));
        let differing = plain.lines().zip(other.lines()).find(|(left, right)| left != right);
        prop_assert!(plain == other, "{:?}", differing);
    }
}
