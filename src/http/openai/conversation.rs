//! A conversation as clients of chat APIs send it, and its answer. `OpenAI`'s and Ollama's APIs share it.

use super::super::App;
use super::super::admission::Slot;
use super::super::ask::MAX_TOP_K;
use super::super::problem::Problem;
use super::Usage;
use super::ending::{Ending, Finish};
use super::models::ChatModel;
use super::prose::Prose;
use super::tasks::Task;
use crate::filter::Filter;
use crate::footnote::{AnswerEvent, Footnote, MAX_QUESTION_CHARS, Question};
use crate::json::in_range;
use crate::links::Links;
use crate::passage::Citation;

/// What was said before the answer that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Conversation {
    /// Instructions. They are not followed, but tell a front end's own prompts.
    pub(in super::super) system: Vec<String>,
    /// The user's messages, oldest first.
    pub(in super::super) said: Vec<String>,
    /// The assistant's last message.
    pub(in super::super) answered: String,
}

/// How it is to be answered.
#[derive(Debug, Clone)]
pub(in super::super) struct Wanted {
    pub(in super::super) model: ChatModel,
    pub(in super::super) top_k: Option<usize>,
    pub(in super::super) filter: Filter,
    pub(in super::super) ending: Ending,
}

/// What is said before the answer is complete.
#[derive(Debug)]
pub(in super::super) enum Said {
    /// What was found, best first, and the collection that it is of.
    Found(Vec<Citation>, String),
    /// The next piece of the message.
    Piece(String),
}

/// An answer.
#[derive(Debug)]
pub(in super::super) struct Spoken {
    pub(in super::super) prose: Prose,
    /// What was found, best first. The marks in the text are their ids.
    pub(in super::super) citations: Vec<Citation>,
    /// The collection that they are of.
    pub(in super::super) collection: String,
    /// What was asked, made independent of the conversation; empty if nothing was.
    pub(in super::super) question: String,
    pub(in super::super) usage: Usage,
    pub(in super::super) finish: Finish,
}

impl Conversation {
    /// Adds a message.
    pub(in super::super) fn add(&mut self, role: &str, text: String) {
        match role {
            "user" => self.said.push(text),
            "assistant" => self.answered = text,
            "system" | "developer" => self.system.push(text),
            _ => {}
        }
    }

    /// Whether the last message is a front end's own prompt that is not answered from the documents.
    pub(in super::super) fn is_task(&self) -> bool {
        matches!(self.task(), Some(Task::Said(_)))
    }

    fn task(&self) -> Option<Task> {
        self.said.last().and_then(|last| Task::of(&self.system, last))
    }

    /// Answers the last message of the user.
    pub(in super::super) async fn answer(
        self,
        slot: Slot,
        app: &App,
        links: Links,
        wanted: Wanted,
    ) -> Result<Spoken, Problem> {
        self.answer_live(slot, app, links, wanted, |_| ()).await
    }

    /// As [`Conversation::answer`]; `on_said` receives the sentences as they come, unless the answer may have to end before
    /// one of them.
    pub(in super::super) async fn answer_live(
        mut self,
        slot: Slot,
        app: &App,
        links: Links,
        wanted: Wanted,
        mut on_said: impl FnMut(Said) + Send + 'static,
    ) -> Result<Spoken, Problem> {
        let Wanted { model, top_k, filter, ending } = wanted;
        let text = match self.task() {
            Some(Task::Said(text)) => Some(text),
            Some(Task::Asked(question)) => {
                self.said.pop();
                self.said.push(question);
                None
            }
            None => None,
        };
        if text.is_none() && self.said.last().is_some_and(|last| last.chars().count() > MAX_QUESTION_CHARS) {
            return Err(Problem::bad_request(
                format!("the last message has more than {MAX_QUESTION_CHARS} characters"),
                "ask a shorter question",
            ));
        }
        let question = Question {
            text: String::new(),
            top_k: in_range("footnote.top_k", top_k, 1, MAX_TOP_K)?,
            context_sentences: None,
            mode: model.mode,
            filter,
            language: None,
            asker: slot.asker(),
            ..Question::default()
        };
        slot.run_together(app, model.asked, move |collections, cancel| {
            let collection = collections.name().to_owned();
            let count = |text: &str| collections.count_tokens(text);
            let (mut prose, citations, question, asked) = if let Some(text) = text {
                let asked = self.said.last().cloned().unwrap_or_default();
                (Prose::plain(text), Vec::new(), String::new(), asked)
            } else {
                let (last, earlier) =
                    self.said.split_last().map_or(("", &[][..]), |(last, earlier)| (last.as_str(), earlier));
                let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
                // "OK" has no language of its own; the conversation has.
                let language = self.said.iter().rev().find_map(|text| Footnote::language_of(text));
                let follow_up = collections.follow_up(&earlier, last, &question, cancel)?;
                let question = Question { text: follow_up.text.clone(), language, ..question };
                // A message that is no answer lists passages in its second paragraph.
                let answered = self.answered.split("\n\n").next().unwrap_or_default();
                let mut prose = Prose::default();
                let mut told = 0;
                let mut on_event = |event: AnswerEvent<'_>| {
                    let AnswerEvent::Sentence { sentence, citations, part, .. } = event else { return };
                    if let Some(label) = part {
                        prose.part(label);
                    }
                    prose.sentence(sentence, citations, &links, &collection);
                    if !ending.is_open() {
                        return;
                    }
                    if told == 0 {
                        on_said(Said::Found(citations.to_vec(), collection.clone()));
                    }
                    prose.pieces[told..].iter().for_each(|piece| on_said(Said::Piece(piece.clone())));
                    told = prose.pieces.len();
                };
                let answer = match question.text.is_empty() {
                    // Some clients open a conversation with an empty message.
                    true => collections.unasked(&question)?,
                    false => collections.ask_after(answered, &follow_up, &question, cancel, &mut on_event)?,
                };
                let language = collections.language_for(&question)?;
                prose.end(&answer, language.as_deref(), &links, &collection);
                (prose, answer.citations, question.text.clone(), question.text)
            };
            let finish = ending.apply(&mut prose, count)?;
            let (prompt, completion) = (count(&asked)?, count(&prose.text())?);
            let usage =
                Usage { prompt_tokens: prompt, completion_tokens: Some(completion), total_tokens: prompt + completion };
            Ok(Spoken { prose, citations, collection, question, usage, finish })
        })
        .await
    }
}
