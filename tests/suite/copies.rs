//! Copies of one text share one place among the citations, and stay countable.

use footnote::passage::NewDocument;
use footnote::{Footnote, Question};

use crate::harness::temporary;

const TEXT: &str = "The lighthouse at Carn Head was automated in 1987. Its lamp is visible for twenty-one miles.";
const QUESTION: &str = "Tell me about the Carn Head lighthouse";

fn named(id: &str, title: &str, text: &str) -> NewDocument {
    NewDocument { id: Some(id.into()), title: Some(title.into()), text: text.into(), ..NewDocument::default() }
}

/// A collection with this many copies and five other documents on the subject.
fn collection(copies: usize) -> Footnote {
    let footnote = temporary(|_| {});
    let copy = |n: usize| named(&format!("copy{n}"), &format!("Export {n}"), TEXT);
    let mut documents: Vec<NewDocument> = (0..copies).map(copy).collect();
    for (n, text) in [
        "Ida Pell was the last keeper of the Carn Head lighthouse.",
        "The Carn Head lighthouse was painted white in 1950.",
        "A storm broke the lantern of the lighthouse at Carn Head in 1962.",
        "Visitors climb the lighthouse at Carn Head on Sundays.",
        "The foghorn of the Carn Head lighthouse was sold to a museum.",
    ]
    .into_iter()
    .enumerate()
    {
        documents.push(named(&format!("other{n}"), &format!("Note {n}"), text));
    }
    footnote.ingest_quiet(documents).unwrap();
    footnote
}

#[test]
fn copies_share_one_citation_and_other_documents_come_into_view() {
    let footnote = collection(8);
    let answer = footnote.ask(&Question { text: QUESTION.into(), ..Question::default() }).unwrap();
    let documents: Vec<&str> = answer.citations.iter().map(|c| c.passage.document.id.as_str()).collect();
    assert_eq!(documents.iter().filter(|id| id.starts_with("copy")).count(), 1, "{documents:?}");
    assert_eq!(documents.len(), 5, "{documents:?}");
    let cited = answer.citations.iter().find(|c| c.passage.document.id.starts_with("copy")).unwrap();
    assert_eq!(cited.passage.copies.len(), 7);
    assert!(cited.passage.copies.iter().all(|copy| copy.id != cited.passage.document.id));
    assert!(cited.passage.copies_label().unwrap().starts_with("also in 7 other documents: Export "));
    assert!(answer.sentences.iter().all(|sentence| sentence.citations.len() == 1), "{:?}", answer.sentences);
}

#[test]
fn more_copies_than_there_are_candidates_hide_nothing() {
    let footnote = collection(70);
    let found = footnote.search(&Question { text: QUESTION.into(), ..Question::default() }).unwrap();
    let documents: Vec<&str> = found.passages.iter().map(|passage| passage.document.id.as_str()).collect();
    assert_eq!(documents.len(), 5, "{documents:?}");
    assert_eq!(documents.iter().filter(|id| id.starts_with("copy")).count(), 1, "{documents:?}");
    let copies = found.passages.iter().find(|passage| passage.document.id.starts_with("copy")).unwrap();
    assert_eq!(copies.copies.len(), 69);
}

#[test]
fn of_copies_that_rank_the_same_the_newest_is_shown_whatever_the_order_of_ingest() {
    let dated =
        |id: &str, published: &str| NewDocument { published: Some(published.into()), ..named(id, "Carn Head", TEXT) };
    let mut documents = vec![dated("a", "2024"), dated("b", "2026"), dated("c", "2025"), named("d", "Carn Head", TEXT)];
    for _ in 0..2 {
        let footnote = temporary(|_| {});
        footnote.ingest_quiet(documents.clone()).unwrap();
        let found = footnote.search(&Question { text: QUESTION.into(), ..Question::default() }).unwrap();
        let shown: Vec<&str> = found.passages.iter().map(|passage| passage.document.id.as_str()).collect();
        assert_eq!(shown, ["b"]);
        let copies: Vec<&str> = found.passages[0].copies.iter().map(|copy| copy.id.as_str()).collect();
        assert_eq!(copies, ["a", "c", "d"]);
        documents.reverse();
    }
}
