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
}

/// The questions of a file of feedback, whose documents are in `footnote`. Of records that contradict each other, the last
/// in the file counts.
///
/// # Errors
///
/// [`Error::Input`] for a line that is no feedback, or if no record can be used.
pub(super) fn read(path: &Path, footnote: &Footnote) -> Result<(QuestionSet, Used)> {
    let records: Vec<FeedbackLine> = lines(path)?;
    let mut used = Used { records: records.len(), used: 0, questions: 0, unused: BTreeMap::new() };
    let mut by_question: BTreeMap<String, (String, Vec<Said>)> = BTreeMap::new();
    for record in records {
        match said(&record, footnote)? {
            Ok(said) => {
                let key = fold(record.question.trim());
                let (_, all) = by_question.entry(key).or_insert_with(|| (record.question.clone(), Vec::new()));
                all.push(said);
            }
            Err(why) => *used.unused.entry(why.to_owned()).or_default() += 1,
        }
    }
    let mut questions = Vec::new();
    for (number, (_, (text, mut all))) in (1..).zip(by_question) {
        let is_answerable = |said: &Said| matches!(said, Said::Answer(..));
        let answerable = all.last().is_some_and(is_answerable);
        let before = all.len();
        all.retain(|said| is_answerable(said) == answerable);
        if all.len() < before {
            *used.unused.entry("later feedback says the contrary".to_owned()).or_default() += before - all.len();
        }
        used.used += all.len();
        let (mut documents, mut evidence) = (HashSet::new(), Vec::new());
        for said in all {
            let Said::Answer(document, words) = said else { continue };
            documents.insert(document);
            if let Some(words) = words
                && !evidence.contains(&words)
            {
                evidence.push(words);
            }
        }
        let id = format!("feedback-{number}");
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

/// What a record says, or why it says nothing that can be measured.
fn said(record: &FeedbackLine, footnote: &Footnote) -> Result<Result<Said, &'static str>> {
    let FeedbackLine { verdict, answerable, document, bytes, quote, .. } = record;
    if record.question.trim().is_empty() {
        return Ok(Err("the question is blank"));
    }
    let answered = answerable.or(verdict.of_answered()).unwrap_or(true);
    if !verdict.is_answerable(answered) {
        return Ok(Ok(Said::NoAnswer));
    }
    let Some(id) = document else { return Ok(Err("it does not say which document is right")) };
    let document = match footnote.document(id) {
        Ok(document) => document,
        Err(Error::NotFound { .. }) => return Ok(Err("its document is not in the collection")),
        Err(error) => return Err(error),
    };
    let words = match (quote, bytes) {
        (Some(quote), _) => Some(quote.as_str()),
        (None, Some([start, end])) => document.text.get(*start..*end),
        (None, None) => None,
    };
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    if (quote.is_some() || bytes.is_some()) && !words.is_some_and(|words| document.text.contains(words)) {
        return Ok(Err("its document has changed and does not have the sentence any more"));
    }
    Ok(Ok(Said::Answer(id.clone(), words.map(str::to_owned))))
}
