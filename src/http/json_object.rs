//! A struct that is read from a JSON object only, where serde also accepts a list.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A struct read from an object only. Serde also accepts a list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct JsonObject<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfMap<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(OfMap(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_not_an_object() {
        #[derive(Debug, serde::Deserialize)]
        struct Counted {
            count: usize,
        }
        let read =
            |json: &str| serde_json::from_str::<JsonObject<Counted>>(json).map(|JsonObject(counted)| counted.count);
        assert_eq!(read(r#"{"count": 5}"#).unwrap(), 5);
        assert!(read("[5]").is_err());
    }
}
