//! Tests of [`super`].

use proptest::prelude::*;

use super::*;

const OPTIONS: Options = Options::new(100_000);

fn document(format: Format, text: &str) -> Extracted {
    read(format, text.as_bytes(), &OPTIONS).unwrap().documents.remove(0)
}

/// The text of each place with its times.
fn places(document: &Extracted) -> Vec<(&str, u64, u64)> {
    let time = |at: &At| match at {
        At::Time { start_ms, end_ms } => (*start_ms, *end_ms),
        other => panic!("{other:?}"),
    };
    let place = |place: &crate::passage::Place| {
        let (start, end) = time(&place.at);
        (&document.text[place.span.range()], start, end)
    };
    document.layout.places.iter().map(place).collect()
}

#[test]
fn cues_become_paragraphs_and_each_keeps_its_time() {
    let srt = document(Format::Srt, include_str!("../../../tests/data/formats/subtitles/zh-tw.srt"));
    let vtt = document(Format::Vtt, include_str!("../../../tests/data/formats/subtitles/zh-tw.vtt"));
    assert_eq!(
        srt.text,
        "岳衡資本首席策略師陸以寧預期聯準會2026年將降息三次。每次一碼,時間落在3月、6月與9月。\n\n\
         油價若站上每桶95美元, 第三次降息可能取消。"
    );
    assert_eq!(srt.text, vtt.text);
    assert_eq!(places(&srt)[1], ("每次一碼,時間落在3月、6月與9月。", 4_500, 7_900));
    assert_eq!(places(&srt)[2].1, 62_000);
    assert_eq!(places(&srt), places(&vtt));
}

#[test]
fn what_pysubs2_writes_is_read() {
    let srt = document(Format::Srt, include_str!("../../../tests/data/formats/subtitles/harbour.srt"));
    let vtt = document(Format::Vtt, include_str!("../../../tests/data/formats/subtitles/harbour.vtt"));
    assert_eq!(
        srt.text,
        "The harbour board met in March. It wants a deeper berth, and a second crane before the autumn.\n\n\
         Who pays?\n\n- The state.\n\n- And the ferry line."
    );
    assert_eq!(places(&srt), places(&vtt));
    assert_eq!(places(&srt)[2], ("before the autumn.", 6_100, 8_000));
}

#[test]
fn a_sentence_runs_on_over_cues_and_short_pauses() {
    let text = "1\n00:01,0 --> 00:02,0\nThe ferry\nleaves at\n\n2\n00:05,0 --> 00:06,0\nnine.\n\n\
                3\n00:07,0 --> 00:08,0\nIt returns.\n4\n00:12,0 --> 00:13,0\nLater.";
    assert_eq!(document(Format::Srt, text).text, "The ferry leaves at nine. It returns.\n\nLater.");
}

#[test]
fn subtitles_without_punctuation_keep_their_lines() {
    let text =
        "1\n00:01,0 --> 00:02,0\n今天天氣很好\n\n2\n00:03,0 --> 00:04,0\n我們出去玩\n\n3\n00:09,0 --> 00:10,0\n好啊";
    assert_eq!(document(Format::Srt, text).text, "今天天氣很好\n我們出去玩\n\n好啊");
}

#[test]
fn markup_is_taken_out_and_speakers_are_named() {
    let text = "WEBVTT - Talk\nLanguage: en\n\nNOTE a comment\n\nSTYLE\n::cue { color: red }\n\n\
                intro\n00:01.000 --> 00:02.000 align:start\n<v Ann Lee><c.big>Is 1 &lt; 2 &amp; 3 < 4?</c>\n\n\
                00:02.100 --> 00:03.000\n<v Ann Lee>Yes.\n\n00:03.100 --> 00:04.000\n<v Bo><ruby>漢<rt>かん</rt></ruby>字。\n\n\
                00:04.100 --> 00:05.000\n{\\an8}- One.\n- Two.";
    let found = document(Format::Vtt, text);
    assert_eq!(found.text, "Ann Lee: Is 1 < 2 & 3 < 4? Yes.\n\nBo: 漢字。\n\n- One.\n\n- Two.");
    assert_eq!(found.language.as_deref(), Some("en"));
}

#[test]
fn rolling_captions_are_read_once() {
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\n \nthe night<00:01.500><c> train</c>\n\n\
                00:02.000 --> 00:02.010\nthe night train\n\n00:02.010 --> 00:04.000\nthe night train\nruns again.\n\n\
                00:04.000 --> 00:05.000\nruns again.\nEvery day.";
    assert_eq!(document(Format::Vtt, text).text, "the night train runs again. Every day.");
}

#[test]
fn old_line_ends_old_encodings_and_missing_numbers_are_read() {
    let text = "00:01,0 --> 00:02,0\r\nкаждую пятницу\r\n00:02,5 --> 00:03,0\r\nснова ходит ночной поезд.\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let found = read(Format::Srt, &bytes, &OPTIONS).unwrap().documents.remove(0);
    assert_eq!(found.text, "каждую пятницу снова ходит ночной поезд.");
    assert_eq!(found.notes, ["was read as windows-1251: its encoding was guessed"]);
}

#[test]
fn a_file_without_cues_is_refused() {
    for text in ["", "WEBVTT\n\nText --> more\n", "a --> b"] {
        assert!(read(Format::Vtt, text.as_bytes(), &OPTIONS).unwrap_err().reason.starts_with("has no subtitles"));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([0-9:,.]{1,9} --> [0-9:,.]{1,9}|[<>{}&;a-z字\\\\ -]{0,9}|\r?\n){0,12}") {
        for format in [Format::Srt, Format::Vtt] {
            let Ok(contents) = read(format, text.as_bytes(), &OPTIONS) else { continue };
            let document = &contents.documents[0];
            for place in &document.layout.places {
                prop_assert!(document.text.get(place.span.range()).is_some());
            }
        }
    }
}
