//! How fast, how big: `cargo bench --bench throughput`.
//!
//! Writes a simulated company's trails (one million events; `-- --events N` for another number), then runs whole
//! processes in turn, round by round: the floor (decompressing the same files with libdeflate and nothing else), `clutch
//! coverage`, `clutch who-owns`, and DuckDB in its tuned form where it is installed. Prints medians, ratios against the
//! floor of the same round, and peak memory, as a Markdown table.
//!
//! With `-- --systems` it compares systems instead: bundles of one system each, and what `coverage` costs for each byte of
//! their records in processor time, beside what it costs for CloudTrail.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Done<T> = Result<T, Box<dyn Error>>;

/// Rounds that are counted, behind one that warms the disk cache.
const ROUNDS: usize = 5;

/// A process that is measured.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    /// For each round, how long it took.
    times: Vec<Duration>,
    /// For each round, how much processor time it took outside the kernel.
    user: Vec<Duration>,
    /// The most memory it ever held, in kilobytes.
    peak: u64,
}

fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1).cloned();
    let events = after("--events").unwrap_or_else(|| "1000000".to_owned());
    let folder =
        after("--dir").map_or_else(|| std::env::temp_dir().join(format!("clutch-bench-{events}")), PathBuf::from);
    let simulator = simulator()?;
    if arguments.iter().any(|argument| argument == "--systems") {
        let events = after("--events").unwrap_or_else(|| "200000".to_owned());
        return systems(&simulator, &events);
    }
    written(&simulator, &folder, &["--seed", "1", "--events", &events, "--systems", "aws,okta,github"])?;
    let mut contenders = contenders(&simulator, &folder)?;
    for round in 0..=ROUNDS {
        for contender in &mut contenders {
            contender.run(round > 0)?;
        }
    }
    report(&events, &contenders)
}

/// Builds the simulator, which is a crate of its own.
fn simulator() -> Done<PathBuf> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let done = Command::new(cargo).args(["build", "--release", "--quiet", "-p", "clutch-simulator"]).status()?;
    if !done.success() {
        return Err("the simulator could not be built".into());
    }
    let clutch = Path::new(env!("CARGO_BIN_EXE_clutch"));
    Ok(clutch.with_file_name(format!("clutch-simulator{}", std::env::consts::EXE_SUFFIX)))
}

/// Writes a bundle, unless it is there from another time.
fn written(simulator: &Path, folder: &Path, arguments: &[&str]) -> Done<()> {
    if folder.join("truth.json").exists() {
        return Ok(());
    }
    let done = Command::new(simulator).arg("write").arg("--out").arg(folder).args(arguments).status()?;
    if done.success() { Ok(()) } else { Err("the simulator failed".into()) }
}

/// What reading costs for each byte of records, system by system: one month of each, a bundle of its own.
fn systems(simulator: &Path, events: &str) -> Done<()> {
    let clutch = PathBuf::from(env!("CARGO_BIN_EXE_clutch"));
    let mut rows = Vec::new();
    for system in ["aws", "entra", "azure", "google"] {
        let folder = std::env::temp_dir().join(format!("clutch-bench-{system}-{events}"));
        let arguments = ["--seed", "1", "--events", events, "--months", "1", "--systems", system];
        written(simulator, &folder, &arguments)?;
        let bundle = folder.join("bundle");
        let path = bundle.display().to_string();
        let arguments = ["-q", "--threads", "2", "-b", &path, "coverage"];
        rows.push((Contender::new(system, &clutch, &arguments), raw_bytes(&bundle)?));
    }
    for round in 0..=ROUNDS {
        for (contender, _) in &mut rows {
            contender.run(round > 0)?;
        }
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{events} records of each system in a month, medians of {ROUNDS} rounds of `coverage`, 2 threads\n")?;
    writeln!(out, "| system | records as text MB | user s | ns per byte | × aws |\n| --- | --- | --- | --- | --- |")?;
    let per_byte = |contender: &Contender, bytes: u64| contender.median_user() * 1e9 / bytes as f64;
    let first = rows.first().map_or(f64::NAN, |(contender, bytes)| per_byte(contender, *bytes));
    for (contender, bytes) in &rows {
        let (name, user, cost) = (contender.name, contender.median_user(), per_byte(contender, *bytes));
        writeln!(out, "| {name} | {:.0} | {user:.2} | {cost:.2} | {:.2} |", *bytes as f64 / 1e6, cost / first)?;
    }
    Ok(())
}

/// How many bytes there are to read, once they are decompressed.
fn raw_bytes(folder: &Path) -> Done<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += raw_bytes(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            // The size is written at the end of the file.
            let bytes = std::fs::read(&path)?;
            sum += bytes.last_chunk::<4>().map_or(0, |size| u64::from(u32::from_le_bytes(*size)));
        } else {
            sum += path.metadata()?.len();
        }
    }
    Ok(sum)
}

fn contenders(simulator: &Path, folder: &Path) -> Done<Vec<Contender>> {
    let bundle = folder.join("bundle").display().to_string();
    let agent = first_agent(folder)?;
    let clutch = PathBuf::from(env!("CARGO_BIN_EXE_clutch"));
    let contender = Contender::new;
    let mut contenders = vec![
        contender("decompress only, 2 threads", simulator, &["decompress", &bundle, "--threads", "2"]),
        contender("decompress only, 1 thread", simulator, &["decompress", &bundle, "--threads", "1"]),
        contender("coverage, 2 threads", &clutch, &["-q", "--threads", "2", "-b", &bundle, "coverage"]),
        contender("coverage, 1 thread", &clutch, &["-q", "--threads", "1", "-b", &bundle, "coverage"]),
        contender("who-owns, 2 threads", &clutch, &["-q", "--threads", "2", "-b", &bundle, "who-owns", &agent]),
    ];
    let duckdb = Command::new("duckdb").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if duckdb.is_ok_and(|status| status.success()) {
        let query = AGGREGATE.replace("BUNDLE", &bundle);
        contenders.push(contender("DuckDB, tuned, 2 threads", Path::new("duckdb"), &["-c", &query]));
    } else {
        writeln!(io::stderr().lock(), "duckdb is not installed: left out")?;
    }
    Ok(contenders)
}

