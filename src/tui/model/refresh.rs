//! The schedule of comparisons of a model set.

use std::time::Duration;

use super::newest::Newest;

/// While photos arrive, the pause after a comparison is this many times as long as the comparison.
const PAUSE: u32 = 4;
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Decides when the numbers are computed again: one comparison at a time, with pauses while photos are arriving, so that
/// comparing does not take the processor from embedding. Comparisons are numbered by version.
#[derive(Debug, Clone, Default)]
pub struct Refresh {
    compare: Newest<u64>,
    not_before: Duration,
    /// Version of the current numbers; 0 while there are none from the current vectors.
    shown: u64,
}

impl Refresh {
    /// Wants a comparison, after the pause.
    pub fn want(&mut self) {
        self.compare.want(self.not_before);
    }

    /// Ends the pause.
    pub fn hurry(&mut self) {
        self.not_before = Duration::ZERO;
        self.put_off();
    }

    /// Wants a comparison without a pause.
    pub fn want_now(&mut self) {
        self.not_before = Duration::ZERO;
        self.want();
    }

    /// Moves the wish, if there is one, to the end of the pause.
    fn put_off(&mut self) {
        if self.compare.wanted().is_some() {
            self.want();
        }
    }

    /// When the next comparison is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.compare.wanted().filter(|_| !self.compare.is_out())
    }

    /// Whether a comparison should start now.
    #[must_use]
    pub fn is_due(&self, now: Duration) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }

    /// Records the start of a comparison.
    pub fn start(&mut self, version: u64) {
        self.compare.ask(version);
    }

    /// Whether a comparison is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.compare.is_out()
    }

    /// Records the end of a comparison. False if it was of other vectors.
    #[must_use]
    pub fn end(&mut self, version: u64, took: Duration, now: Duration, embedding: bool) -> bool {
        if !self.compare.answered(&version) {
            return false;
        }
        let pause = if embedding { (took * PAUSE).min(LONGEST_PAUSE) } else { Duration::ZERO };
        self.not_before = now + pause;
        self.put_off();
        true
    }

    /// Records which numbers are current.
    pub fn show(&mut self, version: u64) {
        self.shown = version;
    }

    /// Version of the current numbers; 0 while there are none from the current vectors.
    #[must_use]
    pub fn shown(&self) -> u64 {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_comparison_runs_at_a_time_and_pauses_follow_it_while_photos_arrive() {
        let mut refresh = Refresh::default();
        assert_eq!(refresh.deadline(), None);
        refresh.want();
        assert!(refresh.is_due(Duration::ZERO));
        refresh.start(1);
        refresh.want();
        assert_eq!((refresh.deadline(), refresh.is_running()), (None, true));
        assert!(refresh.end(1, SECOND, SECOND * 2, true));
        assert_eq!(refresh.deadline(), Some(SECOND * 6));
        refresh.hurry();
        assert!(refresh.is_due(Duration::ZERO), "everything is embedded");
        refresh.start(2);
        assert!(!refresh.end(1, SECOND, SECOND, true), "an old one");
        assert!(refresh.end(2, SECOND * 100, SECOND, true));
        refresh.want();
        assert_eq!(refresh.deadline(), Some(SECOND * 61));
    }
}
