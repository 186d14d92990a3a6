//! What configuration files beside a checkpoint say, as far as weights do not show it.
//!
//! The activation, the number of attention heads, pooling, preprocessing: a network with another value gives vectors that
//! look right and are wrong, so every value that is there is compared with what the graph does. A key that is missing has the
//! default of the program that wrote the file. Must not know: tensors.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::family::Activation;
use super::refusal::Refusal;

/// What the files of one folder say.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Settings {
    pub activation: Option<Activation>,
    pub max_tokens: Option<usize>,
}

/// Longest configuration that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;
/// Positions of DistilBERT's graph.
const POSITIONS: usize = 512;
const MEAN: [f64; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
const STD: [f64; 3] = [0.268_629_54, 0.261_302_58, 0.275_777_11];

/// A configuration file that was read.
pub(super) struct ConfigFile {
    name: String,
    pub value: Value,
}

impl ConfigFile {
    /// Reads a file of a folder; `None` when it is not there.
    pub fn read(folder: &Path, name: &str) -> Result<Option<Self>, Refusal> {
        let path: PathBuf = folder.join(name);
        let refused = |reason| Refusal::Configuration { file: name.into(), reason };
        let Ok(about) = fs::metadata(&path) else { return Ok(None) };
        if about.len() > MAX_BYTES {
            return Err(refused(format!("it is longer than {} MiB", MAX_BYTES >> 20)));
        }
        let text =
            fs::read_to_string(&path).map_err(|error| refused(format!("it cannot be read: {error}")))?;
        let value =
            serde_json::from_str(&text).map_err(|error| refused(format!("it is not JSON: {error}")))?;
        Ok(Some(Self { name: name.into(), value }))
    }

    /// The value at `a.b.c`; `None` when it is missing or null.
    pub fn at(&self, key: &str) -> Option<&Value> {
        key.split('.').try_fold(&self.value, |value, part| value.get(part)).filter(|value| !value.is_null())
    }

    pub fn refused(&self, reason: String) -> Refusal {
        Refusal::Configuration { file: self.name.clone(), reason }
    }

    /// Compares a value that may be missing with what fits.
    pub fn expect(&self, key: &str, fits: &[Value]) -> Result<(), Refusal> {
        match self.at(key) {
            Some(found) if !fits.contains(found) => {
                let fits: Vec<String> = fits.iter().map(Value::to_string).collect();
                Err(self.refused(format!("'{key}' is {found}; what fits is {}", fits.join(" or "))))
            }
            _ => Ok(()),
        }
    }
}

/// Reads what lies beside the weights of a CLIP.
pub(super) fn clip(folder: &Path) -> Result<Settings, Refusal> {
    let mut told: Vec<(String, Activation)> = Vec::new();
    if let Some(config) = ConfigFile::read(folder, "config.json")? {
        told.extend(transformers(&config)?.map(|activation| (config.name.clone(), activation)));
    }
    if let Some(config) = ConfigFile::read(folder, "open_clip_config.json")? {
        told.extend(open_clip(&config)?.map(|activation| (config.name.clone(), activation)));
    }
    for name in ["preprocessor_config.json", "processor_config.json"] {
        if let Some(config) = ConfigFile::read(folder, name)? {
            preprocessor(&config)?;
        }
    }
    if let [(first, one), (second, other)] = told.as_slice()
        && one != other
    {
        let reason = format!("it says {}, but {first} says {}", other.name(), one.name());
        return Err(Refusal::Configuration { file: second.clone(), reason });
    }
    Ok(Settings { activation: told.first().map(|(_, activation)| *activation), max_tokens: None })
}

/// `config.json` of transformers, of a whole CLIP or of one tower.
fn transformers(config: &ConfigFile) -> Result<Option<Activation>, Refusal> {
    // Where a tower's keys stand, and its number of attention heads. Of two places the last one counts.
    let towers: &[(&[&str], u32)] = match config.at("model_type").and_then(Value::as_str) {
        Some("clip") => {
            &[(&["vision_config.", "vision_config_dict."], 12), (&["text_config.", "text_config_dict."], 8)]
        }
        Some("clip_vision_model") => &[(&[""], 12)],
        Some("clip_text_model") => &[(&[""], 8)],
        _ => return Ok(None),
    };
    let mut activations = Vec::new();
    for (places, heads) in towers {
        let mut activation = "quick_gelu";
        for place in *places {
            config.expect(&format!("{place}num_attention_heads"), &[json!(heads)])?;
            config.expect(&format!("{place}layer_norm_eps"), &[json!(1e-5)])?;
            config.expect(&format!("{place}hidden_act"), &[json!("quick_gelu"), json!("gelu")])?;
            if let Some(found) = config.at(&format!("{place}hidden_act")).and_then(Value::as_str) {
                activation = found;
            }
        }
        activations.push(activation);
    }
    if activations.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(config.refused(format!(
            "its towers have different activations, {}; no graph here has",
            activations.join(" and ")
        )));
    }
    Ok(activations.first().map(|&name| match name {
        "gelu" => Activation::Gelu,
        _ => Activation::QuickGelu,
    }))
}

