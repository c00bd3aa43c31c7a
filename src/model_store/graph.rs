//! Builds the ONNX graph of a BERT encoder from its weights.
//!
//! Inputs are `input_ids`, `attention_mask` and `token_type_ids` (`i64`, batch x sequence); the output is
//! `last_hidden_state` (`f32`, batch x sequence x hidden). The layers are post-norm with a GELU by the error function, as
//! in Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers" (2019). Every text is of token type 0, so
//! that type's embedding is added to the positions once and for all.
//!
//! No activation is quantised across a batch, so a text's output does not depend on what else is in its batch.

use super::onnx::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, ValueInfoProto,
    data_type,
};
use super::trained::TrainedLayers;
use super::weights::{BLOCK, Weights};
use crate::model::manifest::LinearWeights;

/// `Gelu` is of this version of the standard's operators.
const OPSET_VERSION: i64 = 20;
const IR_VERSION: i64 = 9;

/// ONNX Runtime's own operators.
const CONTRIB_DOMAIN: &str = "com.microsoft";

/// The precision of `MatMulNBits`: 1 computes in `f32`. Level 4 rounds activations to 8 bits, which moves vectors of short
/// texts to a cosine of 0.9998 with the reference (0.9999 is required), and is slower on AVX2: 14.4 s for 98 passages on
/// two cores, against 10.6 s at level 1 and 9.6 s with plain `f32` matrices.
const ACCURACY_LEVEL: i64 = 1;

/// Added to the attention scores of padding, so that it gets no attention.
const MASKED_SCORE: f32 = -1e9;

const OUTPUT: &str = "last_hidden_state";

/// Builds the graph. Tensors that were trained replace those of `weights`; their matrices are unpacked to `f32`, which
/// ONNX Runtime multiplies faster than any packed form. The error names what the weights lack.
pub(super) fn build(
    weights: &Weights<'_>,
    trained: Option<&TrainedLayers<'_>>,
    linear_weights: LinearWeights,
) -> Result<ModelProto, String> {
    let mut builder = Builder { weights, trained, linear_weights, graph: GraphProto::default() };
    builder.constants();
    builder.embeddings()?;
    builder.attention_bias();
    for layer in 0..weights.dimensions.layers {
        builder.layer(layer)?;
    }
    Ok(builder.finish())
}

struct Builder<'a> {
    weights: &'a Weights<'a>,
    trained: Option<&'a TrainedLayers<'a>>,
    linear_weights: LinearWeights,
    graph: GraphProto,
}

