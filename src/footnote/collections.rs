//! What questions are asked of: one collection, or several together.
//!
//! All members share one engine, so a question is embedded once. Each member is read in a snapshot of its own, taken one after
//! the other when the question is embedded; candidates of all of them are compared and ranked together.

use std::sync::Arc;

use super::outcomes::{in_the_whole, with_outcomes};
use super::{AnswerEvent, Footnote, Question};
use crate::ask::{self, EmbeddedQuestion, Ranking};
use crate::cancel::Cancel;
use crate::config::Config;
use crate::embed::{Embedder as _, OnnxEmbedder};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::index::{self, PassageKey, Snapshots};
use crate::model::ModelIdentity;
use crate::passage::{Answer, Document, FoundPassage, Span};
use crate::terms::{ChineseScript, LexicalQuery};

/// How often a question is embedded because a collection has got another model meanwhile.
const MAX_ATTEMPTS: usize = 3;

/// Collections of one [`Library`](crate::Library) of which a question is asked: one ranking, one answer. Each citation names
/// its collection, unless there is only one and it was asked by itself.
#[derive(Clone)]
pub struct Collections<'f> {
    first: &'f Footnote,
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
        let understood = self.understood(question)?;
        let asked = understood.asked()?;
        let mut quoted = self.quoted(asked, cancel, on_event)?;
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
        let understood = self.understood(question)?;
        self.find(&self.corrected(understood.asked()?)?, &Cancel::default(), ask::rank)
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

    /// The one that a citation is from, by the name that it has there.
    pub(super) fn of(&self, collection: Option<&str>) -> Self {
        let found = self.members().find(|member| Some(member.name()) == collection);
        Self { first: found.unwrap_or(self.first), others: Vec::new(), are_named: self.are_named }
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
        let (mut traditional, mut simplified) = (0, 0);
        for member in self.members() {
            let (of_one, of_other) = self.blame(member, member.collection.chinese_documents())?;
            traditional += of_one;
            simplified += of_other;
        }
        Ok(match traditional.cmp(&simplified) {
            std::cmp::Ordering::Greater => Some(ChineseScript::Traditional),
            std::cmp::Ordering::Less => Some(ChineseScript::Simplified),
            std::cmp::Ordering::Equal => None,
        })
    }

    /// Whether any of their documents has a date.
    fn has_dates(&self) -> Result<bool> {
        for member in self.members() {
            if member.collection.has_dates()? {
                return Ok(true);
            }
        }
        Ok(false)
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

    /// Answers from one snapshot of each. They begin once the model is loaded and has read the question: while they last, the
    /// stores' logs cannot be emptied.
    pub(super) fn find<T: Default>(
        &self,
        question: &Question,
        cancel: &Cancel,
        find: impl FnOnce(ask::Context<'_>, &Snapshots<'_>, &Question, &EmbeddedQuestion) -> Result<T>,
    ) -> Result<T> {
        question.check()?;
        if self.is_new()? {
            // Nothing to search, so no model is loaded.
            return Ok(T::default());
        }
        let today = question.now.unwrap_or_else(|| jiff::Zoned::now().date());
        let mut attempts = 0;
        loop {
            attempts += 1;
            let embedder = self.embedder()?;
            let context = self.context(&embedder, cancel)?;
            let embedded = ask::embed(context, question, today, || self.has_dates(), || self.chinese_script())?;
            let Some(snapshots) = self.snapshots()? else { return Ok(T::default()) };
            // A reindex may have ended since, or another process may have embedded a collection with another model.
            let own = &embedder.identity().fingerprint;
            if attempts < MAX_ATTEMPTS && snapshots.models().any(|(_, model)| model.fingerprint != *own) {
                continue;
            }
            for (member, model) in snapshots.models() {
                let is_meant = |found: &&Footnote| self.told(found).as_deref() == member;
                let dir = self.members().find(is_meant).unwrap_or(self.first).dir();
                let checked = index::check_model(dir, model, embedder.identity());
                checked.map_err(|error| error.of_collection(member))?;
            }
            return find(context, &snapshots, question, &embedded);
        }
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

    pub(super) fn context<'a>(&self, embedder: &'a OnnxEmbedder, cancel: &'a Cancel) -> Result<ask::Context<'a>>
    where
        'f: 'a,
    {
        let (engine, config) = (self.engine(), self.config());
        let reranker = engine.reranker()?.map(|reranker| (reranker, config.reranker.candidates));
        let (lexicon, use_aliases) = (engine.lexicon()?, config.lexicon.aliases);
        Ok(ask::Context { embedder, lexicon, use_aliases, reranker, config: &config.ask, cancel })
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
