//! Questions to a worker: wanted, asked, answered.

use std::time::Duration;

/// A question that is asked again and again, each time about something newer. Of several answers the newest wins: an
/// answer that comes after a newer one is dropped.
///
/// `Q` tells questions apart. Whoever wants no more than one question at a time asks only while none
/// [is out](Newest::is_out).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest<Q> {
    /// From when on the next question may be asked; `None` while nothing new is wanted.
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
    /// Wants the next question asked, at `from` at the earliest. Replaces an earlier wish.
    pub fn want(&mut self, from: Duration) {
        self.wanted = Some(from);
    }

    /// Withdraws a wish.
    pub fn unwant(&mut self) {
        self.wanted = None;
    }

    /// When the next question is wanted, if one is.
    #[must_use]
    pub fn wanted(&self) -> Option<Duration> {
        self.wanted
    }

    /// Whether a question is wanted and its time has come.
    #[must_use]
    pub fn is_due(&self, now: Duration) -> bool {
        self.wanted.is_some_and(|from| from <= now)
    }

    /// Notes that a question has been asked; it is what was wanted.
    pub fn ask(&mut self, question: Q) {
        self.wanted = None;
        self.out.push(question);
    }

    /// Whether a question has no answer yet.
    #[must_use]
    pub fn is_out(&self) -> bool {
        !self.out.is_empty()
    }

    /// Whether the last word is still to come: a question is wanted, or has no answer yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.wanted.is_some() || self.is_out()
    }

    /// Takes in the answer to a question. False when it comes after a newer one, or is no longer waited for.
    #[must_use]
    pub fn answered(&mut self, question: &Q) -> bool {
        let Some(at) = self.out.iter().rposition(|asked| asked == question) else { return false };
        self.out.drain(..=at);
        true
    }

    /// No longer waits for what has been asked.
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
