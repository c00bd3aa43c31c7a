//! Leaves out running heads, running feet and page numbers.

use std::collections::HashMap;

use super::lines::{Direction, TextLine};
use super::page::ReadPage;

/// They stand in the outer parts of a page.
const MARGIN: f32 = 0.2;
/// A running head is on at least so many pages.
const MIN_PAGES: usize = 3;

/// Where a line stands on its page: its height, in units of 4 points, and its size.
type Slot = (i32, i32);

/// Removes them from the pages.
pub(super) fn remove(pages: &mut [ReadPage]) {
    let mut repeated: HashMap<(Slot, String), usize> = HashMap::new();
    for page in pages.iter() {
        let mut keys: Vec<_> = marginal(page).flat_map(|line| keys(line, page)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            *repeated.entry(key).or_default() += 1;
        }
    }
    repeated.retain(|_, pages| *pages >= MIN_PAGES);
    let slots = steady_slots(pages, &repeated);
    remove_second(pages);
    for page in pages.iter_mut() {
        let lines = std::mem::take(&mut page.lines);
        let (first, last) = outermost(&lines);
        let mut kept = Vec::with_capacity(lines.len());
        for (n, line) in lines.into_iter().enumerate() {
            let is_furniture = is_marginal(&line, page)
                && (keys(&line, page).iter().any(|key| repeated.contains_key(key) || slots.contains_key(&key.0))
                    || ((Some(n) == first || Some(n) == last) && is_page_number(&line.text(), page)));
            if !is_furniture {
                kept.push(line);
            }
        }
        page.lines = kept;
    }
}

/// In a document of two pages the head of the second is left out if it is that of the first, which may be a title.
fn remove_second(pages: &mut [ReadPage]) {
    let [first, second] = pages else { return };
    let head = |page: &ReadPage| {
        outermost(&page.lines).0.filter(|n| page.lines.get(*n).is_some_and(|line| is_marginal(line, page)))
    };
    let (Some(a), Some(b)) = (head(first), head(second)) else { return };
    let is_same = match (first.lines.get(a), second.lines.get(b)) {
        (Some(a), Some(b)) => (a.base - b.base).abs() < 2.0 && without_digits(&a.text()) == without_digits(&b.text()),
        _ => false,
    };
    if is_same {
        second.lines.remove(b);
    }
}

/// The heights at which most pages that have a line have a repeated one: a line there is a running head too, though its
/// text, such as a section's title, is on few pages.
fn steady_slots(pages: &[ReadPage], repeated: &HashMap<(Slot, String), usize>) -> HashMap<Slot, usize> {
    let mut all: HashMap<Slot, (usize, usize)> = HashMap::new();
    for page in pages {
        let mut slots: HashMap<Slot, bool> = HashMap::new();
        for line in marginal(page) {
            for key in keys(line, page) {
                let is_repeated = repeated.contains_key(&key);
                *slots.entry(key.0).or_default() |= is_repeated;
            }
        }
        for (slot, is_repeated) in slots {
            let counts = all.entry(slot).or_default();
            counts.0 += 1;
            counts.1 += usize::from(is_repeated);
        }
    }
    all.into_iter()
        .filter(|(_, (pages, repeated))| *repeated >= 2 * MIN_PAGES && repeated * 10 >= pages * 7)
        .map(|(slot, (pages, _))| (slot, pages))
        .collect()
}

fn marginal(page: &ReadPage) -> impl Iterator<Item = &TextLine> {
    page.lines.iter().filter(|line| is_marginal(line, page))
}

fn is_level(line: &TextLine) -> bool {
    matches!(line.direction, Direction::Right | Direction::Left)
}

fn is_marginal(line: &TextLine, page: &ReadPage) -> bool {
    line.table.is_none()
        && is_level(line)
        && (line.bottom < MARGIN * page.height || line.top > (1.0 - MARGIN) * page.height)
        && line.letters.len() <= 200
}

