//! Joins: what we conclude to be the same, by which rule, with which grade. And conflicts: what we keep apart.

use super::grade::Grade;
use crate::base::origin::EvidenceId;
use crate::fact::handle::HandleId;

/// Two handles that we take for the same, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Join {
    /// The first handle.
    pub a: HandleId,
    /// The second handle.
    pub b: HandleId,
    /// The rule.
    pub rule: Rule,
    /// How good it is.
    pub grade: Grade,
    /// The records that say what the rule needs: of the first handle, of the second.
    pub records: [EvidenceId; 2],
}

/// Something that looked alike and was not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conflict {
    /// The name that both have.
    pub name: HandleId,
    /// The first who has it.
    pub a: HandleId,
    /// The second who has it.
    pub b: HandleId,
}

/// The rules by which names are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// One directory's record of a user carries the lasting id that the other directory gave to the same user (a
    /// provisioning id, `externalId`).
    ///
    /// Wrong when somebody edited the id by hand in the receiving directory, which takes its administrator.
    ProvisioningId,
    /// A user name or address in one realm is the user name or address of exactly one user of another realm at that
    /// time: a mail-like name that a sign-in passes from an identity provider to what trusts it.
    ///
    /// Wrong when an address was given to somebody else and the records do not reach back to the change, or when the
    /// two realms belong to two companies that happen to share a domain.
    EqualLogin,
    /// A user name that an export gives without its realm is taken for the only realm of its kind in the bundle.
    ///
    /// Wrong when the bundle holds records of a second realm of that kind whose directory nobody exported.
    OnlyRealm,
    /// Two accounts of one directory carry the same employee number, one after the other: the person came back.
    ///
    /// Wrong when the employer gives numbers again.
    EmployeeNumber,
    /// Two directories (an HR system and an identity provider, say) number their people alike: at least three people have
    /// both the same address and the same number in both, and nobody has the same address and another number. Then the
    /// one holder of a number in each is one person, also where the addresses differ (a person who was renamed).
    ///
    /// Wrong when a number was given to somebody else and only one of the two directories reaches back to the change.
    SharedNumbering,
    /// A cloud user, at which a person signs in, is named after the address of exactly one person of the directory.
    /// The name was set by an administrator.
    ///
    /// Wrong when an administrator made the user for somebody else under that person's name.
    UserNamedAfterPerson,
    /// A service account of a cluster whose tokens no record tells the issuer of, and the subject of the same name at the
    /// only issuer in the bundle that signs such a subject.
    ///
    /// Wrong when a second cluster has a service account of that name, and only its tokens, or only its own records, are in
    /// the bundle.
    OnlyIssuer,
    /// A service account and the subject of the same name, where several clusters or issuers have that name: the cluster's
    /// own record lets this one be the very role that this subject became.
    ///
    /// Wrong when somebody writes another cluster's role on a service account of the same name, and the records of that
    /// other cluster are not in the bundle.
    SameRole,
    /// Two spellings of one name by the same system (with and without a path, in another case).
    ///
    /// Wrong only where that system tells names apart by case.
    SameName,
}

impl Rule {
    /// The word for it, as machine output writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProvisioningId => "provisioning-id",
            Self::EqualLogin => "equal-login",
            Self::OnlyRealm => "only-realm",
            Self::EmployeeNumber => "employee-number",
            Self::SharedNumbering => "shared-numbering",
            Self::UserNamedAfterPerson => "user-named-after-person",
            Self::OnlyIssuer => "only-issuer",
            Self::SameRole => "same-role",
            Self::SameName => "same-name",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ProvisioningId => "the directory carries the other directory's id of the user",
            Self::EqualLogin => "the same address or login, which one user has in each system",
            Self::OnlyRealm => "the only directory of its kind in the bundle",
            Self::EmployeeNumber => "the same employee number, one account after the other",
            Self::SharedNumbering => "the same employee number, in two directories that number their people alike",
            Self::UserNamedAfterPerson => "a user that a person signs in to, named after that person's address",
            Self::OnlyIssuer => "the subject of that name at the only issuer in the bundle that signs one",
            Self::SameRole => "the service account that may be the role which the subject of that name became",
            Self::SameName => "two spellings of one name",
        }
    }
}
