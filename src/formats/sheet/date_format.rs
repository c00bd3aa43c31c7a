//! Shows dates and times, which spreadsheets hold as numbers of days, as a format says.

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// 9999-12-31.
const LAST_DAY: f64 = 2_958_466.0;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const WEEKDAYS_HAN: [&str; 7] = ["日", "一", "二", "三", "四", "五", "六"];
const WEEKDAYS_JAPANESE: [&str; 7] = ["日", "月", "火", "水", "木", "金", "土"];

/// The eras of Japan: first day, year before their first, name.
const ERAS: [((i64, u32, u32), i64, &str); 4] = [
    ((2019, 5, 1), 2018, "令和"),
    ((1989, 1, 8), 1988, "平成"),
    ((1926, 12, 25), 1925, "昭和"),
    ((1912, 7, 30), 1911, "大正"),
];

/// A format of dates or times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateFormat {
    pieces: Vec<Piece>,
    calendar: Calendar,
    twelve_hours: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// A letter with how often it stands there.
    Field(char, usize),
    /// Hours, minutes or seconds that count on past a day.
    Elapsed(char, usize),
    /// Morning or afternoon.
    HalfDay(&'static str, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Calendar {
    Common,
    Taiwan,
    China,
    Japan,
}

/// The currency sign in `[$NT$-404]`; colours, conditions and languages have none.
pub(super) fn currency(bracket: &str) -> &str {
    bracket.strip_prefix('$').map_or("", |rest| rest.split('-').next().unwrap_or_default())
}

fn calendar(bracket: &str) -> Option<Calendar> {
    let language = bracket.strip_prefix('$')?.split_once('-')?.1.to_ascii_lowercase();
    let ends = |codes: &[&str]| codes.iter().any(|code| language == *code || language.ends_with(&format!("0{code}")));
    if ends(&["404"]) || language.starts_with("zh-tw") {
        Some(Calendar::Taiwan)
    } else if ends(&["804"]) || language.starts_with("zh-cn") {
        Some(Calendar::China)
    } else if ends(&["411"]) || language.starts_with("ja") {
        Some(Calendar::Japan)
    } else {
        None
    }
}

impl DateFormat {
    /// The format of a section of a code; `None` if it is not one of dates.
    pub(super) fn new(section: &str) -> Option<Self> {
        let mut format = Self { pieces: Vec::new(), calendar: Calendar::Common, twelve_hours: false };
        let mut characters = section.chars().peekable();
        let mut fields = 0;
        while let Some(character) = characters.next() {
            match character {
                '"' => format.literal(&characters.by_ref().take_while(|&c| c != '"').collect::<String>()),
                '\\' => format.literal(&characters.next().into_iter().collect::<String>()),
                '_' | '*' => drop(characters.next()),
                '[' => {
                    let inside: String = characters.by_ref().take_while(|&c| c != ']').collect();
                    let first = inside.chars().next().unwrap_or_default().to_ascii_lowercase();
                    if matches!(first, 'h' | 'm' | 's') && inside.chars().all(|c| c.eq_ignore_ascii_case(&first)) {
                        format.pieces.push(Piece::Elapsed(first, inside.len()));
                        fields += 1;
                    }
                    format.calendar = calendar(&inside).unwrap_or(format.calendar);
                }
                'A' | 'a' if matches!(characters.peek(), Some('M' | 'm' | '/')) => {
                    let rest: String = characters.clone().take(4).collect();
                    let length = if rest.eq_ignore_ascii_case("M/PM") { 4 } else { 2 };
                    characters.by_ref().take(length).for_each(drop);
                    format.pieces.push(Piece::HalfDay("AM", "PM"));
                    format.twelve_hours = true;
                }
                '上' if characters.clone().take(4).eq("午/下午".chars()) => {
                    characters.by_ref().take(4).for_each(drop);
                    format.pieces.push(Piece::HalfDay("上午", "下午"));
                    format.twelve_hours = true;
                }
                'E' | 'e' if matches!(characters.peek(), Some('+' | '-')) => return None,
                'y' | 'm' | 'd' | 'h' | 's' | 'e' | 'g' | 'a' | 'b' | 'Y' | 'M' | 'D' | 'H' | 'S' => {
                    let letter = character.to_ascii_lowercase();
                    let mut count = 1;
                    while characters.next_if(|c| c.eq_ignore_ascii_case(&letter)).is_some() {
                        count += 1;
                    }
                    format.pieces.push(Piece::Field(letter, count));
                    fields += 1;
                }
                // Fractions of seconds are not shown.
                '.' if matches!(characters.peek(), Some('0')) && fields > 0 => {
                    while characters.next_if_eq(&'0').is_some() {}
                }
                '0' | '#' | '?' | '%' => return None,
                '@' | ';' => {}
                other => format.literal(other.encode_utf8(&mut [0; 4])),
            }
        }
        format.tell_minutes_from_months();
        // General, and letters that are no fields of dates.
        let sound = format.pieces.iter().any(|piece| match piece {
            Piece::Field(letter, _) => matches!(letter, 'y' | 'm' | 'n' | 'd' | 'h' | 's' | 'e'),
            Piece::Elapsed(..) => true,
            _ => false,
        });
        (fields > 0 && sound && !section.contains("General")).then_some(format)
    }

