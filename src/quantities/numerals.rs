//! Reads numbers in Chinese, Japanese and Korean numerals: `三十五`, `一千兩百`, `二〇二六`, `三點五`, `三分之二`.

use super::characters::Characters;
use super::number::{Figure, Form, Number, Writing};

/// Longer runs are no numbers, in characters.
const LONGEST: usize = 24;

/// Characters behind a single numeral that show that something is counted, folded.
const COUNTERS: &str = "个位名人家间次场年月日天周岁倍成码元块种项条篇座架艘辆台部本件层楼届期季票国州省县市所支队组套张度员枚只头\
    匹棵株对轮回局级档步党集首幅段章节代冊册册つ歳才匹杯枚秒分时小星世公平英米点號号桶磅斤克吨坪亩角股组派门代强大成";

/// Words that begin with a numeral and count nothing, folded.
const IDIOMS: &[&str] = &[
    "一般",
    "一些",
    "一起",
    "一样",
    "一直",
    "一定",
    "一旦",
    "一方面",
    "一度",
    "一律",
    "一向",
    "一时",
    "一切",
    "一致",
    "一同",
    "一并",
    "一再",
    "一边",
    "一举",
    "一带",
    "一共",
    "一下",
    "一点",
    "一概",
    "一连",
    "一味",
    "一流",
    "一线",
    "一级",
    "一代",
    "一早",
    "一面",
    "一系列",
    "一番",
    "一如",
    "一经",
    "一贯",
    "一生",
    "一手",
    "一侧",
    "一体",
    "一众",
    "一场",
    "一股",
    "一大",
    "十分",
    "十足",
    "百姓",
    "百货",
    "百科",
    "百度",
    "千万",
    "万一",
    "万分",
    "万物",
    "万能",
    "三星",
    "三明治",
    "四川",
    "九龙",
    "五角大",
    "两岸",
    "七星",
    "八卦",
    "三角",
    "四处",
    "四季",
    "五金",
    "六合",
    "百老汇",
    "千叶",
    "千禧",
    "万圣",
    "一人",
    "一部分",
    "一国",
    "一家",
    "一名",
    "一位",
    "一个",
    "一种",
    "一次",
    "一项",
    "一所",
    "一座",
    "一条",
    "一名",
    "二手",
    "二战",
    "三国",
    "四方",
    "百慕",
    "万国",
    "千方",
    "三民主义",
    "三藏",
    "双十",
    "万里",
    "十字",
    "七夕",
    "九州",
    "三重",
    "三峡",
    "三井",
    "三菱",
    "三好",
    "五四",
    "八国",
    "十一面",
    "百分",
    "千分",
];

