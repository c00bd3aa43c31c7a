//! The order in which the model works: short questions first, nobody starved, and no more than it can do in time.
//!
//! The model works in forward passes, which nothing interrupts. A question is one pass or, when it is long, several; a
//! batch of passages is one pass. [`Schedule`] is a plain data structure that decides which pass comes next:
//!
//! - Questions come before batches. While batches wait, one in [`BATCH_SHARE`] tokens is still theirs, so that an ingest
//!   goes on however many questions wait.
//! - Among questions, the one with the fewest tokens left comes first, so a short question never waits for all passes
//!   of a long one. One in [`OLDEST_SHARE`] tokens goes to the question that has waited longest, so that a long one is
//!   answered however many short ones wait.
//! - A question is refused if what goes before it, at the measured speed, takes longer than [`MAX_WAIT`]. So a queue full
//!   of long questions still takes short ones.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// While batches wait, they get one in this many tokens.
const BATCH_SHARE: usize = 8;
/// While several questions wait, the oldest gets one in this many tokens.
const OLDEST_SHARE: usize = 4;
/// A question that would have to wait longer is refused.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// So many tokens may wait however slow the machine is: the longest question, three times.
const MIN_QUEUE_TOKENS: usize = 3 * 8_192;
/// Tokens per second before any pass was measured.
const INITIAL_SPEED: f64 = 1_000.0;
/// The weight of the newest pass in the measured speed.
const SPEED_SMOOTHING: f64 = 0.1;

/// A job and its cost: the tokens that the model reads, padding counted.
pub(super) struct Pass<Job> {
    pub(super) job: Job,
    pub(super) tokens: usize,
}

/// A pass that is to run now, and where its outcome goes.
pub(super) struct Task<Job, Output> {
    pub(super) pass: Pass<Job>,
    reply: Reply<Output>,
}

impl<Job, Output> Task<Job, Output> {
    /// The job, and what to call with its outcome.
    pub(super) fn into_parts(self) -> (Job, impl FnOnce(Result<Output>)) {
        let Reply { index, sender } = self.reply;
        // The caller may have gone away.
        (self.pass.job, move |outcome| drop(sender.send((index, outcome))))
    }
}

struct Reply<Output> {
    /// The pass's position in its question.
    index: usize,
    sender: Sender<(usize, Result<Output>)>,
}

/// The caller's end of what it submitted.
pub(super) struct Pending<Output> {
    receiver: Receiver<(usize, Result<Output>)>,
    passes: usize,
    /// The queue drops the passes of a caller that has dropped this.
    _alive: Arc<()>,
}

impl<Output> Pending<Output> {
    /// Waits for the outcomes of all passes and returns them in order, or the first error.
    pub(super) fn wait(self) -> Result<Vec<Output>> {
        let mut outputs: Vec<Option<Output>> = (0..self.passes).map(|_| None).collect();
        for _ in 0..self.passes {
            let received = self.receiver.recv();
            let (index, outcome) =
                received.map_err(|_| Error::Embedding { reason: "its thread has stopped".into() })?;
            outputs[index] = Some(outcome?);
        }
        Ok(outputs.into_iter().flatten().collect())
    }
}

/// A question's passes that have not started yet.
struct Question<Job, Output> {
    passes: VecDeque<Pass<Job>>,
    /// The position of the first of them.
    next_index: usize,
    tokens_left: usize,
    sender: Sender<(usize, Result<Output>)>,
    alive: Weak<()>,
    cancel: Cancel,
}

impl<Job, Output> Question<Job, Output> {
    fn is_wanted(&self) -> bool {
        self.alive.strong_count() > 0 && self.cancel.check().is_ok()
    }
}

struct Batch<Job, Output> {
    pass: Pass<Job>,
    sender: Sender<(usize, Result<Output>)>,
    alive: Weak<()>,
}

/// Passes that wait for the model.
pub(super) struct Schedule<Job, Output> {
    /// Oldest first.
    questions: VecDeque<Question<Job, Output>>,
    /// Oldest first.
    batches: VecDeque<Batch<Job, Output>>,
    /// Tokens of questions that ran while a batch waited, since the last batch.
    tokens_before_batch: usize,
    /// Tokens of other questions that ran while the oldest waited, since it last ran.
    tokens_before_oldest: usize,
    tokens_per_second: f64,
}

impl<Job, Output> Schedule<Job, Output> {
    pub(super) fn new() -> Self {
        Self {
            questions: VecDeque::new(),
            batches: VecDeque::new(),
            tokens_before_batch: 0,
            tokens_before_oldest: 0,
            tokens_per_second: INITIAL_SPEED,
        }
    }

