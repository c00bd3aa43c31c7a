//! How much of an ingest is left: from the sizes of the files that are still to be read, the passages that files of their
//! kind had so far, and the speed of the last minute.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// What a file is taken for before one of its kind was read: bytes for a passage of text as it is, and of a format that
/// packs it or has much besides it. They count as much as so many bytes that were read.
const TEXT: Prior = Prior { bytes_of_a_passage: 450.0, weight_bytes: 100_000.0 };
const PACKED: Prior = Prior { bytes_of_a_passage: 5_000.0, weight_bytes: 1_000_000.0 };
const TEXT_KINDS: [&str; 16] = [
    "txt", "md", "markdown", "text", "csv", "tsv", "json", "jsonl", "rst", "org", "tex", "adoc", "srt", "vtt", "log",
    "eml",
];
/// What was embedded longer ago counts for less than a third.
const MEMORY: f64 = 60.0;
/// How slowly the time that is shown follows the estimate, in seconds.
const INERTIA: f64 = 8.0;

struct Prior {
    bytes_of_a_passage: f64,
    weight_bytes: f64,
}

/// The files of one kind.
#[derive(Debug, Default)]
struct Kind {
    bytes: f64,
    bytes_read: f64,
    passages: f64,
}

/// An estimate of what is left. Times are since its start.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    kinds: HashMap<String, Kind>,
    embedded: usize,
    /// Passages and seconds, the older the less.
    recent: (f64, f64),
    last: Duration,
    /// The seconds that were shown, and when.
    shown: Option<(f64, Duration)>,
}

impl Estimate {
    /// A file is going to be read.
    pub(super) fn expect(&mut self, file: &Path, bytes: u64) {
        self.kind(file).bytes += bytes as f64;
    }

    /// A file was read, and so many of its passages are going to be embedded.
    pub(super) fn read(&mut self, file: &Path, bytes: u64, passages: usize) {
        let kind = self.kind(file);
        kind.bytes_read += bytes as f64;
        kind.passages += passages as f64;
    }

    /// Passages were embedded.
    pub(super) fn embedded(&mut self, passages: usize, now: Duration) {
        let seconds = now.saturating_sub(self.last).as_secs_f64();
        let kept = (-seconds / MEMORY).exp();
        self.recent = (self.recent.0 * kept + passages as f64, self.recent.1 * kept + seconds);
        self.last = now;
        self.embedded += passages;
    }

    /// How many passages there are in all, as far as can be told.
    pub(super) fn passages(&self) -> usize {
        let all: f64 = self.kinds.iter().map(|(name, kind)| kind.all_passages(name)).sum();
        (all.round() as usize).max(self.embedded)
    }

    /// The time left; `None` before anything was embedded. It goes down evenly: news change it bit by bit.
    pub(super) fn left(&mut self, now: Duration) -> Option<Duration> {
        let (passages, seconds) = self.recent;
        // The time since the last passages counts as well: a machine that stands still is slow.
        let seconds = seconds + now.saturating_sub(self.last).as_secs_f64();
        if passages <= 0.0 || seconds <= 0.0 {
            return None;
        }
        let estimated = (self.passages() - self.embedded) as f64 * seconds / passages;
        let left = match self.shown {
            None => estimated,
            Some((shown, when)) => {
                let passed = now.saturating_sub(when).as_secs_f64();
                let expected = (shown - passed).max(0.0);
                expected + (estimated - expected) * (1.0 - (-passed / INERTIA).exp())
            }
        };
        self.shown = Some((left, now));
        Some(Duration::from_secs_f64(left))
    }

    fn kind(&mut self, file: &Path) -> &mut Kind {
        let extension = file.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        self.kinds.entry(extension.unwrap_or_default()).or_default()
    }
}

impl Kind {
    fn all_passages(&self, name: &str) -> f64 {
        let prior = if TEXT_KINDS.contains(&name) { TEXT } else { PACKED };
        let expected = prior.weight_bytes / prior.bytes_of_a_passage;
        let passages_of_a_byte = (self.passages + expected) / (self.bytes_read + prior.weight_bytes);
        self.passages + (self.bytes - self.bytes_read).max(0.0) * passages_of_a_byte
    }
}

