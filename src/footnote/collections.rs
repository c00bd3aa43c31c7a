//! What questions are asked of: one collection, or several together.
//!
//! All members share one engine, so a question is embedded once. Each member is read in a snapshot of its own, taken one after
//! the other when the question begins; candidates of all of them are compared and ranked together.

use std::sync::Arc;

use super::outcomes::{in_the_whole, with_outcomes};
use super::{AnswerEvent, Footnote, Question};
use crate::ask::{self, Ranking};
use crate::cancel::Cancel;
use crate::config::Config;
use crate::embed::{Embedder as _, OnnxEmbedder};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::index::{PassageKey, Snapshots};
use crate::model::ModelIdentity;
use crate::passage::{Answer, Document, FoundPassage, Span};
use crate::terms::{ChineseScript, LexicalQuery};

/// Collections of one [`Library`](crate::Library) of which a question is asked: one ranking, one answer. Each citation names
/// its collection, unless there is only one and it was asked by itself.
#[derive(Clone)]
pub struct Collections<'f> {
    pub(super) first: &'f Footnote,
    others: Vec<&'f Footnote>,
    /// Whether results name the collection of each passage.
    are_named: bool,
}

impl<'f> Collections<'f> {
    /// One collection by itself.
    pub(crate) fn alone(footnote: &'f Footnote) -> Self {
        Self { first: footnote, others: Vec::new(), are_named: false }
    }

    /// Collections of one library; `None` if there are none.
    pub(crate) fn together(members: &'f [Arc<Footnote>]) -> Option<Self> {
        let (first, others) = members.split_first()?;
        Some(Self { first, others: others.iter().map(|other| &**other).collect(), are_named: true })
    }

    /// Answers a question with quoted sentences of all of them.
    pub fn ask(&self, question: &Question) -> Result<Answer> {
        self.ask_with(question, &Cancel::default(), &mut |_| {})
    }

    /// As [`Collections::ask`], but can be cancelled between its steps, and while a language model writes. `on_event`
    /// receives the parts of the answer as soon as they are there.
    pub fn ask_with(
        &self,
        question: &Question,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let reading = self.reading_to_answer(question, cancel)?;
        let understood = self.understood(question, &reading)?;
        let asked = understood.asked()?;
        let mut quoted = self.quoted(asked, &reading, on_event)?;
        drop(reading);
        if !understood.operators.is_empty() {
            quoted.operators = with_outcomes(understood.operators.clone(), &quoted.operators);
            in_the_whole(&question.text, &quoted.operators, &mut quoted.corrections);
        }
        quoted.notes.splice(0..0, understood.notes.iter().cloned());
        let answer = self.completed(asked, quoted, cancel, on_event)?;
        self.answered(question, &answer);
        Ok(answer)
    }

    /// Ranks a question's candidates without citing them: the inside of a search, for evaluation.
    pub fn rank(&self, question: &Question) -> Result<Ranking> {
        question.check()?;
        let cancel = Cancel::default();
        let reading = self.reading(&cancel)?;
        let understood = self.understood(question, &reading)?;
        reading.find(&self.corrected(understood.asked()?, &reading)?, ask::rank)
    }

