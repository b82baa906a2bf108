//! The API calls of the simulated world, with the request and response fields which CloudTrail records for them.

mod agents;
mod data;
mod iam;
mod reads;
mod sts;

pub(crate) use agents::*;
pub(crate) use data::*;
pub(crate) use iam::*;
pub(crate) use reads::*;
pub(crate) use sts::*;

use crate::json;
use crate::world::{GLOBAL, HOME};

/// An API call, without its caller and its time.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `bedrock` of `bedrock.amazonaws.com`.
    pub(crate) source: &'static str,
    /// The endpoint, without region: `bedrock-agent`.
    pub(crate) host: &'static str,
    pub(crate) name: &'static str,
    pub(crate) request: Option<Vec<u8>>,
    pub(crate) response: Option<Vec<u8>>,
    pub(crate) extra: Option<Vec<u8>>,
    pub(crate) resources: Option<Vec<u8>>,
    pub(crate) read_only: bool,
    pub(crate) data: bool,
    /// The agent which the record is about.
    pub(crate) agent: Option<usize>,
    /// It makes that agent.
    pub(crate) makes: bool,
    pub(crate) error: Option<&'static str>,
}

impl Call {
    pub(crate) fn new(source: &'static str, host: &'static str, name: &'static str, read_only: bool) -> Self {
        Self {
            source,
            host,
            name,
            request: None,
            response: None,
            extra: None,
            resources: None,
            read_only,
            data: false,
            agent: None,
            makes: false,
            error: None,
        }
    }

    fn asks(mut self, request: Option<Vec<u8>>) -> Self {
        self.request = request;
        self
    }

    fn gets(mut self, response: Option<Vec<u8>>) -> Self {
        self.response = response;
        self
    }

    fn data(mut self) -> Self {
        self.data = true;
        self
    }

    fn touches(mut self, resources: &[(&str, &str, &str)]) -> Self {
        let mut out = Vec::with_capacity(256);
        json::list(&mut out, |list| {
            for (account, kind, arn) in resources {
                list.object(|o| {
                    if !account.is_empty() {
                        o.text("accountId", account);
                    }
                    o.text("type", kind).text("ARN", arn);
                });
            }
        });
        self.resources = Some(out);
        self
    }

    pub(crate) fn about(mut self, agent: usize) -> Self {
        self.agent = Some(agent);
        self
    }

    fn creates(mut self) -> Self {
        self.makes = true;
        self
    }

    /// The same call, refused.
    pub(crate) fn refused(mut self) -> Self {
        self.error = Some("AccessDenied");
        self.response = None;
        self.makes = false;
        self
    }

    pub(crate) fn region(&self) -> &'static str {
        match self.source {
            "iam" | "signin" => GLOBAL,
            _ => HOME,
        }
    }
}
