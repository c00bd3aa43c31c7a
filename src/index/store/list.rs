//! Lists of documents: searched, filtered and sorted, a page at a time.

use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension, params_from_iter};

use super::Snapshot;
use super::read::listed;
use super::rows::DOCUMENT;
use super::select::{condition, or_malformed_json};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::terms::fold;

/// The most words that a search looks for.
const MAX_WORDS: usize = 16;

/// What a list is sorted by. Documents that are equal in it are in the order in which they were first stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SortBy {
    /// The order in which they were first stored.
    #[default]
    Added,
    /// When their present version was stored.
    Ingested,
    /// The title, [folded](fold).
    Title,
    /// The date of publication; those without one come first.
    Published,
    /// The size of the text.
    Size,
}

/// Which documents to list, and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentQuery {
    /// Words that must all be in the title, source, address or id, all of them [folded](fold): whatever their case, width,
    /// accents and Chinese script.
    pub words: String,
    /// A condition that they meet.
    pub filter: Option<Filter>,
    /// What they are sorted by.
    pub sort: SortBy,
    /// Whether the order is reversed.
    pub descending: bool,
    /// Whether words are not looked for in the addresses of files.
    pub skips_files: bool,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Listed {
    /// The documents of the page.
    pub documents: Vec<crate::passage::DocumentInfo>,
    /// How many there are on all pages.
    pub total: usize,
}

impl SortBy {
    /// The expression that is compared; it is never null.
    fn expression(self) -> &'static str {
        match self {
            Self::Added => "d.key",
            Self::Ingested => "d.ingested",
            Self::Title => "folded(d.title)",
            Self::Published => "coalesce(d.published, '')",
            Self::Size => "d.size_bytes",
        }
    }
}

impl DocumentQuery {
    /// The condition in SQL; its values in the order of its parameters.
    fn condition(&self, values: &mut Vec<SqlValue>) -> String {
        let mut all = vec![self.filter.as_ref().map_or_else(|| "1".to_owned(), |filter| condition(filter, values))];
        for word in self.words.split_whitespace().take(MAX_WORDS) {
            values.push(fold(word).into());
            let word = format!("?{}", values.len());
            let contains = |column: &str| format!("instr(folded({column}), {word}) > 0");
            let uri = match self.skips_files {
                true => "iif(d.uri LIKE 'file:%', '', coalesce(d.uri, ''))",
                false => "coalesce(d.uri, '')",
            };
            let columns = ["d.title", "d.id", "coalesce(d.source, '')", uri];
            all.push(format!("({})", columns.map(contains).join(" OR ")));
        }
        all.join(" AND ")
    }
}

