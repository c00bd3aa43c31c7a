//! Facets: how many of the documents that a search finds have each value of a field.

/// A field of documents whose values are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Facet {
    /// Who published it.
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

impl Facet {
    /// All facets, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Source, Self::Year, Self::Tag, Self::Language, Self::Format];

    /// Its name in every API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Year => "year",
            Self::Tag => "tag",
            Self::Language => "language",
            Self::Format => "format",
        }
    }

    /// The facet of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }
}

/// A value and the number of documents that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Documents that have it.
    pub count: usize,
}

/// The values of some fields among the documents that a search finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// How many documents were counted.
    pub documents: usize,
    /// For each facet its values, the most frequent first; years, the latest first.
    pub values: Vec<(Facet, Vec<FacetValue>)>,
}
