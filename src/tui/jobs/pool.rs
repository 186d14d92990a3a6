//! One thread for each kind of job: one job runs, at most one waits, and a newer one takes its place.
//!
//! When the pool is dropped, nobody waits for a thread that is still at work, and its answer is lost.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::job::Job;
use super::perform::perform;
use super::worker::Worker;
use crate::tui::action::Action;
use crate::tui::engine::Engine;
use crate::tui::error::TuiError;
use crate::tui::model::SideId;
use clipscope_base::priority::{self, Priority};

/// The workers of a screen.
pub struct Pool {
    /// One for each side, so that neither waits for the other.
    compare: [Worker<Job>; SideId::ALL.len()],
    photo: Worker<Job>,
    look: Worker<Job>,
    sets: Worker<Job>,
    cluster: Worker<Job>,
    text: Worker<Job>,
    save: Worker<Job>,
    export: Worker<Job>,
}

/// How long the jobs of a thread take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Short: the user waits for the answer.
    Short,
    /// Long: they leave the processor to the screen.
    Long,
}

impl Pool {
    /// Starts the threads. Their answers go to `answers`.
    pub fn new(engine: &Arc<dyn Engine>, answers: &Sender<Action>) -> Result<Self, TuiError> {
        let worker = |name, work| {
            let (engine, answers) = (Arc::clone(engine), answers.clone());
            Worker::start(name, move || {
                if work == Work::Long {
                    priority::lower(Priority::Numbers);
                }
                move |job| {
                    // A screen that is gone wants no answer.
                    let _ = answers.send(perform(engine.as_ref(), job));
                }
            })
        };
        Ok(Self {
            compare: [worker("tui-compare", Work::Long)?, worker("tui-second", Work::Long)?],
            photo: worker("tui-photo", Work::Short)?,
            look: worker("tui-look", Work::Short)?,
            sets: worker("tui-sets", Work::Long)?,
            cluster: worker("tui-order", Work::Long)?,
            text: worker("tui-text", Work::Short)?,
            save: worker("tui-files", Work::Short)?,
            export: worker("tui-export", Work::Long)?,
        })
    }

    /// Hands a job to its thread and returns at once.
    pub fn submit(&self, job: Job) {
        let worker = match &job {
            Job::Compare(job) => &self.compare[job.side as usize],
            Job::Photo(_) => &self.photo,
            Job::Look(_) => &self.look,
            Job::Sets => &self.sets,
            Job::Cluster(_) => &self.cluster,
            Job::Text(_) => &self.text,
            Job::Save(_) => &self.save,
            Job::Export(_) => &self.export,
        };
        worker.submit(job);
    }
}