fn open_clip(config: &ConfigFile) -> Result<Option<Activation>, Refusal> {
    if config.at("model_cfg").is_none() {
        return Ok(None);
    }
    for (key, fits) in [
        ("model_cfg.vision_cfg.head_width", json!(64)),
        ("model_cfg.vision_cfg.pool_type", json!("tok")),
        ("model_cfg.vision_cfg.global_average_pool", json!(false)),
        ("model_cfg.vision_cfg.final_ln_after_pool", json!(false)),
        ("model_cfg.text_cfg.heads", json!(8)),
        ("model_cfg.text_cfg.pool_type", json!("argmax")),
        ("model_cfg.text_cfg.no_causal_mask", json!(false)),
        ("model_cfg.quick_gelu", json!(false)),
        ("preprocess_cfg.mean", json!(MEAN)),
        ("preprocess_cfg.std", json!(STD)),
        ("preprocess_cfg.interpolation", json!("bicubic")),
        ("preprocess_cfg.resize_mode", json!("shortest")),
    ] {
        // Both activations have a graph.
        let fits = if fits.is_boolean() && key.ends_with("quick_gelu") {
            vec![json!(true), fits]
        } else {
            vec![fits]
        };
        config.expect(key, &fits)?;
    }
    let quick = config.at("model_cfg.quick_gelu").and_then(Value::as_bool).unwrap_or(false);
    Ok(Some(if quick { Activation::QuickGelu } else { Activation::Gelu }))
}

fn preprocessor(config: &ConfigFile) -> Result<(), Refusal> {
    for place in ["", "image_processor."] {
        for (key, fits) in [
            ("image_mean", vec![json!(MEAN)]),
            ("image_std", vec![json!(STD)]),
            ("resample", vec![json!(3)]),
            ("size", vec![json!(224), json!({"shortest_edge": 224})]),
            ("crop_size", vec![json!(224), json!({"height": 224, "width": 224})]),
            ("do_resize", vec![json!(true)]),
            ("do_center_crop", vec![json!(true)]),
            ("do_normalize", vec![json!(true)]),
        ] {
            config.expect(&format!("{place}{key}"), &fits)?;
        }
    }
    Ok(())
}

/// Reads what lies beside the transformer of a sentence-transformers folder.
pub(super) fn sentence_transformer(folder: &Path) -> Result<Settings, Refusal> {
    if let Some(config) = ConfigFile::read(folder, "config.json")? {
        config.expect("model_type", &[json!("distilbert")])?;
        config.expect("activation", &[json!("gelu")])?;
        config.expect("n_heads", &[json!(12)])?;
    }
    let mut settings = Settings::default();
    if let Some(config) = ConfigFile::read(folder, "sentence_bert_config.json")? {
        config.expect("do_lower_case", &[json!(false)])?;
        settings.max_tokens = tokens(&config, "max_seq_length");
    }
    // Newer versions write it into the tokenizer's configuration alone, as a very large number where there is no limit.
    if settings.max_tokens.is_none()
        && let Some(config) = ConfigFile::read(folder, "tokenizer_config.json")?
    {
        settings.max_tokens = tokens(&config, "model_max_length").map(|limit| limit.min(POSITIONS));
    }
    if settings.max_tokens.is_some_and(|tokens| !(3..=POSITIONS).contains(&tokens)) {
        let reason = format!("'max_seq_length' must lie in 3..={POSITIONS}");
        return Err(Refusal::Configuration { file: "sentence_bert_config.json".into(), reason });
    }
    Ok(settings)
}

fn tokens(config: &ConfigFile, key: &str) -> Option<usize> {
    let number = config.at(key)?;
    // Written as a float where there is no limit.
    let whole = number.as_u64().and_then(|number| usize::try_from(number).ok());
    whole.or_else(|| number.as_f64().filter(|&number| number > POSITIONS as f64).map(|_| POSITIONS))
}

/// The configuration of a module in a folder of its own, named with the folder.
fn module(folder: &Path) -> Result<(String, Option<ConfigFile>), Refusal> {
    let own = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{own}/config.json");
    let config = ConfigFile::read(folder.parent().unwrap_or(folder), &name)?;
    Ok((name, config))
}

/// Compares a pooling module with the mean over the tokens of the mask.
pub(super) fn pooling(folder: &Path) -> Result<(), Refusal> {
    let Some(config) = module(folder)?.1 else { return Ok(()) };
    config.expect("pooling_mode", &[json!("mean")])?;
    for mode in ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"] {
        config.expect(&format!("pooling_mode_{mode}"), &[json!(false)])?;
    }
    config.expect("pooling_mode_mean_tokens", &[json!(true)])
}

