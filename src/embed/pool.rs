//! Threads that each own a session of a model and work through one [`Schedule`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use super::schedule::{Pass, Pending, Schedule};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::model::ModelFiles;

/// Batches that may wait for each thread: enough to keep the model at work, few enough to hold little memory.
const MAX_WAITING_BATCHES: usize = 3;

/// Why a model cannot be loaded. A copy of it goes to every caller that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoadFailure {
    pub(super) model: String,
    pub(super) reason: String,
    pub(super) hint: String,
}

impl LoadFailure {
    /// The failure of loading a model from `files` because of `error`.
    pub(super) fn of(files: &ModelFiles, error: Error) -> Self {
        match error {
            Error::Model { model, reason, hint } => Self { model, reason, hint },
            Error::Embedding { reason } => {
                Self { model: files.identity.name.clone(), reason, hint: files.repair_hint() }
            }
            other => Self { model: files.identity.name.clone(), reason: other.to_string(), hint: files.repair_hint() },
        }
    }
}

impl From<LoadFailure> for Error {
    fn from(LoadFailure { model, reason, hint }: LoadFailure) -> Self {
        Self::Model { model, reason, hint }
    }
}

/// A model and the threads that run it.
///
/// The first session is loaded at once, each further one when a pass waits while all threads are busy, so that a process
/// that asks one question holds one session.
///
/// If the model cannot be loaded, the passes that wait get the reason, and the next one submitted tries again: the file
/// may have been repaired.
pub(super) struct ModelPool<Job, Output> {
    shared: Arc<Shared<Job, Output>>,
    sessions: usize,
    /// Starts the thread of this number.
    spawn: Box<dyn Fn(usize) -> std::io::Result<JoinHandle<()>> + Send + Sync>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared<Job, Output> {
    state: Mutex<State<Job, Output>>,
    /// A pass was added, a session was loaded, or the pool was closed.
    changed: Condvar,
    /// A batch was taken out or dropped.
    drained: Condvar,
}

struct State<Job, Output> {
    schedule: Schedule<Job, Output>,
    load: Load,
    /// Sessions that are loaded.
    sessions: usize,
    /// Sessions that run a pass.
    busy: usize,
    /// Whether a further session is being loaded; one at a time, since loading takes memory.
    is_growing: bool,
    closed: bool,
}

enum Load {
    Pending,
    Done,
    Failed(LoadFailure),
}

impl<Job: Send + 'static, Output: Send + 'static> ModelPool<Job, Output> {
    /// Starts up to `sessions` threads. `load` makes a session; passes may be submitted at once, and if the first session
    /// cannot be loaded, each gets the reason.
    pub(super) fn start<Model, LoadFn, RunFn>(sessions: usize, load: LoadFn, run: RunFn) -> Result<Self>
    where
        LoadFn: Fn() -> Result<Model, LoadFailure> + Send + Sync + 'static,
        RunFn: Fn(&mut Model, Job) -> Result<Output> + Send + Sync + 'static,
    {
        let state = State {
            schedule: Schedule::new(),
            load: Load::Pending,
            sessions: 0,
            busy: 0,
            is_growing: false,
            closed: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), drained: Condvar::new() });
        let functions = Arc::new((load, run));
        let spawn = {
            let shared = Arc::clone(&shared);
            move |number: usize| {
                let (shared, functions) = (Arc::clone(&shared), Arc::clone(&functions));
                let work = move || {
                    let (load, run) = &*functions;
                    let session = if number == 0 { shared.load_first(load) } else { shared.load_further(load) };
                    if let Some(mut session) = session {
                        shared.work(&mut session, run);
                    }
                };
                std::thread::Builder::new().name(format!("embedding {number}")).spawn(work)
            }
        };
        let pool = Self { shared, sessions: sessions.max(1), spawn: Box::new(spawn), threads: Mutex::new(Vec::new()) };
        pool.spawn_threads(&mut pool.lock_threads())?;
        Ok(pool)
    }

    fn lock_threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn_threads(&self, threads: &mut Vec<JoinHandle<()>>) -> Result<()> {
        for number in 0..self.sessions {
            match (self.spawn)(number) {
                Ok(thread) => threads.push(thread),
                Err(error) if number == 0 => {
                    let failure = LoadFailure {
                        model: "the model".into(),
                        reason: format!("no thread can be started for it: {error}"),
                        hint: "try again when fewer programs run".into(),
                    };
                    self.shared.lock().load = Load::Failed(failure.clone());
                    return Err(failure.into());
                }
                Err(error) => tracing::warn!("no thread can be started for a further session of the model: {error}"),
            }
        }
        Ok(())
    }

    /// Starts loading again if it has failed.
    fn retry(&self) -> Result<()> {
        if !self.has_failed() {
            return Ok(());
        }
        let mut threads = self.lock_threads();
        // Another caller may have started it meanwhile.
        if !self.has_failed() {
            return Ok(());
        }
        // They end because loading has failed, so this comes before the state changes.
        threads.drain(..).for_each(|thread| drop(thread.join()));
        self.shared.lock().load = Load::Pending;
        self.spawn_threads(&mut threads)
    }

    /// Waits until the model is loaded, trying again if that has failed before.
    pub(super) fn wait_loaded(&self) -> Result<()> {
        self.retry()?;
        let mut state = self.shared.lock();
        loop {
            match &state.load {
                Load::Pending => state = self.shared.wait(state),
                Load::Done => return Ok(()),
                Load::Failed(failure) => return Err(failure.clone().into()),
            }
        }
    }

    /// Whether a question need not wait for the model to be loaded.
    pub(super) fn is_loaded(&self) -> bool {
        matches!(self.shared.lock().load, Load::Done)
    }

    /// Whether the last attempt to load the model failed.
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.shared.lock().load, Load::Failed(_))
    }

    /// Runs the passes of a question and returns their outcomes in order. [`Error::Busy`] if they would have to wait too
    /// long, [`Error::Cancelled`] once `cancel` says so.
    pub(super) fn run_question(&self, passes: Vec<Pass<Job>>, cancel: &Cancel) -> Result<Vec<Output>> {
        self.retry()?;
        let pending = self.shared.lock().push(|schedule| schedule.push_question(passes, cancel.clone()))?;
        self.shared.changed.notify_all();
        // The queue may have dropped batches that nobody waits for any more.
        self.shared.drained.notify_all();
        pending.wait()
    }

    /// Adds a batch to the queue; waits while the queue is full of batches.
    pub(super) fn submit_batch(&self, pass: Pass<Job>) -> Result<Pending<Output>> {
        self.retry()?;
        let mut state = self.shared.lock();
        let max_waiting = MAX_WAITING_BATCHES * self.sessions;
        while state.schedule.batches() >= max_waiting && !state.closed {
            state = self.shared.drained.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let pending = state.push(|schedule| Ok(schedule.push_batch(pass)))?;
        drop(state);
        self.shared.changed.notify_all();
        Ok(pending)
    }
}

