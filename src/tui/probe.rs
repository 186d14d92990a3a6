//! Asks the terminal how it draws pictures, and what its background is.
//!
//! Owns the questions and what the answers mean, at whatever time they come. The last question is one that every terminal
//! answers, after all others, so that it is known when nothing more will come. Must not read from the terminal.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ratatui_image::FontSize;
use ratatui_image::picker::cap_parser::{Parser, QueryStdioOptions};
use ratatui_image::picker::{Picker, ProtocolType};

use super::action::Action;
use super::awaited::Awaited;
use super::multiplexer::Multiplexer;
use super::palette::Rgb;
use super::sequence::{Form, Reply};
use super::settings::{ColorMode, ImageMode, Settings, ThemeChoice};

/// How long photos wait for the answers: terminals answer within a round trip, which a slow connection makes long. Answers
/// that come later still count.
const WAIT: Duration = Duration::from_millis(1_500);

/// Asks for the color of the background (xterm's OSC 11).
const BACKGROUND: &str = "\x1b]11;?\x1b\\";
/// Asks for a status report, which every terminal gives, and gives last.
const LAST: &str = "\x1b[5n";

/// What to ask the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Questions {
    /// How to draw pictures.
    pub graphics: bool,
    /// The color of the background.
    pub background: bool,
}

impl Questions {
    /// Those whose answers the settings leave open.
    pub fn of(settings: &Settings) -> Self {
        Self {
            graphics: settings.images == ImageMode::Auto,
            background: settings.theme == ThemeChoice::Auto && settings.color != ColorMode::None,
        }
    }

    /// Those that may be asked through `multiplexer`. GNU screen answers the last question itself, before the terminal
    /// outside has answered the first, and shows parts of a question that is wrapped for tmux.
    fn through(self, multiplexer: Multiplexer) -> Self {
        match multiplexer {
            Multiplexer::None | Multiplexer::Tmux => self,
            Multiplexer::Screen => Self { graphics: false, background: false },
        }
    }
}

/// The questions that were asked, and the answers so far.
pub struct Probe {
    questions: Questions,
    halfblocks: Picker,
    /// When photos no longer wait for the answers.
    due: Instant,
    answers: Answers,
    /// The answers that the picker handed out last was made from.
    told: Option<Answers>,
}

impl Probe {
    /// Asks, unless the terminal is being given back already.
    pub fn ask(questions: Questions, awaited: &Awaited) -> Self {
        let questions = questions.through(Multiplexer::of(|name| std::env::var(name).ok()));
        let halfblocks = Picker::halfblocks();
        let (text, owed) = text_of(questions, halfblocks.tmux_detected());
        if owed > 0 && awaited.ask(owed) {
            let mut out = io::stdout();
            // Where it cannot be written to, the next frame says so.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
        Self { questions, halfblocks, due: Instant::now() + WAIT, answers: Answers::default(), told: None }
    }

    /// Takes in a reply, which may be no answer at all, and returns what it changes at once.
    pub fn take(&mut self, reply: &Reply, awaited: &Awaited) -> Option<Action> {
        match self.answers.take(reply) {
            Some(Answer::Background(color)) if self.questions.background => Some(Action::Background(color)),
            Some(Answer::Last) => {
                awaited.answered();
                None
            }
            _ => None,
        }
    }

    /// When to call [`Probe::graphics`] again, whatever has come by then.
    pub fn due(&self) -> Option<Instant> {
        (self.questions.graphics && self.told.is_none()).then_some(self.due)
    }

    /// How to draw pictures, when that is known or has changed: as half blocks unless the terminal says otherwise.
    pub fn graphics(&mut self, all_answered: bool) -> Option<Picker> {
        if self.told == Some(self.answers) {
            return None;
        }
        if !self.questions.graphics {
            let first = self.told.is_none();
            self.told = Some(self.answers);
            return first.then(|| self.halfblocks.clone());
        }
        if !all_answered && (self.told.is_some() || Instant::now() < self.due) {
            return None;
        }
        self.told = Some(self.answers);
        Some(picker(self.halfblocks.clone(), &self.answers))
    }
}

/// What to write, and how many last answers it will have.
fn text_of(questions: Questions, in_tmux: bool) -> (String, usize) {
    let mut text = String::new();
    let mut owed = 0;
    if questions.background {
        text.push_str(BACKGROUND);
    }
    if questions.graphics {
        let mut options = QueryStdioOptions::default();
        // These two claim protocols that they draw wrongly; their iTerm2 protocol works.
        let named = |variable: &str| std::env::var(variable).is_ok_and(|value| !value.is_empty());
        if named("WEZTERM_EXECUTABLE") || named("KONSOLE_VERSION") {
            options.blacklist_protocols = vec![ProtocolType::Kitty, ProtocolType::Sixel];
        }
        // It ends with the last question itself.
        text.push_str(&Parser::query(in_tmux, options));
        owed += 1;
    }
    // tmux sends the question about graphics on, and answers the others itself.
    if questions.background && (owed == 0 || in_tmux) {
        text.push_str(LAST);
        owed += 1;
    }
    (text, owed)
}

#[expect(deprecated, reason = "the only way to give a picker a character size that was found elsewhere")]
fn picker(halfblocks: Picker, answers: &Answers) -> Picker {
    let from_window = || {
        let size = ratatui::crossterm::terminal::window_size().ok()?;
        let known = size.columns > 0 && size.rows > 0 && size.width > 0 && size.height > 0;
        known.then(|| (size.width / size.columns, size.height / size.rows))
    };
    // Pictures need the size of a character in pixels.
    let Some((width, height)) = answers.character.or_else(from_window).filter(|(w, h)| *w > 0 && *h > 0)
    else {
        return halfblocks;
    };
    let mut picker = Picker::from_fontsize(FontSize::new(width, height));
    if answers.kitty {
        picker.set_protocol_type(ProtocolType::Kitty);
    } else if answers.sixel && picker.protocol_type() == ProtocolType::Halfblocks {
        picker.set_protocol_type(ProtocolType::Sixel);
    }
    picker
}

/// What one reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Background(Rgb),
    /// Nothing more will come.
    Last,
}

