//! `clipscope models`: lists, fetches and verifies the networks.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::ModelsCommand;
use super::common::Common;
use super::failure::Failure;
use super::output::{print, tell};
use super::run;
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_networks::fetch::{Fetcher, FileState, Planned, Progress, RemoteFile, Verified, status};
use clipscope_networks::{ModelSet, NetworkInfo, SetName, TextRepair, verify};

pub(super) fn run(command: &ModelsCommand, common: &Common) -> Result<(), Failure> {
    match command {
        ModelsCommand::List { .. } => list(common),
        ModelsCommand::Fetch { names, from, .. } => fetch(names, from.as_deref(), common),
        ModelsCommand::Verify { names, .. } => verify_networks(names, common),
        ModelsCommand::Path { .. } => {
            let path = run::model_store(common)?.downloads();
            print(format!("{}\n", display_path(&path)).as_bytes())
        }
    }
}

fn list(common: &Common) -> Result<(), Failure> {
    let store = run::model_store(common)?;
    let mut out = String::new();
    for set in [SetName::Mini, SetName::Reference] {
        let what = match set {
            SetName::Mini => "included in the program; its shared space is a stand-in, not CLIP",
            SetName::Reference => "official weights, downloaded by 'clipscope models fetch'",
        };
        let _ = writeln!(out, "{}: {what}", set.name());
        for network in ModelSet::networks(set)? {
            let state = if network.files.is_empty() {
                "installed".to_string()
            } else {
                state(&store.downloads(), &network.files)
            };
            let roles: Vec<String> =
                network.outputs.iter().map(|(role, dim)| format!("{} {dim}-d", role.name())).collect();
            let _ = writeln!(
                out,
                "  {:<38} {:<13} {:>10}  {}\n    license: {}",
                display_safe(&network.name),
                state,
                HumanBytes(network.bytes).to_string(),
                roles.join(", "),
                display_safe(&network.license)
            );
            if let Some(TextRepair::OpenAi) = network.text_repair {
                let _ = writeln!(
                    out,
                    "    texts: repaired as by OpenAI's tokenizer (ftfy, HTML entities, lower case)"
                );
            }
        }
    }
    print(out.as_bytes())
}

/// The state of the least complete of a network's files.
fn state(root: &Path, files: &[RemoteFile]) -> String {
    let worst = status(root, files).into_iter().map(|file| file.state).min_by_key(|state| match state {
        FileState::Damaged => 0,
        FileState::Missing => 1,
        FileState::Partial => 2,
        FileState::Present => 3,
    });
    match worst {
        Some(FileState::Present) | None => "installed",
        Some(FileState::Partial) => "incomplete",
        Some(FileState::Damaged) => "damaged",
        Some(FileState::Missing) => "not installed",
    }
    .into()
}

/// The networks of `set` with these names; all of them without names.
fn chosen(set: SetName, names: &[String]) -> Result<Vec<NetworkInfo>, Failure> {
    let all = ModelSet::networks(set)?;
    if names.is_empty() {
        return Ok(all);
    }
    if let Some(name) = names.iter().find(|name| !all.iter().any(|network| is_called(network, set, name))) {
        return Err(unknown_network(name, &[set])?);
    }
    Ok(all.into_iter().filter(|network| names.iter().any(|name| is_called(network, set, name))).collect())
}

/// Whether a name on the command line means the network: its own, its folder's or its set's.
fn is_called(network: &NetworkInfo, set: SetName, name: &str) -> bool {
    network.name == name || network.folder == name || set.name() == name
}

fn unknown_network(name: &str, sets: &[SetName]) -> Result<Failure, Failure> {
    let mut known = Vec::new();
    for &set in sets {
        known.extend(ModelSet::networks(set)?.into_iter().map(|network| network.name));
    }
    let message = format!("there is no network '{name}'; choose from {}", known.join(", "));
    Ok(Failure::new(Failure::USAGE, message))
}

