//! The names of files in an archive, which many programs write in the encoding of their system.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

/// The name of an entry as the archive has it.
pub(super) struct Raw {
    /// Its number in the archive.
    pub(super) index: usize,
    pub(super) bytes: Vec<u8>,
    /// As the ZIP standard reads it: cp437, if nothing says that it is UTF-8.
    pub(super) fallback: String,
}

/// The names with the numbers of their entries; hidden files are left out.
pub(super) fn decode(entries: Vec<Raw>) -> impl Iterator<Item = (usize, String)> {
    let encoding = encoding(&entries);
    entries.into_iter().filter_map(move |entry| {
        let name = match (String::from_utf8(entry.bytes), encoding) {
            (Ok(name), _) => name,
            (Err(error), Some(encoding)) => encoding.decode_without_bom_handling(error.as_bytes()).0.into_owned(),
            (Err(_), None) => entry.fallback,
        };
        Some((entry.index, visible(&name)?))
    })
}

/// The one encoding of all names that are not UTF-8. One name is too short to tell, together they are less so.
fn encoding(entries: &[Raw]) -> Option<&'static Encoding> {
    let legacy = || entries.iter().map(|entry| &entry.bytes).filter(|bytes| std::str::from_utf8(bytes).is_err());
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    legacy().for_each(|bytes| {
        detector.feed(bytes, false);
        detector.feed(b"\n", false);
    });
    detector.feed(b"", true);
    let found = detector.guess(None, Utf8Detection::Deny);
    let fits = |bytes: &Vec<u8>| !found.decode_without_bom_handling(bytes).1;
    // Western names are in cp437, the standard's encoding, rather than in that of Windows.
    (found != WINDOWS_1252 && legacy().next().is_some() && legacy().all(fits)).then_some(found)
}

/// The name with `/` between its folders and without `.` and `..`; `None` for hidden files and those of the system.
fn visible(name: &str) -> Option<String> {
    let unified = name.replace('\\', "/");
    let parts: Vec<&str> = unified.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let is_hidden = |part: &&str| part.starts_with('.') || part.starts_with("~$") || *part == "__MACOSX";
    if parts.iter().any(is_hidden) || matches!(parts.last(), None | Some(&("Thumbs.db" | "desktop.ini"))) {
        return None;
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GBK, SHIFT_JIS};

    use super::*;

    fn names(raw: &[&[u8]]) -> Vec<String> {
        let raw = raw.iter().enumerate();
        let entries =
            raw.map(|(index, bytes)| Raw { index, bytes: bytes.to_vec(), fallback: "cp437".into() }).collect();
        decode(entries).map(|(_, name)| name).collect()
    }

    #[test]
    fn names_of_old_programs_are_read_in_their_encoding() {
        for (encoding, texts) in [
            (BIG5, ["會議紀錄/三月份.txt", "會議紀錄/四月份預算表.docx"]),
            (GBK, ["会议记录/三月份.txt", "会议记录/四月份预算表.docx"]),
            (SHIFT_JIS, ["議事録/三月分のまとめ.txt", "議事録/四月の予算.docx"]),
        ] {
            let encoded = texts.map(|text| encoding.encode(text).0.into_owned());
            assert_eq!(names(&[&encoded[0], b"a.txt", &encoded[1]]), [texts[0], "a.txt", texts[1]]);
        }
        assert_eq!(names(&["字.txt".as_bytes(), b"caf\x82.txt"]), ["字.txt", "cp437"]);
    }

    #[test]
    fn hidden_files_are_left_out_and_no_name_leads_upwards() {
        assert_eq!(
            names(&[
                b"__MACOSX/._a.txt",
                b".git/b.txt",
                b"c/.d.txt",
                b"~$e.docx",
                b"Thumbs.db",
                b"/etc/passwd",
                b"../../x\\y.txt",
                b"..",
            ]),
            ["etc/passwd", "x/y.txt"]
        );
    }
}
