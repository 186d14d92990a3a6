//! `clipscope push` and `clipscope search --engine`: vectors in Qdrant, which spans machines.

use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;

use super::common::Common;
use super::failure::Failure;
use super::options::{PushOptions, SearchOptions};
use super::output::tell;
use super::progress::{self, Counted};
use super::query::{self, Answer, Hit, PHOTOS};
use super::{embed, run};
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;
use clipscope_core::qdrant::{self, QdrantCollection, QdrantError, QdrantSettings};

pub(super) fn push(options: &PushOptions, common: &Common) -> Result<(), Failure> {
    let progress = progress::bar(0, Counted::Items, common).with_message("pushing");
    let engine = connect(&options.engine, &options.collection, common, &progress)?;
    let done = qdrant::push(&engine, &options.files, options.batch, &mut |done| {
        progress.set_length(done.total);
        progress.set_position(done.sent + done.known);
    })?;
    progress.finish_and_clear();
    if !common.quiet {
        let known = match done.known {
            0 => String::new(),
            1 => "; 1 was already there".into(),
            known => format!("; {known} were already there"),
        };
        tell(format_args!(
            "sent {} to {} at {}{known}",
            count(done.sent, "vector"),
            options.collection,
            engine.host()
        ));
    }
    Ok(())
}

/// Searches a Qdrant collection.
pub(super) fn search(url: &str, options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    let set = run::open_models(common)?;
    // Qdrant has no folder: what stands in its place is the first phrase.
    let first = options.folder.iter().map(|first| first.to_string_lossy().into_owned());
    let tokens: Vec<String> = first.chain(options.query.iter().cloned()).collect();
    let (query, vector) = query::embed(options, &query::phrases(&tokens)?, &set, common)?;
    let collection = options.collection.as_deref().unwrap_or_default();
    let progress = ProgressBar::hidden();
    let engine = connect(url, collection, common, &progress)?;
    let model = embed::model_key(&set, PHOTOS)?;
    let unfit = |problem: &str| QdrantError::Collection {
        name: collection.to_owned(),
        problem: problem.to_owned(),
        remedy: "send vectors there with `clipscope push`, or choose the --models they were made with",
    };
    if !engine.check(vector.dim())? {
        return Err(unfit("it does not exist").into());
    }
    let searched = engine.count(PHOTOS, &model)?;
    if searched == 0 {
        return Err(unfit("it holds no photo embedded with these models").into());
    }
    let hits = engine.search(vector.row(0), PHOTOS, &model, options.top_k)?;
    let min_score = options.min_score.unwrap_or(f32::NEG_INFINITY);
    let hits = hits.into_iter().filter(|hit| hit.score >= min_score).enumerate();
    let results = hits.map(|(position, hit)| {
        let path = PathBuf::from(&hit.path);
        Hit { rank: position + 1, file: hit.path, score: hit.score, path }
    });
    let answer = Answer {
        schema: 1,
        query,
        models: set.info(),
        index: None,
        approximate: None,
        searched: usize::try_from(searched).unwrap_or(usize::MAX),
        results: results.collect(),
    };
    query::print_answer(&answer, options)
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
            progress.suspend(|| tell(format_args!("clipscope: Qdrant: {}", display_safe(text))));
        }));
    }
    Ok(QdrantCollection::new(settings, collection)?)
}
