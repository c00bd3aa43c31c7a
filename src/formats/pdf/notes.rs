//! What a user should know of a PDF: pages that give no text, text that was left out.

use super::Failure;
use super::page::ReadPage;
use super::scan;

/// The notes on a document.
pub(super) fn of(pages: &[ReadPage]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut about_pages = |is_meant: fn(&ReadPage) -> bool, one: &str, many: &str| {
        let numbers: Vec<u32> = pages.iter().filter(|page| is_meant(page)).map(|page| page.number).collect();
        if !numbers.is_empty() {
            let what =
                if numbers.len() == 1 { format!("a page {one}") } else { format!("{} pages {many}", numbers.len()) };
            notes.push(format!("has {what} ({})", ranges(&numbers)));
        }
    };
    about_pages(was_recognised, "whose text was recognised from a picture", "whose text was recognised from a picture");
    about_pages(
        is_blank,
        "that is a picture in which no text was found",
        "that are pictures in which no text was found",
    );
    about_pages(is_unread_picture, "that is a picture of text", "that are pictures of text");
    about_pages(
        |page| page.is_unreadable() && page.recognised.is_none(),
        "whose characters the file does not name",
        "whose characters the file does not name",
    );
    about_pages(
        ReadPage::has_holes,
        "with characters that the file does not name",
        "with characters that the file does not name",
    );
    about_pages(|page| page.is_broken, "that is damaged", "that are damaged");
    let mut about_count = |count: fn(&ReadPage) -> usize, note: fn(usize) -> String| {
        let count = pages.iter().map(count).sum();
        if count > 0 {
            notes.push(note(count));
        }
    };
    about_count(|page| page.hidden, |n| format!("has hidden text, which was left out ({n} character{})", plural(n)));
    about_count(
        |page| page.recognised.map_or(0, |recognised| recognised.left_out),
        |n| format!("has {n} line{} that could not be recognised surely and {} left out", plural(n), were(n)),
    );
    about_count(|page| page.annotations, |n| format!("has {n} comment{}, which {} left out", plural(n), were(n)));
    about_count(|page| page.fields, |n| format!("has {n} form field{}, which {} left out", plural(n), were(n)));
    notes
}

/// Why no page can be read, if none can.
pub(super) fn unreadable(pages: &[ReadPage]) -> Option<Failure> {
    if pages.iter().any(|page| !page.lines.is_empty()) {
        return None;
    }
    let is_any = |is_meant: fn(&ReadPage) -> bool| pages.iter().any(is_meant);
    Some(if is_any(is_unread_picture) {
        Failure::new("has only pictures of text (a scan)", scan::hint())
    } else if is_any(|page| page.is_unreadable() && page.recognised.is_none()) {
        Failure::new(
            "has text whose characters the file does not name (its fonts have no map to Unicode)",
            format!("export it again from the program that made it, or {}", scan::hint()),
        )
    } else if is_any(|page| page.recognised.is_some()) {
        Failure::new(
            "has only pictures, in which no text could be recognised",
            "Chinese, Japanese and languages of the Latin alphabet are recognised; for others add a text layer with another \
             program, such as ocrmypdf",
        )
    } else if is_any(|page| page.is_broken) {
        Failure::new("is a damaged PDF", "open it in a PDF viewer and save it again, or fetch it again")
    } else {
        Failure::new("has no text", "check that it is the file you mean")
    })
}

fn is_unread_picture(page: &ReadPage) -> bool {
    page.is_picture_only() && page.recognised.is_none()
}

fn was_recognised(page: &ReadPage) -> bool {
    page.recognised.is_some() && !page.lines.is_empty()
}

fn is_blank(page: &ReadPage) -> bool {
    page.recognised.is_some() && page.lines.is_empty()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn were(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// `2, 4–7, 9`, and how many more.
fn ranges(numbers: &[u32]) -> String {
    const MAX_RANGES: usize = 10;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let written: Vec<String> = ranges
        .iter()
        .take(MAX_RANGES)
        .map(|&(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}–{last}"),
        })
        .collect();
    let more = if ranges.len() > MAX_RANGES { ", …" } else { "" };
    format!("{}{more}", written.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{line, page};
    use super::*;

    #[test]
    fn pages_without_text_are_named() {
        let mut pages: Vec<_> = (1..=6).map(|n| page(n, vec![line("a", 0.0, 100.0)])).collect();
        for n in [1, 3, 4] {
            pages[n] = ReadPage { number: n as u32 + 1, is_picture: true, ..ReadPage::default() };
        }
        pages[0].hidden = 12;
        pages[5].fields = 1;
        assert_eq!(
            of(&pages),
            [
                "has 3 pages that are pictures of text (2, 4, 5)",
                "has hidden text, which was left out (12 characters)",
                "has 1 form field, which was left out",
            ]
        );
        assert!(unreadable(&pages).is_none());
    }

    #[test]
    fn a_scan_is_refused_as_such() {
        let pages = [ReadPage { number: 1, is_picture: true, ..ReadPage::default() }];
        assert!(unreadable(&pages).unwrap().reason.contains("pictures"));
        let pages = [ReadPage { number: 1, characters: 10, unknown: 9, ..ReadPage::default() }];
        assert!(unreadable(&pages).unwrap().reason.contains("Unicode"));
        assert_eq!(unreadable(&[]).unwrap().reason, "has no text");
    }

    #[test]
    fn numbers_in_a_row_are_ranges() {
        assert_eq!(ranges(&[1, 2, 4, 6, 7, 8]), "1, 2, 4, 6–8");
        assert!(ranges(&(0..40).map(|n| n * 2).collect::<Vec<_>>()).ends_with('…'));
    }
}
