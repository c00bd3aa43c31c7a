//! Footnote's terms in those of Qdrant's protocol, and back. Nothing here asks a server.

use std::collections::HashMap;

use qdrant_client::qdrant::vectors_config::Config as VectorsOf;
use qdrant_client::qdrant::{
    Condition, CountPoints, CreateCollection, Datatype, DenseVector, Distance, FieldType, Filter, HasIdCondition,
    HnswConfigDiff, IntegerIndexParams, NamedVectors, OptimizersConfigDiff, PayloadIndexParams, PointId, PointStruct,
    QuantizationConfig, QuantizationType, Query, QueryPoints, Range, ScalarQuantization, SparseIndexConfig,
    SparseVector, SparseVectorConfig, SparseVectorParams, StrictModeConfig, Value, Vector, VectorInput, VectorParams,
    VectorParamsMap, VectorsConfig, VectorsOutput, WithPayloadSelector, payload_index_params, point_id,
    quantization_config, query, value, vector, vector_input, vector_output, vectors, with_payload_selector,
};

use super::super::meta::Meta;
use crate::config::QdrantConfig;
use crate::index::passages::{Alternative, Among, Only, Point, Values};

/// The dense vector of a point.
pub(super) const VECTOR: &str = "passage";
/// The sparse vector of a point.
pub(super) const TERMS: &str = "terms";
/// What else a point has: its key once more, since a range of ids is no condition; the key of its document; the numbers of its
/// terms, which are counted.
const KEY: &str = "key";
const DOCUMENT: &str = "document";
const NUMBERS: &str = "term_numbers";
/// The id of the point that has what a collection says of itself. Keys begin with 1.
pub(super) const META: u64 = 0;
/// Neighbours of a vector in the graph, and how many are looked at for them.
const GRAPH_NEIGHBOURS: u64 = 32;
const GRAPH_EXPANSION: u64 = 256;

/// An exact count of points.
pub(super) fn counted(name: &str, filter: Filter) -> CountPoints {
    CountPoints { collection_name: name.to_owned(), filter: Some(filter), exact: Some(true), ..CountPoints::default() }
}

/// A search for the `count` points that are nearest to `wanted`, by the vectors called `using`.
pub(super) fn query(
    name: &str,
    using: &str,
    wanted: vector_input::Variant,
    count: usize,
    among: &Among<'_>,
) -> QueryPoints {
    QueryPoints {
        collection_name: name.to_owned(),
        query: Some(Query { variant: Some(query::Variant::Nearest(VectorInput { variant: Some(wanted) })) }),
        using: Some(using.to_owned()),
        filter: Some(self::among(among)),
        limit: Some(count as u64),
        with_payload: Some(payload(false)),
        ..QueryPoints::default()
    }
}

/// Whether an answer has what points have besides vectors.
pub(super) fn payload(is_wanted: bool) -> WithPayloadSelector {
    WithPayloadSelector { selector_options: Some(with_payload_selector::SelectorOptions::Enable(is_wanted)) }
}

pub(super) fn id(key: u64) -> PointId {
    PointId { point_id_options: Some(point_id::PointIdOptions::Num(key)) }
}

pub(super) fn key(id: Option<PointId>) -> Option<u64> {
    match id?.point_id_options? {
        point_id::PointIdOptions::Num(key) => Some(key),
        point_id::PointIdOptions::Uuid(_) => None,
    }
}

fn integer(number: i64) -> Value {
    Value { kind: Some(value::Kind::IntegerValue(number)) }
}

fn text(text: &str) -> Value {
    Value { kind: Some(value::Kind::StringValue(text.to_owned())) }
}

fn dense(values: Vec<f32>) -> Vector {
    Vector { vector: Some(vector::Vector::Dense(DenseVector { data: values })), ..Vector::default() }
}

pub(super) fn sparse(values: &[(u32, f32)]) -> SparseVector {
    let (indices, values) = values.iter().copied().unzip();
    SparseVector { values, indices }
}

fn named(of: HashMap<String, Vector>) -> qdrant_client::qdrant::Vectors {
    let options = vectors::VectorsOptions::Vectors(NamedVectors { vectors: of });
    qdrant_client::qdrant::Vectors { vectors_options: Some(options) }
}

