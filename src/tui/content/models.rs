//! The page of models: every set with its networks, what they weigh, their licenses, and whether they are here.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::app::App;
use crate::tui::command::Command;
use crate::tui::keymap::Mode;
use crate::tui::model::{FetchStage, Fetching, NetworkRow, SetRow};
use crate::tui::text;
use clipscope_base::display_safe::display_safe;

/// From this width on, a network has one line.
const WIDE: usize = 120;

/// A name as it is shown.
#[must_use]
pub fn shown(name: &str) -> String {
    display_safe(name).into_owned()
}

/// The question about the set under the cursor, while it is open.
#[must_use]
pub fn question(app: &App) -> Option<String> {
    let asked = app.models_page()?.asked.as_ref()?;
    let set = app.chosen_set().filter(|set| set.name == *asked && !set.is_whole())?;
    let key = |command| app.keys.label_in(Mode::Models, command).unwrap_or_else(|| "(no key)".into());
    let (yes, no) = (key(Command::UseModels), key(Command::StopFetch));
    let what = match (set.is_begun(), set.to_fetch) {
        // The cards do not say how much.
        (_, 0) => "what is not here".to_owned(),
        (_, bytes) if set.has_unknown_sizes() => format!("{} or more", text::bytes(bytes)),
        (true, bytes) => format!("the rest, {}", text::bytes(bytes)),
        (false, bytes) => text::bytes(bytes),
    };
    Some(format!("fetch {what}, for {}? {yes} yes, {no} no", shown(&set.name)))
}

/// The page.
#[must_use]
pub fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut page = Page { app, width, lines: Vec::new() };
    if let Some(reason) = &app.sets_failure {
        page.words(reason, app.theme.bad());
    } else if app.sets.is_empty() {
        page.words("looking at what is here …", app.theme.dim());
    }
    for set in &app.sets {
        page.set(set);
    }
    page.carry_at_the_end();
    page.lines
}

/// The first line of the set under the cursor, and how many lines it has.
#[must_use]
pub fn chosen_lines(app: &App, width: u16) -> (usize, usize) {
    let mut page = Page { app, width: usize::from(width), lines: Vec::new() };
    let Some(chosen) = app.chosen_set() else { return (0, 0) };
    for set in app.sets.iter().take_while(|set| set.name != chosen.name) {
        page.set(set);
    }
    let first = page.lines.len();
    page.set(chosen);
    (first, page.lines.len() - first)
}

/// How far a fetch is, for the header: as much as fits into `room` columns, the gauge with what is left of them.
#[must_use]
pub fn gauge(app: &App, fetching: &Fetching, room: usize) -> Vec<Span<'static>> {
    let set = shown(&fetching.set);
    let percent = format!("{:.0}%", (fetching.share() * 100.0).floor());
    let (long, short) = match &fetching.news.stage {
        FetchStage::Asking => (format!("fetching {set}: asking the hub"), "asking the hub".to_owned()),
        FetchStage::Waiting => {
            (format!("fetching {set}: waiting for another clipscope"), "waiting for another".to_owned())
        }
        FetchStage::Retrying(_) => (format!("fetching {set}: trying again"), "trying again".to_owned()),
        FetchStage::Checking => {
            (format!("checking what is here of {set} {percent}"), format!("checking {percent}"))
        }
        FetchStage::Receiving => {
            let rate =
                fetching.rate().map_or_else(String::new, |rate| format!(" {}/s", text::bytes(rate as u64)));
            let left = fetching.left().map_or_else(String::new, |left| format!(" {} left", text::span(left)));
            let bytes =
                format!("{} of {}", text::bytes(fetching.news.done), text::bytes(fetching.news.total));
            (format!("fetching {set} {bytes}{rate}{left}"), format!("{percent}{rate}{left}"))
        }
    };
    let least = 6;
    let words = if text::width(&long) + 1 + least <= room { long } else { text::cut(&short, room) };
    let bar = room.saturating_sub(text::width(&words) + 1).min(24);
    if bar < 4 {
        return vec![Span::styled(words, app.theme.strong())];
    }
    let filled = (bar as f64 * fetching.share()) as usize;
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(bar - filled));
    vec![Span::styled(bar, app.theme.good()), Span::raw(" "), Span::styled(words, app.theme.strong())]
}

