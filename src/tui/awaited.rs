//! Answers that the terminal still owes.
//!
//! Shared by the thread that asks and reads and by whoever gives the terminal back: what is still to come is read before the
//! shell could take it for input. Must not know what was asked.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long leaving waits for answers after a signal, which has to end the program within two seconds, and for those of a
/// terminal behind one that has answered.
const WAIT: Duration = Duration::from_millis(1_500);
/// How long a user who quits waits for a terminal that has not answered at all, as over a slow line.
const PATIENCE: Duration = Duration::from_millis(3_500);
/// As long as something comes at least this often, a user who quits waits for more,
const STEP: Duration = Duration::from_millis(500);
/// but never longer than this.
const LONGEST: Duration = Duration::from_secs(6);
/// A terminal that has not answered for so long will not.
const SILENT: Duration = Duration::from_secs(60);
/// tmux answers and passes the question on, but only if `allow-passthrough` is on: after this time it is not.
const NOT_PASSED_ON: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct State {
    /// How many of the last answers, one to each terminal asked, are still to come.
    owed: usize,
    asked: Option<Instant>,
    /// Whether one of the terminals that were asked has answered.
    answered: bool,
    /// When the terminal last sent something.
    came: Option<Instant>,
    /// The terminal is given back, or is about to be.
    leaving: bool,
    /// Leaving must not take long.
    hurry: bool,
    /// Somebody reads what the terminal sends.
    read: bool,
}

impl State {
    fn is_owed(&self) -> bool {
        let silent = if self.answered { NOT_PASSED_ON } else { SILENT };
        self.owed > 0 && self.asked.is_some_and(|asked| asked.elapsed() < silent)
    }

    /// How much longer to wait after `waited`.
    fn left(&self, waited: Duration) -> Option<Duration> {
        if !self.read || !self.is_owed() {
            return None;
        }
        let step = self.came.map_or(Duration::ZERO, |came| STEP.saturating_sub(came.elapsed()));
        let more = if self.hurry { Duration::ZERO } else { step.min(LONGEST.saturating_sub(waited)) };
        let wait = if self.hurry || self.answered { WAIT } else { PATIENCE };
        Some(wait.saturating_sub(waited).max(more)).filter(|left| !left.is_zero())
    }
}

/// Which answers are still to come.
#[derive(Debug, Clone, Default)]
pub struct Awaited(Arc<(Mutex<State>, Condvar)>);

impl Awaited {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called before questions are written that end with `owed` last answers. False if the terminal is being given back: then
    /// nothing may be asked.
    pub fn ask(&self, owed: usize) -> bool {
        let mut state = self.state();
        if !state.leaving {
            state.owed += owed;
            state.asked = Some(Instant::now());
            state.answered = false;
        }
        !state.leaving
    }

    /// A last answer has come. False if none was owed.
    pub fn answered(&self) -> bool {
        let mut state = self.state();
        let owed = state.owed > 0;
        state.owed = state.owed.saturating_sub(1);
        state.answered = true;
        self.0.1.notify_all();
        owed
    }

    /// Whether answers may still come.
    pub fn is_owed(&self) -> bool {
        self.state().is_owed()
    }

    /// Somebody reads until the return value is dropped.
    pub fn reading(&self) -> Reading {
        self.state().read = true;
        Reading(self.clone())
    }

    /// Forbids further questions and waits until every answer has been read, or for as long as is acceptable. Returns whether
    /// nothing is owed any more.
    pub fn leave(&self) -> bool {
        let start = Instant::now();
        let mut state = self.state();
        state.leaving = true;
        while let Some(left) = state.left(start.elapsed()) {
            (state, _) = self.0.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
        !state.is_owed()
    }

    /// A signal asks the program to end: leaving does not wait for what comes slowly.
    pub fn hurry(&self) {
        self.state().hurry = true;
    }

    /// The terminal has sent something.
    pub fn came(&self) {
        self.state().came = Some(Instant::now());
    }

    /// The terminal is taken again.
    pub fn enter(&self) {
        self.state().leaving = false;
    }
}

/// The time in which somebody reads what the terminal sends.
pub struct Reading(Awaited);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.state().read = false;
        self.0.0.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_waits_for_the_last_answer_of_every_terminal_asked() {
        let awaited = Awaited::default();
        let _reading = awaited.reading();
        assert!(awaited.leave(), "nothing was asked");
        assert!(!awaited.ask(1) && !awaited.is_owed(), "nothing is asked of a terminal that is given back");
        awaited.enter();
        assert!(awaited.ask(2) && awaited.is_owed());
        assert!(awaited.answered() && awaited.is_owed());
        let other = awaited.clone();
        let leaving = std::thread::spawn(move || other.leave());
        while !awaited.state().leaving {
            std::thread::yield_now();
        }
        assert!(awaited.answered());
        assert!(leaving.join().unwrap());
        assert!(!awaited.answered());
    }

    #[test]
    fn the_wait_goes_on_while_something_comes_but_not_for_ever() {
        let now = Instant::now();
        let mut state = State { owed: 1, asked: Some(now), read: true, ..State::default() };
        assert_eq!(state.left(Duration::from_secs(1)), Some(PATIENCE - Duration::from_secs(1)));
        assert_eq!(State { answered: true, ..state }.left(WAIT), None);
        assert_eq!(state.left(PATIENCE), None);
        // In the future, so that the time this test takes plays no part.
        state.came = Some(now + Duration::from_secs(3_600));
        assert_eq!(state.left(PATIENCE), Some(STEP));
        assert_eq!(state.left(LONGEST), None);
        state.hurry = true;
        assert_eq!(state.left(WAIT), None);
        assert_eq!(State { owed: 0, hurry: false, ..state }.left(Duration::ZERO), None);
    }

    #[test]
    fn a_terminal_behind_one_that_has_answered_is_given_up_sooner() {
        let Some(asked) = Instant::now().checked_sub(NOT_PASSED_ON * 2) else { return };
        let state = State { owed: 1, asked: Some(asked), ..State::default() };
        assert!(state.is_owed());
        assert!(!State { answered: true, ..state }.is_owed());
    }

    #[test]
    fn nobody_waits_for_answers_that_nobody_reads() {
        let awaited = Awaited::default();
        let reading = awaited.reading();
        assert!(awaited.ask(1));
        let other = awaited.clone();
        let leaving = std::thread::spawn(move || other.leave());
        drop(reading);
        assert!(!leaving.join().unwrap(), "what is not read is still owed");
    }
}