    /// The name of the first, which is that of all if there is one.
    pub fn name(&self) -> &'f str {
        self.first.name()
    }

    /// Their names, in the order in which they are asked.
    pub fn names(&self) -> Vec<&'f str> {
        self.members().map(Footnote::name).collect()
    }

    /// Number of tokens of a text, by the configured model's tokenizer.
    #[cfg(feature = "server")]
    pub(crate) fn count_tokens(&self, text: &str) -> Result<usize> {
        self.first.count_tokens(text)
    }

    /// The model that made their vectors. Before the first document it is the configured one, which is loaded.
    pub fn model(&self) -> Result<ModelIdentity> {
        for member in self.members() {
            if let Some(model) = member.collection.model()? {
                return Ok(model);
            }
        }
        Ok(self.engine().embedder()?.identity().clone())
    }

    /// Whether nothing was ever ingested into any of them.
    pub fn is_new(&self) -> Result<bool> {
        for member in self.members() {
            if !member.collection.is_new()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Its collections, in the order in which they are asked.
    pub(crate) fn members(&self) -> impl Iterator<Item = &'f Footnote> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Whether results name the collection of each passage.
    #[cfg(feature = "server")]
    pub(crate) fn are_named(&self) -> bool {
        self.are_named
    }

    /// The name of a member, if results tell it.
    pub(super) fn told(&self, member: &Footnote) -> Option<String> {
        self.are_named.then(|| member.name().to_owned())
    }

    pub(super) fn engine(&self) -> &'f Engine {
        &self.first.engine
    }

    pub(super) fn config(&self) -> &'f Config {
        self.engine().config()
    }

    /// Loads everything that the first question would have to wait for: the model, the dictionaries and the indexes.
    pub fn warm_up(&self) -> Result<()> {
        if self.is_new()? {
            return self.engine().load();
        }
        self.rank(&Question { text: "?".into(), ..Question::default() }).map(drop)
    }

    /// The directory of the first.
    #[cfg(feature = "cli")]
    pub(crate) fn dir(&self) -> &'f std::path::Path {
        self.first.dir()
    }

    /// Whether any of them has a document. Loads no model.
    #[cfg(feature = "cli")]
    pub(crate) fn have_documents(&self) -> Result<bool> {
        for member in self.members() {
            if !self.blame(member, member.documents(None, 1))?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Documents in all of them.
    pub(super) fn documents(&self) -> Result<usize> {
        self.members().map(Footnote::document_count).sum()
    }

    /// The script of most of their Chinese documents; `None` if there are as many in either.
    pub(super) fn chinese_script(&self) -> Result<Option<ChineseScript>> {
        self.snapshots()?.map_or(Ok(None), |index| index.chinese_script())
    }

    /// All of them as of now, but for those that were always empty; `None` if all were.
    pub(super) fn snapshots(&self) -> Result<Option<Snapshots<'f>>> {
        let mut snapshots = Vec::with_capacity(1 + self.others.len());
        for member in self.members() {
            if let Some(snapshot) = self.blame(member, member.collection.snapshot())? {
                snapshots.push((self.told(member), snapshot));
            }
        }
        Ok((!snapshots.is_empty()).then(|| Snapshots::new(snapshots)))
    }

    /// The model that made the vectors of the first that has any.
    pub(super) fn embedder(&self) -> Result<Arc<OnnxEmbedder>> {
        for member in self.members() {
            if !member.collection.is_new()? {
                return self.blame(member, member.embedder());
            }
        }
        self.engine().embedder()
    }

    /// A member's fault names it, where there are several.
    fn blame<T>(&self, member: &Footnote, result: Result<T>) -> Result<T> {
        result.map_err(|error: Error| error.of_collection(self.are_named.then(|| member.name())))
    }
}

/// What evaluation looks up.
impl Collections<'_> {
    /// The document with this id in the collection of a passage that was found.
    pub(crate) fn document(&self, key: PassageKey, id: &str) -> Result<Document> {
        self.read_by(key.member).map_or_else(|| Err(super::no_document(id)), |member| member.document(id))
    }

    /// Where a passage stands in its document's text.
    pub(crate) fn passage_span(&self, key: PassageKey) -> Result<Option<Span>> {
        self.read_by(key.member).map_or(Ok(None), |member| member.passage_span(key.key))
    }

    /// The key of a passage that was cited.
    pub(crate) fn key_of(&self, passage: &FoundPassage) -> PassageKey {
        let members = self.read();
        let of = |member: &&Footnote| self.told(member) == passage.collection;
        PassageKey { member: members.iter().position(of).unwrap_or_default(), key: passage.key }
    }

    /// These passages with their documents' ids, in the same order.
    pub(crate) fn documents_of(&self, keys: &[PassageKey]) -> Result<Vec<(PassageKey, String)>> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let Some(member) = self.read_by(key.member) else { continue };
            found.extend(member.documents_of(&[key.key])?.into_iter().map(|(_, id)| (*key, id)));
        }
        Ok(found)
    }

    /// Keys and documents of the passages that plain BM25 ranks first by the question's own words: the baseline for
    /// [`Collections::rank`].
    pub(crate) fn literal(&self, question: &str, count: usize) -> Result<Vec<(PassageKey, String)>> {
        let Some(snapshots) = self.snapshots()? else { return Ok(Vec::new()) };
        let mut best: Vec<(PassageKey, f32)> = Vec::new();
        for (member, matches) in snapshots.lexical(&LexicalQuery::literal(question))?.into_iter().enumerate() {
            best.extend(matches.best(count, None)?.into_iter().map(|(key, score)| (PassageKey { member, key }, score)));
        }
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.truncate(count);
        self.documents_of(&best.into_iter().map(|(key, _)| key).collect::<Vec<_>>())
    }

    /// The members of which there are snapshots, in the order of their numbers.
    fn read(&self) -> Vec<&Footnote> {
        self.members().filter(|member| !member.is_new().unwrap_or(true)).collect()
    }

    fn read_by(&self, number: usize) -> Option<&Footnote> {
        self.read().get(number).copied()
    }
}
