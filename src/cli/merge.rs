//! `clipscope merge`: joins the shards of a data set into one file.

use super::common::Common;
use super::endings;
use super::failure::Failure;
use super::options::MergeOptions;
use super::output::{tell, write_file_with};
use clipscope_base::display_safe::display_path;
use clipscope_base::words::count;
use clipscope_core::shards;

pub(super) fn run(options: &MergeOptions, common: &Common) -> Result<(), Failure> {
    endings::parquet(&options.out)?;
    let manifest = write_file_with(&options.out, |file| {
        let (manifest, _) = shards::merge(&options.shards, file).map_err(Failure::input)?;
        Ok(manifest)
    })?;
    if !common.quiet {
        let rows = manifest.total - manifest.left_out.len() as u64;
        let left_out = match manifest.left_out.len() {
            0 => String::new(),
            left_out => format!(", {left_out} left out"),
        };
        tell(format_args!(
            "wrote {}: {}{left_out}",
            display_path(&options.out),
            count(rows, &format!("{} vector", manifest.role.name()))
        ));
    }
    Ok(())
}
