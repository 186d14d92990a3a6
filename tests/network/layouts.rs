//! Checkpoints of the user's: in every layout, with values from a formula, against the reference implementations.
//!
//! Names and shapes are those of transformers, open_clip, sentence-transformers and torchvision
//! (`tests/fixtures/layouts.json`). Every layout of CLIP holds the same network here, so the vectors are the same to the bit.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clipscope_networks::weights::{
    Activation, CheckpointSummary, Family, Layout, LocalNetwork, Refusal, inspect,
};
use clipscope_networks::{Catalog, DeviceKind, ModelError, ModelStore, Role, SetDefinition, SetName, Tower};
use clipscope_test_support::checkpoints::{
    Around, CLIP, Tensors, described, fixtures, json, write_pytorch_of, write_safetensors, write_zeros,
};
use clipscope_test_support::formula;
use clipscope_test_support::layouts::{layout, open_clip_values, prefixed};
use serde_json::json;
use tempfile::TempDir;

use crate::reference::{agree, formula_images, token_rows};

const HF: &str = "transformers CLIPModel ViT-B/32";

/// Hundreds of megabytes go to the target folder, since that of temporary files may be small.
fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn write_json(path: &Path, value: &serde_json::Value) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, value.to_string()).unwrap();
}

/// The tower for a role, in a set with nothing else.
fn tower(network: &LocalNetwork, role: Role, store: &ModelStore) -> Arc<Tower> {
    let mut catalog = Catalog::built_in().unwrap();
    let names = catalog.add_local(network).unwrap();
    let plays = |name: &&String| catalog.network(name).unwrap().card().plays(role);
    let mut set = SetDefinition::empty(SetName::new("mine"), String::new());
    set.put(role, names.iter().find(plays).unwrap());
    catalog.add_set(set).unwrap();
    let set = catalog.open(&SetName::new("mine"), DeviceKind::Cpu, store).unwrap();
    set.tower(role).unwrap().clone()
}

fn photos(network: &LocalNetwork, role: Role, store: &ModelStore, batch: &str) -> Vec<Vec<f32>> {
    let images = formula_images(&json("inputs.json")["images"][batch]);
    tower(network, role, store).embed_normalized(images).unwrap()
}

fn captions(
    network: &LocalNetwork,
    store: &ModelStore,
    role: Role,
    input: &str,
    batch: &str,
) -> Vec<Vec<f32>> {
    let tokens = token_rows(&json("inputs.json")[input][batch]["ids"]);
    tower(network, role, store).embed_captions(&tokens).unwrap()
}

fn quick(summary: &CheckpointSummary) -> LocalNetwork {
    summary.network("mine", Some(Activation::QuickGelu)).unwrap()
}

/// A folder of transformers, with `hidden_act` as given.
fn transformers(folder: &Path, activation: &str, file: impl FnOnce(&Path)) {
    file(&folder.join("model.safetensors"));
    let act = json!({"hidden_act": activation});
    let config = json!({"model_type": "clip", "text_config": act, "vision_config": act});
    write_json(&folder.join("config.json"), &config);
}

