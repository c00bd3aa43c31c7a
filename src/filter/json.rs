//! Filters in JSON: `{"source": "…", "tags": ["a", "b"], "published": {"gte": "2026-01"}}`.

use serde_json::{Map, Value};

use super::{Comparison, Field, Filter};
use crate::error::{Error, Result};

/// The most values in the JSON of a filter, checked before the filter is built.
const MAX_CONDITIONS: usize = 1_000;
const OPERATORS: &str = "eq, ne, in, nin, gt, gte, lt, lte, contains, starts_with, ends_with, like, same, exists";

impl Comparison {
    /// The name of the comparison in JSON.
    fn operator(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "gte",
            Self::Less => "lt",
            Self::LessOrEqual => "lte",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Like => "like",
            Self::Same => "same",
        }
    }
}

impl Filter {
    /// Parses a filter such as `{"source": "…", "tags": ["a", "b"], "published": {"gte": "2026-01"}}`. All fields must
    /// match. A list matches any of its items. An object compares with `eq`, `ne`, `in`, `nin`, `gt`, `gte`, `lt`, `lte`,
    /// `contains`, `starts_with`, `ends_with`, `like`, `same` or, with true or false, `exists`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an unknown field or comparison, a value that does not suit its field, or too many values.
    pub fn from_json(fields: &Map<String, Value>) -> Result<Self> {
        let conditions: usize = fields.values().map(count).sum();
        if conditions > MAX_CONDITIONS {
            return Err(Error::Input {
                reason: format!("the filter has {conditions} conditions"),
                hint: format!("the limit is {MAX_CONDITIONS}, including the items of lists"),
            });
        }
        let mut all = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let field = Field::parse(name)?;
            match value {
                Value::Array(values) => all.push(Self::one_of(&field, values.iter().cloned())?),
                Value::Object(tests) if tests.is_empty() => {
                    return Err(Error::Input {
                        reason: format!("the filter on `{name}` has no comparison"),
                        hint: format!("the comparisons are {OPERATORS}"),
                    });
                }
                Value::Object(tests) => {
                    for (operator, value) in tests {
                        all.push(test(&field, operator, value)?);
                    }
                }
                value => all.push(Self::is(field, Comparison::Equal, value.clone())?),
            }
        }
        Ok(Self::All(all))
    }

    /// The filter in the form that [`Filter::from_json`] parses; `None` if it cannot be written in that form.
    pub fn to_json(&self) -> Option<Map<String, Value>> {
        let Self::All(conditions) = self else { return None };
        let mut fields: Map<String, Value> = Map::new();
        for condition in conditions {
            let (field, operator, value) = match condition {
                Self::Is(field, comparison, value) => (field, comparison.operator(), value.clone()),
                Self::Any(items) => {
                    let equal = |item: &Self| match item {
                        Self::Is(field, Comparison::Equal, value) => Some((field.clone(), value.clone())),
                        _ => None,
                    };
                    let (of, values): (Vec<Field>, Vec<Value>) =
                        items.iter().map(equal).collect::<Option<Vec<_>>>()?.into_iter().unzip();
                    let Some(Self::Is(field, ..)) = items.first() else { return None };
                    if of.iter().any(|other| other != field) {
                        return None;
                    }
                    (field, "in", Value::Array(values))
                }
                Self::Has(field) => (field, "exists", Value::Bool(true)),
                Self::All(_) | Self::Not(_) => return None,
            };
            let key = match field {
                Field::Metadata(name) => format!("metadata.{name}"),
                field => field.name().to_owned(),
            };
            let tests = fields.entry(key).or_insert_with(|| Value::Object(Map::new()));
            // Two comparisons of one kind on one field have no form as an object.
            if tests.as_object_mut()?.insert(operator.to_owned(), value).is_some() {
                return None;
            }
        }
        Some(fields)
    }
}

/// The number of comparisons in the value of a field.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(tests) => tests.values().map(count).sum(),
        _ => 1,
    }
}

fn test(field: &Field, operator: &str, value: &Value) -> Result<Filter> {
    let comparison = match operator {
        "eq" | "ne" => Comparison::Equal,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        "contains" => Comparison::Contains,
        "starts_with" => Comparison::StartsWith,
        "ends_with" => Comparison::EndsWith,
        "like" => Comparison::Like,
        "same" => Comparison::Same,
        "exists" => {
            let Value::Bool(exists) = value else {
                return Err(Error::Input {
                    reason: format!("`exists` on `{}` is given {value}", field.name()),
                    hint: "it takes true or false".into(),
                });
            };
            let has = Filter::Has(field.clone());
            return Ok(if *exists { has } else { Filter::Not(Box::new(has)) });
        }
        "in" | "nin" => {
            let Value::Array(values) = value else {
                return Err(Error::Input {
                    reason: format!("`{operator}` on `{}` is given {value}", field.name()),
                    hint: "it takes a list".into(),
                });
            };
            let any = Filter::one_of(field, values.iter().cloned())?;
            return Ok(if operator == "in" { any } else { Filter::Not(Box::new(any)) });
        }
        _ => {
            return Err(Error::Input {
                reason: format!("the filter on `{}` has the unknown comparison `{operator}`", field.name()),
                hint: format!("the comparisons are {OPERATORS}"),
            });
        }
    };
    let is = Filter::is(field.clone(), comparison, value.clone())?;
    Ok(if operator == "ne" { Filter::Not(Box::new(is)) } else { is })
}
