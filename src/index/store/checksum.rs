//! Checksums of what is stored: the first 16 bytes of BLAKE3.

use rusqlite::types::ValueRef;

/// A checksum. 16 bytes detect accidental damage with certainty, but they are not a signature.
pub(super) type Checksum = [u8; 16];

/// The checksum of values as SQLite holds them. Each is hashed with its type and length, so that nothing can move from
/// one value to the next unseen.
pub(super) fn of_values(values: &[ValueRef<'_>]) -> Checksum {
    let mut hasher = blake3::Hasher::new();
    for value in values {
        let (kind, number, bytes): (u8, [u8; 8], &[u8]) = match value {
            ValueRef::Null => (0, [0; 8], &[]),
            ValueRef::Integer(number) => (1, number.to_le_bytes(), &[]),
            ValueRef::Real(number) => (2, number.to_le_bytes(), &[]),
            ValueRef::Text(bytes) => (3, (bytes.len() as u64).to_le_bytes(), bytes),
            ValueRef::Blob(bytes) => (4, (bytes.len() as u64).to_le_bytes(), bytes),
        };
        hasher.update(&[kind]);
        hasher.update(&number);
        hasher.update(bytes);
    }
    truncated(&hasher.finalize())
}

/// The checksum of a text.
pub(super) fn of_text(text: &[u8]) -> Checksum {
    truncated(&blake3::hash(text))
}

/// The checksum of a text and of its layout, if its format has one.
pub(super) fn of_text_and_layout(text: &[u8], layout: Option<&[u8]>) -> Checksum {
    match layout {
        None => of_text(text),
        Some(layout) => of_parts([text, layout].into_iter()),
    }
}

/// The checksum of parts in order, each hashed with its length.
pub(super) fn of_parts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Checksum {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    truncated(&hasher.finalize())
}

fn truncated(hash: &blake3::Hash) -> Checksum {
    let mut checksum = Checksum::default();
    checksum.copy_from_slice(&hash.as_bytes()[..size_of::<Checksum>()]);
    checksum
}