/// Compares the function behind a dense layer with what the graph has for a layer with or without bias.
pub(super) fn dense(folder: &Path, biased: bool) -> Result<(), Refusal> {
    let (file, config) = module(folder)?;
    let Some(config) = config else {
        let reason = "it is missing, and nothing else says which function follows the dense layer".into();
        return Err(Refusal::Configuration { file, reason });
    };
    let fits = if biased { "torch.nn.modules.activation.Tanh" } else { "torch.nn.modules.linear.Identity" };
    match config.at("activation_function").and_then(Value::as_str) {
        Some(found) if found == fits => Ok(()),
        Some(found) => Err(config.refused(format!(
            "'activation_function' is {found:?}; what fits a dense layer {} bias is {fits:?}",
            if biased { "with" } else { "without" }
        ))),
        None => Err(config.refused("'activation_function' is missing".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, Value)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in files {
            fs::write(folder.path().join(name), value.to_string()).unwrap();
        }
        folder
    }

    fn activation(name: &str, value: Value) -> Option<Activation> {
        clip(folder(&[(name, value)]).path()).unwrap().activation
    }

    #[test]
    fn the_activation_is_what_the_configuration_says() {
        let whole = |text: &str, vision: &str| json!({"model_type": "clip", "text_config": {"hidden_act": text}, "vision_config": {"hidden_act": vision}});
        assert_eq!(activation("config.json", whole("gelu", "gelu")), Some(Activation::Gelu));
        assert_eq!(activation("config.json", whole("quick_gelu", "quick_gelu")), Some(Activation::QuickGelu));
        let tower = json!({"model_type": "clip_vision_model", "hidden_act": "gelu"});
        assert_eq!(activation("config.json", tower), Some(Activation::Gelu));
        let older = json!({"model_type": "clip", "text_config_dict": {"hidden_act": "gelu"},
            "vision_config": {"hidden_act": "quick_gelu"}, "vision_config_dict": {"hidden_act": "gelu"}});
        assert_eq!(activation("config.json", older), Some(Activation::Gelu));
        let quick = json!({"model_cfg": {"quick_gelu": true}});
        assert_eq!(activation("open_clip_config.json", quick), Some(Activation::QuickGelu));
        let exact = json!({"model_cfg": {"embed_dim": 512}});
        assert_eq!(activation("open_clip_config.json", exact), Some(Activation::Gelu));
    }

    #[test]
    fn no_configuration_and_a_foreign_one_say_nothing() {
        assert_eq!(clip(folder(&[]).path()).unwrap(), Settings::default());
        assert_eq!(activation("config.json", json!({"learning_rate": 1e-3, "hidden_act": "gelu"})), None);
        assert_eq!(activation("open_clip_config.json", json!({})), None);
    }

    #[test]
    fn what_the_graph_does_not_do_is_refused_with_its_key() {
        let refused = |files: &[(&str, Value)]| clip(folder(files).path()).unwrap_err().to_string();
        let tanh = json!({"model_type": "clip", "text_config": {"hidden_act": "gelu_new"}});
        assert!(refused(&[("config.json", tanh)]).contains("text_config.hidden_act"));
        let heads = json!({"model_type": "clip_vision_model", "num_attention_heads": 16});
        let reason = refused(&[("config.json", heads)]);
        assert!(reason.contains("num_attention_heads' is 16; what fits is 12"), "{reason}");
        let mixed = json!({"model_type": "clip", "text_config": {"hidden_act": "gelu"}});
        assert!(refused(&[("config.json", mixed)]).contains("quick_gelu and gelu"));
        let mean = json!({"model_cfg": {}, "preprocess_cfg": {"mean": [0.5, 0.5, 0.5]}});
        assert!(refused(&[("open_clip_config.json", mean)]).contains("preprocess_cfg.mean"));
        let both = [
            ("config.json", json!({"model_type": "clip"})),
            ("open_clip_config.json", json!({"model_cfg": {}})),
        ];
        assert!(refused(&both).contains("says gelu, but config.json says quick-gelu"));
        let size = json!({"size": {"shortest_edge": 336}});
        assert!(refused(&[("preprocessor_config.json", size)]).contains("'size'"));
        let broken = folder(&[]);
        fs::write(broken.path().join("config.json"), "{").unwrap();
        assert!(clip(broken.path()).unwrap_err().to_string().contains("not JSON"));
    }

    #[test]
    fn pooling_and_dense_layers_must_be_those_of_the_graph() {
        let old = json!({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true});
        pooling(folder(&[("config.json", old)]).path()).unwrap();
        pooling(folder(&[("config.json", json!({"pooling_mode": "mean"}))]).path()).unwrap();
        pooling(folder(&[("config.json", json!({"pooling_mode": "cls"}))]).path()).unwrap_err();
        pooling(folder(&[("config.json", json!({"pooling_mode_cls_token": true}))]).path()).unwrap_err();
        let identity = json!({"activation_function": "torch.nn.modules.linear.Identity"});
        let identity = folder(&[("config.json", identity)]);
        dense(identity.path(), false).unwrap();
        assert!(dense(identity.path(), true).unwrap_err().to_string().contains("with bias"));
        dense(folder(&[]).path(), true).unwrap_err();
    }
}
