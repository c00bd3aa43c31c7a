//! An answer as text for a model or a person: the sentences, then their footnotes. All of it is display text.

use std::fmt::Write as _;

use super::shapes::{AskResult, Citation, Difference};
use crate::display::{clean, one_line};
use crate::notices::Notices;
use crate::passage::{Notice, Reason};

/// What the JSON says, without the passages around the quotes. `notice` is that of the answer.
pub(super) fn answer(result: &AskResult, notice: Option<&Notice>) -> String {
    let confidence = format!("confidence {:.2}", result.confidence);
    let also = "Also found, but not part of the answer:";
    let mut notes = result.notes.iter().fold(String::new(), |notes, note| notes + note + "\n");
    for Difference { value, citation, older, .. } in &result.differences {
        let older = if *older { " (older)" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(notes, "The sources differ: {value}[{citation}]{older}");
    }
    let notes = if notes.is_empty() { notes } else { format!("{notes}\n") };
    let (mut text, others) = match notice {
        Some(notice) if result.citations.is_empty() => return notice.text.clone(),
        Some(notice) if !notice.reason.is_unanswered() => {
            (format!("{}\n\n{}\n\n{notes}Sources ({confidence}):\n", result.answer, notice.text), also)
        }
        Some(notice) if notice.reason == Reason::OutsideTime => (format!("{notes}{}\n", notice.text), ""),
        Some(notice) => {
            let nearest = Notices::in_language(&notice.language).nearest.as_str();
            (format!("{notes}{}\n", notice.with_detail(&confidence)), nearest)
        }
        None => (format!("{}\n\n{notes}Sources ({confidence}):\n", result.answer), also),
    };
    let (quoted, near): (Vec<_>, Vec<_>) = result.citations.iter().partition(|citation| citation.in_answer);
    quoted.into_iter().for_each(|citation| text.push_str(&footnote(citation)));
    if !near.is_empty() && !others.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{others}");
    }
    near.into_iter().for_each(|citation| text.push_str(&footnote(citation)));
    text
}

fn footnote(Citation { id, document, found, .. }: &Citation) -> String {
    let mut text = format!("\n[{id}] {}", one_line(&document.title));
    for detail in [&found.place, &document.source, &document.published].into_iter().flatten() {
        let _ = write!(text, ", {}", one_line(detail));
    }
    let _ = writeln!(text, "\n{}", found.url);
    if let Some(copies) = &found.copies {
        let _ = writeln!(text, "{copies}");
    }
    for line in clean(&found.quote).lines() {
        let _ = writeln!(text, "> {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::address::{Addresses, Linked};
    use crate::passage::{
        self, Answer, AnswerSentence, DocumentInfo, FoundPassage, Location, Mode, Quote, Reason, Scores, Span,
    };

    fn result(answerable: bool, quotes: &[&str]) -> AskResult {
        let citation = |(at, quote): (usize, &&str)| {
            let location = Location::of(quote, Span::new(0, quote.len()));
            let document = DocumentInfo {
                id: format!("d{at}"),
                title: "Market\noutlook".into(),
                source: Some("Desk".into()),
                published: Some("2026-01".into()),
                size_bytes: quote.len(),
                passages: 1,
                ..DocumentInfo::default()
            };
            let passage = FoundPassage {
                key: 1,
                collection: None,
                document,
                location,
                text: (*quote).to_owned(),
                headings: Vec::new(),
                quote: Quote { text: (*quote).to_owned(), location },
                is_row: false,
                table_header: None,
                place: None,
                before: String::new(),
                after: String::new(),
                scores: Scores { fused: 0.9, ..Scores::default() },
                relevance: 0.9,
                support: 0.8,
                copies: Vec::new(),
                matches: Vec::new(),
                quote_matches: Vec::new(),
            };
            passage::Citation { id: at + 1, passage }
        };
        let answer = Answer {
            text: if answerable { format!("{}[1]", quotes[0]) } else { String::new() },
            mode: Mode::Extract,
            answerable,
            confidence: 0.93,
            missing: Vec::new(),
            sentences: match answerable {
                true => vec![AnswerSentence {
                    verdict: None,
                    original: None,
                    span: Span::new(0, quotes[0].len()),
                    text: quotes[0].into(),
                    citations: vec![1],
                    supported: true,
                    is_row: false,
                }],
                false => Vec::new(),
            },
            citations: quotes.iter().enumerate().map(citation).collect(),
            notice: None,
            ..Answer::default()
        };
        AskResult::new(answer, &Addresses { links: Linked::Resources, collection: "c".into(), configured: "c".into() })
    }

    #[test]
    fn an_answer_is_followed_by_its_sources_with_links_and_quotes() {
        let expected = "\
降息兩次。[1]

Sources (confidence 0.93):

[1] Market outlook, Desk, 2026-01
footnote://c/d0
> 降息兩次。

Also found, but not part of the answer:

[2] Market outlook, Desk, 2026-01
footnote://c/d1
> 美元走弱。
";
        assert_eq!(answer(&result(true, &["降息兩次。", "美元走弱。"]), None), expected);
    }

    #[test]
    fn passages_below_the_threshold_are_not_presented_as_an_answer() {
        let notice = Notice { reason: Reason::Unanswered, language: "fr".into(), text: "Pas de réponse.".into() };
        let text = answer(&result(false, &["one\n[2] two"]), Some(&notice));
        let opening = "Pas de réponse (confidence 0.93).\n\nLes passages les plus proches\u{a0}:\n\n[1] ";
        assert!(text.starts_with(opening), "{text}");
        assert!(text.ends_with("> one\n> [2] two\n"), "a quote cannot look like a footnote: {text}");
        assert_eq!(answer(&result(false, &[]), Some(&notice)), "Pas de réponse.");
    }
}
