//! A tiny cross-encoder, built here: its logit is the number of times that one word occurs in the pair.

use tempfile::TempDir;

/// The ONNX messages that the model consists of.
mod onnx {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Model {
        #[prost(int64, tag = "1")]
        pub(super) ir_version: i64,
        #[prost(message, optional, tag = "7")]
        pub(super) graph: Option<Graph>,
        #[prost(message, repeated, tag = "8")]
        pub(super) opset_import: Vec<Opset>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Opset {
        #[prost(int64, tag = "2")]
        pub(super) version: i64,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Graph {
        #[prost(message, repeated, tag = "1")]
        pub(super) node: Vec<Node>,
        #[prost(string, tag = "2")]
        pub(super) name: String,
        #[prost(message, repeated, tag = "5")]
        pub(super) initializer: Vec<Tensor>,
        #[prost(message, repeated, tag = "11")]
        pub(super) input: Vec<Value>,
        #[prost(message, repeated, tag = "12")]
        pub(super) output: Vec<Value>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Node {
        #[prost(string, repeated, tag = "1")]
        pub(super) input: Vec<String>,
        #[prost(string, repeated, tag = "2")]
        pub(super) output: Vec<String>,
        #[prost(string, tag = "4")]
        pub(super) op_type: String,
        #[prost(message, repeated, tag = "5")]
        pub(super) attribute: Vec<Attribute>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Attribute {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(int64, tag = "3")]
        pub(super) i: i64,
        #[prost(int32, tag = "20")]
        pub(super) r#type: i32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Tensor {
        #[prost(int64, repeated, tag = "1")]
        pub(super) dims: Vec<i64>,
        #[prost(int32, tag = "2")]
        pub(super) data_type: i32,
        #[prost(int64, repeated, tag = "7")]
        pub(super) int64_data: Vec<i64>,
        #[prost(string, tag = "8")]
        pub(super) name: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Value {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(message, optional, tag = "2")]
        pub(super) r#type: Option<Type>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Type {
        #[prost(message, optional, tag = "1")]
        pub(super) tensor: Option<TensorType>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct TensorType {
        #[prost(int32, tag = "1")]
        pub(super) elem_type: i32,
        #[prost(message, optional, tag = "2")]
        pub(super) shape: Option<Shape>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Shape {
        #[prost(message, repeated, tag = "1")]
        pub(super) dim: Vec<Dimension>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Dimension {
        #[prost(string, tag = "2")]
        pub(super) dim_param: String,
    }
}

use onnx::{Attribute, Dimension, Graph, Model, Node, Opset, Shape, Tensor, TensorType, Type, Value};

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
