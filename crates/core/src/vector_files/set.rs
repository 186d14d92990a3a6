//! Files of vectors as a model set.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::collector::{Collector, Owner, ReadFile, RoleTable, TextVector};
use super::error::{VectorFileError, brief};
use super::matching::Wanted;
use super::{parquet, safetensors};
use crate::dataset::Dataset;
use crate::embedding::{EventKind, Unit};
use crate::shards::role_file;
use clipscope_base::display_safe::display_path;
use clipscope_networks::{DeviceKind, Modality, ModelsInfo, Role, STAND_IN, SetName, TowerInfo};

/// The name of a set whose files name none, or several.
const NAME: &str = "vectors";
/// What CLIP learned; used where no file says what its model did.
const LOGIT_SCALE: f32 = 100.0;

/// The vectors that a data set needs, from files.
pub struct VectorFiles {
    info: ModelsInfo,
    collected: Collector,
    scale_assumed: bool,
}

/// Rows of a file that belong to no photo or caption of the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The file.
    pub file: PathBuf,
    /// All its rows.
    pub rows: u64,
    /// Those that belong to nothing.
    pub unmatched: u64,
    /// Paths or captions of the first of them, shortened, not escaped for display.
    pub examples: Vec<String>,
}

impl VectorFiles {
    /// Reads the vectors of a data set from files. `NAME.parquet` also stands for the files of its roles, as `embed` writes
    /// them.
    ///
    /// # Errors
    /// A file cannot be read, a row breaks a rule, or no row belongs to a photo of the data set.
    pub fn read(files: &[PathBuf], dataset: &Dataset) -> Result<Self, VectorFileError> {
        let mut collected = Collector::new(Wanted::of(dataset));
        for file in files.iter().flat_map(|file| of_roles(file)) {
            read_one(&file, &mut collected)?;
        }
        let (info, scale_assumed) = info(&collected)?;
        let read = Self { info, collected, scale_assumed };
        read.require_photo(dataset)?;
        Ok(read)
    }

    /// The files as a model set. Roles that no file has are absent.
    #[must_use]
    pub fn models(&self) -> &ModelsInfo {
        &self.info
    }

    /// Rows that belong to nothing in the data set, by file.
    #[must_use]
    pub fn unmatched(&self) -> Vec<Unmatched> {
        let files = self.collected.files.iter().filter(|file| file.unmatched > 0);
        files
            .map(|file| Unmatched {
                file: file.path.clone(),
                rows: file.rows,
                unmatched: file.unmatched,
                examples: file.examples.clone(),
            })
            .collect()
    }

