//! The words of HR reports: states, kinds of workers, kinds of changes. They are read into a few words of ours, and their
//! own are not kept: what an absence is for is nobody's business here.

use super::columns::plain;

/// Whether somebody works here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Unavailable,
    Left,
}

impl State {
    /// The word for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unavailable => "unavailable",
            Self::Left => "left",
        }
    }
}

/// The state that a word tells. `None` where it tells none, also of who has not begun yet.
pub(super) fn state(word: &str) -> Option<State> {
    const AWAY: &[&str] =
        &["onleave", "leaveof", "paidleave", "absen", "suspend", "sabbatical", "furlough", "parental"];
    const GONE: &[&str] = &["terminat", "inactive", "separated", "former", "leaver", "resigned", "retired", "deceased"];
    let plain = plain(word);
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    match plain.as_str() {
        "active" | "a" | "current" | "employed" | "working" | "regular" => Some(State::Active),
        "leave" | "l" => Some(State::Unavailable),
        "left" | "ended" | "t" => Some(State::Left),
        _ if has(GONE) => Some(State::Left),
        _ if has(AWAY) => Some(State::Unavailable),
        _ if plain.starts_with("active") => Some(State::Active),
        _ => None,
    }
}

/// A yes or a no.
pub(super) fn flag(word: &str) -> Option<bool> {
    match plain(word).as_str() {
        "yes" | "y" | "true" | "1" | "inactive" => Some(true),
        "no" | "n" | "false" | "0" | "active" => Some(false),
        _ => None,
    }
}

/// `contractor` for everybody whose time is under a contract with somebody else, else `employee`; `None` where the word
/// tells neither.
pub(super) fn worker_type(word: &str) -> Option<&'static str> {
    const OUTSIDE: &[&str] =
        &["contingent", "contractor", "contracted", "consultant", "freelance", "agency", "vendor", "external"];
    const INSIDE: &[&str] = &["employee", "regular", "permanent", "fulltime", "parttime", "temporary", "intern"];
    let plain = plain(word);
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    match () {
        () if has(OUTSIDE) || plain == "c" => Some(CONTRACTOR),
        () if has(INSIDE) => Some("employee"),
        () => None,
    }
}

/// The word for somebody whose time is under a contract with somebody else.
pub(super) const CONTRACTOR: &str = "contractor";

/// What a change is, by the name of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Hired,
    Moved,
    WentAway,
    CameBack,
    Terminated,
    ContractEnded,
    TeamEnded,
}

/// The kind of a change. `None` for those that tell nothing of who is there, where, and under whom.
pub(super) fn change(name: &str) -> Option<Change> {
    let plain = plain(name);
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    match () {
        () if has(&["inactivateorganization", "dissolve", "closeorganization", "divideorganization"]) => {
            Some(Change::TeamEnded)
        }
        () if has(&["endcontingentworkercontract", "endcontract", "contractend"]) => Some(Change::ContractEnded),
        () if has(&["terminat", "separat", "resign", "offboard"]) => Some(Change::Terminated),
        () if has(&["leave", "absence"]) && has(&["return"]) => Some(Change::CameBack),
        () if has(&["leave", "absence"]) => Some(Change::WentAway),
        () if has(&["hire", "contractcontingentworker", "onboard"]) => Some(Change::Hired),
        () if has(&["transfer", "changejob", "jobchange", "move", "promot", "changeorganization", "reorg"]) => {
            Some(Change::Moved)
        }
        () => None,
    }
}

/// Whether a change was carried out. Without a word for it a report of changes holds those that were.
pub(super) fn is_done(status: Option<&str>) -> bool {
    let status = status.map(plain).unwrap_or_default();
    !["cancel", "rescind", "denied", "progress", "correct", "notstarted", "fail"]
        .iter()
        .any(|part| status.contains(part))
}

/// A name without what HR systems write behind it in brackets, and what that was.
pub(super) fn unbracketed(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    let open = match name.chars().next_back() {
        Some(')') => name.rfind('('),
        Some(']') => name.rfind('['),
        _ => None,
    };
    match open.filter(|open| *open > 0).and_then(|open| Some((name.get(..open)?, name.get(open + 1..name.len() - 1)?)))
    {
        Some((before, inside)) => (before.trim_end(), Some(inside.trim()).filter(|inside| !inside.is_empty())),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        for word in ["Active", "ACTIVE", "a", "Active - Payroll Eligible"] {
            assert_eq!(state(word), Some(State::Active), "{word}");
        }
        for word in ["On Leave", "Leave of Absence", "Suspended", "L"] {
            assert_eq!(state(word), Some(State::Unavailable), "{word}");
        }
        for word in ["Terminated", "INACTIVE", "Former employee", "Leaver"] {
            assert_eq!(state(word), Some(State::Left), "{word}");
        }
        for word in ["Pre-hire", "INIT", "Successfully Completed", ""] {
            assert_eq!(state(word), None, "{word}");
        }
    }

    #[test]
    fn brackets_behind_names() {
        assert_eq!(unbracketed("Tom Arai (Terminated)"), ("Tom Arai", Some("Terminated")));
        assert_eq!(unbracketed("Jo Ferro [C]"), ("Jo Ferro", Some("C")));
        assert_eq!(unbracketed("Claims Platform (Anna Lind)"), ("Claims Platform", Some("Anna Lind")));
        assert_eq!(unbracketed("(C)"), ("(C)", None));
        assert_eq!(unbracketed("Mira Holt"), ("Mira Holt", None));
        assert_eq!(unbracketed("Ö()"), ("Ö", None));
    }

    #[test]
    fn changes_of_interest() {
        assert_eq!(change("End Contingent Worker Contract"), Some(Change::ContractEnded));
        assert_eq!(change("Terminate Employee"), Some(Change::Terminated));
        assert_eq!(change("Contract Contingent Worker"), Some(Change::Hired));
        assert_eq!(change("Return Worker from Leave"), Some(Change::CameBack));
        assert_eq!(change("Request Leave of Absence"), Some(Change::WentAway));
        assert_eq!(change("Move to New Manager"), Some(Change::Moved));
        assert_eq!(change("Inactivate Organization"), Some(Change::TeamEnded));
        assert_eq!(change("Request Compensation Change"), None);
    }
}
