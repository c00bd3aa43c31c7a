//! The answer without a language model: the best quotes, verbatim, each with its footnote marks.

use std::fmt::Write;

use super::parts::may_have_several;
use super::sentences::{is_duplicate, is_near_duplicate};
use crate::passage::{AnswerSentence, FoundPassage, Span};

/// The probability of holding evidence from which a further quote is part of the answer, and from which any counts as
/// supported.
pub(crate) const SUPPORTED_FROM: f32 = 0.5;
/// Quotes from one document, at most, unless the question asks for a list.
const MAX_OF_ONE_DOCUMENT: usize = 2;

/// The answer's text and its sentences: the first passage's quote and, of the others, those that probably hold evidence,
/// without near-duplicates and at most `count` in all. What only resembles an answer stays among the passages. The first
/// `items` passages are items of a list, and quoted in any case.
pub(super) fn extract(
    question: &str,
    passages: &[FoundPassage],
    count: usize,
    items: usize,
) -> (String, Vec<AnswerSentence>) {
    let of_one_document = if may_have_several(question) { count } else { MAX_OF_ONE_DOCUMENT };
    let mut sentences: Vec<AnswerSentence> = Vec::new();
    let mut quoted: Vec<&str> = Vec::new();
    for (id, passage) in (1..).zip(passages) {
        if sentences.len() == count {
            break;
        }
        let supported = passage.support >= SUPPORTED_FROM;
        if !sentences.is_empty() && !supported && id > items {
            continue;
        }
        let quote = &passage.quote.text;
        if let Some(same) = sentences.iter_mut().find(|sentence| is_duplicate(&sentence.text, quote)) {
            // Several passages with the same words become one sentence with several footnotes.
            same.citations.push(id);
            same.supported |= supported;
            continue;
        }
        if sentences.iter().any(|sentence| is_near_duplicate(&sentence.text, quote)) {
            continue;
        }
        let document = passage.document.id.as_str();
        if id <= items || quoted.iter().filter(|other| **other == document).count() < of_one_document {
            quoted.push(document);
            let (span, text, is_row) = (Span::new(0, 0), quote.clone(), passage.is_row);
            let (verdict, original) = (None, None);
            sentences.push(AnswerSentence { span, text, citations: vec![id], supported, is_row, verdict, original });
        }
    }
    let mut sentences = with_headers(sentences, passages);
    let text = joined(&mut sentences);
    (text, sentences)
}

/// Puts the header of its table before each row, unless a row of the same table stands before it.
fn with_headers(sentences: Vec<AnswerSentence>, passages: &[FoundPassage]) -> Vec<AnswerSentence> {
    let mut all: Vec<AnswerSentence> = Vec::with_capacity(sentences.len());
    let mut table = None;
    for sentence in sentences {
        let passage = sentence.citations.first().and_then(|id| passages.get(id - 1));
        let header = passage.and_then(|passage| Some((&passage.document.id, passage.table_header.as_ref()?)));
        if header != table
            && let Some((_, header)) = header
        {
            all.push(AnswerSentence { text: header.text.clone(), ..sentence.clone() });
        }
        table = header;
        all.push(sentence);
    }
    all
}

/// Whether a sentence of an answer is the header that [`extract`] puts before a row.
pub(super) fn is_header(sentence: &AnswerSentence, passage: &FoundPassage) -> bool {
    passage.table_header.as_ref().is_some_and(|header| header.text == sentence.text)
}

