//! Tests of reading and comparing quantities.

use proptest::prelude::*;

use super::{Agreement, Quantity, compare, quantities};

/// The quantity that `text` has.
fn only(text: &str) -> Quantity {
    let found = quantities(text);
    let strong: Vec<&Quantity> = found.iter().filter(|quantity| !quantity.is_weak).collect();
    match (strong.as_slice(), found.as_slice()) {
        ([one], _) => (*one).clone(),
        (_, [one]) => one.clone(),
        _ => panic!("{text:?} has {:?}", found.iter().map(|q| &text[q.span.range()]).collect::<Vec<_>>()),
    }
}

fn agree(said: &str, stands: &str) -> Agreement {
    compare(&only(said), &only(stands))
}

fn same(groups: &[&[&str]]) {
    for group in groups {
        for said in *group {
            for stands in *group {
                assert_eq!(
                    agree(said, stands),
                    Agreement::Same,
                    "{said:?} and {stands:?}: {:?} {:?}",
                    only(said),
                    only(stands)
                );
            }
        }
    }
}

fn different(pairs: &[(&str, &str)]) {
    for (said, stands) in pairs {
        assert_ne!(agree(said, stands), Agreement::Same, "{said:?} and {stands:?}");
    }
}

fn words(text: &str) -> Vec<&str> {
    quantities(text).iter().filter(|q| !q.is_weak).map(|q| &text[q.span.range()]).collect()
}

#[test]
fn numbers_agree_however_they_are_written() {
    same(&[
        &[
            "1.2兆",
            "1.2 trillion",
            "1兆2000億",
            "1,200 billion",
            "一兆二千億",
            "1,200,000,000,000",
            "12000億",
            "1,2 Billionen",
        ],
        &[
            "1234567",
            "1,234,567",
            "1.234.567",
            "1 234 567",
            "1'234'567",
            "12,34,567",
            "１２３４５６７",
            "١٢٣٤٥٦٧",
            "123萬4567",
        ],
        &["1.234,5", "1,234.5", "1'234.5", "1234.5"],
        &["three hundred and eight", "308", "三百零八", "三〇八", "308個"],
        &["35,000", "三萬五千", "三萬五", "3.5萬", "thirty-five thousand", "3萬5千"],
        &["2.5 million", "250萬", "兩百五十萬", "two and a half million", "2,5 Millionen", "25 lakh"],
        &["10 crore", "1億", "100 million", "一億", "1억"],
        &["twenty-three", "23", "dreiundzwanzig", "vingt-trois", "二十三", "廿三"],
        &["6½", "6.5", "6 1/2", "六點五"],
    ]);
}

#[test]
fn shares_and_changes_of_rates_agree() {
    same(&[
        &["15%", "15 percent", "百分之十五", "15％", "一成五", "15 Prozent", "0.15%".replace("0.15", "15").as_str()],
        &["two thirds", "三分之二", "2/3", "⅔"],
        &["half", "一半", "50%", "五成", "半數"],
        &["三碼", "75 basis points", "0.75 percentage points", "75 bps", "0.75個百分點", "3碼", "75個基點"],
        &["半碼", "12.5 basis points"],
        &["三倍", "three times", "threefold", "3倍", "triple"],
        &["a quarter of a percentage point", "25 basis points", "一碼"],
    ]);
    different(&[
        ("15%", "15 percentage points"),
        ("15%", "16%"),
        ("two thirds", "三分之一"),
        ("三碼", "50 basis points"),
        ("50 percent", "50 people came"),
        ("一成", "百分之十一"),
    ]);
}

#[test]
fn money_agrees_in_its_currency() {
    same(&[
        &["US$5 million", "500萬美元", "5 million US dollars", "US$5m", "五百萬美元", "5 Millionen USD"],
        &["NT$1.2 trillion", "1.2兆元", "新台幣1.2兆元", "1.2兆新台幣"],
        &["€3.5bn", "35億歐元", "3.5 billion euros", "3,5 Milliarden Euro", "3,5 milliards d'euros"],
        &["¥500", "500日圓", "500円", "500 yen"],
    ]);
    different(&[
        ("US$5 million", "500萬歐元"),
        ("5 million euros", "500萬美元"),
        ("US$500", "500元"),
        ("NT$5億", "5萬元"),
        ("$5 billion", "$5 million"),
    ]);
}

