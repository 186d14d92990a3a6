//! Numbers of the JSON report by their path: `clip.image_to_text.top1`, `clip.per_category.0.mrr`.
//!
//! Owns which paths there are, from the schema, and whether a number passes a check. Must not compute any number.

use serde_json::Value;

use super::contents::Report;
use clipscope_base::display_safe::display_safe;

const SCHEMA: &str = include_str!("../../../../schema/eval.schema.json");

/// Paths that are offered for one that does not exist.
const OFFERED: usize = 3;

/// Keys of matrices, which a check may ask for but need not be kept for.
const MATRICES: [&str; 2] = ["similarity", "grid"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    AtLeast,
    AtMost,
}

/// A number of the report that must keep to a bound.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberCheck {
    /// As given.
    pub path: String,
    pub bound: Bound,
    pub limit: f64,
}

/// A path that no report has a number at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is no number of the JSON report; the nearest: {}", display_safe(path), nearest.join(", "))]
pub struct NumberPathError {
    path: String,
    nearest: Vec<String>,
}

impl NumberCheck {
    /// Checks that a report may have a number at the path.
    ///
    /// # Errors
    /// [`NumberPathError`] with the paths that are most like it.
    pub fn known(&self) -> Result<(), NumberPathError> {
        // The schema is a file of this project; a test reads it.
        let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
        let keys: Vec<&str> = self.path.split('.').collect();
        if is_number(&schema, &keys) {
            return Ok(());
        }
        let mut all = Vec::new();
        list(&schema, &mut String::new(), &mut all);
        // Stable: of equally near paths the first of the report.
        all.sort_by_cached_key(|path| distance(path, &self.path));
        all.truncate(OFFERED);
        Err(NumberPathError { path: self.path.clone(), nearest: all })
    }

    /// Whether the check needs the report's matrices.
    #[must_use]
    pub fn reads_a_matrix(&self) -> bool {
        self.path.split('.').any(|key| MATRICES.contains(&key))
    }

    /// Why the number at the path does not pass, in one line; `None` if it does.
    fn failure(&self, report: &Value) -> Option<String> {
        let path = display_safe(&self.path);
        let mut found = report;
        for key in self.path.split('.') {
            found = match found {
                Value::Null => break,
                Value::Array(list) => match key.parse::<usize>().ok().and_then(|place| list.get(place)) {
                    Some(found) => found,
                    None => {
                        return Some(format!(
                            "{path} is not in the report: {key} of a list of {}",
                            list.len()
                        ));
                    }
                },
                // A share may be asked for as one with its counts, whichever way it is written.
                Value::Number(_) if key == "value" => found,
                found => match found.get(key) {
                    Some(found) => found,
                    None => {
                        return Some(format!(
                            "{path} is not in the report: it has no '{}' here",
                            display_safe(key)
                        ));
                    }
                },
            };
        }
        let found = found.get("value").unwrap_or(found);
        let (passes, side) = match (found.as_f64(), self.bound) {
            (None, _) => return Some(format!("{path} is not defined for these data")),
            (Some(found), Bound::AtLeast) => (found >= self.limit, "below"),
            (Some(found), Bound::AtMost) => (found <= self.limit, "above"),
        };
        (!passes).then(|| format!("{path} is {found}, {side} {}", self.limit))
    }
}

impl Report {
    /// Why numbers of the report do not pass, a line each and in the order of the checks. Empty when all pass.
    ///
    /// # Errors
    /// When a number cannot be written as JSON, which no number of the analysis is.
    pub fn failures(&self, checks: &[NumberCheck]) -> Result<Vec<String>, serde_json::Error> {
        if checks.is_empty() {
            return Ok(Vec::new());
        }
        let report = serde_json::to_value(self)?;
        Ok(checks.iter().filter_map(|check| check.failure(&report)).collect())
    }
}

/// What a schema allows beside null.
fn options(schema: &Value) -> impl Iterator<Item = &Value> {
    let any = schema.get("anyOf").and_then(Value::as_array);
    let own = any.is_none().then_some(schema);
    any.into_iter().flatten().chain(own)
}

fn has_type(schema: &Value, types: &[&str]) -> bool {
    schema.get("type").and_then(Value::as_str).is_some_and(|found| types.contains(&found))
}

/// Whether a report may have a number at the path `keys` below `schema`.
fn is_number(schema: &Value, keys: &[&str]) -> bool {
    options(schema).any(|schema| match keys {
        [] | ["value"] if has_type(schema, &["number", "integer"]) => true,
        [] => schema.pointer("/properties/value").is_some_and(|value| is_number(value, &[])),
        [key, rest @ ..] => {
            let item = || schema.get("items").filter(|_| key.parse::<usize>().is_ok());
            let member = schema.get("properties").and_then(|members| members.get(key)).or_else(item);
            member.is_some_and(|member| is_number(member, rest))
        }
    })
}

