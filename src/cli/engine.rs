//! `clipscope push` and `clipscope search --engine`: vectors in an engine that spans machines.

use std::sync::Arc;

use indicatif::ProgressBar;

use super::args::{Common, PushOptions, SearchOptions};
use super::{Failure, run, search, tell};
use clipscope_base::display_safe::display_safe;
use clipscope_core::qdrant::{self, QdrantCollection, QdrantError, QdrantSettings};

impl From<QdrantError> for Failure {
    fn from(error: QdrantError) -> Self {
        Self::input(error)
    }
}

pub(super) fn push(options: &PushOptions, common: &Common) -> Result<(), Failure> {
    let progress = run::progress_bar(0, common.quiet, "pushing");
    let engine = connect(&options.engine, &options.collection, common, &progress)?;
    let done = qdrant::push(&engine, &options.files, options.batch, &mut |done| {
        progress.set_length(done.total);
        progress.set_position(done.sent + done.known);
    })?;
    progress.finish_and_clear();
    if !common.quiet {
        let known = match done.known {
            0 => String::new(),
            count => format!("; {count} were there already"),
        };
        tell(format_args!(
            "sent {} vectors to {} at {}{known}",
            done.sent,
            options.collection,
            engine.host()
        ));
    }
    Ok(())
}

/// What `search` does where it is given an engine.
pub(super) fn search(url: &str, options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    let set = run::open_models(common)?;
    let role = search::PHOTOS;
    // An engine has no folder: what stands in its place is the first of the phrases.
    let first = options.folder.iter().map(|first| first.to_string_lossy().into_owned());
    let tokens: Vec<String> = first.chain(options.query.iter().cloned()).collect();
    let (query, vector) = search::query(options, &search::phrases(&tokens)?, &set, common)?;
    let collection = options.collection.as_deref().unwrap_or_default();
    let progress = ProgressBar::hidden();
    let engine = connect(url, collection, common, &progress)?;
    let model = super::embed::model_key(&set, role)?;
    let unfit = |problem: &str| QdrantError::Collection {
        name: collection.to_owned(),
        problem: problem.to_owned(),
        remedy: "bring vectors there with `clipscope push`, or choose the --models that they were made with",
    };
    if !engine.check(vector.dim())? {
        return Err(unfit("the engine has no such collection").into());
    }
    let searched = engine.count(role, &model)?;
    if searched == 0 {
        return Err(unfit("it holds no photo embedded with these models").into());
    }
    let hits = engine.search(vector.row(0), role, &model, options.top_k)?;
    let hits = hits.into_iter().map(|hit| (hit.path, hit.score));
    search::answer(query, &set, usize::try_from(searched).unwrap_or(usize::MAX), hits, options)
}

fn connect(
    url: &str,
    collection: &str,
    common: &Common,
    progress: &ProgressBar,
) -> Result<QdrantCollection, Failure> {
    let mut settings = QdrantSettings::new(url);
    settings.api_key = std::env::var("QDRANT_API_KEY").ok().filter(|key| !key.is_empty());
    if settings.api_key.is_some() && url.trim_start().starts_with("http://") && !common.quiet {
        tell(format_args!(
            "clipscope: QDRANT_API_KEY is sent without encryption; use https:// beyond this machine"
        ));
    }
    if !common.quiet {
        let progress = progress.clone();
        settings.on_retry = Some(Arc::new(move |text: &str| {
            progress.suspend(|| tell(format_args!("clipscope: the engine: {}", display_safe(text))));
        }));
    }
    Ok(QdrantCollection::new(settings, collection)?)
}
