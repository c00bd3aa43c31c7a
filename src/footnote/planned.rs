//! Answers to questions that ask several things, for a list, or for a count.

use super::reading::Reading;
use super::{AnswerEvent, Collections};
use crate::ask::{self, MOST_ITEMS, Part, Parts, Plan, Question, SearchResults};
use crate::config::AskConfig;
use crate::display::one_line;
use crate::error::Result;
use crate::filter::PassageFilter;
use crate::notices::filled;
use crate::passage::{Answer, AnswerPart, Citation, FoundPassage, Mode, NoteAbout, Reason, TimeOutcome};
use crate::terms::fold;

/// Passages among which the items of a list are looked for.
const SEARCHED_FOR_ITEMS: usize = 20;
/// A passage whose late interaction is this much lower than that of the best one answers less well.
const FURTHER: f32 = 0.12;
/// Passages beside those that it cites that a part of an answer shows.
const NEAR_OF_A_PART: usize = 1;

/// What became of a question that may ask several things.
enum Planned {
    /// It does.
    Answered(Box<Answer>),
    /// It asks one thing. What was found for it, if that was needed to tell.
    One(Option<Box<SearchResults>>),
}

impl Collections<'_> {
    /// The answer of quotes, whatever its mode. A question that asks several things is answered part by part.
    pub(super) fn quoted(
        &self,
        question: &Question,
        reading: &Reading<'_>,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let question = &self.corrected(question, reading)?;
        let mode = self.mode_of(question)?;
        match self.planned(question, mode, reading, on_event)? {
            Planned::Answered(answer) => self.with_corrections(question, *answer),
            Planned::One(found) => self.quoted_of(question, mode, found.map(|found| *found), reading, on_event),
        }
    }

    /// The answer of quotes to a question as a whole.
    pub(super) fn quoted_once(
        &self,
        question: &Question,
        reading: &Reading<'_>,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let question = &self.corrected(question, reading)?;
        self.quoted_of(question, self.mode_of(question)?, None, reading, on_event)
    }

    /// The same of what was `found` for it, if it was searched for already.
    fn quoted_of(
        &self,
        question: &Question,
        mode: Mode,
        found: Option<SearchResults>,
        reading: &Reading<'_>,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let asks = !matches!(ask::content(question.check()?), ask::Content::Nothing(_) | ask::Content::Order);
        let found = match found {
            _ if !asks => SearchResults::default(),
            Some(found) => found,
            None => self.search_in(question, reading)?,
        };
        on_event(AnswerEvent::Found(&found));
        reading.cancel.check()?;
        let answer = self.answer_of(question, mode, found)?;
        if answer.time.is_some() { self.if_it_has_who_is_asked_for(question, answer) } else { Ok(answer) }
    }

    /// The answer to a part of a question, or to a question for documents of a time; declined if it asks who somebody is and the
    /// sentences have nobody.
    fn if_it_has_who_is_asked_for(&self, question: &Question, answer: Answer) -> Result<Answer> {
        if ask::has_who_is_asked_for(&question.text, &answer) {
            return Ok(answer);
        }
        Ok(Answer {
            text: String::new(),
            answerable: false,
            confidence: answer.confidence.min(ask::UNNAMED),
            sentences: Vec::new(),
            differences: Vec::new(),
            notice: Some(self.notice(question, Reason::Unanswered, &[])?),
            ..answer
        })
    }

    /// The answer of quotes to a question that may ask several things.
    fn planned(
        &self,
        question: &Question,
        mode: Mode,
        reading: &Reading<'_>,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Planned> {
        // A language model reads the whole question.
        if !self.config().ask.interpret || matches!(mode, Mode::Passages | Mode::Write) || reading.index().is_none() {
            return Ok(Planned::One(None));
        }
        let answer = match ask::plan(self.engine().lexicon()?, question.check()?) {
            Plan::One => Planned::One(None),
            Plan::List => Planned::Answered(Box::new(self.listed(question, mode, reading)?)),
            Plan::Count(what) => match self.counted(question, mode, &what, reading)? {
                Some(answer) => Planned::Answered(Box::new(answer)),
                None => Planned::One(None),
            },
            Plan::Parts(parts) => self.in_parts(question, mode, &parts, reading)?,
        };
        if let Planned::Answered(answer) = &answer {
            let passages = answer.citations.iter().map(|citation| citation.passage.clone()).collect();
            on_event(AnswerEvent::Found(&SearchResults {
                passages,
                confidence: answer.confidence,
                missing: answer.missing.clone(),
                took: answer.took,
                ..SearchResults::default()
            }));
        }
        Ok(answer)
    }

    /// The answer of quotes from what was found.
    pub(super) fn answer_of(&self, question: &Question, mode: Mode, found: SearchResults) -> Result<Answer> {
        self.answer_with(question, mode, found, &self.config().ask, 0)
    }

    /// The same with other numbers. So many of the first passages are items of a list.
    pub(super) fn answer_with(
        &self,
        question: &Question,
        mode: Mode,
        found: SearchResults,
        config: &AskConfig,
        items: usize,
    ) -> Result<Answer> {
        // Nothing found needs no names.
        let lexicon = (!found.passages.is_empty()).then(|| self.engine().lexicon()).transpose()?;
        let quoting = ask::Quoting { lexicon, config, items };
        ask::answer(question, mode, found, quoting, |reason, missing| self.notice(question, reason, missing))
    }

    /// Each part by itself; the search for the whole question if its parts are one name after all.
    fn in_parts(&self, question: &Question, mode: Mode, parts: &Parts, reading: &Reading<'_>) -> Result<Planned> {
        if parts.may_be_one || parts.joined.is_some() {
            let whole = self.search_in(question, reading)?;
            if self.is_one(parts, &whole)? {
                return Ok(Planned::One(Some(Box::new(whole))));
            }
        }
        let mut merged = Answer { mode, ..Answer::default() };
        let today = reading.today(question);
        for part in &parts.parts {
            reading.cancel.check()?;
            let text = ask::part_in_time(&question.text, &part.text, today);
            let passages = of_part(&question.passages, part, parts);
            // What was corrected is told of the question as a whole.
            let question = Question { text, passages, corrections: Some(Vec::new()), ..question.clone() };
            let mut found = self.search_in(&question, reading)?;
            if part.is_name {
                self.about_the_name(&part.label, &mut found)?;
            } else {
                let others: Vec<&str> =
                    parts.parts.iter().map(|other| other.label.as_str()).filter(|label| *label != part.label).collect();
                ask::without_rivals(&part.label, &others, &mut found.passages);
            }
            let answer = self.answer_of(&question, mode, found)?;
            add(&mut merged, part, self.if_it_has_who_is_asked_for(&question, answer)?);
        }
        merged.text = ask::joined(&mut merged.sentences);
        merged.answerable = merged.parts.iter().any(|part| part.answerable);
        let confidences = || merged.parts.iter().map(|part| (part.answerable, part.confidence));
        let lowest = confidences().filter(|(answerable, _)| *answerable).map(|(_, confidence)| confidence);
        merged.confidence = match merged.answerable {
            true => lowest.fold(1.0, f32::min),
            false => confidences().map(|(_, confidence)| confidence).fold(0.0, f32::max),
        };
        if merged.answerable {
            merged.missing.clear();
            let open: Vec<&str> =
                merged.parts.iter().filter(|part| !part.answerable).map(|part| part.label.as_str()).collect();
            if !open.is_empty() {
                merged.notes.push(self.remark(question, NoteAbout::Parts, |remarks, is_unspaced| {
                    let labels = open.join(if is_unspaced { "、" } else { ", " });
                    filled(&remarks.parts, &[("parts", &one_line(&labels))])
                })?);
            }
        } else {
            let is_outside = merged.time.as_ref().is_some_and(|time| time.outcome == TimeOutcome::Outside);
            let reason = if is_outside { Reason::OutsideTime } else { Reason::Unanswered };
            merged.notice = Some(self.notice(question, reason, &merged.missing)?);
        }
        if parts.is_comparison && merged.answerable {
            merged.comparison = Some(ask::compared(&merged.parts, &merged.sentences));
        }
        Ok(Planned::Answered(Box::new(merged)))
    }

    /// Whether the things of a question are one: of the passages found for the `whole` question, one has them joined, or the best
    /// quote has all of them.
    fn is_one(&self, parts: &Parts, whole: &SearchResults) -> Result<bool> {
        let joined = parts.joined.as_deref().map(fold);
        let has_joined = |joined: String| whole.passages.iter().any(|passage| fold(&passage.text).contains(&joined));
        let Some(best) = whole.passages.first() else { return Ok(false) };
        let lexicon = self.engine().lexicon()?;
        let has_all = || parts.parts.iter().all(|part| ask::quoted(lexicon, &part.label)(best));
        Ok(joined.is_some_and(has_joined) || parts.may_be_one && has_all())
    }

    /// Leaves the passages that have a name under one of its names: what another thing says of the same does not answer for
    /// this one. If none has it, it is missing.
    fn about_the_name(&self, name: &str, found: &mut SearchResults) -> Result<()> {
        let has_name = ask::named(self.engine().lexicon()?, name);
        if found.passages.iter().any(&has_name) {
            let best = found.passages.first().map_or(0.0, |passage| passage.scores.late);
            found.passages.retain(has_name);
            // The confidence may be that of a passage that was dropped.
            let is_less =
                |passage: &FoundPassage| passage.support < ask::SUPPORTED_FROM && best - passage.scores.late > FURTHER;
            if found.passages.first().is_none_or(is_less) {
                found.confidence = found.confidence.min(ask::UNNAMED);
            }
        } else if !found.passages.is_empty() && found.missing.is_empty() {
            found.missing.push(name.to_owned());
        }
        Ok(())
    }

    /// Each item that probably holds evidence.
    fn listed(&self, question: &Question, mode: Mode, reading: &Reading<'_>) -> Result<Answer> {
        let count = question.top_k.unwrap_or(self.config().ask.top_k);
        let wide = Question { top_k: Some(count.max(SEARCHED_FOR_ITEMS)), ..question.clone() };
        let mut found = self.search_in(&wide, reading)?;
        let items = ask::items_first(self.engine().lexicon()?, &question.text, &mut found.passages, count);
        let config = AskConfig { sentences: self.config().ask.sentences.max(MOST_ITEMS), ..self.config().ask.clone() };
        Ok(Answer { is_list: true, ..self.answer_with(question, mode, found, &config, items)? })
    }
}