    /// An `m` behind hours or before seconds stands for minutes: it becomes `n`.
    fn tell_minutes_from_months(&mut self) {
        let mut before = ' ';
        let mut months: Option<usize> = None;
        for position in 0..self.pieces.len() {
            let letter = match &self.pieces[position] {
                Piece::Field(letter, _) | Piece::Elapsed(letter, _) => *letter,
                _ => continue,
            };
            if let Piece::Field('m', count) = self.pieces[position] {
                if before == 'h' {
                    self.pieces[position] = Piece::Field('n', count);
                    months = None;
                } else {
                    months = Some(position);
                }
            } else if letter == 's'
                && let Some(position) = months.take()
                && let Piece::Field('m', count) = self.pieces[position]
            {
                self.pieces[position] = Piece::Field('n', count);
            } else {
                months = None;
            }
            before = letter;
        }
    }

    fn literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// A number of days as shown, `None` if it is no date.
    pub(super) fn show(&self, value: f64, from_1904: bool) -> Option<String> {
        let value = if from_1904 { value + 1462.0 } else { value };
        if !(0.0..LAST_DAY).contains(&value) {
            return None;
        }
        let seconds = (value * SECONDS_OF_DAY as f64).round() as i64;
        let (days, time) = (seconds / SECONDS_OF_DAY, seconds % SECONDS_OF_DAY);
        // Excel believes that 1900 was a leap year.
        let days = if days < 60 && !from_1904 { days + 1 } else { days };
        let date = civil(days - 25_569);
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::HalfDay(morning, afternoon) => {
                    text.push_str(if time < SECONDS_OF_DAY / 2 { morning } else { afternoon });
                }
                Piece::Elapsed(letter, count) => {
                    let unit = match letter {
                        'h' => 3600,
                        'm' => 60,
                        _ => 1,
                    };
                    text.push_str(&padded(seconds / unit, *count));
                }
                Piece::Field(letter, count) => text.push_str(&self.field(*letter, *count, date, days, time)),
            }
        }
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn field(&self, letter: char, count: usize, date: (i64, u32, u32), days: i64, time: i64) -> String {
        let (year, month, day) = date;
        let weekday = (days + 6).rem_euclid(7) as usize;
        let era = ERAS.iter().find(|(first, _, _)| date >= *first);
        match (letter, self.calendar) {
            ('y', _) if count <= 2 => padded(year % 100, 2),
            ('e', Calendar::Taiwan) => (year - 1911).to_string(),
            ('e', Calendar::Japan) => era.map_or(year, |(_, before, _)| year - before).to_string(),
            ('y' | 'e', _) => year.to_string(),
            ('g', Calendar::Taiwan) => if count < 3 { "民國" } else { "中華民國" }.to_owned(),
            ('g', Calendar::Japan) => era.map(|(_, _, name)| (*name).to_owned()).unwrap_or_default(),
            ('m', _) => match (count, MONTHS.get(month as usize - 1)) {
                (3, Some(name)) => name.chars().take(3).collect(),
                (5, Some(name)) => name.chars().take(1).collect(),
                (4, Some(name)) => (*name).to_owned(),
                _ => padded(i64::from(month), count),
            },
            ('d', _) if count == 3 => WEEKDAYS[weekday].chars().take(3).collect(),
            ('d', _) if count > 3 => WEEKDAYS[weekday].to_owned(),
            ('d', _) => padded(i64::from(day), count),
            ('a', Calendar::Japan) => format!("{}{}", WEEKDAYS_JAPANESE[weekday], if count < 4 { "" } else { "曜日" }),
            ('a', Calendar::Taiwan) if count < 4 => format!("週{}", WEEKDAYS_HAN[weekday]),
            ('a', Calendar::China) if count < 4 => format!("周{}", WEEKDAYS_HAN[weekday]),
            ('a', Calendar::Taiwan | Calendar::China) => format!("星期{}", WEEKDAYS_HAN[weekday]),
            ('a', Calendar::Common) => WEEKDAYS[weekday].to_owned(),
            ('h', _) if self.twelve_hours => padded((time / 3600 + 11) % 12 + 1, count),
            ('h', _) => padded(time / 3600, count),
            ('n', _) => padded(time / 60 % 60, count),
            ('s', _) => padded(time % 60, count),
            _ => String::new(),
        }
    }
}