/// A passage.
pub(super) fn point(point: &Point) -> PointStruct {
    let mut vectors = HashMap::from([(VECTOR.to_owned(), dense(point.vector.clone()))]);
    if !point.terms.is_empty() {
        let of_terms = Vector { vector: Some(vector::Vector::Sparse(sparse(&point.terms))), ..Vector::default() };
        vectors.insert(TERMS.to_owned(), of_terms);
    }
    let numbers = point.terms.iter().map(|(number, _)| integer(i64::from(*number))).collect();
    let numbers = Value { kind: Some(value::Kind::ListValue(qdrant_client::qdrant::ListValue { values: numbers })) };
    PointStruct {
        id: Some(id(point.key)),
        payload: HashMap::from([
            (KEY.to_owned(), integer(point.key.cast_signed())),
            (DOCUMENT.to_owned(), integer(point.document.cast_signed())),
            (NUMBERS.to_owned(), numbers),
        ]),
        vectors: Some(named(vectors)),
    }
}

/// The point that has what a collection says of itself.
pub(super) fn meta_point(meta: &Meta) -> PointStruct {
    let payload = [
        ("footnote_format", integer(meta.format)),
        ("model", text(&meta.model)),
        ("dimensions", integer(meta.dimensions.cast_signed())),
        ("rules", integer(meta.rules)),
        ("token", text(&meta.token)),
    ];
    PointStruct {
        id: Some(id(META)),
        payload: payload.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        vectors: Some(named(HashMap::new())),
    }
}

/// What a collection says of itself; `None` if something is missing.
pub(super) fn meta_of(payload: &HashMap<String, Value>) -> Option<Meta> {
    let number = |name: &str| match payload.get(name)?.kind {
        Some(value::Kind::IntegerValue(number)) => Some(number),
        _ => None,
    };
    let text = |name: &str| match payload.get(name)?.kind.clone() {
        Some(value::Kind::StringValue(text)) => Some(text),
        _ => None,
    };
    Some(Meta {
        format: number("footnote_format")?,
        model: text("model")?,
        dimensions: number("dimensions")?.cast_unsigned(),
        rules: number("rules")?,
        token: text("token")?,
    })
}

/// A passage's terms in what a server returns of it.
pub(super) fn terms_of(vectors: Option<VectorsOutput>) -> Values {
    match vectors.and_then(|vectors| vectors.get_vector_by_name(TERMS)) {
        Some(vector_output::Vector::Sparse(found)) => {
            let mut terms: Values = found.indices.into_iter().zip(found.values).collect();
            terms.sort_unstable_by_key(|(number, _)| *number);
            terms
        }
        _ => Values::new(),
    }
}

fn keys_above(last: u64) -> Condition {
    Condition::range(KEY, Range { gt: Some(last as f64), ..Range::default() })
}

/// All points with keys above `last`.
pub(super) fn above(last: u64) -> Filter {
    Filter::must([keys_above(last)])
}

fn documents(keys: &[u64]) -> Condition {
    Condition::matches(DOCUMENT, keys.iter().map(|key| key.cast_signed()).collect::<Vec<i64>>())
}

fn ids(keys: &[u64]) -> Condition {
    HasIdCondition { has_id: keys.iter().map(|key| id(*key)).collect() }.into()
}

/// The passages that a search may find. What a collection says of itself has no key, so it is never among them.
pub(super) fn among(among: &Among<'_>) -> Filter {
    let mut filter = Filter::must([Condition::range(KEY, Range { lte: Some(among.last as f64), ..Range::default() })]);
    match among.only {
        Some(Only::Passages(keys)) => filter.must.push(ids(keys)),
        Some(Only::Documents(keys)) => filter.must.push(documents(keys)),
        Some(Only::Except(keys)) => filter.must_not.push(documents(keys)),
        None => {}
    }
    if !among.gone.is_empty() {
        filter.must_not.push(ids(among.gone));
    }
    filter
}

/// The passages that have a concept: all terms of any way of saying it.
pub(super) fn concept(alternatives: &[Alternative], within: &Among<'_>) -> Filter {
    let mut single: Vec<i64> = Vec::new();
    let mut ways: Vec<Condition> = Vec::new();
    for alternative in alternatives {
        match alternative.as_slice() {
            [] => {}
            [only] => single.push(i64::from(*only)),
            several => {
                let terms = several.iter().map(|number| Condition::matches(NUMBERS, i64::from(*number)));
                ways.push(Filter::must(terms).into());
            }
        }
    }
    if !single.is_empty() {
        ways.push(Condition::matches(NUMBERS, single));
    }
    let mut filter = among(within);
    filter.must.push(Filter::should(ways).into());
    filter
}

