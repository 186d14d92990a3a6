//! The report as LaTeX tables with booktabs.
//!
//! Owns what goes into which column, and escaping for pdflatex. Must not compute any number.

use std::fmt::Write as _;

use super::against;
use super::contents::Report;
use super::display::{self, NONE};
use super::rows::{self, Missing, Row};
use crate::comparison::telling;
use clipscope_analysis::Share;
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;
use clipscope_networks::Modality;

/// Writing to a `String` cannot fail, so the results of `writeln!` below are dropped.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::from("% clipscope eval --format latex. In the preamble: \\usepackage{booktabs}\n");
    match report.nothing_to_compare() {
        Some(why) => {
            let _ = writeln!(out, "Nothing can be compared: {}.\n", escape(&why));
        }
        None => numbers(&mut out, report),
    }
    if let Some(found) = &report.against {
        table(
            &mut out,
            &format!("{}. {}", against::heading(found), against::models(report, found)),
            against::sections(found)
                .into_iter()
                .map(|(title, rows)| (format!("{}: {title}", clip_name(report)), rows)),
        );
        for remark in against::remarks(report, found) {
            let _ = writeln!(out, "{}\n", escape(&remark));
        }
    }
    left_out(&mut out, report);
    out
}

fn numbers(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    let selection = dataset.selection.as_ref().map(|selection| format!(" ({selection})")).unwrap_or_default();
    let caption = format!(
        "{}{selection}: {}, {}, {}; models {} on {}.",
        dataset.path,
        count(dataset.images, "photo"),
        count(dataset.captions, "caption"),
        count(dataset.categories.len(), "category"),
        report.models_name(),
        report.models.device.name(),
    );
    table(out, &caption, blocks(report).into_iter());
    categories(out, report);
}

/// `CLIP (stand-in)` where it is not CLIP.
fn clip_name(report: &Report) -> &'static str {
    if report.models.stand_in.is_some() { "CLIP (stand-in)" } else { "CLIP" }
}

/// The rows of the report by approach, with the name of the approach.
fn blocks(report: &Report) -> Vec<(String, Vec<Row<'_>>)> {
    let (found, contents) = (&report.evaluation, &report.contents);
    let mut blocks = Vec::new();
    if let Some(pre_clip) = &found.pre_clip {
        let photos = rows::structure(&pre_clip.image, contents, Modality::Image);
        let captions = rows::structure(&pre_clip.text, contents, Modality::Text);
        blocks.push(("Pre-CLIP: photos".to_owned(), photos));
        blocks.push(("Pre-CLIP: captions".to_owned(), captions));
    }
    if let Some(bridge) = &found.bridge {
        blocks.push(("Bridge".to_owned(), rows::bridge(bridge, contents)));
    }
    if let Some(clip) = &found.clip {
        let name = clip_name(report);
        let image_to_text = rows::direction(&clip.image_to_text, contents, "caption");
        let text_to_image = rows::direction(&clip.text_to_image, contents, "photo");
        blocks.push((format!("{name}: image→text"), image_to_text));
        blocks.push((format!("{name}: text→image"), text_to_image));
        blocks.push((format!("{name}: both"), rows::both_directions(clip, contents)));
    }
    blocks
}

/// One table of all blocks that have a number, then a paragraph for each reason why others are missing.
fn table<'a>(out: &mut String, caption: &str, blocks: impl Iterator<Item = (String, Vec<Row<'a>>)>) {
    begin(out, caption, "llllll", "approach & number & value & 95\\,\\% & hits & chance");
    let mut reasons = Vec::new();
    let mut first = true;
    for (approach, rows) in blocks {
        let (there, missing) = rows::sorted(rows);
        if !there.is_empty() && !std::mem::take(&mut first) {
            out.push_str("\\midrule\n");
        }
        for (row, value) in &there {
            let part = if row.part { "\\quad " } else { "" };
            let file = row.file.map(|file| format!(", {file}")).unwrap_or_default();
            let cells = match value.share {
                Some(share) => cells(share),
                None => {
                    let value = value.to_string().replace("  ", ", ");
                    format!("\\multicolumn{{4}}{{l}}{{{}}}", escape(&format!("{value}{file}")))
                }
            };
            let _ = writeln!(out, "{} & {part}{} & {cells} \\\\", escape(&approach), escape(&row.name));
        }
        reasons.extend(missing.into_iter().map(|missing| (approach.clone(), missing)));
    }
    end(out);
    for (approach, Missing { why, names }) in reasons {
        let _ = writeln!(
            out,
            "{}, not defined: {} ({}).\n",
            escape(&approach),
            escape(&names.join(", ")),
            escape(&why)
        );
    }
}

fn cells(share: Share) -> String {
    let [low, high] = share.interval();
    let Share { value, hits, n, .. } = share;
    let worth = display::worth(share);
    let chance = display::chance(share.chance);
    format!("{value:.3} & {low:.2}--{high:.2} & {hits}/{n}{worth} & {chance}")
}

