//! The checkpoints of other programs: names and shapes as `tools/make_layout_fixtures.py` read them off, values such that
//! every layout holds the same network.

use std::collections::BTreeMap;
use std::fs;

use crate::checkpoints::{Description, Tensors, fixtures};
use crate::formula;

/// The tensors of a checkpoint, by its name in `tests/fixtures/layouts.json`.
pub fn layout(name: &str) -> Tensors {
    let text = fs::read_to_string(fixtures().join("../layouts.json")).unwrap();
    let mut all: BTreeMap<String, Tensors> = serde_json::from_str(&text).unwrap();
    let short = all.remove(name).unwrap_or_else(|| panic!("no layout {name}"));
    let mut long = Tensors::new();
    for (name, description) in short {
        let Some((front, rest)) = name.split_once('{') else {
            long.insert(name, description);
            continue;
        };
        let (range, back) = rest.split_once('}').unwrap();
        let (first, last) = range.split_once('-').unwrap();
        for number in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
            let Description { dtype, shape } = description.clone();
            long.insert(format!("{front}{number}{back}"), Description { dtype, shape });
        }
    }
    long
}

/// The tensors with `prefix` in front of every name.
pub fn prefixed(tensors: Tensors, prefix: &str) -> Tensors {
    tensors.into_iter().map(|(name, description)| (format!("{prefix}{name}"), description)).collect()
}

/// What a tensor of open_clip holds when the same network has the formula's values in the layout of transformers.
///
/// Written from open_clip's code, on its own: attention's `in_proj` is queries, keys and values one above the other, and a
/// projection multiplies from the right.
pub fn open_clip_values(name: &str, shape: &[usize]) -> Vec<f32> {
    let name = name.strip_prefix("state_dict.").unwrap_or(name);
    let name = name.strip_prefix("module.").unwrap_or(name);
    let name = name.strip_prefix("text.").unwrap_or(name);
    let (tower, inner) = match name.strip_prefix("visual.") {
        Some(inner) => ("vision_model", inner),
        None => ("text_model", name),
    };
    if let Some(block) = inner.strip_prefix("transformer.resblocks.") {
        let (number, part) = block.split_once('.').unwrap();
        let layer = format!("{tower}.encoder.layers.{number}");
        if let Some(kind) = part.strip_prefix("attn.in_proj_") {
            let third = [&[shape[0] / 3], &shape[1..]].concat();
            let parts = ["q", "k", "v"]
                .map(|part| formula::weights(&format!("{layer}.self_attn.{part}_proj.{kind}"), &third));
            return parts.concat();
        }
        let part = part
            .replace("attn.out_proj", "self_attn.out_proj")
            .replace("ln_", "layer_norm")
            .replace("c_fc", "fc1")
            .replace("c_proj", "fc2");
        return formula::weights(&format!("{layer}.{part}"), shape);
    }
    let kind = inner.rsplit('.').next().unwrap();
    let theirs = match inner {
        "logit_scale" => return formula::weights("logit_scale", shape),
        "proj" => return transposed("visual_projection.weight", shape),
        "text_projection" => return transposed("text_projection.weight", shape),
        "class_embedding" => "embeddings.class_embedding".into(),
        "conv1.weight" => "embeddings.patch_embedding.weight".into(),
        "positional_embedding" => "embeddings.position_embedding.weight".into(),
        "token_embedding.weight" => "embeddings.token_embedding.weight".into(),
        _ if inner.starts_with("ln_pre.") => format!("pre_layrnorm.{kind}"),
        _ if inner.starts_with("ln_post.") => format!("post_layernorm.{kind}"),
        _ if inner.starts_with("ln_final.") => format!("final_layer_norm.{kind}"),
        other => panic!("{other}"),
    };
    formula::weights(&format!("{tower}.{theirs}"), shape)
}

fn transposed(name: &str, shape: &[usize]) -> Vec<f32> {
    let [rows, columns] = shape.try_into().unwrap();
    let values = formula::weights(name, &[columns, rows]);
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .map(|(row, column)| values[column * rows + row])
        .collect()
}
