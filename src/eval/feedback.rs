//! A question set made of feedback: lines as `footnote questions export` writes them, about a collection as it is now.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sets::{Corpus, EvalQuestion, QuestionSet, Relevant, lines};
use crate::error::{Error, Result};
use crate::feedback::Judgement;
use crate::footnote::Footnote;
use crate::terms::fold;

/// How many records of feedback became questions, and why the others did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Records in the file.
    pub records: usize,
    /// Those that say of a question what answers it, or that nothing does.
    pub used: usize,
    /// Questions that they make. Records about the same question make one.
    pub questions: usize,
    /// The reasons why others could not be used, with how many they are.
    pub unused: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct FeedbackLine {
    question: String,
    verdict: Judgement,
    answerable: Option<bool>,
    document: Option<String>,
    bytes: Option<[usize; 2]>,
    quote: Option<String>,
}

/// What a record says of its question.
enum Said {
    /// This document answers it, with these words if they are known.
    Answer(String, Option<String>),
    /// No document answers it.
    NoAnswer,
    /// Documents answer it, but the record cannot be used, for this reason.
    Nothing(&'static str),
}

/// What the records of one question say together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Together {
    /// The documents that answer it, with the words of each.
    answers: Vec<(String, Option<String>)>,
    /// Records that say that nothing answers it.
    none: usize,
    /// Records that later ones contradict.
    contradicted: usize,
}

impl Together {
    /// Adds a later record, which counts more than the earlier ones.
    fn add(&mut self, judgement: Judgement, said: Said) {
        if matches!(said, Said::NoAnswer) {
            self.contradicted += self.answers.len();
            self.answers.clear();
            self.none += 1;
            return;
        }
        self.contradicted += std::mem::take(&mut self.none);
        let right = if let Said::Answer(document, _) = &said { Some(document) } else { None };
        match judgement {
            Judgement::WrongDocument => {
                let before = self.answers.len();
                self.answers.retain(|(document, _)| Some(document) == right);
                self.contradicted += before - self.answers.len();
            }
            Judgement::WrongSentence => self.answers.iter_mut().for_each(|(_, words)| *words = None),
            _ => {}
        }
        if let Said::Answer(document, words) = said {
            self.answers.push((document, words));
        }
    }
}

/// The questions of a file of feedback, whose documents are in `footnote`. Of records that contradict each other, the later
/// ones in the file count.
///
/// # Errors
///
/// [`Error::Input`] for a line that is no feedback, or if no record can be used.
pub(super) fn read(path: &Path, footnote: &Footnote) -> Result<(QuestionSet, Used)> {
    let records: Vec<FeedbackLine> = lines(path)?;
    let mut used = Used { records: records.len(), used: 0, questions: 0, unused: BTreeMap::new() };
    let mut by_question: BTreeMap<String, (String, Together)> = BTreeMap::new();
    for record in records {
        if record.question.trim().is_empty() {
            *used.unused.entry("the question is blank".to_owned()).or_default() += 1;
            continue;
        }
        let said = said(&record, footnote)?;
        if let Said::Nothing(why) = said {
            *used.unused.entry(why.to_owned()).or_default() += 1;
        }
        let key = fold(record.question.trim());
        let (_, together) = by_question.entry(key).or_insert_with(|| (record.question, Together::default()));
        together.add(record.verdict, said);
    }
    let mut questions = Vec::new();
    for (text, Together { answers, none, contradicted }) in by_question.into_values() {
        if contradicted > 0 {
            *used.unused.entry("later feedback says the contrary".to_owned()).or_default() += contradicted;
        }
        if answers.is_empty() && none == 0 {
            continue;
        }
        used.used += answers.len() + none;
        let answerable = none == 0;
        let (mut documents, mut evidence) = (HashSet::new(), Vec::new());
        for (document, words) in answers {
            documents.insert(document);
            if let Some(words) = words
                && !evidence.contains(&words)
            {
                evidence.push(words);
            }
        }
        let id = format!("feedback-{}", questions.len() + 1);
        questions.push(EvalQuestion { id, text, answerable, relevant: Relevant::Documents(documents), evidence });
    }
    used.questions = questions.len();
    if questions.is_empty() {
        let why: Vec<String> = used.unused.iter().map(|(why, count)| format!("{count}: {why}")).collect();
        return Err(Error::Input {
            reason: match why.is_empty() {
                true => format!("there is no feedback in {}", path.display()),
                false => format!("none of the feedback in {} can be used ({})", path.display(), why.join("; ")),
            },
            hint:
                "`footnote questions export` writes the feedback of a collection; -c selects the one that it is about"
                    .into(),
        });
    }
    let set = QuestionSet {
        name: footnote.name().to_owned(),
        corpus_name: "collection".into(),
        queries_name: "feedback".into(),
        // It is there already.
        corpus: Corpus::Folder(footnote.dir().to_owned()),
        questions,
    };
    Ok((set, used))
}

