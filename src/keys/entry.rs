//! One key as it is written down: `NAME:HASH`, `NAME:HASH:SCOPES` or `NAME:HASH:SCOPES:COLLECTIONS`, lists with `+`.
//!
//! An entry has no comma, so that an environment variable can hold several.

use std::fmt;
use std::str::FromStr;

use blake3::Hash;

use crate::error::{Error, Result};

const MAX_NAME_BYTES: usize = 64;
/// Hexadecimal digits of its hash that tell a key from others.
const HOLDER_DIGITS: usize = 16;
/// Separates the items of a list in an entry.
const AND: char = '+';

/// A kind of request that a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To ask, search and check, and to read documents.
    Ask,
    /// To add and delete documents, and to follow one's own jobs.
    Write,
    /// All requests: also to create and delete collections, and to see the jobs of other keys.
    Admin,
}

/// What a key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// In order, without repetitions; never empty.
    scopes: Vec<Scope>,
    /// The collections that it is for; `None` for all, also those that do not exist yet. Never an empty list.
    collections: Option<Vec<String>>,
}

/// Who holds a key, as records of what was sent with it have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// Its name, for people. A later key may have the same.
    pub name: String,
    /// The beginning of the key's hash, which no other key has.
    pub id: String,
}

/// A key that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its holder.
    pub name: String,
    pub(super) hash: Hash,
    /// What it allows.
    pub rights: Rights,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 3] = [Self::Ask, Self::Write, Self::Admin];

    /// Its name in entries and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|scope| scope.name() == name);
        known.ok_or_else(|| format!("no scope `{name}`; the scopes are ask, write and admin"))
    }
}

impl Rights {
    /// Everything, in all collections.
    pub fn all() -> Self {
        Self { scopes: vec![Scope::Admin], collections: None }
    }

    /// These scopes, in these collections; none for all.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a scope.
    pub fn new(mut scopes: Vec<Scope>, collections: Vec<String>) -> Result<Self> {
        if scopes.is_empty() {
            return Err(Error::Input {
                reason: "a key without a scope allows nothing".into(),
                hint: "the scopes are ask, write and admin".into(),
            });
        }
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self { scopes, collections: (!collections.is_empty()).then_some(collections) })
    }

    /// Whether requests of this scope are allowed.
    pub fn allow(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| *own == scope || *own == Scope::Admin)
    }

    /// The collections that it is for; `None` for all.
    pub fn collections(&self) -> Option<&[String]> {
        self.collections.as_deref()
    }

    /// The scopes, as an entry has them.
    pub fn scopes(&self) -> String {
        joined(self.scopes.iter().map(|scope| scope.name()))
    }
}

impl Key {
    /// Its holder.
    pub fn holder(&self) -> Holder {
        let mut id = self.hash.to_hex().to_string();
        id.truncate(HOLDER_DIGITS);
        Holder { name: self.name.clone(), id }
    }

    pub(super) fn new(name: &str, hash: Hash, rights: Rights) -> Result<Self> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), hash, rights })
    }

    /// Reads the entries of a settings file.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for one that is malformed, and for two of one name.
    pub fn parse_all(entries: &[String]) -> Result<Vec<Self>> {
        let keys: Vec<Self> = entries.iter().map(|entry| entry.parse()).collect::<Result<_>>()?;
        for (at, key) in keys.iter().enumerate() {
            if keys[..at].iter().any(|other| other.name == key.name) {
                return Err(Error::Input {
                    reason: format!("two keys have the name `{}`", key.name),
                    hint: "give each key a name of its own, so that it can be revoked".into(),
                });
            }
        }
        Ok(keys)
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(entry: &str) -> Result<Self> {
        // The entry itself may be a key that was put there by mistake, so no error repeats it.
        let refused = |reason: &str| Error::Input {
            reason: format!("the entry of a key {reason}"),
            hint: "`footnote keys new NAME` makes a key and the entry for it".into(),
        };
        let mut parts = entry.trim().split(':');
        let (Some(name), Some(hash)) = (parts.next(), parts.next()) else {
            return Err(refused("has no `:` after its name"));
        };
        let hash =
            Hash::from_hex(hash.trim()).map_err(|_| refused("has no hash of 64 hexadecimal digits after its name"))?;
        // A part that is there and empty is refused: it must not allow more than one that names a scope.
        let scopes = parts.next().unwrap_or(Scope::Admin.name());
        let scopes = scopes.split(AND).map(str::parse).collect::<Result<Vec<_>, _>>();
        let scopes = scopes.map_err(|_| refused("has a scope other than ask, write and admin"))?;
        let collections = match parts.next() {
            None => Vec::new(),
            Some(names) => names.split(AND).map(str::to_owned).collect(),
        };
        if collections.iter().any(String::is_empty) {
            return Err(refused("has an empty name in its collections"));
        }
        if parts.next().is_some() {
            return Err(refused("has more than four parts"));
        }
        Self::new(name, hash, Rights::new(scopes, collections)?)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, hash, rights } = self;
        write!(f, "{name}:{}", hash.to_hex())?;
        if *rights != Rights::all() {
            write!(f, ":{}", rights.scopes())?;
        }
        match rights.collections() {
            Some(names) => write!(f, ":{}", joined(names.iter().map(String::as_str))),
            None => Ok(()),
        }
    }
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(&String::from(AND))
}

fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    if !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(plain) {
        return Ok(());
    }
    Err(Error::Input {
        reason: "that cannot be the name of a key's holder".into(),
        hint: format!("letters, digits, - _ . and @ make a name, up to {MAX_NAME_BYTES} bytes"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::NewKey;
    use super::*;

    #[test]
    fn an_entry_without_scopes_allows_everything() {
        let key: Key = NewKey::generate("laptop").unwrap().entry.parse().unwrap();
        assert!(Scope::ALL.into_iter().all(|scope| key.rights.allow(scope)));
        assert_eq!(key.rights.collections(), None);
    }

    #[test]
    fn an_entry_that_is_written_and_read_again_stays_the_same() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for (scopes, collections, end) in [
            (vec![Scope::Ask], names(&[]), ":ask"),
            (vec![Scope::Write, Scope::Ask, Scope::Ask], names(&["news", "新聞"]), ":ask+write:news+新聞"),
            (vec![Scope::Admin], names(&["news"]), ":admin:news"),
            (vec![Scope::Admin], names(&[]), ""),
        ] {
            let rights = Rights::new(scopes, collections).unwrap();
            let entry = NewKey::with("a@b", rights.clone()).unwrap().entry;
            assert!(entry.ends_with(end) && !entry.contains(','), "{entry}");
            let key: Key = entry.parse().unwrap();
            assert_eq!((key.to_string(), &key.rights), (entry, &rights));
        }
        assert!(Rights::new(Vec::new(), Vec::new()).is_err());
    }

    #[test]
    fn a_key_allows_its_scopes_alone() {
        let rights = |scope| Rights::new(vec![scope], Vec::new()).unwrap();
        let allowed = |own| Scope::ALL.map(|scope| rights(own).allow(scope));
        assert_eq!(allowed(Scope::Ask), [true, false, false]);
        assert_eq!(allowed(Scope::Write), [false, true, false]);
        assert_eq!(allowed(Scope::Admin), [true, true, true]);
    }

    #[test]
    fn what_is_no_entry_is_refused_without_repeating_it() {
        let NewKey { key, entry } = NewKey::generate("x").unwrap();
        for entry in [
            key.as_str(),
            "laptop:",
            "laptop:1234",
            ":00",
            &format!("laptop:{key}"),
            &format!("{entry}:read"),
            &format!("{entry}:"),
            &format!("{entry}: "),
            &format!("{entry}::news"),
            &format!("{entry}:ask+"),
            &format!("{entry}:ask:a++b"),
            &format!("{entry}:ask:a:b"),
        ] {
            let error = entry.parse::<Key>().unwrap_err();
            assert!(!error.to_string().contains(&key), "{error}");
            assert!(error.hint().is_some());
        }
        assert!(NewKey::generate("two words").is_err() && NewKey::generate("").is_err());
        assert!(Key::parse_all(&[entry.clone(), entry]).is_err(), "names are unique");
    }
}
