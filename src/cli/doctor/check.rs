//! The result of a check, and its output.

use std::fmt::Write;

use crate::Error;
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::term::{Role, Style};
use crate::display::one_line;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    /// What was checked.
    name: &'static str,
    /// The result.
    state: State,
    /// The result in words.
    told: String,
    /// What to do about it.
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    /// A remark.
    Note,
    /// A problem, with its exit status.
    Wrong(Exit),
}

impl Check {
    /// No problem.
    pub(super) fn well(name: &'static str, told: impl Into<String>) -> Self {
        Self { name, state: State::Well, told: told.into(), hint: None }
    }

    /// A remark.
    pub(super) fn note(name: &'static str, told: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: State::Note, told: told.into(), hint: Some(hint.into()) }
    }

    /// A problem.
    pub(super) fn wrong(name: &'static str, exit: Exit, told: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: State::Wrong(exit), told: told.into(), hint: Some(hint.into()) }
    }

    /// A problem that is an error of the library.
    pub(super) fn failed(name: &'static str, error: &Error) -> Self {
        Self { name, state: State::Wrong(Exit::of(error)), told: error.to_string(), hint: error.hint() }
    }
}

/// The exit status for all of them: that of the first that is wrong.
pub(super) fn exit(checks: &[Check]) -> Exit {
    let wrong = |check: &Check| match check.state {
        State::Wrong(exit) => Some(exit),
        State::Well | State::Note => None,
    };
    checks.iter().find_map(wrong).unwrap_or(Exit::Done)
}

/// A line for each check, below it what to do, if anything. `unicode` is whether the marks may be other than ASCII.
pub(super) fn render(checks: &[Check], unicode: bool, style: Style) -> String {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
    checks.iter().fold(String::new(), |mut text, check| {
        let (mark, role) = match (check.state, unicode) {
            (State::Well, true) => ("✓", Role::Quote),
            (State::Well, false) => ("+", Role::Quote),
            (State::Note, _) => ("!", Role::Mark),
            (State::Wrong(_), true) => ("✗", Role::Title),
            (State::Wrong(_), false) => ("x", Role::Title),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {:<width$}  {}", style.paint(role, mark), check.name, one_line(&check.told));
        if let Some(hint) = &check.hint {
            let hint = format!("hint: {}", one_line(hint));
            let _ = writeln!(text, "  {:<width$}  {}", "", style.paint(Role::Context, &hint));
        }
        text
    })
}

pub(super) fn json(checks: &[Check]) -> Value {
    let one = |check: &Check| {
        let state = match check.state {
            State::Well => "ok",
            State::Note => "note",
            State::Wrong(_) => "wrong",
        };
        json!({ "name": check.name, "state": state, "told": check.told, "hint": check.hint })
    };
    json!({ "ok": exit(checks) == Exit::Done, "checks": checks.iter().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Vec<Check> {
        vec![
            Check::well("settings", "the defaults"),
            Check::note("index", "nothing was ingested yet", "ingest something"),
            Check::wrong("model", Exit::Model, "a\nb\u{1b}", "fetch it"),
            Check::wrong("store", Exit::Index, "c", "d"),
        ]
    }

    #[test]
    fn each_check_has_a_line_and_what_to_do_below() {
        let expected = "\
✓ settings  the defaults
! index     nothing was ingested yet
            hint: ingest something
✗ model     a b\u{fffd}
            hint: fetch it
✗ store     c
            hint: d
";
        assert_eq!(render(&checks(), true, Style::PLAIN), expected);
        let ascii = render(&checks()[..1], false, Style::PLAIN);
        assert_eq!(ascii, "+ settings  the defaults\n");
    }

    #[test]
    fn the_exit_status_is_that_of_the_first_that_is_wrong() {
        assert_eq!(exit(&checks()), Exit::Model);
        assert_eq!(exit(&checks()[..2]), Exit::Done);
        assert_eq!(json(&checks())["ok"], false);
        assert_eq!(json(&checks()[..2])["ok"], true);
        assert_eq!(json(&checks())["checks"][1]["state"], "note");
    }
}
