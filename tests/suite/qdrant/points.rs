//! What a Qdrant server does with points: stores, filters, searches and counts them, all of it exactly.

use std::collections::{BTreeMap, HashMap};

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::{
    Condition, CountPoints, CountResponse, CountResult, CreateCollection, DeletePoints, Filter, GetPoints, GetResponse,
    NamedVectorsOutput, PointId, PointsOperationResponse, QueryPoints, QueryResponse, Range, RetrievedPoint,
    ScoredPoint, ScrollPoints, ScrollResponse, SparseVector, UpdateResult, UpdateStatus, UpsertPoints, Value, Vector,
    VectorOutput, VectorsOutput, WithVectorsSelector, query, value, vector, vector_input, vector_output, vectors,
    vectors_output, with_vectors_selector,
};
use tonic::Status;

/// The collections of a server, by name.
#[derive(Default)]
pub(crate) struct Collections(pub(crate) BTreeMap<String, Stored>);

/// A collection.
pub(crate) struct Stored {
    pub(crate) created: CreateCollection,
    /// Fields with an index; others are refused in filters, as strict mode does.
    pub(crate) indexed: Vec<String>,
    pub(crate) points: BTreeMap<u64, StoredPoint>,
}

pub(crate) struct StoredPoint {
    payload: HashMap<String, Value>,
    vectors: HashMap<String, vector::Vector>,
}

type Answer<T> = Result<T, Status>;

fn number(id: Option<PointId>) -> Answer<u64> {
    match id.and_then(|id| id.point_id_options) {
        Some(PointIdOptions::Num(number)) => Ok(number),
        other => Err(Status::invalid_argument(format!("not a number: {other:?}"))),
    }
}

fn id(number: u64) -> PointId {
    PointId { point_id_options: Some(PointIdOptions::Num(number)) }
}

fn completed() -> PointsOperationResponse {
    let result = UpdateResult { operation_id: None, status: UpdateStatus::Completed.into() };
    PointsOperationResponse { result: Some(result), ..PointsOperationResponse::default() }
}

impl Collections {
    pub(crate) fn get(&mut self, name: &str) -> Answer<&mut Stored> {
        self.0.get_mut(name).ok_or_else(|| Status::not_found(format!("Not found: Collection `{name}` doesn't exist!")))
    }

    pub(crate) fn upsert(&mut self, request: UpsertPoints, is_half: bool) -> Answer<PointsOperationResponse> {
        let stored = self.get(&request.collection_name)?;
        let count = if is_half { request.points.len() / 2 } else { request.points.len() };
        for point in request.points.into_iter().take(count) {
            let named = match point.vectors.and_then(|vectors| vectors.vectors_options) {
                Some(vectors::VectorsOptions::Vectors(named)) => named.vectors,
                other => return Err(Status::invalid_argument(format!("not named vectors: {other:?}"))),
            };
            let of_name = |(name, vector): (String, Vector)| Some((name, vector.vector?));
            let vectors: HashMap<String, vector::Vector> = named.into_iter().filter_map(of_name).collect();
            for (name, vector) in &vectors {
                stored.check(name, vector)?;
            }
            stored.points.insert(number(point.id)?, StoredPoint { payload: point.payload, vectors });
        }
        Ok(completed())
    }

    pub(crate) fn delete(&mut self, request: DeletePoints) -> Answer<PointsOperationResponse> {
        let stored = self.get(&request.collection_name)?;
        match request.points.and_then(|points| points.points_selector_one_of) {
            Some(PointsSelectorOneOf::Points(list)) => {
                for id in list.ids {
                    stored.points.remove(&number(Some(id))?);
                }
            }
            Some(PointsSelectorOneOf::Filter(filter)) => {
                let gone: Vec<u64> = stored.filtered(Some(&filter))?.map(|(key, _)| key).collect();
                gone.iter().for_each(|key| drop(stored.points.remove(key)));
            }
            None => return Err(Status::invalid_argument("no points")),
        }
        Ok(completed())
    }

    pub(crate) fn retrieve(&mut self, request: GetPoints) -> Answer<GetResponse> {
        let stored = self.get(&request.collection_name)?;
        let mut result = Vec::new();
        for id in request.ids {
            let key = number(Some(id))?;
            result.extend(stored.points.get(&key).map(|point| point.retrieved(key, request.with_vectors.as_ref())));
        }
        Ok(GetResponse { result, ..GetResponse::default() })
    }

