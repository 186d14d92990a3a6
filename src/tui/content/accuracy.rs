//! The accuracy panel: numbers over the whole data set, which fill in while photos are being embedded.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::edit;
use super::lacks;
use super::share::{self, WIDTH as SHARE, spans as share_spans};
use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::model::{Direction, GridId, SideId};
use crate::tui::text;
use clipscope_analysis::retrieval::{Direction as Matched, R_AT};
use clipscope_analysis::{Bridge, Retrieval, Share, Structure, TwoAfc};
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;
use clipscope_core::comparison::protocol;

/// From this width on, shares are also drawn as bars.
const WITH_BARS: usize = 62;
/// Columns of the name before a share, if there is room.
const NAME: usize = 9;

/// What the panel is about.
pub fn title(app: &App, grid: GridId) -> String {
    let stand_in = app.side(grid.side).unwrap_or(&app.first).is_stand_in();
    match grid.approach {
        Approach::Images => "Pre-CLIP: photos".into(),
        Approach::Texts => "Pre-CLIP: captions".into(),
        Approach::Bridge => "what the two spaces share".into(),
        Approach::Clip if stand_in => "accuracy (stand-in)".into(),
        Approach::Clip => "accuracy".into(),
    }
}

/// The numbers of an approach, below what an edit does to them.
pub fn lines(app: &App, grid: GridId, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let edit = app.edit().filter(|_| grid.side == SideId::First);
    let mut lines = edit.map_or_else(Vec::new, |edit| edit::lines(app, edit, grid.approach, width));
    lines.extend(numbers(app, grid, width));
    lines
}

fn numbers(app: &App, grid: GridId, width: usize) -> Vec<Line<'static>> {
    let mut table = Table { app, width, lines: Vec::new() };
    let side = app.side(grid.side).unwrap_or(&app.first);
    if let Some(reason) = &side.failure {
        table.words(reason, app.theme.bad());
    }
    if let Some(words) = lacks::words(app, grid) {
        table.words(&words, app.theme.warning());
        return table.lines;
    }
    // The progress of the first side is in the status line.
    if grid.side == SideId::Second && side.progress.is_running() {
        let (done, all) = side.progress.items();
        table.words(&format!("embedding: {done}/{all} items"), app.theme.dim());
    }
    let Some(results) = app.numbers(grid) else {
        table.words("no photo has all its vectors yet", app.theme.dim());
        return table.lines;
    };
    let evaluation = &results.comparison.evaluation;
    let compared = results.comparison.photos.len();
    let preview = if side.progress.is_running() { ", more to come" } else { "" };
    table.words(&format!("{compared}/{} photos{preview}", app.catalog.photos.len()), app.theme.strong());
    match grid.approach {
        Approach::Images => {
            if let Some(pre_clip) = &evaluation.pre_clip {
                table.structure(&pre_clip.image, "photos");
            }
        }
        Approach::Texts => {
            if let Some(pre_clip) = &evaluation.pre_clip {
                table.structure(&pre_clip.text, "captions");
            }
        }
        Approach::Bridge => {
            if let Some(bridge) = &evaluation.bridge {
                table.bridge(bridge);
            }
        }
        Approach::Clip => {
            if let Some(clip) = &evaluation.clip {
                table.clip(clip);
            }
        }
    }
    table.lines
}