    /// What no file gives, so that numbers are missing or rest on an assumption; one line each, safe to show.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.scale_assumed {
            remarks.push(format!("no file gives the logit scale; {LOGIT_SCALE} is used, which CLIP learned"));
        }
        let fillers = self.collected.null_captions.iter().all(Option::is_some);
        if self.info.tower(Role::ClipText).is_some() && !fillers {
            remarks.push(
                "no file has the vectors of all null captions; the numbers about them are left out".into(),
            );
        }
        remarks
    }

    /// The vectors as the events of a run: one for each photo and each caption, and for each null caption that has a vector,
    /// then [`EventKind::Finished`]. A photo or caption that lacks a vector in some role is skipped.
    #[must_use]
    pub fn events(&self, dataset: &Dataset) -> Vec<EventKind> {
        let mut events = Vec::new();
        let mut caption = 0;
        for (photo, item) in dataset.items.iter().enumerate() {
            let place = self.collected.wanted.named(&item.file);
            events.push(self.event(Unit::Photo(photo), Modality::Image, |table| {
                Some(table.photos.get(place?)?.as_ref()?.vector.clone())
            }));
            for text in &item.captions {
                let text = self.collected.wanted.text(text);
                events.push(self.event(Unit::Caption(caption), Modality::Text, |table| {
                    let known = table.texts.get(text?)?;
                    let own =
                        |known: &&TextVector| place.is_some_and(|place| known.owner == Owner::Photo(place));
                    Some(known.iter().find(own).or(known.first())?.kept.vector.clone())
                }));
                caption += 1;
            }
        }
        for (number, filler) in self.collected.null_captions.iter().enumerate() {
            if let Some(kept) = filler {
                let vectors = vec![(Role::ClipText, kept.vector.clone())];
                events.push(embedded(Unit::NullCaption(number), vectors));
            }
        }
        events.push(EventKind::Finished { elapsed: Duration::ZERO });
        events
    }

    fn event(
        &self,
        unit: Unit,
        modality: Modality,
        find: impl Fn(&RoleTable) -> Option<std::sync::Arc<[f32]>>,
    ) -> EventKind {
        let mut vectors = Vec::new();
        for table in self.collected.tables.iter().flatten().filter(|table| table.role.modality() == modality)
        {
            match find(table) {
                Some(vector) => vectors.push((table.role, vector)),
                None => {
                    let files = table.files.iter().map(|&file| &self.collected.files[file].path);
                    let files: Vec<_> = files.map(|file| display_path(file)).collect();
                    let reason = format!("no vector in {} ({})", files.join(", "), table.role.name());
                    return EventKind::Skipped { unit, reason };
                }
            }
        }
        embedded(unit, vectors)
    }

    /// Verifies that some photo has a vector, if any file has vectors of photos.
    fn require_photo(&self, dataset: &Dataset) -> Result<(), VectorFileError> {
        let tables = || self.collected.tables.iter().flatten();
        let mut images = tables().filter(|table| table.role.modality() == Modality::Image).peekable();
        let Some(first) = images.peek() else { return Ok(()) };
        let file = &self.collected.files[first.file];
        if dataset.items.is_empty() || images.any(|table| table.photos.iter().any(Option::is_some)) {
            return Ok(());
        }
        let theirs = file.examples.first().map(String::as_str).unwrap_or_default();
        let ours = dataset.items.first().map(|item| brief(&item.file)).unwrap_or_default();
        let problem = format!(
            "none of its rows belongs to a photo of {}: its first path is '{theirs}', the first photo is called \
             '{ours}'; write the paths as the data set names its photos",
            dataset.path
        );
        Err(VectorFileError::file(&file.path, problem))
    }
}

fn embedded(unit: Unit, vectors: Vec<(Role, std::sync::Arc<[f32]>)>) -> EventKind {
    EventKind::Embedded { unit, vectors, content: [0; 32], cached: true, truncated: false }
}

/// The file, or if there is none, the files of its roles.
fn of_roles(file: &Path) -> Vec<PathBuf> {
    let roles = Role::ALL.map(|role| role_file(file, role)).into_iter().filter(|file| file.exists());
    let files: Vec<PathBuf> = if file.exists() { Vec::new() } else { roles.collect() };
    if files.is_empty() { vec![file.to_path_buf()] } else { files }
}

fn read_one(file: &Path, collected: &mut Collector) -> Result<(), VectorFileError> {
    let mut start = Vec::new();
    let opened = File::open(file).map_err(VectorFileError::io(file))?;
    opened.take(4).read_to_end(&mut start).map_err(VectorFileError::io(file))?;
    if start == b"PAR1" {
        parquet::read(file, collected)
    } else if safetensors::names_file(file).exists() {
        safetensors::read(file, collected)
    } else {
        let names = safetensors::names_file(file);
        let problem = format!(
            "it is neither Parquet nor safetensors with {} beside it; docs/models.md shows how to write such a file",
            display_path(&names)
        );
        Err(VectorFileError::file(file, problem))
    }
}