    pub(crate) fn scroll(&mut self, request: ScrollPoints) -> Answer<ScrollResponse> {
        let stored = self.get(&request.collection_name)?;
        let first = request.offset.map_or(Ok(0), |offset| number(Some(offset)))?;
        let found = stored.filtered(request.filter.as_ref())?.filter(|(key, _)| *key >= first);
        let result = found.take(request.limit.unwrap_or(10) as usize).map(|(key, point)| point.retrieved(key, None));
        Ok(ScrollResponse { result: result.collect(), ..ScrollResponse::default() })
    }

    pub(crate) fn count(&mut self, request: &CountPoints) -> Answer<CountResponse> {
        let count = self.get(&request.collection_name)?.filtered(request.filter.as_ref())?.count() as u64;
        Ok(CountResponse { result: Some(CountResult { count }), ..CountResponse::default() })
    }

    pub(crate) fn query(&mut self, request: QueryPoints) -> Answer<QueryResponse> {
        let stored = self.get(&request.collection_name)?;
        let using = request.using.unwrap_or_default();
        let Some(query::Variant::Nearest(input)) = request.query.and_then(|query| query.variant) else {
            return Err(Status::unimplemented("only nearest points are searched"));
        };
        let mut scored: Vec<(u64, f32)> = Vec::new();
        for (key, point) in stored.filtered(request.filter.as_ref())? {
            let score = match (&input.variant, point.vectors.get(&using)) {
                (Some(vector_input::Variant::Dense(asked)), Some(vector::Vector::Dense(own))) => {
                    Some(asked.data.iter().zip(&own.data).map(|(a, b)| a * b).sum())
                }
                (Some(vector_input::Variant::Sparse(asked)), Some(vector::Vector::Sparse(own))) => {
                    sparse_product(asked, own)
                }
                (_, None) => None,
                (asked, _) => return Err(Status::invalid_argument(format!("a wrong vector: {asked:?}"))),
            };
            scored.extend(score.map(|score| (key, score)));
        }
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        scored.truncate(request.limit.unwrap_or(10) as usize);
        let hit = |(key, score): (u64, f32)| ScoredPoint {
            id: Some(id(key)),
            score,
            vectors: stored.points[&key].retrieved(key, request.with_vectors.as_ref()).vectors,
            ..ScoredPoint::default()
        };
        Ok(QueryResponse { result: scored.into_iter().map(hit).collect(), ..QueryResponse::default() })
    }
}

/// The sum over the indices that both have; `None` if there is none.
fn sparse_product(asked: &SparseVector, own: &SparseVector) -> Option<f32> {
    let own: HashMap<u32, f32> = own.indices.iter().copied().zip(own.values.iter().copied()).collect();
    let common = asked.indices.iter().zip(&asked.values).filter_map(|(index, weight)| Some(own.get(index)? * weight));
    let products: Vec<f32> = common.collect();
    (!products.is_empty()).then(|| products.iter().sum())
}

impl Stored {
    /// Refuses a vector that was not declared, or has another length.
    fn check(&self, name: &str, vector: &vector::Vector) -> Answer<()> {
        use ::qdrant_client::qdrant::vectors_config::Config;
        let declared = self.created.vectors_config.as_ref().and_then(|config| config.config.as_ref());
        let size = match declared {
            Some(Config::ParamsMap(map)) => map.map.get(name).map(|params| params.size),
            _ => None,
        };
        let is_sparse = self.created.sparse_vectors_config.as_ref().is_some_and(|config| config.map.contains_key(name));
        match vector {
            vector::Vector::Dense(dense) if size == Some(dense.data.len() as u64) => Ok(()),
            vector::Vector::Sparse(sparse) if is_sparse && sparse.indices.len() == sparse.values.len() => {
                let mut indices = sparse.indices.clone();
                indices.sort_unstable();
                indices.dedup();
                if indices.len() == sparse.indices.len() {
                    Ok(())
                } else {
                    Err(Status::invalid_argument("an index twice"))
                }
            }
            _ => Err(Status::invalid_argument(format!("Wrong input: vector {name}"))),
        }
    }

