//! Reads one quantity: a date, or a number with what stands before and behind it.

use super::characters::{Characters, is_spelt, vulgar_fraction};
use super::number::{Figure, Form, Number, Writing, figures};
use super::numerals::numerals;
use super::surroundings::{ABOUT_BEHIND, MORE, bound_before, is_negative};
use super::units::{Kind, Unit, currency_before, scale_at, unit_at};
use super::words::words;
use super::{Amount, Bound, Measure, Quantity, dates, romans};

/// The quantity that starts at `at`, and its end. What stands before `free` belongs to another quantity: a currency, and the
/// first end of a range.
pub(super) fn quantity(text: &Characters, at: usize, free: usize) -> Option<(Quantity, usize)> {
    let first = text.get(at)?;
    if is_spelt(first) && text.before(at).is_some_and(is_spelt) {
        return None;
    }
    if first.is_ascii_digit() && text.before(at).is_some_and(|c| is_spelt(c) || c == '_') {
        return None;
    }
    if let Some((readings, end)) = dates::date(text, at) {
        let quantity =
            Quantity { span: text.span(at, end), readings, is_weak: false, bound: Bound::None, is_counted: false };
        return Some((quantity, end));
    }
    if let Some(found) = whole_words(text, at) {
        return Some(found);
    }
    let (start, is_ordinal) = match first {
        '第' => (text.skip(at + 1), true),
        _ => (at, false),
    };
    let number = match text.get(start)? {
        c if c.is_ascii_digit() || vulgar_fraction(c).is_some() => figures(text, start)?,
        c if is_spelt(c) => words(text, start).or_else(|| roman(text, start))?,
        _ => numerals(text, start)?,
    };
    let number = if is_ordinal { Number { form: Form::Ordinal, is_weak: false, ..number } } else { number };
    // A name such as `5G`, `3D` or `10x`: letters right behind figures that are no unit.
    with_unit(text, at, number, free)
}

/// `一半`, `過半`, `半年`, `翻倍`: words that say a quantity as a whole.
fn whole_words(text: &Characters, at: usize) -> Option<(Quantity, usize)> {
    let figure = |value: f64| Figure::new(value, 0.005);
    let share = |end: usize, bound: Bound| {
        let readings = vec![amount(figure(0.5), Unit::new(Kind::Share, 1.0)), amount(figure(0.5), Unit::COUNT)];
        Some((found(text, at, end, readings, bound), end))
    };
    if let Some(end) = text.any(at, &["过半数", "过半", "超过一半", "逾半"]) {
        return share(end, Bound::AtLeast);
    }
    if let Some(end) = text.any(at, &["一半", "半数", "절반", "半分"]) {
        return share(end, Bound::None);
    }
    if let Some(end) = text.any(at, &["翻倍", "倍增", "翻一番", "加倍", "翻了一番", "翻了一倍", "两倍", "두 배"])
    {
        let readings = vec![amount(Figure::whole(2.0), Unit::new(Kind::Times, 1.0))];
        return Some((found(text, at, end, readings, Bound::None), end));
    }
    if text.get(at) != Some('半') {
        return None;
    }
    let start = text.word(at + 1, "个").unwrap_or(at + 1);
    let (unit, end) = unit_at(text, start, false).or_else(|| unit_at(text, at + 1, false))?;
    let not_unit = ["导", "岛", "夜", "天空", "路", "场"];
    if not_unit.iter().any(|word| text.starts_with(at + 1, word)) || matches!(unit.kind, Kind::Money(_)) {
        return None;
    }
    let half = Figure::new(0.5, 0.05);
    let mut readings = vec![amount(half, unit)];
    readings.extend(points_as_share(half, unit));
    Some((found(text, at, end, readings, Bound::None), end))
}

fn found(text: &Characters, at: usize, end: usize, readings: Vec<Measure>, bound: Bound) -> Quantity {
    Quantity { span: text.span(at, end), readings, is_weak: false, bound, is_counted: false }
}

/// A Roman numeral of two letters or more, which is often one and never surely.
fn roman(text: &Characters, at: usize) -> Option<Number> {
    let (value, end) = romans::at(text, at)?;
    let is_whole = !text.get(end).is_some_and(is_spelt);
    let number = Number::new(Figure::whole(value as f64), end, Writing::Words);
    (is_whole && end > at + 1).then_some(Number { form: Form::Ordinal, is_weak: true, ..number })
}

fn amount(figure: Figure, unit: Unit) -> Measure {
    Measure::Amount(Amount {
        kind: unit.kind,
        value: figure.value * unit.factor + unit.offset,
        half_step: figure.half_step * unit.factor,
        unit: unit.factor,
        scale: figure.scale,
    })
}

