//! What the fuzz targets share: what must be true of every document, and how a package is changed.

use std::io::{Cursor, Read, Write};

use footnote::internals::formats;
use footnote::passage::{Format, Layout};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A member of a package that unpacks to more is not changed.
const MAX_MEMBER_BYTES: u64 = 1 << 20;
/// A package of more members is not changed.
const MAX_MEMBERS: usize = 200;

/// Reads the bytes as each of the formats.
///
/// # Panics
/// If a reader does, or makes a document that no other part of Footnote could use.
pub fn read(formats: &[Format], bytes: &[u8]) {
    for &format in formats {
        for (text, layout) in formats::read(format, bytes).into_iter().flatten() {
            check(&text, &layout);
        }
    }
}

/// # Panics
/// If the layout does not fit the text.
pub fn check(text: &str, layout: &Layout) {
    let mut end = 0;
    for place in &layout.places {
        let span = place.span;
        assert!(span.start >= end && span.end > span.start, "places are not in order: {span:?} after {end}");
        assert!(text.get(span.range()).is_some(), "a place is not in the text: {span:?}");
        end = span.end;
    }
    for heading in &layout.headings {
        assert!(text.get(heading.span.range()).is_some(), "a heading is not in the text: {:?}", heading.span);
        assert!((1..=6).contains(&heading.level), "a heading has the level {}", heading.level);
    }
}

/// Changes one member of a ZIP archive with `mutate`, which gets the bytes, their number and the most that there may be.
/// Changed as a whole, an archive would soon be no archive any more. `None` if it is none already, or is too large.
pub fn mutate_member(
    archive: &[u8],
    max_bytes: usize,
    seed: u32,
    mutate: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    if archive.is_empty() || archive.len() > MAX_MEMBERS {
        return None;
    }
    let chosen = seed as usize % archive.len();
    let mut mutate = Some(mutate);
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for index in 0..archive.len() {
        if index != chosen {
            changed.raw_copy_file(archive.by_index_raw(index).ok()?).ok()?;
            continue;
        }
        let member = archive.by_index(index).ok()?;
        let name = member.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        member.take(MAX_MEMBER_BYTES + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MAX_MEMBER_BYTES {
            return None;
        }
        let size = bytes.len();
        let capacity = size + 256;
        bytes.resize(capacity, 0);
        let size = mutate.take()?(&mut bytes, size, capacity);
        changed.start_file(name, options).ok()?;
        changed.write_all(bytes.get(..size)?).ok()?;
    }
    let changed = changed.finish().ok()?.into_inner();
    (changed.len() <= max_bytes).then_some(changed)
}

/// A target that reads its input as these formats.
#[macro_export]
macro_rules! fuzz_formats {
    ($($format:ident),+) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::read(&[$(footnote::passage::Format::$format),+], bytes);
        });
    };
}

/// Likewise, of formats that are ZIP archives.
#[macro_export]
macro_rules! fuzz_packages {
    ($($format:ident),+) => {
        $crate::fuzz_formats!($($format),+);
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            // Now and then the archive itself is damaged.
            if seed % 16 != 0
                && let Some(archive) = data.get(..size)
                && let Some(changed) =
                    $crate::mutate_member(archive, max_size, seed / 16, libfuzzer_sys::fuzzer_mutate)
                && let Some(place) = data.get_mut(..changed.len())
            {
                place.copy_from_slice(&changed);
                return changed.len();
            }
            libfuzzer_sys::fuzzer_mutate(data, size, max_size)
        });
    };
}
