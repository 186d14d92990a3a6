//! Exporting to files and copying to the clipboard.

use super::overlay::Overlay;
use super::state::App;
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::jobs::{
    ExportDone, ExportJob, Format, ItemExport, Job, ListExport, RankedExport, ScreenExport, made_with,
};
use crate::tui::model::{Axis, GridId, Mark, RankedItem};
use clipscope_analysis::Matrix;
use clipscope_base::display_safe::csv_safe;
use clipscope_networks::Modality;

/// Most bytes to copy: terminals drop longer texts.
const LONGEST_COPY: usize = 70_000;

impl App {
    /// Asks what kind of file to write.
    pub(super) fn ask_what_to_export(&mut self) {
        if matches!(self.overlay, Overlay::None) {
            self.overlay = Overlay::Export;
        }
    }

    /// Exports what is on screen to a file.
    pub(super) fn export(&mut self, format: Format) {
        if matches!(self.overlay, Overlay::Export) {
            self.overlay = Overlay::None;
        }
        let Some(screen) = self.screen_export() else {
            self.say("there are no scores to export yet");
            return;
        };
        self.say("writing …");
        let folder = self.export_folder.clone();
        self.effects.push(Effect::Job(Job::Export(Box::new(ExportJob { format, folder, screen }))));
    }

    /// Takes in the outcome of an export.
    pub(super) fn exported(&mut self, done: ExportDone) {
        self.redraw = true;
        match done {
            Ok(file) => self.say(format!("written: {file}")),
            Err(reason) => self.say(reason),
        }
    }

    /// Copies the cursor's row to the terminal's clipboard: two lines with tabs, as spreadsheets take them. The first has the
    /// models and the names of the columns, the second the scores that are known.
    pub(super) fn copy(&mut self) {
        let row = self.cursor.0;
        let (rows, cols) = (self.approach.rows(), self.approach.cols());
        let known = self.cols.places.iter().filter_map(|&col| Some((col, self.score(row, col)?)));
        let mut names =
            csv_safe(&made_with(self.first.models.set.name(), self.first.models.stand_in)).into_owned();
        let mut scores = csv_safe(self.catalog.label(rows, row)).into_owned();
        let mut empty = true;
        for (col, score) in known {
            names.push('\t');
            names.push_str(&csv_safe(self.catalog.label(cols, col)));
            scores.push_str(&format!("\t{score}"));
            empty = false;
        }
        let said = if empty {
            "there is nothing to copy".to_owned()
        } else if names.len() + scores.len() > LONGEST_COPY {
            let export = self.keys.label(Command::Export);
            format!("this row is too long for a terminal's clipboard; {export} writes it to a file")
        } else {
            self.effects.push(Effect::Copy(format!("{names}\n{scores}\n")));
            "copied the cursor's row to the terminal's clipboard".to_owned()
        };
        self.say(said);
    }

    fn item_export(&self, modality: Modality, place: usize) -> Option<ItemExport> {
        let photo = self.catalog.photos.get(self.catalog.photo_of(modality, place)?)?;
        Some(ItemExport {
            file: photo.file.clone(),
            category: self.catalog.category_name(photo.category).to_owned(),
            caption: (modality == Modality::Text).then(|| self.catalog.label(modality, place).to_owned()),
        })
    }

    /// The grid with all rows and columns that have scores; without a matrix, the visible part.
    fn screen_export(&self) -> Option<ScreenExport> {
        let results = self.first.results.as_ref()?;
        let (mut rows, mut cols) = (self.rows.places.clone(), self.cols.places.clone());
        if results.matrix(self.approach).is_some() {
            rows.retain(|&place| results.rows(self.approach).position(place).is_some());
            cols.retain(|&place| results.cols(self.approach).position(place).is_some());
        } else {
            let request = &self.looked_up(GridId::main(self.approach))?.request;
            let in_order = |axis: &Axis, places: &[usize]| {
                let mut places = places.to_vec();
                places.sort_by_key(|&place| axis.position(place));
                places
            };
            rows = in_order(&self.rows, &request.rows);
            cols = in_order(&self.cols, &request.cols);
        }
        let mut scores = Matrix::zeros(rows.len(), cols.len());
        let cells = scores.as_mut_slice();
        for (i, &row) in rows.iter().enumerate() {
            for (j, &col) in cols.iter().enumerate() {
                cells[i * cols.len() + j] = self.score(row, col)?;
            }
        }
        let items = |modality, places: &[usize]| {
            places.iter().filter_map(|&place| self.item_export(modality, place)).collect()
        };
        let at = |places: &[usize], place| places.iter().position(|&known| known == place);
        let ranked = |ranked: &RankedItem| {
            Some(RankedExport {
                item: self.item_export(ranked.modality, ranked.place)?,
                score: ranked.score,
                confidence: ranked.confidence,
                mark: match ranked.mark {
                    Mark::Right => Some("right"),
                    Mark::SameCategory => Some("same category"),
                    Mark::Wrong => Some("wrong"),
                    Mark::None => None,
                },
            })
        };
        let lists = self.lists.iter().map(|list| ListExport {
            title: list.title.clone(),
            query: list.query.clone(),
            note: list.note.clone(),
            entries: list.items.iter().filter_map(ranked).collect(),
        });
        Some(ScreenExport {
            approach: self.approach.name(),
            dataset: self.catalog.path.clone(),
            models: self.first.models.set.name().to_owned(),
            stand_in: self.first.models.stand_in,
            score: self.approach.score_name(),
            order: self.order_of(self.approach).name(),
            cursor: at(&rows, self.cursor.0).zip(at(&cols, self.cursor.1)),
            rows: items(self.approach.rows(), &rows),
            cols: items(self.approach.cols(), &cols),
            scores,
            lists: lists.collect(),
        })
    }
}