impl<Job, Output> State<Job, Output> {
    /// Adds to the queue, unless there will be nobody to work on it.
    fn push<T>(&mut self, push: impl FnOnce(&mut Schedule<Job, Output>) -> Result<T>) -> Result<T> {
        match &self.load {
            Load::Failed(failure) => Err(failure.clone().into()),
            Load::Pending | Load::Done => push(&mut self.schedule),
        }
    }
}

impl<Job, Output> Shared<Job, Output> {
    fn lock(&self) -> MutexGuard<'_, State<Job, Output>> {
        // No code that can panic runs under the lock, so a poisoned one is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<Job, Output>>) -> MutexGuard<'s, State<Job, Output>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn load_first<Model>(&self, load: &impl Fn() -> Result<Model, LoadFailure>) -> Option<Model> {
        let loaded = catching(load);
        let mut state = self.lock();
        let session = match loaded {
            Ok(session) => {
                state.load = Load::Done;
                state.sessions = 1;
                Some(session)
            }
            Err(failure) => {
                let waiting: Vec<_> = state.schedule.drain().collect();
                waiting.into_iter().for_each(|reply| reply(failure.clone().into()));
                state.load = Load::Failed(failure);
                None
            }
        };
        drop(state);
        self.changed.notify_all();
        self.drained.notify_all();
        session
    }

    /// Waits until a pass waits that no thread is free for, then loads a session. `None` once the pool is closed or
    /// loading failed, which leaves the work to the threads that have a session.
    fn load_further<Model>(&self, load: &impl Fn() -> Result<Model, LoadFailure>) -> Option<Model> {
        let mut state = self.lock();
        loop {
            let free = state.sessions - state.busy;
            let is_wanted = matches!(state.load, Load::Done) && state.schedule.len() > free;
            if state.closed || matches!(state.load, Load::Failed(_)) {
                return None;
            }
            if is_wanted && !state.is_growing {
                break;
            }
            state = self.wait(state);
        }
        state.is_growing = true;
        drop(state);
        let loaded = catching(load);
        let mut state = self.lock();
        state.is_growing = false;
        state.sessions += usize::from(loaded.is_ok());
        drop(state);
        self.changed.notify_all();
        if let Err(failure) = &loaded {
            tracing::warn!("a further session of the model cannot be loaded: {}", failure.reason);
        }
        loaded.ok()
    }

    fn work<Model>(&self, session: &mut Model, run: &impl Fn(&mut Model, Job) -> Result<Output>) {
        loop {
            let mut state = self.lock();
            let task = loop {
                if state.closed {
                    return;
                }
                let batches = state.schedule.batches();
                let next = state.schedule.next();
                // Batches that nobody waits for are dropped even where no pass is next.
                if state.schedule.batches() < batches {
                    self.drained.notify_all();
                }
                if let Some(task) = next {
                    break task;
                }
                state = self.wait(state);
            };
            state.busy += 1;
            drop(state);
            let tokens = task.pass.tokens;
            let (job, reply) = task.into_parts();
            let started = Instant::now();
            // A panic in native code's bindings must not leave those who wait without an answer.
            let outcome = catch_unwind(AssertUnwindSafe(|| run(session, job)))
                .unwrap_or_else(|_| Err(Error::Embedding { reason: "it panicked".into() }));
            let elapsed = started.elapsed();
            let mut state = self.lock();
            state.busy -= 1;
            state.schedule.ran(tokens, elapsed);
            drop(state);
            reply(outcome);
        }
    }
}

