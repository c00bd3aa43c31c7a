//! One thread that owns the model, behind a bounded queue in which questions go ahead of ingest.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::error::{Error, Result};

/// Questions that may wait; more are refused, since they could only be answered too late.
const MAX_WAITING_QUESTIONS: usize = 256;
/// Batches of ingest that may wait: enough to keep the model at work, few enough to hold little memory.
const MAX_WAITING_BATCHES: usize = 4;

/// A thread that owns a model and runs jobs on it, one at a time.
pub(super) struct ModelThread<Job, Output> {
    queue: Arc<Queue<Job, Output>>,
    thread: Option<JoinHandle<()>>,
}

type Waiting<Job, Output> = (Job, SyncSender<Result<Output>>);

struct Queue<Job, Output> {
    state: Mutex<State<Job, Output>>,
    /// Something was put in, or the queue was closed.
    filled: Condvar,
    /// A batch was taken out.
    drained: Condvar,
}

struct State<Job, Output> {
    questions: VecDeque<Waiting<Job, Output>>,
    batches: VecDeque<Waiting<Job, Output>>,
    loaded: bool,
    closed: bool,
}

impl<Job: Send + 'static, Output: Send + 'static> ModelThread<Job, Output> {
    /// Starts the thread, which loads its model first. Jobs may be given at once; if loading fails, each gets the
    /// reason.
    pub(super) fn start<Model, Load, Run>(load: Load, run: Run) -> Result<Self>
    where
        Load: FnOnce() -> Result<Model> + Send + 'static,
        Run: Fn(&mut Model, Job) -> Result<Output> + Send + 'static,
    {
        let state = State { questions: VecDeque::new(), batches: VecDeque::new(), loaded: false, closed: false };
        let queue = Arc::new(Queue { state: Mutex::new(state), filled: Condvar::new(), drained: Condvar::new() });
        let thread = std::thread::Builder::new()
            .name("embedding".into())
            .spawn({
                let queue = Arc::clone(&queue);
                move || queue.work(load, &run)
            })
            .map_err(|error| Error::Embedding { reason: format!("cannot start its thread: {error}") })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Whether the model is loaded.
    pub(super) fn is_loaded(&self) -> bool {
        self.queue.lock().loaded
    }

    /// Runs a job ahead of all batches. [`Error::Busy`] when too many questions wait.
    pub(super) fn run_question(&self, job: Job) -> Result<Output> {
        let (sender, receiver) = sync_channel(1);
        {
            let mut state = self.queue.lock();
            if state.questions.len() >= MAX_WAITING_QUESTIONS {
                return Err(Error::Busy);
            }
            state.questions.push_back((job, sender));
        }
        self.queue.filled.notify_one();
        receive(&receiver)
    }

    /// Puts a batch in the queue; waits while the queue is full.
    pub(super) fn submit_batch(&self, job: Job) -> Receiver<Result<Output>> {
        let (sender, receiver) = sync_channel(1);
        let mut state = self.queue.lock();
        while state.batches.len() >= MAX_WAITING_BATCHES && !state.closed {
            state = self.queue.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.batches.push_back((job, sender));
        drop(state);
        self.queue.filled.notify_one();
        receiver
    }
}

/// Waits for a job's outcome.
pub(super) fn receive<Output>(receiver: &Receiver<Result<Output>>) -> Result<Output> {
    receiver.recv().unwrap_or_else(|_| Err(Error::Embedding { reason: "its thread has stopped".into() }))
}

impl<Job, Output> Queue<Job, Output> {
    fn lock(&self) -> MutexGuard<'_, State<Job, Output>> {
        // No code that can panic runs under the lock, so a poisoned one is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work<Model>(&self, load: impl FnOnce() -> Result<Model>, run: &impl Fn(&mut Model, Job) -> Result<Output>) {
        let mut model = load();
        self.lock().loaded = model.is_ok();
        while let Some((job, reply)) = self.next() {
            let outcome = match &mut model {
                // A panic in native code's bindings must not leave those who wait without an answer.
                Ok(model) => catch_unwind(AssertUnwindSafe(|| run(model, job)))
                    .unwrap_or_else(|_| Err(Error::Embedding { reason: "it panicked".into() })),
                Err(error) => Err(Error::Embedding { reason: format!("it could not be loaded: {error}") }),
            };
            // The one who asked may have gone away.
            let _ = reply.send(outcome);
        }
    }

    fn next(&self) -> Option<Waiting<Job, Output>> {
        let mut state = self.lock();
        loop {
            if let Some(question) = state.questions.pop_front() {
                return Some(question);
            }
            if let Some(batch) = state.batches.pop_front() {
                self.drained.notify_one();
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<Job, Output> Drop for ModelThread<Job, Output> {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.filled.notify_all();
        self.queue.drained.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there was already reported by the panic hook.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_goes_ahead_of_batches_that_wait() {
        let (gate, opened) = sync_channel::<()>(0);
        let order = Arc::new(Mutex::new(Vec::new()));
        let thread = {
            let order = Arc::clone(&order);
            let run = move |(): &mut (), job: &'static str| {
                if job == "first" {
                    opened.recv().unwrap();
                }
                order.lock().unwrap().push(job);
                Ok(())
            };
            Arc::new(ModelThread::start(|| Ok(()), run).unwrap())
        };
        let mut batches = vec![thread.submit_batch("first")];
        while !thread.queue.lock().batches.is_empty() {
            std::thread::yield_now();
        }
        batches.push(thread.submit_batch("second"));
        let question = std::thread::spawn({
            let thread = Arc::clone(&thread);
            move || thread.run_question("question")
        });
        while thread.queue.lock().questions.is_empty() {
            std::thread::yield_now();
        }
        gate.send(()).unwrap();
        question.join().unwrap().unwrap();
        batches.iter().for_each(|batch| receive(batch).unwrap());
        assert_eq!(*order.lock().unwrap(), ["first", "question", "second"]);
    }

    #[test]
    fn every_job_learns_why_the_model_could_not_be_loaded() {
        let load = || Err::<(), _>(Error::Embedding { reason: "no such file".into() });
        let thread = ModelThread::<(), ()>::start(load, |(), ()| Ok(())).unwrap();
        for _ in 0..2 {
            let message = thread.run_question(()).unwrap_err().to_string();
            assert!(message.contains("no such file"), "{message}");
        }
        assert!(!thread.is_loaded());
    }

    #[test]
    fn a_panic_in_the_model_is_an_error_of_that_job_alone() {
        let run = |(): &mut (), job: bool| if job { Ok(()) } else { panic!("on purpose") };
        let thread = ModelThread::start(|| Ok(()), run).unwrap();
        assert!(thread.run_question(false).unwrap_err().to_string().contains("panicked"));
        thread.run_question(true).unwrap();
    }

    #[test]
    fn questions_beyond_the_bound_are_refused_at_once() {
        let (gate, opened) = sync_channel::<()>(0);
        let run = move |(): &mut (), ()| opened.recv().map_err(|_| Error::Busy);
        let thread = Arc::new(ModelThread::start(|| Ok(()), run).unwrap());
        let waiting: Vec<_> = (0..=MAX_WAITING_QUESTIONS)
            .map(|_| {
                let thread = Arc::clone(&thread);
                std::thread::spawn(move || thread.run_question(()))
            })
            .collect();
        while thread.queue.lock().questions.len() < MAX_WAITING_QUESTIONS {
            std::thread::yield_now();
        }
        assert!(matches!(thread.run_question(()), Err(Error::Busy)));
        drop(gate);
        waiting.into_iter().for_each(|question| drop(question.join().unwrap()));
    }
}
