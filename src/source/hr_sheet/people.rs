//! What a row of an HR report claims: of a worker, of a change, of a team.

use super::days::{day, through};
use super::words::{Change, State};
use super::{Meaning, Sheet, words};
use crate::base::time::{Instant, When};
use crate::fact::claim::{Detail, Ending, Tie};
use crate::fact::handle::{HandleId, HandleKind};
use crate::fact::writer::{FactWriter, Stand};
use crate::source::text::{folded, is_address};
use crate::source::{Reading, Refusal};

/// Writes what a row claims. `realm` is where its numbers mean one person.
pub(crate) fn claim(
    sheet: &Sheet<'_>,
    realm: &str,
    taken: Option<Instant>,
    facts: &mut FactWriter,
) -> Result<Reading, Refusal> {
    facts.snapshot(taken);
    let row = Row { sheet, realm, taken };
    let names_people = [Meaning::Number, Meaning::Email, Meaning::Login].iter().any(|meaning| sheet.has(*meaning));
    match (sheet.get(Meaning::Event), sheet.get(Meaning::Effective)) {
        (Some(event), Some(effective)) => row.change(event, effective, names_people, facts),
        _ if names_people => row.worker(facts),
        _ => row.team(None, facts),
    }
}

/// A row, and where its numbers mean one person.
struct Row<'r> {
    sheet: &'r Sheet<'r>,
    realm: &'r str,
    taken: Option<Instant>,
}