/// A time in words, no more exact than it is known.
pub(super) fn words(left: Duration) -> String {
    let seconds = left.as_secs();
    let up_to = |step: u64| seconds.div_ceil(step) * step;
    match seconds {
        0..5 => "a few seconds".to_owned(),
        5..55 => format!("{} s", up_to(5)),
        55..570 => {
            let halves = up_to(30) / 30;
            if halves % 2 == 0 { format!("{} min", halves / 2) } else { format!("{}.5 min", halves / 2) }
        }
        570..3_570 => format!("{} min", up_to(60) / 60),
        _ => {
            let minutes = up_to(300) / 60;
            match minutes % 60 {
                0 => format!("{} h", minutes / 60),
                rest => format!("{} h {rest} min", minutes / 60),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Reads and embeds `files` of one size, so many passages a second, and gives the time left after each second.
    fn run(files: usize, bytes: u64, passages: usize, speed: impl Fn(usize) -> usize) -> Vec<f64> {
        let mut estimate = Estimate::default();
        let file = Path::new("a.md");
        (0..files).for_each(|_| estimate.expect(file, bytes));
        let (mut planned, mut embedded, mut left) = (0, 0, Vec::new());
        for second in 1.. {
            // Files are read a little ahead of what is embedded.
            while planned < files && planned * passages < embedded + 128 {
                estimate.read(file, bytes, passages);
                planned += 1;
            }
            let now = SECOND * second as u32;
            let some = speed(second).min(files * passages - embedded);
            embedded += some;
            estimate.embedded(some, now);
            left.push(estimate.left(now).unwrap().as_secs_f64());
            if embedded == files * passages {
                return left;
            }
        }
        left
    }

    #[test]
    fn the_time_left_is_right_from_the_first_second_and_goes_down_evenly() {
        // As many passages a byte as expected, and twice, and half as many.
        for (bytes, error) in [(450 * 4, 0.1), (225 * 4, 0.55), (900 * 4, 1.1)] {
            let left = run(2_000, bytes, 4, |_| 40);
            assert_eq!(left.len(), 200);
            for (second, left) in left.iter().enumerate() {
                let right = (199 - second) as f64;
                // What the sizes tell wrongly is known after a while.
                let allowed = if second < 60 { error } else { 0.15 };
                assert!((left - right).abs() <= right * allowed + 3.0, "{bytes} after {second} s: {left} for {right}");
            }
            for pair in left.windows(2) {
                assert!(pair[1] <= pair[0] + 2.0 && pair[1] >= pair[0] - 12.0, "{bytes}: {pair:?}");
            }
        }
    }

    #[test]
    fn a_machine_that_becomes_slower_is_noticed_within_a_minute_without_a_jump() {
        let left = run(2_000, 1_800, 4, |second| if second < 50 { 40 } else { 10 });
        let right = |second: usize| (left.len() - 1 - second) as f64;
        assert!((left[150] - right(150)).abs() < right(150) * 0.3, "{} for {}", left[150], right(150));
        assert!(left.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 25.0));
    }

    #[test]
    fn nothing_is_told_before_anything_is_known_and_nothing_is_left_at_the_end() {
        let mut estimate = Estimate::default();
        estimate.expect(Path::new("a.txt"), 10_000);
        assert_eq!(estimate.left(SECOND), None);
        assert!((20..30).contains(&estimate.passages()), "{}", estimate.passages());
        estimate.read(Path::new("a.txt"), 10_000, 12);
        assert_eq!(estimate.passages(), 12);
        estimate.embedded(12, SECOND * 2);
        assert_eq!(estimate.left(SECOND * 2), Some(Duration::ZERO));
    }

    #[test]
    fn times_are_told_no_more_exactly_than_they_are_known() {
        let told =
            [(2, "a few seconds"), (12, "15 s"), (58, "1 min"), (75, "1.5 min"), (700, "12 min"), (7_300, "2 h 5 min")];
        for (seconds, expected) in told {
            assert_eq!(words(Duration::from_secs(seconds)), expected);
        }
        assert_eq!(words(Duration::from_hours(2)), "2 h");
    }
}
