//! The words of languages, by which misspelt words of questions are corrected: installing and reading them.

use super::folder::Folder;
use super::pull::{Compiled, Installation};
use super::{PullEvent, names};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::lexicon::{WordList, compile_word_list};
use crate::model::manifest::{Manifest, PackagedWords};

impl Installation<'_, '_> {
    /// Installs the word lists if they are missing or `force` is set. Everything works without them, too.
    pub(super) fn install_word_lists(&self, force: bool, events: &mut dyn FnMut(PullEvent)) -> Result<()> {
        let lists = &self.manifest().word_lists;
        let files: Vec<Compiled<'_>> = lists
            .lists
            .iter()
            .map(|list| Compiled {
                file: &list.words,
                name: names::word_list(&list.language),
                compile: &compile_word_list,
            })
            .collect();
        self.install_compiled(&Folder::of_word_lists(lists), &lists.name, &files, force, events)
    }
}

/// The installed word lists by their languages; none if they were never installed. Without them, words are corrected less.
pub(super) fn read(config: &ModelConfig) -> Result<Vec<(String, WordList)>> {
    let lists = Manifest::bundled()?.word_lists;
    let folder = Folder::of_word_lists(&lists);
    let place = config.dir.join(&folder.name);
    let damaged = |reason: String| Error::Model {
        model: lists.name.clone(),
        reason,
        hint: "run `footnote models pull --force`, or set [lexicon] dictionaries = false".into(),
    };
    if !place.try_exists().map_err(Error::io("read", &place))? {
        tracing::debug!(
            "the word lists {} are not installed, so English and German words are not corrected",
            lists.name
        );
        return Ok(Vec::new());
    }
    let Some(record) = folder.installed(&config.dir)? else {
        return Err(damaged(format!("{} is damaged, or of another version of Footnote", place.display())));
    };
    let read = |list: &PackagedWords| {
        let name = names::word_list(&list.language);
        let path = place.join(&name);
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        let hash = blake3::hash(&bytes).to_hex();
        let is_whole = record.files.get(&name).is_some_and(|file| file.blake3 == hash.as_str());
        let words = if is_whole { WordList::from_bytes(bytes).ok() } else { None };
        let words = words.ok_or_else(|| damaged(format!("{} was altered or damaged", path.display())))?;
        Ok((list.language.clone(), words))
    };
    lists.lists.iter().map(read).collect()
}