fn fetch(names: &[String], from: Option<&Path>, common: &Common) -> Result<(), Failure> {
    let set = SetName::Reference;
    let mut files: Vec<RemoteFile> = Vec::new();
    for file in chosen(set, names)?.into_iter().flat_map(|network| network.files) {
        // Both CLIP towers come from one file.
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let fail = |error: clipscope_networks::fetch::FetchError| Failure::new(Failure::MODELS, error);
    let fetcher = Fetcher::from_env(run::model_store(common)?.downloads()).map_err(fail)?;
    let mut bar = Bar::new(common.quiet);
    let fetched = match from {
        Some(folder) => fetcher.import(folder, &files, &mut bar),
        None => fetcher.fetch(set.name(), &files, &mut bar),
    };
    bar.bar.finish_and_clear();
    let mut out = String::new();
    for file in fetched.map_err(fail)? {
        let how = match file.origin.verified {
            Verified::Pinned => "SHA-256 matches the model card",
            Verified::Published => "hash matches the hub",
            Verified::Carried => "hash matches the file beside it",
            Verified::No => "not verified against the hub",
        };
        let there = if file.already_there { "already downloaded, " } else { "" };
        let _ = writeln!(out, "{}: {there}{how}", display_path(&file.path));
    }
    print(out.as_bytes())
}

/// Verifies the networks with these names, of any set; without names, the set in use.
fn verify_networks(names: &[String], common: &Common) -> Result<(), Failure> {
    let mut wanted: Vec<(SetName, Vec<String>)> = Vec::new();
    let mut unknown: Vec<&String> = names.iter().collect();
    for set in [SetName::Mini, SetName::Reference] {
        let networks = ModelSet::networks(set)?;
        let asked = |network: &NetworkInfo| names.iter().any(|name| is_called(network, set, name));
        unknown.retain(|name| !networks.iter().any(|network| is_called(network, set, name)));
        let found: Vec<String> = networks.into_iter().filter(asked).map(|network| network.name).collect();
        if !found.is_empty() {
            wanted.push((set, found));
        }
    }
    if let Some(name) = unknown.first() {
        return Err(unknown_network(name, &[SetName::Mini, SetName::Reference])?);
    }
    let store = run::model_store(common)?;
    let sets = if names.is_empty() {
        vec![(run::open_models(common)?, None)]
    } else {
        wanted
            .into_iter()
            .map(|(set, names)| Ok((ModelSet::open(set, common.device(), &store)?, Some(names))))
            .collect::<Result<Vec<_>, Failure>>()?
    };
    let towers = sets.iter().flat_map(|(set, names)| {
        set.all_towers()
            .filter(move |tower| names.as_ref().is_none_or(|names| names.contains(&tower.card().name)))
    });
    let mut out = String::new();
    let mut failures = Vec::new();
    for tower in towers {
        let outcome = verify::verify(tower)?;
        let vectors = outcome.worst_cosine.map_or_else(
            || "published SHA-256, no golden vectors".into(),
            |cosine| format!("worst cosine {cosine:.7}"),
        );
        let tokens = match outcome.token_lists {
            0 => String::new(),
            lists => format!(", token ids of {lists} texts"),
        };
        let verdict = if outcome.passed() { "ok" } else { "FAILED" };
        let _ = writeln!(out, "{:<38} {verdict:<6} {vectors}{tokens}", display_safe(&outcome.network));
        failures.extend(outcome.failure.map(|failure| format!("{}: {failure}", outcome.network)));
    }
    print(out.as_bytes())?;
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Failure::MODELS, failures.join("; ")))
}

/// Shows a download as one progress bar per file.
struct Bar {
    bar: ProgressBar,
    quiet: bool,
}

impl Bar {
    fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = "{msg} {bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, quiet }
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| tell(format_args!("{}", display_safe(text))));
        }
    }
}

impl Progress for Bar {
    fn planned(&mut self, set: &str, files: &[Planned]) {
        let missing: Vec<&Planned> = files.iter().filter(|file| !file.already_there).collect();
        if missing.is_empty() {
            self.say(&format!("'{set}' is already downloaded"));
            return;
        }
        let total: u64 =
            missing.iter().map(|file| file.bytes.unwrap_or(0).saturating_sub(file.on_disk)).sum();
        self.say(&format!("fetching {} for '{set}':", HumanBytes(total)));
        for file in missing {
            let bytes =
                file.bytes.map_or_else(|| "unknown size".into(), |bytes| HumanBytes(bytes).to_string());
            self.say(&format!("  {}  {bytes}  license: {}", file.file, file.license));
        }
    }

    fn checking(&mut self, file: &str, total_bytes: u64) {
        self.bar.reset();
        self.bar.set_length(total_bytes);
        self.bar.set_message(format!("checking {}", display_safe(file)));
    }

    fn started(&mut self, file: &str, total_bytes: Option<u64>, resumed_from: u64) {
        self.bar.reset();
        self.bar.set_length(total_bytes.unwrap_or(0));
        self.bar.set_position(resumed_from);
        self.bar.reset_eta();
        self.bar.set_message(display_safe(file).into_owned());
    }

    fn advanced(&mut self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn retrying(&mut self, reason: &str, pause: Duration) {
        self.say(&format!("{reason}; retrying in {:.0} s", pause.as_secs_f32().ceil()));
    }

    fn waiting(&mut self, lock: &Path) {
        self.say(&format!("waiting for another clipscope that is downloading (lock {})", display_path(lock)));
    }

    fn finished(&mut self) {
        self.bar.set_position(self.bar.length().unwrap_or(0));
    }
}