/// The aggregate that DuckDB is asked for: for each principal and key how many events, the first and last, the distinct
/// actions and resources. One JSON transform with the needed fields only: its fastest known form.
const AGGREGATE: &str = "
SET threads = 2; SET preserve_insertion_order = false;
WITH files AS (
  SELECT json_transform(json, '{\"Records\":[{\"eventTime\":\"VARCHAR\",\"eventSource\":\"VARCHAR\",\"eventName\":\"VARCHAR\",
    \"userIdentity\":{\"principalId\":\"VARCHAR\",\"accessKeyId\":\"VARCHAR\"},\"resources\":[{\"ARN\":\"VARCHAR\"}]}]}') AS doc
  FROM read_json_objects('BUNDLE/**/*.json.gz', format = 'unstructured', maximum_object_size = 268435456)
), records AS (SELECT unnest(doc.Records) AS r FROM files)
SELECT count(*) FROM (
  SELECT r.userIdentity.principalId, r.userIdentity.accessKeyId, count(*), min(r.eventTime), max(r.eventTime),
    count(DISTINCT r.eventSource || r.eventName), count(DISTINCT r.resources[1].ARN)
  FROM records GROUP BY 1, 2);";

/// The first agent of the truth.
fn first_agent(folder: &Path) -> Done<String> {
    let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("truth.json"))?)?;
    let agents = truth["agents"].as_array().or(truth.as_array()).ok_or("the truth names no agents")?;
    let id = agents.iter().find_map(|agent| agent["id"].as_str()).ok_or("the truth names no agents")?;
    Ok(id.to_owned())
}

impl Contender {
    fn new(name: &'static str, program: &Path, arguments: &[&str]) -> Self {
        Self {
            name,
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            times: Vec::new(),
            user: Vec::new(),
            peak: 0,
        }
    }

    fn run(&mut self, counted: bool) -> Done<()> {
        let begin = Instant::now();
        let mut child =
            Command::new(&self.program).args(&self.arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let (status, stat) = (format!("/proc/{}/status", child.id()), format!("/proc/{}/stat", child.id()));
        let mut user = Duration::ZERO;
        let exit = loop {
            // The high-water mark only grows: the last look before the end is close to it.
            let memory = std::fs::read_to_string(&status).unwrap_or_default();
            let line = memory.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
            self.peak = self.peak.max(peak.unwrap_or(0));
            // Of a process that has ended, too, until it is waited for: so the last look sees all of it.
            user = user_time(&std::fs::read_to_string(&stat).unwrap_or_default()).unwrap_or(user);
            if let Some(exit) = child.try_wait()? {
                break exit;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        if !exit.success() {
            return Err(format!("{} failed: {exit}", self.name).into());
        }
        if counted {
            self.times.push(begin.elapsed());
            self.user.push(user);
        }
        Ok(())
    }

    fn median(&self) -> f64 {
        median(self.times.iter().map(Duration::as_secs_f64).collect())
    }

    fn median_user(&self) -> f64 {
        median(self.user.iter().map(Duration::as_secs_f64).collect())
    }

    /// The median of the ratios against another contender, round by round.
    fn against(&self, other: &Self) -> f64 {
        median(
            self.times.iter().zip(&other.times).map(|(own, other)| own.as_secs_f64() / other.as_secs_f64()).collect(),
        )
    }
}

/// The processor time in a line of `/proc/PID/stat`: the twelfth field behind the name, in hundredths of a second.
fn user_time(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().nth(11)?.parse().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

fn report(events: &str, contenders: &[Contender]) -> Done<()> {
    let mut out = io::stdout().lock();
    let Some(floor) = contenders.first() else { return Ok(()) };
    writeln!(out, "{events} events, medians of {ROUNDS} rounds, whole processes\n")?;
    writeln!(out, "| program | wall s | × decompress-only, 2 threads | peak MB |\n| --- | --- | --- | --- |")?;
    for contender in contenders {
        let (wall, ratio, peak) = (contender.median(), contender.against(floor), contender.peak / 1024);
        writeln!(out, "| {} | {wall:.2} | {ratio:.2} | {peak} |", contender.name)?;
    }
    let named = |name: &str| contenders.iter().find(|contender| contender.name.starts_with(name));
    if let (Some(two), Some(one), Some(floor_one)) =
        (named("coverage, 2"), named("coverage, 1"), named("decompress only, 1"))
    {
        let (own, theirs) = (one.against(two), floor_one.against(floor));
        writeln!(
            out,
            "\nSpeed-up from 1 to 2 threads: {own:.2}, decompress-only's {theirs:.2}: {:.2} of it",
            own / theirs
        )?;
    }
    if let (Some(who_owns), Some(coverage)) = (named("who-owns"), named("coverage, 2")) {
        writeln!(out, "who-owns ÷ coverage: {:.2}", who_owns.against(coverage))?;
    }
    if let (Some(duckdb), Some(coverage)) = (named("DuckDB"), named("coverage, 2")) {
        writeln!(out, "DuckDB ÷ coverage: {:.2}", duckdb.against(coverage))?;
    }
    Ok(())
}
