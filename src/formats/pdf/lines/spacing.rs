//! Ideographs with a space behind each, as some programs stretch a title or a justified line.

use super::super::chars::is_unspaced;
use super::{Letter, Piece, TextLine};

/// The line without the spaces between its ideographs, if most of them have one.
pub(super) fn closed(line: TextLine) -> TextLine {
    let stretched = |n: usize| {
        let at = |n: usize| line.letters.get(n).map(|letter| letter.c);
        let is_space = at(n) == Some(' ');
        is_space && n > 0 && at(n - 1).is_some_and(is_unspaced) && at(n + 1).is_some_and(is_unspaced)
    };
    let spaces = (0..line.letters.len()).filter(|n| stretched(*n)).count();
    let pairs = line.letters.windows(2).filter(|pair| pair.iter().all(|letter| is_unspaced(letter.c))).count();
    if spaces < 3 || spaces <= pairs {
        return line;
    }
    let mut letters: Vec<Letter> = Vec::with_capacity(line.letters.len());
    let mut pieces: Vec<Piece> = Vec::with_capacity(line.pieces.len());
    for piece in &line.pieces {
        let first = letters.len();
        let kept = piece.letters.clone().filter(|n| !stretched(*n));
        letters.extend(kept.filter_map(|n| line.letters.get(n)));
        pieces.push(Piece { letters: first..letters.len(), ..*piece });
    }
    TextLine { letters, pieces, ..line }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::line;
    use super::*;

    #[test]
    fn stretched_ideographs_are_closed_up() {
        assert_eq!(closed(line("关 于 红 军 作 战 原 则", 50.0, 100.0)).text(), "关于红军作战原则");
        assert_eq!(closed(line("王 小 明 PDF 文件", 50.0, 100.0)).text(), "王 小 明 PDF 文件");
        assert_eq!(closed(line("姓名 王小明 地址", 50.0, 100.0)).text(), "姓名 王小明 地址");
    }
}
