//! Filters of callers that must not learn where documents lie on the server.

use super::{Comparison, Field, Filter};

/// The start of the address of a file; compared without case.
const FILE: &str = "file:";

/// Whether an address is that of a file, and so may tell a path of this machine.
pub(crate) fn is_of_file(uri: &str) -> bool {
    uri.get(..FILE.len()).is_some_and(|start| start.eq_ignore_ascii_case(FILE))
}

impl Filter {
    /// The filter for which documents have no address where theirs is that of a file. So no comparison tells a path, not
    /// even character by character.
    #[cfg_attr(not(any(feature = "server", feature = "mcp")), allow(dead_code, reason = "callers are local then"))]
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

    #[test]
    fn the_address_of_a_file_is_told_from_others() {
        for (uri, is_file) in [
            ("file:///home/a/b.txt#c", true),
            ("FILE:/home/a", true),
            ("https://example.com/file:x", false),
            ("檔案", false),
            ("", false),
        ] {
            assert_eq!(is_of_file(uri), is_file, "{uri}");
        }
    }
}
