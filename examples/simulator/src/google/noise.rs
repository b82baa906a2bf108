//! Everything else in Google Cloud: agents and apps at work, keys elsewhere, people in the console.

use super::audit_log::{ACTIVITY, By, DATA_ACCESS, Entry, entry};
use super::{Google, LOCATION, PROJECTS};
use crate::clock::HOUR;
use crate::dice::Dice;
use crate::json::Object;
use crate::noise::busy;

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 \
                      Safari/537.36,gzip(gfe),gzip(gfe)";
const PYTHON: &str = "grpc-python/1.76.0 grpc-c/51.0.0 (linux; chttp2),gzip(gfe)";

/// What people look at: service, method, permission, what.
const LOOKS: [(&str, &str, &str, &str); 5] = [
    ("compute.googleapis.com", "v1.compute.instances.list", "compute.instances.list", "zones/europe-west4-a/instances"),
    ("storage.googleapis.com", "storage.buckets.list", "storage.buckets.list", ""),
    ("iam.googleapis.com", "google.iam.admin.v1.ListServiceAccounts", "iam.serviceAccounts.list", ""),
    (
        "aiplatform.googleapis.com",
        "google.cloud.aiplatform.v1.ReasoningEngineService.ListReasoningEngines",
        "aiplatform.reasoningEngines.list",
        "locations/europe-west4",
    ),
    (
        "aiplatform.googleapis.com",
        "google.cloud.aiplatform.internal.PredictionService.CountTokens",
        "aiplatform.endpoints.predict",
        "locations/europe-west4/publishers/google/models/gemini-3-flash",
    ),
];

pub(crate) struct Noise {
    dice: Dice,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, &[54]) }
    }

    pub(crate) fn hour(&mut self, cloud: &mut Google<'_>, hour: i64, target: u64) {
        let mut misses = 0;
        while cloud.audit.wanted() && cloud.audit.accepted() + cloud.audit.waiting(hour) < target && misses < 1000 {
            let at = hour + self.dice.between(0, HOUR);
            let mut dice = Dice::new(self.dice.roll(), &[]);
            misses += 1;
            if bout(cloud, at, &mut dice).is_some() {
                misses = 0;
            }
        }
    }
}

fn bout(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    match dice.below(100) {
        0..45 => engine_works(cloud, at, dice),
        45..60 => key_works(cloud, at, dice),
        60..80 => app_works(cloud, at, dice),
        80..92 => person_looks(cloud, at, dice),
        _ => person_asks(cloud, at, dice),
    }
}

fn put(cloud: &mut Google<'_>, stream: usize, it: &Entry<'_>, at: i64, dice: &mut Dice) {
    cloud.audit.put(stream, at, entry(stream, it, at, dice));
}

/// An agent asks a model, and reads files and tables, as what it runs as.
fn engine_works(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let engine = cloud.engines.get(dice.front(cloud.engines.len()))?;
    if engine.alive > at || !Google::logs_data(engine.project) {
        return None;
    }
    let (project, number) = PROJECTS[engine.project];
    let by = By::Account(match engine.runs_as {
        Some(account) => cloud.accounts[account].mail.clone(),
        None => format!("service-{number}@gcp-sa-aiplatform-re.iam.gserviceaccount.com"),
    });
    let name = engine.name.clone();
    for turn in 0..1 + dice.below(5) as i64 {
        match dice.below(3) {
            0 => model(cloud, project, &by, "private", at + turn, dice),
            1 => file(cloud, project, &name, &by, "private", at + turn, dice),
            _ => query(cloud, project, &by, "private", at + turn, dice),
        }
    }
    Some(())
}

fn key_works(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let account = cloud.accounts.get(dice.index(cloud.accounts.len()))?;
    let (since, ip) = account.works.clone()?;
    let good =
        |(_, made, gone): &&(String, i64, Option<i64>)| made + HOUR / 2 < at && gone.is_none_or(|gone| at < gone);
    let (key, ..) = account.keys.iter().find(good)?;
    if since > at || !Google::logs_data(account.project) {
        return None;
    }
    let by = By::Key(account.mail.clone(), key.clone());
    let (project, name) = (PROJECTS[account.project].0, account.title.clone());
    for turn in 0..1 + dice.below(4) as i64 {
        match dice.below(2) {
            0 => model(cloud, project, &by, &ip, at + turn, dice),
            _ => file(cloud, project, &name, &by, &ip, at + turn, dice),
        }
    }
    Some(())
}

fn app_works(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let project = dice.index(PROJECTS.len() - 1);
    let stem = *dice.pick(&crate::names::APPS[..6]);
    let id = PROJECTS[project].0;
    let by = By::Account(format!("{stem}@{id}.iam.gserviceaccount.com"));
    match dice.below(10) {
        0 => {
            let name = format!("projects/{}/secrets/{stem}-token/versions/latest", PROJECTS[project].1);
            let method = "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion";
            let service = "secretmanager.googleapis.com";
            let mut it = Entry::new(id, service, method, &name, "secretmanager.versions.access", &by);
            (it.ip, it.agent) = ("private", PYTHON);
            put(cloud, DATA_ACCESS, &it, at, dice);
        }
        1..5 => query(cloud, id, &by, "private", at, dice),
        _ => file(cloud, id, stem, &by, "private", at, dice),
    }
    Some(())
}