#[test]
fn dates_agree_in_every_calendar() {
    same(&[
        &["2026", "民國115年", "2026年", "令和8年", "二〇二六年", "西元2026年", "115年"],
        &[
            "February 10, 2026",
            "2026年2月10日",
            "10 February 2026",
            "2026-02-10",
            "民國115年2月10日",
            "10. Februar 2026",
            "10 de febrero de 2026",
            "115/2/10",
            "二〇二六年二月十日",
        ],
        &["March 5", "3月5日", "5 March", "三月五日", "March 5th"],
        &["1990s", "1990年代", "90年代", "九十年代", "the 1990s"],
        &["19th century", "十九世紀", "19世紀", "nineteenth century", "XIXe siècle", "siglo XIX", "19. Jahrhundert"],
        &["Q3", "第三季", "third quarter", "3Q", "第3季"],
        &["3:30 p.m.", "下午3時30分", "15:30", "下午三點半"],
        &["Wednesday", "星期三", "週三"],
    ]);
    different(&[
        ("2026", "2025年"),
        ("民國115年", "2015年"),
        ("March 5", "3月6日"),
        ("February 10, 2026", "2026年3月10日"),
        ("19th century", "18世紀"),
        ("Q3", "第二季"),
        ("Wednesday", "星期二"),
        ("when he was about 26", "16歲"),
        ("1990s", "1980年代"),
        ("3 p.m.", "下午4時"),
    ]);
    assert_eq!(agree("February 10, 2026", "2月10日"), Agreement::Partial);
    assert_eq!(agree("the 1990s", "1994年"), Agreement::Same);
}

#[test]
fn units_of_one_kind_are_converted() {
    same(&[
        &["5 km", "5公里", "5,000 m", "5 kilometers", "五公里", "5000公尺"],
        &["90 minutes", "1.5 hours", "90分鐘", "1.5小時"],
        &["12 months", "one year".replace("one", "1").as_str(), "12個月"],
        &["20 °C", "攝氏20度", "68 °F", "20 degrees Celsius"],
        &["3 nm", "3奈米", "3 nanometers"],
        &["two weeks", "14天", "2週", "14 days"],
        &["18 years old", "18歲", "18-year-old"],
        &["100 km/h", "時速100公里", "100 kilometers per hour", "每小時100公里"],
        &["20 sq km", "20平方公里", "20 km²"],
    ]);
    assert_eq!(agree("3.1 miles", "5公里"), Agreement::Same, "rounded as it is written");
    assert_eq!(agree("8 km", "5 miles"), Agreement::Same);
    different(&[
        ("5 miles", "5公里"),
        ("5 kg", "5公里"),
        ("3 hours", "3天"),
        ("20 °F", "攝氏20度"),
        ("5 pounds", "5公斤"),
    ]);
    assert_eq!(agree("5 miles", "5公里"), Agreement::Unit.min(Agreement::Value), "the same kind, another value");
}

#[test]
fn a_number_may_be_said_less_exactly_but_not_more() {
    for (said, stands) in [
        ("1.2 million", "1,234,567"),
        ("about 300", "312"),
        ("more than 300", "312"),
        ("nearly 300", "296"),
        ("約30%", "31.4%"),
        ("逾300人", "312人"),
        ("1,235", "1,234.7"),
    ] {
        assert_eq!(agree(said, stands), Agreement::Same, "{said} of {stands}");
    }
    for (said, stands) in [
        ("1.23 million", "1.2 million"),
        ("307", "308"),
        ("about 300", "412"),
        ("more than 300", "296"),
        ("nearly 300", "312"),
        ("3 million", "2.7 million"),
    ] {
        assert_eq!(agree(said, stands), Agreement::Value, "{said} of {stands}");
    }
}

