//! The folders below the models directory.

use std::path::Path;

use super::record::Record;
use crate::error::Result;
use crate::model::hub::Source;
use crate::model::manifest::{Lexicon, Library, Model, Recogniser, WordLists, fingerprint};

/// Increased when an installed model's files change and its vectors do not.
const MODEL_LAYOUT: &str = "2";
/// The layout in which `model.onnx` holds the weights as well.
const MODEL_LAYOUT_OF_ONE_FILE: &str = "1";
/// Increased when a library's installed files change.
const LIBRARY_LAYOUT: &str = "1";
/// Increased when compiled dictionaries change.
const LEXICON_VERSION: &str = "2";

/// Increased when compiled word lists change.
const WORD_LISTS_VERSION: &str = "1";

/// Increased when the installed files of a hub's models change.
const HUB_LAYOUT: &str = "1";

/// A folder below the models directory. It is used only if its record has this recipe.
pub(super) struct Folder {
    pub(super) name: String,
    pub(super) recipe: String,
}

impl Folder {
    pub(super) fn of_model(model: &Model) -> Self {
        Self::with_layout(model, MODEL_LAYOUT)
    }

    /// The folder as earlier versions of Footnote installed it.
    pub(super) fn of_earlier_model(model: &Model) -> Self {
        Self::with_layout(model, MODEL_LAYOUT_OF_ONE_FILE)
    }

    fn with_layout(model: &Model, layout: &str) -> Self {
        let parts = [&model.identity().fingerprint, layout, &model.pad_token, &model.pad_token_id.to_string()];
        Self { name: model.name.clone(), recipe: fingerprint(&parts) }
    }

    pub(super) fn of_library(library: &Library) -> Result<Self> {
        let file = library.file()?;
        Ok(Self { name: library.folder(), recipe: fingerprint(&[&file.file_sha256, file.file_name(), LIBRARY_LAYOUT]) })
    }

    pub(super) fn of_lexicon(lexicon: &Lexicon) -> Self {
        Self { name: lexicon.name.clone(), recipe: fingerprint(&[&lexicon.dictionary.file_sha256, LEXICON_VERSION]) }
    }

    pub(super) fn of_word_lists(lists: &WordLists) -> Self {
        let hashes = lists.lists.iter().map(|list| list.words.file_sha256.as_str());
        let parts: Vec<&str> = hashes.chain([WORD_LISTS_VERSION]).collect();
        Self { name: lists.name.clone(), recipe: fingerprint(&parts) }
    }

    pub(super) fn of_recogniser(recogniser: &Recogniser) -> Self {
        let hashes = [&recogniser.detector.file_sha256, recogniser.reader.file_sha256.as_str(), LIBRARY_LAYOUT];
        Self { name: recogniser.name.clone(), recipe: fingerprint(&hashes) }
    }

    pub(super) fn of_hub(name: &str, source: &Source) -> Self {
        let mut parts = vec!["hub", HUB_LAYOUT, &source.repository, &source.graph];
        parts.extend(source.weights.iter().map(String::as_str));
        Self { name: name.to_owned(), recipe: fingerprint(&parts) }
    }

    /// Its record, if it is installed completely in `dir`.
    pub(super) fn installed(&self, dir: &Path) -> Result<Option<Record>> {
        Record::of_complete(&dir.join(&self.name), &self.recipe)
    }
}
