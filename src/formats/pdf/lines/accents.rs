//! Accents that are glyphs of their own, drawn over the letter that follows, as TeX's older fonts have them.

use unicode_normalization::char::compose;

use super::Letter;

/// The letter with the accent before it, which is taken off `letters`, if that is drawn over it. `last` is where the accent
/// stands, `extent` where the letter does.
pub(super) fn joined(
    letters: &mut Vec<Letter>,
    last: Option<(f32, f32, char)>,
    c: char,
    extent: (f32, f32),
) -> Option<char> {
    let (start, end, accent) = last?;
    let shared = end.min(extent.1) - start.max(extent.0);
    if shared < 0.5 * (end - start).min(extent.1 - extent.0) || letters.last()?.c != accent {
        return None;
    }
    let combining = match accent {
        '`' => '\u{300}',
        '´' => '\u{301}',
        'ˆ' | '^' => '\u{302}',
        '˜' | '~' => '\u{303}',
        '¯' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30A}',
        '˝' => '\u{30B}',
        'ˇ' => '\u{30C}',
        '¸' => '\u{327}',
        _ => return None,
    };
    let letter = match c {
        'ı' => 'i',
        'ȷ' => 'j',
        _ => c,
    };
    let composed = compose(letter, combining)?;
    letters.pop();
    Some(composed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_over_a_letter_is_part_of_it() {
        let joined = |accent: char, at: f32, c: char| {
            let mut letters = vec![Letter { c: accent, at }];
            joined(&mut letters, Some((at, at + 3.0, accent)), c, (10.0, 15.0)).map(|c| (c, letters.len()))
        };
        assert_eq!(joined('¨', 11.0, 'ı'), Some(('ï', 0)));
        assert_eq!(joined('´', 11.0, 'e'), Some(('é', 0)));
        assert_eq!(joined('´', 6.5, 'e'), None);
        assert_eq!(joined('¨', 11.0, '1'), None);
        assert_eq!(joined('x', 11.0, 'e'), None);
    }
}
