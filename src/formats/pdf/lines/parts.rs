//! Parts of lines as lines of their own.

use super::{Letter, Piece, TextLine};

impl TextLine {
    /// The pieces as lines of their own.
    pub(in super::super) fn split(self) -> Vec<Self> {
        let pieces = self.pieces.clone();
        let of = |piece: &Piece| {
            let letters = self.letters.get(piece.letters.clone()).unwrap_or_default().to_vec();
            let whole = Piece { letters: 0..letters.len(), start: piece.start, end: piece.end };
            Self { letters, pieces: vec![whole], start: piece.start, end: piece.end, ..self.clone() }
        };
        pieces.iter().map(of).collect()
    }

    /// The parts between the gaps that `parts` chooses, as lines of their own.
    pub(in super::super) fn parted(&self, parts: impl Fn((f32, f32)) -> bool) -> Vec<Self> {
        let mut lines = Vec::new();
        let mut rest = self.letters.as_slice();
        let mut end = self.end;
        let mut cuts: Vec<(f32, f32)> = self.gaps.iter().copied().filter(|gap| parts(*gap)).collect();
        cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
        // From the end, so that each part is what is left behind its gap.
        for (from, to) in cuts.into_iter().rev() {
            let at = rest.iter().position(|letter| letter.at >= to - 0.01 && letter.c != ' ').unwrap_or(rest.len());
            lines.extend(self.part(&rest[at..], end));
            rest = &rest[..at];
            end = from;
        }
        lines.extend(self.part(rest, end));
        lines.reverse();
        lines
    }

    /// Letters of it as a line of their own; `None` if they are only spaces.
    fn part(&self, letters: &[Letter], end: f32) -> Option<Self> {
        let first = letters.iter().position(|letter| letter.c != ' ')?;
        let last = letters.iter().rposition(|letter| letter.c != ' ')?;
        let letters = letters[first..=last].to_vec();
        let start = letters.first()?.at;
        let end = end.max(start);
        let gaps = self.gaps.iter().copied().filter(|gap| gap.0 >= start && gap.1 <= end).collect();
        let pieces = vec![Piece { letters: 0..letters.len(), start, end }];
        Some(Self { letters, pieces, gaps, start, end, ..self.clone() })
    }
}
