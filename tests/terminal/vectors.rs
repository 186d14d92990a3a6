//! The dashboard on vectors from files.

use std::process::Command;

use clipscope_test_support::pty::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

#[test]
fn vectors_from_files_fill_the_dashboard_and_new_texts_say_what_they_need() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("v.parquet");
    let file = file.to_str().unwrap();
    let embedded = Command::new(PROGRAM)
        .args(["embed", "-q", "--models", "mini", "--out", file, "--cache-dir"])
        .arg(folder.path().join("cache"))
        .status()
        .unwrap();
    assert!(embedded.success());
    let mut terminal =
        Terminal::clipscope(PROGRAM, folder.path(), &["--images", "off", "--vectors", file], 120, 40);
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    terminal.wait_for("what it is", |text| text.contains("stand-in, not CLIP")).unwrap();
    terminal.send("4");
    terminal.wait_for("numbers of CLIP", |text| text.contains("MRR")).unwrap();
    terminal.send("m");
    terminal.wait_for("why there is no other set", |text| text.contains("start without --vectors")).unwrap();
    terminal.send("\x1b");
    terminal.wait_for("the grid", |text| text.contains("MRR")).unwrap();
    terminal.send("/");
    terminal.send("a cat");
    terminal.wait_for("what a phrase needs", |text| text.contains("--models SET")).unwrap();
    terminal.send("\x1b");
    terminal.wait_for("the line closed", |text| !text.contains("Esc back")).unwrap();
    terminal.send("q");
    assert!(terminal.wait_exit().success());
}
