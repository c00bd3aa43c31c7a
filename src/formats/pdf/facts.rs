//! Title, author, date and language, as far as the file names real ones.

use pdfium_render::prelude::{PdfDocument, PdfDocumentMetadataTagType as Tag};

use super::chars::is_unspaced;

/// What a file says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<String>,
    pub(super) keywords: Vec<String>,
}

impl Facts {
    /// The title: the file's, else the largest heading of the first page.
    pub(super) fn title(&self, largest: Option<&str>) -> Option<String> {
        let owned = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.title.clone().or_else(|| largest.map(owned))
    }
}

/// Reads the facts.
pub(super) fn of(document: &PdfDocument) -> Facts {
    let value = |tag| document.metadata().get(tag).map(|tag| clean(tag.value())).filter(|text| !text.is_empty());
    let language = document.catalog().get_language().ok().map(|tag| clean(&tag)).filter(|tag| is_language(tag));
    let keywords = value(Tag::Keywords).unwrap_or_default();
    let keywords = keywords.split([',', ';', '，', '、', '；']).map(str::trim).filter(|word| !word.is_empty());
    Facts {
        title: value(Tag::Title).filter(|title| is_title(title)),
        author: value(Tag::Author).filter(|author| is_author(author)),
        published: value(Tag::CreationDate).and_then(|date| iso_date(&date)),
        language,
        keywords: keywords.filter(|word| word.chars().count() <= 60).take(50).map(str::to_owned).collect(),
    }
}

fn clean(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it is a title, not a file's name or what a program writes when it has none.
fn is_title(title: &str) -> bool {
    const PLACEHOLDERS: [&str; 18] = [
        "untitled",
        "untitled document",
        "無標題",
        "未命名",
        "无标题",
        "無題",
        "제목 없음",
        "title",
        "document",
        "powerpoint presentation",
        "powerpoint 簡報",
        "powerpoint 演示文稿",
        "powerpoint プレゼンテーション",
        "pdf",
        "print",
        "about:blank",
        "presentation",
        "(anonymous)",
    ];
    const ENDINGS: [&str; 22] = [
        ".doc", ".docx", ".odt", ".rtf", ".pdf", ".tex", ".dvi", ".ps", ".ppt", ".pptx", ".xls", ".xlsx", ".indd",
        ".qxd", ".pages", ".md", ".html", ".htm", ".txt", ".fm", ".pub", ".wpd",
    ];
    let lower = title.to_lowercase();
    let is_named = ["microsoft word - ", "microsoft powerpoint - ", "file:", "http:", "https:"]
        .iter()
        .any(|start| lower.starts_with(start));
    let is_file_name = !title.contains(' ')
        && (title.contains('_') || title.is_ascii() && title.contains(|c: char| c.is_ascii_digit()));
    let is_numbered = ["document", "untitled-", "slide ", "layout ", "文件", "book"]
        .iter()
        .filter_map(|start| lower.strip_prefix(start))
        .any(|rest| !rest.is_empty() && rest.trim().chars().all(|c| c.is_ascii_digit()));
    title.chars().any(char::is_alphabetic)
        && !PLACEHOLDERS.contains(&lower.as_str())
        && !ENDINGS.iter().any(|ending| lower.ends_with(ending))
        && !is_named
        && !is_file_name
        && !is_numbered
}

fn is_author(author: &str) -> bool {
    const PLACEHOLDERS: [&str; 12] = [
        "unknown",
        "administrator",
        "admin",
        "user",
        "root",
        "anonymous",
        "(anonymous)",
        "owner",
        "author",
        "作者",
        "使用者",
        "unspecified",
    ];
    author.chars().any(char::is_alphabetic) && !PLACEHOLDERS.contains(&author.to_lowercase().as_str())
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_primary =
        parts.next().is_some_and(|p| matches!(p.len(), 2 | 3) && p.chars().all(|c| c.is_ascii_alphabetic()));
    is_primary
        && tag.len() <= 35
        && parts.all(|p| (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Whether a text may be in a language, by its script: programs write the language of their own settings.
pub(super) fn fits_text(tag: &str, text: &str) -> bool {
    let is_east_asian = |c: &char| is_unspaced(*c) || ('\u{AC00}'..='\u{D7AF}').contains(c);
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(10_000);
    let (mut all, mut east_asian) = (0, 0);
    for c in letters {
        all += 1;
        east_asian += usize::from(is_east_asian(&c));
    }
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "zh" | "ja" | "ko" => east_asian * 10 >= all,
        _ => east_asian * 10 <= all * 3,
    }
}

/// `D:20260109083000+08'00'` as `2026-01-09T08:30:00+08:00`; without a time zone only the day.
fn iso_date(text: &str) -> Option<String> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    // Clocks that were never set begin in 1970 or 1904.
    if !(1985..=2200).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = (|| {
        let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let zone = text.get(14..)?;
        let zone = match zone.chars().next()? {
            'Z' => "Z".to_owned(),
            sign @ ('+' | '-') => {
                let hours = zone.get(1..3)?.parse::<u32>().ok().filter(|hours| *hours < 24)?;
                let minutes = zone.get(4..6).and_then(|minutes| minutes.parse::<u32>().ok()).unwrap_or(0);
                format!("{sign}{hours:02}:{:02}", minutes.min(59))
            }
            _ => return None,
        };
        Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{zone}"))
    })();
    Some(time.unwrap_or(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_iso_dates() {
        assert_eq!(iso_date("D:20260109083000+08'00'").unwrap(), "2026-01-09T08:30:00+08:00");
        assert_eq!(iso_date("D:20260109083000Z").unwrap(), "2026-01-09T08:30:00Z");
        assert_eq!(iso_date("D:20260109083000Z00'00'").unwrap(), "2026-01-09T08:30:00Z");
        assert_eq!(iso_date("D:20260109").unwrap(), "2026-01-09");
        assert_eq!(iso_date("20260109083000").unwrap(), "2026-01-09");
        for bad in ["D:19700101000000Z", "D:2026", "D:20261309", "Friday", "D:２０２６0101"] {
            assert_eq!(iso_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_language_of_another_script_is_not_that_of_the_text() {
        assert!(!fits_text("en-US", "元月的債市"));
        assert!(!fits_text("ko", "An English text"));
        assert!(fits_text("zh-Hant", "元月的債市 GDP") && fits_text("fr", "Un texte") && fits_text("ko", "한국어"));
    }

    #[test]
    fn file_names_and_placeholders_are_no_titles() {
        for bad in
            ["report_final", "Microsoft Word - a b c", "untitled", "Annual report.doc", "scan0001", "Document1", "---"]
        {
            assert!(!is_title(bad), "{bad}");
        }
        for good in ["Annual Report 2026", "年度報告", "Footnotes"] {
            assert!(is_title(good), "{good}");
        }
    }

    #[test]
    fn the_largest_heading_is_the_title_if_the_file_names_none() {
        let facts = Facts { title: None, ..Facts::default() };
        assert_eq!(facts.title(Some("The  Largest")).unwrap(), "The Largest");
        let facts = Facts { title: Some("Named".into()), ..Facts::default() };
        assert_eq!(facts.title(Some("The Largest")).unwrap(), "Named");
    }
}
