//! Whole worlds, small ones, held against what `README.md` says of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{self, Order};
use crate::truth::Truth;
use crate::{Degrade, System};

fn order(seed: u64, degrade: Degrade) -> Order {
    let systems = vec![System::Aws, System::Okta, System::Github];
    Order { seed, events: 6000, people: Some(70), agents: Some(60), months: 2, degrade, systems }
}

/// The other clouds, for a month: they write a file an hour.
fn clouds(seed: u64, degrade: Degrade) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let systems = vec![System::Github, System::Entra, System::Azure, System::Google];
    let order = Order { seed, events: 3000, people: Some(90), agents: Some(120), months: 1, degrade, systems };
    run::write(folder.path(), &order).unwrap();
    folder
}

fn world(seed: u64, degrade: Degrade) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run::write(folder.path(), &order(seed, degrade)).unwrap();
    folder
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let size = u32::from_le_bytes(*packed.last_chunk::<4>().unwrap()) as usize;
    let mut plain = vec![0; size];
    libdeflater::Decompressor::new().gzip_decompress(packed, &mut plain).unwrap();
    plain
}

/// Every CloudTrail record, second copies included.
fn records(folder: &Path) -> Vec<Value> {
    let packed = files(folder).into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "gz"));
    packed
        .flat_map(|(_, bytes)| {
            let mut file: Value = serde_json::from_slice(&unpacked(&bytes)).unwrap();
            match file["Records"].take() {
                Value::Array(records) => records,
                other => panic!("no records but {other}"),
            }
        })
        .collect()
}

fn truth(folder: &Path) -> Truth {
    serde_json::from_slice(&fs::read(folder.join("truth.json")).unwrap()).unwrap()
}

fn lines(folder: &Path, path: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_does_not() {
    let (one, same, other) = (world(1, Degrade::None), world(1, Degrade::None), world(2, Degrade::None));
    let one = files(one.path());
    assert!(one == files(same.path()));
    assert!(one != files(other.path()));
}

#[test]
fn records_have_the_shape_and_the_size_of_real_ones() {
    let folder = world(3, Degrade::None);
    let all = records(folder.path());
    assert!((6000..7500).contains(&all.len()), "{}", all.len());
    let bytes: usize = all.iter().map(|record| record.to_string().len()).sum();
    assert!((1200..1900).contains(&(bytes / all.len())), "{}", bytes / all.len());
    for record in &all {
        for field in ["eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "eventID", "requestID"] {
            assert!(record[field].is_string(), "{field} of {record}");
        }
        assert!(record.as_object().unwrap().contains_key("requestParameters"));
        let who = &record["userIdentity"];
        match who["type"].as_str().unwrap() {
            "AssumedRole" if record["eventName"] != "ConsoleLogin" => {
                let issuer = &who["sessionContext"]["sessionIssuer"];
                let principal = who["principalId"].as_str().unwrap();
                assert!(principal.starts_with(issuer["principalId"].as_str().unwrap()), "{record}");
                assert_eq!(who["accessKeyId"].as_str().unwrap().len(), 20);
            }
            "AWSService" => assert!(who["invokedBy"].is_string()),
            "IAMUser" => assert!(who["accessKeyId"].as_str().unwrap().starts_with("AKIAEXAMPLE")),
            "AssumedRole" | "SAMLUser" | "WebIdentityUser" | "IdentityCenterUser" | "AWSAccount" => {}
            other => panic!("who is {other}?"),
        }
    }
}

#[test]
fn second_copies_are_equal_and_twins_share_their_event() {
    let folder = world(4, Degrade::None);
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    let mut copies = 0;
    for record in records(folder.path()) {
        let id = record["eventID"].as_str().unwrap().to_owned();
        match by_id.get(&id) {
            Some(first) => {
                assert_eq!(*first, record);
                copies += 1;
            }
            None => {
                by_id.insert(id, record);
            }
        }
    }
    assert!(copies > 50, "{copies}");
    let twins: Vec<&Value> = by_id.values().filter(|r| r["userIdentity"]["type"] == "AWSAccount").collect();
    assert!(!twins.is_empty());
    for twin in twins {
        let own =
            by_id.values().find(|r| r["sharedEventID"] == twin["sharedEventID"] && r["eventID"] != twin["eventID"]);
        assert_eq!(own.unwrap()["responseElements"], twin["responseElements"]);
    }
}

/// The creating record of an agent, by any of its ids.
fn creation<'a>(all: &'a [Value], alias: &str) -> Option<&'a Value> {
    all.iter().find(|record| {
        let made = &record["responseElements"];
        record["eventName"].as_str().is_some_and(|name| name.starts_with("CreateAgent") && name != "CreateAgentAlias")
            && (made["agent"]["agentId"] == alias || made["agentRuntimeId"] == alias)
    })
}

