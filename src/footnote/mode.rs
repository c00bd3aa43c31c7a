//! Which kind of answer a question gets.

use super::Collections;
use crate::ask::Question;
use crate::config::{Config, WriterMode};
use crate::error::{Error, Result};
use crate::passage::Mode;
#[cfg(not(feature = "writer"))]
use {super::AnswerEvent, crate::cancel::Cancel, crate::passage::Answer};

/// The kinds of answer that these settings allow, the configured one first.
#[cfg(feature = "server")]
pub(crate) fn modes(config: &Config) -> Vec<Mode> {
    if !config.writer.is_configured() || !cfg!(feature = "writer") {
        return vec![Mode::Extract];
    }
    let default = default(config);
    let others = [Mode::Extract, Mode::Write, Mode::Translate].into_iter().filter(|mode| *mode != default);
    std::iter::once(default).chain(others).collect()
}

fn default(config: &Config) -> Mode {
    match config.writer.mode {
        WriterMode::Extract => Mode::Extract,
        WriterMode::Write => Mode::Write,
        WriterMode::Translate => Mode::Translate,
    }
}

impl Collections<'_> {
    /// The kind of answer that a question asks for, or the configured one.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if it needs a language model and there is none.
    pub(super) fn mode_of(&self, question: &Question) -> Result<Mode> {
        let mode = question.mode.unwrap_or(default(self.config()));
        let is_written = matches!(mode, Mode::Write | Mode::Translate);
        if is_written && !cfg!(feature = "writer") {
            return Err(Error::Input {
                reason: format!("the mode `{}` needs a language model, which this program cannot ask", mode.as_str()),
                hint: "build it with the feature `writer`, or use the mode `extract`".into(),
            });
        }
        if is_written && !self.config().writer.is_configured() {
            return Err(Error::Input {
                reason: format!("the mode `{}` needs a language model, and none is configured", mode.as_str()),
                hint:
                    "set [writer] url and model to a server with OpenAI's chat completions, or use the mode `extract`"
                        .into(),
            });
        }
        Ok(mode)
    }

    /// The last of a conversation's questions by itself, by rules. `question` says how it is asked.
    #[cfg(all(feature = "server", not(feature = "writer")))]
    pub(crate) fn follow_up(
        &self,
        earlier: &[&str],
        last: &str,
        question: &Question,
        cancel: &Cancel,
    ) -> Result<crate::ask::FollowUp> {
        self.condensed(earlier, last, question, cancel)
    }

    /// Passes on the sentences of a quoted answer.
    #[cfg(not(feature = "writer"))]
    pub(super) fn completed(
        &self,
        _question: &Question,
        answer: Answer,
        _cancel: &Cancel,
        on_event: &mut dyn FnMut(AnswerEvent<'_>),
    ) -> Result<Answer> {
        super::tell(&answer, on_event);
        Ok(answer)
    }
}