struct Table<'a> {
    app: &'a App,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Table<'_> {
    fn words(&mut self, words: &str, style: Style) {
        self.lines.extend(text::wrap(words, self.width).into_iter().map(|line| Line::styled(line, style)));
    }

    fn heading(&mut self, words: &str) {
        self.lines.push(Line::styled(text::cut(words, self.width), self.app.theme.strong()));
    }

    fn share_header(&mut self) {
        let name = self.width.saturating_sub(SHARE).min(NAME);
        let header = match self.width {
            WITH_BARS.. => "share 95 %      chance   hits",
            31.. => "share 95 %      chance",
            // The columns end with the chance level.
            _ => "share 95 %   chance",
        };
        let line = format!("{:name$}{header}", "");
        self.lines.push(Line::styled(text::cut(&line, self.width), self.app.theme.dim()));
    }

    /// A share with its interval and its chance level.
    fn share(&mut self, name: &str, share: Option<&Share>) {
        let Some(share) = share else {
            self.lines.push(Line::raw(format!("{} –", text::fit(name, 8))));
            return;
        };
        let theme = &self.app.theme;
        let style = if share.beats_chance() { theme.good() } else { theme.warning() };
        let room = self.width.saturating_sub(SHARE).min(NAME);
        let mut spans = vec![Span::raw(text::fit(name, room))];
        spans.extend(share_spans(theme, share));
        if self.width < SHARE {
            // Half a number would be another number.
            let words: String = spans.iter().map(|span| span.content.as_ref()).collect();
            self.lines.push(Line::styled(text::cut(&words, self.width), style));
            return;
        }
        if self.width >= WITH_BARS {
            spans.push(Span::raw(format!("{:>11} ", format!("{}/{}", share.hits, share.n))));
            spans.push(Span::styled(share::bar(share), style));
        }
        self.lines.push(Line::from(spans));
    }

    fn number(&mut self, name: &str, value: Option<f64>, remark: &str) {
        let room = self.width.saturating_sub(18);
        let dim = self.app.theme.dim();
        let remark = text::cut(remark, room);
        let name = text::fit(name, 11);
        self.lines.push(Line::from(vec![
            Span::raw(format!("{name}{:>6} ", text::number(value))),
            Span::styled(remark, dim),
        ]));
    }

    fn clip(&mut self, clip: &Retrieval) {
        if let Some(what) = self.app.first.models.stand_in.filter(|_| self.width > 40) {
            self.words(what, self.app.theme.dim());
        }
        let directions = [
            (Direction::ImageToText, "image→text", &clip.image_to_text),
            (Direction::TextToImage, "text→image", &clip.text_to_image),
        ];
        for (direction, name, matched) in directions {
            if self.app.direction == Direction::Both || self.app.direction == direction {
                self.matched(name, matched);
            }
        }
        self.lines.push(Line::default());
        let words = "pairing: given two photos and two captions, are they paired correctly? Its interval counts photos, \
                     not pairs.";
        self.words(words, self.app.theme.dim());
        self.share_header();
        self.two_afc(&clip.two_afc);
        if let Some(group) = &clip.group_score {
            self.words("group score: both photos and both captions prefer their own", self.app.theme.dim());
            self.share("group", Some(group));
        }
        if let Some(null) = &clip.null_captions {
            let mean = null.mean.map_or_else(String::new, |mean| {
                format!("; the best null caption scores {mean:.3} on average")
            });
            let words = format!("own caption beats every null caption{mean}");
            self.words(&words, self.app.theme.dim());
            self.share("null", null.beaten.as_ref());
        }
        self.number("margin", clip.mean_margin, "mean of own − best other caption");
        if let Some(worst) = &clip.worst_image {
            let file = display_safe(&worst.file).into_owned();
            self.words(&format!("smallest margin {:+.3}: {file}", worst.margin), self.app.theme.dim());
        }
        self.categories(clip);
    }

    /// The photos of each category as queries: one line each where there is room, else three.
    fn categories(&mut self, clip: &Retrieval) {
        let theme = &self.app.theme;
        let wide = self.width >= WITH_BARS;
        // What the sign, the count, two shares and the MRR leave of a line.
        let room = self.width.saturating_sub(55).min(20);
        self.lines.push(Line::default());
        if wide {
            let (top1, of_category) = ("top-1 95 %   chance", "category     chance");
            let name = text::fit("category", room + 2);
            let header = format!("{name}  n  {top1:<21}{of_category:<21}{:>6}", "MRR");
            self.lines.push(Line::styled(header, theme.dim()));
        }
        for category in &clip.per_category {
            let shown = display_safe(&category.category);
            let index = self.app.catalog.category_place(&category.category).unwrap_or(0);
            let mrr = category.mrr.map_or("–".into(), text::share);
            let sign = Span::styled("■ ", theme.category(index));
            let (top1, of_category) = (category.top1.as_ref(), category.category_top1.as_ref());
            if wide {
                let mut spans =
                    vec![sign, Span::raw(format!("{}{:>3}  ", text::fit(&shown, room), category.n))];
                for share in [top1, of_category] {
                    match share {
                        Some(share) => spans.extend(share_spans(theme, share)),
                        None => spans.push(Span::raw(text::fit("–", 19))),
                    }
                    spans.push(Span::raw("  "));
                }
                spans.push(Span::raw(format!("{mrr:>6}")));
                self.lines.push(Line::from(spans));
                continue;
            }
            let numbers = format!("  {}, MRR {mrr}", count(category.n, "query"));
            let room = self.width.saturating_sub(text::width(&numbers) + 2);
            self.lines.push(Line::from(vec![
                sign,
                Span::styled(text::cut(&shown, room), theme.strong()),
                Span::styled(numbers, theme.dim()),
            ]));
            self.share("top-1", top1);
            self.share("category", of_category);
        }
    }

    fn two_afc(&mut self, found: &TwoAfc) {
        self.share("all", found.all.as_ref());
        self.share("across", found.across.as_ref());
        self.share("within", found.within.as_ref());
    }

    fn matched(&mut self, name: &str, matched: &Matched) {
        let (queries, candidates) = (count(matched.n, "query"), count(matched.candidates, "candidate"));
        self.heading(&format!("{name}: {queries}, {candidates}"));
        self.share_header();
        self.share("top-1", matched.top1.as_ref());
        for (k, share) in R_AT.iter().zip(&matched.r_at).skip(1) {
            self.share(&format!("R@{k}"), share.as_ref());
        }
        self.share("category", matched.category_top1.as_ref());
        if matched.top1.is_some_and(|share| share.is_dependent()) {
            self.words("the intervals count photos, not captions", self.app.theme.dim());
        }
        let median = matched.median_rank.map_or_else(String::new, |rank| format!("median rank {rank}"));
        self.number("MRR", matched.mrr, &median);
    }

    fn structure(&mut self, structure: &Structure, items: &str) {
        self.words(&format!("{} {items}, {}-d", structure.items, structure.dim), self.app.theme.dim());
        if structure.left_out > 0 {
            let words = format!("{} more have photos of several categories", structure.left_out);
            self.words(&words, self.app.theme.dim());
        }
        self.number("intra", structure.intra, "mean cosine in a category");
        self.number("inter", structure.inter, "mean cosine between categories");
        self.number("separation", structure.separation, "intra − inter");
        self.number("AUC", structure.auc, "same category by cosine; 0.5 is chance");
        self.number("silhouette", structure.silhouette, "−1 to 1");
        self.lines.push(Line::default());
        self.share_header();
        self.share("nearest", structure.nn_category_accuracy.as_ref());
        self.words("is the nearest other item in the same category?", self.app.theme.dim());
    }

    fn bridge(&mut self, bridge: &Bridge) {
        let pairs = count(bridge.items, "pair");
        let dims = format!("{}-d photos, {}-d captions, {pairs}", bridge.image_dim, bridge.text_dim);
        self.words(&dims, self.app.theme.dim());
        let p = |p| text::p_value(p, bridge.permutations);
        self.number("CKA", bridge.cka_unbiased, &p(bridge.cka_p));
        self.number("RSA", bridge.rsa, &p(bridge.rsa_p));
        if let Some(knn) = &bridge.mutual_knn {
            let remark = format!("chance {}, {}", text::chance(knn.chance), p(knn.p));
            self.number(&format!("{}-NN", knn.k), Some(knn.value), remark.trim_end_matches([',', ' ']));
        }
        self.words(&protocol(bridge), self.app.theme.strong());
        self.share_header();
        self.two_afc(&bridge.two_afc);
        let floor = &bridge.two_afc_unrelated;
        let range = floor
            .all_range
            .map_or_else(String::new, |[low, high]| format!("{}–{}", text::share(low), text::share(high)));
        self.number("shuffled", floor.all, &range);
        if let Some(holdout) = &bridge.holdout {
            self.share("held out", Some(&holdout.accuracy));
        }
        self.lines.push(Line::default());
        let held_out = bridge.holdout.as_ref().map_or_else(String::new, |holdout| {
            format!(
                " Held out: one pair of each category, matched among {} captions, {} draws.",
                holdout.categories, holdout.draws
            )
        });
        let words = format!(
            "All, across and within categories: given two photos and two captions, are they paired correctly? Shuffled: \
             the same with shuffled captions, mean and range of {} shuffles.{held_out} The {} largest cosines are kept, \
             and raised to the power {}; seed {}, {} permutations.",
            floor.shuffles,
            bridge.kept_cosines(),
            bridge.power,
            bridge.seed,
            bridge.permutations
        );
        self.words(&words, self.app.theme.dim());
    }
}