impl Snapshot<'_> {
    /// Up to `limit` of these documents behind the one with the id `after`. A damaged document is listed by its id, with a
    /// title that says so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no document `after`: it may have been removed since.
    pub fn list(&self, query: &DocumentQuery, after: Option<&str>, limit: usize) -> Result<Listed> {
        let mut values = Vec::new();
        let condition = query.condition(&mut values);
        let (sort, order, beyond) = match query.descending {
            false => (query.sort.expression(), "ASC", ">"),
            true => (query.sort.expression(), "DESC", "<"),
        };
        self.read(|reader| {
            let find = || {
                let count = format!("SELECT count(*) FROM documents d WHERE {condition}");
                let total: i64 = reader.prepare(&count)?.query_row(params_from_iter(&values), |row| row.get(0))?;
                let mut values = values.clone();
                let mut conditions = condition.clone();
                if let Some(after) = after {
                    values.push(after.to_owned().into());
                    let place = format!("SELECT {sort}, d.key FROM documents d WHERE d.id = ?{}", values.len());
                    conditions = format!("{condition} AND ({sort}, d.key) {beyond} ({place})");
                }
                values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
                let select = format!(
                    "SELECT {DOCUMENT} FROM documents d WHERE {conditions} ORDER BY {sort} {order}, d.key {order} LIMIT ?{}",
                    values.len()
                );
                let mut select = reader.prepare(&select)?;
                let documents = select.query_map(params_from_iter(&values), listed)?;
                let documents = documents.collect::<rusqlite::Result<_>>()?;
                Ok(Listed { documents, total: usize::try_from(total).unwrap_or_default() })
            };
            if let Some(id) = after {
                let known = "SELECT 1 FROM documents WHERE id = ?1";
                let known = reader.prepare_cached(known)?.query_row([id], |_| Ok(())).optional()?;
                let not_found = || Error::NotFound { kind: "document", id: id.to_owned() };
                known.ok_or_else(not_found)?;
            }
            find().map_err(|error: rusqlite::Error| or_malformed_json(reader, error))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::index::store::tests::{Folder, document};

    fn ids(query: &DocumentQuery) -> Vec<String> {
        let folder = Folder::new();
        let store = folder.open();
        for (id, title, published) in
            [("a", "Rates fall", Some("2026-02-01")), ("b", "bread", None), ("c", "Apples, rates", Some("2025-01-01"))]
        {
            let mut given = document(id, "The bridge opened in 1931.");
            given.info.title = title.into();
            given.info.published = published.map(str::to_owned);
            store.put(&given).unwrap();
        }
        let snapshot = store.snapshot().unwrap();
        let (mut found, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = snapshot.list(query, after.as_deref(), 1).unwrap();
            let Some(document) = page.documents.first() else {
                assert_eq!(page.total, found.len());
                return found;
            };
            found.push(document.id.clone());
            after = Some(document.id.clone());
        }
    }

    #[test]
    fn a_list_is_sorted_both_ways_one_page_after_the_other() {
        let sorted = |sort, descending| ids(&DocumentQuery { sort, descending, ..DocumentQuery::default() });
        assert_eq!(sorted(SortBy::Added, false), ["a", "b", "c"]);
        assert_eq!(sorted(SortBy::Added, true), ["c", "b", "a"]);
        assert_eq!(sorted(SortBy::Title, false), ["c", "b", "a"]);
        assert_eq!(sorted(SortBy::Published, true), ["a", "c", "b"]);
        assert_eq!(sorted(SortBy::Size, true), ["c", "b", "a"]);
    }

    #[test]
    fn a_list_is_searched_whatever_the_case_width_accents_and_chinese_script() {
        let folder = Folder::new();
        let store = folder.open();
        for (id, title) in [("a", "ÉLAN Vital"), ("b", "聯準會展望"), ("c", "ＦＵＬＬ　ｗｉｄｔｈ"), ("d", "Плотина")]
        {
            let mut given = document(id, "The bridge opened in 1931.");
            given.info.title = title.into();
            store.put(&given).unwrap();
        }
        for (words, expected) in [("élan", "a"), ("ELAN", "a"), ("联准会", "b"), ("full width", "c"), ("ПЛОТИНА", "d")]
        {
            let query = DocumentQuery { words: words.into(), sort: SortBy::Title, ..DocumentQuery::default() };
            let found = store.snapshot().unwrap().list(&query, None, 10).unwrap();
            assert_eq!(found.documents.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), [expected], "{words}");
        }
    }

    #[test]
    fn a_list_has_only_documents_with_all_words_that_meet_the_filter() {
        let worded = |words: &str| ids(&DocumentQuery { words: words.into(), ..DocumentQuery::default() });
        assert_eq!(worded("RATES"), ["a", "c"]);
        assert_eq!(worded("rates app"), ["c"]);
        assert_eq!(worded("ＲＡＴＥＳ"), ["a", "c"]);
        assert_eq!(worded("% ' nothing"), [""; 0]);
        let filter = json!({"published": {"gte": "2026"}});
        let filter = Some(Filter::from_json(filter.as_object().unwrap()).unwrap());
        assert_eq!(ids(&DocumentQuery { filter, words: "rates".into(), ..DocumentQuery::default() }), ["a"]);
        let format = Some(Filter::from_json(json!({"format": "markdown"}).as_object().unwrap()).unwrap());
        assert_eq!(ids(&DocumentQuery { filter: format, ..DocumentQuery::default() }).len(), 3);
    }
}