/// Basis points are often given as the percentage that they are of the whole.
fn points_as_share(figure: Figure, unit: Unit) -> Option<Measure> {
    (unit.kind == Kind::Points && unit.factor < 0.01).then(|| amount(figure, Unit::new(Kind::Share, unit.factor)))
}

/// A number with its scale and unit. What stands before `free` belongs to another quantity.
fn with_unit(text: &Characters, at: usize, number: Number, free: usize) -> Option<(Quantity, usize)> {
    let Number { mut readings, mut end, writing, form, is_weak } = number;
    let is_figure = writing == Writing::Figures;
    let currency = currency_before(text, at).filter(|(_, start)| *start >= free);
    let mut is_weak = is_weak && currency.is_none();
    if form == Form::Cardinal {
        (readings, end) = scaled(text, readings, end, writing, currency.is_some());
    }
    let mut bound = bound_before(text, currency.map_or(at, |(_, start)| start));
    if let Some(after) = text.any(end, MORE) {
        (bound, end) = (Bound::AtLeast, after);
        (readings, end) = scaled(text, readings, end, writing, currency.is_some());
    }
    let start = currency.map_or(at, |(_, start)| start);
    let is_end_of_range = free > 0 && start == free + 1;
    let sign = if is_figure && !is_end_of_range && is_negative(text, start) { -1.0 } else { 1.0 };
    let mut measures: Vec<Measure> = Vec::new();
    let mut is_counted = false;
    let ordinal_end = text.any(end, &["st", "nd", "rd", "th", "º", "ª", "er", "ème", "e"]).filter(|_| is_figure);
    match (form, tenths(text, end, &readings, writing)) {
        (Form::Ordinal, _) => push(&mut measures, &readings, Unit::new(Kind::Ordinal, 1.0)),
        (Form::Times, _) => push(&mut measures, &readings, Unit::new(Kind::Times, 1.0)),
        (Form::Share, _) => {
            push(&mut measures, &readings, Unit::new(Kind::Share, 1.0));
            push(&mut measures, &readings, Unit::COUNT);
            end = fraction_unit(text, end, &readings, &mut measures);
        }
        (_, Some((share, after))) => {
            (measures, end, is_weak) = (share, after, false);
        }
        _ if ordinal_end.is_some() => {
            end = ordinal_end.unwrap_or(end);
            push(&mut measures, &readings, Unit::new(Kind::Ordinal, 1.0));
        }
        _ => {
            let unit = unit_at(text, counter_end(text, end, writing), is_figure)
                .or_else(|| unit_at(text, text.any(text.skip(end), &["d'", "d’", "de"]).unwrap_or(end), is_figure))
                .or_else(|| unit_at(text, end, is_figure))
                .filter(|(unit, _)| !(unit.kind == Kind::Points && is_code_word(text, end)))
                .filter(|(unit, after)| !is_of_next(text, end, *unit, *after));
            match (currency, unit) {
                (Some((kind, _)), unit) => {
                    let narrower = unit.filter(|(unit, _)| is_same_money(kind, unit.kind));
                    let cents = narrower.map_or(1.0, |(unit, _)| unit.factor);
                    push(&mut measures, &readings, Unit::new(kind, cents));
                    end = narrower.map_or(end, |(_, after)| after);
                }
                (None, Some((unit, after))) => {
                    (end, is_weak) = (after, is_weak && !is_exact_unit(unit, &readings));
                    let unit = if unit.kind == Kind::Length && is_speed(text, at, end) {
                        Unit::new(Kind::Speed, unit.factor / 3600.0)
                    } else {
                        unit
                    };
                    if let Some(after) = text.word(end, "半") {
                        end = after;
                        readings.iter_mut().for_each(|figure| *figure = figure.plus(0.5, 0.05));
                    }
                    push(&mut measures, &readings, unit);
                    measures.extend(readings.iter().filter_map(|figure| points_as_share(*figure, unit)));
                    if unit.kind == Kind::Times {
                        push(&mut measures, &readings, Unit::COUNT);
                    }
                    if writing == Writing::Words && text.text(text.skip_back(end), end).is_empty() {
                        push(&mut measures, &readings, Unit::COUNT);
                    }
                }
                (None, None) => {
                    let degree = text.any(text.skip(end), &["度", "°", "degrees", "grad"]);
                    if degree.is_some() && text.ends_with(at, &["摄氏", "摄氏零下", "气温", "温度"]) {
                        end = degree.unwrap_or(end);
                        push(&mut measures, &readings, Unit::new(Kind::Temperature, 1.0));
                    } else {
                        is_counted = is_followed_by_word(text, end);
                        if is_figure && text.get(end).is_some_and(is_spelt) {
                            // `5G`: a name.
                            is_weak = true;
                        }
                        push(&mut measures, &readings, Unit::COUNT);
                        push_times(text, at, end, &readings, &mut measures);
                    }
                }
            }
        }
    }
    if let Some(after) = text.any(end, MORE) {
        (bound, end) = (Bound::AtLeast, after);
    } else if let Some(after) = text.any(text.skip(end), ABOUT_BEHIND) {
        (bound, end) = (Bound::About, after);
    }
    if sign < 0.0 {
        for measure in &mut measures {
            if let Measure::Amount(amount) = measure {
                amount.value = -amount.value;
            }
        }
    }
    let span_start = if start < at { start } else { at };
    let quantity = Quantity { span: text.span(span_start, end), readings: measures, is_weak, bound, is_counted };
    (!quantity.readings.is_empty()).then_some((quantity, end))
}

