//! A tiny cross-encoder, built here: its logit is the number of times that one word occurs in the pair.

use tempfile::TempDir;

use super::onnx::{Attribute, Dimension, Graph, Model, Node, Opset, Shape, Tensor, TensorType, Type, Value};

const FLOAT: i32 = 1;
const INT64: i32 = 7;
const INT_ATTRIBUTE: i32 = 2;
const WORD: i64 = 1;

/// A directory with a model that counts `word`.
pub(crate) fn cross_encoder(word: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": {"other": 0, word: WORD}, "unk_token": "other"}
    });
    for (name, text) in [
        ("tokenizer.json", tokenizer.to_string()),
        ("config.json", "{\"pad_token_id\": 0}".into()),
        ("special_tokens_map.json", "{}".into()),
        ("tokenizer_config.json", "{\"model_max_length\": 512, \"pad_token\": \"other\"}".into()),
    ] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    std::fs::write(dir.path().join("model.onnx"), prost::Message::encode_to_vec(&model())).unwrap();
    dir
}

fn model() -> Model {
    let node = |op_type: &str, input: &[&str], output: &str, attribute: Vec<Attribute>| Node {
        input: input.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        op_type: op_type.to_owned(),
        attribute,
    };
    let number = |name: &str, i: i64| Attribute { name: name.to_owned(), i, r#type: INT_ATTRIBUTE };
    let constant = |name: &str, value: i64| Tensor {
        dims: vec![1],
        data_type: INT64,
        int64_data: vec![value],
        name: name.to_owned(),
        ..Tensor::default()
    };
    let value = |name: &str, elem_type: i32| {
        let dim = ["batch", "length"].map(|name| Dimension { dim_param: name.to_owned() }).to_vec();
        let tensor = TensorType { elem_type, shape: Some(Shape { dim }) };
        Value { name: name.to_owned(), r#type: Some(Type { tensor: Some(tensor) }) }
    };
    let graph = Graph {
        node: vec![
            node("Equal", &["input_ids", "word"], "is_word", vec![]),
            node("Cast", &["is_word"], "ones", vec![number("to", i64::from(FLOAT))]),
            node("ReduceSum", &["ones", "axis"], "logits", vec![number("keepdims", 1)]),
        ],
        name: "counts".to_owned(),
        initializer: vec![constant("word", WORD), constant("axis", 1)],
        input: ["input_ids", "attention_mask", "token_type_ids"].map(|name| value(name, INT64)).to_vec(),
        output: vec![value("logits", FLOAT)],
    };
    Model { ir_version: 8, graph: Some(graph), opset_import: vec![Opset { version: 13 }] }
}
