//! Calendars that count years from another year: the Republic of China, Japan's eras, the Buddhist calendar.

/// A day as year, month, day.
type Day = (i16, i8, i8);

/// An era, folded.
pub(crate) struct Era {
    pub(crate) name: &'static str,
    /// Its letter in forms such as `R8.1.31`.
    pub(crate) letter: Option<char>,
    /// The year before its first.
    pub(crate) before: i64,
    pub(crate) first: Day,
    pub(crate) last: Day,
}

const fn era(name: &'static str, letter: Option<char>, before: i64, first: Day, last: Day) -> Era {
    Era { name, letter, before, first, last }
}

const LAST: Day = (9999, 12, 31);
pub(crate) const ERAS: [Era; 13] = [
    era("中华民国", None, 1911, (1912, 1, 1), LAST),
    era("民国", None, 1911, (1912, 1, 1), LAST),
    era("令和", Some('r'), 2018, (2019, 5, 1), LAST),
    era("平成", Some('h'), 1988, (1989, 1, 8), (2019, 4, 30)),
    era("昭和", Some('s'), 1925, (1926, 12, 25), (1989, 1, 7)),
    era("大正", Some('t'), 1911, (1912, 7, 30), (1926, 12, 25)),
    era("明治", Some('m'), 1867, (1868, 1, 25), (1912, 7, 30)),
    era("公元", None, 0, (1, 1, 1), LAST),
    era("西元", None, 0, (1, 1, 1), LAST),
    era("西历", None, 0, (1, 1, 1), LAST),
    era("西暦", None, 0, (1, 1, 1), LAST),
    era("서기", None, 0, (1, 1, 1), LAST),
    era("단기", None, -2333, (1, 1, 1), LAST),
];

/// Years of the Buddhist calendar that need no mark: from 1857 to 2156.
pub(crate) const BUDDHIST: std::ops::RangeInclusive<i64> = 2400..=2699;
/// How far the Buddhist calendar of Thailand is ahead.
pub(crate) const BUDDHIST_AHEAD: i64 = 543;
/// Years of the Republic of China that need no mark: from 2011 to 2110. Nothing else of three digits is the year of a
/// document.
pub(crate) const MINGUO: std::ops::RangeInclusive<i64> = 100..=199;
pub(crate) const MINGUO_AHEAD: i64 = 1911;

/// The Gregorian year of a year before a month and a day, written as `115/2/10` or `10/2/2569`.
pub(crate) fn gregorian(year: i64) -> i64 {
    match year {
        year if MINGUO.contains(&year) => year + MINGUO_AHEAD,
        year if BUDDHIST.contains(&year) => year - BUDDHIST_AHEAD,
        year => year,
    }
}