#[test]
fn clip_with_the_exact_gelu_agrees_with_transformers() {
    let folder = folder();
    transformers(folder.path(), "gelu", |file| write_safetensors(file, &layout(HF), ""));
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.layout, Layout::HuggingFace);
    assert_eq!(summary.families, [Family::ClipVitB32, Family::ClipVitB32Gelu]);
    assert_eq!(summary.roles, [Role::ClipImage, Role::ClipText]);
    assert_eq!(summary.activation, Some(Activation::Gelu));
    let scale = formula::weights("logit_scale", &[])[0].exp();
    assert_eq!(summary.logit_scale, Some(scale));
    let network = summary.network("mine", None).unwrap();
    assert_eq!(network.family, Family::ClipVitB32Gelu);
    let store = ModelStore::new(folder.path().join("store"));
    for batch in ["batch_1", "batch_8"] {
        agree(&format!("clip_vision_gelu.{batch}"), &photos(&network, Role::ClipImage, &store, batch));
        let found = captions(&network, &store, Role::ClipText, "clip_text", batch);
        agree(&format!("clip_text_gelu.{batch}"), &found);
    }
    // Two towers have a name each, and none that is taken.
    let mut catalog = Catalog::built_in().unwrap();
    assert_eq!(catalog.add_local(&network).unwrap(), ["mine-vision", "mine-text"]);
    let taken = LocalNetwork { name: "clip-vit-b32".into(), ..network.clone() };
    assert!(catalog.add_local(&taken).unwrap_err().to_string().contains("built-in"));
    assert_eq!(tower(&network, Role::ClipImage, &store).card().name, "mine-vision");
    // What is remembered of a network survives being written down.
    let text = serde_json::to_string(&network).unwrap();
    assert_eq!(serde_json::from_str::<LocalNetwork>(&text).unwrap(), network);
}

#[test]
fn open_clip_and_transformers_with_the_same_values_give_the_same_bits() {
    let folder = folder();
    let (hf, open_clip) = (folder.path().join("hf.safetensors"), folder.path().join("run/epoch_32.pt"));
    write_safetensors(&hf, &layout(HF), "");
    write_pytorch_of(&open_clip, Around::Nothing, &layout("open_clip ViT-B-32"), &open_clip_values);
    let store = ModelStore::new(folder.path().join("store"));
    let mut found = Vec::new();
    for (file, layout) in [(&hf, Layout::HuggingFace), (&open_clip, Layout::OpenClip)] {
        let summary = inspect(file).unwrap();
        assert_eq!((summary.layout, summary.activation), (layout, None));
        assert_eq!(summary.roles, [Role::ClipImage, Role::ClipText]);
        let network = quick(&summary);
        found.push((
            photos(&network, Role::ClipImage, &store, "batch_1"),
            captions(&network, &store, Role::ClipText, "clip_text", "batch_8"),
        ));
    }
    agree("clip_vision.batch_1", &found[0].0);
    agree("clip_text.batch_8", &found[0].1);
    assert!(found[0] == found[1], "the layouts give different vectors");
}

#[test]
fn a_training_checkpoint_is_unwrapped_and_its_optimizer_counted() {
    let folder = folder();
    let file = folder.path().join("epoch_latest.pt");
    let wrapped = prefixed(layout("open_clip ViT-B-32, custom text"), "module.");
    write_pytorch_of(&file, Around::Training, &wrapped, &open_clip_values);
    let summary = inspect(&file).unwrap();
    assert_eq!(summary.layout, Layout::OpenClip);
    assert_eq!(summary.wrapping, "state_dict.module.");
    assert_eq!(summary.left_out, 1);
    let store = ModelStore::new(folder.path().join("store"));
    let found = captions(&quick(&summary), &store, Role::ClipText, "clip_text", "batch_1");
    agree("clip_text.batch_1", &found);
    agree("clip_vision.batch_1", &photos(&quick(&summary), Role::ClipImage, &store, "batch_1"));
}

