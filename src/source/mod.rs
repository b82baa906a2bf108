//! From vendors' records to claims: one file per system.
//!
//! Enters: a record. Leaves: what it claims, or a refusal that names what is missing. A source translates and nothing
//! more: it knows no identity, joins nothing, concludes nothing. All vendor knowledge of the house is here.
//!
//! # How to add a source
//!
//! 1. Read the vendor's page on the export. Write `src/source/<name>.rs` with the same parts in the same order as the
//!    others: a head comment (vendor page, fields relied on, quirks), the [`Card`], a borrowed entry struct with only
//!    the fields used, a `const` table for the plain cases (event name to claim), code for the cases with thought.
//! 2. In [`Source::fit`] judge the record by its keys, never by its file name. [`Fit::Certain`] is for keys that no
//!    other system writes; at most one source may be certain of a record.
//! 3. In [`Source::read`] first date the record ([`FactWriter::event`] or [`FactWriter::snapshot`]), then name it
//!    ([`FactWriter::named`]) if the vendor gives an id, then write its claims. Names are written as the vendor writes
//!    them, under the realm that gives them; of a secret only its id or fingerprint is written. A missing *needed*
//!    field is a [`Refusal`] that names it; an absent optional field is `None`, never `""`.
//! 4. Add one line to [`ALL`], in alphabetical order.
//! 5. Write fixtures: `fixtures/sources/<name>/plain/` (each claim it can make), `routes/` (each export form, equal
//!    facts) and `odd/` (missing fields, wrong types, masked values, truncation), each with its `input.*`. Run the tests
//!    with `CLUTCH_BLESS=1`, and read every line of the `facts.txt` and `coverage.txt` they write before committing.
//!
//! The README's source table and `clutch sources` are made from the cards; a test compares files, registry and fixtures.

use std::fmt;

use crate::base::time::Instant;
use crate::bundle::record::{Around, Body, Object, Record};
use crate::fact::writer::FactWriter;

pub mod active_directory;
mod ad_names;
pub mod agent_telemetry;
pub mod agentcore_logs;
pub mod anthropic_audit;
pub mod auditd;
pub mod aws_cloudtrail;
mod aws_depends;
pub mod aws_iam_snapshot;
pub mod aws_identity_store;
mod aws_names;
pub mod aws_organizations;
mod aws_policy;
mod aws_tags;
mod aws_things;
pub mod azure_activity;
mod azure_names;
mod azure_resources;
pub mod azure_snapshot;
mod base64;
pub mod bedrock_invocations;
pub mod bedrock_snapshot;
pub mod conjur;
pub mod copilot_studio_snapshot;
pub mod crowdstrike;
pub mod cursor_audit;
pub mod cyberark_audit;
mod cyberark_names;
pub mod cyberark_vault;
pub mod defender_endpoint;
pub mod device_enrolment;
mod endpoint_names;
pub mod entra_directory;
mod entra_fields;
pub mod entra_log;
mod entra_names;
mod fingerprint;
pub mod foundry_diagnostics;
pub mod gcp_audit;
mod gcp_names;
pub mod gcp_snapshot;
pub mod github_audit;
mod github_names;
pub mod github_snapshot;
pub mod gitlab_audit;
mod gitlab_names;
pub mod gitlab_snapshot;
pub mod google_workspace;
pub mod hr_report;
mod hr_sheet;
pub mod kubernetes_audit;
mod launch;
pub mod m365_audit;
pub mod mcp_config;
mod oidc;
pub mod okta_directory;
pub mod okta_log;
mod okta_names;
pub mod openai_audit;
pub mod osquery;
pub mod owners_file;
mod process_start;
mod salesforce_fields;
pub mod salesforce_log;
mod salesforce_names;
pub mod salesforce_snapshot;
pub mod sentinelone;
pub mod sysmon;
mod text;
mod texts;
mod triage;
pub mod vault_audit;
mod vault_names;
pub mod vault_snapshot;
mod windows_event;
pub mod windows_security;
pub mod workday;

