//! Which documents a question is about: conditions on what is known of them, as plain data.

mod json;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// What is known of a document that a filter may speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Its id.
    Id,
    /// Its title.
    Title,
    /// Who published it.
    Source,
    /// Where it is to be found.
    Uri,
    /// Its BCP 47 tag. `zh` stands for `zh-Hant` and `zh-Hans`, too (basic filtering, RFC 4647).
    Language,
    /// When it was published. A value may be a year, a month or a day; a document's date, in its own time zone, is
    /// compared as far as the value goes.
    Published,
    /// Any one of its tags.
    Tags,
    /// What the caller gave under this name; of a list any one item.
    Metadata(String),
}

/// How a field and a value are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Above the value, which for a date is later.
    Greater,
    /// Above it or the same.
    GreaterOrEqual,
    /// Below it.
    Less,
    /// Below it or the same.
    LessOrEqual,
    /// The value, a text, is somewhere in it, whatever the case of ASCII letters.
    Contains,
    /// It starts with the value, likewise.
    StartsWith,
    /// It ends with the value, likewise.
    EndsWith,
}

/// Conditions on documents. A field that a document does not have meets no comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The field compares so with the value: a string, a number or a boolean.
    Is(Field, Comparison, Value),
    /// The document has the field, and not as an empty text or list.
    Has(Field),
    /// All of these hold; none is no restriction.
    All(Vec<Filter>),
    /// At least one of these holds.
    Any(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
}

const MOST_COMPARISONS: usize = 100;
const MOST_VALUES: usize = 1_000;
const NAMES: [&str; 7] = ["id", "title", "source", "uri", "language", "published", "tags"];
const FIELDS: &str = "id, title, source, uri, language, published, tags, and metadata.NAME for any other";

impl Field {
    /// The field of a name: `source`, `tags`, `metadata.category`. `tag` is `tags`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "id" => Self::Id,
            "title" => Self::Title,
            "source" => Self::Source,
            "uri" => Self::Uri,
            "language" => Self::Language,
            "published" => Self::Published,
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

    /// Whether being one of many values is one comparison of the store's: where equality is that of the values.
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
            Self::Tags => "tags",
            Self::Metadata(name) => name,
        }
    }
}

impl Filter {
    /// The condition that `field` compares so with `value`, if that can be.
    pub fn is(field: Field, comparison: Comparison, value: Value) -> Result<Self> {
        let refused = |what: &str| {
            Err(Error::Input {
                reason: format!("the filter on `{}` compares with {value}", field.name()),
                hint: format!("it takes {what}"),
            })
        };
        let of_text = matches!(comparison, Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith);
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
    pub fn one_of(field: &Field, values: impl IntoIterator<Item = Value>) -> Result<Self> {
        let is = |value| Self::is(field.clone(), Comparison::Equal, value);
        values.into_iter().map(is).collect::<Result<_>>().map(Self::Any)
    }

    /// Refuses one that would take long: every document is held against it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more than a hundred comparisons, or a thousand values in all. Being one of several values
    /// is one comparison, but of languages and dates.
    pub fn check(&self) -> Result<()> {
        let (mut comparisons, mut values) = (0, 0);
        self.count(&mut comparisons, &mut values);
        if comparisons <= MOST_COMPARISONS && values <= MOST_VALUES {
            return Ok(());
        }
        Err(Error::Input {
            reason: format!("the filter makes {comparisons} comparisons with {values} values"),
            hint: format!("at most {MOST_COMPARISONS} and {MOST_VALUES} are taken; a list of values is one comparison"),
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
                // Each costs something even with nothing in it.
                *comparisons += 1;
                filters.iter().for_each(|filter| filter.count(comparisons, values));
            }
        }
    }

    /// The field, if this is that it equals one of several values.
    pub(crate) fn one_field(&self) -> Option<&Field> {
        let Self::Any(filters) = self else { return None };
        let Some(Self::Is(field, ..)) = filters.first() else { return None };
        let alike = |filter: &Self| matches!(filter, Self::Is(of, Comparison::Equal, _) if of == field);
        filters.iter().all(alike).then_some(field)
    }

    /// Whether it lets every document through.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(conditions) if conditions.is_empty())
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// Whether it is a year, a month or a day, as ISO 8601 writes them.
fn is_date(text: &str) -> bool {
    let day = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    // Other forms of ISO 8601 would parse, too, but not compare.
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
    fn a_filter_that_json_can_say_is_written_and_read_back_the_same() {
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
    fn what_makes_no_sense_is_refused_with_what_would() {
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
    fn a_filter_that_would_take_long_is_refused_however_it_is_built() {
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
        fn no_date_makes_it_panic(text: String) {
            let _ = is_date(&text);
        }
    }
}
