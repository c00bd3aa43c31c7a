//! The JSON of facets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::same::same;
use crate::passage;

/// A field of documents whose values are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Facet {
    /// Who published the document.
    Source,
    /// The year in which it was published.
    Year,
    /// Its tags.
    Tag,
    /// Its language.
    Language,
    /// The format of its file.
    Format,
}

/// Values of fields among the documents that were found: those of the 1,000 passages that are nearest to the question by their
/// vectors, and of the 1,000 that match best by their words. A field that was not requested is absent.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct Facets {
    /// How many documents were counted.
    documents: usize,
    /// Sources, the most frequent first, at most 50; likewise the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Vec<FacetValue>>,
    /// Years of publication, the latest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    year: Option<Vec<FacetValue>>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<Vec<FacetValue>>,
    /// Languages, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<Vec<FacetValue>>,
    /// Formats of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<Vec<FacetValue>>,
}

/// A value, and how many of the documents have it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct FacetValue {
    #[schema(example = "Goldman Sachs")]
    value: String,
    count: usize,
}

impl Facets {
    fn of(&mut self, facet: passage::Facet) -> &mut Option<Vec<FacetValue>> {
        match facet {
            passage::Facet::Source => &mut self.source,
            passage::Facet::Year => &mut self.year,
            passage::Facet::Tag => &mut self.tag,
            passage::Facet::Language => &mut self.language,
            passage::Facet::Format => &mut self.format,
        }
    }
}

impl From<passage::Facets> for Facets {
    fn from(facets: passage::Facets) -> Self {
        let mut made = Self { documents: facets.documents, ..Self::default() };
        for (facet, values) in facets.values {
            let value = |passage::FacetValue { value, count }| FacetValue { value, count };
            *made.of(facet) = Some(values.into_iter().map(value).collect());
        }
        made
    }
}

impl From<Facets> for passage::Facets {
    fn from(mut facets: Facets) -> Self {
        let mut values = Vec::new();
        for facet in passage::Facet::ALL {
            let value = |FacetValue { value, count }| passage::FacetValue { value, count };
            if let Some(of) = facets.of(facet).take() {
                values.push((facet, of.into_iter().map(value).collect()));
            }
        }
        Self { documents: facets.documents, values }
    }
}

same!(Facet, Facet: Source Year Tag Language Format);
