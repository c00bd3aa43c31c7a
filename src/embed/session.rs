//! One loaded session of an embedding model: fastembed's user-defined model on ONNX Runtime.

use std::path::Path;

use fastembed::{InitOptionsUserDefined, OutputKey, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel};
use tokenizers::models::wordlevel::WordLevel;

use super::pool::LoadFailure;
use super::runtime;
use crate::config::Pooling;
use crate::error::{Error, Result};
use crate::model::ModelFiles;

/// ONNX Runtime's key for the folder of files that a graph read from memory refers to.
const WEIGHTS_FOLDER: &str = "session.model_external_initializers_file_folder_path";

/// Texts for one forward pass.
pub(super) struct Batch(pub(super) Vec<BatchRow>);

/// A text of a batch.
pub(super) struct BatchRow {
    /// The ids of its tokens, special tokens included.
    pub(super) ids: Vec<u32>,
    /// Parts of the text that get vectors of their own: for each the positions of its tokens in `ids`.
    pub(super) parts: Vec<Vec<usize>>,
}

/// What the model returns for a text.
pub(super) struct RowOutput {
    /// The pooled output, L2 norm 1.
    pub(super) pooled: Vec<f32>,
    pub(super) parts: Vec<PartOutput>,
    /// How many tokens the model read.
    pub(super) tokens: usize,
}

/// What the model returns for a part of a text.
pub(super) struct PartOutput {
    /// The mean of its token outputs, L2 norm 1; that of the whole text if the part has no tokens.
    pub(super) mean: Vec<f32>,
    /// Its token outputs, each of L2 norm 1.
    pub(super) tokens: Vec<Vec<f32>>,
}

/// The loaded model.
pub(super) struct Session {
    model: TextEmbedding,
    pooling: Pooling,
    /// For errors.
    name: String,
}

impl Session {
    /// Loads the model from files that are checked against their hashes.
    pub(super) fn load(files: &ModelFiles, threads: usize) -> Result<Self, LoadFailure> {
        let refused = |error: Error| LoadFailure::of(files, error);
        files.check(&files.runtime).map_err(refused)?;
        let environment = runtime::environment(&files.runtime, threads)?;
        let read = |path: &Path| files.read(path).map_err(refused);
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: CARRIER.to_vec(),
            config_file: read(&files.config)?,
            special_tokens_map_file: b"{}".to_vec(),
            tokenizer_config_file: read(&files.tokenizer_config)?,
        };
        let model = UserDefinedEmbeddingModel::new(read(&files.onnx)?, tokenizer_files);
        // The threads are the environment's.
        let options = InitOptionsUserDefined::new().with_environment(environment).with_max_length(files.max_tokens);
        let mut options = options.with_intra_threads(1);
        files.external_data.iter().try_for_each(|weights| files.check(weights)).map_err(refused)?;
        if let Some(weights) = files.external_data.first() {
            let folder = weights.parent().unwrap_or(Path::new("."));
            let folder = folder.to_str().ok_or_else(|| {
                let reason = format!("its path {} is not valid UTF-8", folder.display());
                LoadFailure { model: files.identity.name.clone(), reason, hint: "use another directory".into() }
            })?;
            options = options.with_session_config(WEIGHTS_FOLDER, folder);
        }
        let model = TextEmbedding::try_new_from_user_defined(model, options)
            .map_err(|error| refused(embedding_error(format!("{} cannot be loaded: {error}", files.onnx.display()))))?;
        Ok(Self { model, pooling: files.pooling, name: files.identity.name.clone() })
    }

    /// Runs one forward pass.
    pub(super) fn run(&mut self, Batch(rows): Batch) -> Result<Vec<RowOutput>> {
        let (carrier, texts) = carry(&rows)?;
        self.model.tokenizer.with_model(carrier);
        let output = self.model.transform(&texts, Some(texts.len())).map_err(embedding_error)?.into_raw();
        let output = output.first().ok_or_else(|| embedding_error("it returned no output"))?;
        let names: &[OutputKey] =
            &[OutputKey::ByName("last_hidden_state"), OutputKey::ByName("token_embeddings"), OutputKey::ByOrder(0)];
        let tokens = output.select_output(&names).map_err(embedding_error)?;
        let &[batch, sequence, dimensions] = tokens.shape() else {
            return Err(embedding_error(format!(
                "its output has shape {:?}, not [batch, sequence, dimensions]",
                tokens.shape()
            )));
        };
        let values = tokens.as_slice().ok_or_else(|| embedding_error("its output is not contiguous"))?;
        if batch != rows.len() || rows.iter().any(|row| row.ids.len() > sequence) {
            return Err(embedding_error("its output does not fit its input"));
        }
        let outputs = rows.iter().zip(values.chunks_exact(sequence * dimensions));
        outputs.map(|(row, values)| self.pool(row, values, dimensions)).collect()
    }

    /// Vectors of a text from the outputs of its tokens.
    fn pool(&self, row: &BatchRow, values: &[f32], dimensions: usize) -> Result<RowOutput> {
        let token = |position: usize| &values[position * dimensions..(position + 1) * dimensions];
        let mean = |positions: &mut dyn Iterator<Item = usize>| {
            normalised_mean(positions.map(token), dimensions).ok_or_else(|| not_finite(&self.name))
        };
        let pooled = match self.pooling {
            Pooling::Mean => mean(&mut (0..row.ids.len()))?,
            Pooling::Cls => mean(&mut std::iter::once(0))?,
        };
        let part = |positions: &Vec<usize>| {
            let part_mean = match positions.as_slice() {
                [] => pooled.clone(),
                positions => mean(&mut positions.iter().copied())?,
            };
            let tokens = positions.iter().map(|&position| mean(&mut std::iter::once(position)));
            Ok(PartOutput { mean: part_mean, tokens: tokens.collect::<Result<_>>()? })
        };
        let parts = row.parts.iter().map(part).collect::<Result<_>>()?;
        Ok(RowOutput { pooled, parts, tokens: row.ids.len() })
    }
}

