//! Wakes who waits for news of any job, and says which jobs they are of. Not for: saying what the news are.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use parcae_domain::id::JobId;

/// News whose jobs are remembered; who has slept through more hears of the last of them.
const REMEMBERED: usize = 4_096;

/// Counts news.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    news: Mutex<Heard>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct Heard {
    count: u64,
    /// The last of them that are of a job, with their numbers.
    jobs: VecDeque<(u64, JobId)>,
}

/// What has changed since somebody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What to ask with the next time.
    pub count: u64,
    /// Jobs of which something changed.
    pub jobs: BTreeSet<JobId>,
}

impl Bell {
    /// There is news, of nothing in particular.
    pub(crate) fn ring(&self) {
        self.ring_for([]);
    }

    /// There is news of jobs.
    pub(crate) fn ring_for<'j>(&self, jobs: impl IntoIterator<Item = &'j JobId>) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.count += 1;
        let number = news.count;
        for job in jobs {
            if news.jobs.back().is_some_and(|(_, last)| last == job) {
                news.jobs.pop_back();
            }
            news.jobs.push_back((number, job.clone()));
        }
        let too_many = news.jobs.len().saturating_sub(REMEMBERED);
        news.jobs.drain(..too_many);
        drop(news);
        self.rung.notify_all();
    }

    /// Waits until there is news beyond `seen`, at most so long; returns the count.
    pub(crate) fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rung.wait_timeout_while(news, at_most, |news| news.count == seen);
        waited.unwrap_or_else(PoisonError::into_inner).0.count
    }

    /// The same, and of which jobs they are.
    pub(crate) fn news(&self, seen: u64, at_most: Duration) -> News {
        let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rung.wait_timeout_while(news, at_most, |news| news.count == seen);
        let news = waited.unwrap_or_else(PoisonError::into_inner).0;
        let later = news.jobs.iter().rev().take_while(|(number, _)| *number > seen);
        News { count: news.count, jobs: later.map(|(_, job)| job.clone()).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_hears_of_which_jobs() {
        let bell = Bell::default();
        let job = |n: usize| JobId(format!("2026112122405312661{n:02}"));
        let asked = |seen| bell.news(seen, Duration::ZERO);
        bell.ring();
        bell.ring_for([&job(1), &job(2)]);
        bell.ring_for([&job(2)]);
        assert_eq!(asked(0), News { count: 3, jobs: [job(1), job(2)].into() });
        assert_eq!(asked(2).jobs, [job(2)].into());
        assert_eq!(asked(3), News { count: 3, ..News::default() });
        for n in 0..REMEMBERED + 1 {
            bell.ring_for([&job(n % 2)]);
        }
        assert_eq!(bell.news.lock().unwrap().jobs.len(), REMEMBERED);
        assert_eq!(asked(3).jobs, [job(0), job(1)].into());
    }
}
