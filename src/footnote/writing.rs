//! Answers that a language model writes or translates. Each of its sentences is checked before anybody sees it; where it
//! fails, the quotes remain.

use std::time::Instant;

use serde_json::Value;

use super::{AnswerEvent, Collections, Footnote, tell};
#[cfg(feature = "server")]
use crate::ask::FollowUp;
use crate::ask::{self, Question};
use crate::cancel::Cancel;
use crate::config::Unsupported;
use crate::error::{Error, Result};
use crate::passage::{Answer, AnswerSentence, Citation, Mode, Reason, Span, Verdict, Writing, WritingState};
use crate::terms::language;
use crate::writer::{Deadline, Failure, Outcome, Quoted, Writer};

/// Passages that a language model is given, at most.
const MAX_QUOTES: usize = 10;
/// Earlier questions of a conversation that it is given, at most.
#[cfg(feature = "server")]
const MAX_EARLIER: usize = 4;

impl Footnote {
    /// The requests that an answer would send to the language model; none if there is nothing for it to do.
    ///
    /// # Errors
    ///
    /// Those of [`Footnote::ask`]; [`Error::Input`] if the mode needs no language model.
    pub fn writer_requests(&self, question: &Question, cancel: &Cancel) -> Result<Vec<Value>> {
        self.alone().writer_requests(question, cancel)
    }
}

