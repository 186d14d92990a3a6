//! Token ids of CLIP: those that OpenAI's own tokenizer gives (`tools/make_clip_tokens.py`).

use std::fs;

use clipscope_networks::{Catalog, DeviceKind, ModelStore, NetworkInfo, Role, SetName, TextRepair};
use clipscope_test_support::checkpoints::{CLIP, json};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    text: String,
    ids: Vec<u32>,
    truncated: bool,
    /// What `tokenizer.json` alone gives, where that differs.
    unrepaired: Option<Vec<u32>>,
}

#[test]
fn clip_token_ids_equal_openais() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::new(folder.path()).without_verification();
    let checkpoint = store.path(CLIP.0, CLIP.1);
    fs::create_dir_all(checkpoint.parent().unwrap()).unwrap();
    fs::write(checkpoint, "not read here").unwrap();
    let catalog = Catalog::built_in().unwrap();
    let set = catalog.open(&SetName::REFERENCE, DeviceKind::Cpu, &store).unwrap();
    let tower = set.tower(Role::ClipText).unwrap();

    let rows: Vec<Row> = serde_json::from_value(json("clip-tokens.json")).unwrap();
    assert!(rows.len() > 400, "{}", rows.len());
    // So many need a repair that a tokenizer without one cannot pass.
    assert!(rows.iter().filter(|row| row.unrepaired.is_some()).count() > 150);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let found = tower.tokenize(&row.text).unwrap();
            (found.ids != row.ids || found.truncated != row.truncated)
                .then(|| format!("{:?}\n  {:?}\n  {:?}", row.text, found.ids, row.ids))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn only_networks_trained_with_openais_tokenizer_repair_texts() {
    let repaired: Vec<String> = Catalog::built_in()
        .unwrap()
        .networks()
        .map(|network| NetworkInfo::new(network))
        .filter(|network| network.text_repair == Some(TextRepair::OpenAi))
        .map(|network| network.name)
        .collect();
    // open_clip repairs texts as OpenAI does.
    assert_eq!(repaired, ["clip-vit-b32-text", "clip-vit-b32-laion2b-text"]);
}
