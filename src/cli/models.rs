//! `clipscope models`: lists, fetches and verifies the networks.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar};

use super::args::ModelsCommand;
use super::common::Common;
use super::failure::Failure;
use super::model_choice::set_of;
use super::output::{print, tell};
use super::progress::{self, Counted};
use super::run;
use crate::tui::model::NetworkState;
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_networks::fetch::{Fetcher, FileState, Planned, Progress, RemoteFile, Verified, status};
use clipscope_networks::weights::{Activation, LocalNetwork, inspect};
use clipscope_networks::{
    Catalog, ModelError, ModelSet, ModelStore, NetworkInfo, Role, SetDefinition, SetName, TextRepair, verify,
};

pub(super) fn run(command: &ModelsCommand, common: &Common) -> Result<(), Failure> {
    match command {
        ModelsCommand::List { .. } => list(common),
        ModelsCommand::Add { path, name, activation, .. } => {
            add(path, name, activation.map(Activation::from), common)
        }
        ModelsCommand::Remove { name, .. } => remove(name, common),
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
    let catalog = common.models.catalog(&store)?;
    let mut out = String::new();
    for set in catalog.sets() {
        let _ = writeln!(out, "{}: {}", display_safe(set.name.name()), display_safe(&set.about));
        for network in catalog.infos(set)? {
            let state = state_words(&store, &network);
            let roles: Vec<String> = network
                .outputs
                .iter()
                .filter(|(role, _)| set.network(*role) == Some(network.name.as_str()))
                .map(|(role, dim)| format!("{} {dim}-d", role.name()))
                .collect();
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
    let mut damaged = Vec::new();
    for added in store.added() {
        match added {
            Ok(local) => describe(&mut out, &local),
            Err(reason) => damaged.push(reason),
        }
    }
    print(out.as_bytes())?;
    match damaged.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(Failure::MODELS, damaged.join("; "))),
    }
}

/// What was added under a name: architecture, layout, and the files with their hashes.
fn describe(out: &mut String, local: &LocalNetwork) {
    let roles: Vec<&str> = local.roles.iter().map(|role| role.name()).collect();
    let _ = writeln!(
        out,
        "added {}: {} from the layout {}, {}",
        display_safe(&local.name),
        local.family.name(),
        local.layout.name(),
        roles.join(", ")
    );
    for file in local.files.iter().chain(&local.tokenizer) {
        let state = file.check_length().err().unwrap_or_else(|| HumanBytes(file.bytes).to_string());
        let _ = writeln!(
            out,
            "  {}: {}\n    SHA-256 {}",
            display_path(&file.path),
            display_safe(&state),
            file.sha256
        );
    }
}

/// Looks at a checkpoint and remembers it under a name.
fn add(path: &Path, name: &str, activation: Option<Activation>, common: &Common) -> Result<(), Failure> {
    let store = run::model_store(common)?;
    let mut catalog = common.models.catalog(&store)?;
    let known = store.added().into_iter().flatten().any(|local| local.name == name);
    if !known && catalog.set(name).is_ok() {
        let message = format!("'{name}' is the name of a model set; choose another one");
        return Err(Failure::new(Failure::USAGE, message));
    }
    let path = path.canonicalize().map_err(|error| {
        Failure::new(Failure::MODELS, format!("cannot read {}: {error}", display_path(path)))
    })?;
    let summary = inspect(&path).map_err(ModelError::from)?;
    let local = summary.network(name, activation).map_err(ModelError::from)?;
    let names = catalog.add_local(&local)?;
    let set = set_of(&catalog, &local)?;
    // Filling the graph once finds what names and shapes do not tell.
    let mut alone = SetDefinition::empty(SetName::new(name), String::new());
    for &role in &local.roles {
        for network in names.iter().filter_map(|name| catalog.network(name)) {
            if network.card().plays(role) {
                alone.put(role, network.card().name.as_str());
            }
        }
    }
    for tower in ModelSet::open(&catalog, &alone, common.device(), &store)?.all_towers() {
        tower.load()?;
    }
    store.remember(&local).map_err(|error| {
        Failure::input(format!("cannot write to {}: {error}", display_path(&store.downloads())))
    })?;
    let mut out = String::new();
    describe(&mut out, &local);
    if summary.left_out > 0 {
        let _ = writeln!(out, "  {} beside the weights left out", count(summary.left_out, "tensor"));
    }
    let _ = match set {
        Some(set) => writeln!(out, "use it with: clipscope --models {}", set.name),
        None => {
            let option = match local.roles.first() {
                Some(Role::PreClipImage) => format!("--pre-clip-image {name}"),
                Some(Role::PreClipText) => format!("--pre-clip-text {name}"),
                Some(Role::ClipImage) => format!("--clip {name},clip-vit-b32-text"),
                _ => format!("--clip clip-vit-b32-vision,{name}"),
            };
            writeln!(out, "use it with: clipscope {option}")
        }
    };
    print(out.as_bytes())
}

fn remove(name: &str, common: &Common) -> Result<(), Failure> {
    let store = run::model_store(common)?;
    let fail = |error: std::io::Error| Failure::input(format!("cannot forget '{name}': {error}"));
    if store.forget(name).map_err(fail)? {
        return print(format!("forgot {}; its files are untouched\n", display_safe(name)).as_bytes());
    }
    let added: Vec<String> = store.added().into_iter().flatten().map(|local| local.name).collect();
    let known = match added.is_empty() {
        true => "nothing was added".to_owned(),
        false => format!("added were {}", added.join(", ")),
    };
    Err(Failure::new(Failure::USAGE, format!("no network '{name}' was added; {known}")))
}

/// The state of a network, in the words of the list.
fn state_words(store: &ModelStore, network: &NetworkInfo) -> &'static str {
    match state(store, network) {
        NetworkState::Included | NetworkState::Here => "installed",
        NetworkState::InHubCache => "in HF cache",
        NetworkState::Partial => "incomplete",
        NetworkState::Damaged => "damaged",
        NetworkState::Missing => "not installed",
    }
}

