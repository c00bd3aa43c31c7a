//! Work on several segments at once.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::Result;

/// Cores of this machine.
pub(super) static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, usize::from));

/// What `work` gives for each number, on up to so many threads, the current one among them. Each takes the next number when it
/// is done with one.
pub(super) fn on_threads<T: Send>(
    numbers: &[usize],
    threads: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<(usize, T)>> {
    let next = AtomicUsize::new(0);
    let of_thread = || {
        let mine = std::iter::from_fn(|| numbers.get(next.fetch_add(1, Ordering::Relaxed)));
        mine.map(|number| Ok((*number, work(*number)?))).collect::<Result<Vec<_>>>()
    };
    std::thread::scope(|scope| {
        // Where the system gives no thread, the others do its work.
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, of_thread).ok();
        let others: Vec<_> = (1..threads.min(numbers.len())).filter_map(spawn).collect();
        let mut done = of_thread()?;
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn each_number_is_worked_on_once_whatever_the_threads() {
        for threads in [1, 2, 8] {
            let numbers: Vec<usize> = (0..100).collect();
            let mut done = on_threads(&numbers, threads, |number| Ok(number * 2)).unwrap();
            done.sort_unstable();
            assert_eq!(done, numbers.iter().map(|number| (*number, number * 2)).collect::<Vec<_>>());
        }
        assert_eq!(on_threads(&[], 4, Ok).unwrap(), []);
    }

    #[test]
    fn what_fails_on_any_thread_is_told() {
        let fails = |number: usize| if number == 7 { Err(Error::Cancelled) } else { Ok(number) };
        let numbers: Vec<usize> = (0..10).collect();
        assert!((1..5).all(|threads| matches!(on_threads(&numbers, threads, fails), Err(Error::Cancelled))));
    }
}