/// Loads, taking a panic for a failure.
fn catching<Model>(load: &impl Fn() -> Result<Model, LoadFailure>) -> Result<Model, LoadFailure> {
    catch_unwind(AssertUnwindSafe(load)).unwrap_or_else(|_| {
        Err(LoadFailure {
            model: "ONNX Runtime".into(),
            reason: "it panicked while the model was loaded".into(),
            hint: "run `footnote models pull --force`".into(),
        })
    })
}

impl<Job, Output> Drop for ModelPool<Job, Output> {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        self.shared.drained.notify_all();
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // A panic in there was already reported by the panic hook.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    fn pass<Job>(job: Job) -> Pass<Job> {
        Pass { job, tokens: 10 }
    }

    fn run<Job: Send + 'static, Output: Send + 'static>(pool: &ModelPool<Job, Output>, job: Job) -> Result<Output> {
        Ok(pool.run_question(vec![pass(job)], &Cancel::default())?.remove(0))
    }

    fn wait_until(condition: impl Fn() -> bool) {
        while !condition() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_question_goes_before_batches_that_wait() {
        let (gate, opened) = sync_channel::<()>(0);
        let opened = Mutex::new(opened);
        let order = Arc::new(Mutex::new(Vec::new()));
        let pool = {
            let order = Arc::clone(&order);
            let run = move |(): &mut (), job: &'static str| {
                if job == "first" {
                    opened.lock().unwrap().recv().unwrap();
                }
                order.lock().unwrap().push(job);
                Ok(())
            };
            Arc::new(ModelPool::start(1, || Ok(()), run).unwrap())
        };
        let mut batches = vec![pool.submit_batch(pass("first")).unwrap()];
        wait_until(|| pool.shared.lock().schedule.len() == 0);
        batches.push(pool.submit_batch(pass("second")).unwrap());
        let question = std::thread::spawn({
            let pool = Arc::clone(&pool);
            move || super::tests::run(&pool, "question")
        });
        wait_until(|| pool.shared.lock().schedule.len() == 2);
        gate.send(()).unwrap();
        question.join().unwrap().unwrap();
        batches.into_iter().for_each(|batch| drop(batch.wait().unwrap()));
        assert_eq!(*order.lock().unwrap(), ["first", "question", "second"]);
    }

    #[test]
    fn every_caller_gets_the_reason_why_the_model_cannot_be_loaded() {
        let failure = LoadFailure { model: "m".into(), reason: "no such file".into(), hint: "pull it".into() };
        let load = {
            let failure = failure.clone();
            move || Err::<(), _>(failure.clone())
        };
        let pool = ModelPool::<(), ()>::start(2, load, |(), ()| Ok(())).unwrap();
        for _ in 0..3 {
            let error = run(&pool, ()).unwrap_err();
            assert!(matches!(&error, Error::Model { reason, .. } if *reason == failure.reason), "{error}");
            assert_eq!(error.hint().as_deref(), Some("pull it"));
        }
        assert!(pool.submit_batch(pass(())).and_then(Pending::wait).is_err());
        assert!(pool.wait_loaded().is_err() && !pool.is_loaded());
    }

    #[test]
    fn a_model_that_could_not_be_loaded_is_loaded_once_it_can_be() {
        let is_sound = Arc::new(AtomicBool::new(false));
        let load = {
            let is_sound = Arc::clone(&is_sound);
            move || {
                let failure = LoadFailure { model: "m".into(), reason: "damaged".into(), hint: String::new() };
                is_sound.load(Ordering::SeqCst).then_some(()).ok_or(failure)
            }
        };
        let pool = ModelPool::<(), ()>::start(2, load, |(), ()| Ok(())).unwrap();
        assert!(run(&pool, ()).is_err());
        is_sound.store(true, Ordering::SeqCst);
        run(&pool, ()).unwrap();
        assert!(pool.is_loaded());
        pool.wait_loaded().unwrap();
    }

    #[test]
    fn a_panic_in_the_model_is_an_error_of_that_pass_alone() {
        let work = |(): &mut (), job: bool| if job { Ok(()) } else { panic!("on purpose") };
        let pool = ModelPool::start(1, || Ok(()), work).unwrap();
        assert!(run(&pool, false).unwrap_err().to_string().contains("panicked"));
        run(&pool, true).unwrap();
    }

    /// A pool whose passes each wait for a word, with how many sessions it loaded.
    fn gated(sessions: usize) -> (Arc<ModelPool<(), ()>>, SyncSender<()>, Arc<AtomicUsize>) {
        let (gate, opened): (_, Receiver<()>) = sync_channel(0);
        let opened = Mutex::new(opened);
        let loaded = Arc::new(AtomicUsize::new(0));
        let load = {
            let loaded = Arc::clone(&loaded);
            move || {
                loaded.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        };
        let work = move |(): &mut (), ()| {
            let _ = opened.lock().unwrap().recv();
            Ok(())
        };
        (Arc::new(ModelPool::start(sessions, load, work).unwrap()), gate, loaded)
    }

    #[test]
    fn a_caller_that_waits_to_add_a_batch_goes_on_when_others_have_given_theirs_up() {
        let (pool, gate, _) = gated(1);
        let running = pool.submit_batch(pass(())).unwrap();
        wait_until(|| pool.shared.lock().schedule.len() == 0);
        let given_up: Vec<_> = (0..MAX_WAITING_BATCHES).map(|_| pool.submit_batch(pass(())).unwrap()).collect();
        let spawn = |work: fn(&ModelPool<(), ()>)| {
            let pool = Arc::clone(&pool);
            std::thread::spawn(move || work(&pool))
        };
        let submitting = spawn(|pool| pool.submit_batch(pass(())).and_then(Pending::wait).map(drop).unwrap());
        drop(given_up);
        let asking = spawn(|pool| run(pool, ()).unwrap());
        // The model is still at work on the first batch.
        wait_until(|| pool.shared.lock().schedule.len() == 2);
        for _ in 0..3 {
            gate.send(()).unwrap();
        }
        running.wait().unwrap();
        submitting.join().unwrap();
        asking.join().unwrap();
    }

    #[test]
    fn further_sessions_are_loaded_only_when_passes_wait() {
        let (pool, gate, loaded) = gated(3);
        let ask = || {
            let pool = Arc::clone(&pool);
            std::thread::spawn(move || run(&pool, ()))
        };
        for _ in 0..4 {
            let question = ask();
            gate.send(()).unwrap();
            question.join().unwrap().unwrap();
        }
        assert_eq!(loaded.load(Ordering::SeqCst), 1, "one question at a time needs one session");
        let questions: Vec<_> = (0..6).map(|_| ask()).collect();
        wait_until(|| loaded.load(Ordering::SeqCst) == 3);
        for _ in 0..6 {
            gate.send(()).unwrap();
        }
        questions.into_iter().for_each(|question| question.join().unwrap().unwrap());
        assert_eq!(loaded.load(Ordering::SeqCst), 3);
    }
}
