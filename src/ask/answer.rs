//! The answer without a language model: the sentences that answer, verbatim, each with its footnote mark.

use std::fmt::Write;

use crate::passage::{AnswerSentence, FoundPassage, Span};

/// How far below the best passage another may be and still speak in the answer. The cosine of e5 models has a standard
/// deviation of about 0.02 over a corpus; a passage half of that further down mostly answers another question.
const MARGIN: f32 = 0.01;

/// The answer's text and its sentences, from passages in their order: at most `count` quotes, no two alike.
pub(super) fn extract(passages: &[FoundPassage], count: usize) -> (String, Vec<AnswerSentence>) {
    let best = passages.first().map_or(0.0, |passage| passage.scores.fused);
    let mut text = String::new();
    let mut sentences: Vec<AnswerSentence> = Vec::new();
    for (id, passage) in (1..).zip(passages) {
        if sentences.len() == count || passage.scores.fused < best - MARGIN {
            break;
        }
        let quote = &passage.quote.text;
        if let Some(same) = sentences.iter_mut().find(|sentence| alike(&sentence.text, quote)) {
            // Another document says the same: one sentence, two footnotes.
            same.citations.push(id);
            continue;
        }
        sentences.push(AnswerSentence { span: Span::new(0, 0), text: quote.clone(), citations: vec![id] });
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

/// Whether two sentences differ in nothing but punctuation and white space.
fn alike(a: &str, b: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    letters(a) == letters(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{DocumentInfo, Format, Location, Quote, Scores};

    fn passage(quote: &str, fused: f32) -> FoundPassage {
        let location = Location::of(quote, Span::new(0, quote.len()));
        FoundPassage {
            key: 1,
            document: DocumentInfo {
                id: "d".into(),
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
        }
    }

    #[test]
    fn each_sentence_is_found_in_the_text_at_its_span_followed_by_its_mark() {
        let (text, sentences) = extract(&[passage("甲。", 0.9), passage("乙。", 0.895)], 3);
        assert_eq!(text, "甲。[1] 乙。[2]");
        for sentence in &sentences {
            assert_eq!(&text[sentence.span.range()], sentence.text);
        }
    }

    #[test]
    fn a_sentence_said_twice_gets_two_footnotes() {
        let (text, sentences) = extract(&[passage("The Fed cuts.", 0.9), passage("the fed cuts", 0.9)], 3);
        assert_eq!(text, "The Fed cuts.[1][2]");
        assert_eq!(sentences[0].citations, [1, 2]);
    }

    #[test]
    fn passages_far_below_the_best_or_beyond_the_count_do_not_speak() {
        let passages = [passage("a", 0.9), passage("b", 0.895), passage("c", 0.87)];
        assert_eq!(extract(&passages, 3).1.len(), 2);
        assert_eq!(extract(&passages, 1).1.len(), 1);
        assert_eq!(extract(&[], 3), (String::new(), Vec::new()));
    }
}
