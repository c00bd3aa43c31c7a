//! Plain text of messages: paragraphs, what is quoted in them, lines that were wrapped on the way.

use crate::formats::Result;
use crate::formats::builder::Builder;
use crate::formats::html::is_unspaced;
use crate::passage::At;

/// A line that a program wrapped is at least this wide, in columns of a terminal.
const MIN_WRAP_COLUMNS: usize = 40;
/// And ends this close to where the widest line of its paragraph ends.
const MAX_RAGGED_COLUMNS: usize = 6;

/// Words by which mail programs introduce a quotation, after the date and the name.
const WROTE: [&str; 14] = [
    "wrote:",
    "wrote：",
    "schrieb:",
    "a écrit :",
    "a écrit\u{a0}:",
    "escribió:",
    "ha scritto:",
    "escreveu:",
    "寫道：",
    "寫道:",
    "写道：",
    "写道:",
    "のメール:",
    "님이 작성:",
];

/// Lines above an earlier message, without the dashes.
const EARLIER: [&str; 12] = [
    "original message",
    "forwarded message",
    "original-nachricht",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "原始郵件",
    "原始邮件",
    "原始訊息",
    "轉寄郵件",
    "元のメッセージ",
    "원본 메시지",
];

/// How `format=flowed` joins lines.
#[derive(Debug, Clone, Copy)]
pub(in crate::formats) struct Flowed {
    /// Whether the space at the end of a joined line goes.
    pub(in crate::formats) del_sp: bool,
}

/// A line without its marks of quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    depth: usize,
    text: String,
}

/// Adds plain text to `builder`.
pub(in crate::formats) fn add_plain(
    builder: &mut Builder,
    text: &str,
    path: &str,
    flowed: Option<Flowed>,
) -> Result<()> {
    let lines = text.lines().map(|line| split_marks(line, flowed.is_some()));
    let lines: Vec<Line> = match flowed {
        Some(flowed) => joined(lines, flowed),
        None => lines.collect(),
    };
    let is_blank = |line: &Line| line.text.trim().is_empty();
    let is_attribution = attributions(&lines);
    let mut is_earlier = false;
    let mut at = 0;
    while let Some(first) = lines.get(at) {
        if is_blank(first) {
            at += 1;
            continue;
        }
        is_earlier |= starts_earlier_message(&lines, at);
        let attribution = is_attribution.get(at).copied().unwrap_or_default();
        let end = (at + 1..lines.len()).find(|next| {
            let attributes = is_attribution.get(*next).copied().unwrap_or_default() != attribution;
            lines.get(*next).is_none_or(|line| is_blank(line) || line.depth != first.depth)
                || attributes
                || starts_earlier_message(&lines, *next)
        });
        let end = end.unwrap_or(lines.len());
        let paragraph = unwrapped(lines.get(at..end).unwrap_or_default());
        let quoted = is_earlier || attribution != Attribution::None || first.depth > 0;
        builder.begin("\n\n");
        builder.push(paragraph.trim(), Some(At::Part { path: path.to_owned(), quoted }))?;
        is_earlier |= attribution == Attribution::OfAllThatFollows;
        at = end;
    }
    Ok(())
}

