//! Converts fetched files into those that the embedder loads.

use std::path::Path;

use prost::Message;

use super::onnx::ModelProto;
use super::trained::TrainedLayers;
use super::weights::Weights;
use super::{graph, names};
use crate::embed::tokenizer;
use crate::error::{Error, Result};
use crate::model::manifest::Model;

/// Writes the files of `model` into the empty `folder`, from its weights file, the layers trained to replace some of them,
/// and its tokenizer.
pub(super) fn convert(
    model: &Model,
    weights: &[u8],
    trained: Option<&[u8]>,
    tokenizer_json: &[u8],
    folder: &Path,
) -> Result<()> {
    let unusable = |reason: String| Error::Model {
        model: model.name.clone(),
        reason: format!("{} cannot be converted: {reason}", model.weights.file_name()),
        hint: format!("the weights are not the ones that this version of Footnote expects; {}", super::RETRY_HINT),
    };
    let parsed = Weights::parse(weights).map_err(unusable)?;
    let (hidden, positions) = (parsed.dimensions.hidden, parsed.dimensions.positions);
    if hidden != model.dimensions || positions < model.max_tokens {
        return Err(unusable(format!(
            "it has {hidden} dimensions and {positions} positions, the manifest says {} and {}",
            model.dimensions, model.max_tokens
        )));
    }
    let trained = trained.map(TrainedLayers::parse).transpose().map_err(unusable)?;
    if let Some(name) = trained.iter().flat_map(TrainedLayers::names).find(|name| !parsed.has(name)) {
        return Err(unusable(format!("`{name}` was trained, and the weights have no such tensor")));
    }
    write_graph(folder, graph::build(&parsed, trained.as_ref(), model.linear_weights).map_err(unusable)?)?;
    write(folder, names::TOKENIZER, tokenizer_json)?;
    if let Some(compiled) = tokenizer::compile(tokenizer_json)? {
        write(folder, names::COMPILED_TOKENIZER, &compiled)?;
    }
    let config = serde_json::json!({ "pad_token_id": model.pad_token_id });
    write(folder, names::CONFIG, config.to_string().as_bytes())?;
    write(folder, names::SPECIAL_TOKENS_MAP, b"{}")?;
    let tokenizer_config = serde_json::json!({ "model_max_length": model.max_tokens, "pad_token": model.pad_token });
    write(folder, names::TOKENIZER_CONFIG, tokenizer_config.to_string().as_bytes())
}

/// Writes a graph, and its weights into a file of their own.
pub(super) fn write_graph(folder: &Path, mut graph: ModelProto) -> Result<()> {
    let weights = graph.take_weights(names::EXTERNAL_DATA);
    write(folder, names::EXTERNAL_DATA, &weights)?;
    write(folder, names::ONNX, &graph.encode_to_vec())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(Error::io("write", path))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{model, trained_layers, weights_file};
    use super::*;

    const TOKENIZER: &[u8] = br#"{"model": {"type": "WordLevel"}}"#;

    #[test]
    fn the_files_that_the_embedder_loads_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let model = model(b"", b"");
        convert(&model, &weights_file(), None, TOKENIZER, folder.path()).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("config.json"), r#"{"pad_token_id":1}"#);
        assert_eq!(read("special_tokens_map.json"), "{}");
        assert_eq!(read("tokenizer_config.json"), r#"{"model_max_length":4,"pad_token":"<pad>"}"#);
        let graph = std::fs::read(folder.path().join("model.onnx")).unwrap();
        let graph = ModelProto::decode(graph.as_slice()).unwrap().graph.unwrap();
        assert!(graph.node.iter().any(|node| node.op_type == "GatherBlockQuantized"));
        let weights = std::fs::read(folder.path().join("model.onnx.data")).unwrap();
        let whole = graph::build(&Weights::parse(&weights_file()).unwrap(), None, model.linear_weights).unwrap();
        for (tensor, whole) in graph.initializer.iter().zip(whole.graph.unwrap().initializer) {
            let entry = |key: &str| {
                let entry = tensor.external_data.iter().find(|entry| entry.key == key)?;
                entry.value.parse::<usize>().ok()
            };
            let data = match entry("offset").zip(entry("length")) {
                Some((offset, length)) => &weights[offset..offset + length],
                None => &tensor.raw_data,
            };
            assert_eq!(data, whole.raw_data, "{}", tensor.name);
        }
        assert!(graph.initializer.iter().any(|tensor| tensor.raw_data.is_empty()), "the large ones are outside");
    }

    #[test]
    fn weights_that_do_not_fit_the_manifest_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let fits = model(b"", b"");
        let mut model = fits.clone();
        model.max_tokens = 5;
        let message = convert(&model, &weights_file(), None, TOKENIZER, folder.path()).unwrap_err().to_string();
        assert!(message.contains("4 positions") && message.contains("32 and 5"), "{message}");
        let message = convert(&model, b"E5S1", None, TOKENIZER, folder.path()).unwrap_err().to_string();
        assert!(message.contains("it ends at byte 4"), "{message}");
        let trained = trained_layers(&["l7.q.b"]);
        let message =
            convert(&fits, &weights_file(), Some(&trained), TOKENIZER, folder.path()).unwrap_err().to_string();
        assert!(message.contains("`l7.q.b` was trained"), "{message}");
    }
}