impl Collections<'_> {
    /// Has the language model write or translate a quoted answer, if its mode says so. Passes on the sentences.
    pub(super) fn completed(
        &self,
        question: &Question,
        quoted: Answer,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let is_written = matches!(quoted.mode, Mode::Write | Mode::Translate);
        let Some(writer) = self.engine().writer().filter(|_| is_written) else {
            tell(&quoted, on_event);
            return Ok(quoted);
        };
        let started = Instant::now();
        let mut answer = match quoted.mode {
            _ if quoted.sentences.is_empty() => with_state(quoted, writer, WritingState::NotNeeded, on_event),
            Mode::Translate => self.translated(writer, question, quoted, cancel, on_event)?,
            _ => self.written(writer, question, quoted, cancel, on_event)?,
        };
        answer.took.total_ms += started.elapsed().as_secs_f64() * 1e3;
        Ok(answer)
    }

    /// See [`Footnote::writer_requests`].
    pub(crate) fn writer_requests(&self, question: &Question, cancel: &Cancel) -> Result<Vec<Value>> {
        let reading = self.reading_to_answer(question, cancel)?;
        let understood = self.understood(question, &reading)?;
        let question = understood.asked()?;
        let quoted = self.quoted(question, &reading, &mut |_| ())?;
        let is_written = matches!(quoted.mode, Mode::Write | Mode::Translate);
        let Some(writer) = self.engine().writer().filter(|_| is_written) else {
            return Err(Error::Input {
                reason: format!("the mode `{}` sends nothing to a language model", quoted.mode.as_str()),
                hint: "choose the mode `write` or `translate`".into(),
            });
        };
        let language = self.language_for(question)?;
        if quoted.sentences.is_empty() {
            return Ok(Vec::new());
        }
        if quoted.mode == Mode::Write {
            return Ok(vec![writer.request(&question.text, language.as_deref(), &quotes(&quoted.citations))]);
        }
        let foreign =
            quoted.sentences.iter().filter(|sentence| is_foreign(sentence, &quoted.citations, language.as_deref()));
        Ok(foreign.map(|sentence| writer.translation_request(&sentence.text, language.as_deref())).collect())
    }

    /// The last of a conversation's questions by itself: by the language model if it is to write the answer, by rules
    /// otherwise and where it fails. `question` says how it is asked.
    #[cfg(feature = "server")]
    pub(crate) fn follow_up(
        &self,
        earlier: &[&str],
        last: &str,
        question: &Question,
        cancel: &Cancel,
    ) -> Result<FollowUp> {
        let ruled = self.condensed(earlier, last, question, cancel)?;
        let asks = |text: &&&str| matches!(ask::content(text), ask::Content::Question | ask::Content::Word);
        let earlier: Vec<&str> = earlier.iter().filter(asks).copied().collect();
        let is_written = matches!(self.mode_of(question)?, Mode::Write | Mode::Translate);
        let Some(writer) = self.engine().writer().filter(|_| is_written && !earlier.is_empty() && asks(&&last)) else {
            return Ok(ruled);
        };
        let Some(_permit) = writer.begin() else { return Ok(ruled) };
        let recent = &earlier[earlier.len().saturating_sub(MAX_EARLIER)..];
        Ok(match writer.condense(recent, last, cancel)? {
            // One passage may hold both answers, of which the model writes the new one.
            Some(text) => FollowUp { is_rewritten: text != last.trim(), text, ..FollowUp::default() },
            None => ruled,
        })
    }

    fn written(
        &self,
        writer: &Writer,
        question: &Question,
        quoted: Answer,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let Some(_permit) = writer.begin() else { return self.fallback(writer, question, quoted, busy(), 0, on_event) };
        let language = self.language_for(question)?;
        let request = writer.request(&question.text, language.as_deref(), &quotes(&quoted.citations));
        let mut given = Given::default();
        let outcome = writer.write(&request, writer.deadline(), cancel, &mut |text, numbers| {
            let text = shown(text);
            if !text.contains(char::is_alphanumeric) {
                return Ok(());
            }
            let citations: Vec<usize> = numbers.into_iter().filter(|id| is_shown(*id, &quoted.citations)).collect();
            let checked = self.check_sentence(&text, &citations, &quoted.citations, cancel)?;
            if checked.verdict != Verdict::Supported && self.config().writer.unsupported == Unsupported::Drop {
                given.dropped += 1;
                return Ok(());
            }
            let supported = checked.verdict == Verdict::Supported;
            let verdict = Some(checked.verdict);
            given.add(AnswerSentence {
                span: Span::new(0, 0),
                text,
                citations,
                supported,
                is_row: false,
                verdict,
                original: None,
            });
            if given.holds() {
                given.tell(&quoted.citations, on_event);
            }
            Ok(())
        })?;
        if !given.holds() {
            let failure = match outcome {
                Outcome::Failed(failure) => failure,
                Outcome::Declined => Failure { state: WritingState::Declined, detail: String::new() },
                Outcome::Complete => Failure { state: WritingState::Unsupported, detail: String::new() },
            };
            return self.fallback(writer, question, quoted, failure, given.dropped, on_event);
        }
        let (state, detail) = match outcome {
            Outcome::Failed(failure) => (WritingState::CutShort, failure.detail),
            Outcome::Complete | Outcome::Declined => (WritingState::Written, String::new()),
        };
        let notice =
            (state == WritingState::CutShort).then(|| self.notice(question, Reason::CutShort, &[])).transpose()?;
        let confidence = given.confidence(&quoted.citations);
        let writing = Some(Writing { state, model: writer.model().to_owned(), detail, dropped: given.dropped });
        let (text, sentences) = (given.text, given.sentences);
        // Differences are those of the quotes.
        Ok(Answer { text, sentences, confidence, notice, writing, differences: Vec::new(), ..quoted })
    }

    fn translated(
        &self,
        writer: &Writer,
        question: &Question,
        quoted: Answer,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        let language = self.language_for(question)?;
        let foreign = |sentence: &AnswerSentence| is_foreign(sentence, &quoted.citations, language.as_deref());
        if !quoted.sentences.iter().any(foreign) {
            return Ok(with_state(quoted, writer, WritingState::NotNeeded, on_event));
        }
        let Some(_permit) = writer.begin() else { return self.fallback(writer, question, quoted, busy(), 0, on_event) };
        let deadline = writer.deadline();
        let mut given = Given::default();
        let mut failure = None;
        let mut translations = 0;
        for sentence in &quoted.sentences {
            let mut shown = sentence.clone();
            if failure.is_none() && foreign(sentence) {
                let request = writer.translation_request(&sentence.text, language.as_deref());
                match self.translation(writer, &request, sentence, &quoted.citations, deadline, cancel)? {
                    Ok(Some(translation)) => {
                        shown = translation;
                        translations += 1;
                    }
                    Ok(None) => given.dropped += 1,
                    Err(error) => failure = Some(error),
                }
            }
            given.add(shown);
            given.tell(&quoted.citations, on_event);
        }
        let (state, detail) = match failure {
            Some(failure) if translations > 0 => (WritingState::CutShort, failure.detail),
            Some(failure) => (failure.state, failure.detail),
            None if translations > 0 => (WritingState::Written, String::new()),
            None => (WritingState::Unsupported, String::new()),
        };
        let reason = match state {
            WritingState::Written => None,
            WritingState::CutShort => Some(Reason::CutShort),
            _ => Some(Reason::NotWritten),
        };
        let notice = reason.map(|reason| self.notice(question, reason, &[])).transpose()?;
        let writing = Some(Writing { state, model: writer.model().to_owned(), detail, dropped: given.dropped });
        Ok(Answer { text: given.text, sentences: given.sentences, notice, writing, ..quoted })
    }

    /// A quote's translation; `None` if the quote does not support it.
    fn translation(
        &self,
        writer: &Writer,
        request: &Value,
        sentence: &AnswerSentence,
        citations: &[Citation],
        deadline: Deadline,
        cancel: &Cancel,
    ) -> Result<std::result::Result<Option<AnswerSentence>, Failure>> {
        let text = match writer.translate(request, deadline, cancel)? {
            Ok(text) => shown(text),
            Err(failure) => return Ok(Err(failure)),
        };
        if !text.contains(char::is_alphanumeric) {
            return Ok(Ok(None));
        }
        let verdict = self.verdict_on(&text, &sentence.citations, citations, cancel)?;
        let supported = verdict == Verdict::Supported;
        if !supported && self.config().writer.unsupported == Unsupported::Drop {
            return Ok(Ok(None));
        }
        let original = Some(sentence.text.clone());
        let translation = AnswerSentence { text, supported, verdict: Some(verdict), original, ..sentence.clone() };
        Ok(Ok(Some(translation)))
    }

    /// The verdict on a translation, each of whose sentences must be supported: a quote of one may be translated by several.
    fn verdict_on(&self, text: &str, cited: &[usize], citations: &[Citation], cancel: &Cancel) -> Result<Verdict> {
        let statements = crate::check::statements(text);
        let mut parts: Vec<&str> = statements.iter().map(|statement| &text[statement.span.range()]).collect();
        if parts.len() < 2 {
            parts = vec![text];
        }
        for part in parts {
            let verdict = self.check_sentence(part, cited, citations, cancel)?.verdict;
            if verdict != Verdict::Supported {
                return Ok(verdict);
            }
        }
        Ok(Verdict::Supported)
    }

    /// The quoted answer, with the reason why it is not written.
    fn fallback(
        &self,
        writer: &Writer,
        question: &Question,
        mut quoted: Answer,
        failure: Failure,
        dropped: usize,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        // Callers are told; a log of warnings would say it twice.
        tracing::info!("the language model gave no answer ({}) {}", failure.state.as_str(), failure.detail);
        quoted.notice = Some(self.notice(question, Reason::NotWritten, &[])?);
        let Failure { state, detail } = failure;
        quoted.writing = Some(Writing { state, model: writer.model().to_owned(), detail, dropped });
        tell(&quoted, on_event);
        Ok(quoted)
    }
}