impl Row<'_> {
    /// A day that must be readable if it is there.
    fn day(&self, meaning: Meaning, field: &'static str) -> Result<Option<Instant>, Refusal> {
        const NONE: &[&str] = &["-", "--", "0000-00-00", "n/a", "N/A", "none", "None"];
        let text = self.sheet.get(meaning).filter(|text| !NONE.contains(text));
        text.map(|text| day(text).ok_or(Refusal::Unreadable(field))).transpose()
    }

    fn worker(&self, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let times = self.times()?;
        let who = self.person(facts)?;
        self.belongs(who, facts);
        self.employment(who, times, facts);
        Ok(Reading::Claimed)
    }

    /// The person of a row, under every name it gives: by the number, which the employer gives once; else by the address
    /// or the account's name. A name for display names nobody.
    fn person(&self, facts: &mut FactWriter) -> Result<HandleId, Refusal> {
        let email = self.sheet.get(Meaning::Email).filter(|text| is_address(text)).map(folded);
        let login = self.sheet.get(Meaning::Login).map(login).filter(|login| is_word(login)).map(folded);
        let who = match (self.sheet.get(Meaning::Number).filter(|number| is_number(number)), &email, &login) {
            (Some(number), ..) => {
                let who = facts.handle(HandleKind::UserId, self.realm, number);
                let number = facts.handle(HandleKind::EmployeeId, self.realm, number);
                facts.tied(who, Tie::Named, number);
                who
            }
            (None, Some(name), _) | (None, None, Some(name)) => facts.handle(HandleKind::Login, self.realm, name),
            (None, None, None) => return Err(Refusal::Missing("Employee ID")),
        };
        let mail = email.as_ref().map(|email| facts.handle(HandleKind::Email, "", email));
        let login = login.as_ref().map(|login| facts.handle(HandleKind::Login, self.realm, login));
        for name in [mail, login].into_iter().flatten().filter(|name| *name != who) {
            facts.tied(who, Tie::Named, name);
        }
        self.details(who, facts);
        Ok(who)
    }

    fn details(&self, who: HandleId, facts: &mut FactWriter) {
        let first_last = match (self.sheet.get(Meaning::FirstName), self.sheet.get(Meaning::LastName)) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            _ => None,
        };
        let name = self.sheet.get(Meaning::Name).map(|name| words::unbracketed(name).0);
        facts.described(who, Detail::DisplayName, first_last.as_deref().or(name).unwrap_or_default());
        facts.described(who, Detail::UserType, self.worker_type().unwrap_or_default());
        if self.sheet.get(Meaning::Machine).and_then(words::flag) == Some(true) {
            facts.described(who, Detail::Machine, "integration user");
        }
    }

    fn worker_type(&self) -> Option<&'static str> {
        let hint = self.hint().filter(|hint| *hint == "C").and_then(words::worker_type);
        hint.or_else(|| self.sheet.get(Meaning::WorkerType).and_then(words::worker_type))
    }

    /// What stands in brackets behind the name.
    fn hint(&self) -> Option<&str> {
        self.sheet.get(Meaning::Name).and_then(|name| words::unbracketed(name).1)
    }

    /// Team and manager.
    fn belongs(&self, who: HandleId, facts: &mut FactWriter) {
        if let Some(text) = self.sheet.get(Meaning::Team) {
            let (name, lead) = words::unbracketed(text);
            let team = team(facts, name);
            facts.tied(who, Tie::MemberOf, team);
            lead_in_brackets(team, lead, facts);
        }
        if let Some(manager) = self.manager(facts).filter(|manager| *manager != who) {
            facts.tied(who, Tie::ReportsTo, manager);
        }
    }

    /// The manager, by number, else by address, else by a name, which is good only where one person alone has it.
    fn manager(&self, facts: &mut FactWriter) -> Option<HandleId> {
        let written = self.sheet.get(Meaning::Manager);
        let id = self.sheet.get(Meaning::ManagerId).filter(|_| !self.sheet.has(Meaning::Login));
        if let Some(number) =
            self.sheet.get(Meaning::ManagerNumber).or(id).or(written).filter(|number| is_number(number))
        {
            return Some(facts.handle(HandleKind::UserId, self.realm, number));
        }
        if let Some(email) = self.sheet.get(Meaning::ManagerEmail).or(written).filter(|text| is_address(text)) {
            return Some(facts.handle(HandleKind::Login, "", &folded(email)));
        }
        let (name, _) = words::unbracketed(written?);
        Some(facts.handle(HandleKind::DisplayName, "", name))
    }

    /// When somebody began, and their last day with the way it is told.
    fn times(&self) -> Result<Times, Refusal> {
        let plain = |meaning| (!self.sheet.of_absences).then_some(meaning);
        let hired = match self.day(Meaning::Hired, "Hire Date")? {
            None => plain(Meaning::PlainStart).and_then(|meaning| self.sheet.get(meaning)).and_then(day),
            hired => hired,
        };
        let mut last = None;
        for meaning in
            [Some(Meaning::LastDay), Some(Meaning::Ended), Some(Meaning::ContractEnd), plain(Meaning::PlainEnd)]
        {
            if let (None, Some(meaning)) = (last, meaning) {
                last = self.day(meaning, "Last Day of Work")?.map(|day| (day, meaning == Meaning::ContractEnd));
            }
        }
        Ok(Times { hired, last })
    }

    /// Whether somebody works here, and since when not.
    ///
    /// A last day says so whatever the state: a report made before it still has the worker as active. Only who began
    /// again after it is back. Wrong where a last day was put off and the report is older than that.
    fn employment(&self, who: HandleId, times: Times, facts: &mut FactWriter) {
        if let Some(hired) = times.hired {
            facts.described(who, Detail::Born, &hired.to_string());
        }
        let state = self.state();
        let Some((last, of_contract)) = times.last else {
            match state {
                Some(State::Left) => facts.ended(who, self.ending(false), None),
                Some(state) => facts.described(who, Detail::Employment, state.word()),
                None if self.sheet.of_absences => self.absence(who, facts),
                None => {}
            }
            return;
        };
        facts.dated(When::at(through(last)));
        facts.ended(who, self.ending(of_contract), None);
        let back = times.hired.is_some_and(|hired| hired > last);
        if let (Some(hired), Some(State::Active | State::Unavailable)) | (Some(hired), None) = (times.hired, state) {
            facts.dated(When::at(hired));
            facts.described(who, Detail::Employment, State::Active.word());
        }
        if let (true, Some(State::Unavailable)) = (back, state) {
            facts.snapshot(self.taken);
            facts.described(who, Detail::Employment, State::Unavailable.word());
        }
    }

    /// An absence from a report of absences: its first day and, where it is told, its last. What for is not read.
    fn absence(&self, who: HandleId, facts: &mut FactWriter) {
        if let Some(start) = self.sheet.get(Meaning::PlainStart).and_then(day) {
            facts.dated(When::at(start));
            facts.described(who, Detail::Employment, State::Unavailable.word());
        }
        if let Some(end) = self.sheet.get(Meaning::PlainEnd).and_then(day) {
            facts.dated(When::at(through(end).plus_millis(1)));
            facts.described(who, Detail::Employment, State::Active.word());
        }
    }

    fn state(&self) -> Option<State> {
        let away = self.sheet.get(Meaning::Away).and_then(words::flag).unwrap_or_default();
        let told =
            self.sheet.get(Meaning::Status).and_then(words::state).or_else(|| self.hint().and_then(words::state));
        let flag = self.sheet.get(Meaning::Active).and_then(words::flag);
        match told.or(flag.map(|active| if active { State::Active } else { State::Left })) {
            Some(State::Left) => Some(State::Left),
            _ if away => Some(State::Unavailable),
            state => state,
        }
    }

    fn ending(&self, of_contract: bool) -> Ending {
        let contractor = self.worker_type() == Some(words::CONTRACTOR);
        if of_contract || contractor { Ending::ContractEnded } else { Ending::Terminated }
    }

    /// Something that happened to a worker or a team on a day.
    fn change(
        &self,
        event: &str,
        effective: &str,
        names_people: bool,
        facts: &mut FactWriter,
    ) -> Result<Reading, Refusal> {
        let Some(change) = words::change(event) else { return Ok(Reading::SetAside("a change of another kind")) };
        let status = self.sheet.get(Meaning::EventStatus).or(self.sheet.get(Meaning::Status));
        if !words::is_done(status) {
            return Ok(Reading::SetAside("a change that was not carried out"));
        }
        let on = day(effective).ok_or(Refusal::Unreadable("Effective Date"))?;
        if change == Change::TeamEnded {
            return self.team(Some(on), facts);
        }
        if !names_people {
            return Err(Refusal::Missing("Employee ID"));
        }
        let last = self.day(Meaning::LastDay, "Last Day of Work")?.unwrap_or(on);
        facts.dated(When::at(on));
        let who = self.person(facts)?;
        match change {
            Change::Hired | Change::CameBack => facts.described(who, Detail::Employment, State::Active.word()),
            Change::WentAway => facts.described(who, Detail::Employment, State::Unavailable.word()),
            Change::Terminated | Change::ContractEnded => {
                facts.dated(When::at(through(last)));
                facts.ended(who, self.ending(change == Change::ContractEnded), None);
            }
            Change::Moved | Change::TeamEnded => {}
        }
        if matches!(change, Change::Hired | Change::Moved) {
            self.moved(who, on, facts);
        }
        Ok(Reading::Claimed)
    }

    /// Team and manager from a day on, and the team before, until the day before.
    fn moved(&self, who: HandleId, on: Instant, facts: &mut FactWriter) {
        if let Some(before) = self.sheet.get(Meaning::TeamBefore) {
            let (name, lead) = words::unbracketed(before);
            facts.dated(When::at(on.plus_millis(-1)));
            let team = team(facts, name);
            facts.tied(who, Tie::MemberOf, team);
            lead_in_brackets(team, lead, facts);
        }
        facts.dated(When::at(on));
        self.belongs(who, facts);
    }

    /// A team: who leads it, and when it was dissolved.
    fn team(&self, ended: Option<Instant>, facts: &mut FactWriter) -> Result<Reading, Refusal> {
        let text = self.sheet.get(Meaning::Team).ok_or(Refusal::Missing("Employee ID"))?;
        let (name, lead) = words::unbracketed(text);
        let told = self.day(Meaning::TeamEnd, "Inactivation Date")?;
        let team = team(facts, name);
        let inactive = self.sheet.get(Meaning::TeamInactive).and_then(words::flag) == Some(true);
        let lead_text = self.sheet.get(Meaning::TeamLead);
        match lead_text.map(|text| facts.handle(HandleKind::DisplayName, "", words::unbracketed(text).0)) {
            Some(lead) => facts.tied(team, Tie::ReportsTo, lead),
            None => match self.manager(facts) {
                Some(lead) => facts.tied(team, Tie::ReportsTo, lead),
                None => lead_in_brackets(team, lead, facts),
            },
        }
        if let Some(on) = told.or(ended) {
            facts.dated(When::at(on));
            facts.ended(team, Ending::Deactivated, None);
        } else if inactive {
            facts.ended(team, Ending::Deactivated, None);
        }
        Ok(Reading::Claimed)
    }
}

