//! Vectors in Qdrant, against a stand-in that checks the protocol and fails when told to.

mod stand_in;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clipscope_core::qdrant::{PushProgress, QdrantCollection, QdrantError, QdrantSettings, push};
use clipscope_core::shards::ShardManifest;
use clipscope_networks::Role;
use serde_json::Value;

use self::stand_in::{Fault, LARGEST_BATCH, StandIn};
use super::vectors::{DIM, file, manifest};

/// Settings that do not wait.
fn settings(engine: &StandIn) -> QdrantSettings {
    QdrantSettings {
        api_key: Some(engine.key().into()),
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
        ..QdrantSettings::new(engine.url())
    }
}

fn collection(engine: &StandIn) -> QdrantCollection {
    QdrantCollection::new(settings(engine), "photos").unwrap()
}

fn push_all(qdrant: &QdrantCollection, files: &[PathBuf]) -> Result<PushProgress, QdrantError> {
    push(qdrant, files, LARGEST_BATCH, &mut |_| {})
}

fn twenty(folder: &Path) -> Vec<PathBuf> {
    let part = |name: &str, range| file(folder, name, &manifest(range, 20));
    vec![part("a.parquet", 0..12), part("b.parquet", 12..20)]
}

#[test]
fn a_push_makes_the_collection_and_sends_every_row_once() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let files = twenty(folder.path());
    let mut seen = Vec::new();
    let done =
        push(&collection(&engine), &files, LARGEST_BATCH, &mut |progress| seen.push(progress)).unwrap();
    assert_eq!(done, PushProgress { total: 20, sent: 20, known: 0 });
    assert_eq!(seen.last(), Some(&done));
    engine.assert_clean();
    {
        let state = engine.state.lock().unwrap();
        assert_eq!(state.collection, Some((DIM as u64, "Cosine".into())));
        assert_eq!(state.indexed, ["role", "model"]);
        assert_eq!(state.upserts, [7, 5, 7, 1]);
        assert_eq!(state.points.len(), 20);
        let (vector, payload) =
            state.points.values().find(|(_, payload)| payload["path"] == "folder/6.jpg").unwrap();
        assert!((vector[0] - 0.6_f64.sin()).abs() < 1e-6, "{vector:?}");
        assert_eq!(payload["caption"], "caption \u{1F600} of 6");
        assert_eq!(payload["category"], "even");
    }
    // Again: nothing is sent, nothing changes.
    assert_eq!(
        push_all(&collection(&engine), &files).unwrap(),
        PushProgress { total: 20, sent: 0, known: 20 }
    );
    assert_eq!(engine.state.lock().unwrap().points.len(), 20);
    engine.assert_clean();
}

#[test]
fn a_busy_engine_and_lost_answers_cost_tries_and_no_points() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let faults =
        [Fault::Status(503), Fault::TooMany, Fault::Status(500), Fault::AnswerLost, Fault::Status(504)];
    engine.state.lock().unwrap().faults.extend(faults);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&told);
    let settings = QdrantSettings {
        on_retry: Some(Arc::new(move |text: &str| sink.lock().unwrap().push(text.into()))),
        ..settings(&engine)
    };
    let qdrant = QdrantCollection::new(settings, "photos").unwrap();
    push_all(&qdrant, &twenty(folder.path())).unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), faults.len(), "{told:?}");
    assert!(told[1].starts_with("it answers 429 Rate limiting exceeded (to take points)"), "{told:?}");
    let state = engine.state.lock().unwrap();
    assert_eq!(state.points.len(), 20);
    // The batch whose answer was lost is written twice, with the same ids.
    assert_eq!(state.upserts, [7, 7, 5, 7, 1]);
    drop(state);
    engine.assert_clean();
}

#[test]
fn an_engine_that_does_not_answer_in_time_is_asked_again() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    engine.state.lock().unwrap().faults.push_back(Fault::AnswerStalled);
    let settings = QdrantSettings { answer_timeout: Duration::from_millis(300), ..settings(&engine) };
    push_all(&QdrantCollection::new(settings, "photos").unwrap(), &twenty(folder.path())).unwrap();
    assert_eq!(engine.state.lock().unwrap().upserts, [7, 7, 5, 7, 1]);
}

