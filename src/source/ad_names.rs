//! How Active Directory writes names: security ids, object ids, distinguished names, accounts of a domain. Shared by the
//! directory and the Windows events.
//!
//! References: learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers and
//! learn.microsoft.com/openspecs/windows_protocols/ms-dtyp (the bytes of a SID and of a GUID).

use crate::fact::claim::{Detail, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::Stand;
use crate::source::text::folded;

/// The realm of security ids, which no two domains share.
pub(crate) const AD: &str = "ad";

/// The realm of hosts, by the first label of their name.
pub(crate) const HOST: &str = "host";

/// An account by its security id: a person's or service's user, or, of a name with `$`, what no human logs on as.
/// `None` where the text is no security id. The system itself is a service.
pub(crate) fn account(out: &mut impl Stand, sid: &str, is_machine_name: bool) -> Option<HandleId> {
    if is_machine(sid) {
        return Some(out.handle(HandleKind::Service, AD, sid));
    }
    is_sid(sid).then(|| {
        let kind = if is_machine_name { HandleKind::PrincipalId } else { HandleKind::UserId };
        out.handle(kind, AD, sid)
    })
}

/// Whether a security id is the system's, a service's of the system, or nobody's.
pub(crate) fn is_machine(sid: &str) -> bool {
    matches!(sid, "S-1-0-0" | "S-1-5-7" | "S-1-5-18" | "S-1-5-19" | "S-1-5-20")
        || ["S-1-5-80-", "S-1-5-90-", "S-1-5-96-"].iter().any(|prefix| sid.starts_with(prefix))
}

/// Whether a text is the security id of an account of a domain or computer.
pub(crate) fn is_sid(text: &str) -> bool {
    let rest = text.strip_prefix("S-1-5-21-");
    rest.is_some_and(|rest| rest.split('-').count() == 4 && rest.split('-').all(|part| part.parse::<u32>().is_ok()))
}

/// The name of an account in its domain. It may be given again after a deletion.
pub(crate) fn named(out: &mut impl Stand, who: HandleId, domain: &str, name: &str) {
    let login = out.handle(HandleKind::Login, &format!("{AD}:{}", folded(domain)), &folded(name));
    out.tied(who, Tie::Named, login);
    if name.ends_with('$') {
        out.described(who, Detail::DisplayName, name);
    }
}

/// A security id from its bytes.
pub(crate) fn sid(bytes: &[u8]) -> Option<String> {
    let [1, count, authority @ ..] = bytes else { return None };
    let (authority, rest) = authority.split_at_checked(6)?;
    if rest.len() != usize::from(*count) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let parts = rest.chunks_exact(4).map(|part| part.iter().rev().fold(0_u32, |n, byte| n << 8 | u32::from(*byte)));
    Some(parts.fold(format!("S-1-{authority}"), |text, part| format!("{text}-{part}")))
}

/// An object id from its bytes, of which the first three groups stand with the lowest byte first.
pub(crate) fn guid(bytes: &[u8]) -> Option<String> {
    let bytes: &[u8; 16] = bytes.try_into().ok()?;
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let mut text = String::with_capacity(36);
    for (at, from) in order.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{:02x}", bytes.get(*from)?));
    }
    Some(text)
}

/// The domain that a distinguished name ends in: `corp.example.com` of `CN=…,DC=corp,DC=example,DC=com`.
pub(crate) fn domain(dn: &str) -> Option<String> {
    let parts = dn.split(',').filter_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case("DC").then(|| value.trim().to_lowercase())
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// Whether a text is a network address of somewhere else.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok_and(|address| !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_their_bytes() {
        let bytes = [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
        assert_eq!(guid(&bytes).as_deref(), Some("00112233-4455-6677-8899-aabbccddeeff"));
        assert_eq!(guid(&bytes[1..]), None);
        let bytes = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x51, 4, 0, 0];
        assert_eq!(sid(&bytes).as_deref(), Some("S-1-5-21-1-2-3-1105"));
        assert_eq!(sid(&bytes[..20]), None);
        assert!(
            is_sid("S-1-5-21-1-2-3-1105") && !is_sid("S-1-5-18") && !is_sid("S-1-5-21-1-2") && is_machine("S-1-5-18")
        );
    }

    #[test]
    fn domains_of_distinguished_names() {
        let dn = "CN=Holt\\, Mira,OU=Claims,DC=corp,DC=Example,DC=com";
        assert_eq!(domain(dn).as_deref(), Some("corp.example.com"));
        assert_eq!(domain("CN=Holt"), None);
    }
}
