//! Filters: conditions on the fields of documents, as plain data.

mod files;
mod json;
mod passages;

use serde_json::Value;

pub(crate) use self::files::is_of_file;
pub use self::passages::PassageFilter;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// A field of a document that a filter can test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The document's id.
    Id,
    /// The title.
    Title,
    /// The publisher or author.
    Source,
    /// The address.
    Uri,
    /// The BCP 47 language tag. `zh` also matches `zh-Hant` and `zh-Hans` (basic filtering, RFC 4647). A value may also be a
    /// name or a locale: `English`, `zh_TW`.
    Language,
    /// The date of publication. A value is a year, a month or a day. It is compared with the document's date, in that
    /// date's own time zone, to the precision of the value. To be before or after, both are compared to the precision
    /// that they have in common: a document of 2026-02 is neither before nor after 2026-02-10.
    Published,
    /// The format of the file: `pdf`, `docx`, `markdown`.
    Format,
    /// Any one of the tags.
    Tags,
    /// The metadata under this name; of a list, any one item.
    Metadata(String),
}

/// A comparison of a field with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal to the value.
    Equal,
    /// Greater than the value; for a date, later.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less than the value.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Contains the value, a text, ignoring the case of ASCII letters.
    Contains,
    /// Starts with the value, ignoring the case of ASCII letters.
    StartsWith,
    /// Ends with the value, ignoring the case of ASCII letters.
    EndsWith,
    /// Contains the value, a text, whatever the case, width, accents and Chinese script of both.
    Like,
    /// Is the value, a text, whatever the case, width, accents and Chinese script of both.
    Same,
}

/// A condition on documents. A comparison is false for a document without the field.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The comparison of the field with the value (a string, a number or a boolean) is true.
    Is(Field, Comparison, Value),
    /// The document has the field, and it is not an empty text or list.
    Has(Field),
    /// All of these are true. Without conditions, every document passes.
    All(Vec<Filter>),
    /// At least one of these is true.
    Any(Vec<Filter>),
    /// This is false.
    Not(Box<Filter>),
}

const MAX_COMPARISONS: usize = 100;
const MAX_VALUES: usize = 1_000;
const NAMES: [&str; 8] = ["id", "title", "source", "uri", "language", "published", "format", "tags"];
const FIELDS: &str = "id, title, source, uri, language, published, format, tags, and metadata.NAME for any other";

impl Field {
    /// Parses the name of a field: `source`, `tags`, `metadata.category`. `tag` means `tags`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "id" => Self::Id,
            "title" => Self::Title,
            "source" => Self::Source,
            "uri" => Self::Uri,
            "language" => Self::Language,
            "published" => Self::Published,
            "format" => Self::Format,
            "tag" | "tags" => Self::Tags,
            _ => match name.strip_prefix("metadata.").filter(|name| !name.is_empty()) {
                Some(name) => Self::Metadata(name.to_owned()),
                None => {
                    return Err(Error::Input {
                        reason: format!("a filter cannot be on `{name}`{}", did_you_mean(name, NAMES)),
                        hint: format!("the fields are {FIELDS}"),
                    });
                }
            },
        })
    }

    /// Whether the store compares this field with many values at once, which requires plain equality of values.
    pub(crate) fn is_compared_at_once(&self) -> bool {
        !matches!(self, Self::Language | Self::Published)
    }

    fn name(&self) -> &str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Source => "source",
            Self::Uri => "uri",
            Self::Language => "language",
            Self::Published => "published",
            Self::Format => "format",
            Self::Tags => "tags",
            Self::Metadata(name) => name,
        }
    }
}

