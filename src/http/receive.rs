//! Receives a request's body: within the route's size limit, the memory that all bodies share, and a minimum pace.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::EXPECT;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_stream::{Stream, StreamExt as _};

use super::connection::{BodyArrives, Connection};
use super::deadline::{Deadline, FAR_FUTURE};
use super::limits::Limits;
use super::problem::Problem;

/// Memory is reserved in units of this many bytes.
const UNIT: usize = 1024;
/// What is reserved at a time for a body that does not announce its length.
const STEP_UNITS: usize = 256;
/// Bodies of up to this size have memory of their own.
const MAX_SMALL: usize = 1024 * 1024;
const SMALL_UNITS: usize = 16 * MAX_SMALL / UNIT;
/// How much of a body that is too large is read, and for how long.
const MAX_DISCARDED: usize = 8 * 1024 * 1024;
const DISCARD_FOR: Duration = Duration::from_secs(1);
/// Requests that may wait for memory.
const MAX_WAITING: usize = 1024;

/// Memory that the bodies of one kind of request share.
#[derive(Debug, Clone)]
pub(super) struct BodyMemory {
    units: Arc<Semaphore>,
    /// Memory for small bodies alone, so that they need not wait until large ones have been worked on.
    small: Arc<Semaphore>,
    max_units: usize,
    waiting: Arc<Semaphore>,
}

/// The part of the memory that one body takes, until it is dropped. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Reserved(Arc<Mutex<Vec<OwnedSemaphorePermit>>>);

/// How a route takes bodies; among each request's extensions.
#[derive(Debug, Clone)]
pub(super) struct BodyRules {
    pub(super) max_bytes: usize,
    /// Whether it is a write. Those have no deadline, only a pace, so that a large one can come over a slow line.
    pub(super) is_write: bool,
    pub(super) memory: BodyMemory,
    pub(super) limits: Arc<Limits>,
}

impl BodyMemory {
    pub(super) fn new(bytes: usize) -> Self {
        let max_units = bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { units: semaphore(max_units), small: semaphore(0), max_units, waiting: semaphore(MAX_WAITING) }
    }

    /// The same with memory for small bodies alone.
    pub(super) fn with_small(self) -> Self {
        Self { small: Arc::new(Semaphore::new(SMALL_UNITS)), ..self }
    }

    /// Waits for memory, first come first served.
    async fn reserve(&self, bytes: usize) -> Result<Reserved, Problem> {
        let units = bytes.div_ceil(UNIT).clamp(1, self.max_units) as u32;
        let _place = self.waiting.try_acquire().map_err(|_| Problem::overloaded())?;
        let small = if bytes <= MAX_SMALL { Arc::clone(&self.small).try_acquire_many_owned(units).ok() } else { None };
        let permit = match small {
            Some(permit) => permit,
            None => Arc::clone(&self.units).acquire_many_owned(units).await.map_err(|_| Problem::overloaded())?,
        };
        Ok(Reserved(Arc::new(Mutex::new(vec![permit]))))
    }

    /// More memory for a body that already has some. It never waits: two bodies that wait for each other's memory would
    /// wait for good.
    fn extend(&self, reserved: &Reserved) -> Result<(), Problem> {
        let more = Arc::clone(&self.units).try_acquire_many_owned(STEP_UNITS as u32);
        let more = more.map_err(|_| Problem::overloaded())?;
        reserved.0.lock().unwrap_or_else(PoisonError::into_inner).push(more);
        Ok(())
    }
}

/// A body that is arriving.
pub(super) struct Incoming {
    body: BodyDataStream,
    rules: BodyRules,
    pace: Pace,
    timer: Pin<Box<Sleep>>,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    received: usize,
    reserved: Reserved,
    reserved_bytes: usize,
    fault: Fault,
    _arrives: Option<BodyArrives>,
}

/// Why a body did not arrive in full. Readers between the body and its handler hide it.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault(Arc<OnceLock<Problem>>);

/// How fast a body must arrive.
#[derive(Debug)]
struct Pace {
    started: Instant,
    stall: Duration,
    grace: Duration,
    bytes_per_second: f64,
    deadline: Instant,
}

