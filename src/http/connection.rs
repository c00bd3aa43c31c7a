//! One connection and all of them: what each is doing, when an idle one is closed, and which one makes room for another.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Extensions;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::limits::Limits;

/// One in so many connections is evicted at once.
const EVICTED_ONE_IN: usize = 64;
/// How long to wait for an evicted connection to close.
const EVICTION: Duration = Duration::from_millis(20);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It was accepted and nothing has arrived.
    New,
    /// Part of a request's head has arrived.
    Head,
    /// A request's body is arriving, or waits for room before it is read.
    Body,
    /// A request is under way.
    Working,
    /// A response is complete and is being written.
    Sending,
    /// The last response has been written.
    Idle,
}

/// The state of one connection, shared by its socket, its requests and the list of all connections.
#[derive(Debug)]
pub(super) struct Connection {
    state: Mutex<(Phase, Instant)>,
    evicted: Notify,
    stop: watch::Receiver<bool>,
}

impl Connection {
    fn new(stop: watch::Receiver<bool>) -> Self {
        Self { state: Mutex::new((Phase::New, Instant::now())), evicted: Notify::new(), stop }
    }

    /// The connection that the request with these extensions came over, if it came over a socket.
    pub(super) fn of(extensions: &Extensions) -> Option<Arc<Self>> {
        extensions.get().cloned()
    }

    fn state(&self) -> MutexGuard<'_, (Phase, Instant)> {
        // Nothing can panic while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        *self.state() = (phase, Instant::now());
    }

    /// Notes that a request is under way until the result is dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> UnderWay {
        self.enter(Phase::Working);
        UnderWay(Arc::clone(self))
    }

    /// Notes that a body is arriving until the result is dropped.
    pub(super) fn begin_body(self: &Arc<Self>) -> BodyArrives {
        self.enter(Phase::Body);
        BodyArrives(Arc::clone(self))
    }

    fn received(&self) {
        let mut state = self.state();
        if matches!(state.0, Phase::New | Phase::Idle) {
            *state = (Phase::Head, Instant::now());
        }
    }

    /// Notes that all that was written has left.
    fn flushed(&self) {
        let mut state = self.state();
        if state.0 == Phase::Sending {
            *state = (Phase::Idle, Instant::now());
        }
    }

    /// Whether its client has done nothing for longer than `limits` allow.
    pub(super) fn is_expired(&self, limits: &Limits) -> bool {
        let (phase, since) = *self.state();
        let allowed = match phase {
            Phase::New => limits.first_byte,
            Phase::Head => limits.head,
            Phase::Idle => limits.keep_alive,
            // Bodies, work and writing have limits of their own.
            Phase::Body | Phase::Working | Phase::Sending => return false,
        };
        since.elapsed() >= allowed
    }

    /// Whether no request has arrived since it was accepted or since the last response.
    pub(super) fn is_without_request(&self) -> bool {
        matches!(self.state().0, Phase::New | Phase::Head)
    }

    /// Done when the connection must close to make room for another.
    pub(super) async fn evicted(&self) {
        loop {
            self.evicted.notified().await;
            if self.eviction_order().is_some() {
                return;
            }
        }
    }

    /// Connections with lower values make room first; `None` for one that does not.
    fn eviction_order(&self) -> Option<(bool, Instant)> {
        let (phase, since) = *self.state();
        (!matches!(phase, Phase::Working | Phase::Sending)).then_some((phase == Phase::Body, since))
    }

    /// Whether the server stops.
    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Done when the server stops.
    pub(super) async fn stopped(&self) {
        // The sender lives as long as the server; if it is gone, so is the server.
        let _ = self.stop.clone().wait_for(|stopped| *stopped).await;
    }
}

/// See [`Connection::begin_request`].
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Connection>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.enter(Phase::Sending);
    }
}

/// See [`Connection::begin_body`].
#[derive(Debug)]
pub(super) struct BodyArrives(Arc<Connection>);

impl Drop for BodyArrives {
    fn drop(&mut self) {
        self.0.enter(Phase::Working);
    }
}

/// All connections.
pub(super) struct Connections {
    room: Arc<Semaphore>,
    max: usize,
    list: Arc<Mutex<List>>,
    stop: watch::Sender<bool>,
}

#[derive(Default)]
struct List {
    next: u64,
    open: HashMap<u64, Arc<Connection>>,
}

/// A connection's place among all; dropped with it.
pub(super) struct Place {
    pub(super) connection: Arc<Connection>,
    id: u64,
    list: Arc<Mutex<List>>,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(max: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(max)), max, list: Arc::default(), stop: watch::Sender::new(false) }
    }

    /// A place for a new connection. If there is none, the connection that has been idle for longest is closed; while
    /// all are at work, this waits.
    pub(super) async fn admit(&self) -> Place {
        loop {
            let free = if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
                Some(permit)
            } else {
                self.evict();
                timeout(EVICTION, Arc::clone(&self.room).acquire_owned()).await.ok().and_then(Result::ok)
            };
            let Some(permit) = free else { continue };
            let connection = Arc::new(Connection::new(self.stop.subscribe()));
            let mut list = lock(&self.list);
            let id = list.next;
            list.next += 1;
            list.open.insert(id, Arc::clone(&connection));
            return Place { connection, id, list: Arc::clone(&self.list), _permit: permit };
        }
    }

    fn evict(&self) {
        let list = lock(&self.list);
        let idle = list.open.values().filter_map(|connection| Some((connection.eviction_order()?, connection)));
        let mut idle: Vec<_> = idle.collect();
        idle.sort_unstable_by_key(|(order, _)| *order);
        // One for the new connection, and some more for those that come with it.
        idle.iter().take(1 + self.max / EVICTED_ONE_IN).for_each(|(_, oldest)| oldest.evicted.notify_one());
    }

    /// Tells all connections that the server stops.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Done when all connections are closed.
    pub(super) async fn closed(&self) {
        // The semaphore is never closed.
        let _ = self.room.acquire_many(self.max as u32).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.list).open.remove(&self.id);
    }
}

fn lock(list: &Mutex<List>) -> MutexGuard<'_, List> {
    // Nothing can panic while it is held.
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that notes when something arrives and when all has left.
pub(super) struct Watched<S> {
    stream: S,
    connection: Arc<Connection>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, connection: Arc<Connection>) -> Self {
        Self { stream, connection }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.connection.received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.connection.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A response's body; its request is under way until it is dropped.
pub(super) struct Tracked {
    pub(super) body: axum::body::Body,
    pub(super) _under_way: UnderWay,
}

impl Body for Tracked {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_is_at_work_until_its_response_has_left() {
        let place = Connections::new(1).admit().await;
        let connection = &place.connection;
        connection.received();
        let under_way = connection.begin_request();
        connection.flushed();
        assert_eq!(connection.eviction_order(), None, "a part of the response has left");
        drop(under_way);
        assert_eq!(connection.eviction_order(), None, "the rest is in a buffer");
        assert!(!connection.is_without_request());
        connection.flushed();
        assert!(connection.eviction_order().is_some());
    }
}