/// A line's slots and its text without digits. Two slots, so that half a point does not part two lines.
fn keys(line: &TextLine, page: &ReadPage) -> [(Slot, String); 2] {
    // Feet are measured from the bottom, since pages differ in height.
    let height = if line.bottom < MARGIN * page.height { line.base } else { line.base - page.height };
    let size = (line.size * 2.0).round() as i32;
    let text = without_digits(&line.text());
    let slot = |shift: f32| ((height + shift) / 4.0).floor() as i32;
    [((2 * slot(0.0), size), text.clone()), ((2 * slot(2.0) + 1, size), text)]
}

/// The text with `#` for each run of digits, and for a Roman numeral that stands alone.
fn without_digits(text: &str) -> String {
    let text = text.trim();
    if !text.is_empty() && text.chars().all(|c| "ivxlcdmIVXLCDM".contains(c)) {
        return "#".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut numbers = 0;
    for c in text.chars() {
        if !c.is_numeric() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
            numbers += 1;
        }
    }
    // More numbers than a page and its count are data.
    if numbers > 2 { text.to_owned() } else { out }
}

/// The highest and the lowest line.
fn outermost(lines: &[TextLine]) -> (Option<usize>, Option<usize>) {
    let upright = || lines.iter().enumerate().filter(|(_, line)| is_level(line));
    let first = upright().min_by(|a, b| a.1.top.total_cmp(&b.1.top)).map(|(n, _)| n);
    let last = upright().max_by(|a, b| a.1.bottom.total_cmp(&b.1.bottom)).map(|(n, _)| n);
    (first, last)
}

/// Whether the text is this page's number or label, with or without marks and words such as `Page 3 of 10`.
fn is_page_number(text: &str, page: &ReadPage) -> bool {
    let text = text.trim().trim_matches(|c: char| "-–—·•|[]()/".contains(c) || c.is_whitespace());
    if page.label.as_deref().is_some_and(|label| label == text) || text == page.number.to_string() {
        return true;
    }
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let words: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    numbers.next().is_some_and(|number| number.parse() == Ok(page.number))
        && numbers.count() <= 1
        && matches!(
            words.as_str(),
            "" | "page"
                | "pageof"
                | "of"
                | "p"
                | "第頁"
                | "第页"
                | "第頁共頁"
                | "第页共页"
                | "頁"
                | "页"
                | "ページ"
                | "쪽"
                | "페이지"
                | "seite"
                | "seitevon"
        )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{line, page};
    use super::*;

    fn texts(pages: &[ReadPage]) -> Vec<String> {
        pages.iter().flat_map(|page| page.lines.iter().map(TextLine::text)).collect()
    }

    #[test]
    fn lines_that_repeat_at_the_same_height_are_left_out() {
        let body = ["甲乙丙", "one two", "three"];
        let mut pages: Vec<_> = (0..3)
            .map(|n| {
                let foot = line(&format!("Page {} of 3", n + 1), 280.0, 820.0);
                page(n + 1, vec![line("Annual Report 2026", 50.0, 30.0), line(body[n as usize], 50.0, 100.0), foot])
            })
            .collect();
        remove(&mut pages);
        assert_eq!(texts(&pages), body);
    }

    #[test]
    fn the_number_of_a_page_is_left_out_of_short_documents_too() {
        let mut pages = vec![page(1, vec![line("text", 50.0, 100.0), line("- 1 -", 280.0, 820.0)])];
        remove(&mut pages);
        assert_eq!(texts(&pages), ["text"]);
    }

    #[test]
    fn text_in_the_middle_and_other_numbers_stay() {
        let lines = || vec![line("1. Same", 50.0, 400.0), line("42", 280.0, 820.0)];
        let mut pages: Vec<_> = (1..3).map(|n| page(n, lines())).collect();
        remove(&mut pages);
        assert_eq!(texts(&pages).len(), 4);
    }
}