#[test]
fn an_interrupted_push_goes_on_where_it_was() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let files = twenty(folder.path());
    let qdrant =
        QdrantCollection::new(QdrantSettings { attempts: 1, ..settings(&engine) }, "photos").unwrap();
    let mut batches = 0;
    // The second batch never gets through.
    let failure = push(&qdrant, &files, LARGEST_BATCH, &mut |_| {
        batches += 1;
        engine.state.lock().unwrap().faults.push_back(Fault::Status(503));
    })
    .unwrap_err();
    assert_eq!(batches, 1);
    let message = failure.to_string();
    assert!(
        message.contains("cannot be reached to take points (it answers 503 told to fail, 1 tries)"),
        "{message}"
    );
    assert_eq!(engine.state.lock().unwrap().points.len(), 7);

    assert_eq!(
        push_all(&collection(&engine), &files).unwrap(),
        PushProgress { total: 20, sent: 13, known: 7 }
    );
    assert_eq!(engine.state.lock().unwrap().points.len(), 20);
    engine.assert_clean();
}

#[test]
fn a_collection_made_at_the_same_time_is_used() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    engine.state.lock().unwrap().raced = true;
    assert_eq!(push_all(&collection(&engine), &twenty(folder.path())).unwrap().sent, 20);
}

#[test]
fn a_collection_for_other_vectors_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (size, distance, expected) in [
        (4, "Cosine", "collection 'photos': made for vectors of 4 components, not 3; choose another"),
        (3, "Dot", "collection 'photos': compares by Dot, not by cosine; choose another"),
    ] {
        let engine = StandIn::start();
        engine.state.lock().unwrap().collection = Some((size, distance.into()));
        let message = push_all(&collection(&engine), &twenty(folder.path())).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
        let state = engine.state.lock().unwrap();
        assert_eq!((state.points.len(), state.indexed.len()), (0, 0));
    }
}

#[test]
fn refusals_say_what_to_do_and_are_not_repeated() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let files = twenty(folder.path());
    let wrong = QdrantSettings { api_key: Some("wrong-key".into()), ..settings(&engine) };
    let message = push_all(&QdrantCollection::new(wrong, "photos").unwrap(), &files).unwrap_err().to_string();
    assert!(message.contains("refuses to describe the collection: 401 Must provide"), "{message}");
    assert!(message.contains("set QDRANT_API_KEY") && !message.contains("wrong-key"), "{message}");
    assert_eq!(engine.requests().len(), 1);

    engine.state.lock().unwrap().faults.push_back(Fault::Status(413));
    let message = push_all(&collection(&engine), &files).unwrap_err().to_string();
    assert!(message.contains("refuses to take points: 413 told to fail; send less at once"), "{message}");
}

#[test]
fn files_of_different_models_are_not_mixed() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let a = file(folder.path(), "a.parquet", &manifest(0..5, 5));
    for other in [
        ShardManifest { model: "other".into(), ..manifest(0..5, 5) },
        ShardManifest { role: Role::ClipText, ..manifest(0..5, 5) },
    ] {
        let b = file(folder.path(), "b.parquet", &other);
        let message = push_all(&collection(&engine), &[a.clone(), b]).unwrap_err().to_string();
        assert!(message.contains("hold vectors of different roles or models"), "{message}");
    }
    assert_eq!(engine.requests().len(), 0);
}

#[test]
fn a_search_sees_only_its_own_role_and_model() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let other = ShardManifest { model: "other".into(), ..manifest(0..20, 20) };
    push_all(&collection(&engine), &[file(folder.path(), "other.parquet", &other)]).unwrap();
    push_all(&collection(&engine), &twenty(folder.path())).unwrap();
    let qdrant = collection(&engine);
    let model = manifest(0..1, 1).model;
    assert_eq!(qdrant.count(Role::ClipImage, &model).unwrap(), 20);
    assert_eq!(qdrant.count(Role::ClipText, &model).unwrap(), 0);
    let (sin, cos) = 0.72_f32.sin_cos();
    let hits = qdrant.search(&[sin, cos, 0.0], Role::ClipImage, &model, 3).unwrap();
    let paths: Vec<&str> = hits.iter().map(|hit| hit.path.as_str()).collect();
    assert_eq!(paths, ["folder/7.jpg", "folder/8.jpg", "folder/6.jpg"]);
    assert!((hits[0].score - 0.02_f32.cos()).abs() < 1e-6, "{hits:?}");
    engine.assert_clean();
}