impl Filter {
    /// The condition that `field` compares with `value`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the field cannot be compared with such a value.
    pub fn is(field: Field, comparison: Comparison, value: Value) -> Result<Self> {
        let refused = |what: &str| {
            Err(Error::Input {
                reason: format!("the filter on `{}` compares with {value}", field.name()),
                hint: format!("it takes {what}"),
            })
        };
        let of_text = matches!(
            comparison,
            Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith | Comparison::Like | Comparison::Same
        );
        match (&field, &value) {
            (_, Value::String(_)) if of_text => {}
            _ if of_text => return refused("a text"),
            (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
                return refused("a string, a number or a boolean, or a list of these");
            }
            (Field::Published, Value::String(date)) if is_date(date) => {}
            (Field::Published, _) => return refused("a date such as \"2026-01-31\", \"2026-01\" or \"2026\""),
            (Field::Metadata(_), _) | (_, Value::String(_)) => {}
            _ => return refused("a string, or a list of strings"),
        }
        Ok(Self::Is(field, comparison, value))
    }

    /// The condition that `field` equals one of the values.
    ///
    /// # Errors
    ///
    /// Those of [`Filter::is`].
    pub fn one_of(field: &Field, values: impl IntoIterator<Item = Value>) -> Result<Self> {
        let is = |value| Self::is(field.clone(), Comparison::Equal, value);
        values.into_iter().map(is).collect::<Result<_>>().map(Self::Any)
    }

    /// Checks that the filter is small enough to test every document with it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more than a hundred comparisons, or a thousand values in all. A list of values counts as one
    /// comparison, except for languages and dates.
    pub fn check(&self) -> Result<()> {
        let (mut comparisons, mut values) = (0, 0);
        self.count(&mut comparisons, &mut values);
        if comparisons <= MAX_COMPARISONS && values <= MAX_VALUES {
            return Ok(());
        }
        Err(Error::Input {
            reason: format!("the filter makes {comparisons} comparisons with {values} values"),
            hint: format!(
                "the limits are {MAX_COMPARISONS} and {MAX_VALUES}; a list of values counts as one comparison"
            ),
        })
    }

    fn count(&self, comparisons: &mut usize, values: &mut usize) {
        match self {
            _ if self.one_field().is_some_and(Field::is_compared_at_once) => {
                *comparisons += 1;
                *values += if let Self::Any(filters) = self { filters.len() } else { 0 };
            }
            Self::Is(..) => (*comparisons, *values) = (*comparisons + 1, *values + 1),
            Self::Has(_) => *comparisons += 1,
            Self::Not(filter) => filter.count(comparisons, values),
            Self::All(filters) | Self::Any(filters) => {
                // Even an empty group has a cost.
                *comparisons += 1;
                filters.iter().for_each(|filter| filter.count(comparisons, values));
            }
        }
    }

    /// The field, if this is the condition that it equals one of several values.
    pub(crate) fn one_field(&self) -> Option<&Field> {
        let Self::Any(filters) = self else { return None };
        let Some(Self::Is(field, ..)) = filters.first() else { return None };
        let is_of_field = |filter: &Self| matches!(filter, Self::Is(of, Comparison::Equal, _) if of == field);
        filters.iter().all(is_of_field).then_some(field)
    }

    /// Whether every document passes.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(conditions) if conditions.is_empty())
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// Whether `text` is a year, a month or a day in ISO 8601.
fn is_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    // Other forms of ISO 8601 parse as well, but do not compare as text.
    day.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<Filter> {
        Filter::from_json(value.as_object().unwrap())
    }

    #[test]
    fn every_form_of_a_condition_is_read() {
        let filter = parse(&json!({
            "source": "A", "tags": ["x", "y"], "published": {"gte": "2026-01", "lt": "2027"}, "metadata.n": {"ne": 3}
        }));
        let is = |field, comparison, value| Filter::Is(field, comparison, value);
        let equal = |field, value| is(field, Comparison::Equal, value);
        assert_eq!(
            filter.unwrap(),
            Filter::All(vec![
                Filter::Not(Box::new(equal(Field::Metadata("n".into()), json!(3)))),
                is(Field::Published, Comparison::GreaterOrEqual, json!("2026-01")),
                is(Field::Published, Comparison::Less, json!("2027")),
                equal(Field::Source, json!("A")),
                Filter::Any(vec![equal(Field::Tags, json!("x")), equal(Field::Tags, json!("y"))]),
            ])
        );
        assert!(parse(&json!({})).unwrap().is_empty());
    }

