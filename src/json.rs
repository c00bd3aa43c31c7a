//! JSON values by the rules of JSON Schema, where serde's differ.

use serde::de::{Deserialize, Deserializer, Error as _};

use crate::error::Error;

/// An optional whole number. In JSON `5.0` is one.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else { return Ok(None) };
    let whole = number.as_u64().and_then(|number| usize::try_from(number).ok());
    // A number that is too large saturates; every limit is smaller.
    let of_float = number.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0).map(|float| float as usize);
    let whole = whole.or(of_float);
    whole.map(Some).ok_or_else(|| D::Error::custom(format!("{number} is not a whole number of 0 or more")))
}

/// Refuses a `value` outside `least..=most`, by its `name`.
pub(crate) fn in_range(name: &str, value: Option<usize>, least: usize, most: usize) -> Result<Option<usize>, Error> {
    match value {
        Some(value) if !(least..=most).contains(&value) => Err(Error::Input {
            reason: format!("`{name}` is {value}"),
            hint: format!("`{name}` must be between {least} and {most}; omit it for the default"),
        }),
        _ => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Counted {
        #[serde(default, deserialize_with = "whole")]
        count: Option<usize>,
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let count = |json: &str| serde_json::from_str::<Counted>(json).map(|counted| counted.count);
        for (json, expected) in [
            ("{}", None),
            (r#"{"count": null}"#, None),
            (r#"{"count": 5.0}"#, Some(5)),
            (r#"{"count": 1e300}"#, Some(usize::MAX)),
        ] {
            assert_eq!(count(json).unwrap(), expected, "{json}");
        }
        for json in [r#"{"count": 5.5}"#, r#"{"count": -1}"#, r#"{"count": "5"}"#] {
            assert!(count(json).is_err(), "{json}");
        }
    }
}