fn said(record: &FeedbackLine, footnote: &Footnote) -> Result<Said> {
    let FeedbackLine { verdict, answerable, document, bytes, quote, .. } = record;
    let answered = answerable.or(verdict.of_answered()).unwrap_or(true);
    if !verdict.is_answerable(answered) {
        return Ok(Said::NoAnswer);
    }
    let Some(id) = document else { return Ok(Said::Nothing("it does not say which document is right")) };
    let document = match footnote.document(id) {
        Ok(document) => document,
        Err(Error::NotFound { .. }) => return Ok(Said::Nothing("its document is not in the collection")),
        Err(error) => return Err(error),
    };
    let words = match (quote, bytes) {
        (Some(quote), _) => Some(quote.as_str()),
        (None, Some([start, end])) => document.text.get(*start..*end),
        (None, None) => None,
    };
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    if (quote.is_some() || bytes.is_some()) && !words.is_some_and(|words| document.text.contains(words)) {
        return Ok(Said::Nothing("its document has changed and does not have the sentence any more"));
    }
    Ok(Said::Answer(id.clone(), words.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(records: Vec<(Judgement, Said)>) -> (Vec<(String, Option<String>)>, usize, usize) {
        let mut together = Together::default();
        records.into_iter().for_each(|(judgement, said)| together.add(judgement, said));
        (together.answers, together.none, together.contradicted)
    }

    fn answer(document: &str, words: Option<&str>) -> Said {
        Said::Answer(document.to_owned(), words.map(str::to_owned))
    }

    fn pair(document: &str, words: Option<&str>) -> (String, Option<String>) {
        (document.to_owned(), words.map(str::to_owned))
    }

    #[test]
    fn a_later_wrong_document_drops_the_earlier_documents_of_its_question() {
        let first = || (Judgement::Right, answer("a", Some("words")));
        assert_eq!(
            together(vec![first(), (Judgement::WrongDocument, answer("b", None))]),
            (vec![pair("b", None)], 0, 1)
        );
        assert_eq!(together(vec![first(), (Judgement::WrongDocument, Said::Nothing("no document"))]), (vec![], 0, 1));
        let both = vec![pair("a", Some("words")), pair("a", Some("others"))];
        assert_eq!(together(vec![first(), (Judgement::WrongDocument, answer("a", Some("others")))]), (both, 0, 0));
    }

    #[test]
    fn a_later_wrong_sentence_drops_the_earlier_evidence_of_its_question() {
        let first = || (Judgement::Right, answer("a", Some("words")));
        let other = (Judgement::WrongSentence, answer("a", Some("others")));
        assert_eq!(together(vec![first(), other]), (vec![pair("a", None), pair("a", Some("others"))], 0, 0));
        let nothing = (Judgement::WrongSentence, Said::Nothing("no document"));
        assert_eq!(together(vec![first(), nothing]), (vec![pair("a", None)], 0, 0));
    }

    #[test]
    fn whether_a_question_has_an_answer_the_last_record_says() {
        let (has, none) = (|| (Judgement::HasAnswer, answer("a", None)), || (Judgement::NoAnswer, Said::NoAnswer));
        assert_eq!(together(vec![has(), none(), none()]), (vec![], 2, 1));
        assert_eq!(together(vec![none(), none(), has()]), (vec![pair("a", None)], 0, 2));
    }
}