impl Builder<'_> {
    fn constants(&mut self) {
        let dimensions = self.weights.dimensions;
        let (hidden, heads) = (dimensions.hidden as i64, dimensions.heads as i64);
        let head = hidden / heads;
        // The bounds of slices are 1-D: with scalars ONNX Runtime does not recognise the embedding and fails to fuse it.
        self.integers("zero", &[0]);
        self.integers("one", &[1]);
        self.integers("two", &[2]);
        self.integers("mask_axes", &[1, 2]);
        self.integers("split_heads", &[0, 0, heads, head]);
        self.integers("join_heads", &[0, 0, hidden]);
        self.floats("one_f", &[], &[1.0]);
        self.floats("masked_score", &[], &[MASKED_SCORE]);
        self.floats("attention_scale", &[], &[1.0 / (head as f32).sqrt()]);
    }

    /// Words plus positions, normalised. Leaves them in `layer.0.input`.
    fn embeddings(&mut self) -> Result<(), String> {
        let dimensions = self.weights.dimensions;
        let (hidden, vocabulary) = (dimensions.hidden, dimensions.vocabulary);

        let words = self.weights.four_bit("emb.word", vocabulary, hidden)?;
        self.bytes("embeddings.word", &[vocabulary, hidden / 2], words.nibbles);
        self.floats("embeddings.word.scales", &[vocabulary, hidden / BLOCK], &words.scales);
        // Bytes without zero points stand for nibbles with zero point 8. The axis gathered is 0, the default.
        self.contrib_node(
            "GatherBlockQuantized",
            &["embeddings.word", "input_ids", "embeddings.word.scales"],
            "embeddings.words",
            vec![
                AttributeProto::int("bits", 4),
                AttributeProto::int("block_size", BLOCK as i64),
                AttributeProto::int("quantize_axis", 1),
            ],
        );

        let mut positions = self.weights.floats("emb.pos", dimensions.positions * hidden)?;
        let types = self.weights.floats("emb.type", dimensions.token_types * hidden)?;
        for position in positions.chunks_exact_mut(hidden) {
            for (value, first_type) in position.iter_mut().zip(&types) {
                *value += first_type;
            }
        }
        self.floats("embeddings.position", &[dimensions.positions, hidden], &positions);
        self.node("Shape", &["input_ids"], "shape", vec![]);
        self.node("Slice", &["shape", "one", "two"], "sequence_length", vec![]);
        self.node("Slice", &["embeddings.position", "zero", "sequence_length", "zero"], "embeddings.positions", vec![]);
        self.node("Add", &["embeddings.words", "embeddings.positions"], "embeddings.sum", vec![]);
        self.layer_norm("embeddings.sum", "emb.ln", &layer_input(0))
    }

    /// 0 for a token and [`MASKED_SCORE`] for padding, batch x 1 x 1 x sequence.
    fn attention_bias(&mut self) {
        let to_float = AttributeProto::int("to", i64::from(data_type::FLOAT));
        self.node("Cast", &["attention_mask"], "mask", vec![to_float]);
        self.node("Sub", &["one_f", "mask"], "padding", vec![]);
        self.node("Mul", &["padding", "masked_score"], "padding_score", vec![]);
        self.node("Unsqueeze", &["padding_score", "mask_axes"], "attention_bias", vec![]);
    }

    fn layer(&mut self, layer: usize) -> Result<(), String> {
        let (hidden, feed_forward) = (self.weights.dimensions.hidden, self.weights.dimensions.feed_forward);
        let input = layer_input(layer);
        let tensor = |name: &str| format!("l{layer}.{name}");
        let value = |name: &str| format!("layer.{layer}.{name}");

        // Keys are transposed at once for the product with the queries.
        for (name, permutation) in [("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])] {
            self.linear(&input, &tensor(name), hidden, hidden, &value(name))?;
            let split = value(&format!("{name}.split"));
            self.node("Reshape", &[&value(name), "split_heads"], &split, vec![]);
            let heads = value(&format!("{name}.heads"));
            self.node("Transpose", &[&split], &heads, vec![AttributeProto::ints("perm", &permutation)]);
        }
        self.node("MatMul", &[&value("q.heads"), &value("k.heads")], &value("products"), vec![]);
        self.node("Mul", &[&value("products"), "attention_scale"], &value("scaled"), vec![]);
        self.node("Add", &[&value("scaled"), "attention_bias"], &value("scores"), vec![]);
        let last_axis = AttributeProto::int("axis", -1);
        self.node("Softmax", &[&value("scores")], &value("attention"), vec![last_axis]);
        self.node("MatMul", &[&value("attention"), &value("v.heads")], &value("context.heads"), vec![]);
        let heads_inside = AttributeProto::ints("perm", &[0, 2, 1, 3]);
        self.node("Transpose", &[&value("context.heads")], &value("context.split"), vec![heads_inside]);
        self.node("Reshape", &[&value("context.split"), "join_heads"], &value("context"), vec![]);
        self.linear(&value("context"), &tensor("ao"), hidden, hidden, &value("attended"))?;
        self.node("Add", &[&input, &value("attended")], &value("attended.sum"), vec![]);
        self.layer_norm(&value("attended.sum"), &tensor("aln"), &value("middle"))?;

        self.linear(&value("middle"), &tensor("fi"), feed_forward, hidden, &value("expanded"))?;
        self.node("Gelu", &[&value("expanded")], &value("activated"), vec![]);
        self.linear(&value("activated"), &tensor("fo"), hidden, feed_forward, &value("contracted"))?;
        self.node("Add", &[&value("middle"), &value("contracted")], &value("contracted.sum"), vec![]);
        let last = layer + 1 == self.weights.dimensions.layers;
        let output = if last { OUTPUT.to_owned() } else { layer_input(layer + 1) };
        self.layer_norm(&value("contracted.sum"), &tensor("oln"), &output)
    }

    /// `output` = `input` x transpose of tensor `.w` (rows x columns) + tensor `.b`.
    fn linear(&mut self, input: &str, tensor: &str, rows: usize, columns: usize, output: &str) -> Result<(), String> {
        let (weight, product) = (format!("{tensor}.w"), format!("{output}.product"));
        match (self.trained_matrix(&weight, rows, columns)?, self.linear_weights) {
            (None, LinearWeights::FourBit) => {
                let packed = self.weights.four_bit(&weight, rows, columns)?;
                let scales = format!("{weight}.scales");
                self.bytes(&weight, &[rows, columns / BLOCK, BLOCK / 2], packed.nibbles);
                self.floats(&scales, &[packed.scales.len()], &packed.scales);
                self.contrib_node(
                    "MatMulNBits",
                    &[input, &weight, &scales],
                    &product,
                    vec![
                        AttributeProto::int("K", columns as i64),
                        AttributeProto::int("N", rows as i64),
                        AttributeProto::int("bits", 4),
                        AttributeProto::int("block_size", BLOCK as i64),
                        AttributeProto::int("accuracy_level", ACCURACY_LEVEL),
                    ],
                );
            }
            (trained, _) => {
                let unpacked = match trained {
                    Some(trained) => trained,
                    None => self.weights.four_bit(&weight, rows, columns)?.dequantised_transposed(rows, columns),
                };
                self.floats(&weight, &[columns, rows], &unpacked);
                self.node("MatMul", &[input, &weight], &product, vec![]);
            }
        }
        let bias = format!("{tensor}.b");
        let values = self.vector(&bias, rows)?;
        self.floats(&bias, &[rows], &values);
        self.node("Add", &[&product, &bias], output, vec![]);
        Ok(())
    }

    fn layer_norm(&mut self, input: &str, tensor: &str, output: &str) -> Result<(), String> {
        let hidden = self.weights.dimensions.hidden;
        let (scale, bias) = (format!("{tensor}.w"), format!("{tensor}.b"));
        for name in [&scale, &bias] {
            let values = self.vector(name, hidden)?;
            self.floats(name, &[hidden], &values);
        }
        let attributes = vec![
            AttributeProto::int("axis", -1),
            AttributeProto::float("epsilon", self.weights.dimensions.layer_norm_epsilon),
        ];
        self.node("LayerNormalization", &[input, &scale, &bias], output, attributes);
        Ok(())
    }

    /// The vector called `name`, as it was trained or else as it was fetched.
    fn vector(&self, name: &str, elements: usize) -> Result<Vec<f32>, String> {
        let trained = self.trained.and_then(|trained| trained.floats(name, elements));
        trained.unwrap_or_else(|| self.weights.floats(name, elements))
    }

    /// The matrix called `name`, transposed, if it was trained.
    fn trained_matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Option<Vec<f32>>, String> {
        self.trained.and_then(|trained| trained.transposed(name, rows, columns)).transpose()
    }

    fn node(&mut self, op_type: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) {
        self.graph.node.push(NodeProto {
            input: input.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op_type.to_owned(),
            attribute,
            domain: String::new(),
        });
    }

    fn contrib_node(&mut self, op_type: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) {
        self.node(op_type, input, output, attribute);
        if let Some(node) = self.graph.node.last_mut() {
            CONTRIB_DOMAIN.clone_into(&mut node.domain);
        }
    }

    fn integers(&mut self, name: &str, values: &[i64]) {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(name, data_type::INT64, &[values.len()], raw);
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(name, data_type::FLOAT, shape, raw);
    }

    fn bytes(&mut self, name: &str, shape: &[usize], values: Vec<u8>) {
        self.initializer(name, data_type::UINT8, shape, values);
    }

    fn initializer(&mut self, name: &str, data_type: i32, shape: &[usize], raw_data: Vec<u8>) {
        let dims = shape.iter().map(|size| *size as i64).collect();
        self.graph.initializer.push(TensorProto {
            dims,
            data_type,
            name: name.to_owned(),
            raw_data,
            ..TensorProto::default()
        });
    }

    fn finish(mut self) -> ModelProto {
        let tokens = || vec![Dimension::named("batch"), Dimension::named("sequence")];
        self.graph.name = "encoder".into();
        self.graph.input = ["input_ids", "attention_mask", "token_type_ids"]
            .map(|name| ValueInfoProto::tensor(name, data_type::INT64, tokens()))
            .into();
        let mut output_shape = tokens();
        output_shape.push(Dimension::known(self.weights.dimensions.hidden));
        self.graph.output = vec![ValueInfoProto::tensor(OUTPUT, data_type::FLOAT, output_shape)];
        ModelProto {
            ir_version: IR_VERSION,
            producer_name: "footnote".into(),
            graph: Some(self.graph),
            opset_import: vec![
                OperatorSetIdProto { domain: String::new(), version: OPSET_VERSION },
                OperatorSetIdProto { domain: CONTRIB_DOMAIN.into(), version: 1 },
            ],
        }
    }
}

