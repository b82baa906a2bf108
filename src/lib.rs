//! `clutch` names the accountable human behind an agent, from exported audit logs.