#[test]
fn one_tower_alone_plays_one_role() {
    let folder = folder();
    let store = ModelStore::new(folder.path().join("store"));
    let vision = folder.path().join("vision/model.safetensors");
    write_safetensors(&vision, &layout("transformers CLIPVisionModelWithProjection ViT-B/32"), "");
    write_json(
        &folder.path().join("vision/config.json"),
        &json!({"model_type": "clip_vision_model", "hidden_act": "quick_gelu"}),
    );
    let summary = inspect(&vision).unwrap();
    assert_eq!((summary.roles.as_slice(), summary.logit_scale), (&[Role::ClipImage][..], None));
    assert_eq!(summary.activation, Some(Activation::QuickGelu));
    let network = summary.network("vision", None).unwrap();
    agree("clip_vision.batch_1", &photos(&network, Role::ClipImage, &store, "batch_1"));
    let mut catalog = Catalog::built_in().unwrap();
    assert_eq!(catalog.add_local(&network).unwrap(), ["vision"]);
    assert!(!catalog.network("vision").unwrap().card().plays(Role::ClipText));

    let text = folder.path().join("text.bin");
    let tensors = layout("transformers CLIPTextModelWithProjection ViT-B/32");
    write_pytorch_of(&text, Around::Nothing, &tensors, &formula::weights);
    let summary = inspect(&text).unwrap();
    assert_eq!(summary.roles, [Role::ClipText]);
    agree("clip_text.batch_1", &captions(&quick(&summary), &store, Role::ClipText, "clip_text", "batch_1"));
}

#[test]
fn torchvisions_resnet50_is_read_with_and_without_its_counters() {
    let folder = folder();
    let store = ModelStore::new(folder.path().join("store"));
    let file = folder.path().join("resnet50-0676ba61.pth");
    let mut tensors = layout("torchvision resnet50");
    write_pytorch_of(&file, Around::Nothing, &tensors, &formula::weights);
    let summary = inspect(&file).unwrap();
    assert_eq!((summary.layout, summary.roles.as_slice()), (Layout::Torchvision, &[Role::PreClipImage][..]));
    assert_eq!(summary.families, [Family::Resnet50]);
    let network = summary.network("resnet", None).unwrap();
    agree("resnet50.batch_8", &photos(&network, Role::PreClipImage, &store, "batch_8"));
    tensors.retain(|name, _| !name.ends_with("num_batches_tracked"));
    write_zeros(&file, &tensors);
    assert_eq!(inspect(&file).unwrap().families, [Family::Resnet50]);
}

/// A folder of sentence-transformers with a dense layer as given, its weights in the given kinds of file.
fn sentence_transformers(
    folder: &Path,
    transformer: &str,
    biased: bool,
    write: impl Fn(&Path, &Tensors, &str),
) {
    let place = folder.join(transformer);
    let file = place.join("model.safetensors");
    write(&file, &layout("transformers DistilBertModel"), "");
    let mut dense = layout("sentence-transformers Dense");
    if biased {
        dense.extend(described(
            "sentence-transformers/distiluse-base-multilingual-cased-v2",
            "2_Dense/model.safetensors",
        ));
    }
    let values = |name: &str, shape: &[usize]| formula::weights(&format!("2_Dense.{name}"), shape);
    write_pytorch_of(&folder.join("2_Dense/pytorch_model.bin"), Around::Nothing, &dense, &values);
    let function =
        if biased { "torch.nn.modules.activation.Tanh" } else { "torch.nn.modules.linear.Identity" };
    write_json(
        &folder.join("2_Dense/config.json"),
        &json!({"activation_function": function, "bias": biased}),
    );
    write_json(&folder.join("1_Pooling/config.json"), &json!({"pooling_mode_mean_tokens": true}));
    write_json(
        &place.join("sentence_bert_config.json"),
        &json!({"max_seq_length": 128, "do_lower_case": false}),
    );
    let modules = [("Transformer", transformer), ("Pooling", "1_Pooling"), ("Dense", "2_Dense")];
    let modules = modules
        .map(|(kind, path)| json!({"path": path, "type": format!("sentence_transformers.models.{kind}")}));
    write_json(&folder.join("modules.json"), &json!(modules));
    fs::copy(fixtures().join("distiluse-tokenizer.json"), place.join("tokenizer.json")).unwrap();
}

