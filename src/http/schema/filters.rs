//! JSON Schema of filters: Footnote's own, and those of `OpenAI`'s vector stores.

use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, Array, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A year, a month or a day. Only days 1 to 28: a pattern does not know how long a month is.
const DATE: &str = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$";
const FIELD: &str = "^(id|title|source|uri|language|published|format|tags|metadata\\..+)$";
const ORDERED: [&str; 6] = ["eq", "ne", "gt", "gte", "lt", "lte"];

/// `{"source": "…", "tags": ["a", "b"], "published": {"gte": "2026-01"}}`.
pub(in super::super) fn own() -> RefOr<Schema> {
    let kinds = SchemaType::Array(vec![Type::Object, Type::Null]);
    let mut filter = ObjectBuilder::new().schema_type(kinds).description(Some(
        "Restricts the documents. Keys are `id`, `title`, `source`, `uri`, `language`, `published`, `format`, `tags` and \
         `metadata.NAME`; a document must match all of them. A value matches if it is equal; a list, if one item matches; \
         an object, if all its comparisons hold. Dates may be partial: `2026`, `2026-01`.",
    ));
    for field in ["id", "title", "source", "uri", "language", "format", "tags"] {
        filter = filter.property(field, condition(text));
    }
    filter
        .property("published", condition(date))
        .property_names(Some(ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some(FIELD))))
        .additional_properties(Some(AdditionalProperties::RefOr(condition(scalar).into())))
        .examples([serde_json::json!({"language": "zh", "published": {"gte": "2026-01"}})])
        .into()
}

/// A value, a list of values, or comparisons with values.
fn condition(value: fn() -> Schema) -> Schema {
    let mut comparisons =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    for operator in ORDERED {
        comparisons = comparisons.property(operator, value());
    }
    for operator in ["in", "nin"] {
        comparisons = comparisons.property(operator, list(value()));
    }
    for operator in ["contains", "starts_with", "ends_with", "like", "same"] {
        comparisons = comparisons.property(operator, text());
    }
    let truth = ObjectBuilder::new().schema_type(SchemaType::new(Type::Boolean));
    let comparisons = comparisons.property("exists", truth).min_properties(Some(1));
    Schema::AnyOf(AnyOfBuilder::new().item(value()).item(list(value())).item(comparisons).build())
}

fn text() -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).into()
}

fn date() -> Schema {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).pattern(Some(DATE)).into()
}

fn scalar() -> Schema {
    let kind = |kind| ObjectBuilder::new().schema_type(SchemaType::new(kind));
    Schema::AnyOf(AnyOfBuilder::new().item(text()).item(kind(Type::Number)).item(kind(Type::Boolean)).build())
}

fn list(item: Schema) -> Array {
    ArrayBuilder::new().items(RefOr::T(item)).build()
}

/// A filter of a vector store. Only described, never built.
pub(in super::super) struct StoreFilter;

impl PartialSchema for StoreFilter {
    fn schema() -> RefOr<Schema> {
        let kind = |kinds: &[&str]| {
            ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(kinds.iter().copied()))
        };
        let key = || ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        let comparison = |kinds: &[&str]| {
            let comparison = ObjectBuilder::new().property("key", key()).property("type", kind(kinds));
            ["key", "type", "value"].into_iter().fold(comparison, ObjectBuilder::required)
        };
        let filters = ArrayBuilder::new().items(Ref::from_schema_name("StoreFilter"));
        let joined = ObjectBuilder::new().property("type", kind(&["and", "or"])).property("filters", filters);
        let any = AnyOfBuilder::new()
            .item(comparison(&ORDERED).property("value", scalar()))
            .item(comparison(&["in", "nin"]).property("value", list(scalar())))
            .item(["type", "filters"].into_iter().fold(joined, ObjectBuilder::required))
            .description(Some(
                "One comparison, or several joined by `and` or `or`. A key is `source`, `published`, `language`, `tags`, \
                 `title`, `uri`, `id`, or a name in the documents' metadata.",
            ));
        RefOr::T(Schema::AnyOf(any.build()))
    }
}

impl ToSchema for StoreFilter {}
