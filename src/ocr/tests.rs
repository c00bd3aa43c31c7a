//! Tests of the steps between the networks, with networks that are made up.

use std::convert::Infallible;
use std::f32::consts::{FRAC_PI_2, PI};

use proptest::prelude::*;

use super::boxes::{TextBox, boxes};
use super::decode::{Alphabet, Decoded};
use super::page::{Networks, lines};
use super::strip::{HEIGHT, Input, Turn, strip};
use crate::formats::Pixels;

/// A map of probabilities with a bar in it, which leans.
fn map(width: usize, height: usize, bar: &TextBox) -> Vec<f32> {
    let (sin, cos) = bar.angle.sin_cos();
    let probability = |n: usize| {
        let (x, y) = ((n % width) as f32 + 0.5 - bar.center.0, (n / width) as f32 + 0.5 - bar.center.1);
        let (along, across) = (x * cos + y * sin, y * cos - x * sin);
        if along.abs() <= bar.width / 2.0 && across.abs() <= bar.height / 2.0 { 0.9 } else { 0.1 }
    };
    (0..width * height).map(probability).collect()
}

fn bar(center: (f32, f32), width: f32, height: f32, angle: f32) -> TextBox {
    TextBox { center, width, height, angle }
}

#[test]
fn a_line_is_found_where_it_is_however_it_leans() {
    for angle in [0.0, 0.02, -0.02, 0.3, -0.5, FRAC_PI_2] {
        let found = boxes(&map(400, 300, &bar((200.0, 150.0), 180.0, 12.0, angle)), 400, 300);
        let [found] = found.as_slice() else { panic!("{angle}: {found:?}") };
        assert!((found.center.0 - 200.0).abs() < 1.0 && (found.center.1 - 150.0).abs() < 1.0, "{found:?}");
        let (length, thickness, lean) =
            if angle > 1.0 { (found.height, found.width, 0.0) } else { (found.width, found.height, angle) };
        assert!((found.angle - lean).abs() < 0.01, "{angle}: {found:?}");
        // The detector marks the middle of a line, which grows on all sides.
        assert!((195.0..205.0).contains(&length) && (27.0..34.0).contains(&thickness), "{angle}: {found:?}");
    }
}

#[test]
fn specks_and_faint_regions_are_no_lines() {
    assert!(boxes(&map(50, 50, &bar((25.0, 25.0), 2.0, 2.0, 0.0)), 50, 50).is_empty());
    let faint: Vec<f32> = map(90, 50, &bar((45.0, 25.0), 60.0, 10.0, 0.0)).iter().map(|p| p * 0.5).collect();
    assert!(boxes(&faint, 90, 50).is_empty());
    assert!(boxes(&[], 0, 0).is_empty());
}

proptest! {
    #[test]
    fn any_map_gives_boxes_of_finite_size(width in 1_usize..40, values in proptest::collection::vec(0.0_f32..1.0, 0..800)) {
        let height = values.len() / width;
        for found in boxes(&values[..width * height], width, height) {
            prop_assert!([found.center.0, found.center.1, found.width, found.height, found.angle].iter().all(|n| n.is_finite()));
            prop_assert!(found.width > 0.0 && found.height > 0.0 && found.angle.abs() < 0.8);
        }
    }

    #[test]
    fn any_output_of_the_reader_is_decoded(values in proptest::collection::vec(-1.0_f32..1.0, 0..90)) {
        let decoded = Alphabet::new("a\nb\n甲").decode(&values);
        prop_assert!(decoded.letters.is_sorted_by(|a, b| a.1 <= b.1));
        prop_assert!(decoded.letters.iter().all(|(_, at)| (0.0..=1.0).contains(at)));
    }
}

/// Output of the reader: at each step this class is likely, the others are not.
fn steps(classes: usize, likely: &[usize]) -> Vec<f32> {
    likely.iter().flat_map(|likely| (0..classes).map(move |class| if class == *likely { 0.8 } else { 0.01 })).collect()
}