/// A new collection for vectors of this length.
#[expect(deprecated, reason = "servers before 1.20 know only the former names of where vectors are kept")]
pub(super) fn collection(name: &str, dimensions: u64, config: &QdrantConfig) -> CreateCollection {
    let quantization = ScalarQuantization {
        r#type: QuantizationType::Int8.into(),
        always_ram: Some(true),
        ..ScalarQuantization::default()
    };
    let vectors = VectorParams {
        size: dimensions,
        distance: Distance::Dot.into(),
        on_disk: Some(true),
        datatype: Some(Datatype::Float32.into()),
        ..VectorParams::default()
    };
    let vectors = VectorParamsMap { map: HashMap::from([(VECTOR.to_owned(), vectors)]) };
    let terms = SparseVectorParams { index: Some(SparseIndexConfig::default()), modifier: None };
    let replicas = config.replicas as u32;
    CreateCollection {
        collection_name: name.to_owned(),
        vectors_config: Some(VectorsConfig { config: Some(VectorsOf::ParamsMap(vectors)) }),
        sparse_vectors_config: Some(SparseVectorConfig { map: HashMap::from([(TERMS.to_owned(), terms)]) }),
        hnsw_config: Some(HnswConfigDiff {
            m: Some(GRAPH_NEIGHBOURS),
            ef_construct: Some(GRAPH_EXPANSION),
            ..HnswConfigDiff::default()
        }),
        quantization_config: Some(QuantizationConfig {
            quantization: Some(quantization_config::Quantization::Scalar(quantization)),
        }),
        optimizers_config: Some(OptimizersConfigDiff {
            indexing_threshold: Some(10_000),
            ..OptimizersConfigDiff::default()
        }),
        on_disk_payload: Some(true),
        shard_number: (config.shards > 0).then_some(config.shards as u32),
        replication_factor: Some(replicas),
        // An acknowledged write survives the loss of a minority of the copies.
        write_consistency_factor: Some(replicas / 2 + 1),
        strict_mode_config: Some(StrictModeConfig {
            enabled: Some(true),
            // Every filter here is by an indexed field; a mistake should be refused, not scan all points.
            unindexed_filtering_retrieve: Some(false),
            unindexed_filtering_update: Some(false),
            ..StrictModeConfig::default()
        }),
        ..CreateCollection::default()
    }
}

/// The fields by which points are filtered, with what each is looked up by.
pub(super) fn indexed_fields() -> [(&'static str, FieldType, PayloadIndexParams); 3] {
    // No search of vectors is narrowed by a term, so the server need not build a graph for each; nearly every search names the
    // highest key, which narrows nothing.
    let index = |lookup: bool, is_searched_by: bool| PayloadIndexParams {
        index_params: Some(payload_index_params::IndexParams::IntegerIndexParams(IntegerIndexParams {
            lookup: Some(lookup),
            range: Some(!lookup),
            enable_hnsw: Some(is_searched_by),
            ..IntegerIndexParams::default()
        })),
    };
    [
        (KEY, FieldType::Integer, index(false, false)),
        (DOCUMENT, FieldType::Integer, index(true, true)),
        (NUMBERS, FieldType::Integer, index(true, false)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within<'a>(gone: &'a [u64], only: Option<&'a Only>) -> Among<'a> {
        Among { last: 9, gone, only }
    }

    #[test]
    fn a_filter_names_what_is_shorter_and_never_what_is_gone() {
        let plain = among(&within(&[], None));
        assert_eq!((plain.must.len(), plain.must_not.len()), (1, 0));
        let only = Only::Except(vec![3]);
        let except = among(&within(&[4], Some(&only)));
        assert_eq!((except.must.len(), except.must_not.len()), (1, 2));
        let only = Only::Passages(vec![1, 2]);
        assert_eq!(among(&within(&[], Some(&only))).must.len(), 2);
    }

    #[test]
    fn ways_of_one_term_are_one_condition_and_others_have_all_their_terms() {
        let filter = concept(&[vec![1], vec![2, 3], vec![4]], &within(&[], None));
        let Some(qdrant_client::qdrant::condition::ConditionOneOf::Filter(ways)) =
            filter.must.last().unwrap().condition_one_of.clone()
        else {
            panic!("{filter:?}")
        };
        assert_eq!(ways.should.len(), 2);
    }

    #[test]
    fn the_server_builds_graphs_for_documents_only() {
        let has_graphs = |params: &PayloadIndexParams| match &params.index_params {
            Some(payload_index_params::IndexParams::IntegerIndexParams(params)) => params.enable_hnsw,
            other => panic!("{other:?}"),
        };
        let fields = indexed_fields();
        let with: Vec<_> = fields.iter().map(|(field, _, params)| (*field, has_graphs(params))).collect();
        assert_eq!(with, [(KEY, Some(false)), (DOCUMENT, Some(true)), (NUMBERS, Some(false))]);
    }

    #[test]
    fn what_a_collection_says_of_itself_arrives_as_it_was() {
        let meta = Meta { format: 1, model: "m".into(), dimensions: 3, rules: 7, token: "t".into() };
        assert_eq!(meta_of(&meta_point(&meta).payload), Some(meta));
        assert_eq!(meta_of(&HashMap::new()), None);
    }
}
