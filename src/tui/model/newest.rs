//! Questions to a worker: wanted, asked, answered.

use std::time::Duration;

/// A question that is asked again and again, each time about something newer. The newest answer wins: one that comes after
/// a newer one is dropped.
///
/// `Q` tells questions apart. To have one question out at a time, ask only while none [is out](Newest::is_out).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest<Q> {
    /// When the next question may be asked at the earliest; `None` while none is wanted.
    wanted: Option<Duration>,
    /// Asked and not answered, oldest first.
    out: Vec<Q>,
}

impl<Q> Default for Newest<Q> {
    fn default() -> Self {
        Self { wanted: None, out: Vec::new() }
    }
}

impl<Q: PartialEq> Newest<Q> {
    /// Wants a question asked, at `from` at the earliest. Replaces an earlier wish.
    pub fn want(&mut self, from: Duration) {
        self.wanted = Some(from);
    }

    /// Withdraws a wish.
    pub fn unwant(&mut self) {
        self.wanted = None;
    }

    /// When the next question may be asked at the earliest, if one is wanted.
    #[must_use]
    pub fn wanted(&self) -> Option<Duration> {
        self.wanted
    }

    /// Whether a question is wanted and its time has come.
    #[must_use]
    pub fn is_due(&self, now: Duration) -> bool {
        self.wanted.is_some_and(|from| from <= now)
    }

    /// Records that a question has been asked, which fulfills the wish.
    pub fn ask(&mut self, question: Q) {
        self.wanted = None;
        self.out.push(question);
    }

    /// Whether an answer is being waited for.
    #[must_use]
    pub fn is_out(&self) -> bool {
        !self.out.is_empty()
    }

    /// Whether a question is wanted or an answer is being waited for.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.wanted.is_some() || self.is_out()
    }

    /// Records an answer. False if it comes after a newer one, or is no longer waited for.
    #[must_use]
    pub fn answered(&mut self, question: &Q) -> bool {
        let Some(at) = self.out.iter().rposition(|asked| asked == question) else { return false };
        self.out.drain(..=at);
        true
    }

    /// Stops waiting for answers.
    pub fn forget(&mut self) {
        self.out.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);

    #[test]
    fn a_question_is_due_from_its_time_on_and_once() {
        let mut newest = Newest::default();
        assert!(!newest.is_due(NOW) && !newest.is_pending());
        newest.want(NOW * 2);
        newest.want(NOW);
        assert_eq!(
            (newest.wanted(), newest.is_due(Duration::ZERO), newest.is_due(NOW)),
            (Some(NOW), false, true)
        );
        newest.ask("a");
        assert!(!newest.is_due(NOW) && newest.is_out());
        newest.want(NOW);
        newest.unwant();
        assert!(!newest.is_due(NOW) && newest.is_pending(), "the first one is still out");
    }

    #[test]
    fn an_older_answer_is_taken_until_there_is_a_newer_one() {
        let mut newest = Newest::default();
        for question in 1..=3 {
            newest.ask(question);
        }
        assert!(newest.answered(&1) && newest.is_out());
        assert!(newest.answered(&3) && !newest.is_out());
        assert!(!newest.answered(&2), "older than what is there");
        assert!(!newest.answered(&3), "no answer counts twice");
    }

    #[test]
    fn of_equal_questions_the_newest_is_answered() {
        let mut newest = Newest::default();
        newest.ask("x");
        newest.ask("x");
        assert!(newest.answered(&"x") && !newest.is_out());
    }

    #[test]
    fn a_forgotten_question_has_no_answer() {
        let mut newest = Newest::default();
        newest.ask(1);
        newest.want(NOW);
        newest.forget();
        assert!(!newest.answered(&1) && newest.is_due(NOW));
    }
}