struct Page<'a> {
    app: &'a App,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    fn words(&mut self, words: &str, style: Style) {
        self.indented(0, words, style);
    }

    fn indented(&mut self, columns: usize, words: &str, style: Style) {
        let wrapped = text::wrap(words, self.width.saturating_sub(columns));
        self.lines
            .extend(wrapped.into_iter().map(|line| Line::styled(format!("{:columns$}{line}", ""), style)));
    }

    fn set(&mut self, set: &SetRow) {
        let app = self.app;
        let theme = &app.theme;
        let chosen = app.chosen_set().is_some_and(|chosen| chosen.name == set.name);
        let (mark, style) = if chosen { ("> ", theme.selected()) } else { ("  ", theme.strong()) };
        let mut state = if set.is_whole() {
            "ready".to_owned()
        } else if set.to_fetch == 0 {
            "not complete".into()
        } else {
            let more = if set.has_unknown_sizes() { " or more" } else { "" };
            format!("{}{more} to fetch", text::bytes(set.to_fetch))
        };
        if app.first.models.set.name() == set.name {
            state += ", in use";
        }
        if app.second.as_ref().is_some_and(|second| second.models.set.name() == set.name) {
            state += ", compared with";
        }
        let name = text::cut(&format!("{mark}{}", shown(&set.name)), self.width.saturating_sub(2));
        let room = self.width.saturating_sub(text::width(&name) + 2);
        self.lines.push(Line::from(vec![
            Span::styled(name, style),
            Span::styled(
                format!("  {}", text::cut(&state, room)),
                if set.is_whole() { theme.good() } else { theme.warning() },
            ),
        ]));
        self.indented(4, &shown(&set.about), theme.dim());
        for network in &set.networks {
            self.network(network);
        }
        if let Some(fetching) = app.fetching.as_ref().filter(|fetching| fetching.set == set.name) {
            self.fetch(fetching);
        }
        if let Some((_, reason)) = app.fetch_failure.as_ref().filter(|(failed, _)| *failed == set.name) {
            self.indented(4, reason, theme.bad());
            self.carry(set, 4);
        }
        self.lines.push(Line::default());
    }

    fn network(&mut self, network: &NetworkRow) {
        let theme = &self.app.theme;
        let roles: Vec<&str> = network.roles.iter().map(|role| role.name()).collect();
        let roles = roles.join(", ");
        let size = match &network.same_files_as {
            Some(_) => "same file".to_owned(),
            None if network.bytes == 0 => "size ?".to_owned(),
            None => text::bytes(network.bytes),
        };
        let license = shown(&network.license);
        let state = network.state.words();
        let style = if network.state.is_here() { Style::new() } else { theme.warning() };
        if self.width >= WIDE {
            let before = format!("    {} {size:>10}  ", text::fit(&shown(&network.name), 38));
            let behind = format!("{}  license: {license}", text::fit(&roles, 28));
            let room = self.width.saturating_sub(text::width(&before) + 26);
            self.lines.push(Line::from(vec![
                Span::raw(before),
                Span::styled(text::fit(state, 26), style),
                Span::styled(text::cut(&behind, room), theme.dim()),
            ]));
            return;
        }
        let name = shown(&network.name);
        // Where a line is short, the name gives way and is told whole below.
        let room = self.width.saturating_sub(4 + 2 + 10 + 2 + text::width(state));
        if text::width(&name) <= room {
            self.lines.push(Line::from(vec![
                Span::raw(format!("    {} {size:>10}  ", text::fit(&name, room.min(38)))),
                Span::styled(state, style),
            ]));
        } else {
            self.indented(4, &name, Style::new());
            self.indented(6, &format!("{size}, {state}"), style);
        }
        self.indented(6, &format!("{roles}; license: {license}"), theme.dim());
    }

    /// What a fetch is doing, where it takes more words than the header has room for.
    fn fetch(&mut self, fetching: &Fetching) {
        let key =
            |command| self.app.keys.label_in(Mode::Models, command).unwrap_or_else(|| "(no key)".into());
        let (stop, back) = (key(Command::StopFetch), key(Command::Models));
        if let FetchStage::Retrying(reason) = &fetching.news.stage {
            self.indented(4, &format!("trying again: {}", display_safe(reason)), self.app.theme.warning());
        }
        let words = format!(
            "being fetched; {stop} stops it and keeps what has arrived, {back} goes back while it goes on. The tabs switch \
             over when everything is here."
        );
        self.indented(4, &words, self.app.theme.strong());
    }

    /// How files get here without a network.
    fn carry_at_the_end(&mut self) {
        let Some(set) = self.app.sets.iter().find(|set| !set.is_whole() && set.to_fetch > 0) else { return };
        // Where a fetch has failed, it stands below the reason.
        if self.app.fetch_failure.is_none() {
            let set = self.app.chosen_set().filter(|chosen| !chosen.is_whole()).unwrap_or(set);
            self.carry(set, 0);
        }
    }

    fn carry(&mut self, set: &SetRow, columns: usize) {
        let words = format!(
            "No network? Carry the files here from another machine, in any folder or Hugging Face cache: clipscope models \
             fetch {} --from DIR",
            shown(&set.name)
        );
        self.indented(columns, &words, self.app.theme.dim());
    }
}
