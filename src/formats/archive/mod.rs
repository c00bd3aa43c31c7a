//! ZIP archives, which are read like folders.

mod names;

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Failure, Result};

/// The most entries of an archive, folders among them.
const MAX_ENTRIES: usize = 10_000;

/// The most bytes of a file in an archive.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The most bytes that the files of an archive unpack to, with those of archives inside it.
pub(super) const MAX_TOTAL_BYTES: u64 = 256 * 1024 * 1024;

/// A ZIP archive.
pub(super) struct Archive<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    members: Vec<Member>,
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// With its folders, separated by `/`.
    pub(super) name: String,
    index: usize,
}

/// Names of entries as [`Archive::members`] has them.
pub(super) fn shown_names(names: &[&[u8]]) -> Vec<String> {
    let entry = |(index, name): (usize, &&[u8])| names::Raw { index, bytes: name.to_vec(), fallback: String::new() };
    names::decode(names.iter().enumerate().map(entry).collect()).map(|(_, name)| name).collect()
}

impl<'a> Archive<'a> {
    /// Opens an archive. Its hidden files are left out, as in a folder.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let damaged =
            |error| Failure::new(format!("is a damaged ZIP archive ({error})"), "get it again from its source");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MAX_ENTRIES {
            let reason = format!("is an archive of more than {MAX_ENTRIES} entries");
            return Err(Failure::new(reason, "unpack it and ingest the folder"));
        }
        let mut found = Vec::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(damaged)?;
            if entry.is_file() {
                let fallback = entry.name().map(std::borrow::Cow::into_owned).unwrap_or_default();
                found.push(names::Raw { index, bytes: entry.name_raw().to_vec(), fallback });
            }
        }
        let members = names::decode(found).map(|(index, name)| Member { name, index }).collect();
        Ok(Self { archive, members })
    }

    /// Its files, in the order of the archive.
    pub(super) fn members(&self) -> Vec<Member> {
        self.members.clone()
    }

    /// The bytes of a file. `bytes_left` is what all of them may still unpack to.
    ///
    /// # Errors
    /// If the file cannot be unpacked, or is larger than `bytes_left` or the limit of one file.
    pub(super) fn read(&mut self, member: &Member, bytes_left: &mut u64) -> Result<Vec<u8>> {
        let damaged = |error: &dyn std::fmt::Display| {
            Failure::new(format!("cannot be unpacked ({error})"), "get the archive again from its source")
        };
        let entry = self.archive.by_index_raw(member.index).map_err(|error| damaged(&error))?;
        if entry.encrypted() {
            return Err(Failure::new("is encrypted", "make the archive without a password"));
        }
        drop(entry);
        let entry = self.archive.by_index(member.index).map_err(|error| damaged(&error))?;
        let limit = MAX_FILE_BYTES.min(*bytes_left);
        let mut bytes = Vec::new();
        let result = entry.take(limit + 1).read_to_end(&mut bytes);
        // What was unpacked counts, also when it was in vain.
        *bytes_left = bytes_left.saturating_sub(bytes.len() as u64);
        result.map_err(|error| damaged(&error))?;
        if bytes.len() as u64 > limit {
            let reason = format!("unpacks to more than {} MB", limit.div_ceil(1024 * 1024));
            return Err(Failure::new(reason, "unpack it and ingest the folder"));
        }
        Ok(bytes)
    }
}
