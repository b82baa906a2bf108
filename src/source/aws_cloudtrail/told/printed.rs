//! Structures as query engines print them: `{type=AssumedRole, arn=…, sessioncontext={attributes={…}}}`, lists in
//! brackets, `null` for what is absent.

use serde_json::{Map, Value};

/// How deep structures may nest.
const DEEPEST: usize = 8;

/// Reads a structure or list. `None` where the text is not of this form, or says something twice.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut rest = text.trim();
    let value = value(&mut rest, DEEPEST)?;
    rest.is_empty().then_some(value)
}

fn value(rest: &mut &str, deep: usize) -> Option<Value> {
    let deep = deep.checked_sub(1)?;
    if let Some(inside) = rest.strip_prefix('{') {
        *rest = inside;
        return structure(rest, deep);
    }
    if let Some(inside) = rest.strip_prefix('[') {
        *rest = inside;
        return list(rest, deep);
    }
    let end = end(rest);
    let (text, behind) = rest.split_at_checked(end)?;
    *rest = behind;
    Some(if text == "null" { Value::Null } else { Value::from(text) })
}

fn structure(rest: &mut &str, deep: usize) -> Option<Value> {
    let mut fields = Map::new();
    while !closes(rest, '}') {
        let (key, behind) = rest.split_once('=').filter(|(key, _)| is_key(key))?;
        *rest = behind;
        let value = value(rest, deep)?;
        if fields.insert(key.to_owned(), value).is_some() {
            return None;
        }
        next(rest, '}')?;
    }
    Some(Value::Object(fields))
}

fn list(rest: &mut &str, deep: usize) -> Option<Value> {
    let mut elements = Vec::new();
    while !closes(rest, ']') {
        elements.push(value(rest, deep)?);
        next(rest, ']')?;
    }
    Some(Value::Array(elements))
}

fn closes(rest: &mut &str, bracket: char) -> bool {
    rest.strip_prefix(bracket).is_some_and(|behind| {
        *rest = behind;
        true
    })
}

/// Goes on behind a comma; before the closing bracket it stays.
fn next(rest: &mut &str, bracket: char) -> Option<()> {
    match rest.strip_prefix(", ") {
        Some(behind) => *rest = behind,
        None if rest.starts_with(bracket) => {}
        None => return None,
    }
    Some(())
}

/// Where a plain value ends: before a bracket, or before a comma behind which another field or element begins.
fn end(text: &str) -> usize {
    let bracket = text.find(['}', ']']).unwrap_or(text.len());
    text.find(", ").filter(|comma| *comma < bracket).unwrap_or(bracket)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Option<String> {
        parse(text).map(|value| value.to_string())
    }

    #[test]
    fn structures_and_lists() {
        let identity =
            "{type=AssumedRole, principalid=AROA1:a=b@example.com, username=null, sessioncontext={attributes={}}}";
        let read = r#"{"principalid":"AROA1:a=b@example.com","sessioncontext":{"attributes":{}},"type":"AssumedRole","username":null}"#;
        assert_eq!(json(identity).as_deref(), Some(read));
        assert_eq!(json("[{arn=x, type=null}, {arn=y}]").as_deref(), Some(r#"[{"arn":"x","type":null},{"arn":"y"}]"#));
        assert_eq!(json("{}").as_deref(), Some("{}"));
    }

    #[test]
    fn what_is_ambiguous_or_cut_is_nothing() {
        for text in [
            "{type=Root, type=IAMUser}",
            "{type=Root",
            "{type=Root} x",
            "{a, b=c}",
            "{=x}",
            "{a={b={c={d={e={f={g={h={}}}}}}}}}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
