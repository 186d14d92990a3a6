//! The progress of an embedding run.

use std::time::Duration;

use clipscope_core::embedding::{EventKind, Unit};

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RunState {
    /// Networks are being loaded; there has been no event yet.
    #[default]
    Starting,
    /// Items are arriving.
    Running,
    /// Every item has had its event.
    Finished {
        /// How long it took.
        elapsed: Duration,
    },
    /// The run cannot go on; why, safe to show.
    Failed(String),
}

/// Counts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The state of the run.
    pub state: RunState,
    /// Photos of the data set.
    pub photos: usize,
    /// Captions of the data set.
    pub captions: usize,
    /// Photos done.
    pub photos_done: usize,
    /// Captions done.
    pub captions_done: usize,
    /// Items that were left out, among those done.
    pub skipped: usize,
    /// Items whose vectors were in the cache, among those done.
    pub cached: usize,
    /// Captions with more tokens than a network reads.
    pub truncated: usize,
    /// Start of the run, counted from the start of the dashboard.
    pub started: Duration,
}

impl Progress {
    /// The progress before the first event.
    #[must_use]
    pub fn new(photos: usize, captions: usize, started: Duration) -> Self {
        Self { photos, captions, started, ..Self::default() }
    }

    /// Takes in an event.
    pub fn record(&mut self, event: &EventKind) {
        if self.state == RunState::Starting {
            self.state = RunState::Running;
        }
        match event {
            EventKind::Embedded { unit, cached, truncated, .. } => {
                self.count(*unit);
                self.cached += usize::from(*cached && !matches!(unit, Unit::NullCaption(_)));
                self.truncated += usize::from(*truncated);
            }
            EventKind::Skipped { unit, .. } => {
                self.count(*unit);
                self.skipped += usize::from(!matches!(unit, Unit::NullCaption(_)));
            }
            EventKind::Noted { .. } | EventKind::Notice(_) => {}
            EventKind::Failed(reason) => {
                self.state =
                    RunState::Failed(clipscope_base::display_safe::display_safe(reason).into_owned());
            }
            EventKind::Finished { elapsed } => self.state = RunState::Finished { elapsed: *elapsed },
        }
    }

    fn count(&mut self, unit: Unit) {
        match unit {
            Unit::Photo(_) => self.photos_done += 1,
            Unit::Caption(_) => self.captions_done += 1,
            Unit::NullCaption(_) => {}
        }
    }

    /// Whether items may still arrive.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, RunState::Starting | RunState::Running)
    }

    /// Items done, and all items.
    #[must_use]
    pub fn items(&self) -> (usize, usize) {
        (self.photos_done + self.captions_done, self.photos + self.captions)
    }

    /// Items computed per second so far, if there is a rate yet.
    #[must_use]
    pub fn rate(&self, now: Duration) -> Option<f64> {
        let computed = self.items().0.checked_sub(self.cached).filter(|&computed| computed > 0)?;
        let spent = now.checked_sub(self.started).filter(|spent| !spent.is_zero())?;
        Some(computed as f64 / spent.as_secs_f64())
    }

    /// Time that the rest takes at the rate so far, if there is a rate yet.
    #[must_use]
    pub fn remaining(&self, now: Duration) -> Option<Duration> {
        let (done, all) = self.items();
        let seconds = all.saturating_sub(done) as f64 / self.rate(now)?;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_estimated_from_what_was_computed() {
        let mut progress = Progress::new(10, 0, Duration::ZERO);
        assert_eq!(progress.remaining(Duration::from_secs(1)), None);
        for (place, cached) in [(0, true), (1, true), (2, false), (3, false)] {
            let (unit, vectors) = (Unit::Photo(place), Vec::new());
            progress.record(&EventKind::Embedded {
                unit,
                vectors,
                content: [0; 32],
                cached,
                truncated: false,
            });
        }
        assert_eq!(progress.items(), (4, 10));
        assert_eq!(progress.rate(Duration::from_secs(2)), Some(1.0));
        assert_eq!(progress.remaining(Duration::from_secs(2)), Some(Duration::from_secs(6)));
        assert_eq!(progress.rate(Duration::ZERO), None);
    }

    #[test]
    fn null_captions_are_no_items() {
        let mut progress = Progress::new(1, 1, Duration::ZERO);
        progress.record(&EventKind::Skipped { unit: Unit::NullCaption(0), reason: "x".into() });
        assert_eq!((progress.items(), progress.skipped), ((0, 2), 0));
        assert_eq!(progress.state, RunState::Running);
    }
}