#[test]
fn stories_are_in_the_log_as_the_truth_tells_them() {
    let folder = world(5, Degrade::None);
    let all = records(folder.path());
    let truth = truth(folder.path());
    for (_, path, _) in crate::world::PATHS {
        assert!(truth.agents.iter().any(|agent| agent.path == path), "no {path}");
    }
    for agent in truth
        .agents
        .iter()
        .filter(|agent| agent.kind.starts_with("bedrock-agent") || agent.kind.starts_with("agentcore"))
    {
        let made = creation(&all, &agent.aliases[0]);
        assert_eq!(made.is_none(), agent.path == "before-log", "{}", agent.id);
        if agent.path == "spoofed-session-name" {
            let made = made.unwrap();
            let who = &made["userIdentity"];
            let named = who["principalId"].as_str().unwrap().split_once(':').unwrap().1;
            assert!(!agent.owner_names.iter().any(|name| name == named), "{}", agent.id);
            assert!(agent.decoys.iter().any(|decoy| decoy.email == named));
            let opened = all.iter().find(|r| r["responseElements"]["credentials"]["accessKeyId"] == who["accessKeyId"]);
            let opener = opened.unwrap()["userIdentity"]["principalId"].as_str().unwrap();
            assert!(agent.owner_names.iter().any(|name| opener.ends_with(&format!(":{name}"))), "{opener}");
        }
    }
}

#[test]
fn directories_agree_on_everybody() {
    let folder = world(6, Degrade::None);
    let read = |path: &str| -> Value { serde_json::from_slice(&fs::read(folder.path().join(path)).unwrap()).unwrap() };
    let mut mails = BTreeMap::new();
    for list in ["bundle/okta/users.json", "bundle/okta/users-deprovisioned.json"] {
        for user in read(list).as_array().unwrap() {
            assert_eq!(list.contains("deprovisioned"), user["status"] == "DEPROVISIONED");
            mails.insert(user["id"].clone().to_string(), user["profile"]["email"].clone());
        }
    }
    let directory = read("bundle/aws/identity-center/list-users.json");
    let users = directory["Users"].as_array().unwrap();
    assert_eq!(users.len(), mails.len());
    for user in users {
        assert_eq!(mails[&user["ExternalIds"][0]["Id"].to_string()], user["Emails"][0]["Value"]);
    }
    assert!(users.iter().any(|user| user["UserName"] != user["Emails"][0]["Value"]));
}

#[test]
fn runs_are_told_whole() {
    let folder = world(7, Degrade::None);
    let log = lines(folder.path(), "bundle/github/audit-log.ndjson");
    let count = |action: &str| log.iter().filter(|line| line["action"] == action).count();
    let created = count("workflows.created_workflow_run");
    assert!(created > 10);
    assert_eq!(created, count("workflows.prepared_workflow_job"));
    assert_eq!(created, count("workflows.completed_workflow_run"));
}

#[test]
fn each_degradation_leaves_out_what_it_says() {
    let folder = world(8, Degrade::NoIdp);
    assert!(!folder.path().join("bundle/okta").exists());
    assert!(!folder.path().join("bundle/aws/identity-center").exists());

    let folder = world(8, Degrade::OneAccountMissing);
    let all = records(folder.path());
    assert!(all.iter().all(|record| record["recipientAccountId"] != "777788889999"));
    assert!(all.iter().any(|record| record["userIdentity"]["accountId"] == "777788889999"));

    let folder = world(8, Degrade::SevenDays);
    let all = records(folder.path());
    assert!(all.len() > 4000);
    assert!(all.iter().all(|record| record["eventTime"].as_str() >= Some("2026-11-13T00:00:00Z")));
    let okta = lines(folder.path(), "bundle/okta/system-log.ndjson");
    assert!(!okta.is_empty());
    assert!(okta.iter().all(|event| event["published"].as_str() >= Some("2026-11-13")));
}