impl Pace {
    /// When the next byte must be there, after `received` of them.
    fn next(&self, received: usize) -> Instant {
        let earned = Duration::from_secs_f64(received as f64 / self.bytes_per_second);
        let average = self.started + self.grace + earned;
        (Instant::now() + self.stall).min(average).min(self.deadline)
    }
}

/// Begins to receive the body of `request`, once there is memory for it. The request keeps an empty body.
///
/// # Errors
///
/// 413 if it announces more than the route takes, 503 if too many bodies wait or the server stops.
pub(super) async fn begin(request: &mut Request) -> Result<(Incoming, Reserved, Fault), Problem> {
    let body = std::mem::take(request.body_mut());
    let extensions = request.extensions();
    let Some(rules) = extensions.get::<BodyRules>().cloned() else { return Err(Problem::internal()) };
    let announced = body.size_hint().exact().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if announced.is_some_and(|bytes| bytes > rules.max_bytes) {
        // A client that asks first sends nothing once it is refused.
        if !request.headers().contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(Problem::too_large(rules.max_bytes));
    }
    let connection = Connection::of(extensions);
    let arrives = connection.as_ref().map(Connection::begin_body);
    let mut stopped: Pin<Box<dyn Future<Output = ()> + Send>> = match connection {
        Some(connection) => Box::pin(async move { connection.stopped().await }),
        None => Box::pin(std::future::pending()),
    };
    let deadline = Deadline::of(extensions);
    if rules.is_write {
        deadline.lift();
    }
    let reserved_bytes = announced.unwrap_or(STEP_UNITS * UNIT).min(rules.max_bytes);
    let asked = Instant::now();
    let reserved = tokio::select! {
        reserved = rules.memory.reserve(reserved_bytes) => reserved?,
        () = &mut stopped => return Err(Problem::stopping()),
    };
    let started = Instant::now();
    // A client is not late for the time that the server let it wait. In whole seconds, so that without a wait the body and
    // the request have one deadline.
    let deadline = match rules.is_write {
        true => started + FAR_FUTURE,
        false => deadline.at() + Duration::from_secs((started - asked).as_secs()),
    };
    let limits = &rules.limits;
    let least_pace = if rules.is_write { limits.write_bytes_per_second } else { limits.body_bytes_per_second };
    // A body that could not arrive by the deadline at this pace is given up before it.
    let by_deadline = announced.unwrap_or(0) as f64 / (deadline - started).as_secs_f64().max(0.001);
    let bytes_per_second = by_deadline.max(least_pace as f64);
    let pace = Pace { started, stall: limits.body_stall, grace: limits.body_grace, bytes_per_second, deadline };
    let fault = Fault::default();
    let incoming = Incoming {
        body: body.into_data_stream(),
        timer: Box::pin(sleep_until(pace.next(0))),
        pace,
        rules,
        stopped,
        received: 0,
        reserved: reserved.clone(),
        reserved_bytes,
        fault: fault.clone(),
        _arrives: arrives,
    };
    Ok((incoming, reserved, fault))
}

/// Reads a body that is refused, within bounds. A connection that is closed with unread bytes is reset, and the client may
/// never see why it was refused.
async fn discard(body: Body) {
    let mut body = body.into_data_stream();
    let read = async {
        let mut discarded = 0;
        while let Some(Ok(part)) = body.next().await
            && discarded < MAX_DISCARDED
        {
            discarded += part.len();
        }
    };
    let _ = timeout(DISCARD_FOR, read).await;
}

impl Incoming {
    /// All of the body.
    pub(super) async fn collect(mut self) -> Result<Bytes, Problem> {
        let mut parts = Vec::new();
        while let Some(part) = self.next().await {
            parts.push(part?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => parts.concat().into(),
        })
    }

    /// The same body for a reader of its own.
    pub(super) fn into_body(self) -> Body {
        Body::from_stream(self)
    }