/// The text of an answer with these sentences, each followed by its footnote marks. Sets their spans. Rows of a table stand
/// on lines of their own.
pub fn joined(sentences: &mut [AnswerSentence]) -> String {
    let mut text = String::new();
    let mut is_in_table = false;
    for sentence in sentences {
        if !text.is_empty() {
            text.push(if sentence.is_row && is_in_table { '\n' } else { ' ' });
        }
        is_in_table = sentence.is_row;
        let start = text.len();
        text.push_str(&sentence.text);
        sentence.span = Span::new(start, text.len());
        for id in &sentence.citations {
            // Writing to a string cannot fail.
            let _ = write!(text, "[{id}]");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{DocumentInfo, Format, Location, Quote, Scores};

    fn passage(quote: &str, support: f32) -> FoundPassage {
        passage_of("d", quote, support)
    }

    fn passage_of(document: &str, quote: &str, support: f32) -> FoundPassage {
        let location = Location::of(quote, Span::new(0, quote.len()));
        FoundPassage {
            key: 1,
            collection: None,
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
            is_row: false,
            table_header: None,
            place: None,
            before: String::new(),
            after: String::new(),
            scores: Scores::default(),
            relevance: 0.0,
            support,
            copies: Vec::new(),
            matches: Vec::new(),
            quote_matches: Vec::new(),
        }
    }

    #[test]
    fn a_row_of_a_table_stands_under_its_header() {
        let row = |quote: &str| {
            let header = "| Berth | Depth |";
            let location = Location::of(header, Span::new(0, header.len()));
            let table_header = Some(Quote { text: header.to_owned(), location });
            FoundPassage { is_row: true, table_header, ..passage(quote, 0.9) }
        };
        let passages = [row("| South | 11 |"), row("| North | 7 |"), passage_of("e", "The port is deep.", 0.9)];
        let (text, sentences) = extract("How deep are the berths?", &passages, 3, 0);
        assert_eq!(text, "| Berth | Depth |[1]\n| South | 11 |[1]\n| North | 7 |[2] The port is deep.[3]");
        assert_eq!(sentences.len(), 4);
        assert!(sentences.iter().all(|sentence| text[sentence.span.range()] == sentence.text));
    }

    #[test]
    fn rows_that_name_their_columns_stand_on_lines_of_their_own() {
        let row = |quote: &str| FoundPassage { is_row: true, ..passage(quote, 0.9) };
        let passages = [row("Bank: ECB; Rate: 2 %"), row("Bank: BOJ; Rate: 1 %"), passage_of("e", "a | b", 0.9)];
        assert_eq!(extract("", &passages, 3, 0).0, "Bank: ECB; Rate: 2 %[1]\nBank: BOJ; Rate: 1 %[2] a | b[3]");
    }

    #[test]
    fn each_sentence_is_in_the_text_at_its_span_followed_by_its_mark() {
        let (text, sentences) = extract("", &[passage("甲。", 0.9), passage("乙。", 0.8)], 3, 0);
        assert_eq!(text, "甲。[1] 乙。[2]");
        for sentence in &sentences {
            assert_eq!(&text[sentence.span.range()], sentence.text);
        }
    }

    #[test]
    fn a_duplicate_quote_becomes_a_second_footnote() {
        let (text, sentences) = extract("", &[passage("The Fed cuts.", 0.9), passage("the fed cuts", 0.9)], 3, 0);
        assert_eq!(text, "The Fed cuts.[1][2]");
        assert_eq!(sentences[0].citations, [1, 2]);
    }

    #[test]
    fn a_near_duplicate_is_left_out() {
        let long = "The Fed will cut rates twice in 2026, said the bank's chief economist on Monday";
        let (text, _) = extract("", &[passage(long, 0.9), passage(&format!("{long} morning."), 0.9)], 3, 0);
        assert_eq!(text, format!("{long}[1]"));
    }

    #[test]
    fn one_document_is_quoted_twice_at_most_unless_the_question_asks_for_a_list() {
        let mut passages: Vec<FoundPassage> = ["甲甲", "乙乙", "丙丙"].map(|quote| passage(quote, 0.9)).into();
        passages.push(passage_of("other", "丁丁", 0.9));
        assert_eq!(extract("誰說的?", &passages, 4, 0).0, "甲甲[1] 乙乙[2] 丁丁[4]");
        assert_eq!(extract("有哪些?", &passages, 4, 0).0, "甲甲[1] 乙乙[2] 丙丙[3] 丁丁[4]");
    }

    #[test]
    fn a_further_quote_that_holds_no_evidence_stays_among_the_passages_and_the_first_says_what_it_is() {
        let passages = [passage("a", 0.4), passage("b", 0.3), passage("c", 0.7), passage("d", 0.9)];
        let (text, sentences) = extract("which?", &passages, 3, 0);
        assert_eq!(text, "a[1] c[3]", "two of one document");
        assert_eq!(sentences.iter().map(|sentence| sentence.supported).collect::<Vec<_>>(), [false, true]);
        assert_eq!(extract("", &passages, 1, 0).1.len(), 1);
        assert_eq!(extract("which?", &passages, 4, 2).0, "a[1] b[2]", "items of a list");
        assert_eq!(extract("which?", &passages, 4, 4).0, "a[1] b[2] c[3] d[4]", "items of one document");
        assert_eq!(extract("", &[], 3, 0), (String::new(), Vec::new()));
    }
}