#[test]
fn the_multilingual_text_tower_agrees_with_sentence_transformers() {
    let folder = folder();
    sentence_transformers(folder.path(), "", false, write_safetensors);
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.families, [Family::Distilbert512]);
    assert_eq!((summary.roles.as_slice(), summary.max_tokens), (&[Role::ClipText][..], Some(128)));
    assert_eq!(summary.files.len(), 2);
    let network = summary.network("many-languages", None).unwrap();
    let store = ModelStore::new(folder.path().join("store"));
    for batch in ["batch_1", "batch_8"] {
        let found = captions(&network, &store, Role::ClipText, "distiluse", batch);
        agree(&format!("distilbert_512.{batch}"), &found);
    }
    // Captions in English and Spanish, through the folder's own tokenizer.
    let tower = tower(&network, Role::ClipText, &store);
    let inputs = json("inputs.json");
    let texts = inputs["distiluse"]["captions"]["texts"].as_array().unwrap();
    let tokens: Vec<_> = texts.iter().map(|text| tower.tokenize(text.as_str().unwrap()).unwrap()).collect();
    agree("distilbert_512.captions", &tower.embed_captions(&tokens).unwrap());
}

#[test]
fn distiluse_in_an_older_folder_agrees_with_sentence_transformers() {
    let folder = folder();
    sentence_transformers(folder.path(), "0_Transformer", true, write_safetensors);
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.families, [Family::Distiluse]);
    assert_eq!(summary.roles, [Role::PreClipText]);
    let network = summary.network("mine", None).unwrap();
    let store = ModelStore::new(folder.path().join("store"));
    agree("distiluse.batch_8", &captions(&network, &store, Role::PreClipText, "distiluse", "batch_8"));
}

#[test]
fn a_file_that_has_changed_since_is_noticed() {
    let folder = folder();
    let file = folder.path().join("resnet.safetensors");
    let tensors = layout("torchvision resnet50");
    write_safetensors(&file, &tensors, "");
    let network = inspect(&file).unwrap().network("mine", None).unwrap();
    let store = ModelStore::new(folder.path().join("store"));
    tower(&network, Role::PreClipImage, &store).load().unwrap();
    // Longer, with the Burnpack already there; then of the same length, without it.
    let good = fs::read(&file).unwrap();
    fs::write(&file, [&good[..], b"x"].concat()).unwrap();
    let error = tower(&network, Role::PreClipImage, &store).load().unwrap_err().to_string();
    assert!(error.contains("has changed since it was added") && error.contains("models add"), "{error}");
    let mut other = good.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&file, &other).unwrap();
    let fresh = ModelStore::new(folder.path().join("fresh"));
    let error = tower(&network, Role::PreClipImage, &fresh).load().unwrap_err().to_string();
    assert!(error.contains("SHA-256"), "{error}");
    // Other weights have another key, so no vector of the old ones is taken for one of theirs.
    let again = inspect(&file).unwrap().network("mine", None).unwrap();
    let key = |network| tower(network, Role::PreClipImage, &store).cache_key();
    assert_ne!(key(&network), key(&again));
}

/// The reason for which a file of zeros with these tensors is refused.
fn refused(tensors: &Tensors) -> Refusal {
    let folder = folder();
    let file = folder.path().join("weights.safetensors");
    write_zeros(&file, tensors);
    inspect(&file).unwrap_err().reason
}