/// The answers about graphics read so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Answers {
    kitty: bool,
    sixel: bool,
    /// Width and height of a character in pixels.
    character: Option<(u16, u16)>,
}

impl Answers {
    fn take(&mut self, reply: &Reply) -> Option<Answer> {
        let text = reply.text.as_str();
        match reply.form {
            Form::Apc => self.kitty |= text.starts_with("Gi=31;OK"),
            Form::Osc => return color_of(text.strip_prefix("11;")?).map(Answer::Background),
            Form::Csi('c') => {
                let attributes = text.strip_prefix('?')?;
                self.sixel |= attributes.split(';').skip(1).any(|attribute| attribute == "4");
            }
            Form::Csi('t') => {
                let (height, width) = text.strip_prefix("6;")?.split_once(';')?;
                self.character = width.parse().ok().zip(height.parse().ok());
            }
            Form::Csi('n') if text == "0" => return Some(Answer::Last),
            Form::Csi(_) | Form::Dcs => {}
        }
        None
    }
}

/// Parses a color as X11 writes it: `rgb:` or `rgba:` with one to four hexadecimal digits per channel.
fn color_of(text: &str) -> Option<Rgb> {
    let channels = text.strip_prefix("rgb:").or_else(|| text.strip_prefix("rgba:"))?;
    let mut parts = channels.split('/').map(|digits| {
        let most = match digits.len() {
            1..=4 => (1u32 << (4 * digits.len())) - 1,
            _ => return None,
        };
        u8::try_from(u32::from_str_radix(digits, 16).ok()? * 255 / most).ok()
    });
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(replies: &[(Form, &str)]) -> (Answers, Vec<Answer>) {
        let mut answers = Answers::default();
        let replies = replies.iter().map(|(form, text)| Reply { form: *form, text: (*text).to_owned() });
        let others = replies.filter_map(|reply| answers.take(&reply)).collect();
        (answers, others)
    }

    #[test]
    fn answers_are_understood() {
        let (answers, others) = read(&[
            (Form::Apc, "Gi=31;OK"),
            (Form::Csi('c'), "?62;4;22"),
            (Form::Csi('t'), "6;20;10"),
            (Form::Osc, "11;rgb:0/0/0"),
            (Form::Csi('n'), "0"),
        ]);
        assert_eq!(answers, Answers { kitty: true, sixel: true, character: Some((10, 20)) });
        assert_eq!(others, [Answer::Background([0, 0, 0]), Answer::Last]);
    }

    #[test]
    fn a_terminal_without_graphics_says_so_and_other_replies_say_nothing() {
        let replies = [
            (Form::Apc, "Gi=31;EINVAL:x"),
            (Form::Csi('c'), "?1;2"),
            (Form::Csi('c'), ">0;4;0"),
            (Form::Csi('t'), "4;20;10"),
            (Form::Csi('n'), "?997;1"),
            (Form::Osc, "10;rgb:0/0/0"),
            (Form::Dcs, ">|name"),
        ];
        assert_eq!(read(&replies), (Answers::default(), Vec::new()));
    }

    #[test]
    fn backgrounds_are_read_in_every_length() {
        let background = |answer: &str| read(&[(Form::Osc, &format!("11;{answer}"))]).1;
        assert_eq!(background("rgb:ffff/8080/0000"), [Answer::Background([255, 128, 0])]);
        assert_eq!(background("rgb:ff/80/00"), [Answer::Background([255, 128, 0])]);
        assert_eq!(background("rgba:f/0/0/f"), [Answer::Background([255, 0, 0])]);
        for answer in ["", "rgb:", "rgb:fffff/0/0", "rgb:ff/ff", "#ffffff", "rgb:gg/00/00", "rgb:+f/0/0x"] {
            assert_eq!(background(answer), [], "{answer}");
        }
    }

    #[test]
    fn the_last_question_is_asked_of_everyone_who_answers() {
        let questions = |graphics, background| Questions { graphics, background };
        let ends = |text: &str| text.matches("[5n").count();
        for (graphics, background, in_tmux, owed) in [
            (false, false, false, 0),
            (false, true, false, 1),
            (true, false, false, 1),
            (true, true, false, 1),
            (true, true, true, 2),
            (false, true, true, 1),
        ] {
            let (text, found) = text_of(questions(graphics, background), in_tmux);
            assert_eq!((ends(&text), found), (owed, owed), "{text:?}");
            assert!(text.is_empty() || text.ends_with("[5n") || text.ends_with("\x1b\\"));
        }
    }

    #[test]
    fn nothing_is_asked_through_gnu_screen() {
        let all = Questions { graphics: true, background: true };
        assert_eq!(all.through(Multiplexer::Tmux), all);
        let none = all.through(Multiplexer::Screen);
        assert_eq!(text_of(none, true), (String::new(), 0));
        let mut probe = Probe {
            questions: none,
            halfblocks: Picker::halfblocks(),
            due: Instant::now() + Duration::from_secs(3_600),
            answers: Answers::default(),
            told: None,
        };
        assert_eq!(probe.due(), None);
        let picker = probe.graphics(false).expect("there is nothing to wait for");
        assert_eq!(picker.protocol_type(), ProtocolType::Halfblocks);
        assert!(probe.graphics(true).is_none());
    }

    #[test]
    fn pictures_wait_for_the_answers_and_follow_late_ones() {
        let probe = |due| Probe {
            questions: Questions { graphics: true, background: true },
            halfblocks: Picker::halfblocks(),
            due,
            answers: Answers::default(),
            told: None,
        };
        let (past, future) = (Instant::now(), Instant::now() + Duration::from_secs(3_600));
        let mut waits = probe(future);
        assert_eq!(waits.due(), Some(future));
        assert!(waits.graphics(false).is_none());
        assert!(waits.graphics(true).is_some() && waits.graphics(true).is_none());

        let mut late = probe(past);
        assert!(
            late.graphics(false).is_some_and(|picker| picker.protocol_type() == ProtocolType::Halfblocks)
        );
        assert_eq!(late.due(), None);
        for (form, text) in [(Form::Csi('t'), "6;20;10"), (Form::Apc, "Gi=31;OK")] {
            assert!(late.take(&Reply { form, text: text.into() }, &Awaited::default()).is_none());
            assert!(late.graphics(false).is_none(), "more may come");
        }
        let kitty = late.graphics(true).expect("it is known now");
        let size = kitty.font_size();
        assert_eq!((kitty.protocol_type(), size.width, size.height), (ProtocolType::Kitty, 10, 20));
        assert!(late.graphics(true).is_none());
    }
}