/// The files as a model set, and whether the logit scale is assumed.
fn info(collected: &Collector) -> Result<(ModelsInfo, bool), VectorFileError> {
    let tables: Vec<&RoleTable> = collected.tables.iter().flatten().collect();
    if tables.is_empty() {
        let file = collected.files.first().map(|file| file.path.clone()).unwrap_or_default();
        return Err(VectorFileError::file(&file, "it has no rows; embed something"));
    }
    let table = |role: Role| collected.tables[role as usize].as_ref();
    let path = |table: &RoleTable| display_path(&collected.files[table.file].path);
    if let (Some(image), Some(text)) = (table(Role::ClipImage), table(Role::ClipText))
        && image.dim != text.dim
    {
        let problem = format!(
            "its clip_text vectors have {} components, the clip_image vectors of {} have {}; a shared space has one \
             length; name the role in a column 'role' if they are of different models",
            text.dim,
            path(image),
            image.dim
        );
        return Err(VectorFileError::file(&collected.files[text.file].path, problem));
    }
    // Filler captions of other files than those of the role.
    if let Some((text, kept)) = table(Role::ClipText).and_then(|text| {
        let wrong = collected.null_captions.iter().flatten().find(|kept| kept.vector.len() != text.dim);
        Some((text, wrong?))
    }) {
        let (found, dim) = (kept.vector.len(), text.dim);
        let problem =
            format!("null captions have {found} components, clip_text vectors {dim}; embed both again");
        return Err(VectorFileError::file(&collected.files[text.file].path, problem));
    }
    let (logit_scale, scale_assumed) = logit_scale(collected, &tables)?;
    let shared = |table: &&&RoleTable| matches!(table.role, Role::ClipImage | Role::ClipText);
    let mut files = tables.iter().filter(shared).flat_map(|table| &table.files);
    let stand_in = files.any(|&file| collected.files[file].head.stand_in).then_some(STAND_IN);
    let info = ModelsInfo {
        set: set_name(&collected.files),
        device: DeviceKind::Cpu,
        stand_in,
        logit_scale,
        towers: tables.iter().map(|table| tower(collected, table)).collect(),
        missing: Vec::new(),
    };
    Ok((info, scale_assumed))
}

/// The logit scale that the files of the shared space give.
fn logit_scale(collected: &Collector, tables: &[&RoleTable]) -> Result<(f32, bool), VectorFileError> {
    let mut found: Option<(f32, &ReadFile)> = None;
    let shared = |role: Role| matches!(role, Role::ClipImage | Role::ClipText);
    for table in tables.iter().filter(|table| shared(table.role)) {
        for file in table.files.iter().map(|&file| &collected.files[file]) {
            let Some(scale) = file.head.logit_scale else { continue };
            match found {
                Some((other, first)) if other != scale => {
                    let problem = format!(
                        "its logit scale is {scale}, that of {} is {other}",
                        display_path(&first.path)
                    );
                    let problem =
                        format!("{problem}; a shared space has one: write both files with one model");
                    return Err(VectorFileError::file(&file.path, problem));
                }
                _ => found = Some((scale, file)),
            }
        }
    }
    let given = found.map(|(scale, _)| scale);
    let of_no_space = || collected.files.iter().find_map(|file| file.head.logit_scale);
    let whole =
        [Role::ClipImage, Role::ClipText].iter().all(|&role| collected.tables[role as usize].is_some());
    Ok(match given.or_else(of_no_space) {
        Some(scale) => (scale, false),
        None if whole => (LOGIT_SCALE, true),
        None => (1.0, false),
    })
}

/// The set that all files name.
fn set_name(files: &[ReadFile]) -> SetName {
    let mut names = files.iter().map(|file| file.head.set.as_deref());
    match names.next().flatten() {
        Some(first) if names.all(|name| name == Some(first)) => SetName::new(first),
        _ => SetName::new(NAME),
    }
}

/// What reports say about the network of a role: what its file says, else the model of its rows, else the file's name.
fn tower(collected: &Collector, table: &RoleTable) -> TowerInfo {
    let file = &collected.files[table.file];
    let named = file.head.networks.iter().find(|network| network.role == table.role);
    let stem = || file.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = named.map(|network| network.name.clone()).or_else(|| table.model.clone()).or_else(stem);
    let weights = named.and_then(|network| network.weights_sha256.clone());
    TowerInfo {
        role: table.role,
        name: name.unwrap_or_else(|| NAME.into()),
        dim: table.dim,
        weights_sha256: weights.unwrap_or_else(|| "unknown".into()),
    }
}
