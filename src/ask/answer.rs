//! The answer without a language model: the sentences that answer, verbatim, each with its footnote mark.

use std::fmt::Write;

use super::sentences::{alike, asks_for_a_list, same_words};
use crate::passage::{AnswerSentence, FoundPassage, Span};

/// How far below the best passage another may be and still speak in the answer.
const MARGIN: f32 = 0.03;
/// Quotes of one document in an answer, at most, unless the question asks for a list.
const OF_ONE_DOCUMENT: usize = 2;

/// The answer's text and its sentences, from passages in their order: at most `count` quotes, no two alike.
pub(super) fn extract(question: &str, passages: &[FoundPassage], count: usize) -> (String, Vec<AnswerSentence>) {
    let best = passages.first().map_or(0.0, |passage| passage.scores.fused);
    let of_one_document = if asks_for_a_list(question) { count } else { OF_ONE_DOCUMENT };
    let mut text = String::new();
    let mut sentences: Vec<AnswerSentence> = Vec::new();
    let mut speaking: Vec<&str> = Vec::new();
    for (id, passage) in (1..).zip(passages) {
        // A reranker's order has no such measure.
        let far_below = passage.scores.rerank.is_none() && passage.scores.fused < best - MARGIN;
        if sentences.len() == count || far_below {
            break;
        }
        let quote = &passage.quote.text;
        if let Some(same) = sentences.iter_mut().find(|sentence| same_words(&sentence.text, quote)) {
            // Another passage says the same: one sentence, two footnotes.
            same.citations.push(id);
            continue;
        }
        if sentences.iter().any(|sentence| alike(&sentence.text, quote)) {
            continue;
        }
        let document = passage.document.id.as_str();
        if speaking.iter().filter(|other| **other == document).count() < of_one_document {
            speaking.push(document);
            sentences.push(AnswerSentence { span: Span::new(0, 0), text: quote.clone(), citations: vec![id] });
        }
    }
    for sentence in &mut sentences {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(&sentence.text);
        sentence.span = Span::new(start, text.len());
        for id in &sentence.citations {
            // Writing to a string cannot fail.
            let _ = write!(text, "[{id}]");
        }
    }
    (text, sentences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{DocumentInfo, Format, Location, Quote, Scores};

    fn passage(quote: &str, fused: f32) -> FoundPassage {
        passage_of("d", quote, fused)
    }

    fn passage_of(document: &str, quote: &str, fused: f32) -> FoundPassage {
        let location = Location::of(quote, Span::new(0, quote.len()));
        FoundPassage {
            key: 1,
            document: DocumentInfo {
                id: document.into(),
                title: "t".into(),
                source: None,
                uri: None,
                published: None,
                language: None,
                tags: Vec::new(),
                metadata: serde_json::Map::new(),
                format: Format::Plain,
                size_bytes: quote.len(),
                passages: 1,
                ingested: String::new(),
            },
            location,
            text: quote.to_owned(),
            headings: Vec::new(),
            quote: Quote { text: quote.to_owned(), location },
            before: String::new(),
            after: String::new(),
            scores: Scores { fused, ..Scores::default() },
            relevance: 0.0,
        }
    }

    #[test]
    fn each_sentence_is_found_in_the_text_at_its_span_followed_by_its_mark() {
        let (text, sentences) = extract("", &[passage("甲。", 0.9), passage("乙。", 0.895)], 3);
        assert_eq!(text, "甲。[1] 乙。[2]");
        for sentence in &sentences {
            assert_eq!(&text[sentence.span.range()], sentence.text);
        }
    }

    #[test]
    fn a_sentence_said_twice_gets_two_footnotes() {
        let (text, sentences) = extract("", &[passage("The Fed cuts.", 0.9), passage("the fed cuts", 0.9)], 3);
        assert_eq!(text, "The Fed cuts.[1][2]");
        assert_eq!(sentences[0].citations, [1, 2]);
    }

    #[test]
    fn a_sentence_that_is_nearly_another_is_not_said_again() {
        let long = "The Fed will cut rates twice in 2026, said the bank's chief economist on Monday";
        let (text, _) = extract("", &[passage(long, 0.9), passage(&format!("{long} morning."), 0.9)], 3);
        assert_eq!(text, format!("{long}[1]"));
    }

    #[test]
    fn one_document_says_two_things_at_most_unless_a_list_is_asked_for() {
        let mut passages: Vec<FoundPassage> = ["甲甲", "乙乙", "丙丙"].map(|quote| passage(quote, 0.9)).into();
        passages.push(passage_of("other", "丁丁", 0.9));
        assert_eq!(extract("誰說的?", &passages, 4).0, "甲甲[1] 乙乙[2] 丁丁[4]");
        assert_eq!(extract("有哪些?", &passages, 4).0, "甲甲[1] 乙乙[2] 丙丙[3] 丁丁[4]");
    }

    #[test]
    fn passages_far_below_the_best_or_beyond_the_count_do_not_speak() {
        let passages = [passage("a", 0.9), passage("b", 0.895), passage("c", 0.86)];
        assert_eq!(extract("", &passages, 3).1.len(), 2);
        assert_eq!(extract("", &passages, 1).1.len(), 1);
        assert_eq!(extract("", &[], 3), (String::new(), Vec::new()));
    }
}
