//! Filters of callers that must not learn where documents lie on the server.

use super::{Comparison, Field, Filter};

/// The start of the address of a file; compared without case.
const FILE: &str = "file:";

impl Filter {
    /// The filter for which documents have no address where theirs is that of a file. So no comparison tells a path, not
    /// even character by character.
    pub(crate) fn without_files(self) -> Self {
        let guarded = |filter| {
            let is_of_file = Self::Is(Field::Uri, Comparison::StartsWith, FILE.into());
            Self::All(vec![filter, Self::Not(Box::new(is_of_file))])
        };
        let is_of_uri = |filter: &Self| matches!(filter, Self::Is(Field::Uri, ..) | Self::Has(Field::Uri));
        let each = |filters: Vec<Self>| filters.into_iter().map(Self::without_files).collect();
        match self {
            filter if is_of_uri(&filter) => guarded(filter),
            // As one, since the store compares a field with many values at once.
            Self::Any(filters) if !filters.is_empty() && filters.iter().all(is_of_uri) => guarded(Self::Any(filters)),
            Self::Any(filters) => Self::Any(each(filters)),
            Self::All(filters) => Self::All(each(filters)),
            Self::Not(filter) => Self::Not(Box::new(filter.without_files())),
            filter @ (Self::Is(..) | Self::Has(_)) => filter,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_condition_on_the_address_is_guarded_and_no_other() {
        let read = |filter: serde_json::Value| Filter::from_json(filter.as_object().unwrap()).unwrap();
        let others = read(json!({"title": "a", "metadata.uri": "b"}));
        assert_eq!(others.clone().without_files(), others);
        for filter in [
            read(json!({"uri": "file:///a"})),
            read(json!({"uri": {"gte": "file:///a"}})),
            Filter::Any(vec![Filter::Has(Field::Uri), Filter::Has(Field::Title)]),
            Filter::Not(Box::new(read(json!({"uri": ["file:///a", "file:///b"]})))),
        ] {
            let shown = format!("{:?}", filter.without_files());
            assert!(shown.contains("Not(Is(Uri, StartsWith, String(\"file:\")))"), "{shown}");
        }
    }
}