/// The error for a vector that cannot be used.
pub(super) fn not_finite(model: &str) -> Error {
    Error::Model {
        model: model.to_owned(),
        reason: "it returned a vector with NaN or infinite values".into(),
        hint: "use the model in 32-bit floats: in 16 bits, large values overflow".into(),
    }
}

/// The mean of some vectors, scaled to L2 norm 1; `None` if it has a value that is NaN or infinite.
pub(super) fn normalised_mean<'a>(vectors: impl Iterator<Item = &'a [f32]>, dimensions: usize) -> Option<Vec<f32>> {
    let mut mean = vec![0.0_f32; dimensions];
    for vector in vectors {
        mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    // A sum of squares is finite only if every value is.
    let norm = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
    if !norm.is_finite() {
        return None;
    }
    let norm = norm.max(f32::MIN_POSITIVE);
    mean.iter_mut().for_each(|value| *value /= norm);
    Some(mean)
}

/// A tokenizer that reads token ids written as numbers. fastembed takes texts, not ids, and the ids are made elsewhere
/// (on the caller's thread, by [`TextTokenizer`](super::tokenizer::TextTokenizer)); its vocabulary is replaced for each
/// batch.
const CARRIER: &[u8] = br#"{
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
    "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
    "model": {"type": "WordLevel", "vocab": {"0": 0}, "unk_token": "0"}
}"#;

/// The ids as texts, and the model that reads them back.
fn carry(rows: &[BatchRow]) -> Result<(WordLevel, Vec<String>)> {
    let words = rows.iter().flat_map(|row| &row.ids).map(|&id| (id.to_string(), id));
    let model = WordLevel::builder().vocab(words.collect()).unk_token("0".into()).build().map_err(embedding_error)?;
    let text = |row: &BatchRow| {
        let words: Vec<String> = row.ids.iter().map(u32::to_string).collect();
        words.join(" ")
    };
    Ok((model, rows.iter().map(text).collect()))
}

/// An [`Error::Embedding`], for `map_err`.
pub(super) fn embedding_error(reason: impl std::fmt::Display) -> Error {
    Error::Embedding { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_norm_1_and_one_that_is_not_finite_is_refused() {
        let mean = |vectors: &[&[f32]]| normalised_mean(vectors.iter().copied(), 2);
        assert_eq!(mean(&[&[3.0, 0.0], &[0.0, 4.0]]), Some(vec![0.6, 0.8]));
        assert_eq!(mean(&[&[0.0, 0.0]]), Some(vec![0.0, 0.0]));
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
            assert_eq!(mean(&[&[1.0, 0.0], &[value, 1.0]]), None, "{value}");
        }
    }
}
