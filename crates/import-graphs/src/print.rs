//! Prints a syntax tree as the file that is committed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::networks::Network;

/// The first line of every file of this tool starts like this.
pub const HEADER: &str = "// Made by `cargo run -p import-graphs` from ";

/// Prints the file with its header, formatted as `cargo fmt` formats the repository.
pub fn print(root: &Path, network: &Network, file: &syn::File) -> Result<String, String> {
    let header = format!("{HEADER}`models/{}/graph.onnx`.\n// Do not edit by hand.\n\n", network.folder);
    rustfmt(root, &(header + &prettyplease::unparse(file)))
}

fn rustfmt(root: &Path, source: &str) -> Result<String, String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            format!("rustfmt cannot be run ({error}); install it with `rustup component add rustfmt`")
        })?;
    // A formatter that ends early breaks the pipe; why it ended is in its exit status and messages.
    let _ = child.stdin.take().map(|mut input| input.write_all(source.as_bytes()));
    let output = child.wait_with_output().map_err(|error| format!("waiting for rustfmt: {error}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "rustfmt failed: {}; if it is missing, install it with `rustup component add rustfmt`",
            message.trim()
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| "rustfmt wrote something that is not UTF-8".to_owned())
}
