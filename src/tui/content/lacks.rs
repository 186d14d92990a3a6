//! What a tab lacks when the model set is not complete.

use crate::tui::app::App;
use crate::tui::approach::Approach;
use crate::tui::command::Command;
use crate::tui::model::GridId;
use clipscope_base::display_safe::display_safe;
use clipscope_networks::Role;

/// The roles whose vectors an approach needs.
fn roles(approach: Approach) -> &'static [Role] {
    match approach {
        // The numbers of the two modalities are computed together.
        Approach::Images | Approach::Texts | Approach::Bridge => &[Role::PreClipImage, Role::PreClipText],
        Approach::Clip => &[Role::ClipImage, Role::ClipText],
    }
}

/// Why a grid stays empty, and what to do about it; `None` if its networks are here.
pub fn words(app: &App, grid: GridId) -> Option<String> {
    let models = &app.side(grid.side)?.models;
    let without: Vec<Role> =
        roles(grid.approach).iter().copied().filter(|&role| models.tower(role).is_none()).collect();
    if without.is_empty() {
        return None;
    }
    let named: Vec<&str> = without.iter().map(|role| role.name()).collect();
    let mut missing: Vec<&str> = Vec::new();
    for network in without.iter().filter_map(|&role| models.missing(role)) {
        if !missing.contains(&network.name.as_str()) {
            missing.push(&network.name);
        }
    }
    let named = named.join(" and ");
    let key = app.keys.label(Command::Models);
    if missing.is_empty() {
        let set = display_safe(models.set.name());
        return Some(format!("no network for {named}: {set} has none; {key} shows the other sets"));
    }
    let (are, them) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
    let missing = display_safe(&missing.join(" and ")).into_owned();
    Some(format!("no network for {named}: {missing} {are} not installed; {key} fetches {them}"))
}
