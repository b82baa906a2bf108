//! What is kept of a secret that stands in a configuration or a command line: an id or a fingerprint that joins, never
//! the secret.
//!
//! References: docs.github.com "Identifying audit log events performed by an access token" (the audit log's `hashed_token`
//! is the base64 of the token's SHA-256), docs.aws.amazon.com "IAM identifiers" (an access key id is no secret). A digest
//! is kept only of what a vendor drew at random, told by its beginning and length: that of a password could be guessed.

use sha2::{Digest, Sha256};

use super::oidc::GITHUB;
use crate::fact::claim::Detail;
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;

/// How a secret begins, how many characters it has at least, whose it is, and what kind it is.
const SHAPES: &[(&str, usize, &str, &str)] = &[
    ("ghp_", 36, GITHUB, "classic-token"),
    ("github_pat_", 36, GITHUB, "fine-grained-token"),
    ("gho_", 36, GITHUB, "oauth-token"),
    ("ghu_", 36, GITHUB, "oauth-token"),
    ("ghs_", 36, GITHUB, "installation-token"),
    ("sk-ant-", 40, "anthropic", "api-key"),
    ("sk-", 40, "openai", "api-key"),
    ("hvs.", 24, "vault", "vault-token"),
    ("hvb.", 24, "vault", "vault-token"),
    ("glpat-", 20, "gitlab", "gitlab-token"),
    ("xoxb-", 24, "slack", "slack-token"),
    ("xoxp-", 24, "slack", "slack-token"),
    ("xapp-", 24, "slack", "slack-token"),
    ("AIza", 35, "google", "api-key"),
    ("ABSK", 40, "aws", "bedrock-api-key"),
    ("ATATT", 40, "atlassian", "api-token"),
    ("lin_api_", 24, "linear", "api-key"),
    ("ntn_", 24, "notion", "api-token"),
    ("sbp_", 36, "supabase", "access-token"),
    ("dapi", 32, "databricks", "access-token"),
    ("npm_", 36, "npm", "access-token"),
    ("hf_", 30, "huggingface", "access-token"),
];

/// Writes down the credential that a text is, by its id or fingerprint. `None` where it is none that is known by its shape.
///
/// Never wrong of a fingerprint: only who had the secret could write it. An access key id alone is public, and whoever
/// read a log could have written it.
pub(crate) fn credential(out: &mut impl Stand, text: &str) -> Option<HandleId> {
    let text = text.trim();
    let text = text.strip_prefix("Bearer ").or(text.strip_prefix("token ")).unwrap_or(text).trim();
    if is_access_key_id(text) {
        let session = text.starts_with("ASIA");
        let kind = if session { HandleKind::Session } else { HandleKind::Key };
        let key = out.handle(kind, "", text);
        if !session {
            out.described(key, Detail::Kind, "access-key");
        }
        return Some(key);
    }
    let (_, _, vendor, kind) = SHAPES.iter().find(|(begins, length, ..)| {
        text.len() >= *length && text.starts_with(begins) && !text.contains(char::is_whitespace) && is_drawn(text)
    })?;
    let digest = Sha256::digest(text.as_bytes());
    let key = if *vendor == GITHUB {
        out.handle(HandleKind::Key, GITHUB, &base64(&digest))
    } else {
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        out.handle(HandleKind::Key, vendor, &format!("sha256:{hex}"))
    };
    out.described(key, Detail::Kind, kind);
    Some(key)
}

/// `AKIA…` of a user, `ASIA…` of a session.
fn is_access_key_id(text: &str) -> bool {
    let rest = text.strip_prefix("AKIA").or(text.strip_prefix("ASIA"));
    rest.is_some_and(|rest| {
        rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

/// Whether a text can have been drawn at random: one that repeats a letter or two over and over stands for a secret that
/// was taken out.
fn is_drawn(text: &str) -> bool {
    const FEWEST: usize = 8;
    let mut letters: Vec<u8> = text.bytes().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() >= FEWEST && !is_placeholder(text)
}

/// Whether a value only says where the secret is, or that one belongs there.
pub(crate) fn is_placeholder(text: &str) -> bool {
    const BEGIN: &[&str] = &["${", "$", "<", "op://", "keychain:", "vault:", "[masked]", "{{"];
    const HOLD: &[&str] = &["your_", "your-", "yourtoken", "example_token", "changeme", "replace_me", "xxxx", "****"];
    let text = text.trim();
    let small = text.to_ascii_lowercase();
    text.is_empty()
        || super::text::is_masked(text)
        || BEGIN.iter().any(|begin| text.starts_with(begin))
        || HOLD.iter().any(|hold| small.contains(hold))
}

/// Whether the name of a setting says that its value is a secret, or names the one it goes with.
pub(crate) fn names_a_secret(name: &str) -> bool {
    const ENDS: &[&str] = &["token", "secret", "password", "key", "keyid", "pat", "authorization", "credentials"];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// A fingerprint as GitHub writes it, whether its padding was kept or not.
pub(crate) fn padded(fingerprint: &str) -> String {
    const WITHOUT: usize = 43;
    if fingerprint.len() == WITHOUT { format!("{fingerprint}=") } else { fingerprint.to_owned() }
}

/// Encodes base64, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let held = (0..3).fold(0_u32, |held, at| held << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS.get((held >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::writer::FactWriter;

    fn kept(text: &str) -> Option<String> {
        let mut facts = FactWriter::default();
        let key = credential(&mut facts, text)?;
        Some(facts.text(key).to_owned())
    }

    #[test]
    fn github_tokens_join_the_audit_log() {
        let token = ["ghp", "_EXAMPLEonlyNotARealToken0000000000000"].concat();
        let fingerprint = "7tbs4zl3E0fJ1wyWVLYjrvq19V2o5jSB42VB0MmX1Qs=";
        assert_eq!(kept(&token).as_deref(), Some(fingerprint));
        assert_eq!(kept(&format!("Bearer {token}")).as_deref(), Some(fingerprint));
        assert_eq!(padded(fingerprint.trim_end_matches('=')), fingerprint);
        assert_eq!(padded(fingerprint), fingerprint);
    }

    #[test]
    fn what_is_no_secret_leaves_nothing() {
        let zeros = format!("sbp_{}", "0".repeat(40));
        for text in
            ["", "hunter2", "${input:token}", "<YOUR_TOKEN>", "ghp_xxxx", "$GITHUB_TOKEN", "AKIAtooshort", &zeros]
        {
            assert_eq!(kept(text), None, "{text}");
        }
        assert_eq!(kept("AKIAEXAMPLE000000001").as_deref(), Some("AKIAEXAMPLE000000001"));
    }

    #[test]
    fn base64_of_any_length() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