/// Every path of a number below `schema`, with 0 for the places of lists. Those of matrices are left out.
fn list(schema: &Value, path: &mut String, all: &mut Vec<String>) {
    let length = path.len();
    for schema in options(schema) {
        if has_type(schema, &["number", "integer"]) && schema.get("const").is_none() {
            all.push(path.clone());
        }
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let members = members.filter(|(key, _)| !MATRICES.contains(&key.as_str()));
        let item = schema.get("items").map(|item| ("0", item));
        for (key, member) in members.map(|(key, member)| (key.as_str(), member)).chain(item) {
            if length > 0 {
                path.push('.');
            }
            path.push_str(key);
            list(member, path, all);
            path.truncate(length);
        }
    }
}

/// How many characters must be added, removed or replaced to make one text of the other (Levenshtein 1966).
fn distance(left: &str, right: &str) -> usize {
    // Nothing this long is like a path, and the table grows with the product.
    let right: Vec<char> = right.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, bound: Bound, limit: f64) -> NumberCheck {
        NumberCheck { path: path.into(), bound, limit }
    }

    #[test]
    fn the_paths_of_numbers_are_those_of_the_schema() {
        for path in [
            "clip.image_to_text.top1",
            "clip.image_to_text.top1.value",
            "clip.text_to_image.r_at.5",
            "clip.text_to_image.r_at_ci.5.0",
            "clip.group_score",
            "clip.group_score.lo",
            "clip.per_category.3.mrr",
            "clip.similarity.0.19",
            "bridge.cka_unbiased",
            "pre_clip.text.silhouette",
            "dataset.images",
            "timing.computed",
            "against.clip.image_to_text.top1.difference",
            "against.clip.mean_margin.interval.0",
        ] {
            assert_eq!(check(path, Bound::AtLeast, 0.0).known(), Ok(()), "{path}");
        }
        for path in ["", "clip", "clip.images", "clip.images.x.rank", "dataset.path", "clip.top1.", "value"] {
            assert!(check(path, Bound::AtLeast, 0.0).known().is_err(), "{path}");
        }
    }

    #[test]
    fn a_path_that_does_not_exist_is_answered_with_the_nearest() {
        let nearest = |path: &str| check(path, Bound::AtLeast, 0.0).known().unwrap_err().nearest;
        assert_eq!(nearest("clip.image_to_text.top_1")[0], "clip.image_to_text.top1");
        assert!(nearest("clip.text_to_image.recall_at.5").contains(&"clip.text_to_image.r_at.5".to_owned()));
        assert_eq!(nearest("clip.mean-margin")[0], "clip.mean_margin");
        assert_eq!(nearest("\u{1b}").len(), OFFERED);
    }

    #[test]
    fn a_number_passes_at_its_limit_and_fails_beyond() {
        let report = serde_json::json!({"a": {"top1": 0.45, "share": {"value": 0.5, "lo": 0.1}, "none": null},
            "list": [{"mrr": 0.25}]});
        let failure = |path, bound, limit| check(path, bound, limit).failure(&report);
        assert_eq!(failure("a.top1", Bound::AtLeast, 0.45), None);
        assert_eq!(failure("a.top1.value", Bound::AtLeast, 0.45), None);
        assert_eq!(failure("a.top1", Bound::AtMost, 0.45), None);
        assert_eq!(failure("a.share", Bound::AtLeast, 0.6).unwrap(), "a.share is 0.5, below 0.6");
        assert_eq!(failure("a.share", Bound::AtMost, 0.2).unwrap(), "a.share is 0.5, above 0.2");
        assert_eq!(failure("a.share.lo", Bound::AtLeast, 0.1), None);
        assert_eq!(failure("list.0.mrr", Bound::AtLeast, 0.2), None);
        for path in ["a.none", "a.none.lo"] {
            let line = failure(path, Bound::AtLeast, 0.0).unwrap();
            assert!(line.ends_with("is not defined for these data"), "{line}");
        }
        assert!(failure("list.1.mrr", Bound::AtLeast, 0.0).unwrap().contains("1 of a list of 1"));
        assert!(failure("a.else", Bound::AtLeast, 0.0).unwrap().contains("not in the report"));
    }

    #[test]
    fn the_distance_counts_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "abc"), distance("abc", "abc")), (3, 0));
    }
}
