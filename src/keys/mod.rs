//! API keys: random, stored only as hashes, compared in constant time. Each allows some kinds of requests, on all
//! collections or on some.
//!
//! A key has 256 random bits, so a fast hash is safe: nobody can guess the key. Slow hashes are for passwords that people
//! choose.

mod entry;
mod file;
mod ring;

use blake3::Hash;

use crate::error::{Error, Result};
pub use entry::{Holder, Key, Rights, Scope};
pub use file::KeyFile;
pub(crate) use file::open_lock;
pub use ring::KeyRing;

/// The prefix of every key, which people and secret scanners recognise.
const PREFIX: &str = "fn-";
const RANDOM_BYTES: usize = 32;

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key that its holder sends. It is not stored.
    pub key: String,
    /// The entry by which it is known: `NAME:HASH`, and what it allows unless it allows everything.
    pub entry: String,
}

impl NewKey {
    /// Makes a key that allows everything.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the name is invalid; [`Error::Io`] if the system gives no random bytes.
    pub fn generate(name: &str) -> Result<Self> {
        Self::with(name, Rights::all())
    }

    /// Makes a key with these rights.
    ///
    /// # Errors
    ///
    /// Those of [`NewKey::generate`].
    pub fn with(name: &str, rights: Rights) -> Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::io("read", "the system's random bytes")(std::io::Error::other(error)))?;
        let key = format!("{PREFIX}{}", Hash::from_bytes(bytes).to_hex());
        let entry = Key::new(name, hash(&key), rights)?.to_string();
        Ok(Self { key, entry })
    }
}

/// The key among `keys` that has this secret. Takes as long for any secret of one length.
pub fn holder<'k>(keys: impl IntoIterator<Item = &'k Key>, secret: &str) -> Option<&'k Key> {
    let hash = hash(secret);
    // `Hash` compares in constant time, and no entry is skipped.
    keys.into_iter().fold(None, |found, key| if key.hash == hash { Some(key) } else { found })
}

fn hash(key: &str) -> Hash {
    blake3::hash(key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_let_in_by_its_entry_and_no_other_is() {
        let (laptop, phone) = (NewKey::generate("laptop").unwrap(), NewKey::generate("phone").unwrap());
        let keys: Vec<Key> = [&laptop, &phone].map(|new| new.entry.parse().unwrap()).into();
        let name = |secret: &str| holder(&keys, secret).map(|key| key.name.as_str());
        assert_eq!((name(&laptop.key), name(&phone.key)), (Some("laptop"), Some("phone")));
        assert!(laptop.key.starts_with("fn-") && !laptop.entry.contains(&laptop.key[3..]));
        let other = NewKey::generate("laptop").unwrap();
        for wrong in ["", "fn-", &laptop.key[..60], &laptop.key.to_uppercase(), &laptop.entry, &other.key] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
