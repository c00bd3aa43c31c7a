//! The size that a passage may have: the model's limits less the heading path that is embedded with it.

use crate::error::Result;

/// The heading path before a passage takes at most the maximum divided by this.
const CONTEXT_SHARE: usize = 4;

/// No text has more bytes per token on average; Thai has about 12. A text longer than the maximum times this is cut
/// without being counted, so that the tokenizer never gets megabytes in one piece.
pub(super) const MAX_BYTES_PER_TOKEN: usize = 32;

/// Measures passages in tokens.
pub struct Sizer<'a> {
    /// The tokens of a text in the model's own vocabulary, without role prefix and special tokens.
    pub count: &'a dyn Fn(&str) -> Result<usize>,
    /// The size to aim at, in tokens, headings included.
    pub target_tokens: usize,
    /// The most tokens that the model reads, of headings and passage together.
    pub max_tokens: usize,
    /// The document's title. It is not embedded with the passages: for news and for encyclopedia articles that costs
    /// recall, since it makes all passages of a document more similar.
    pub title: &'a str,
    /// Whether no sentence goes on in the next line.
    pub whole_lines: bool,
}

impl Sizer<'_> {
    /// The heading path that is embedded before a passage: `heading > heading` and a line break, cut to a quarter of
    /// [`Sizer::max_tokens`].
    ///
    /// A first heading that repeats the title is left out.
    pub fn context(&self, headings: &[String]) -> Result<String> {
        let limit = (self.max_tokens / CONTEXT_SHARE).max(1);
        let headings = match headings {
            [first, rest @ ..] if first.trim() == self.title.trim() => rest,
            all => all,
        };
        let path = headings.join(" > ");
        let line = self.cut(&path, limit)?;
        Ok(if line.is_empty() { String::new() } else { format!("{line}\n") })
    }

    /// The longest start of `line` found that has no more than `limit` tokens together with a line break.
    fn cut<'t>(&self, line: &'t str, limit: usize) -> Result<&'t str> {
        let mut line = &line[..line.floor_char_boundary(limit.saturating_mul(MAX_BYTES_PER_TOKEN))];
        while !line.is_empty() {
            let tokens = (self.count)(&format!("{line}\n"))?;
            if tokens <= limit {
                break;
            }
            let fitting = (line.len() * limit / tokens).min(line.len() - 1);
            line = line[..line.floor_char_boundary(fitting)].trim_end();
        }
        Ok(line)
    }

    /// The target and the maximum for passages under this heading path.
    pub(super) fn budget(&self, headings: &[String]) -> Result<Budget> {
        let context = self.context(headings)?;
        let taken = if context.is_empty() { 0 } else { (self.count)(&context)? };
        let max = self.max_tokens.saturating_sub(taken).max(1);
        let target = self.target_tokens.saturating_sub(taken).max(self.target_tokens / 2).clamp(1, max);
        Ok(Budget { target, max })
    }
}

/// The size of passages under one heading path, in tokens, without that path.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) target: usize,
    pub(super) max: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(title: &str, headings: &[&str], max_tokens: usize) -> String {
        let count = |text: &str| Ok(text.chars().count());
        let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
        Sizer { count: &count, target_tokens: 10, max_tokens, title, whole_lines: false }.context(&headings).unwrap()
    }

    #[test]
    fn the_context_is_the_heading_path_without_the_title() {
        assert_eq!(context("Title", &["One", "Two"], 1000), "One > Two\n");
        assert_eq!(context("Title", &["Title", "Two"], 1000), "Two\n");
        assert_eq!(context("Title", &[], 1000), "");
        assert_eq!(context("", &[" "], 1000), "");
    }

    #[test]
    fn the_context_takes_no_more_than_a_quarter_of_the_maximum() {
        let long = "標題".repeat(100_000);
        for headings in [vec![], vec![long.as_str()], vec!["a", long.as_str()]] {
            for max_tokens in [4, 9, 100, 512] {
                let found = context(&long, &headings, max_tokens);
                assert!(found.chars().count() <= max_tokens / 4, "{max_tokens}: {found}");
            }
        }
    }
}
