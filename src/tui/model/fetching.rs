//! A fetch that runs: how far it is, how fast, and when it will be done.

use std::collections::VecDeque;
use std::time::Duration;

use super::set_rows::{FetchNews, FetchStage};

/// The rate is that of this long before now, so that it follows the network and still stands still enough to be read.
const WINDOW: Duration = Duration::from_secs(8);

/// The fetch of a model set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// Its number; news with another one are of an earlier fetch.
    pub number: u64,
    /// The name of the set.
    pub set: String,
    /// The newest news.
    pub news: FetchNews,
    /// Bytes that had arrived, and when, oldest first.
    arrived: VecDeque<(Duration, u64)>,
}

impl Fetching {
    /// A fetch of which nothing is known yet.
    #[must_use]
    pub fn new(number: u64, set: String) -> Self {
        let news = FetchNews { stage: FetchStage::Asking, done: 0, total: 0 };
        Self { number, set, news, arrived: VecDeque::new() }
    }

    /// Takes in news.
    pub fn take(&mut self, news: FetchNews, now: Duration) {
        let begins_anew = self.arrived.back().is_some_and(|(_, before)| news.done < *before);
        if news.stage != FetchStage::Receiving || begins_anew {
            self.arrived.clear();
        }
        if news.stage == FetchStage::Receiving {
            self.arrived.push_back((now, news.done));
            while self.arrived.len() > 2 && self.arrived[1].0 + WINDOW < now {
                self.arrived.pop_front();
            }
        }
        self.news = news;
    }

    /// Share of the bytes that are done, from 0 to 1; 0 while nothing is known.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.news.total == 0 {
            return 0.0;
        }
        (self.news.done as f64 / self.news.total as f64).min(1.0)
    }

    /// Bytes that arrive per second, once there is a rate.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let (&(from, before), &(until, after)) = (self.arrived.front()?, self.arrived.back()?);
        let spent = until.checked_sub(from).filter(|spent| *spent >= Duration::from_millis(200))?;
        Some(after.saturating_sub(before) as f64 / spent.as_secs_f64())
    }

    /// Time that the rest takes at this rate.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate().filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(self.news.total.saturating_sub(self.news.done) as f64 / rate).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiving(done: u64) -> FetchNews {
        FetchNews { stage: FetchStage::Receiving, done, total: 1_000 }
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds_and_says_when_the_rest_is_here() {
        let mut fetching = Fetching::new(1, "reference".into());
        assert_eq!((fetching.share(), fetching.rate(), fetching.left()), (0.0, None, None));
        // What was here before is no part of the rate.
        fetching.take(receiving(400), Duration::from_secs(10));
        assert_eq!((fetching.share(), fetching.rate()), (0.4, None));
        fetching.take(receiving(500), Duration::from_secs(11));
        assert_eq!((fetching.rate(), fetching.left()), (Some(100.0), Some(Duration::from_secs(5))));
        // The first second is forgotten when it is long ago.
        for second in 12..=30 {
            fetching.take(receiving(500 + 10 * (second - 11)), Duration::from_secs(second));
        }
        let rate = fetching.rate().unwrap();
        assert!((9.9..10.1).contains(&rate), "{rate}");
    }

    #[test]
    fn a_file_that_begins_anew_or_is_checked_has_no_rate() {
        let mut fetching = Fetching::new(1, "reference".into());
        fetching.take(receiving(400), Duration::from_secs(1));
        fetching.take(receiving(600), Duration::from_secs(2));
        fetching.take(receiving(100), Duration::from_secs(3));
        assert_eq!(fetching.rate(), None);
        fetching.take(receiving(200), Duration::from_secs(4));
        assert!(fetching.rate().is_some());
        let checking = FetchNews { stage: FetchStage::Checking, done: 900, total: 1_000 };
        fetching.take(checking, Duration::from_secs(5));
        assert_eq!((fetching.rate(), fetching.left()), (None, None));
    }
}
