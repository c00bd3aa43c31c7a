//! Notices: why a message has no answer, in the language of the person who wrote it.

use super::{Collections, Footnote};
use crate::ask::{Content, Question, content};
use crate::error::Result;
use crate::notices::{DEFAULT_LANGUAGE, Notices, Remarks};
use crate::passage::{Notice, Reason};
use crate::terms::{ChineseScript, language_of_question};

impl Collections<'_> {
    /// The answer to a message without words.
    #[cfg(feature = "server")]
    pub(crate) fn unasked(&self, question: &Question) -> Result<crate::passage::Answer> {
        let nothing = crate::ask::SearchResults::default();
        let mode = self.mode_of(question)?;
        self.answer_of(question, mode, nothing)
    }

    /// Why a question has no answer, in its language. `missing` are names in the question that no passage has.
    pub(super) fn notice(&self, question: &Question, reason: Reason, missing: &[String]) -> Result<Notice> {
        let told = self.language_for(question)?;
        let language = told.as_deref().filter(|tag| Notices::has(tag)).unwrap_or(DEFAULT_LANGUAGE);
        let notices = Notices::in_language(language);
        let text = match reason {
            Reason::OutsideTime => {
                let (remarks, language) = Remarks::in_language(Some(language));
                return Ok(Notice { reason, language: language.to_owned(), text: remarks.outside.clone() });
            }
            Reason::Unanswered if missing.is_empty() => notices.unanswered.clone(),
            Reason::Unanswered => notices.unnamed(missing, language),
            Reason::NoQuestion => notices.purpose(self.documents()?),
            Reason::Order => notices.order.clone(),
            Reason::NotWritten => notices.not_written.clone(),
            Reason::CutShort => notices.cut_short.clone(),
        };
        Ok(Notice { reason, language: language.to_owned(), text })
    }

    /// The language in which a question is answered: a BCP 47 tag, for Chinese with its script, if anything tells it.
    pub(crate) fn language_for(&self, question: &Question) -> Result<Option<String>> {
        let told = question.language.clone().or_else(|| Footnote::language_of(&question.text));
        if told.as_deref() != Some("zh") {
            return Ok(told);
        }
        // All of its characters belong to both scripts.
        let script = match self.chinese_script()? {
            Some(ChineseScript::Simplified) => "zh-Hans",
            Some(ChineseScript::Traditional) | None => "zh-Hant",
        };
        Ok(Some(script.to_owned()))
    }
}

impl Footnote {
    /// The language of a message, a question or not: a BCP 47 tag, if anything tells it; `zh` if it is Chinese of either script.
    pub(crate) fn language_of(text: &str) -> Option<String> {
        match content(text) {
            // Its script tells more than the phrase.
            Content::Nothing(Some(language)) if language != "zh" => Some(language.to_owned()),
            _ => language_of_question(text),
        }
    }
}