    /// Passes that wait.
    pub(super) fn len(&self) -> usize {
        self.questions.iter().map(|question| question.passes.len()).sum::<usize>() + self.batches.len()
    }

    /// Batches that wait.
    pub(super) fn batches(&self) -> usize {
        self.batches.len()
    }

    /// Adds a question of one or more passes. [`Error::Busy`] if it would have to wait too long.
    pub(super) fn push_question(&mut self, passes: Vec<Pass<Job>>, cancel: Cancel) -> Result<Pending<Output>> {
        self.drop_unwanted();
        let tokens: usize = passes.iter().map(|pass| pass.tokens).sum();
        let before = self.questions.iter().map(|question| question.tokens_left).filter(|&left| left <= tokens);
        let queue_tokens = before.sum::<usize>() + tokens;
        let limit = (self.tokens_per_second * MAX_WAIT.as_secs_f64()) as usize;
        if queue_tokens > limit.max(MIN_QUEUE_TOKENS) {
            return Err(Error::Busy);
        }
        let (sender, pending, alive) = channel_for(passes.len());
        let question = Question { passes: passes.into(), next_index: 0, tokens_left: tokens, sender, alive, cancel };
        self.questions.push_back(question);
        Ok(pending)
    }

    /// Adds a batch.
    pub(super) fn push_batch(&mut self, pass: Pass<Job>) -> Pending<Output> {
        let (sender, pending, alive) = channel_for(1);
        self.batches.push_back(Batch { pass, sender, alive });
        pending
    }

    /// Takes out the pass that runs next.
    pub(super) fn next(&mut self) -> Option<Task<Job, Output>> {
        self.drop_unwanted();
        let batch_tokens = self.batches.front().map(|batch| batch.pass.tokens);
        let is_due = |tokens| self.tokens_before_batch >= (BATCH_SHARE - 1) * tokens;
        if self.questions.is_empty() || batch_tokens.is_some_and(is_due) {
            return self.next_batch();
        }
        let shortest = self.questions.iter().enumerate().min_by_key(|(_, question)| question.tokens_left)?.0;
        let oldest_tokens = self.questions.front()?.passes.front()?.tokens;
        let is_oldest_due = self.tokens_before_oldest >= (OLDEST_SHARE - 1) * oldest_tokens;
        let position = if is_oldest_due { 0 } else { shortest };

        let question = self.questions.get_mut(position)?;
        let pass = question.passes.pop_front()?;
        question.tokens_left -= pass.tokens;
        let reply = Reply { index: question.next_index, sender: question.sender.clone() };
        question.next_index += 1;
        if question.passes.is_empty() {
            self.questions.remove(position);
        }
        self.tokens_before_oldest = if position == 0 { 0 } else { self.tokens_before_oldest + pass.tokens };
        if batch_tokens.is_some() {
            self.tokens_before_batch += pass.tokens;
        }
        Some(Task { pass, reply })
    }

    /// Notes how long a pass took. The measured speed decides how many tokens may wait.
    pub(super) fn ran(&mut self, tokens: usize, elapsed: Duration) {
        let speed = tokens as f64 / elapsed.as_secs_f64().max(1e-6);
        self.tokens_per_second += SPEED_SMOOTHING * (speed - self.tokens_per_second);
    }

    /// Takes out everything, each with what to call with its outcome.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = impl FnOnce(Error)> {
        let questions = self.questions.drain(..).map(|question| (question.next_index, question.sender));
        let batches = self.batches.drain(..).map(|batch| (0, batch.sender));
        let waiting: Vec<_> = questions.chain(batches).collect();
        waiting.into_iter().map(|(index, sender)| move |error| drop(sender.send((index, Err(error)))))
    }

    fn next_batch(&mut self) -> Option<Task<Job, Output>> {
        let Batch { pass, sender, .. } = self.batches.pop_front()?;
        self.tokens_before_batch = 0;
        Some(Task { pass, reply: Reply { index: 0, sender } })
    }

    /// Drops what was cancelled and what nobody waits for any more.
    fn drop_unwanted(&mut self) {
        self.questions.retain(|question| {
            let is_wanted = question.is_wanted();
            if !is_wanted {
                let _ = question.sender.send((question.next_index, Err(Error::Cancelled)));
            }
            is_wanted
        });
        self.batches.retain(|batch| batch.alive.strong_count() > 0);
    }
}

type ReplySender<Output> = Sender<(usize, Result<Output>)>;

