//! What leaves the dashboard: files and the clipboard.

use super::{App, Axis, Entry, Mark};
use crate::analysis::Matrix;
use crate::models::Modality;
use crate::tui::jobs::{
    Effect, EntryExport, ExportDone, ExportJob, Format, ItemExport, Job, ListExport, ScreenExport,
};

impl App {
    /// Has what is on screen written in a file.
    pub(super) fn export(&mut self, format: Format) {
        self.exporting = false;
        let Some(screen) = self.screen_export() else {
            self.say("there are no scores to export yet");
            return;
        };
        self.say("writing …");
        let folder = self.export_folder.clone();
        self.effects.push(Effect::Job(Job::Export(Box::new(ExportJob { format, folder, screen }))));
    }

    /// Takes in what became of an export.
    pub(super) fn exported(&mut self, done: ExportDone) {
        self.redraw = true;
        match done {
            Ok(file) => self.say(format!("written: {file}")),
            Err(reason) => self.say(reason),
        }
    }

    /// Sends the pair of the cursor to the terminal's clipboard.
    pub(super) fn copy(&mut self) {
        let (row, col) = self.cursor;
        let item = |modality, place| {
            let item = self.item_export(modality, place)?;
            Some(item.caption.unwrap_or(item.file))
        };
        let (Some(row_text), Some(col_text)) =
            (item(self.approach.rows(), row), item(self.approach.cols(), col))
        else {
            self.say("there is nothing to copy");
            return;
        };
        let score = self.score(row, col).map_or_else(String::new, |score| score.to_string());
        self.effects.push(Effect::Copy(format!("{row_text}\t{col_text}\t{score}")));
        self.say("the pair of the cursor is sent to the terminal's clipboard");
    }

    fn item_export(&self, modality: Modality, place: usize) -> Option<ItemExport> {
        let photo = self.catalog.photos.get(self.catalog.photo_of(modality, place)?)?;
        Some(ItemExport {
            file: photo.file.clone(),
            category: self.catalog.category_name(photo.category).to_owned(),
            caption: (modality == Modality::Text).then(|| self.catalog.label(modality, place).to_owned()),
        })
    }

    /// The grid with all its rows and columns that have scores; of a grid without a matrix what is visible.
    fn screen_export(&self) -> Option<ScreenExport> {
        let results = self.results.as_ref()?;
        let (mut rows, mut cols) = (self.rows.places.clone(), self.cols.places.clone());
        if results.matrix(self.approach).is_some() {
            rows.retain(|&place| results.rows(self.approach).position(place).is_some());
            cols.retain(|&place| results.cols(self.approach).position(place).is_some());
        } else {
            let request = &self.looked_up(self.approach)?.request;
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
        let entry = |entry: &Entry| {
            Some(EntryExport {
                item: self.item_export(entry.modality, entry.place)?,
                score: entry.score,
                confidence: entry.confidence,
                mark: match entry.mark {
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
            entries: list.entries.iter().filter_map(entry).collect(),
        });
        Some(ScreenExport {
            approach: self.approach.name(),
            dataset: self.catalog.path.clone(),
            models: self.models.set.name(),
            stand_in: self.models.stand_in,
            score: self.approach.score_name(),
            order: self.order.name(),
            cursor: at(&rows, self.cursor.0).zip(at(&cols, self.cursor.1)),
            rows: items(self.approach.rows(), &rows),
            cols: items(self.approach.cols(), &cols),
            scores,
            lists: lists.collect(),
        })
    }
}
