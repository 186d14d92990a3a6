//! Opens the dashboard.

use std::path::Path;

use super::args::Common;
use super::{Failure, eval};

pub(super) fn run(dataset: Option<&Path>, common: &Common) -> Result<(), Failure> {
    eval::plain_report(dataset, common)
}