#[test]
fn other_architectures_are_named() {
    for (name, words) in [
        ("transformers CLIPModel ViT-L/14", "CLIP ViT-L/14: a vision tower of width 1024 with 24 layers"),
        ("open_clip ViT-L-14", "CLIP ViT-L/14"),
        ("open_clip ViT-B-16", "CLIP ViT-B/16"),
        ("open_clip RN50", "CLIP with a ResNet-50"),
        ("torchvision resnet101", "ResNet-101"),
        ("transformers DistilBertModel", "DistilBERT without a dense layer"),
    ] {
        match refused(&layout(name)) {
            Refusal::OtherArchitecture { found, fits } => {
                assert!(found.contains(words) && !fits.is_empty(), "{name}: {found}");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn missing_extra_and_misshapen_tensors_are_named_as_in_the_file() {
    let good = layout("open_clip ViT-B-32");
    let mut other = good.clone();
    other.remove("ln_final.weight").unwrap();
    let misshapen = other.get_mut("visual.transformer.resblocks.3.attn.in_proj_weight").unwrap();
    misshapen.shape = vec![2304, 767];
    let scale = other.get("logit_scale").unwrap().clone();
    other.insert("logit_bias".into(), scale);
    let reason = refused(&other).to_string();
    for words in [
        "'ln_final.weight' is missing",
        "'visual.transformer.resblocks.3.attn.in_proj_weight' has the shape [2304, 767]",
        "needs [2304, 768]",
        "'logit_bias' is not part of this network",
    ] {
        assert!(reason.contains(words), "'{words}' is not in: {reason}");
    }
    // What OpenAI's code saves beside the tensors is no surplus.
    let mut openai = good;
    let number = openai.get("logit_scale").unwrap().clone();
    for name in ["input_resolution", "context_length", "vocab_size"] {
        openai.insert(name.into(), number.clone());
    }
    let folder = folder();
    let file = folder.path().join("weights.safetensors");
    write_zeros(&file, &openai);
    assert_eq!(inspect(&file).unwrap().layout, Layout::OpenClip);
    // A tower without its projection is not whole.
    let mut vision = layout("transformers CLIPVisionModelWithProjection ViT-B/32");
    vision.remove("visual_projection.weight").unwrap();
    let reason = refused(&vision).to_string();
    assert!(reason.contains("'visual_projection.weight' is missing"), "{reason}");
    // Names that no layout has.
    let renamed = prefixed(layout("torchvision resnet50"), "encoder.");
    assert!(matches!(refused(&renamed), Refusal::UnknownLayout(first) if first.contains("encoder.")));
}

#[test]
fn the_activation_is_never_guessed() {
    let folder = folder();
    let file = folder.path().join("mine.safetensors");
    write_zeros(&file, &layout("open_clip ViT-B-32"));
    // A configuration beside a file of any name may belong to something else.
    write_json(&folder.path().join("open_clip_config.json"), &json!({"model_cfg": {"quick_gelu": true}}));
    let summary = inspect(&file).unwrap();
    assert_eq!(summary.activation, None);
    let error = summary.network("mine", None).unwrap_err();
    assert_eq!(error.reason, Refusal::UnknownActivation);
    assert!(error.to_string().contains("--activation"), "{error}");
    let network = summary.network("mine", Some(Activation::Gelu)).unwrap();
    assert_eq!(network.family, Family::ClipVitB32Gelu);

    fs::rename(&file, folder.path().join("open_clip_model.safetensors")).unwrap();
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.activation, Some(Activation::QuickGelu));
    let error = summary.network("mine", Some(Activation::Gelu)).unwrap_err();
    let (found, given) = (Activation::QuickGelu, Activation::Gelu);
    assert_eq!(error.reason, Refusal::OtherActivation { found, given });
    assert_eq!(summary.network("mine", None).unwrap().family, Family::ClipVitB32);
}

#[test]
fn files_that_are_no_whole_checkpoint_are_refused_with_the_reason() {
    let folder = folder();
    let path = folder.path().join("weights.pt");
    let reason = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        inspect(&path).unwrap_err().reason
    };
    assert_eq!(reason(b""), Refusal::Empty);
    assert_eq!(reason(b"<html>"), Refusal::NotACheckpoint);
    let call = reason(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.");
    assert!(matches!(&call, Refusal::Unsafe(text) if text.contains("os.system")), "{call}");
    let (good, tensors) = (folder.path().join("good"), layout("sentence-transformers Dense"));
    write_pytorch_of(&good, Around::Nothing, &tensors, &formula::weights);
    let bytes = fs::read(&good).unwrap();
    assert!(matches!(reason(&bytes[..bytes.len() / 2]), Refusal::Damaged(_)));
    write_safetensors(&good, &tensors, "");
    let bytes = fs::read(&good).unwrap();
    assert!(matches!(reason(&bytes[..bytes.len() / 2]), Refusal::Damaged(_)));
    write_safetensors(&good, &Tensors::new(), "");
    assert_eq!(reason(&fs::read(&good).unwrap()), Refusal::Empty);
    fs::remove_file(&path).unwrap();
    assert!(matches!(inspect(&path).unwrap_err().reason, Refusal::Unreadable(_)));
}

#[test]
fn a_folder_without_one_clear_file_of_weights_says_what_was_found() {
    let folder = folder();
    let reason = || inspect(folder.path()).unwrap_err().reason.to_string();
    assert!(
        reason().contains("no weights") && reason().contains("open_clip_pytorch_model.bin"),
        "{}",
        reason()
    );
    fs::write(folder.path().join("epoch_1.pt"), "x").unwrap();
    fs::write(folder.path().join("epoch_2.pt"), "x").unwrap();
    assert!(reason().contains("epoch_1.pt, epoch_2.pt"), "{}", reason());
    fs::write(folder.path().join("model.safetensors.index.json"), "{}").unwrap();
    assert!(reason().contains("several parts"), "{}", reason());
    let modules = json!([{"type": "sentence_transformers.models.WeightedLayerPooling", "path": ""}]);
    write_json(&folder.path().join("modules.json"), &modules);
    assert!(reason().contains("modules.json") && reason().contains("WeightedLayerPooling"), "{}", reason());
}

#[test]
fn a_text_tower_without_its_tokenizer_or_with_another_dense_layer_is_refused() {
    let folder = folder();
    let zeros = |path: &Path, tensors: &Tensors, _: &str| write_zeros(path, tensors);
    sentence_transformers(folder.path(), "", false, zeros);
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.network("mine", None).unwrap_err().reason, Refusal::NoTokenizer);
    write_json(
        &folder.path().join("2_Dense/config.json"),
        &json!({"activation_function": "torch.nn.modules.activation.Tanh"}),
    );
    let error = inspect(folder.path()).unwrap_err().to_string();
    assert!(error.contains("2_Dense/config.json") && error.contains("Tanh"), "{error}");
    write_json(&folder.path().join("1_Pooling/config.json"), &json!({"pooling_mode_cls_token": true}));
    let error = inspect(folder.path()).unwrap_err().to_string();
    assert!(error.contains("1_Pooling/config.json"), "{error}");
}

#[test]
fn an_error_of_a_checkpoint_names_the_file() {
    let folder = folder();
    let dense: PathBuf = folder.path().join("2_Dense/pytorch_model.bin");
    let zeros = |path: &Path, tensors: &Tensors, _: &str| write_zeros(path, tensors);
    sentence_transformers(folder.path(), "", false, zeros);
    fs::write(&dense, "nonsense").unwrap();
    let error = inspect(folder.path()).unwrap_err();
    assert_eq!((&error.path, &error.reason), (&dense, &Refusal::NotACheckpoint));
    let message = ModelError::from(error).to_string();
    assert!(message.contains("2_Dense") && message.contains("neither"), "{message}");
}

#[test]
fn the_published_file_of_the_reference_set_is_known_as_what_it_is() {
    let folder = folder();
    let file = folder.path().join("pytorch_model.bin");
    write_zeros(&file, &described(CLIP.0, CLIP.1));
    let summary = inspect(&file).unwrap();
    assert_eq!((summary.layout, summary.wrapping.as_str()), (Layout::HuggingFace, ""));
    assert_eq!(summary.roles, [Role::ClipImage, Role::ClipText]);
    let [only] = summary.files.as_slice() else { panic!("one file") };
    assert_eq!(only.bytes, fs::metadata(&file).unwrap().len());
    assert_eq!(only.sha256.len(), 64);
}