    fn filtered<'s>(
        &'s self,
        filter: Option<&Filter>,
    ) -> Answer<impl Iterator<Item = (u64, &'s StoredPoint)> + use<'s>> {
        let mut found = Vec::new();
        for (key, point) in &self.points {
            if filter.map_or(Ok(true), |filter| self.meets(*key, point, filter))? {
                found.push((*key, point));
            }
        }
        Ok(found.into_iter())
    }

    fn meets(&self, key: u64, point: &StoredPoint, filter: &Filter) -> Answer<bool> {
        let met = |conditions: &[Condition]| -> Answer<Vec<bool>> {
            conditions.iter().map(|condition| self.holds(key, point, condition)).collect()
        };
        let (must, should, must_not) = (met(&filter.must)?, met(&filter.should)?, met(&filter.must_not)?);
        Ok(must.iter().all(|met| *met) && (should.is_empty() || should.contains(&true)) && !must_not.contains(&true))
    }

    fn holds(&self, key: u64, point: &StoredPoint, condition: &Condition) -> Answer<bool> {
        match &condition.condition_one_of {
            Some(ConditionOneOf::HasId(ids)) => {
                ids.has_id.iter().map(|id| number(Some(id.clone()))).try_fold(false, |any, id| Ok(any | (id? == key)))
            }
            Some(ConditionOneOf::Filter(filter)) => self.meets(key, point, filter),
            Some(ConditionOneOf::Field(field)) => {
                if !self.indexed.contains(&field.key) {
                    return Err(Status::invalid_argument(format!(
                        "Index required but not found for \"{}\"",
                        field.key
                    )));
                }
                let values = integers(point.payload.get(&field.key));
                if let Some(Range { lt, gt, gte, lte }) = field.range {
                    let is_in = |value: f64| {
                        lt.is_none_or(|lt| value < lt)
                            && gt.is_none_or(|gt| value > gt)
                            && gte.is_none_or(|gte| value >= gte)
                            && lte.is_none_or(|lte| value <= lte)
                    };
                    return Ok(values.iter().any(|value| is_in(*value as f64)));
                }
                match field.r#match.as_ref().and_then(|wanted| wanted.match_value.as_ref()) {
                    Some(MatchValue::Integer(wanted)) => Ok(values.contains(wanted)),
                    Some(MatchValue::Integers(wanted)) => {
                        Ok(values.iter().any(|value| wanted.integers.contains(value)))
                    }
                    other => Err(Status::unimplemented(format!("{other:?}"))),
                }
            }
            other => Err(Status::unimplemented(format!("{other:?}"))),
        }
    }
}

fn integers(value: Option<&Value>) -> Vec<i64> {
    match value.and_then(|value| value.kind.as_ref()) {
        Some(value::Kind::IntegerValue(number)) => vec![*number],
        Some(value::Kind::ListValue(list)) => list.values.iter().flat_map(|value| integers(Some(value))).collect(),
        _ => Vec::new(),
    }
}

impl StoredPoint {
    fn retrieved(&self, key: u64, wanted: Option<&WithVectorsSelector>) -> RetrievedPoint {
        let names = match wanted.and_then(|wanted| wanted.selector_options.as_ref()) {
            Some(with_vectors_selector::SelectorOptions::Include(names)) => names.names.clone(),
            _ => Vec::new(),
        };
        let output = |name: String| {
            let vector = match self.vectors.get(&name)? {
                vector::Vector::Dense(dense) => vector_output::Vector::Dense(dense.clone()),
                vector::Vector::Sparse(sparse) => vector_output::Vector::Sparse(sparse.clone()),
                _ => return None,
            };
            Some((name, VectorOutput { vector: Some(vector), ..VectorOutput::default() }))
        };
        let vectors = NamedVectorsOutput { vectors: names.into_iter().filter_map(output).collect() };
        RetrievedPoint {
            id: Some(id(key)),
            payload: self.payload.clone(),
            vectors: Some(VectorsOutput { vectors_options: Some(vectors_output::VectorsOptions::Vectors(vectors)) }),
            ..RetrievedPoint::default()
        }
    }
}
