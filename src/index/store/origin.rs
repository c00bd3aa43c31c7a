//! Files that documents were read from: how one is recognised, and which are below a folder.

/// A file as it was when its documents were read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileStamp {
    /// Its size.
    pub size_bytes: u64,
    /// When it was modified, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// What else decides which documents are made of it: the version of the readers, and settings.
    pub reading: String,
}

impl FileStamp {
    /// The four columns of a row behind the first.
    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            size_bytes: row.get::<_, i64>(1)?.cast_unsigned(),
            modified_ns: row.get(2)?,
            hash: row.get(3)?,
            reading: row.get(4)?,
        })
    }
}

/// In the order of bytes, all paths below a folder stand from the first to before the last.
pub(super) fn bounds_below(folder: &str) -> (String, String) {
    let folder = folder.trim_end_matches('/');
    (format!("{folder}/"), format!("{folder}0"))
}