fn push(measures: &mut Vec<Measure>, readings: &[Figure], unit: Unit) {
    measures.extend(readings.iter().map(|figure| amount(*figure, unit)));
}

/// Whether `1 km` is said, and not "one" of something.
fn is_exact_unit(unit: Unit, readings: &[Figure]) -> bool {
    let is_one = readings.iter().all(|figure| (figure.value - 1.0).abs() < f64::EPSILON);
    !is_one || matches!(unit.kind, Kind::Share | Kind::Points | Kind::Money(_) | Kind::Length | Kind::Mass)
}

/// Whether a currency behind a number belongs to the next one: `Room 5 €60`.
fn is_of_next(text: &Characters, end: usize, unit: Unit, after: usize) -> bool {
    matches!(unit.kind, Kind::Money(_))
        && text.skip(end) > end
        && text.get(after).is_some_and(|c| c.is_ascii_digit())
        && !text.get(after - 1).is_some_and(char::is_alphabetic)
}

fn is_same_money(one: Kind, other: Kind) -> bool {
    matches!((one, other), (Kind::Money(one), Kind::Money(other)) if one.overlap(other))
}

/// `碼` of a code, not of a rate: 三碼數字.
fn is_code_word(text: &Characters, end: usize) -> bool {
    ["码头", "码数字", "码号", "码农", "码编"].iter().any(|word| text.starts_with(text.skip(end), word))
}

/// The number with words such as `million` behind it, and further parts such as `3億5,000萬`.
fn scaled(
    text: &Characters,
    mut readings: Vec<Figure>,
    mut end: usize,
    writing: Writing,
    is_money: bool,
) -> (Vec<Figure>, usize) {
    let Some((factor, after)) = scale_at(text, end, is_money).filter(|(_, after)| is_scale(text, end, *after)) else {
        return (readings, end);
    };
    let mut last = factor;
    readings.iter_mut().for_each(|figure| *figure = figure.times(factor));
    end = after;
    // `3千萬`, `five hundred million`
    while let Some((factor, after)) = scale_at(text, end, false).filter(|(factor, _)| *factor > last) {
        readings.iter_mut().for_each(|figure| *figure = figure.times(factor));
        (last, end) = (last * factor, after);
    }
    if writing == Writing::Words {
        return (readings, end);
    }
    // `1兆2,345億`, `3億5千萬`
    while text.get(end).is_some_and(|c| c.is_ascii_digit())
        || text.get(end).is_some_and(|c| "一二三四五六七八九".contains(c))
    {
        let Some(further) = figures(text, end).or_else(|| numerals(text, end)) else { break };
        let [figure] = further.readings.as_slice() else { break };
        let scale = scale_at(text, further.end, false);
        let (lower, after) = match scale {
            Some((factor, after)) => {
                let wider = scale_at(text, after, false).filter(|(wider, _)| *wider > factor);
                wider.map_or((factor, after), |(wider, after)| (factor * wider, after))
            }
            None if further.writing == Writing::Figures && figure.value >= 10.0 => (1.0, further.end),
            // 三萬五: in numerals, read already.
            None => break,
        };
        if figure.value * lower >= last {
            break;
        }
        let added = figure.times(lower);
        readings.iter_mut().for_each(|reading| *reading = reading.plus(added.value, added.half_step));
        (last, end) = (lower, after);
    }
    (readings, end)
}