/// Every source, in alphabetical order of its name.
pub const ALL: &[&dyn Source] = &[
    &active_directory::ActiveDirectory,
    &agent_telemetry::AgentTelemetry,
    &agentcore_logs::AgentcoreLogs,
    &anthropic_audit::AnthropicAudit,
    &auditd::Auditd,
    &aws_cloudtrail::AwsCloudtrail,
    &aws_iam_snapshot::AwsIamSnapshot,
    &aws_identity_store::AwsIdentityStore,
    &aws_organizations::AwsOrganizations,
    &azure_activity::AzureActivity,
    &azure_snapshot::AzureSnapshot,
    &bedrock_invocations::BedrockInvocations,
    &bedrock_snapshot::BedrockSnapshot,
    &conjur::Conjur,
    &copilot_studio_snapshot::CopilotStudioSnapshot,
    &crowdstrike::Crowdstrike,
    &cursor_audit::CursorAudit,
    &cyberark_audit::CyberarkAudit,
    &cyberark_vault::CyberarkVault,
    &defender_endpoint::DefenderEndpoint,
    &device_enrolment::DeviceEnrolment,
    &entra_directory::EntraDirectory,
    &entra_log::EntraLog,
    &foundry_diagnostics::FoundryDiagnostics,
    &gcp_audit::GcpAudit,
    &gcp_snapshot::GcpSnapshot,
    &github_audit::GithubAudit,
    &github_snapshot::GithubSnapshot,
    &gitlab_audit::GitlabAudit,
    &gitlab_snapshot::GitlabSnapshot,
    &google_workspace::GoogleWorkspace,
    &hr_report::HrReport,
    &kubernetes_audit::KubernetesAudit,
    &m365_audit::M365Audit,
    &mcp_config::McpConfig,
    &okta_directory::OktaDirectory,
    &okta_log::OktaLog,
    &openai_audit::OpenaiAudit,
    &osquery::Osquery,
    &owners_file::OwnersFile,
    &salesforce_log::SalesforceLog,
    &salesforce_snapshot::SalesforceSnapshot,
    &sentinelone::Sentinelone,
    &sysmon::Sysmon,
    &vault_audit::VaultAudit,
    &vault_snapshot::VaultSnapshot,
    &windows_security::WindowsSecurity,
    &workday::Workday,
];

/// One system's reader: from a record to claims.
pub trait Source: Sync {
    /// Name, title, vendor reference, the commands that export it.
    fn card(&self) -> &'static Card;

    /// Does a record of this shape look like ours? Judged on keys, never on the file name.
    fn fit(&self, shape: &Shape<'_>) -> Fit;

    /// Writes what this record claims.
    ///
    /// # Errors
    /// A refusal is counted; it never stops the run.
    fn read(&self, record: &Record<'_>, facts: &mut FactWriter) -> Result<Reading, Refusal>;
}

/// What a user needs to know of a source.
#[derive(Debug)]
pub struct Card {
    /// Its name in commands and coverage: `aws_cloudtrail`.
    pub name: &'static str,
    /// Its name for people: `AWS CloudTrail`.
    pub title: &'static str,
    /// What it tells about ownership, in one line.
    pub tells: &'static str,
    /// The vendor's page that the fields come from.
    pub reference: &'static str,
    /// How a record is recognised, in words.
    pub recognised_by: &'static str,
    /// The export forms it reads, each with the read-only command that makes it.
    pub exports: &'static [Export],
}

/// An export form and the read-only command that makes it.
#[derive(Debug)]
pub struct Export {
    /// What comes out: `trail files in S3 (.json.gz)`.
    pub form: &'static str,
    /// The command.
    pub command: &'static str,
}

/// What a record looks like, for [`Source::fit`].
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// The record's body.
    pub body: Body<'a>,
    /// What stood around it.
    pub around: Around<'a>,
}

/// How well a record fits a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is not ours.
    No,
    /// It looks like ours; a source that is certain goes before.
    Likely,
    /// Nobody else writes such a record.
    Certain,
}

/// What became of a record that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It claims something.
    Claimed,
    /// It is known to tell nothing about ownership; coverage counts it under this name.
    SetAside(&'static str),
}

/// Why a record could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A needed field is not there.
    Missing(&'static str),
    /// A needed field is there, but not in a form that can be read.
    Unreadable(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(field) => write!(f, "the field {field} is missing"),
            Self::Unreadable(field) => write!(f, "the field {field} cannot be read"),
        }
    }
}

/// The source that reads a record.
#[derive(Clone, Copy)]
pub enum Pick {
    /// This one.
    One(&'static dyn Source),
    /// No source knows such a record.
    None,
    /// Two sources fit equally well: nobody guesses.
    Ambiguous(&'static str, &'static str),
}

/// Picks the source for a record by the record alone.
///
/// `last` is the source of the record before. It only saves time: where it is certain, nobody else can be.
#[must_use]
pub fn pick(shape: &Shape<'_>, last: Option<&'static dyn Source>) -> Pick {
    if let Some(source) = last.filter(|source| source.fit(shape) == Fit::Certain) {
        return Pick::One(source);
    }
    let mut best = (Fit::No, Pick::None);
    for source in ALL {
        let fit = source.fit(shape);
        if fit > best.0 {
            best = (fit, Pick::One(*source));
        } else if let (true, Pick::One(rival)) = (fit == best.0 && fit != Fit::No, best.1) {
            best.1 = Pick::Ambiguous(rival.card().name, source.card().name);
        }
    }
    best.1
}

/// Reads a whole record into the fields that are used.
pub(crate) fn parsed<'a, T: serde::Deserialize<'a>>(object: &Object<'a>) -> Result<T, Refusal> {
    serde_json::from_str(object.text).map_err(|_| Refusal::Unreadable("the record"))
}

/// Reads a time that a needed field holds.
pub(crate) fn needed_time(text: Option<&str>, field: &'static str) -> Result<Instant, Refusal> {
    let text = text.ok_or(Refusal::Missing(field))?;
    Instant::parse(text).ok_or(Refusal::Unreadable(field))
}