/// The lines of all logs below a folder, which have a file an hour.
fn lines_below(folder: &Path, below: &str) -> Vec<Value> {
    let files = files(&folder.join("bundle").join(below));
    let logs =
        files.iter().filter(|(path, _)| path.ends_with("PT1H.json") || path.to_string_lossy().ends_with("_S0.json"));
    let lines = logs.flat_map(|(_, bytes)| bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()));
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[test]
fn clouds_are_written_alike_and_tell_every_story() {
    let (one, same) = (clouds(1, Degrade::None), clouds(1, Degrade::None));
    assert!(files(one.path()) == files(same.path()));
    let truth = truth(one.path());
    for (path, _) in crate::microsoft::PATHS.iter().chain(crate::google::PATHS) {
        assert!(truth.agents.iter().any(|agent| agent.path == *path), "no {path}");
    }
    assert!(!one.path().join("bundle/aws").exists());
}

#[test]
fn what_is_done_in_azure_is_done_with_tokens_that_entra_gave() {
    let folder = clouds(2, Degrade::None);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entra: Vec<Value> = lines_below(folder.path(), "entra").into_iter().filter(|r| r["time"].is_string()).collect();
    let tokens: std::collections::BTreeSet<String> =
        entra.iter().map(|record| text(&record["properties"]["uniqueTokenIdentifier"])).collect();
    let activity = lines_below(folder.path(), "azure/insights-activity-logs");
    let writes: Vec<&Value> =
        activity.iter().filter(|r| text(&r["operationName"]).ends_with("/PROJECTS/APPLICATIONS/WRITE")).collect();
    assert!(writes.len() > 20, "{}", writes.len());
    for write in writes {
        assert!(tokens.contains(&text(&write["identity"]["claims"]["uti"])), "{write}");
    }
    let category = |name: &str| entra.iter().filter(|record| record["category"] == name).count();
    for name in ["SignInLogs", "ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs", "AuditLogs"] {
        assert!(category(name) > 10, "{name}");
    }
}

#[test]
fn operations_of_google_have_two_entries_and_keys_are_told_once() {
    let folder = clouds(3, Degrade::None);
    let log = lines_below(folder.path(), "google/cloudaudit.googleapis.com");
    let mut by_operation: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for entry in log.iter().filter(|entry| entry["operation"].is_object()) {
        let id = entry["operation"]["id"].as_str().unwrap().to_owned();
        by_operation.entry(id).or_default().push(entry);
    }
    assert!(by_operation.len() > 10);
    for entries in by_operation.values() {
        let last = entries.iter().any(|entry| entry["operation"]["last"] == true);
        let at_the_end = entries.iter().any(|entry| entry["timestamp"].as_str() > Some("2026-11-19T23:50:00Z"));
        assert!(last || at_the_end);
    }
    assert!(log.iter().all(|entry| entry["insertId"].is_string() && entry["protoPayload"]["serviceName"].is_string()));
}

#[test]
fn without_directories_none_is_written() {
    let folder = clouds(4, Degrade::NoIdp);
    assert!(!folder.path().join("bundle/entra/graph").exists());
    assert!(!folder.path().join("bundle/google/workspace/users.json").exists());
    assert!(folder.path().join("bundle/google/workspace/activities-token.json").exists());
}

#[test]
fn the_other_systems_are_written_alike_and_tell_every_story() {
    let write = |seed: u64| {
        let folder = tempfile::tempdir().unwrap();
        let systems = System::ALL.into_iter().filter(|system| !matches!(system, System::Entra | System::Azure));
        let systems = systems.filter(|system| *system != System::Google).collect();
        let order = Order {
            seed,
            events: 4000,
            people: Some(70),
            agents: Some(60),
            months: 2,
            degrade: Degrade::None,
            systems,
        };
        run::write(folder.path(), &order).unwrap();
        folder
    };
    let (one, same) = (write(1), write(1));
    assert!(files(one.path()) == files(same.path()));
    let truth = truth(one.path());
    let stands = crate::world::STANDS.iter().map(|(_, path, _)| *path);
    let listed = crate::salesforce::PATHS.iter().chain(crate::laptops::PATHS).map(|(path, _)| *path);
    for path in stands.chain(listed).chain(["cyberark-provider"]) {
        assert!(truth.agents.iter().any(|agent| agent.path == path), "no {path}");
    }
    for agent in truth.agents.iter().filter(|agent| agent.owner.is_some()) {
        assert!(agent.decoys.iter().all(|decoy| !agent.owner_names.contains(&decoy.email)), "{}", agent.id);
    }
}