/// A scale of Chinese stands right behind its number, and 十 alone is no scale of figures: 5十.
fn is_scale(text: &Characters, end: usize, after: usize) -> bool {
    !(text.get(end) == Some(' ')
        && after == text.skip(end) + 1
        && text.get(after - 1).is_some_and(|c| "十百千万".contains(c))
        && text.get(after).is_some_and(|c| "分万".contains(c)))
}

/// `一成五`, `三成`, `八折`: tenths.
fn tenths(text: &Characters, end: usize, readings: &[Figure], writing: Writing) -> Option<(Vec<Measure>, usize)> {
    let [figure] = readings else { return None };
    if figure.value > 10.0 || writing == Writing::Words {
        return None;
    }
    let share = |value: f64, half_step: f64| amount(Figure::new(value, half_step), Unit::new(Kind::Share, 0.1));
    match text.get(text.skip(end))? {
        sign @ ('成' | '割') => {
            let after = text.skip(end) + 1;
            let is_word = text.get(after).is_some_and(|c| "立为了功长本就员果分交熟都品语份套人是引".contains(c));
            if is_word {
                return None;
            }
            if let Some(further) = numerals(text, after).filter(|further| further.end == after + 1)
                && let [part] = further.readings.as_slice()
                && part.value < 10.0
            {
                return Some((
                    vec![share(figure.value + part.value / 10.0, 0.05)],
                    after + 1 + usize::from(sign == '割' && text.get(after + 1) == Some('分')),
                ));
            }
            if text.get(after) == Some('半') {
                return Some((vec![share(figure.value + 0.5, 0.05)], after + 1));
            }
            Some((vec![share(figure.value, 0.5)], after))
        }
        '折' => Some((vec![share(figure.value, 0.05), share(10.0 - figure.value, 0.05)], text.skip(end) + 1)),
        _ => None,
    }
}

/// The unit of a fraction: `half a percentage point`, `2½ hours`, `a quarter of a million`. Returns the new end.
fn fraction_unit(text: &Characters, end: usize, readings: &[Figure], measures: &mut Vec<Measure>) -> usize {
    let behind = text.skip(end) + usize::from(text.get(end) == Some('-'));
    let next = text.any(behind, &["of a", "of an", "a", "an", "de", "个"]).map_or(behind, |end| text.skip(end));
    if let Some((factor, after)) = scale_at(text, next, false).filter(|_| next > end) {
        measures.clear();
        let readings: Vec<Figure> = readings.iter().map(|figure| figure.times(factor)).collect();
        push(measures, &readings, Unit::COUNT);
        return after;
    }
    let unit =
        unit_at(text, next, true).or_else(|| text.word(next, "point").map(|end| (Unit::new(Kind::Points, 0.01), end)));
    let Some((unit, after)) = unit.filter(|(unit, _)| unit.kind != Kind::Times) else { return end };
    measures.clear();
    push(measures, readings, unit);
    if unit.kind == Kind::Points {
        push(measures, readings, Unit::new(Kind::Share, 0.01));
    }
    after
}

/// Behind a counter that may stand between number and unit: 3個小時, 五個百分點 have it in the unit's name already.
fn counter_end(text: &Characters, end: usize, writing: Writing) -> usize {
    if writing == Writing::Words { end } else { text.word(end, "个").unwrap_or(end) }
}

/// Whether a word follows that can name what is counted: no "in", and no "BP" of a year.
fn is_followed_by_word(text: &Characters, end: usize) -> bool {
    const ERAS: &[&str] = &["bp", "bc", "bce", "ad", "ce", "b.c.", "a.d."];
    let start = text.skip(end);
    let word = text.text(start, text.word_end(start));
    text.get(start).is_some_and(char::is_alphabetic)
        && !crate::terms::is_question_word(&word)
        && text.any(start, ERAS).is_none()
}

/// "three times": how often, or how much more.
fn push_times(text: &Characters, at: usize, end: usize, readings: &[Figure], measures: &mut Vec<Measure>) {
    if text.any(text.skip(end), &["times"]).is_some() || text.ends_with(at, &["by a factor of", "factor of", "x"]) {
        push(measures, readings, Unit::new(Kind::Times, 1.0));
    }
}

/// `時速100公里`, `每小時100公里`, `100 km per hour`.
fn is_speed(text: &Characters, at: usize, end: usize) -> bool {
    text.ends_with(at, &["时速", "时速达", "时速约", "每小时", "时速为", "時速", "at a speed of"])
        || text.any(text.skip(end), &["per hour", "an hour", "pro stunde", "par heure", "por hora", "/h"]).is_some()
}
