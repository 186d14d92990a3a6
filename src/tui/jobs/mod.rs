//! Work that would delay the next key: comparing, preparing photos, looking up scores, embedding, writing files.
//!
//! Each kind of job is plain data in and plain data out; [`pool`] runs it on a thread of its own, and tests run it in
//! place with [`perform`]. Must not touch the state of the dashboard or the terminal.

mod cluster;
mod compare;
mod export;
pub(super) mod fetch;
mod guarded;
mod job;
mod look;
mod perform;
mod photo;
pub(super) mod pool;
pub(super) mod rank;
mod save;
mod sets;
mod text;
pub(super) mod worker;

pub use cluster::{ClusterDone, ClusterJob, role as cluster_role};
pub use compare::{CompareDone, CompareJob};
pub use export::{
    ExportDone, ExportJob, Format, ItemExport, ListExport, RankedExport, ScreenExport, made_with,
};
pub use job::Job;
pub use look::{LookDone, LookJob, LookRequest};
pub use perform::perform;
pub use photo::{PhotoDone, PhotoJob, PhotoKey, Picture};
pub use rank::{RankDone, RankQuery};
pub use save::{CaptionToSave, SaveDone, SaveJob};
pub use sets::SetsDone;
pub use text::{PhraseRanking, TextAnswer, TextDone, TextJob, TextUse};
