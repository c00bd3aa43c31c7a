//! The dots between a title and its page in a table of contents.

use super::{Letter, Piece, TextLine};

/// So many dots in a row are no punctuation.
const MIN_DOTS: usize = 4;

/// The line without its leaders; what stood around one are pieces of their own.
pub(super) fn parted(line: TextLine) -> TextLine {
    let is_dot = |c: char| matches!(c, '.' | '·' | '․' | '…' | '‥' | '．' | '_');
    let dots = line.letters.iter().filter(|letter| is_dot(letter.c)).count();
    if dots < MIN_DOTS {
        return line;
    }
    let mut letters: Vec<Letter> = Vec::with_capacity(line.letters.len());
    let mut pieces = Vec::new();
    for piece in &line.pieces {
        let own = line.letters.get(piece.letters.clone()).unwrap_or_default();
        let mut first = letters.len();
        let mut start = piece.start;
        let mut n = 0;
        while let Some(letter) = own.get(n) {
            let run = own.iter().skip(n).take_while(|letter| is_dot(letter.c) || letter.c == ' ').count();
            let dots = own.iter().skip(n).take(run).filter(|letter| is_dot(letter.c)).count();
            let is_leader = dots >= MIN_DOTS && is_page(own.get(n + run..).unwrap_or_default());
            if !is_leader {
                letters.extend(own.iter().skip(n).take(run.max(1)));
                n += run.max(1);
                continue;
            }
            if letters.len() > first {
                pieces.push(Piece { letters: first..letters.len(), start, end: letter.at });
            }
            n += run;
            first = letters.len();
            start = own.get(n).map_or(piece.end, |next| next.at);
        }
        if letters.len() > first {
            pieces.push(Piece { letters: first..letters.len(), start, end: piece.end });
        }
    }
    // A line of dots alone is a rule. What leaders part are no cells.
    let gaps = if letters.len() < line.letters.len() { Vec::new() } else { line.gaps.clone() };
    TextLine { letters, pieces, gaps, ..line }
}

/// Whether the letters are a page's number, or nothing. Dots before other text are blanks to fill in.
fn is_page(letters: &[Letter]) -> bool {
    letters.len() <= 10 && letters.iter().all(|letter| letter.c.is_numeric() || "ivxlcIVXLC-–()A. ".contains(letter.c))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::line;
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        let line = parted(line(text, 50.0, 100.0));
        line.pieces.iter().map(|piece| line.piece_text(piece)).collect()
    }

    #[test]
    fn leaders_part_titles_from_pages() {
        assert_eq!(pieces("2.1 Syntax . . . . . . 12"), ["2.1 Syntax", "12"]);
        assert_eq!(pieces("第一章 緒論……………3"), ["第一章 緒論", "3"]);
        assert_eq!(pieces("wait... what"), ["wait... what"]);
        assert_eq!(pieces("I, ........, born on"), ["I, ........, born on"]);
        assert!(pieces("........").is_empty());
    }
}
