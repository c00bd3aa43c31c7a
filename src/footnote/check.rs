//! Checking texts and sentences against the documents.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use super::{Collections, Footnote};
use crate::ask::{self, Question};
use crate::cancel::Cancel;
use crate::check::{self, Evidence, MAX_CHECKED_CHARS, MAX_STATEMENTS, Sources, Statement, WordsKnown};
use crate::error::{Error, Result};
use crate::filter::{Comparison, Field, Filter, is_of_file};
use crate::index::{PassageKey, Snapshots};
use crate::lexicon::Synonyms;
use crate::passage::{Checked, CheckedSentence, Citation, Cited, Difference, Quote, Span, Support, Verdict};

/// A text to check.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CheckRequest {
    /// The text, plain or Markdown, in any language.
    pub text: String,
    /// Ids or addresses of the documents to check it against; all of the collection if there are none. `[1]` in the text
    /// denotes the first of them, unless the text says what it denotes.
    pub documents: Vec<String>,
    /// Whether `documents` may be paths, and whether they and citations in the text may be `file:` addresses. Whoever
    /// sends a request with it can find out which files were ingested.
    pub finds_files: bool,
}

impl CheckRequest {
    /// # Errors
    ///
    /// [`Error::Input`] if the text is blank or longer than 100,000 characters.
    pub fn check(&self) -> Result<()> {
        if self.text.trim().is_empty() {
            return Err(Error::Input { reason: "the text is empty".into(), hint: "send a text to check".into() });
        }
        let chars = self.text.chars().count();
        if chars > MAX_CHECKED_CHARS {
            return Err(Error::Input {
                reason: format!("the text has {chars} characters; at most {MAX_CHECKED_CHARS} are checked"),
                hint: "check it in parts".into(),
            });
        }
        Ok(())
    }
}

impl Footnote {
    /// Checks each sentence of a text that states something against the documents. Headings, questions and code are left
    /// out. No language model is used.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a text that is blank or too long, [`Error::NotFound`] if a document does not exist.
    pub fn check(&self, request: &CheckRequest) -> Result<Checked> {
        self.check_with(request, &Cancel::default(), &mut |_| {})
    }

    /// As [`Footnote::check`], but can be cancelled between sentences. `on_sentence` receives each as soon as it is checked.
    pub fn check_with(
        &self,
        request: &CheckRequest,
        cancel: &Cancel,
        on_sentence: &mut dyn FnMut(&CheckedSentence),
    ) -> Result<Checked> {
        request.check()?;
        let mut documents = Vec::with_capacity(request.documents.len());
        for name in &request.documents {
            documents.extend(match request.finds_files {
                true => self.resolve(name)?,
                false => self.resolve_without_files(name)?,
            });
        }
        let statements = check::statements(&request.text);
        if statements.len() > MAX_STATEMENTS {
            return Err(Error::Input {
                reason: format!("the text has {} sentences; at most {MAX_STATEMENTS} are checked", statements.len()),
                hint: "check it in parts".into(),
            });
        }
        let known: RefCell<HashMap<String, Vec<String>>> = RefCell::default();
        let resolve = |name: &str| {
            cancel.check()?;
            if let Some(found) = known.borrow().get(name) {
                return Ok(found.clone());
            }
            let found = self.resolve_citation(name, request.finds_files)?;
            known.borrow_mut().insert(name.to_owned(), found.clone());
            Ok(found)
        };
        let definitions = check::definitions(&request.text);
        let sources = Sources { definitions, numbered: &documents, resolve: &resolve };
        let mut checked = Checked::default();
        let (mut counted, mut chars) = (0, 0);
        for statement in statements {
            cancel.check()?;
            let written = &request.text[statement.span.range()];
            let cited = check::cited_in(written, &sources)?;
            chars += request.text[counted..statement.span.start].chars().count();
            counted = statement.span.start;
            let count = written.chars().count();
            let sentence = self.checked_sentence(&statement, cited, &documents, cancel)?;
            let chars = Span::new(chars, chars + count);
            let sentence = CheckedSentence { text: written.to_owned(), chars, ..sentence };
            on_sentence(&sentence);
            checked.sentences.push(sentence);
        }
        Ok(checked)
    }

    /// Checks one sentence against citations of an answer: those with the ids `cited`, and all others for a misattribution.
    /// Marks such as `[1]` in it are ignored.
    ///
    /// # Errors
    ///
    /// Those of a question.
    pub fn check_sentence(
        &self,
        sentence: &str,
        cited: &[usize],
        citations: &[Citation],
        cancel: &Cancel,
    ) -> Result<CheckedSentence> {
        self.alone().check_sentence(sentence, cited, citations, cancel)
    }

    fn checked_sentence(
        &self,
        statement: &Statement,
        cited: Vec<Cited>,
        documents: &[String],
        cancel: &Cancel,
    ) -> Result<CheckedSentence> {
        let named: Vec<&String> = cited.iter().flat_map(|cited| &cited.documents).collect();
        let text = shortened(&statement.plain);
        let among =
            |ids: &mut dyn Iterator<Item = &String>| Filter::one_of(&Field::Id, ids.map(|id| Value::from(id.as_str())));
        let filter = if documents.is_empty() { Filter::default() } else { among(&mut documents.iter())? };
        let question = Question { text: text.to_owned(), filter, ..Question::default() };
        let alone = self.alone();
        let found = alone.reading(cancel)?.find(&question, |context, index, question, embedded| {
            let mut evidence = check::best_of(context, index, question, embedded)?;
            if !named.is_empty() {
                let filter = among(&mut named.iter().copied())?;
                let question = Question { filter, ..question.clone() };
                evidence.retain(|evidence| !named.contains(&&evidence.info.id));
                evidence.extend(check::best_of(context, index, &question, embedded)?);
                evidence.iter_mut().for_each(|evidence| evidence.is_cited = named.contains(&&evidence.info.id));
            }
            alone.judged(text, statement.span, !named.is_empty(), &evidence, index)
        })?;
        let found = found.unwrap_or_else(|| nothing(statement.span));
        Ok(CheckedSentence { cited, verdict: of_part(found.verdict, text, &statement.plain), ..found })
    }

