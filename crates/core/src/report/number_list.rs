//! Every number of a report that is not about a single photo, in one flat list.
//!
//! Names are the keys of the JSON report, joined by dots. Must not compute anything.

use super::against::Against;
use super::contents::Report;
use clipscope_analysis::paired::Difference;
use clipscope_analysis::retrieval::{Direction, R_AT};
use clipscope_analysis::{Bridge, PreClip, Retrieval, Share, TwoAfc};

/// A number as it was made: counts and seeds are whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(u64),
    Real(f64),
}

pub(super) struct ReportNumber {
    /// `pre_clip`, `bridge`, `clip`, `against` or `timing`, as in the JSON report.
    pub approach: &'static str,
    /// The JSON keys below the approach.
    pub name: String,
    /// The category, for numbers about one category.
    pub category: Option<String>,
    /// The photo, for numbers about one photo.
    pub file: Option<String>,
    pub value: Option<Number>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub hits: Option<usize>,
    pub n: Option<usize>,
    pub chance: Option<f64>,
}

/// Lists the numbers of the approaches that the report covers.
pub(super) fn numbers(report: &Report) -> Vec<ReportNumber> {
    let mut list = NumberList { approach: "pre_clip", numbers: Vec::new() };
    if let Some(found) = &report.evaluation.pre_clip {
        list.pre_clip(found);
    }
    if let Some(found) = &report.evaluation.bridge {
        list.approach = "bridge";
        list.bridge(found);
    }
    if let Some(found) = &report.evaluation.clip {
        list.approach = "clip";
        list.clip(found);
    }
    if let Some(found) = &report.against {
        list.approach = "against";
        list.against(found);
    }
    if let Some(timing) = report.timing {
        list.approach = "timing";
        list.value("embedding_s", Some(timing.embedding_s));
        list.value("analysis_s", Some(timing.analysis_s));
        list.whole("cached", Some(timing.cached));
        list.whole("computed", Some(timing.computed));
    }
    list.numbers
}

struct NumberList {
    approach: &'static str,
    numbers: Vec<ReportNumber>,
}

impl NumberList {
    fn value(&mut self, name: impl Into<String>, value: Option<f64>) -> &mut ReportNumber {
        self.add(name, value.map(Number::Real))
    }

    fn whole(&mut self, name: impl Into<String>, value: Option<usize>) -> &mut ReportNumber {
        self.add(name, value.map(|value| Number::Whole(value as u64)))
    }

    fn add(&mut self, name: impl Into<String>, value: Option<Number>) -> &mut ReportNumber {
        let number = ReportNumber {
            approach: self.approach,
            name: name.into(),
            category: None,
            file: None,
            value,
            low: None,
            high: None,
            hits: None,
            n: None,
            chance: None,
        };
        let last = self.numbers.len();
        self.numbers.push(number);
        &mut self.numbers[last]
    }

    fn share(&mut self, name: impl Into<String>, share: Option<Share>) -> &mut ReportNumber {
        let number = self.value(name, share.map(|share| share.value));
        number.low = share.map(|share| share.lo);
        number.high = share.map(|share| share.hi);
        number.hits = share.map(|share| share.hits);
        number.n = share.map(|share| share.n);
        number.chance = share.map(|share| share.chance);
        number
    }

    fn pre_clip(&mut self, found: &PreClip) {
        for (side, structure) in [("image", &found.image), ("text", &found.text)] {
            self.value(format!("{side}.intra"), structure.intra);
            self.value(format!("{side}.inter"), structure.inter);
            self.value(format!("{side}.separation"), structure.separation);
            self.value(format!("{side}.auc"), structure.auc).chance = Some(0.5);
            self.value(format!("{side}.silhouette"), structure.silhouette);
            self.share(format!("{side}.nn_category_accuracy"), structure.nn_category_accuracy);
        }
    }

