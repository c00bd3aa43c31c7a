//! JSON schemas of the tools' arguments and results, generated from the types, without features that some clients lack.

use std::sync::Arc;

use rmcp::model::JsonObject;
use rmcp::schemars::generate::SchemaSettings;
use rmcp::schemars::transform::{RecursiveTransform, Transform};
use rmcp::schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of a tool's arguments.
pub(super) fn input<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = generate::<T>(SchemaSettings::draft2020_12());
    change_all(&mut schema, |object| {
        // Omitting an argument means the same as null, and some clients do not know lists of types.
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|kind| kind != "null");
            if let [kind] = &mut types[..] {
                let kind = kind.take();
                object.insert("type".into(), kind);
            }
        }
        object.remove("default");
    });
    root(schema)
}

/// The schema of a tool's result.
pub(super) fn output<T: JsonSchema>() -> Arc<JsonObject> {
    root(generate::<T>(SchemaSettings::draft2020_12().for_serialize()))
}

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    // Some clients do not follow references.
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    change_all(&mut schema, |object| {
        // These formats name Rust's number types, which strict validators do not know.
        object.remove("format");
        // Its lines are those of the source.
        if let Some(Value::String(description)) = object.get_mut("description") {
            *description = description.replace('\n', " ");
        }
    });
    schema
}

/// The schema without the name and description of the Rust type.
fn root(schema: Schema) -> Arc<JsonObject> {
    let Value::Object(mut object) = schema.to_value() else { return Arc::default() };
    object.remove("title");
    object.remove("description");
    Arc::new(object)
}

/// Calls `change` on a schema and every schema in it.
fn change_all(schema: &mut Schema, change: impl Fn(&mut JsonObject)) {
    let change = |schema: &mut Schema| {
        if let Some(object) = schema.as_object_mut() {
            change(object);
        }
    };
    RecursiveTransform(change).transform(schema);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_within_a_schema_is_changed() {
        let mut schema = Schema::try_from(json!({
            "properties": {"a": {"format": "uint"}},
            "$defs": {"b": {"items": {"format": "uint"}}},
            "not": {"format": "uint"},
            "patternProperties": {"c": {"anyOf": [{"format": "uint"}]}}
        }))
        .unwrap();
        change_all(&mut schema, |object| drop(object.remove("format")));
        assert!(!schema.to_value().to_string().contains("format"));
    }
}
