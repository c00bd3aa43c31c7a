//! JSON schemas of what the tools take and give, made from the types that are read and written, in words that every
//! client understands.

use std::sync::Arc;

use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use rmcp::schemars::generate::SchemaSettings;
use serde_json::Value;

/// What a tool takes.
pub(super) fn input<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = generate::<T>(SchemaSettings::draft2020_12());
    walk(&mut schema, &mut |object| {
        // Leaving an argument out says the same as null, and some clients know no lists of types.
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

/// What a tool gives.
pub(super) fn output<T: JsonSchema>() -> Arc<JsonObject> {
    root(generate::<T>(SchemaSettings::draft2020_12().for_serialize()))
}

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Value {
    // Some clients do not follow references.
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    walk(&mut schema, &mut |object| {
        // The formats are those of Rust's numbers, which strict validators do not know.
        object.remove("format");
        // A description's lines are those of the source.
        if let Some(Value::String(description)) = object.get_mut("description") {
            *description = description.replace('\n', " ");
        }
    });
    schema
}

/// The schema's own object, without the name of the Rust type and what is said of it.
fn root(schema: Value) -> Arc<JsonObject> {
    let Value::Object(mut object) = schema else { return Arc::default() };
    object.remove("title");
    object.remove("description");
    Arc::new(object)
}

/// Calls `change` on each object of a schema that is a schema itself.
fn walk(schema: &mut Value, change: &mut impl FnMut(&mut JsonObject)) {
    let Value::Object(object) = schema else { return };
    change(object);
    for (key, value) in object {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                properties.values_mut().for_each(|property| walk(property, change));
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| walk(schema, change));
            }
            ("items" | "additionalProperties", schema) => walk(schema, change),
            _ => {}
        }
    }
}
