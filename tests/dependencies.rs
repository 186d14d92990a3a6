//! Where the dependencies come from and under which licences, by the lists of deny.toml.

use std::collections::HashMap;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All texts in quotes of a line.
fn quoted(line: &str) -> Vec<&str> {
    line.split('"').skip(1).step_by(2).collect()
}

/// The licences allowed for all, and those for single crates.
fn allowed() -> (Vec<String>, HashMap<String, String>) {
    let text = std::fs::read_to_string(format!("{ROOT}/deny.toml")).unwrap();
    let list = text.split("allow = [\n").nth(1).unwrap().split(']').next().unwrap();
    let exceptions = text.lines().filter(|line| line.trim().starts_with("{ crate")).map(|line| {
        let [name, licence] = quoted(line)[..] else { panic!("{line}") };
        (name.to_owned(), licence.to_owned())
    });
    (quoted(list).into_iter().map(String::from).collect(), exceptions.collect())
}

/// Whether each part of `licence` that holds (`AND`) has an alternative (`OR`, or the older `/`) that is allowed.
fn is_allowed(licence: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let plain = licence.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|choice| allowed(choice.trim())))
}

#[test]
fn every_dependency_is_from_the_registry_and_under_an_allowed_licence() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--target", "x86_64-unknown-linux-gnu"])
        .args(["--edges", "normal,build,dev", "--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (allowed, exceptions) = allowed();
    let mut seen = 0;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (package, licence) = line.split_once('|').unwrap();
        let name = package.split(' ').next().unwrap();
        if name == "clipscope" {
            continue;
        }
        // What is not from the registry says in brackets where it is from.
        assert!(!package.replace("(proc-macro)", "").contains('('), "{package} is not from the registry");
        let known = |choice: &str| {
            allowed.iter().any(|allowed| allowed == choice)
                || exceptions.get(name).is_some_and(|exception| exception == choice)
        };
        assert!(is_allowed(licence, &known), "{name} is under '{licence}', which deny.toml does not allow");
        seen += 1;
    }
    assert!(seen > 300, "{seen}");
    assert!(!is_allowed("GPL-3.0-only", &|choice| allowed.iter().any(|allowed| allowed == choice)));
    assert!(!is_allowed("MIT AND GPL-3.0-only", &|choice| choice == "MIT"));
}