fn categories(out: &mut String, report: &Report) {
    let Some(clip) = report.evaluation.clip.as_ref().filter(|clip| rows::categories_differ(clip)) else {
        return;
    };
    let name = clip_name(report);
    let caption = format!("{}: {} by category, image→text.", report.dataset.path, report.models_name());
    let header = "approach & category & number & value & 95\\,\\% & hits & chance";
    begin(out, &caption, "lllllll", header);
    let none = format!("{NONE} & & &");
    for row in &clip.per_category {
        let top1 = telling(row.top1);
        let shares = [("top-1", top1), ("category top-1", telling(row.category_top1))];
        for (number, share) in shares {
            let cells = share.map_or_else(|| escape(&none).replace("\\&", "&"), cells);
            let category = escape(&row.category);
            let _ = writeln!(out, "{} & {category} & {number} & {cells} \\\\", escape(name));
        }
    }
    end(out);
}

fn begin(out: &mut String, caption: &str, columns: &str, header: &str) {
    let _ = writeln!(
        out,
        "\\begin{{table}}\n\\centering\\small\n\\caption{{{}}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{header} \\\\\n\\midrule",
        escape(caption)
    );
}

fn end(out: &mut String) {
    out.push_str("\\bottomrule\n\\end{tabular}\n\\end{table}\n\n");
}

/// How many items are not in the tables, and what a set lacks. The other formats name each item.
fn left_out(out: &mut String, report: &Report) {
    for network in &report.models.missing {
        let roles: Vec<&str> = network.roles.iter().map(|role| role.name()).collect();
        let line = format!("No {}: {} is not installed.", roles.join(", "), network.name);
        let _ = writeln!(out, "{}\n", escape(&line));
    }
    let dataset = &report.dataset;
    for (what, all) in [
        ("Left out or incomplete", dataset.skipped.len()),
        ("Captions cut at the token limit", dataset.truncated_captions.len()),
        ("Used, with a note", dataset.photo_notes.len()),
    ] {
        if all > 0 {
            let _ = writeln!(out, "{what}: {all}.\n");
        }
    }
    if let Some(timing) = report.timing {
        for row in rows::timing(timing) {
            if let Ok(value) = &row.value {
                let _ = writeln!(out, "{}: {}.\n", escape(&row.name), escape(&value.to_string()));
            }
        }
    }
}

/// Accented letters that pdflatex sets without further packages, beside those of Latin-1.
const LETTERS: &str = "ŁłŒœŠšŽžČčŘřĚěŇňĆćŃńŚśŹźŻżŐőŰűĞğŞşı";

/// Escapes text so that pdflatex prints it as it is, and it can neither leave its cell nor be a command. A character that
/// pdflatex lacks becomes its number, `[U+4E2D]`.
fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in display_safe(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' | '⟨' => out.push_str("\\textless{}"),
            '>' | '⟩' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '"' => out.push_str("{''}"),
            // After the end of a row these would be its argument.
            '[' | ']' | '*' => {
                let _ = write!(out, "{{{c}}}");
            }
            // Two of them would be set as one other character.
            '-' | '\'' | '`' | ',' if before == c || c == '`' => {
                let _ = write!(out, "{{}}{c}");
            }
            '→' => out.push_str("$\\to$"),
            '−' => out.push_str("$-$"),
            '×' => out.push_str("$\\times$"),
            '÷' => out.push_str("$\\div$"),
            '≤' => out.push_str("$\\leq$"),
            '≥' => out.push_str("$\\geq$"),
            '·' => out.push_str("$\\cdot$"),
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            '…' => out.push_str("\\dots{}"),
            '‘' => out.push('`'),
            '’' => out.push('\''),
            '“' => out.push_str("``"),
            '”' => out.push_str("''"),
            ' '..='~' => out.push(c),
            'À'..='ÿ' if !"ÐÞðþ".contains(c) => out.push(c),
            c if LETTERS.contains(c) => out.push(c),
            c => {
                let _ = write!(out, "{{[}}U+{:04X}{{]}}", u32::from(c));
            }
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_that_means_something_to_latex_is_left() {
        assert_eq!(escape("a & b % $ # _ { }"), "a \\& b \\% \\$ \\# \\_ \\{ \\}");
        assert_eq!(escape("~^\\"), "\\textasciitilde{}\\textasciicircum{}\\textbackslash{}");
        assert_eq!(escape("<a|b>\""), "\\textless{}a\\textbar{}b\\textgreater{}{''}");
        assert_eq!(escape("[x]*"), "{[}x{]}{*}");
        assert_eq!(escape("a--b ?`"), "a-{}-b ?{}`");
        assert_eq!(escape("image→text, 1–2, −0.1"), "image$\\to$text, 1--2, $-$0.1");
    }

    #[test]
    fn letters_with_accents_stay_and_what_pdflatex_lacks_is_named() {
        assert_eq!(escape("Café Łódź"), "Café Łódź");
        assert_eq!(escape("中😀ð"), "{[}U+4E2D{]}{[}U+1F600{]}{[}U+00F0{]}");
        assert_eq!(escape("\x07"), "\\textless{}U+0007\\textgreater{}");
    }
}
