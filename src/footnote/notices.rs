//! Notices: why a message has no answer, in the language of the person who wrote it.

use super::Footnote;
use crate::ask::{Content, Question, content};
use crate::error::Result;
use crate::index::store::Store;
use crate::notices::{DEFAULT_LANGUAGE, Notices};
use crate::passage::{Notice, Reason};
use crate::terms::{ChineseScript, language_of_question};

impl Footnote {
    /// The answer to a message without words.
    #[cfg(feature = "server")]
    pub(crate) fn unasked(&self, question: &Question) -> Result<crate::passage::Answer> {
        let nothing = crate::ask::SearchResults::default();
        crate::ask::answer(question, nothing, &self.config().ask, |reason, missing| {
            self.notice(question, reason, missing)
        })
    }

    /// Why a question has no answer, in its language.
    /// `missing` are names in the question that no passage has.
    pub(super) fn notice(&self, question: &Question, reason: Reason, missing: &[String]) -> Result<Notice> {
        let told = question.language.clone().or_else(|| Self::language_of(&question.text));
        let language = match told.as_deref() {
            // All of its characters belong to both scripts.
            Some("zh") => match self.collection.chinese_script()? {
                Some(ChineseScript::Simplified) => "zh-Hans",
                Some(ChineseScript::Traditional) | None => "zh-Hant",
            },
            Some(tag) if Notices::has(tag) => tag,
            _ => DEFAULT_LANGUAGE,
        };
        let notices = Notices::in_language(language);
        let text = match reason {
            Reason::Unanswered if missing.is_empty() => notices.unanswered.clone(),
            Reason::Unanswered => notices.unnamed(missing, language),
            Reason::NoQuestion => {
                let counts = self.collection.store().map(Store::counts).transpose()?.unwrap_or_default();
                notices.purpose(counts.documents)
            }
        };
        Ok(Notice { reason, language: language.to_owned(), text })
    }

    /// The language of a message, a question or not: a BCP 47 tag, if anything tells it; `zh` if it is Chinese of either script.
    pub(crate) fn language_of(text: &str) -> Option<String> {
        match content(text) {
            // Its script tells more than the phrase.
            Content::Nothing(Some(language)) if language != "zh" => Some(language.to_owned()),
            _ => language_of_question(text),
        }
    }
}