/// When somebody began, and their last day; whether that is the end of a contract.
#[derive(Clone, Copy)]
struct Times {
    hired: Option<Instant>,
    last: Option<(Instant, bool)>,
}

/// A team by its name, which has no realm: directories that one HR system fills write it alike.
fn team(facts: &mut FactWriter, name: &str) -> HandleId {
    facts.handle(HandleKind::Team, "", name)
}

/// The manager that stands in brackets behind a team's name. Wrong where something else stands there; that is then no
/// person's name.
fn lead_in_brackets(team: HandleId, lead: Option<&str>, facts: &mut FactWriter) {
    const NO_NAMES: &[&str] = &["inherited", "inactive", "unavailable"];
    if let Some(lead) = lead.filter(|lead| !NO_NAMES.contains(&lead.to_ascii_lowercase().as_str())) {
        let lead = facts.handle(HandleKind::DisplayName, "", lead);
        facts.tied(team, Tie::ReportsTo, lead);
    }
}

/// The name of an account, before a name for people: `mholt / Mira Holt`.
pub(crate) fn login(text: &str) -> &str {
    text.split(" / ").next().unwrap_or(text).trim()
}

/// Whether a text can be somebody's number: it has digits, no at sign and no white space.
fn is_number(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && is_word(text) && !text.contains('@') && text.len() <= 64
}

/// Whether a text is one word.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}