/// The conditions on passages that hold for a part of a question: phrases that stand in another part and not in this one do not.
fn of_part(passages: &PassageFilter, part: &Part, parts: &Parts) -> PassageFilter {
    let mut of_part = passages.clone();
    let is_elsewhere = |phrase: &str| parts.parts.iter().any(|other| other.text.contains(phrase));
    of_part.phrases.retain(|phrase| part.text.contains(phrase.as_str()) || !is_elsewhere(phrase));
    of_part
}

/// Adds the answer to a part.
fn add(merged: &mut Answer, part: &Part, answer: Answer) {
    merged.operators.extend(answer.operators);
    let start = merged.sentences.len();
    let mut ids: Vec<usize> = Vec::with_capacity(answer.citations.len());
    let mut near = 0;
    for citation in answer.citations {
        let passage = citation.passage;
        let is_same = |other: &&Citation| {
            other.passage.is_same(&passage) && other.passage.quote.location == passage.quote.location
        };
        let differs = || answer.differences.iter().flat_map(|difference| &difference.values);
        let is_cited = answer.sentences.iter().any(|sentence| sentence.citations.contains(&citation.id))
            || differs().any(|value| value.citation == citation.id);
        let known = merged.citations.iter().find(is_same).map(|citation| citation.id);
        near += usize::from(!is_cited && known.is_none());
        ids.push(match known {
            Some(id) => id,
            None if !is_cited && near > NEAR_OF_A_PART => 0,
            None => {
                let id = merged.citations.len() + 1;
                merged.citations.push(Citation { id, passage });
                id
            }
        });
    }
    for mut sentence in answer.sentences {
        sentence.citations.iter_mut().for_each(|id| *id = ids[*id - 1]);
        merged.sentences.push(sentence);
    }
    for mut difference in answer.differences {
        difference.values.iter_mut().for_each(|value| value.citation = ids[value.citation - 1]);
        merged.differences.push(difference);
    }
    for note in answer.notes {
        if !merged.notes.contains(&note) {
            merged.notes.push(note);
        }
    }
    // The time of a part that is answered from it goes before that of one that is not.
    let is_open = merged.time.as_ref().is_none_or(|time| time.outcome == TimeOutcome::Outside);
    if is_open && answer.time.is_some() {
        merged.time = answer.time;
    }
    merged
        .missing
        .extend(answer.missing.iter().filter(|name| !merged.missing.contains(name)).cloned().collect::<Vec<_>>());
    let took = &mut merged.took;
    took.embed_ms += answer.took.embed_ms;
    took.search_ms += answer.took.search_ms;
    took.cite_ms += answer.took.cite_ms;
    took.total_ms += answer.took.total_ms;
    merged.parts.push(AnswerPart {
        label: part.label.clone(),
        question: part.text.clone(),
        answerable: answer.answerable,
        confidence: answer.confidence,
        missing: answer.missing,
        sentences: (start, merged.sentences.len()),
    });
}