#[test]
fn addresses_and_names_that_cannot_be_used_are_refused_without_showing_passwords() {
    let refused = |url: &str, name: &str| match QdrantCollection::new(QdrantSettings::new(url), name) {
        Ok(_) => panic!("{url} {name} was taken"),
        Err(error) => error.to_string(),
    };
    for url in ["localhost:6333", "ftp://host", "http://", "http://host/?a=b", "http://me:hush@host"] {
        let message = refused(url, "photos");
        assert!(message.contains("give an address such as") && !message.contains("hush"), "{message}");
    }
    for name in ["", ".", "..", "a/b", "a b", "ä"] {
        assert!(refused("http://host", name).contains("use letters, digits"), "{name:?}");
    }
}

fn clipscope(engine: &StandIn, folder: &Path, key: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clipscope"));
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    // What embeds nothing takes no models.
    if arguments[0] != "push" {
        command.args(["--models", "mini", "--cache-dir"]).arg(folder.join("cache"));
    }
    command.args(arguments);
    if matches!(arguments[0], "push") || arguments.contains(&"--collection") {
        command.args(["--engine", &engine.url()]);
    }
    command.env("QDRANT_API_KEY", key).output().unwrap()
}

#[test]
fn a_search_in_the_engine_finds_what_a_search_in_the_folder_finds() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let photos = format!("{}/dataset", env!("CARGO_MANIFEST_DIR"));
    let run = |arguments: &[&str]| {
        let output = clipscope(&engine, folder.path(), engine.key(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(!said.contains(engine.key()), "{said}");
        (serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(), said)
    };
    let out = folder.path().join("v.parquet");
    run(&["embed", &photos, "--out", out.to_str().unwrap(), "-q"]);
    let file = folder.path().join("v.clip_image.parquet");
    let file = file.to_str().unwrap();
    let (_, said) = run(&["push", file, "--collection", "photos", "--batch", "7"]);
    assert!(said.contains("sent 20 vectors to photos at 127.0.0.1"), "{said}");
    assert!(said.contains("sent without encryption"), "{said}");
    let (_, said) = run(&["push", file, "--collection", "photos", "--batch", "7"]);
    assert!(said.contains("sent 0 vectors") && said.contains("20 were already there"), "{said}");

    let image = format!("{photos}/food/pizza.jpg");
    let more_and_less = ["--image", &image, "+", "red", "-", "food"];
    for question in [&["a pizza with olives"][..], &["--image", &image], &more_and_less] {
        let (there, _) = run(&[&["search"], question, &["--collection", "photos", "--json", "-q"]].concat());
        let (here, _) = run(&[&["search", &photos], question, &["--json", "-q"]].concat());
        assert_eq!((&there["searched"], &there["query"]), (&here["searched"], &here["query"]));
        let (there, here) = (there["results"].as_array().unwrap(), here["results"].as_array().unwrap());
        assert_eq!(there.len(), 10);
        for (there, here) in there.iter().zip(here) {
            assert_eq!((&there["rank"], &there["file"]), (&here["rank"], &here["file"]));
            assert!((there["score"].as_f64().unwrap() - here["score"].as_f64().unwrap()).abs() < 1e-5);
        }
    }
    // What follows the first word is not dropped.
    for wrong in [&["red", "car"][..], &[photos.as_str(), "car"]] {
        let arguments = [&["search"], wrong, &["--collection", "photos", "-q"]].concat();
        assert_eq!(clipscope(&engine, folder.path(), engine.key(), &arguments).status.code(), Some(2));
    }
    engine.assert_clean();
}

#[test]
fn a_search_in_an_engine_without_the_vectors_says_so() {
    let (engine, folder) = (StandIn::start(), tempfile::tempdir().unwrap());
    let search = |key: &str| {
        let output =
            clipscope(&engine, folder.path(), key, &["search", "pizza", "--collection", "photos", "-q"]);
        assert_eq!(output.status.code(), Some(3));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = search(engine.key());
    assert!(said.contains("collection 'photos': it does not exist; send vectors there"), "{said}");
    engine.state.lock().unwrap().collection = Some((1000, "Cosine".into()));
    let said = search(engine.key());
    assert!(said.contains("collection 'photos': it holds no photo embedded with these models"), "{said}");
    let said = search("wrong-key");
    assert!(said.contains("401") && !said.contains("wrong-key"), "{said}");
    let output = clipscope(&engine, folder.path(), "", &["search", "--collection", "photos"]);
    assert_eq!(output.status.code(), Some(2));
}
