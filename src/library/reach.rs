//! Which collections a caller may use.

use std::sync::Arc;

/// The collections that a caller may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All.
    All,
    /// Those with these names, of which some may not exist.
    #[cfg_attr(not(any(test, feature = "server")), expect(dead_code, reason = "the library itself reaches all"))]
    Only(Arc<[String]>),
}

impl Reach {
    /// Whether the collection of this name is one of them.
    pub(crate) fn includes(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|known| known == name),
        }
    }

    /// `preferred` if it is within reach; else the first that is.
    pub(super) fn first<'n>(&'n self, preferred: &'n str) -> &'n str {
        match self {
            Self::Only(names) if !self.includes(preferred) => names.first().map_or(preferred, String::as_str),
            _ => preferred,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_collection_within_reach_stands_in_for_one_that_is_not() {
        let only = |names: &[&str]| Reach::Only(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(Reach::All.first("default"), "default");
        assert_eq!(only(&["news", "default"]).first("default"), "default");
        assert_eq!(only(&["news", "work"]).first("default"), "news");
        assert!(!only(&[]).includes("default") && only(&["news"]).includes("news"));
    }
}
