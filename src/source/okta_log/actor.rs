//! Who acted: a user, a user's API token, an OAuth client, a workload, Okta itself.

use super::entry::{Client, Party, Scene};
use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{Actor, Stand};
use crate::source::oidc;
use crate::source::okta_names::{self, OKTA, ORG};

/// The issuer of GitHub's pipeline tokens, as clouds write it.
const GITHUB_ISSUER: &str = "token.actions.githubusercontent.com";

/// The issuer of GitLab's.
const GITLAB_ISSUER: &str = "gitlab.com";

/// Who acted, with everything that the record puts together with them.
pub(super) fn actor(party: &Party<'_>, client: &Client<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Actor {
    let actor = match party.kind.get().unwrap_or_default() {
        // Okta's support staff are people of another company: what they do is never credited to a person here.
        _ if scene.support => service(out, "support"),
        "User" => user(party, scene, out).unwrap_or_else(|| service(out, "unknown")),
        "SystemPrincipal" => system(scene, out),
        "PublicClientApp" | "PublicClientAppEntity" => oauth_client(party, scene, out),
        "WorkloadPrincipal" => workload(party, out),
        // An address that attacks, a kind that is newer than this: what it is called is all that is known.
        "" => service(out, "unknown"),
        kind => service(out, kind),
    };
    if let Some(from) = client.ip_address.get().filter(|ip| is_address(ip)) {
        let from = out.handle(HandleKind::Network, "", from);
        out.came_from(actor.by, from);
    }
    out.described(actor.by, Detail::Software, client.software.get().unwrap_or_default());
    actor
}

fn plain(by: HandleId) -> Actor {
    Actor { by, principal: None, on_behalf_of: None }
}

fn service(out: &mut impl Stand, name: &str) -> Actor {
    plain(out.handle(HandleKind::Service, OKTA, name))
}

/// A user, or their API token: the token acted, and it is the user's own. Wrong where the token was handed to somebody
/// else; then the acts still are the token's, and the token is still its owner's to answer for.
fn user(party: &Party<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Option<Actor> {
    let login = party.alternate_id.get().filter(|login| *login != "system@okta.com");
    let user = okta_names::user(out, ORG, party.id(), login, party.display_name.get())?;
    let by = match scene.token {
        Some(token) => {
            let token = okta_names::api_token(out, token, None);
            out.tied(token, Tie::RunsAs, user);
            token
        }
        None => user,
    };
    Some(Actor { by, principal: Some(user), on_behalf_of: None })
}

/// Okta itself: in the session of the user for whom it works, where the record names one.
fn system(scene: Scene<'_>, out: &mut impl Stand) -> Actor {
    match scene.session {
        Some(session) => plain(out.handle(HandleKind::Session, OKTA, session)),
        None => service(out, "system"),
    }
}

/// An OAuth client. Its own id is the app's id; records of API calls write it beside the access token.
fn oauth_client(party: &Party<'_>, scene: Scene<'_>, out: &mut impl Stand) -> Actor {
    let written = [scene.client, party.id(), party.alternate_id.get()];
    let of_app = written.iter().flatten().find(|id| okta_names::has_prefix(id, "0oa"));
    let Some(id) = of_app.or(written.iter().flatten().next()).copied() else { return service(out, "unknown") };
    let client = okta_names::client(out, id, party.display_name.get());
    if scene.by_itself {
        okta_names::acts_by_itself(out, client, id);
    }
    plain(client)
}

/// A registered agent, or a workload that Okta Privileged Access knows by the subject of its own platform's token.
fn workload(party: &Party<'_>, out: &mut impl Stand) -> Actor {
    let Some(id) = party.raw_id() else { return service(out, "unknown") };
    match id.strip_prefix("opa://") {
        Some(path) => plain(workload_subject(path, out)),
        None => plain(okta_names::agent(out, id, "okta-ai-agent", party.display_name.get())),
    }
}

/// `team/connection/subject`, the subject percent-encoded.
///
/// The issuer is not written. A subject that begins as GitHub's or GitLab's do is taken for one of their public
/// platforms': wrong where the connection belongs to a company's own server.
fn workload_subject(path: &str, out: &mut impl Stand) -> HandleId {
    let mut parts = path.splitn(3, '/');
    let (team, connection) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let subject = decoded(parts.next().unwrap_or_default());
    let issuer = match subject.split(':').next() {
        Some("repo" | "repository") => GITHUB_ISSUER.to_owned(),
        Some("project_path") => GITLAB_ISSUER.to_owned(),
        _ => format!("opa://{team}/{connection}"),
    };
    let handle = out.handle(HandleKind::Subject, &issuer, &subject);
    if issuer == GITHUB_ISSUER || issuer == GITLAB_ISSUER {
        oidc::describe(out, handle, Some(&issuer), &subject);
    }
    handle
}

fn is_address(text: &str) -> bool {
    text.contains(['.', ':']) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}

/// Percent-decoding; what is no valid sequence stands as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let byte = match behind {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_decoding() {
        assert_eq!(decoded("repo:corp%2Frepo:ref:refs%2Fheads%2Fmain"), "repo:corp/repo:ref:refs/heads/main");
        assert_eq!(decoded("50%"), "50%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%ff"), "%ff");
    }

    #[test]
    fn addresses() {
        assert!(is_address("203.0.113.9") && is_address("2001:db8::1"));
        assert!(!is_address("unknown") && !is_address("abcdef"));
    }
}
