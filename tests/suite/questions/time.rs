//! Questions about a time: what it is, and that it restricts the answer without hiding anything.

use footnote::Question;
use footnote::passage::{Answer, NewDocument, Reason, TimeOutcome};
use serde_json::Value;

use super::Figures;
use crate::harness::temporary;

/// What is wrong with the answer to a question about a time.
fn wrong(question: &Value, answer: &Answer) -> Option<String> {
    let time = answer.time.as_ref();
    let text = &question["time"];
    if text.is_null() {
        if let Some(time) = time.filter(|time| time.outcome == TimeOutcome::Outside || time.newest) {
            return Some(format!("it asks for no time, not {time:?}"));
        }
    } else if let Some(time) = time {
        let is_same = |own: &Option<String>, wanted: &Value| own.as_deref() == wanted.as_str();
        let is_newest = text["newest"] == true;
        let is_it = time.newest == is_newest
            && (is_newest || is_same(&time.since, &text["since"]) && is_same(&time.until, &text["until"]));
        if !is_it {
            return Some(format!("the time is {time:?}"));
        }
    } else if !(question["evidence"].is_null() && question.get("outside").is_none()) {
        return Some("no time".into());
    }
    let Some(evidence) = question["evidence"].as_str() else {
        if answer.answerable {
            return Some(format!("answered: {}", answer.text));
        }
        let outside = question["outside"].as_str().unwrap_or_default();
        let is_shown = answer.citations.iter().any(|citation| citation.passage.text.contains(outside));
        return (!is_shown).then(|| format!("{outside} is not shown"));
    };
    let is_first = answer.sentences.first().is_some_and(|sentence| sentence.text.contains(evidence));
    (!is_first).then(|| format!("{} {:?}", answer.text, answer.notice))
}

#[test]
fn questions_about_a_time_are_answered_from_documents_of_that_time() {
    Figures::of("time", wrong).hold(28, 27);
}

#[test]
fn a_time_hides_nothing_silently() {
    let footnote = temporary(|_| {});
    let document = |id: &str, published: Option<&str>, text: &str| NewDocument {
        id: Some(id.into()),
        title: Some(id.into()),
        text: text.into(),
        published: published.map(Into::into),
        ..NewDocument::default()
    };
    let ask = |text: &str| {
        let now = Some("2026-11-27".parse().unwrap());
        footnote.ask(&Question { text: text.into(), now, ..Question::default() }).unwrap()
    };
    footnote
        .ingest_quiet(vec![
            document("old", Some("2026-03-02"), "The council of Maris set the harbour fee at 40 crowns."),
            document("undated", None, "The harbour of Maris was built by Dutch engineers."),
            document("other", Some("2026-11-25"), "The library of Maris bought new chairs."),
        ])
        .unwrap();
    let answer = ask("What harbour fee did the council of Maris set this week?");
    assert!(!answer.answerable && answer.citations.iter().any(|citation| citation.passage.document.id == "old"));
    assert_eq!(answer.notice.unwrap().reason, Reason::OutsideTime);
    let time = answer.time.unwrap();
    assert_eq!((time.since.as_deref(), time.undated, time.outcome), (Some("2026-11-23"), 1, TimeOutcome::Outside));
    assert!(answer.notes[0].text.contains('1'), "{:?}", answer.notes);
    let answer = ask("What harbour fee did the council of Maris set since March?");
    assert!(answer.answerable && answer.text.contains("40 crowns"), "{}", answer.text);
    assert!(answer.notes[0].text.starts_with("From documents since 2026-03-01"), "{:?}", answer.notes);
    footnote.delete("old").unwrap();
    footnote.delete("other").unwrap();
    let answer = ask("Who built the harbour of Maris last year?");
    assert_eq!(answer.time.unwrap().outcome, TimeOutcome::NoDates);
    assert!(answer.answerable && answer.text.contains("Dutch engineers"), "without dates nothing is left out");
}
