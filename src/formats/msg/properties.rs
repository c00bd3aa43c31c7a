//! The properties of a message, a recipient or an attachment (MS-OXMSG).

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;
use jiff::Timestamp;

use crate::formats::text::encoding::{self, Hint};

/// The most bytes of a property that are read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The most bytes of a file that are read. Its streams may share sectors, so that they are longer than the file.
const MAX_TOTAL_BYTES: u64 = 256 * 1024 * 1024;
/// The most entries of a storage that are looked at.
const MAX_ENTRIES: usize = 10_000;
/// The number of a property's type: text in a code page, UTF-16, bytes.
const TEXT_8: u16 = 0x001E;
const TEXT_16: u16 = 0x001F;
const BYTES: u16 = 0x0102;
const OBJECT: u16 = 0x000D;

/// 100-nanosecond steps from 1601 to 1970, and in a second.
const EPOCH_STEPS: i128 = 116_444_736_000_000_000;
const STEPS_PER_SECOND: i128 = 10_000_000;

/// A compound file in memory.
pub(super) struct File<'a> {
    file: CompoundFile<Cursor<&'a [u8]>>,
    bytes_left: u64,
}

impl<'a> File<'a> {
    /// Opens a file, if it is a compound file.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let file = CompoundFile::open(Cursor::new(bytes)).ok()?;
        Some(Self { file, bytes_left: MAX_TOTAL_BYTES })
    }

    fn read(&mut self, path: &Path) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = MAX_BYTES.min(self.bytes_left);
        self.file.open_stream(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
        self.bytes_left = self.bytes_left.saturating_sub(bytes.len() as u64);
        Some(bytes)
    }
}

/// What a storage holds.
#[derive(Debug)]
pub(super) struct Properties {
    /// The streams by the number and the type of their property.
    streams: HashMap<(u16, u16), PathBuf>,
    /// Values that fit into 8 bytes, by the number of their property.
    values: HashMap<u16, u64>,
    /// The storages in it.
    storages: Vec<PathBuf>,
}

impl Properties {
    /// The properties in the storage `path`, whose list of values starts with `header_bytes` bytes of another kind.
    pub(super) fn read(file: &mut File, path: &Path, header_bytes: usize) -> Option<Self> {
        let mut streams = HashMap::new();
        let mut storages = Vec::new();
        for entry in file.file.read_storage(path).ok()?.take(MAX_ENTRIES) {
            if entry.is_storage() {
                storages.push(entry.path().to_owned());
            } else if let Some(tag) = entry.name().strip_prefix("__substg1.0_")
                && let Ok(tag) = u32::from_str_radix(tag, 16)
            {
                streams.insert(((tag >> 16) as u16, (tag & 0xffff) as u16), entry.path().to_owned());
            }
        }
        storages.sort();
        let list = file.read(&path.join("__properties_version1.0"))?;
        let mut values = HashMap::new();
        let (entries, _) = list.get(header_bytes..).unwrap_or_default().as_chunks::<16>();
        for entry in entries {
            let [_, _, low, high, _, _, _, _, value @ ..] = entry;
            values.insert(u16::from_le_bytes([*low, *high]), u64::from_le_bytes(*value));
        }
        Some(Self { streams, values, storages })
    }

    /// The text of a property, without control characters at its start.
    pub(super) fn text(&self, file: &mut File, number: u16, pages: CodePages) -> Option<String> {
        let text = if let Some(path) = self.streams.get(&(number, TEXT_16)) {
            utf_16(&file.read(path)?)
        } else {
            pages.decode(&file.read(self.streams.get(&(number, TEXT_8))?)?)
        };
        let text = text.trim_matches(|character: char| character.is_whitespace() || character.is_control());
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The bytes of a property.
    pub(super) fn bytes(&self, file: &mut File, number: u16) -> Option<Vec<u8>> {
        file.read(self.streams.get(&(number, BYTES))?)
    }

    /// The storage that is the value of a property.
    pub(super) fn object(&self, number: u16) -> Option<PathBuf> {
        let name = format!("__substg1.0_{number:04X}{OBJECT:04X}");
        self.storages.iter().find(|path| path.ends_with(&name)).cloned()
    }

    pub(super) fn number(&self, number: u16) -> Option<u32> {
        self.values.get(&number).map(|value| (*value & 0xffff_ffff) as u32)
    }

    /// A time, RFC 3339.
    pub(super) fn time(&self, number: u16) -> Option<String> {
        let steps = i128::from(*self.values.get(&number).filter(|steps| **steps > 0)?) - EPOCH_STEPS;
        let seconds = i64::try_from(steps.div_euclid(STEPS_PER_SECOND)).ok()?;
        Timestamp::from_second(seconds).ok().map(|time| time.to_string())
    }

    /// The storages whose names start so: those of recipients or of attachments.
    pub(super) fn storages_of(&self, prefix: &str) -> Vec<PathBuf> {
        let is_of = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        self.storages.iter().filter(is_of).cloned().collect()
    }
}

fn utf_16(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
}

/// The encodings of texts that are not UTF-16, likeliest first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CodePages {
    /// Of the message on the internet.
    pub(super) internet: Option<u32>,
    /// Of the properties.
    pub(super) message: Option<u32>,
}

impl CodePages {
    /// The label of the encoding of HTML and RTF.
    pub(super) fn label(self) -> Option<String> {
        self.internet.or(self.message).map(label)
    }

    /// The property's text is in one of the code pages, but which one is no matter of rules.
    fn decode(self, bytes: &[u8]) -> String {
        for page in [self.internet, self.message].into_iter().flatten() {
            let label = label(page);
            if let Ok(decoded) = encoding::decode(bytes, Hint::declared(Some(&label)))
                && !decoded.guessed
                && decoded.undecodable == 0
            {
                return decoded.text;
            }
        }
        match encoding::decode(bytes, Hint::default()) {
            Ok(decoded) => decoded.text,
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// The label of a code page of Windows.
fn label(page: u32) -> String {
    match page {
        65001 => "utf-8".to_owned(),
        20127 => "windows-1252".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        28591..=28606 => format!("iso-8859-{}", page - 28590),
        50220..=50222 => "iso-2022-jp".to_owned(),
        51932 => "euc-jp".to_owned(),
        51936 | 54936 | 52936 => "gb18030".to_owned(),
        51949 | 949 => "euc-kr".to_owned(),
        10000 => "macintosh".to_owned(),
        other => format!("cp{other}"),
    }
}
