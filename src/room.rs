//! Admission control: how many requests run at once, and a bounded queue, first come first served, in front of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// Bounds the work of one kind. A clone is the same room.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only a server tells its bounds"))]
    max_running: usize,
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only a server tells its bounds"))]
    max_waiting: usize,
    patience: Duration,
}

/// Permission to run. The room is free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _running: OwnedSemaphorePermit,
}

impl Room {
    /// Lets `max_running` run and `max_waiting` wait, each for at most `patience`.
    pub(crate) fn new(max_running: usize, max_waiting: usize, patience: Duration) -> Self {
        let [max_running, max_waiting] = [max_running, max_waiting].map(|permits| permits.min(Semaphore::MAX_PERMITS));
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits));
        Self { running: semaphore(max_running), waiting: semaphore(max_waiting), max_running, max_waiting, patience }
    }

    /// Waits for a turn. Dropping the future leaves the queue.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] at once if the queue is full, or when the wait has taken longer than the room's patience.
    pub(crate) async fn enter(&self) -> Result<Permit> {
        // A freed permit goes to the first in the queue, so this never overtakes anybody.
        if let Ok(running) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(Permit { _running: running });
        }
        let _place = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        match timeout(self.patience, Arc::clone(&self.running).acquire_owned()).await {
            Ok(Ok(running)) => Ok(Permit { _running: running }),
            Ok(Err(_)) | Err(_) => Err(Error::Busy),
        }
    }
}

#[cfg(feature = "server")]
impl Room {
    /// How many run.
    pub(crate) fn running(&self) -> usize {
        self.max_running.saturating_sub(self.running.available_permits())
    }

    /// How many wait.
    pub(crate) fn queued(&self) -> usize {
        self.max_waiting.saturating_sub(self.waiting.available_permits())
    }
}

#[cfg(test)]
impl Room {
    /// Takes all permits to run until the result is dropped.
    pub(crate) fn fill(&self) -> OwnedSemaphorePermit {
        let free = self.running.available_permits() as u32;
        Arc::clone(&self.running).try_acquire_many_owned(free).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_hours(1);

    /// Lets other tasks run until `room` has `count` waiters.
    async fn until_waiting(room: &Room, count: usize) {
        while room.queued() != count {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_waits_is_served_in_order_and_a_full_queue_refuses_at_once() {
        let room = Room::new(1, 2, PATIENT);
        let first = room.enter().await.unwrap();
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for name in ["second", "third"] {
            let (room, order) = (room.clone(), Arc::clone(&order));
            let before = room.queued();
            tasks.push(tokio::spawn({
                let room = room.clone();
                async move {
                    let _permit = room.enter().await.unwrap();
                    order.lock().unwrap().push(name);
                }
            }));
            until_waiting(&room, before + 1).await;
        }
        assert!(matches!(room.enter().await, Err(Error::Busy)));
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["second", "third"]);
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_queue() {
        let room = Room::new(1, 2, PATIENT);
        let running = room.enter().await.unwrap();
        let gone = tokio::spawn({
            let room = room.clone();
            async move { room.enter().await.map(drop) }
        });
        until_waiting(&room, 1).await;
        gone.abort();
        until_waiting(&room, 0).await;
        drop(running);
        assert!(room.enter().await.is_ok());
    }

    #[tokio::test]
    async fn patience_ends() {
        let room = Room::new(1, 2, Duration::from_millis(1));
        let _running = room.enter().await.unwrap();
        assert!(matches!(room.enter().await, Err(Error::Busy)));
    }
}