fn digit(c: char) -> Option<u32> {
    const DIGITS: [&str; 10] =
        ["〇零○", "一壹壱", "二贰弐两", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
    (0..).zip(DIGITS).find(|(_, signs)| signs.contains(c)).map(|(value, _)| value)
}

fn place(c: char) -> Option<f64> {
    Some(match c {
        '十' | '拾' => 10.0,
        '百' | '佰' => 100.0,
        '千' | '仟' => 1e3,
        _ => return None,
    })
}

fn myriad(c: char) -> Option<f64> {
    Some(match c {
        '万' => 1e4,
        '亿' | '億' => 1e8,
        '兆' => 1e12,
        '京' => 1e16,
        _ => return None,
    })
}

fn is_numeral(c: char) -> bool {
    digit(c).is_some() || place(c).is_some() || myriad(c).is_some() || matches!(c, '廿' | '卅')
}

/// The number in numerals that starts at `at`.
pub(super) fn numerals(text: &Characters, at: usize) -> Option<Number> {
    read(text, at, true)
}

/// The same; a share only if it `may_be_share`: the number above is not one again.
fn read(text: &Characters, at: usize, may_be_share: bool) -> Option<Number> {
    if !is_numeral(text.get(at)?) || text.before(at).is_some_and(is_numeral) {
        return None;
    }
    let end = (at..text.len().min(at + LONGEST + 1)).find(|at| !text.get(*at).is_some_and(is_numeral));
    let mut end = end.unwrap_or(text.len());
    let run = text.slice(at, end);
    if run.len() > LONGEST {
        return None;
    }
    if may_be_share && let Some(number) = share(text, at, end) {
        return Some(number);
    }
    let has_place = run.iter().any(|c| digit(*c).is_none());
    let mut figure = if has_place { positional(run)? } else { digit_by_digit(run)? };
    let mut is_weak = !has_place && run.len() < 3 || run.iter().all(|c| place(*c).is_some() || myriad(*c).is_some());
    // `三點五`
    if text.get(end) == Some('点') {
        let decimals: String = (end + 1..text.len())
            .map_while(|at| text.get(at).and_then(digit).and_then(|digit| char::from_digit(digit, 10)))
            .collect();
        if let Ok(part) = format!("0.{decimals}").parse::<f64>()
            && !decimals.is_empty()
        {
            let half_step = 0.5 * 10_f64.powi(-i32::try_from(decimals.len()).unwrap_or(i32::MAX));
            figure = figure.plus(part, half_step);
            end += 1 + decimals.chars().count();
            is_weak = false;
        }
    }
    let is_idiom = IDIOMS.iter().any(|idiom| text.starts_with(at, idiom));
    let is_counted = text.get(text.skip(end)).is_some_and(|c| COUNTERS.contains(c));
    let is_one = figure.value <= 1.0;
    is_weak = is_weak && (is_one || !is_counted) || is_idiom;
    let mut number = Number::new(figure, end, Writing::Han);
    // 三四 can be "three or four", and two numbers of a list.
    if !has_place && run.len() == 2 && !run.iter().any(|c| digit(*c) == Some(0)) {
        number.readings = run.iter().filter_map(|c| digit(*c)).map(|value| Figure::whole(f64::from(value))).collect();
        is_weak = true;
    }
    Some(Number { is_weak, ..number })
}

/// `三分之二`, `百分之三十五`, `千分之三`, also with a number in figures behind: the share with its number.
fn share(text: &Characters, at: usize, end: usize) -> Option<Number> {
    let (below, whole) = (text.slice(at, end), text.starts_with(end, "分之"));
    if !whole {
        return None;
    }
    let above_at = text.skip(end + 2);
    let below = positional(below)?.value;
    let above = super::number::figures(text, above_at).or_else(|| read(text, above_at, false))?;
    (below >= 2.0).then(|| {
        let readings = above.readings.iter().map(|figure| figure.times(1.0 / below));
        // A third is exact; a percentage is as exact as it is written.
        let exact = |figure: Figure| if below < 100.0 { Figure { half_step: 0.005, ..figure } } else { figure };
        Number {
            readings: readings.map(exact).collect(),
            end: above.end,
            writing: Writing::Han,
            form: Form::Share,
            is_weak: false,
        }
    })
}

fn digit_by_digit(run: &[char]) -> Option<Figure> {
    let value = run.iter().try_fold(0.0, |value, c| Some(value * 10.0 + f64::from(digit(*c)?)))?;
    Some(Figure::whole(value))
}

/// `一千兩百三十四`, `三億五千萬`, `兩萬五` (25,000), `百萬`.
pub(super) fn positional(run: &[char]) -> Option<Figure> {
    let (mut total, mut section, mut last) = (0.0, 0.0, None::<f64>);
    // The place of what was read last: a digit behind it without a place of its own counts for the next lower one.
    let mut lowest = 1.0;
    let mut step = 1.0;
    let mut had_zero = false;
    for &c in run {
        if let Some(value) = digit(c) {
            had_zero = value == 0;
            last = Some(last.map_or(0.0, |last| last * 10.0) + f64::from(value));
            continue;
        }
        if matches!(c, '廿' | '卅') {
            section += if c == '廿' { 20.0 } else { 30.0 };
            (lowest, step) = (10.0, 1.0);
        } else if let Some(factor) = place(c) {
            section += last.take().filter(|value| *value > 0.0).unwrap_or(1.0) * factor;
            (lowest, step) = (factor, factor);
        } else {
            let factor = myriad(c)?;
            let value = section + last.take().unwrap_or(0.0);
            let value = if value == 0.0 && total == 0.0 { 1.0 } else { value };
            // `萬億`
            total = if value == 0.0 { total * factor } else { total + value * factor };
            section = 0.0;
            (lowest, step) = (factor, factor);
        }
        had_zero = false;
    }
    if let Some(last) = last {
        let is_short = lowest > 10.0 && !had_zero && last < 10.0;
        let factor = if is_short && !run_has_zero_before_last(run) { lowest / 10.0 } else { 1.0 };
        section += last * factor;
        step = factor;
    }
    Some(Figure::new(total + section, 0.5 * step.max(1.0)))
}

fn run_has_zero_before_last(run: &[char]) -> bool {
    run.len() >= 2 && digit(run[run.len() - 2]) == Some(0)
}