fn somebody(cloud: &Google<'_>, at: i64, dice: &mut Dice) -> Option<(By, String)> {
    if busy(at) <= 6 && dice.chance(900) {
        return None;
    }
    let person = dice.index(cloud.people.all.len());
    let it = &cloud.people.all[person];
    (it.aws && it.works(at)).then(|| (cloud.user(person, at), it.ip.clone()))
}

fn person_looks(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let (by, ip) = somebody(cloud, at, dice)?;
    let project = PROJECTS[dice.index(PROJECTS.len() - 1)].0;
    for turn in 0..1 + dice.below(5) as i64 {
        let (service, method, permission, what) = *dice.pick(&LOOKS);
        let name = format!("projects/{project}/{what}");
        let mut it = Entry::new(project, service, method, name.trim_end_matches('/'), permission, &by);
        (it.ip, it.agent, it.denied) = (&ip, CHROME, dice.chance(40));
        put(cloud, DATA_ACCESS, &it, at + turn, dice);
    }
    if dice.chance(100) {
        let name = format!("projects/{project}/zones/europe-west4-a/instances/bastion-1");
        let (service, permission) = ("compute.googleapis.com", "compute.instances.setMetadata");
        let mut it = Entry::new(project, service, "v1.compute.instances.setMetadata", &name, permission, &by);
        (it.ip, it.agent) = (&ip, CHROME);
        put(cloud, ACTIVITY, &it, at, dice);
    }
    Some(())
}

/// Somebody uses an agent.
fn person_asks(cloud: &mut Google<'_>, at: i64, dice: &mut Dice) -> Option<()> {
    let (by, ip) = somebody(cloud, at, dice)?;
    let engine = cloud.engines.get(dice.front(cloud.engines.len()))?;
    if engine.alive > at || !Google::logs_data(engine.project) {
        return None;
    }
    let project = PROJECTS[engine.project].0;
    let name = engine.path();
    let method = "google.cloud.aiplatform.v1.ReasoningEngineExecutionService.StreamQueryReasoningEngine";
    let mut it = Entry::new(project, super::acts::VERTEX, method, &name, "aiplatform.reasoningEngines.query", &by);
    (it.ip, it.agent) = (&ip, PYTHON);
    put(cloud, DATA_ACCESS, &it, at, dice);
    Some(())
}

fn model(cloud: &mut Google<'_>, project: &str, by: &By, ip: &str, at: i64, dice: &mut Dice) {
    let name = format!("projects/{project}/locations/{LOCATION}/publishers/google/models/gemini-3-flash");
    let method = "google.cloud.aiplatform.v1.PredictionService.GenerateContent";
    let request = |o: &mut Object<'_>| {
        o.text("@type", "type.googleapis.com/google.cloud.aiplatform.v1.GenerateContentRequest").text("model", &name);
    };
    let it = Entry::new(project, super::acts::VERTEX, method, &name, "aiplatform.endpoints.predict", by);
    let mut it = it.asks(&request).from(ip);
    it.agent = PYTHON;
    put(cloud, DATA_ACCESS, &it, at, dice);
}

fn file(cloud: &mut Google<'_>, project: &str, of: &str, by: &By, ip: &str, at: i64, dice: &mut Dice) {
    let bucket = format!("{project}-documents");
    let name = format!("projects/_/buckets/{bucket}/objects/{of}/doc-{}.json", dice.below(60));
    let mut it = Entry::new(project, "storage.googleapis.com", "storage.objects.get", &name, "storage.objects.get", by);
    let labels = vec![("bucket_name", bucket.as_str()), ("location", LOCATION), ("project_id", project)];
    (it.ip, it.agent, it.resource, it.denied) = (ip, PYTHON, ("gcs_bucket", labels), dice.chance(10));
    put(cloud, DATA_ACCESS, &it, at, dice);
}

fn query(cloud: &mut Google<'_>, project: &str, by: &By, ip: &str, at: i64, dice: &mut Dice) {
    let name = format!("projects/{project}/jobs/bquxjob_{}", dice.word(16, crate::dice::HEX));
    let table = format!("projects/{project}/datasets/sales/tables/orders");
    let metadata = |o: &mut Object<'_>| {
        o.text("@type", "type.googleapis.com/google.cloud.audit.BigQueryAuditMetadata");
        o.object("jobInsertion", |o| {
            o.text("reason", "JOB_INSERT_REQUEST").object("job", |o| {
                o.text("jobName", &name).object("jobConfig", |o| {
                    o.text("type", "QUERY").object("queryConfig", |o| {
                        o.text("priority", "QUERY_INTERACTIVE").text("statementType", "SELECT");
                        o.text("query", "SELECT region, SUM(amount) FROM `sales.orders` GROUP BY region");
                        o.text("destinationTable", &table);
                    });
                });
            });
        });
    };
    let (service, method) = ("bigquery.googleapis.com", "google.cloud.bigquery.v2.JobService.InsertJob");
    let it = Entry::new(project, service, method, &name, "bigquery.jobs.create", by);
    let mut it = it.tells(&metadata).from(ip);
    it.agent = PYTHON;
    it.resource = ("bigquery_project", vec![("location", "EU"), ("project_id", project)]);
    put(cloud, DATA_ACCESS, &it, at, dice);
}
