//! Answering a follow-up question.

use serde_json::Value;

use super::reading::Reading;
use super::{AnswerEvent, Collections};
use crate::ask::{self, FollowUp, Question, SearchResults, Topic};
use crate::cancel::Cancel;
use crate::config::AskConfig;
use crate::error::Result;
use crate::filter::{Field, Filter};
use crate::passage::{Answer, Reason};

#[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only a server has conversations"))]
impl Collections<'_> {
    /// Answers a question that was condensed from a conversation, in which the question before it was answered by `said`.
    /// That answer is not given again if the follow-up is about something else.
    pub(crate) fn ask_after(
        &self,
        said: &str,
        follow_up: &FollowUp,
        question: &Question,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let reading = self.reading_to_answer(question, cancel)?;
        let quoted = self.quoted_after(said, follow_up, question, &reading, on_event)?;
        drop(reading);
        let answer = self.completed(question, quoted, cancel, on_event)?;
        self.answered(question, &answer);
        Ok(answer)
    }

    /// The last of a conversation's questions by itself, by rules. Those before it are taken as they were searched for: with
    /// their misspelt words corrected. `question` says how all of them are asked.
    #[cfg(feature = "server")]
    pub(super) fn condensed(
        &self,
        earlier: &[&str],
        last: &str,
        question: &Question,
        cancel: &Cancel,
    ) -> Result<FollowUp> {
        let mut reading = None;
        ask::condense_searched(earlier, last, |text| {
            let reading = match &mut reading {
                Some(reading) => reading,
                none => none.insert(self.reading(cancel)?),
            };
            let question = Question { text, corrections: None, ..question.clone() };
            Ok(self.corrected(&question, reading)?.text)
        })
    }

    fn quoted_after(
        &self,
        said: &str,
        follow_up: &FollowUp,
        question: &Question,
        reading: &Reading<'_>,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        // A condensed question can have two questions in it, of which one is answered already.
        let answer = match follow_up.is_rewritten {
            false => self.quoted(question, reading, on_event)?,
            true => self.quoted_once(question, reading, on_event)?,
        };
        let Some(about) = follow_up.about.as_deref().filter(|_| !answer.sentences.is_empty()) else {
            return Ok(answer);
        };
        let Some(index) = reading.index() else { return Ok(answer) };
        let (lexicon, use_aliases) = (self.engine().lexicon()?, self.config().lexicon.aliases);
        let query = |text: &str| ask::lexical_query(lexicon, use_aliases, index, text);
        let old = follow_up.instead_of.as_deref().map(query).transpose()?;
        let topic = Topic { new: query(about)?, old, is_unspaced: ask::is_unspaced(about) };
        let cited = answer.citations.first().map(|citation| &citation.passage);
        let document = cited.map(|passage| (passage.collection.clone(), passage.document.id.clone()));
        let answer = ask::on_topic(answer, &topic, said, || self.notice(question, Reason::Unanswered, &[]))?;
        let Some((collection, document)) = document.filter(|_| !answer.answerable && topic.old.is_none()) else {
            return Ok(answer);
        };
        let within = Filter::one_of(&Field::Id, [Value::from(document.as_str())])?;
        let filter = Filter::All(vec![question.filter.clone(), within]);
        let about = Question { text: about.to_owned(), filter, ..question.clone() };
        self.ask_within((collection.as_deref(), &document), &topic, said, answer, &about, reading)
    }

    /// `answer`, or what the document that it is about says to the new words alone.
    fn ask_within(
        &self,
        (collection, document): (Option<&str>, &str),
        topic: &Topic,
        said: &str,
        answer: Answer,
        about: &Question,
        reading: &Reading<'_>,
    ) -> Result<Answer> {
        let mut found = self.search_in(about, reading)?;
        // Another collection may have a document with the same id.
        found.passages.retain(|passage| passage.collection.as_deref() == collection);
        let Some(passage) = ask::elsewhere(found.passages, document, topic, said) else { return Ok(answer) };
        let mode = answer.mode;
        let others =
            answer.citations.into_iter().map(|citation| citation.passage).filter(|other| !other.is_same(&passage));
        let passages = std::iter::once(passage.clone()).chain(others).collect();
        let found = SearchResults {
            passages,
            confidence: answer.confidence,
            time: answer.time,
            notes: answer.notes,
            took: answer.took,
            ..SearchResults::default()
        };
        let config = AskConfig { sentences: 1, ..self.config().ask.clone() };
        self.answer_with(about, mode, found, &config, 0)
    }
}
