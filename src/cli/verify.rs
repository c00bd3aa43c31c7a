//! `footnote verify`: checks the index for damage.

use crate::footnote::Verification;
use clap::Args;
use serde_json::json;

use super::{Exit, Session};
use crate::cli::facts::counted;
use crate::display::one_line;

const AFTER_HELP: &str = "\
Examples:
  footnote verify
  footnote verify --json | jq '.problems[]'

It reads the whole index and changes nothing. The exit status is 4 if there is a problem.";

/// Check the stored documents and the indexes for damage
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyArgs {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &VerifyArgs, session: &Session) -> anyhow::Result<Exit> {
    let found = session.open_to_read()?.verify()?;
    if args.json {
        session.print_json(&json!({
            "documents": found.documents,
            "passages": found.passages,
            "sentences": found.sentences,
            "notes": found.notes,
            "problems": found.problems,
        }))?;
    } else {
        session.print(&render(&found))?;
    }
    Ok(if found.problems.is_empty() { Exit::Done } else { Exit::Index })
}

fn render(found: &Verification) -> String {
    let checked = [
        counted(found.documents, "document"),
        counted(found.passages, "passage"),
        counted(found.sentences, "sentence"),
    ];
    let problems = match found.problems.len() {
        0 => "no problems".to_owned(),
        count => counted(count, "problem"),
    };
    let notes = found.notes.iter().map(|note| format!("note: {}", one_line(note)));
    let lines = notes.chain(found.problems.iter().map(|problem| format!("problem: {}", one_line(problem))));
    std::iter::once(format!("checked {}: {problems}", checked.join(", ")))
        .chain(lines)
        .map(|line| line + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(problems: &[&str]) -> Verification {
        let problems = problems.iter().map(|&problem| problem.to_owned()).collect();
        Verification { documents: 8, passages: 95, sentences: 1, notes: Vec::new(), problems }
    }

    #[test]
    fn all_well_is_one_line() {
        assert_eq!(render(&found(&[])), "checked 8 documents, 95 passages, 1 sentence: no problems\n");
    }

    #[test]
    fn each_problem_has_its_line() {
        let text = render(&found(&["passage 3 has\nno vector", "b"]));
        assert!(text.ends_with(": 2 problems\nproblem: passage 3 has no vector\nproblem: b\n"), "{text}");
    }
}
