//! A tiny embedding model, built here: each word has a vector of its own, and nothing else counts.

use super::onnx::{Dimension, Entry, Graph, Model, Node, Opset, Shape, Tensor, TensorType, Type, Value};

const FLOAT: i32 = 1;
const INT64: i32 = 7;
const EXTERNAL: i32 = 1;
/// The longest text that its tokenizer's file names.
const MAX_TOKENS: usize = 512;

/// The files of a model that knows `words`, with vectors of this length: their names and contents. The graph reads its weights
/// from the file `weights`.
pub(crate) fn encoder(words: &[&str], dimensions: usize, weights: &str) -> Vec<(String, Vec<u8>)> {
    let mut known = vec!["other"];
    known.extend(words);
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        known.iter().enumerate().map(|(id, word)| ((*word).to_owned(), id.into())).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "other"}
    });
    let limit = serde_json::json!({ "model_max_length": MAX_TOKENS, "pad_token": "other" });
    let graph = prost::Message::encode_to_vec(&model(known.len(), dimensions, weights));
    vec![
        ("model.onnx".to_owned(), graph),
        (weights.to_owned(), vectors(&known, dimensions)),
        ("tokenizer.json".to_owned(), tokenizer.to_string().into_bytes()),
        ("config.json".to_owned(), b"{\"pad_token_id\": 0}".to_vec()),
        ("special_tokens_map.json".to_owned(), b"{}".to_vec()),
        ("tokenizer_config.json".to_owned(), limit.to_string().into_bytes()),
    ]
}

/// A vector of ones and minus ones for each word, from its hash: two of them are about orthogonal.
fn vectors(words: &[&str], dimensions: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        let mut bits = vec![0; dimensions.div_ceil(8)];
        blake3::Hasher::new().update(word.as_bytes()).finalize_xof().fill(&mut bits);
        for at in 0..dimensions {
            let value: f32 = if bits[at / 8] >> (at % 8) & 1 == 1 { 1.0 } else { -1.0 };
            bytes.extend(value.to_le_bytes());
        }
    }
    bytes
}

fn model(words: usize, dimensions: usize, weights: &str) -> Model {
    let value = |name: &str, elem_type: i32, dims: &[&str]| {
        let dim = dims.iter().map(|&name| Dimension { dim_param: name.to_owned() }).collect();
        let tensor = TensorType { elem_type, shape: Some(Shape { dim }) };
        Value { name: name.to_owned(), r#type: Some(Type { tensor: Some(tensor) }) }
    };
    let table = Tensor {
        dims: vec![words as i64, dimensions as i64],
        data_type: FLOAT,
        name: "table".to_owned(),
        external_data: vec![Entry { key: "location".to_owned(), value: weights.to_owned() }],
        data_location: EXTERNAL,
        ..Tensor::default()
    };
    let graph = Graph {
        node: vec![Node {
            input: vec!["table".to_owned(), "input_ids".to_owned()],
            output: vec!["last_hidden_state".to_owned()],
            op_type: "Gather".to_owned(),
            attribute: Vec::new(),
        }],
        name: "words".to_owned(),
        initializer: vec![table],
        input: ["input_ids", "attention_mask"].map(|name| value(name, INT64, &["batch", "length"])).to_vec(),
        output: vec![value("last_hidden_state", FLOAT, &["batch", "length", "dimensions"])],
    };
    Model { ir_version: 8, graph: Some(graph), opset_import: vec![Opset { version: 13 }] }
}