    fn took(&mut self, bytes: usize) -> Result<(), Problem> {
        self.received += bytes;
        if self.received > self.rules.max_bytes {
            return Err(Problem::too_large(self.rules.max_bytes));
        }
        while self.received > self.reserved_bytes {
            self.rules.memory.extend(&self.reserved)?;
            self.reserved_bytes += STEP_UNITS * UNIT;
        }
        let next = self.pace.next(self.received);
        self.timer.as_mut().reset(next);
        Ok(())
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let failed = |this: &Self, problem: Problem| {
            let _ = this.fault.0.set(problem.clone());
            Poll::Ready(Some(Err(problem)))
        };
        match Pin::new(&mut self.body).poll_next(cx) {
            Poll::Ready(Some(Ok(part))) => match self.took(part.len()) {
                Ok(()) => Poll::Ready(Some(Ok(part))),
                Err(problem) => failed(&self, problem),
            },
            Poll::Ready(Some(Err(_))) => {
                failed(&self, Problem::bad_request("the request's body ended early", "send it again"))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if self.stopped.as_mut().poll(cx).is_ready() {
                    return failed(&self, Problem::stopping());
                }
                ready!(self.timer.as_mut().poll(cx));
                failed(&self, Problem::slow_body())
            }
        }
    }
}

impl Fault {
    /// Why the body did not arrive in full, if it did not.
    pub(super) fn get(&self) -> Option<Problem> {
        self.0.get().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Body, memory: &BodyMemory, max_bytes: usize) -> Request {
        let mut request = Request::new(body);
        let limits = Arc::new(Limits::default());
        let rules = BodyRules { max_bytes, is_write: false, memory: memory.clone(), limits };
        request.extensions_mut().insert(rules);
        request
    }

    /// A body of unknown length.
    fn streamed(parts: &[&'static [u8]]) -> Body {
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, std::io::Error>(Bytes::from_static(part))).collect();
        Body::from_stream(tokio_stream::iter(parts))
    }

    async fn received(body: Body, memory: &BodyMemory, max_bytes: usize) -> Result<(Bytes, Reserved), Problem> {
        let (incoming, reserved, _) = begin(&mut request(body, memory, max_bytes)).await?;
        Ok((incoming.collect().await?, reserved))
    }

    #[tokio::test]
    async fn a_body_arrives_whole_within_its_limit() {
        let memory = BodyMemory::new(1 << 20);
        for body in [Body::from("abc"), streamed(&[b"a", b"", b"bc"])] {
            assert_eq!(received(body, &memory, 3).await.unwrap().0, "abc");
        }
        assert_eq!(received(Body::empty(), &memory, 3).await.unwrap().0, "");
        for body in [Body::from("abcd"), streamed(&[b"ab", b"cd"])] {
            assert_eq!(received(body, &memory, 3).await.unwrap_err().status().as_u16(), 413);
        }
    }

    #[tokio::test]
    async fn a_body_waits_for_memory_until_others_are_dropped() {
        let memory = BodyMemory::new(2 * UNIT);
        let (_, first) = received(Body::from(vec![0; 2 * UNIT]), &memory, 10 * UNIT).await.unwrap();
        let waiting = tokio::spawn({
            let memory = memory.clone();
            async move { received(Body::from("b"), &memory, 10 * UNIT).await.map(drop) }
        });
        while memory.waiting.available_permits() == MAX_WAITING {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap().unwrap();
        assert_eq!(memory.units.available_permits(), 2, "all memory is free again");
    }

    #[tokio::test]
    async fn small_bodies_do_not_wait_for_large_ones() {
        let memory = BodyMemory::new(2 * MAX_SMALL).with_small();
        let large = received(Body::from(vec![0; 2 * MAX_SMALL]), &memory, usize::MAX).await.unwrap();
        let small = received(Body::from(vec![0; MAX_SMALL]), &memory, usize::MAX).await.unwrap();
        assert_eq!((memory.units.available_permits(), small.0.len()), (0, MAX_SMALL));
        drop((large, small));
        assert_eq!(memory.small.available_permits(), SMALL_UNITS);
    }

    #[tokio::test]
    async fn a_body_without_a_length_that_outgrows_the_memory_is_refused() {
        const PART: &[u8] = &[0; STEP_UNITS * UNIT];
        let memory = BodyMemory::new(STEP_UNITS * UNIT);
        let refused = received(streamed(&[PART, PART]), &memory, usize::MAX).await.unwrap_err();
        assert_eq!(refused.status().as_u16(), 503);
        assert_eq!(memory.units.available_permits(), STEP_UNITS, "all memory is free again");
    }
}
