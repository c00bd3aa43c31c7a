//! What stands around a number: words such as "about" and "more than", a minus, and the other end of a range.

use super::characters::Characters;
use super::{Amount, Bound, Kind, Measure, Quantity};

const ABOUT: &[&str] = &[
    "about",
    "around",
    "approximately",
    "roughly",
    "some",
    "circa",
    "ca.",
    "c.",
    "approx.",
    "约",
    "大约",
    "大概",
    "大致",
    "约为",
    "约有",
    "约莫",
    "etwa",
    "rund",
    "ungefahr",
    "environ",
    "unos",
    "unas",
    "aproximadamente",
    "circa",
    "약",
    "およそ",
    "около",
    "примерно",
    "khoang",
    "~",
    "≈",
    "～",
];
const AT_LEAST: &[&str] = &[
    "more than",
    "over",
    "at least",
    "above",
    "exceeding",
    "exceeded",
    "exceeds",
    "upwards of",
    "逾",
    "超过",
    "超",
    "至少",
    "高于",
    "多于",
    "突破",
    "不低于",
    "不少于",
    "达到",
    "uber",
    "mehr als",
    "mindestens",
    "plus de",
    "au moins",
    "mas de",
    "al menos",
    "более",
    "свыше",
    "hon",
];
const AT_MOST: &[&str] = &[
    "less than",
    "fewer than",
    "under",
    "below",
    "nearly",
    "almost",
    "up to",
    "at most",
    "close to",
    "不到",
    "不足",
    "低于",
    "少于",
    "近",
    "将近",
    "接近",
    "最多",
    "至多",
    "未满",
    "weniger als",
    "fast",
    "knapp",
    "unter",
    "bis zu",
    "moins de",
    "pres de",
    "presque",
    "menos de",
    "casi",
    "почти",
    "менее",
    "gan",
];
/// Behind a number: it is at least that.
pub(super) const MORE: &[&str] = &["多", "余", "余名", "+", "以上", "or more", "plus", "有余", "이상", "余り"];
/// Behind a number: it is about that.
pub(super) const ABOUT_BEHIND: &[&str] = &["左右", "上下", "or so", "前后", "前後", "程度", "ほど", "가량"];

/// Whether a minus stands before the number at `start`.
pub(super) fn is_negative(text: &Characters, start: usize) -> bool {
    let is_minus = matches!(text.before(start), Some('-' | '−' | '\u{2012}'))
        && !text.before(start - 1).is_some_and(|c| c.is_alphanumeric() || "%-°".contains(c));
    is_minus || text.ends_with(start, &["负", "零下", "minus"])
}

/// What the words before the number at `start` say of it.
pub(super) fn bound_before(text: &Characters, start: usize) -> Bound {
    if text.ends_with(start, ABOUT) {
        Bound::About
    } else if text.ends_with(start, AT_LEAST) {
        Bound::AtLeast
    } else if text.ends_with(start, AT_MOST) {
        Bound::AtMost
    } else {
        Bound::None
    }
}

/// In `5–7 %`, `3到5倍` and `10至20億元` the first number has the unit of the second.
pub(super) fn share_units(text: &Characters, found: &mut [Quantity]) {
    const BETWEEN: &[&str] = &[
        "-", "–", "—", "~", "～", "至", "到", "to", "bis", "a", "and", "or", "、", "或", "und", "och", "から", "〜",
        "与", "和", "及",
    ];
    for at in (1..found.len()).rev() {
        let (before, after) = found.split_at_mut(at);
        let (Some(first), Some(second)) = (before.last_mut(), after.first()) else { continue };
        let between = text.between(first.span.end, second.span.start);
        if !BETWEEN.contains(&between.trim()) {
            continue;
        }
        let added: Vec<Measure> = first
            .readings
            .iter()
            .filter_map(|reading| {
                let Measure::Amount(plain @ Amount { kind: Kind::Count, .. }) = reading else { return None };
                let Some(Measure::Amount(unit)) = second.readings.first() else { return None };
                let factor = unit.unit * unit.scale;
                let is_wider = unit.kind != Kind::Ordinal && (unit.kind != Kind::Count || unit.scale > 1.0);
                (is_wider && plain.scale <= 1.0).then_some(Measure::Amount(Amount {
                    kind: unit.kind,
                    value: plain.value * factor,
                    half_step: plain.half_step * factor,
                    unit: unit.unit,
                    scale: unit.scale,
                }))
            })
            .collect();
        first.readings.extend(added);
    }
}