#[test]
fn a_character_over_several_steps_is_one_and_a_gap_parts_two() {
    let alphabet = Alphabet::new("a\nb\n甲");
    assert_eq!(alphabet.classes(), 5);
    let decoded = alphabet.decode(&steps(5, &[0, 1, 1, 0, 1, 4, 3, 3, 3, 0]));
    assert_eq!(decoded.text(), "aa 甲");
    assert!((decoded.confidence - 0.8).abs() < 1e-6);
    let at: Vec<f32> = decoded.letters.iter().map(|(_, at)| *at).collect();
    for (at, expected) in at.iter().zip([0.2, 0.45, 0.55, 0.75]) {
        assert!((at - expected).abs() < 1e-5, "{at} {expected}");
    }
    assert_eq!(alphabet.decode(&steps(5, &[0, 0])), Decoded::default());
}

/// A picture whose left half is dark.
fn half_dark(width: usize, height: usize) -> Pixels {
    let row = (0..width).flat_map(|x| if x * 2 < width { [0, 10, 20] } else { [200, 210, 220] });
    Pixels::new(width, height, row.collect::<Vec<u8>>().repeat(height)).unwrap()
}

#[test]
fn a_strip_is_upright_whichever_way_its_line_runs() {
    let pixels = half_dark(200, 100);
    let value = |input: &Input, channel: usize, x: usize, y: usize| {
        (input.values[channel * input.width * HEIGHT + y * input.width + x] + 1.0) * 127.5
    };
    let of = bar((100.0, 50.0), 160.0, 40.0, 0.0);
    for (turn, left_is_dark) in [(Turn::Right, true), (Turn::Left, false)] {
        let strip = strip(&pixels, &of, turn);
        assert_eq!((strip.input.height, strip.input.width), (HEIGHT, 192));
        // Blue comes first.
        let (dark, light) = (20.0, 220.0);
        let (left, right) = if left_is_dark { (dark, light) } else { (light, dark) };
        assert!((value(&strip.input, 0, 10, 24) - left).abs() < 1.0);
        assert!((value(&strip.input, 0, 180, 24) - right).abs() < 1.0);
        assert!((value(&strip.input, 2, 10, 24) - (left - 20.0)).abs() < 1.0);
    }
    // A line that runs down has what is on its right above.
    let down = strip(&pixels, &bar((100.0, 50.0), 40.0, 90.0, 0.0), Turn::Down);
    assert!(value(&down.input, 0, 50, 5) > 200.0 && value(&down.input, 0, 50, 43) < 40.0);
}

/// Finds one line, and reads it surely only if its left part is dark.
struct MadeUp {
    bar: TextBox,
}

impl Networks for MadeUp {
    type Error = Infallible;

    fn detect(&mut self, input: &Input) -> Result<Vec<f32>, Infallible> {
        Ok(map(input.width, input.height, &self.bar))
    }

    fn read(&mut self, input: &Input) -> Result<Decoded, Infallible> {
        let is_upright = input.values[24 * input.width + 8] < input.values[24 * input.width + input.width - 40];
        let confidence = if is_upright { 0.99 } else { 0.3 };
        Ok(Decoded { letters: vec![('甲', 0.25), ('乙', 0.5)], confidence })
    }
}

#[test]
fn a_page_that_is_upside_down_is_read_as_such() {
    let upright = half_dark(320, 160);
    let turned = Pixels::new(320, 160, upright.rgb().chunks(3).rev().flatten().copied().collect()).unwrap();
    for (pixels, angle) in [(upright, 0.0), (turned, PI)] {
        let found = lines(&pixels, &mut MadeUp { bar: bar((160.0, 80.0), 200.0, 14.0, 0.0) }).unwrap();
        let [line] = found.as_slice() else { panic!("{found:?}") };
        assert!((line.angle - angle).abs() < 0.01 && line.is_sound(), "{line:?}");
        assert!((line.center.0 - 160.0).abs() < 1.0 && (line.center.1 - 80.0).abs() < 1.0);
        assert!(line.confidence > 0.9 && line.text() == "甲乙");
        assert!((line.letters[1].at / line.length - 0.5).abs() < 0.1, "{line:?}");
    }
}

#[test]
fn a_large_picture_is_searched_smaller_and_its_lines_have_their_own_size() {
    let pixels = half_dark(2_560, 1_280);
    // The map has half the size.
    let found = lines(&pixels, &mut MadeUp { bar: bar((640.0, 320.0), 400.0, 20.0, 0.0) }).unwrap();
    let [line] = found.as_slice() else { panic!("{found:?}") };
    assert!((line.center.0 - 1_280.0).abs() < 2.0 && (line.length - 860.0).abs() < 12.0, "{line:?}");
}
