//! Two questions at once against one after the other.

use std::time::Instant;

use footnote::{Footnote, Question};

const QUESTIONS: usize = 40;
const RUNS: usize = 5;

pub(crate) fn run(footnote: &Footnote, questions: &[String]) {
    let ask = |share: usize| {
        for text in questions.iter().cycle().take(share) {
            footnote.search(&Question { text: text.clone(), ..Question::default() }).expect("it finds passages");
        }
    };
    let timed = |threads: usize| {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| ask(QUESTIONS / threads));
            }
        });
        started.elapsed().as_secs_f64()
    };
    ask(2);
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        alone.push(timed(1));
        together.push(timed(2));
    }
    let ratios = alone.iter().zip(&together).map(|(alone, together)| alone / together).collect();
    crate::row("searches per second, one after the other", &format!("{:.0}", QUESTIONS as f64 / crate::median(alone)));
    crate::row("  two at once", &format!("{:.0}", QUESTIONS as f64 / crate::median(together)));
    crate::row("  ratio (above 1: they do not wait for one another)", &format!("{:.2}", crate::median(ratios)));
}