#[test]
fn words_that_only_look_like_numbers_say_none() {
    for text in [
        "一般來說,百姓十分滿意",
        "萬一下雨就一起走",
        "三星與四川的百貨公司",
        "One of them may march on, at once.",
        "H20, MP3, COVID and F-Series",
        "a man and an idea",
        "兩岸關係",
        "百度公司",
    ] {
        assert_eq!(words(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn each_quantity_of_a_sentence_is_found() {
    assert_eq!(
        words("營收為1.2兆元,年增35%,每股盈餘13.94元,創下2020年第三季以來新高。"),
        ["1.2兆元", "35%", "13.94元", "2020年", "第三季"]
    );
    assert_eq!(
        words("The Fed cut by 25 basis points to 4.25%–4.5% on December 18, 2024, its third cut."),
        ["25 basis points", "4.25%", "4.5%", "December 18, 2024", "third"]
    );
    assert_eq!(words("有5–7%的人,約三千兩百名,在3月5日下午3時到場"), ["5", "7%", "三千兩百", "3月5日", "3時"]);
    assert_eq!(words("以 23–16 擊敗對手"), ["23", "16"]);
    assert_eq!(words("第49屆超級碗,四次入選"), ["第49", "四"]);
}

#[test]
fn the_first_day_of_a_range_has_the_month_of_the_last() {
    let first = only("12 June 2026");
    for text in
        ["from 12 to 14 June 2026", "12–14 June 2026", "vom 12. bis 14. Juni 2026", "del 12 al 14 de junio de 2026"]
    {
        assert_eq!(compare(&first, &quantities(text)[0]), Agreement::Same, "{text}");
    }
    assert_eq!(words("between 3 and 14 June"), ["3", "14 June"]);
    assert_eq!(words("It grew from 12 to 14 percent."), ["12", "14 percent"]);
}

#[test]
fn a_share_of_a_share_without_end_and_groups_without_end_are_read_at_once() {
    for text in ["三分之".repeat(3_000), "1,111".repeat(2_000), ",111".repeat(2_500), "9999999999999999/3".into()] {
        assert!(!quantities(&text).is_empty());
    }
}

#[test]
fn a_range_gives_its_unit_to_both_ends() {
    let found = quantities("5–7 percent");
    let one = only("5%");
    assert_eq!(compare(&one, &found[0]), Agreement::Same);
    let found = quantities("10至20億元");
    assert_eq!(compare(&only("10億元"), &found[0]), Agreement::Same);
}

#[test]
fn a_currency_between_two_numbers_belongs_to_one_of_them() {
    let found = quantities("half€六XIX");
    assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{found:?}");
    for (text, amounts) in [
        ("5€ 6€", ["5 euros", "6 euros"]),
        ("$5 €6", ["5 dollars", "6 euros"]),
        ("NT$100 £3", ["NT$100", "£3"]),
        ("Room 5 €60", ["5", "60 euros"]),
    ] {
        let found = quantities(text);
        assert_eq!(found.len(), 2, "{text}: {found:?}");
        for (quantity, amount) in found.iter().zip(amounts) {
            assert_eq!(compare(&only(amount), quantity), Agreement::Same, "{text}: {amount}");
        }
    }
}

#[test]
fn a_hyphen_behind_a_quantity_is_no_minus() {
    for (text, end) in [("5€-10€", "10 euros"), ("10£-20£", "£20"), ("20°-25°C", "25°C"), ("5%-10%", "10%")] {
        let found = quantities(text);
        assert_eq!(compare(&only(end), found.last().unwrap()), Agreement::Same, "{text}: {found:?}");
    }
    assert_eq!(compare(&only("-25°C"), &only("it was -25°C")), Agreement::Same);
}

proptest! {
    #[test]
    fn quantities_of_any_text_lie_in_it_in_order(
        text in "\\PC{0,80}|([0-9.,/:'\u{2019} %$€年月日時分半兆億萬千百十一二三四五六七八九〇第成碼個元½²-]|to|th|million|half|and|two|twenty|March|p\\.m\\.|XIX|Q3|km){0,40}"
    ) {
        let mut end = 0;
        for quantity in quantities(&text) {
            prop_assert!(quantity.span.start >= end && quantity.span.end <= text.len());
            prop_assert!(text.is_char_boundary(quantity.span.start) && text.is_char_boundary(quantity.span.end));
            prop_assert!(!quantity.readings.is_empty());
            prop_assert_eq!(compare(&quantity, &quantity), Agreement::Same, "{:?}", quantity);
            end = quantity.span.end;
        }
    }
}
