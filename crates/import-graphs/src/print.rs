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
    rustfmt(root, &(header + &spaced(&prettyplease::unparse(file))))
}

/// Puts an empty line between items and between methods, which both formatters leave to the author.
fn spaced(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + source.len() / 50);
    let mut last = "";
    for line in source.lines() {
        // Everything inside a method is indented by eight or more.
        let after_item = last == "}" || (last == "    }" && line != "}");
        let after_imports = is_import(last) && !is_import(line);
        if (after_item || after_imports) && !line.is_empty() {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        last = line;
    }
    out
}

fn is_import(line: &str) -> bool {
    line.starts_with("use ") || line.starts_with("extern crate ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_methods_stand_apart() {
        let lines = [
            "use a::B;",
            "",
            "struct C {",
            "    d: B,",
            "}",
            "",
            "impl C {",
            "    fn e() {",
            "        if f {",
            "        }",
            "        g()",
            "    }",
            "",
            "    fn h() {}",
            "}",
            "",
        ];
        let spaced_out = lines.join("\n");
        let close = spaced_out.replace("\n\n", "\n");
        assert_eq!(spaced(&close), spaced_out);
        assert_eq!(spaced(&spaced_out), spaced_out);
    }

    #[test]
    fn the_file_says_where_it_comes_from() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let network = Network { folder: "a/b".to_owned(), name: "a_b".to_owned() };
        let file = syn::parse_str("pub struct  Model;").unwrap();
        let printed = print(&root, &network, &file).unwrap();
        assert!(printed.starts_with(HEADER) && printed.contains("`models/a/b/graph.onnx`"), "{printed}");
        assert!(printed.ends_with("\n\npub struct Model;\n"), "{printed}");
    }
}