    /// Ids of the documents that a citation in a text denotes: by id, address, file or title. None if there is no such one.
    /// Paths as they were stored, and `file:` addresses, are only looked for if `finds_files`.
    fn resolve_citation(&self, name: &str, finds_files: bool) -> Result<Vec<String>> {
        let name = name.trim();
        if name.is_empty() {
            return Ok(Vec::new());
        }
        let Some(store) = self.collection.store() else { return Ok(Vec::new()) };
        if store.has_document(name)? {
            return Ok(vec![name.to_owned()]);
        }
        let ids = match finds_files {
            true => store.ids_from(name)?,
            false if is_of_file(name) => Vec::new(),
            false => store.ids_with_uri(name)?,
        };
        if !ids.is_empty() {
            return Ok(ids);
        }
        let titled = Filter::is(Field::Title, Comparison::Equal, Value::from(name))?;
        let query = super::DocumentQuery { filter: Some(titled), ..super::DocumentQuery::default() };
        Ok(self.list(&query, None, 8)?.documents.into_iter().map(|document| document.id).collect())
    }
}

impl Collections<'_> {
    /// See [`Footnote::check_sentence`].
    pub(super) fn check_sentence(
        &self,
        sentence: &str,
        cited: &[usize],
        citations: &[Citation],
        cancel: &Cancel,
    ) -> Result<CheckedSentence> {
        let span = Span::new(0, sentence.len());
        let plain = check::plain(sentence);
        let text = shortened(&plain);
        let chars = Span::new(0, sentence.chars().count());
        let cites = |citation: &&Citation| cited.contains(&citation.id);
        let marks = citations.iter().filter(cites).map(|citation| Cited {
            mark: format!("[{}]", citation.id),
            documents: vec![citation.passage.document.id.clone()],
        });
        let mut checked = nothing(span);
        if text.chars().any(char::is_alphanumeric) {
            let question = Question { text: text.to_owned(), ..Question::default() };
            let found = self.reading(cancel)?.find(&question, |_, index, _, embedded| {
                let key_of =
                    |citation: &Citation| index.key_of(citation.passage.collection.as_deref(), citation.passage.key);
                let keys: Vec<PassageKey> = citations.iter().filter_map(key_of).collect();
                let mut evidence = check::given(index, embedded, &keys)?;
                for evidence in &mut evidence {
                    evidence.is_cited = citations.iter().filter(cites).any(|citation| {
                        citation.passage.document.id == evidence.info.id
                            && citation.passage.location.bytes == evidence.passage
                            && key_of(citation).is_some_and(|key| key.member == evidence.member)
                    });
                }
                // A sentence that cites nothing is supported by nothing.
                self.judged(text, span, true, &evidence, index)
            })?;
            checked = found.unwrap_or(checked);
        }
        let verdict = of_part(checked.verdict, text, &plain);
        Ok(CheckedSentence { text: sentence.to_owned(), chars, cited: marks.collect(), verdict, ..checked })
    }

    fn judged(
        &self,
        text: &str,
        span: Span,
        is_citing: bool,
        evidence: &[Evidence],
        index: &Snapshots<'_>,
    ) -> Result<Option<CheckedSentence>> {
        let lexicon = self.engine().lexicon()?;
        let aliases: Synonyms = match self.config().lexicon.aliases {
            true => index.aliases_of(&lexicon.lookups(text))?.into_iter().collect(),
            false => Synonyms::default(),
        };
        let known: RefCell<HashMap<String, Vec<String>>> = RefCell::default();
        let other_names = |name: &str| {
            known.borrow_mut().entry(name.to_owned()).or_insert_with(|| lexicon.names_of(name, &aliases)).clone()
        };
        let query = lexicon.query(text, &aliases);
        let words = WordsKnown { other_names: &other_names, share_in: &|evidence| evidence.share_of(&query) };
        let judgement = check::judge(text, is_citing, evidence, words);
        let support = judgement.support.iter().take(check::NAMED).map(|at| support(&evidence[*at]));
        let differences: Vec<Difference> = judgement.differences;
        Ok(Some(CheckedSentence {
            text: String::new(),
            span,
            chars: span,
            verdict: judgement.verdict,
            score: judgement.score,
            support: support.collect(),
            differences,
            cited: Vec::new(),
        }))
    }
}

/// A sentence for which the collection has nothing.
fn nothing(span: Span) -> CheckedSentence {
    CheckedSentence {
        text: String::new(),
        span,
        chars: span,
        verdict: Verdict::Unsupported,
        score: 0.0,
        support: Vec::new(),
        differences: Vec::new(),
        cited: Vec::new(),
    }
}

fn support(evidence: &Evidence) -> Support {
    Support {
        document: evidence.info.clone(),
        quote: Quote { text: evidence.window_text().to_owned(), location: evidence.location() },
        score: evidence.score.clamp(0.0, 1.0),
        is_cited: evidence.is_cited,
    }
}

/// The verdict on a sentence of which only `part` was checked.
fn of_part(verdict: Verdict, part: &str, whole: &str) -> Verdict {
    if part.len() < whole.len() && verdict == Verdict::Supported { Verdict::Partly } else { verdict }
}

/// As much of a sentence as a question may have.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(ask::MAX_QUESTION_CHARS).map_or(text, |(end, _)| &text[..end])
}
