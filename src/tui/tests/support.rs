//! A dashboard without networks and without a terminal: an engine whose vectors come from a formula, and a harness that
//! performs the effects of every action in place.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::tui::model::{NetworkRow, NetworkState, SetRow, SideId};
use crate::tui::{
    Action, App, ColorMode, Command, DashboardEffect, Effect, Engine, ImageMode, Job, Left, Run, TextVectors,
    perform, update, view,
};
use clipscope_core::dataset::{Dataset, Item, PhotoSource};
use clipscope_core::embedding::{Event, EventKind, Unit};
use clipscope_networks::{DeviceKind, ModelsInfo, Role, SetName, TowerInfo};
use crossbeam_channel::{Receiver, unbounded};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui_image::picker::Picker;

pub const DIM: usize = 24;

/// What the shared space of a made-up model set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    StandIn,
    Clip,
}

/// Texts are sums of word vectors; photos are their first caption seen through some noise.
pub struct FakeEngine {
    pub stand_in: bool,
}

fn hash(text: &str, salt: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed =
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (mixed >> 32)
}

/// Between −1 and 1.
fn noise(text: &str, salt: u64) -> f32 {
    (hash(text, salt) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

pub fn text_vector(text: &str, role: Role) -> Arc<[f32]> {
    let salt = if role == Role::PreClipText { 1_000 } else { 0 };
    (0..DIM)
        .map(|place| {
            let words = text.split_whitespace().map(|word| noise(word, salt + place as u64)).sum::<f32>();
            // No text is without a direction.
            words + 0.01
        })
        .collect()
}

pub fn photo_vector(item: &Item, role: Role) -> Arc<[f32]> {
    let subject = item.captions.first().map_or(item.file.as_str(), String::as_str);
    let salt = if role == Role::PreClipImage { 2_000 } else { 0 };
    (0..DIM)
        .map(|place| {
            let place = place as u64;
            let words = subject.split_whitespace().map(|word| noise(word, salt + place)).sum::<f32>();
            words
                + 1.5 * noise(&item.file, 3_000 + salt + place)
                + noise(&item.category, 4_000 + place)
                + 0.01
        })
        .collect()
}

impl Engine for FakeEngine {
    fn models(&self) -> ModelsInfo {
        let tower = |role: Role| TowerInfo {
            role,
            name: format!("formula {}", role.name()),
            dim: DIM,
            weights_sha256: "0".repeat(64),
        };
        ModelsInfo {
            set: if self.stand_in { SetName::MINI } else { SetName::REFERENCE },
            device: DeviceKind::Cpu,
            stand_in: self.stand_in.then_some("two networks that never met, joined through class names"),
            logit_scale: 20.0,
            towers: Role::ALL.map(tower).to_vec(),
            missing: Vec::new(),
        }
    }

    /// The other set.
    fn open_next(&self, _: SideId) -> Result<ModelsInfo, String> {
        Ok(Self { stand_in: !self.stand_in }.models())
    }

    fn open(&self, name: &str, _: SideId) -> Result<ModelsInfo, String> {
        match name {
            "mini" | "reference" => Ok(Self { stand_in: name == "mini" }.models()),
            _ => Err("no such set".into()),
        }
    }

    /// The second side sees photos as their captions say.
    fn start(&self, side: SideId, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        let (sender, events) = unbounded();
        for mut event in events_of(&dataset, generation) {
            if side == SideId::Second
                && let EventKind::Embedded { unit: Unit::Photo(place), vectors, .. } = &mut event.kind
            {
                let caption = &dataset.items[*place].captions[0];
                for (role, vector) in vectors {
                    let text = if *role == Role::ClipImage { Role::ClipText } else { Role::PreClipText };
                    *vector = text_vector(caption, text);
                }
            }
            sender.send(event).expect("the receiver is here");
        }
        Box::new(FakeRun { events })
    }

    fn embed_caption(&self, text: &str) -> Result<TextVectors, String> {
        if text.contains("refuse") {
            return Err("this text is \x1b[31mrefused".into());
        }
        Ok([Role::PreClipText, Role::ClipText].map(|role| (role, text_vector(text, role))).to_vec())
    }

    fn decode(&self, source: &PhotoSource) -> Result<image::RgbImage, String> {
        match source {
            PhotoSource::File(path) if path.ends_with("broken.jpg") => Err("not a \u{202e}photo".into()),
            PhotoSource::File(path) => {
                let tint = (hash(&path.to_string_lossy(), 0) >> 56) as u8;
                Ok(image::RgbImage::from_fn(48, 32, |x, y| image::Rgb([tint, (x * 5) as u8, (y * 7) as u8])))
            }
            PhotoSource::Bundled(_) => Ok(image::RgbImage::new(8, 8)),
        }
    }
}

pub struct FakeRun {
    events: Receiver<Event>,
}

impl Run for FakeRun {
    fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}

/// Every event of a run, in the order of the data set.
pub fn events_of(dataset: &Dataset, generation: u64) -> Vec<Event> {
    let mut kinds = Vec::new();
    let mut caption = 0;
    for (place, item) in dataset.items.iter().enumerate() {
        for text in &item.captions {
            let vectors =
                [Role::PreClipText, Role::ClipText].map(|role| (role, text_vector(text, role))).to_vec();
            let unit = Unit::Caption(caption);
            kinds.push(EventKind::Embedded {
                unit,
                vectors,
                content: [0; 32],
                cached: false,
                truncated: false,
            });
            caption += 1;
        }
        let unit = Unit::Photo(place);
        kinds.push(if item.file.ends_with("broken.jpg") {
            EventKind::Skipped { unit, reason: "cannot be decoded: \x1b]0;owned\x07".into() }
        } else {
            let vectors =
                [Role::PreClipImage, Role::ClipImage].map(|role| (role, photo_vector(item, role))).to_vec();
            EventKind::Embedded { unit, vectors, content: [0; 32], cached: false, truncated: false }
        });
    }
    kinds.push(EventKind::Finished { elapsed: Duration::from_millis(1_234) });
    kinds.into_iter().map(|kind| Event { generation, kind }).collect()
}

pub fn item(category: &str, name: &str, captions: &[&str]) -> Item {
    let file = format!("{category}/{name}");
    Item {
        source: PhotoSource::File(PathBuf::from(&file)),
        file,
        category: category.into(),
        captions: captions.iter().map(ToString::to_string).collect(),
    }
}

/// `mini`, which is part of the program, `reference` in this state, and a set of the user's with a name to be careful with.
pub fn sets(state: NetworkState) -> Vec<SetRow> {
    let network = |name: &str, roles: &[Role], bytes, license: &str, state| NetworkRow {
        name: name.into(),
        roles: roles.to_vec(),
        bytes,
        same_files_as: None,
        license: license.into(),
        state,
    };
    let (images, texts) = ([Role::PreClipImage, Role::ClipImage], [Role::PreClipText, Role::ClipText]);
    let included = NetworkState::Included;
    let mut text = network("clip-vit-b32-text", &[Role::ClipText], 605_247_071, "MIT", state);
    text.same_files_as = Some("clip-vit-b32-vision".into());
    vec![
        SetRow {
            name: "mini".into(),
            about: "included in the program; its shared space is a stand-in, not CLIP".into(),
            best: false,
            networks: vec![
                network("efficientnet-lite0", &images, 18_600_000, "Apache-2.0", included),
                network("all-minilm-l6-v2", &texts, 45_000_000, "Apache-2.0", included),
            ],
            to_fetch: 0,
        },
        SetRow {
            name: "reference".into(),
            about: "official weights".into(),
            best: true,
            networks: vec![
                network("resnet50", &[Role::PreClipImage], 102_530_333, "BSD-3-Clause", state),
                network(
                    "distiluse-base-multilingual-cased-v2",
                    &[Role::PreClipText],
                    540_522_520,
                    "Apache-2.0",
                    state,
                ),
                network("clip-vit-b32-vision", &[Role::ClipImage], 605_247_071, "MIT", state),
                text,
            ],
            to_fetch: if state.is_here() { 0 } else { 1_248_299_924 },
        },
        SetRow {
            name: "mine".into(),
            about: "from the configuration \u{1b}[2J".into(),
            best: false,
            networks: vec![network(
                "evil\u{1b}]0;title\u{7}",
                &[Role::ClipImage],
                10,
                "see \u{202e}LICENSE",
                NetworkState::InHubCache,
            )],
            to_fetch: 0,
        },
    ]
}

/// Five categories of four photos with one caption each.
pub fn twenty() -> Dataset {
    let kinds = [
        ("airplanes", "plane", ["blue biplane", "grey jet", "jumbo jet at dusk", "yellow piper"]),
        ("clouds", "cloud", ["dark sunset", "pink cumulus", "storm over fields", "sun behind white"]),
        ("drinks", "glass", ["red espresso cup", "white wine", "iced coffee", "latte art"]),
        ("food", "dish", ["burgers with basil", "citrus slices", "pink cupcakes", "pizza"]),
        ("racing cars", "car", ["red formula", "white indy", "striped gt", "two stock"]),
    ];
    let items = kinds.iter().flat_map(|(category, noun, names)| {
        names.map(|name| {
            let file = format!("{}.jpg", name.replace(' ', "-"));
            item(category, &file, &[&format!("a {noun} that is a {name} in {category}")])
        })
    });
    Dataset::from_items("twenty photos", items.collect())
}

/// `count` photos in `categories` categories, `captions` captions each.
pub fn many(count: usize, categories: usize, captions: usize) -> Dataset {
    let items = (0..count).map(|place| {
        let category = format!("category{}", place * categories / count.max(1));
        let texts: Vec<String> = (0..captions)
            .map(|number| format!("{category} thing{place} view{number} tone{}", place % 7))
            .collect();
        item(&category, &format!("photo{place}.jpg"), &texts.iter().map(String::as_str).collect::<Vec<_>>())
    });
    Dataset::from_items("many", items.collect())
}

/// Names and texts that try to reach the terminal.
pub fn hostile() -> Dataset {
    let items = vec![
        item("a\x1b[2Jb", "x\u{202e}gpj.exe", &["clear \x1b[2J the screen", "two\nlines"]),
        item("飛行機", "写真-とても長い名前のファイル.jpg", &["空を飛ぶ青い複葉機の写真です", "👩‍👩‍👧 family"]),
        item("a\x1b[2Jb", "broken.jpg", &["never seen \x07"]),
        item("", "\u{200b}", &["=1+1"]),
    ];
    Dataset::from_items("evil\x1b]0;title\x07", items)
}

pub struct Harness {
    pub app: App,
    pub engine: FakeEngine,
    pub events: VecDeque<Event>,
    /// Events of the second model set.
    pub second: VecDeque<Event>,
    pub left: Option<Left>,
    pub suspended: usize,
    /// Comparisons wait here while events arrive, as they would behind a busy worker.
    pub waiting: Option<Vec<Job>>,
    /// The model sets there are.
    pub sets: Vec<SetRow>,
    /// The fetches that were asked for: set and number.
    pub fetches: Vec<(String, u64)>,
    /// How many fetches were stopped.
    pub stopped: usize,
}

impl Harness {
    pub fn new(dataset: Dataset, width: u16, height: u16) -> Self {
        Self::with(dataset, width, height, ColorMode::True, Space::StandIn)
    }

    pub fn with(dataset: Dataset, width: u16, height: u16, color: ColorMode, space: Space) -> Self {
        let engine = FakeEngine { stand_in: space == Space::StandIn };
        let mut app = App::new(dataset, engine.models(), color, ImageMode::Half, Size::new(width, height));
        // Tests that export choose a folder.
        app.export_folder = "/nonexistent".into();
        let mut harness = Self {
            app,
            engine,
            events: VecDeque::new(),
            second: VecDeque::new(),
            left: None,
            suspended: 0,
            waiting: None,
            sets: Vec::new(),
            fetches: Vec::new(),
            stopped: 0,
        };
        let effects = harness.app.start();
        harness.carry_out(effects);
        harness.act(Action::Graphics(Arc::new(Picker::halfblocks())));
        harness
    }

    /// A finished run.
    pub fn finished(dataset: Dataset, width: u16, height: u16) -> Self {
        let mut harness = Self::new(dataset, width, height);
        harness.embed(usize::MAX);
        harness
    }

    /// Takes in every event of the second model set.
    pub fn embed_second(&mut self) {
        while let Some(event) = self.second.pop_front() {
            self.act(Action::Embedding(event));
        }
        self.app.now += Duration::from_secs(10);
        self.act(Action::Tick);
    }

    /// Takes in the next `count` events of the run.
    pub fn embed(&mut self, count: usize) {
        self.waiting = Some(Vec::new());
        for _ in 0..count {
            let Some(event) = self.events.pop_front() else { break };
            self.app.now += Duration::from_millis(100);
            self.act(Action::Embedding(event));
        }
        for job in self.waiting.take().into_iter().flatten() {
            let action = perform(&self.engine, job);
            self.act(action);
        }
        // What was put off is done now.
        self.app.now += Duration::from_secs(10);
        self.act(Action::Tick);
    }

    pub fn act(&mut self, action: Action) {
        let effects = update(&mut self.app, action);
        self.carry_out(effects);
    }

    pub fn does(&mut self, commands: &[Command]) {
        for command in commands {
            self.act(Action::Do(*command));
        }
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Own(DashboardEffect::Start { side, dataset, generation }) => {
                    let run = self.engine.start(side, dataset, generation);
                    match side {
                        SideId::First => self.events.extend(run.events().try_iter()),
                        SideId::Second => self.second = run.events().try_iter().collect(),
                    }
                }
                Effect::Own(DashboardEffect::End(SideId::Second)) => self.second.clear(),
                Effect::Own(DashboardEffect::OpenModels { side, set }) => {
                    let opened = match set {
                        Some(set) => self.engine.open(&set, side),
                        None => self.engine.open_next(side),
                    };
                    let answer = match opened {
                        Ok(models) => Action::ModelsOpened { side, models: Box::new(models) },
                        Err(reason) => Action::ModelsRefused { side, reason },
                    };
                    effects.extend(update(&mut self.app, answer));
                }
                Effect::Own(DashboardEffect::Fetch { set, number }) => self.fetches.push((set, number)),
                Effect::Own(DashboardEffect::StopFetch) => self.stopped += 1,
                Effect::Own(DashboardEffect::End(SideId::First)) => self.events.clear(),
                Effect::Job(Job::Sets) => {
                    let sets = Action::Sets(Ok(self.sets.clone()));
                    effects.extend(update(&mut self.app, sets));
                }
                Effect::Job(job @ Job::Compare(_)) if self.waiting.is_some() => {
                    self.waiting.get_or_insert_default().push(job);
                }
                Effect::Job(job) => {
                    let action = perform(&self.engine, job);
                    effects.extend(update(&mut self.app, action));
                }
                Effect::Suspend { .. } => self.suspended += 1,
                Effect::Leave(left) => self.left = Some(left),
                Effect::Reenter | Effect::Copy(_) => {}
            }
        }
    }

    pub fn terminal(&self) -> Terminal<TestBackend> {
        let Size { width, height } = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("cannot fail");
        terminal.draw(|frame| view::draw(&self.app, frame)).expect("cannot fail");
        terminal
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        let terminal = self.terminal();
        let buffer = terminal.backend().buffer();
        let width = usize::from(buffer.area.width.max(1));
        let lines = buffer.content.chunks(width).map(|row| {
            let mut line = String::new();
            let mut skip = 0usize;
            for cell in row {
                // A wide character covers the cell after it.
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            }
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
