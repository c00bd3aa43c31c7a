//! Which collections a question is asked of.

use super::Library;
use crate::error::{Error, Result};
use crate::footnote::Collections;

/// Collections of which one question can be asked: as many as stay open.
pub const MAX_ASKED: usize = super::open::MAX_OPEN;
/// Stands for all collections.
pub const ALL: &str = "*";

/// Between names, where a protocol has one name. No collection's name has it.
const SEPARATOR: char = '+';
/// The collection of `LibreChat`'s files. They belong to single users, so that it is asked only by its name.
pub(crate) const OF_LIBRECHAT: &str = "librechat";

/// The collections that a question is asked of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskedOf {
    /// The configured collection.
    #[default]
    Configured,
    /// The one of this name.
    One(String),
    /// Those of these names together, each once.
    Several(Vec<String>),
    /// All that there are, but for the files of `LibreChat`'s users.
    All,
}

impl AskedOf {
    /// What a request asks for that names one collection, several or none. `*` alone stands for all.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for both, for an empty list, for `*` beside names, and for more names than [`MAX_ASKED`].
    pub fn of(collection: Option<String>, collections: Option<Vec<String>>) -> Result<Self> {
        match (collection, collections) {
            (None, None) => Ok(Self::Configured),
            (Some(name), None) => Ok(Self::One(name)),
            (None, Some(names)) => Self::several(names),
            (Some(_), Some(_)) => Err(Error::Input {
                reason: "`collection` and `collections` are given".into(),
                hint: "give one of them: `collection` for one, `collections` for several together".into(),
            }),
        }
    }

    /// What a name says in protocols that have one: `a`, `a+b` for several together, `*` for all.
    ///
    /// # Errors
    ///
    /// Those of [`AskedOf::of`].
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            ALL => Ok(Self::All),
            _ if name.contains(SEPARATOR) => Self::several(name.split(SEPARATOR).map(str::to_owned).collect()),
            _ => Ok(Self::One(name.to_owned())),
        }
    }

    /// Those of these names together, or all for `*`.
    ///
    /// # Errors
    ///
    /// Those of [`AskedOf::of`].
    pub fn several(names: Vec<String>) -> Result<Self> {
        let mut several: Vec<String> = Vec::new();
        for name in names {
            if !several.contains(&name) {
                several.push(name);
            }
        }
        if several.is_empty() {
            return Err(Error::Input {
                reason: "`collections` is an empty list".into(),
                hint: "name the collections, or give [\"*\"] for all".into(),
            });
        }
        match several.iter().any(|name| name == ALL) {
            true if several.len() > 1 => Err(Error::Input {
                reason: "`*` stands for all collections, and others are named beside it".into(),
                hint: "give `*` alone, or names alone".into(),
            }),
            true => Ok(Self::All),
            false if several.len() > MAX_ASKED => Err(too_many(several.len())),
            false => Ok(Self::Several(several)),
        }
    }

    /// Whether results name the collection of each passage.
    pub fn is_named(&self) -> bool {
        matches!(self, Self::Several(_) | Self::All)
    }
}

impl Library {
    /// Does something with the collections that a question is asked of. They stay open meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the first that does not exist or is out of reach; [`Error::Input`] if all are asked and there
    /// are more than [`MAX_ASKED`]; [`Error::Collection`] for one that cannot be read.
    pub fn together<T>(&self, asked: &AskedOf, work: impl FnOnce(&Collections<'_>) -> Result<T>) -> Result<T> {
        let names = match asked {
            AskedOf::Configured => return work(&Collections::alone(&*self.collection(None)?)),
            AskedOf::One(name) => return work(&Collections::alone(&*self.collection(Some(name))?)),
            AskedOf::Several(names) => names.clone(),
            AskedOf::All => self.all()?,
        };
        let open = |name: &String| self.collection(Some(name)).map_err(|error| error.of_collection(Some(name)));
        let members = names.iter().map(open).collect::<Result<Vec<_>>>()?;
        match Collections::together(&members) {
            Some(collections) => work(&collections),
            // The configured collection does not exist, nor does any other.
            None => work(&Collections::alone(&*self.collection(None)?)),
        }
    }

    /// The names of all collections that are asked together, the configured one first.
    fn all(&self) -> Result<Vec<String>> {
        let mut names = self.names()?;
        names.retain(|name| name != OF_LIBRECHAT);
        if names.len() > MAX_ASKED {
            return Err(too_many(names.len()));
        }
        let configured = self.configured();
        names.sort_by_key(|name| name != configured);
        Ok(names)
    }
}

fn too_many(count: usize) -> Error {
    Error::Input {
        reason: format!("{count} collections are asked together; at most {MAX_ASKED} can be"),
        hint: "name the ones that matter, or ask in several questions".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn one_several_or_all_collections_are_asked_for() {
        assert_eq!(AskedOf::of(None, None).unwrap(), AskedOf::Configured);
        assert_eq!(AskedOf::of(Some("a".into()), None).unwrap(), AskedOf::One("a".into()));
        let several = |asked: &[&str]| AskedOf::of(None, Some(names(asked)));
        assert_eq!(several(&["b", "a", "b"]).unwrap(), AskedOf::Several(names(&["b", "a"])));
        assert_eq!(several(&["a"]).unwrap(), AskedOf::Several(names(&["a"])));
        assert_eq!(several(&["*"]).unwrap(), AskedOf::All);
        assert_eq!(AskedOf::parse("a+b").unwrap(), several(&["a", "b"]).unwrap());
        assert_eq!(AskedOf::parse("*").unwrap(), AskedOf::All);
        assert_eq!(AskedOf::parse("a").unwrap(), AskedOf::One("a".into()));
        assert!(AskedOf::parse("a+*").is_err());
    }

    #[test]
    fn what_contradicts_itself_or_is_too_much_is_refused_with_what_to_do() {
        let many: Vec<String> = (0..=MAX_ASKED).map(|number| number.to_string()).collect();
        assert!(AskedOf::of(None, Some(many[1..].to_vec())).is_ok());
        for (one, several) in
            [(Some("a".to_owned()), names(&["b"])), (None, Vec::new()), (None, names(&["*", "a"])), (None, many)]
        {
            let error = AskedOf::of(one, Some(several)).unwrap_err();
            assert!(matches!(error, Error::Input { .. }) && error.hint().is_some(), "{error}");
        }
    }
}
