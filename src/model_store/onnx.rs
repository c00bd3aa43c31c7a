//! The protocol buffers of the ONNX standard, as far as our graphs use them.
//!
//! Field numbers are those of `onnx.proto`. A field with its default value (0, empty) is not written; readers take the
//! default, and nothing here depends on the difference.

/// Values of `TensorProto.DataType`.
pub(super) mod data_type {
    pub(in crate::model_store) const FLOAT: i32 = 1;
    pub(in crate::model_store) const UINT8: i32 = 2;
    pub(in crate::model_store) const INT64: i32 = 7;
}

const ATTRIBUTE_FLOAT: i32 = 1;
const ATTRIBUTE_INT: i32 = 2;
const ATTRIBUTE_INTS: i32 = 7;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ModelProto {
    #[prost(int64, tag = "1")]
    pub(super) ir_version: i64,
    #[prost(string, tag = "2")]
    pub(super) producer_name: String,
    #[prost(message, optional, tag = "7")]
    pub(super) graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    pub(super) opset_import: Vec<OperatorSetIdProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OperatorSetIdProto {
    #[prost(string, tag = "1")]
    pub(super) domain: String,
    #[prost(int64, tag = "2")]
    pub(super) version: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub(super) node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    pub(super) input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    pub(super) output: Vec<ValueInfoProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub(super) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(super) output: Vec<String>,
    #[prost(string, tag = "3")]
    pub(super) name: String,
    #[prost(string, tag = "4")]
    pub(super) op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    pub(super) domain: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AttributeProto {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(float, tag = "2")]
    pub(super) f: f32,
    #[prost(int64, tag = "3")]
    pub(super) i: i64,
    #[prost(int64, repeated, tag = "8")]
    pub(super) ints: Vec<i64>,
    #[prost(int32, tag = "20")]
    pub(super) r#type: i32,
}

impl AttributeProto {
    /// A number. It must not be 0, which would not be written.
    pub(super) fn int(name: &str, i: i64) -> Self {
        debug_assert_ne!(i, 0, "leave `{name}` out instead");
        Self { name: name.to_owned(), i, r#type: ATTRIBUTE_INT, ..Self::default() }
    }

    pub(super) fn ints(name: &str, ints: &[i64]) -> Self {
        Self { name: name.to_owned(), ints: ints.to_vec(), r#type: ATTRIBUTE_INTS, ..Self::default() }
    }

    /// A number. 0 is not written, and read as 0.
    pub(super) fn float(name: &str, f: f32) -> Self {
        Self { name: name.to_owned(), f, r#type: ATTRIBUTE_FLOAT, ..Self::default() }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub(super) dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub(super) data_type: i32,
    #[prost(string, tag = "8")]
    pub(super) name: String,
    /// Little-endian, the last dimension fastest.
    #[prost(bytes = "vec", tag = "9")]
    pub(super) raw_data: Vec<u8>,
    /// `location`, `offset` and `length` of the data in a file beside the graph.
    #[prost(message, repeated, tag = "13")]
    pub(super) external_data: Vec<StringStringEntryProto>,
    #[prost(int32, tag = "14")]
    pub(super) data_location: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StringStringEntryProto {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

/// `TensorProto.DataLocation.EXTERNAL`
const LOCATION_EXTERNAL: i32 = 1;
/// Smaller tensors stay in the graph, where ONNX Runtime's optimizer reads them.
const MIN_EXTERNAL_BYTES: usize = 1024;
/// Tensors begin at a page of the file, as memory mapping requires.
const EXTERNAL_ALIGNMENT: usize = 4096;

impl ModelProto {
    /// Moves the data of large tensors out of the graph and returns it: the content of the file `location` in the folder of
    /// the graph. ONNX Runtime maps that file into memory.
    pub(super) fn take_weights(&mut self, location: &str) -> Vec<u8> {
        let mut weights = Vec::new();
        for tensor in self.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
            if tensor.raw_data.len() < MIN_EXTERNAL_BYTES {
                continue;
            }
            weights.resize(weights.len().next_multiple_of(EXTERNAL_ALIGNMENT), 0);
            let entries = [
                ("location", location.to_owned()),
                ("offset", weights.len().to_string()),
                ("length", tensor.raw_data.len().to_string()),
            ];
            weights.append(&mut tensor.raw_data);
            let entry = |(key, value): (&str, String)| StringStringEntryProto { key: key.to_owned(), value };
            tensor.external_data = entries.map(entry).to_vec();
            tensor.data_location = LOCATION_EXTERNAL;
        }
        weights
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ValueInfoProto {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "2")]
    pub(super) r#type: Option<TypeProto>,
}

impl ValueInfoProto {
    /// A tensor called `name` with the given dimensions.
    pub(super) fn tensor(name: &str, elem_type: i32, dim: Vec<Dimension>) -> Self {
        let tensor = TensorTypeProto { elem_type, shape: Some(TensorShapeProto { dim }) };
        Self { name: name.to_owned(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TypeProto {
    #[prost(message, optional, tag = "1")]
    pub(super) tensor_type: Option<TensorTypeProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TensorTypeProto {
    #[prost(int32, tag = "1")]
    pub(super) elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub(super) shape: Option<TensorShapeProto>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TensorShapeProto {
    #[prost(message, repeated, tag = "1")]
    pub(super) dim: Vec<Dimension>,
}

/// Either a number or a name; the standard makes them a oneof, which looks the same on the wire.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Dimension {
    #[prost(int64, tag = "1")]
    pub(super) dim_value: i64,
    #[prost(string, tag = "2")]
    pub(super) dim_param: String,
}

impl Dimension {
    pub(super) fn known(size: usize) -> Self {
        Self { dim_value: size as i64, dim_param: String::new() }
    }

    pub(super) fn named(name: &str) -> Self {
        Self { dim_value: 0, dim_param: name.to_owned() }
    }
}