    fn bridge(&mut self, found: &Bridge) {
        for (name, count) in [
            ("items", found.items),
            ("anchors", found.anchors),
            ("k", found.k),
            ("permutations", found.permutations),
        ] {
            self.whole(name, Some(count));
        }
        self.value("power", Some(found.power));
        self.add("seed", Some(Number::Whole(found.seed)));
        self.value("cka_unbiased", found.cka_unbiased);
        self.value("cka_p", found.cka_p);
        self.value("rsa", found.rsa);
        self.value("rsa_p", found.rsa_p);
        if let Some(knn) = &found.mutual_knn {
            self.whole("mutual_knn.k", Some(knn.k));
            self.value("mutual_knn.value", Some(knn.value)).chance = Some(knn.chance);
            self.value("mutual_knn.p", knn.p);
        }
        self.two_afc(&found.two_afc);
        let unrelated = &found.two_afc_unrelated;
        let all = self.value("two_afc_unrelated.all", unrelated.all);
        all.low = unrelated.all_range.map(|[low, _]| low);
        all.high = unrelated.all_range.map(|[_, high]| high);
        self.value("two_afc_unrelated.across", unrelated.across);
        self.value("two_afc_unrelated.within", unrelated.within);
        self.whole("two_afc_unrelated.shuffles", Some(unrelated.shuffles));
        let holdout = found.holdout.as_ref();
        self.share("holdout.accuracy", holdout.map(|holdout| holdout.accuracy));
        self.whole("holdout.draws", holdout.map(|holdout| holdout.draws));
    }

    fn clip(&mut self, found: &Retrieval) {
        self.direction("image_to_text", &found.image_to_text);
        self.direction("text_to_image", &found.text_to_image);
        self.two_afc(&found.two_afc);
        self.share("group_score", found.group_score);
        self.value("mean_margin", found.mean_margin);
        if let Some(worst) = &found.worst_image {
            self.value("worst_image.margin", Some(worst.margin)).file = Some(worst.file.clone());
        }
        if let Some(null) = &found.null_captions {
            self.value("null_captions.mean", null.mean);
            self.share("null_captions.beaten", null.beaten);
        }
        for row in &found.per_category {
            let category = Some(&row.category);
            self.share("per_category.top1", row.top1).category = category.cloned();
            self.share("per_category.category_top1", row.category_top1).category = category.cloned();
            self.value("per_category.mrr", row.mrr).category = category.cloned();
        }
    }

    fn two_afc(&mut self, found: &TwoAfc) {
        self.share("two_afc.all", found.all);
        self.share("two_afc.across", found.across);
        self.share("two_afc.within", found.within);
        self.whole("two_afc.ties", Some(found.ties));
    }

    fn direction(&mut self, side: &str, found: &Direction) {
        for (k, share) in R_AT.iter().zip(found.r_at) {
            self.share(format!("{side}.r_at.{k}"), share);
        }
        self.share(format!("{side}.category_top1"), found.category_top1);
        self.value(format!("{side}.mrr"), found.mrr);
        self.value(format!("{side}.median_rank"), found.median_rank);
    }

    fn against(&mut self, found: &Against) {
        self.whole("photos", Some(found.photos));
        self.whole("captions", Some(found.captions));
        let clip = &found.clip;
        for (side, direction) in
            [("image_to_text", &clip.image_to_text), ("text_to_image", &clip.text_to_image)]
        {
            for (k, recall) in R_AT.iter().zip(direction.r_at) {
                self.difference(&format!("clip.{side}.r_at.{k}"), recall);
            }
            self.difference(&format!("clip.{side}.mrr"), direction.mrr);
            if let Some(category_top1) = direction.category_top1 {
                self.difference(&format!("clip.{side}.category_top1"), category_top1);
            }
            if let Some(mean_margin) = direction.mean_margin {
                self.difference(&format!("clip.{side}.mean_margin"), mean_margin);
            }
        }
        self.difference("clip.mean_margin", clip.mean_margin);
        self.difference("clip.null_captions.beaten", clip.null_captions.beaten);
    }

    fn difference(&mut self, name: &str, found: Option<Difference>) {
        self.value(format!("{name}.old"), found.map(|found| found.old));
        self.value(format!("{name}.new"), found.map(|found| found.new));
        let interval = found.and_then(|found| found.interval);
        let number = self.value(format!("{name}.difference"), found.map(|found| found.difference));
        number.low = interval.map(|[low, _]| low);
        number.high = interval.map(|[_, high]| high);
        number.n = found.map(|found| found.n);
        self.value(format!("{name}.p"), found.and_then(|found| found.p));
    }
}