    #[test]
    fn a_filter_with_a_json_form_is_written_and_read_back_the_same() {
        for json in [
            json!({}),
            json!({"metadata.n": {"in": [3, "3"]}, "published": {"gte": "2026-01", "lt": "2027"}, "tags": {"eq": "x"}}),
        ] {
            let filter = parse(&json).unwrap();
            assert_eq!(filter.to_json().map(Value::Object), Some(json));
            assert_eq!(Filter::from_json(&filter.to_json().unwrap()).unwrap(), filter);
        }
        let is = |value: &str| Filter::Is(Field::Tags, Comparison::Equal, json!(value));
        let id = Filter::Is(Field::Id, Comparison::Equal, json!("x"));
        for filter in [
            Filter::All(vec![is("x"), is("y")]),
            Filter::Any(vec![is("x")]),
            Filter::All(vec![Filter::Any(vec![is("x"), id])]),
            Filter::All(vec![Filter::Any(vec![])]),
            Filter::All(vec![Filter::Not(Box::new(is("x")))]),
        ] {
            assert_eq!(filter.to_json(), None, "{filter:?}");
        }
    }

    #[test]
    fn a_condition_that_makes_no_sense_is_refused_with_a_hint() {
        for (filter, word) in [
            (json!({"publisher": "A"}), "metadata.NAME"),
            (json!({"source": 3}), "string"),
            (json!({"source": null}), "string"),
            (json!({"published": "yesterday"}), "2026-01-31"),
            (json!({"published": {"gte": "2026-13"}}), "2026-01-31"),
            (json!({"published": {"since": "2026"}}), "gte"),
            (json!({"tags": {"in": "x"}}), "list"),
            (json!({"tags": {}}), "gte"),
            (json!({"id": vec!["x"; 1001]}), "1000"),
            (json!({"metadata.a": {"eq": {}}}), "number"),
            (json!({"published": {"contains": 2026}}), "text"),
            (json!({"source": {"exists": "yes"}}), "true or false"),
        ] {
            let error = parse(&filter).unwrap_err();
            assert!(error.hint().unwrap().contains(word), "{filter}: {error} {:?}", error.hint());
        }
    }

    #[test]
    fn a_filter_that_is_too_large_is_refused_however_it_is_built() {
        let is = |name: usize| Filter::Is(Field::Metadata(name.to_string()), Comparison::Equal, json!(1));
        let equal = |value: usize| Filter::Is(Field::Id, Comparison::Equal, json!(value));
        assert!(Filter::Any((0..1000).map(equal).collect()).check().is_ok(), "a list is one comparison");
        assert!(Filter::All((0..99).map(is).collect()).check().is_ok());
        for long in [
            Filter::Any((0..1001).map(equal).collect()),
            Filter::All((0..101).map(is).collect()),
            Filter::Any((0..101).map(|_| Filter::Is(Field::Language, Comparison::Equal, json!("en"))).collect()),
            Filter::Any((0..101).map(|_| Filter::Is(Field::Published, Comparison::Equal, json!("2026"))).collect()),
            Filter::All(vec![Filter::default(); 100]),
            Filter::All(vec![Filter::Any(Vec::new()); 100]),
        ] {
            assert!(long.check().unwrap_err().hint().unwrap().contains("100"));
        }
    }

    #[test]
    fn a_date_is_a_year_a_month_or_a_day() {
        for date in ["2026", "2026-01", "2026-01-31"] {
            assert!(is_date(date), "{date}");
        }
        for other in ["", "26", "2026-1", "2026-02-30", "20260131", "2026-01-31x", "today", "2026-01-31T10:00:00Z"] {
            assert!(!is_date(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_tested_without_a_panic(text: String) {
            let _ = is_date(&text);
        }
    }
}