/// The state of the least complete of a network's files.
pub(super) fn state(store: &ModelStore, network: &NetworkInfo) -> NetworkState {
    let files = &network.files;
    if network.local.iter().any(|file| !file.path.exists()) {
        return NetworkState::Missing;
    }
    if network.local.iter().any(|file| file.check_length().is_err()) {
        return NetworkState::Damaged;
    }
    if !network.local.is_empty() {
        return NetworkState::Here;
    }
    if files.is_empty() {
        return NetworkState::Included;
    }
    let (elsewhere, own): (Vec<RemoteFile>, Vec<RemoteFile>) =
        files.iter().cloned().partition(|file| store.find_elsewhere(file).is_some());
    if own.is_empty() && !elsewhere.is_empty() {
        return NetworkState::InHubCache;
    }
    let worst =
        status(&store.downloads(), &own).into_iter().map(|file| file.state).min_by_key(|state| match state {
            FileState::Damaged => 0,
            FileState::Missing => 1,
            FileState::Partial => 2,
            FileState::Present => 3,
        });
    match worst {
        Some(FileState::Present) | None => NetworkState::Here,
        Some(FileState::Partial) => NetworkState::Partial,
        Some(FileState::Damaged) => NetworkState::Damaged,
        Some(FileState::Missing) => NetworkState::Missing,
    }
}

/// The files of networks in the order in which they are fetched: those of the shared space first.
pub(super) fn in_order(mut networks: Vec<NetworkInfo>) -> Vec<RemoteFile> {
    networks.sort_by_key(|network| {
        !network.outputs.iter().any(|(role, _)| matches!(role, Role::ClipImage | Role::ClipText))
    });
    let mut files: Vec<RemoteFile> = Vec::new();
    for file in networks.into_iter().flat_map(|network| network.files) {
        // Both CLIP towers come from one file.
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// The networks that a name on the command line means: those of the set with that name, or the network itself.
fn called(catalog: &Catalog, name: &str) -> Result<Vec<NetworkInfo>, Failure> {
    if let Ok(set) = catalog.set(name) {
        return Ok(catalog.infos(set)?);
    }
    let network = catalog.networks().map(|network| NetworkInfo::new(network));
    let found: Vec<NetworkInfo> =
        network.filter(|network| network.name == name || network.folder == name).collect();
    if found.is_empty() {
        let sets = catalog.sets().map(|set| set.name.name());
        let known: Vec<&str> =
            sets.chain(catalog.networks().map(|network| network.card().name.as_str())).collect();
        let message = format!("there is no network '{name}'; choose from {}", known.join(", "));
        return Err(Failure::new(Failure::USAGE, message));
    }
    Ok(found)
}

/// The networks to fetch: those with these names, or else all of the set asked for. The shared space comes first.
fn fetch(names: &[String], from: Option<&Path>, common: &Common) -> Result<(), Failure> {
    let store = run::model_store(common)?;
    let catalog = common.models.catalog(&store)?;
    let set = common.models.set.as_deref().filter(|set| *set != SetName::MINI.name());
    let set = set.unwrap_or(SetName::REFERENCE.name());
    let mut networks = Vec::new();
    if names.is_empty() {
        networks = called(&catalog, set)?;
    }
    for name in names {
        networks.extend(called(&catalog, name)?);
    }
    let included: Vec<&str> = networks
        .iter()
        .filter(|network| network.files.is_empty() && network.local.is_empty())
        .map(|network| network.name.as_str())
        .collect();
    if included.len() == networks.len() {
        let message =
            format!("{}: included in the program; there is nothing to fetch\n", included.join(", "));
        return print(message.as_bytes());
    }
    let mut files = in_order(networks);
    let fail = |error: clipscope_networks::fetch::FetchError| Failure::new(Failure::MODELS, error);
    let fetcher = Fetcher::from_env(store.downloads()).map_err(fail)?;
    let mut bar = Bar::new(common);
    let mut out = String::new();
    files.retain(|file| match store.find_elsewhere(file) {
        Some(path) => {
            let _ =
                writeln!(out, "{}: already in the Hugging Face cache, used in place", display_path(&path));
            false
        }
        None => true,
    });
    let fetched = match from {
        Some(folder) => fetcher.import(folder, &files, &mut bar),
        None => fetcher.fetch(set, &files, &mut bar),
    };
    bar.bar.finish_and_clear();
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
    let sets = if names.is_empty() {
        vec![run::open_models(common)?]
    } else {
        let store = run::model_store(common)?;
        let catalog = common.models.catalog(&store)?;
        let mut networks: Vec<NetworkInfo> = Vec::new();
        for name in names {
            networks.extend(called(&catalog, name)?);
        }
        networks.dedup_by(|a, b| a.name == b.name);
        networks
            .into_iter()
            .map(|network| {
                let mut set = SetDefinition::empty(SetName::new(&network.name), String::new());
                for (role, _) in &network.outputs {
                    set.put(*role, &network.name);
                }
                Ok(ModelSet::open(&catalog, &set, common.device(), &store)?)
            })
            .collect::<Result<Vec<_>, Failure>>()?
    };
    let towers = sets.iter().flat_map(ModelSet::all_towers);
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
            lists => format!(", token ids of {}", count(lists, "text")),
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
    fn new(common: &Common) -> Self {
        Self { bar: progress::bar(0, Counted::Bytes, common), quiet: common.quiet }
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
