//! API keys: random, stored only as hashes, compared in constant time.
//!
//! A key has 256 random bits, so a fast hash is safe: nobody can guess the key. Slow hashes are for passwords that people
//! choose.

use blake3::Hash;

use crate::error::{Error, Result};

/// The prefix of every key, which people and secret scanners recognise.
const PREFIX: &str = "fn-";
const RANDOM_BYTES: usize = 32;
const MAX_NAME_BYTES: usize = 64;

/// The accepted keys, as hashes in the settings.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<(String, Hash)>);

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key that its holder sends. It is not stored.
    pub key: String,
    /// The entry for the settings: `NAME:HASH`.
    pub entry: String,
}

impl NewKey {
    /// Makes a key for a holder.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the name is invalid; [`Error::Io`] if the system gives no random bytes.
    pub fn generate(name: &str) -> Result<Self> {
        check_name(name)?;
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::io("read", "the system's random bytes")(std::io::Error::other(error)))?;
        let key = format!("{PREFIX}{}", blake3::Hash::from_bytes(bytes).to_hex());
        let entry = format!("{name}:{}", hash(&key).to_hex());
        Ok(Self { key, entry })
    }
}

impl Keys {
    /// Reads the entries of a settings file.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for one that is not of the form `NAME:HASH`.
    pub fn parse(entries: &[String]) -> Result<Self> {
        entries.iter().map(|entry| parse(entry)).collect::<Result<_>>().map(Self)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name under which this key is let in. Takes as long for any key of one length.
    pub fn holder(&self, key: &str) -> Option<&str> {
        let hash = hash(key);
        // `Hash` compares in constant time, and no entry is skipped.
        self.0.iter().fold(None, |found, (name, known)| if *known == hash { Some(name.as_str()) } else { found })
    }
}

fn hash(key: &str) -> Hash {
    blake3::hash(key.as_bytes())
}

fn parse(entry: &str) -> Result<(String, Hash)> {
    let refused = |reason: &str| Error::Input {
        // The entry itself may be a key that was put there by mistake.
        reason: format!("an entry of [server] keys {reason}"),
        hint: "`footnote keys new NAME` makes a key and the entry for it".into(),
    };
    let (name, hash) = entry.split_once(':').ok_or_else(|| refused("has no `:` after its name"))?;
    check_name(name)?;
    let hash =
        Hash::from_hex(hash.trim()).map_err(|_| refused("has no hash of 64 hexadecimal digits after its name"))?;
    Ok((name.to_owned(), hash))
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
    use super::*;

    #[test]
    fn a_new_key_is_let_in_by_its_entry_and_no_other_is() {
        let (laptop, phone) = (NewKey::generate("laptop").unwrap(), NewKey::generate("phone").unwrap());
        let keys = Keys::parse(&[laptop.entry.clone(), phone.entry]).unwrap();
        assert_eq!((keys.holder(&laptop.key), keys.holder(&phone.key)), (Some("laptop"), Some("phone")));
        assert!(laptop.key.starts_with("fn-") && !laptop.entry.contains(&laptop.key[3..]));
        let other = NewKey::generate("laptop").unwrap();
        for wrong in ["", "fn-", &laptop.key[..60], &laptop.key.to_uppercase(), &laptop.entry, &other.key] {
            assert_eq!(keys.holder(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_entry_is_refused_without_repeating_it() {
        let key = NewKey::generate("x").unwrap().key;
        for entry in [key.as_str(), "laptop:", "laptop:1234", ":00", &format!("laptop:{key}")] {
            let error = Keys::parse(&[entry.to_owned()]).unwrap_err();
            assert!(!error.to_string().contains(&key), "{error}");
            assert!(error.hint().is_some());
        }
        assert!(NewKey::generate("two words").is_err() && NewKey::generate("").is_err());
    }
}