/// The sentences of an answer that is being written.
#[derive(Default)]
struct Given {
    sentences: Vec<AnswerSentence>,
    text: String,
    /// Where in the text each sentence ends, with its marks.
    ends: Vec<usize>,
    /// Sentences that were passed on.
    told: usize,
    dropped: usize,
}

impl Given {
    fn add(&mut self, sentence: AnswerSentence) {
        self.sentences.push(sentence);
        self.text = ask::joined(&mut self.sentences);
        self.ends.push(self.text.len());
    }

    /// Whether the documents support any of them.
    fn holds(&self) -> bool {
        self.sentences.iter().any(|sentence| sentence.supported)
    }

    /// Passes on the sentences that were not passed on before.
    fn tell(&mut self, citations: &[Citation], on_event: &mut dyn FnMut(AnswerEvent<'_>)) {
        let mut start = self.told.checked_sub(1).map_or(0, |last| self.ends[last]);
        for (sentence, end) in self.sentences.iter().zip(&self.ends).skip(self.told) {
            on_event(AnswerEvent::Sentence { piece: &self.text[start..*end], sentence, citations, part: None });
            start = *end;
        }
        self.told = self.sentences.len();
    }

    /// The mean of the probabilities that the sentences answer. That of a sentence is the relevance of the best passage that it
    /// rests on, or 0 if it is not supported.
    fn confidence(&self, citations: &[Citation]) -> f32 {
        let relevance = |id: &usize| citations.get(id - 1).map_or(0.0, |citation| citation.passage.relevance);
        let of = |sentence: &AnswerSentence| match sentence.supported {
            true => sentence.citations.iter().map(relevance).fold(0.0, f32::max),
            false => 0.0,
        };
        self.sentences.iter().map(of).sum::<f32>() / self.sentences.len().max(1) as f32
    }
}

/// A sentence as it is checked: nothing of it is shown that the check leaves out, such as tags and marks.
fn shown(mut text: String) -> String {
    loop {
        let plain = crate::check::plain(&text);
        if plain == text {
            return text;
        }
        text = plain;
    }
}

fn busy() -> Failure {
    Failure { state: WritingState::Busy, detail: String::new() }
}

/// A quoted answer that the language model has nothing to do with.
fn with_state(
    mut quoted: Answer,
    writer: &Writer,
    state: WritingState,
    on_event: &mut dyn FnMut(AnswerEvent<'_>),
) -> Answer {
    quoted.writing = Some(Writing { state, model: writer.model().to_owned(), detail: String::new(), dropped: 0 });
    tell(&quoted, on_event);
    quoted
}

/// What the language model is given.
fn quotes(citations: &[Citation]) -> Vec<Quoted<'_>> {
    let shown = citations.iter().filter(|citation| is_shown(citation.id, citations));
    let quoted = shown.map(|Citation { id, passage }| Quoted {
        number: *id,
        title: &passage.document.title,
        published: passage.document.published.as_deref(),
        text: &passage.text,
    });
    quoted.collect()
}

/// Whether the language model is given the citation with this number.
fn is_shown(id: usize, citations: &[Citation]) -> bool {
    (1..=citations.len().min(MAX_QUOTES)).contains(&id)
}

/// Whether a quote is in another language than the one with this tag. Rows of tables are not translated.
fn is_foreign(sentence: &AnswerSentence, citations: &[Citation], wanted: Option<&str>) -> bool {
    let cited = sentence.citations.first().and_then(|id| citations.get(id - 1));
    let told = cited.and_then(|citation| citation.passage.document.language.clone());
    let of = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    let own = language::detect(&sentence.text).or(told);
    match (own, wanted) {
        (Some(own), Some(wanted)) => of(&own) != of(wanted) && !sentence.is_row,
        _ => false,
    }
}