fn layer_input(layer: usize) -> String {
    format!("layer.{layer}.input")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::fixture;
    use super::*;

    fn built(linear_weights: LinearWeights) -> GraphProto {
        let file = fixture::weights_file();
        build(&Weights::parse(&file).unwrap(), None, linear_weights).unwrap().graph.unwrap()
    }

    fn initializer<'a>(graph: &'a GraphProto, name: &str) -> &'a TensorProto {
        graph.initializer.iter().find(|tensor| tensor.name == name).unwrap()
    }

    #[test]
    fn every_node_reads_only_what_stands_before_it_and_the_output_is_written() {
        for linear_weights in [LinearWeights::FourBit, LinearWeights::Float] {
            let graph = built(linear_weights);
            let inputs = graph.input.iter().map(|input| input.name.as_str());
            let mut known: HashSet<_> =
                inputs.chain(graph.initializer.iter().map(|tensor| tensor.name.as_str())).collect();
            for node in &graph.node {
                for input in &node.input {
                    assert!(known.contains(input.as_str()), "{} reads {input}", node.name);
                }
                for output in &node.output {
                    assert!(known.insert(output), "{output} is written twice");
                }
            }
            assert!(known.contains(OUTPUT));
        }
    }

    #[test]
    fn every_initializer_has_the_bytes_that_its_shape_wants() {
        for linear_weights in [LinearWeights::FourBit, LinearWeights::Float] {
            for tensor in built(linear_weights).initializer {
                let elements: i64 = tensor.dims.iter().product();
                let width = match tensor.data_type {
                    data_type::FLOAT => 4,
                    data_type::INT64 => 8,
                    _ => 1,
                };
                assert_eq!(tensor.raw_data.len() as i64, elements * width, "{}", tensor.name);
            }
        }
    }

    #[test]
    fn linear_weights_are_four_bit_blocks_or_a_transposed_matrix() {
        let (packed, plain) = (built(LinearWeights::FourBit), built(LinearWeights::Float));
        assert_eq!(initializer(&packed, "l0.fi.w").dims, [64, 1, 16]);
        assert_eq!(initializer(&packed, "l0.fi.w.scales").dims, [64]);
        assert_eq!(initializer(&plain, "l0.fi.w").dims, [32, 64]);
        let operators = |graph: &GraphProto, op_type: &str| {
            graph.node.iter().filter(|node| node.op_type == op_type).count() //
        };
        assert_eq!((operators(&packed, "MatMulNBits"), operators(&packed, "MatMul")), (6, 2));
        assert_eq!((operators(&plain, "MatMulNBits"), operators(&plain, "MatMul")), (0, 8));
    }

    #[test]
    fn trained_tensors_replace_those_of_the_weights_and_no_others() {
        let (file, trained) = (fixture::weights_file(), fixture::trained_layers(&["l0.q.w", "l0.q.b", "l0.oln.w"]));
        let trained = TrainedLayers::parse(&trained).unwrap();
        let graph = build(&Weights::parse(&file).unwrap(), Some(&trained), LinearWeights::FourBit);
        let (composed, plain) = (graph.unwrap().graph.unwrap(), built(LinearWeights::FourBit));
        assert_eq!(initializer(&composed, "l0.q.w").dims, [32, 32]);
        assert!(composed.initializer.iter().all(|tensor| tensor.name != "l0.q.w.scales"));
        for name in ["l0.q.b", "l0.oln.w"] {
            assert_ne!(initializer(&composed, name).raw_data, initializer(&plain, name).raw_data, "{name}");
        }
        for name in ["l0.k.w", "l0.k.b", "l0.aln.w", "l0.fo.w.scales"] {
            assert_eq!(initializer(&composed, name).raw_data, initializer(&plain, name).raw_data, "{name}");
        }
    }

    #[test]
    fn weights_without_a_tensor_are_an_error_that_names_it() {
        let file = fixture::weights_file_without("l0.fo.w");
        let error = build(&Weights::parse(&file).unwrap(), None, LinearWeights::FourBit).unwrap_err();
        assert!(error.contains("`l0.fo.w`"), "{error}");
    }
}
