//! A message that goes away by itself.

use std::time::Duration;

/// How long a message stays.
const SHOWN: Duration = Duration::from_secs(6);

/// A message and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Safe to show.
    pub text: String,
    /// When it goes, counted from the start of the program.
    pub until: Duration,
}

impl Notice {
    /// A message that is shown from `now` on.
    #[must_use]
    pub fn new(text: impl Into<String>, now: Duration) -> Self {
        Self { text: text.into(), until: now + SHOWN }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: Duration) -> bool {
        self.until <= now
    }

    /// Whether the next key press takes it away: it has been read then. In its last second it goes by itself.
    #[must_use]
    pub fn goes_with_a_key(&self, now: Duration) -> bool {
        self.until > now + Duration::from_secs(1)
    }
}