/// Takes the marks of quotation off a line.
fn split_marks(line: &str, is_flowed: bool) -> Line {
    let mut depth = 0;
    let mut rest = line;
    while let Some(next) = rest.strip_prefix('>') {
        depth += 1;
        // Old programs put a space between the marks.
        rest = if next.starts_with(" >") { next.strip_prefix(' ').unwrap_or(next) } else { next };
    }
    // In flowed text a space may stand before a line that starts like something else.
    if is_flowed || depth > 0 {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    let text = if is_flowed { rest } else { rest.trim_end() };
    Line { depth, text: text.to_owned() }
}

/// Joins the lines of flowed text (RFC 3676): one that ends with a space goes on in the next.
fn joined(lines: impl Iterator<Item = Line>, flowed: Flowed) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    let mut is_open = false;
    for line in lines {
        let goes_on = line.text.ends_with(' ') && line.text != "-- ";
        match all.last_mut().filter(|last| is_open && last.depth == line.depth) {
            Some(last) if line.text != "-- " => {
                if flowed.del_sp {
                    last.text.pop();
                }
                last.text.push_str(&line.text);
            }
            _ => all.push(line),
        }
        is_open = goes_on;
    }
    all.iter_mut().for_each(|line| line.text.truncate(line.text.trim_end().len()));
    all
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Attribution {
    #[default]
    None,
    OfQuotedLines,
    OfAllThatFollows,
}

/// Which lines introduce a quotation: "On Friday, A. wrote:", on one line or two.
fn attributions(lines: &[Line]) -> Vec<Attribution> {
    let mut all = vec![Attribution::None; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.trim_end();
        let wrote = WROTE.iter().any(|word| text.ends_with(word));
        let ends_so = wrote || text.ends_with("wrote") || text.ends_with([':', '：']);
        if line.depth > 0 || !ends_so || text.len() > 500 {
            continue;
        }
        let next = lines.get(at + 1..).unwrap_or_default().iter().find(|line| !line.text.trim().is_empty());
        let before = at.checked_sub(1).and_then(|before| lines.get(before)).filter(|line| line.depth == 0);
        let has_date = |text: &str| text.bytes().filter(u8::is_ascii_digit).count() >= 3 || text.contains('@');
        let is_two_lines = !has_date(text) && wrote && before.is_some_and(|line| has_date(&line.text));
        if !has_date(text) && !is_two_lines {
            continue;
        }
        let kind = match next {
            Some(next) if next.depth > 0 => Attribution::OfQuotedLines,
            Some(_) if wrote => Attribution::OfAllThatFollows,
            _ => continue,
        };
        let first = if is_two_lines { at - 1 } else { at };
        all.iter_mut().take(at + 1).skip(first).for_each(|line| *line = kind);
    }
    all
}

/// Whether an earlier message follows that is not marked line by line.
fn starts_earlier_message(lines: &[Line], at: usize) -> bool {
    let Some(text) = lines.get(at).map(|line| line.text.trim()) else { return false };
    let is_rule = |text: &str| text.len() >= 20 && text.bytes().all(|byte| matches!(byte, b'_' | b'-'));
    if is_rule(text) {
        let next = lines.get(at + 1..at + 3).unwrap_or_default();
        return next.iter().any(|line| is_sender(&line.text));
    }
    let is_after_text =
        at.checked_sub(1).and_then(|before| lines.get(before)).is_some_and(|line| !line.text.is_empty());
    if !is_after_text && is_sender(text) {
        let header = lines.get(at..).unwrap_or_default().iter().take(8).map(|line| line.text.as_str());
        return is_earlier_header(&header.collect::<Vec<_>>().join("\n"));
    }
    is_announcement(text)
}

/// Whether a text introduces a quotation that follows it.
pub(super) fn introduces(text: &str) -> bool {
    let text = text.trim_end();
    text.len() <= 500 && WROTE.iter().any(|word| text.ends_with(word))
}

/// Whether a paragraph is the header of an earlier message, or announces one.
pub(super) fn is_earlier_header(text: &str) -> bool {
    const SUBJECT: [&str; 10] =
        ["Subject:", "Betreff:", "Objet :", "Objet:", "Asunto:", "主旨:", "主題:", "主题:", "件名:", "제목:"];
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    is_announcement(first.trim())
        || (is_sender(first)
            && lines.take(8).any(|line| {
                let line = line.trim_start_matches(['*', ' ']).replace('：', ":");
                SUBJECT.iter().any(|subject| line.starts_with(subject))
            }))
}

/// `-----Original Message-----`.
fn is_announcement(text: &str) -> bool {
    const DASHES: [char; 6] = ['-', '_', '‐', '–', '—', ' '];
    let inner = text.trim_matches(DASHES);
    inner.len() + 4 <= text.len() && text.starts_with(DASHES) && {
        let inner = inner.to_lowercase();
        EARLIER.iter().any(|words| inner.starts_with(words))
    }
}

/// Whether a line names the sender in the header of a quoted message.
fn is_sender(line: &str) -> bool {
    const FROM: [&str; 8] = ["From:", "Von:", "De :", "De:", "寄件者:", "发件人:", "差出人:", "보낸 사람:"];
    let line = line.trim_start_matches(['*', ' ']).replace('：', ":");
    FROM.iter().any(|from| line.starts_with(from))
}

/// The text of a paragraph. Lines of Chinese and Japanese that a program wrapped are joined, since nothing else tells
/// later that a sentence goes on; other lines stay.
fn unwrapped(lines: &[Line]) -> String {
    let columns = |line: &Line| line.text.chars().map(|c| 1 + usize::from(is_unspaced(c))).sum::<usize>();
    let widest = lines.iter().map(columns).max().unwrap_or(0);
    let mut text = String::new();
    let mut is_wrapped = false;
    for line in lines {
        let goes_on =
            is_wrapped && line.text.chars().next().is_some_and(|c| is_unspaced(c) && !"・●■◆◎○※★☆◇□▲▼　".contains(c));
        if !text.is_empty() && !goes_on {
            text.push('\n');
        }
        text.push_str(&line.text);
        let width = columns(line);
        is_wrapped = width >= MIN_WRAP_COLUMNS
            && width + MAX_RAGGED_COLUMNS >= widest
            && line.text.chars().next_back().is_some_and(|c| is_unspaced(c) && !"。！？".contains(c));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paragraphs of a text; those that are quoted start with `|`.
    fn paragraphs(text: &str, flowed: Option<Flowed>) -> Vec<String> {
        let mut builder = Builder::new("test 1", 10_000);
        add_plain(&mut builder, text, "1", flowed).unwrap();
        let (text, layout) = builder.finish();
        let show = |place: &crate::passage::Place| {
            let At::Part { quoted, .. } = place.at else { unreachable!() };
            format!("{}{}", if quoted { "|" } else { "" }, &text[place.span.range()])
        };
        layout.places.iter().map(show).collect()
    }

    #[test]
    fn quoted_lines_and_what_introduces_them_are_marked() {
        let text = "Yes.\n\nOn Fri, 9 Jan 2026, A. Lu <lu@example.com>\nwrote:\n> Will they\n> cut?\n>\n> > Or not?\n\nBye\n-- \nB.";
        let expected = [
            "Yes.",
            "|On Fri, 9 Jan 2026, A. Lu <lu@example.com>\nwrote:",
            "|Will they\ncut?",
            "|Or not?",
            "Bye\n--\nB.",
        ];
        assert_eq!(paragraphs(text, None), expected);
        let text =
            "好。\n\n陸以寧 <lu@example.com> 於 2026年1月9日 週五 下午8:30寫道：\n> 會降息嗎？\n我的看法如下：\n不會。";
        let expected = [
            "好。",
            "|陸以寧 <lu@example.com> 於 2026年1月9日 週五 下午8:30寫道：",
            "|會降息嗎？",
            "我的看法如下：\n不會。",
        ];
        assert_eq!(paragraphs(text, None), expected);
    }

    #[test]
    fn all_below_an_original_message_is_quoted() {
        let text = "See below.\n\n-----Original Message-----\nFrom: A\nSubject: B\n\nText.";
        assert_eq!(
            paragraphs(text, None),
            ["See below.", "|-----Original Message-----\nFrom: A\nSubject: B", "|Text."]
        );
        let rule = format!("Hi.\n{}\nFrom: A <a@b.c>\n\nText.", "_".repeat(32));
        assert_eq!(paragraphs(&rule, None)[2], "|Text.");
        let outlook = "Hi.\n\nFrom: A <a@b.c>\nSent: Tuesday\nSubject: B\n\nOld.";
        assert_eq!(paragraphs(outlook, None), ["Hi.", "|From: A <a@b.c>\nSent: Tuesday\nSubject: B", "|Old."]);
        assert_eq!(paragraphs("Hi.\n\nFrom: 9 am\nTo: 10 am", None), ["Hi.", "From: 9 am\nTo: 10 am"]);
        assert_eq!(paragraphs("‐‐‐‐‐ Original Message ‐‐‐‐‐\n\nOld.", None)[1], "|Old.");
        assert_eq!(paragraphs("a\n-- items --\nb", None), ["a\n-- items --\nb"]);
    }

    #[test]
    fn flowed_lines_are_joined_at_the_same_depth() {
        let text = "One two \nthree.\n> quoted \n> on\nnot \n> joined\n From here\n";
        let expected = ["One two three.", "|quoted on", "not", "|joined", "From here"];
        assert_eq!(paragraphs(text, Some(Flowed { del_sp: false })), expected);
        assert_eq!(paragraphs("元月的 \n債市", Some(Flowed { del_sp: true })), ["元月的債市"]);
    }

    #[test]
    fn wrapped_lines_of_chinese_are_joined_and_short_lines_are_not() {
        let text =
            "元月的債市像一間剛熄燈的戲院，觀眾都坐好了，沒有人知道下一場演\n什麼。美國公債殖利率回升。\n\n甲\n乙";
        assert_eq!(
            paragraphs(text, None),
            ["元月的債市像一間剛熄燈的戲院，觀眾都坐好了，沒有人知道下一場演什麼。美國公債殖利率回升。", "甲\n乙"]
        );
    }
}