fn channel_for<Output>(passes: usize) -> (ReplySender<Output>, Pending<Output>, Weak<()>) {
    let (sender, receiver) = channel();
    let alive = Arc::new(());
    let weak = Arc::downgrade(&alive);
    (sender, Pending { receiver, passes, _alive: alive }, weak)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Names = Schedule<&'static str, ()>;

    fn pass(job: &'static str, tokens: usize) -> Pass<&'static str> {
        Pass { job, tokens }
    }

    fn ask(schedule: &mut Names, name: &'static str, passes: usize, tokens: usize) -> Pending<()> {
        let passes = (0..passes).map(|_| pass(name, tokens)).collect();
        schedule.push_question(passes, Cancel::default()).unwrap()
    }

    fn next(schedule: &mut Names) -> Option<&'static str> {
        schedule.next().map(|task| task.pass.job)
    }

    #[test]
    fn questions_come_before_batches_and_short_ones_before_long_ones() {
        let mut schedule = Names::new();
        let _batch = schedule.push_batch(pass("batch", 1000));
        let _long = ask(&mut schedule, "long", 2, 500);
        let _short = ask(&mut schedule, "short", 1, 10);
        let order: Vec<_> = std::iter::from_fn(|| next(&mut schedule)).collect();
        assert_eq!(order, ["short", "long", "long", "batch"]);
    }

    #[test]
    fn a_short_question_waits_for_one_pass_of_many_long_questions() {
        let mut schedule = Names::new();
        let _long: Vec<_> = (0..4).map(|_| ask(&mut schedule, "long", 12, 500)).collect();
        assert_eq!(next(&mut schedule), Some("long"));
        let _short = ask(&mut schedule, "short", 1, 10);
        assert_eq!(next(&mut schedule), Some("short"));
    }

    #[test]
    fn a_long_question_gets_its_share_beside_a_stream_of_short_ones() {
        let mut schedule = Names::new();
        let _long = ask(&mut schedule, "long", 2, 100);
        let mut before = 0;
        let mut held = Vec::new();
        for _ in 0..2 {
            loop {
                held.push(ask(&mut schedule, "short", 1, 10));
                if next(&mut schedule) == Some("long") {
                    break;
                }
                before += 1;
            }
        }
        assert_eq!(before, 2 * 3 * 10, "three times its own tokens before each of its passes");
    }

    #[test]
    fn a_batch_gets_its_share_beside_a_stream_of_questions() {
        let mut schedule = Names::new();
        let _batch = schedule.push_batch(pass("batch", 100));
        let mut held = Vec::new();
        let before = std::iter::from_fn(|| {
            held.push(ask(&mut schedule, "question", 1, 10));
            next(&mut schedule)
        });
        assert_eq!(before.take_while(|job| *job == "question").count(), 70, "seven times its own tokens");
    }

    #[test]
    fn a_queue_full_of_long_questions_refuses_long_ones_and_takes_short_ones() {
        let mut schedule = Names::new();
        let long = |schedule: &mut Names| {
            let passes = (0..16).map(|_| pass("long", 512)).collect();
            schedule.push_question(passes, Cancel::default())
        };
        let mut waiting = Vec::new();
        let refused = loop {
            match long(&mut schedule) {
                Ok(pending) => waiting.push(pending),
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::Busy));
        assert_eq!(waiting.len(), 3, "30 s at 1,000 tokens a second");
        let _short = ask(&mut schedule, "short", 1, 20);
        for _ in 0..200 {
            schedule.ran(10_000, Duration::from_secs(1));
        }
        long(&mut schedule).expect("a faster machine takes more");
    }

    #[test]
    fn what_is_cancelled_or_dropped_leaves_the_queue() {
        let mut schedule = Names::new();
        let cancel = Cancel::default();
        let cancelled = schedule.push_question(vec![pass("cancelled", 10)], cancel.clone()).unwrap();
        drop(ask(&mut schedule, "dropped", 3, 10));
        drop(schedule.push_batch(pass("dropped", 10)));
        cancel.cancel();
        assert!(next(&mut schedule).is_none());
        assert_eq!(schedule.len(), 0);
        assert!(matches!(cancelled.wait(), Err(Error::Cancelled)));
    }

    #[test]
    fn outcomes_come_back_in_the_order_of_the_passes() {
        let mut schedule = Schedule::<usize, usize>::new();
        let passes = (0..3).map(|job| Pass { job, tokens: 1 }).collect();
        let pending = schedule.push_question(passes, Cancel::default()).unwrap();
        let mut tasks: Vec<_> = std::iter::from_fn(|| schedule.next()).collect();
        tasks.reverse();
        for task in tasks {
            let (job, reply) = task.into_parts();
            reply(Ok(10 * job));
        }
        assert_eq!(pending.wait().unwrap(), [0, 10, 20]);
    }
}