fn padded(number: i64, width: usize) -> String {
    format!("{number:0width$}", width = width.min(10))
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, `chrono`-compatible low-level date algorithms).
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_shown_as_their_format_says() {
        // 2026-01-09, a Friday.
        let day = 46_031.0;
        let cases = [
            (day, "yyyy-mm-dd", "2026-01-09"),
            (day, "yyyy\"年\"m\"月\"d\"日\"", "2026年1月9日"),
            (day, "[$-404]e\"年\"m\"月\"d\"日\"", "115年1月9日"),
            (day, "[$-404]gge/m/d aaaa", "民國115/1/9 星期五"),
            (day, "[$-ja-JP]ggge\"年\"", "令和8年"),
            (day, "[$-409]d-mmm-yy;@", "9-Jan-26"),
            (day, "dddd, mmmm d", "Friday, January 9"),
            (day + 0.5625, "m/d/yy h:mm", "1/9/26 13:30"),
            (day + 0.5625, "h:mm AM/PM", "1:30 PM"),
            (day + 0.0, "上午/下午 h:mm", "上午 12:00"),
            (day + 0.999_999_9, "yyyy-mm-dd hh:mm:ss", "2026-01-10 00:00:00"),
            (1.5, "[h]:mm", "36:00"),
            (0.000_694_45, "mm:ss.0", "01:00"),
            (1.0, "yyyy-mm-dd", "1900-01-01"),
            (61.0, "yyyy-mm-dd", "1900-03-01"),
        ];
        for (value, code, expected) in cases {
            assert_eq!(DateFormat::new(code).unwrap().show(value, false).as_deref(), Some(expected), "{code}");
        }
        assert_eq!(DateFormat::new("yyyy-mm-dd").unwrap().show(44_569.0, true).as_deref(), Some("2026-01-09"));
        assert_eq!(DateFormat::new("yyyy").unwrap().show(-1.0, false), None);
        for code in ["0.00", "General", "0.00E+00", "#,##0 \"days\"", "@", "\"y\""] {
            assert_eq!(DateFormat::new(code), None, "{code}");
        }
    }
}
