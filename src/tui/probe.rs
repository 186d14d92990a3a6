//! Asks the terminal how it draws pictures, and what its background is.
//!
//! Writes a few queries and reads the answers for a limited time; anything else that arrives was typed by the user and is
//! passed on. The last query is one that every terminal answers, so that a terminal without graphics does not take the
//! whole time.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_image::FontSize;
use ratatui_image::picker::cap_parser::{Parser, QueryStdioOptions};
use ratatui_image::picker::{Picker, ProtocolType};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::palette::Rgb;
use super::settings::{ColorMode, ImageMode, Settings, ThemeChoice};
use super::watchdog::open_tty;

/// The longest wait: terminals answer within a round trip, which a slow connection makes long.
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
}

/// The answers of the terminal, or what stands in for them.
pub struct Known {
    /// How to draw pictures: as half blocks unless the terminal says otherwise.
    pub picker: Picker,
    /// The color of the background, if it was asked for and answered.
    pub background: Option<Rgb>,
}

/// Asks, and passes on to `typed` what the user types meanwhile.
pub fn ask(questions: Questions, typed: &mut dyn FnMut(KeyEvent)) -> Known {
    let halfblocks = Picker::halfblocks();
    if questions == (Questions { graphics: false, background: false }) {
        return Known { picker: halfblocks, background: None };
    }
    match answers(&halfblocks, questions, typed) {
        Ok(answers) => Known {
            background: answers.background,
            picker: if questions.graphics { picker(halfblocks, &answers) } else { halfblocks },
        },
        Err(_) => Known { picker: halfblocks, background: None },
    }
}

fn answers(picker: &Picker, questions: Questions, typed: &mut dyn FnMut(KeyEvent)) -> io::Result<Answers> {
    let tty = open_tty()?;
    let mut options = QueryStdioOptions::default();
    // These two claim protocols that they draw wrongly; their iTerm2 protocol works.
    let named = |variable: &str| std::env::var(variable).is_ok_and(|value| !value.is_empty());
    if named("WEZTERM_EXECUTABLE") || named("KONSOLE_VERSION") {
        options.blacklist_protocols = vec![ProtocolType::Kitty, ProtocolType::Sixel];
    }
    let mut query = String::new();
    if questions.background {
        query.push_str(BACKGROUND);
    }
    // The question about graphics ends with the last report itself.
    query.push_str(&if questions.graphics {
        Parser::query(picker.tmux_detected(), options)
    } else {
        LAST.into()
    });
    let mut out = io::stdout();
    out.write_all(query.as_bytes())?;
    out.flush()?;

    let mut reader = Reader::default();
    let end = Instant::now() + WAIT;
    while !reader.answers.complete {
        let Some(left) = end.checked_duration_since(Instant::now()) else { break };
        let timeout =
            Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(&tty, PollFlags::IN)];
        if poll(&mut fds, Some(&timeout))? == 0 {
            break;
        }
        let mut bytes = [0; 256];
        let count = rustix::io::read(&tty, &mut bytes)?;
        if count == 0 {
            break;
        }
        for key in bytes[..count].iter().filter_map(|&byte| reader.push(byte)) {
            typed(key);
        }
    }
    if let Some(key) = reader.rest() {
        typed(key);
    }
    Ok(reader.answers)
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

/// The answers read so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answers {
    kitty: bool,
    sixel: bool,
    /// Width and height of a character in pixels.
    character: Option<(u16, u16)>,
    background: Option<Rgb>,
    /// The last report has arrived.
    complete: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    Escape,
    Csi,
    /// One more byte names a function key or, in application mode, a cursor key.
    Ss3,
    /// A string that ends with `ESC \` or BEL.
    String,
    StringEscape,
}

/// Tells answers from keys, byte by byte.
#[derive(Debug, Default)]
struct Reader {
    state: State,
    text: String,
    answers: Answers,
}

impl Reader {
    fn push(&mut self, byte: u8) -> Option<KeyEvent> {
        let character = char::from(byte);
        match self.state {
            State::Ground if byte == 0x1B => {
                self.state = State::Escape;
                None
            }
            State::Ground => plain_key(byte),
            State::Escape => {
                self.text.clear();
                self.state = match character {
                    '[' => State::Csi,
                    'O' => State::Ss3,
                    '_' | 'P' | ']' => State::String,
                    // Esc, then another key.
                    _ => State::Ground,
                };
                None
            }
            State::Csi if (0x40..=0x7E).contains(&byte) => {
                self.state = State::Ground;
                self.csi(character)
            }
            State::Csi => {
                self.text.push(character);
                None
            }
            State::Ss3 => {
                self.state = State::Ground;
                typed_sequence(character, &[]).map(key)
            }
            State::String if byte == 0x1B => {
                self.state = State::StringEscape;
                None
            }
            State::String if byte == 0x07 => {
                self.state = State::Ground;
                self.string();
                None
            }
            State::String => {
                self.text.push(character);
                None
            }
            State::StringEscape => {
                self.state = State::Ground;
                self.string();
                None
            }
        }
    }

    fn string(&mut self) {
        self.answers.kitty |= self.text.starts_with("Gi=31;OK");
        if let Some(color) = self.text.strip_prefix("11;") {
            self.answers.background = color_of(color);
        }
    }

    fn csi(&mut self, last: char) -> Option<KeyEvent> {
        let numbers: Vec<&str> = self.text.trim_start_matches('?').split(';').collect();
        match (last, numbers.as_slice()) {
            ('c', attributes) if self.text.starts_with('?') => {
                self.answers.sixel |= attributes.iter().skip(1).any(|attribute| *attribute == "4");
            }
            ('t', ["6", height, width]) => {
                self.answers.character = width.parse().ok().zip(height.parse().ok());
            }
            ('n', _) => self.answers.complete = true,
            _ => return typed_sequence(last, &numbers).map(key),
        }
        None
    }

    /// A lone Esc at the end was typed.
    fn rest(&self) -> Option<KeyEvent> {
        (self.state == State::Escape).then(|| key(KeyCode::Esc))
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

/// Keys that are sent as several bytes.
fn typed_sequence(last: char, numbers: &[&str]) -> Option<KeyCode> {
    Some(match (last, numbers.first().copied()) {
        ('A', _) => KeyCode::Up,
        ('B', _) => KeyCode::Down,
        ('C', _) => KeyCode::Right,
        ('D', _) => KeyCode::Left,
        ('H', _) | ('~', Some("1" | "7")) => KeyCode::Home,
        ('F', _) | ('~', Some("4" | "8")) => KeyCode::End,
        ('P', _) => KeyCode::F(1),
        ('Q', _) => KeyCode::F(2),
        ('R', _) => KeyCode::F(3),
        ('S', _) => KeyCode::F(4),
        ('Z', _) => KeyCode::BackTab,
        ('~', Some("3")) => KeyCode::Delete,
        ('~', Some("5")) => KeyCode::PageUp,
        ('~', Some("6")) => KeyCode::PageDown,
        _ => return None,
    })
}

fn key(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn plain_key(byte: u8) -> Option<KeyEvent> {
    match byte {
        b'\r' => Some(key(KeyCode::Enter)),
        b'\t' => Some(key(KeyCode::Tab)),
        0x7F => Some(key(KeyCode::Backspace)),
        0x01..=0x1A => {
            let letter = char::from(byte - 1 + b'a');
            Some(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
        }
        0x20..=0x7E => Some(key(KeyCode::Char(char::from(byte)))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &str) -> (Answers, Vec<KeyEvent>, Option<KeyEvent>) {
        let mut reader = Reader::default();
        let keys = bytes.bytes().filter_map(|byte| reader.push(byte)).collect();
        let rest = reader.rest();
        (reader.answers, keys, rest)
    }

    #[test]
    fn answers_are_understood_and_keys_between_them_kept() {
        let (answers, keys, rest) =
            read("\x1b_Gi=31;OK\x1b\\j\x1b[?62;4;22c\x03\x1b[A\x1b[6;20;10t\x1b]11;rgb:0/0/0\x07q\x1b[0n");
        let known = Answers {
            kitty: true,
            sixel: true,
            character: Some((10, 20)),
            background: Some([0, 0, 0]),
            complete: true,
        };
        assert_eq!(answers, known);
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(keys, [key(KeyCode::Char('j')), control_c, key(KeyCode::Up), key(KeyCode::Char('q'))]);
        assert_eq!(rest, None);
    }

    #[test]
    fn a_terminal_without_graphics_says_so() {
        let (answers, keys, _) = read("\x1b_Gi=31;EINVAL:x\x1b\\\x1b[?1;2c\x1b[0n");
        assert_eq!(answers, Answers { complete: true, ..Answers::default() });
        assert!(keys.is_empty());
    }

    #[test]
    fn backgrounds_are_read_in_every_length() {
        let background = |answer: &str| read(&format!("\x1b]11;{answer}\x1b\\")).0.background;
        assert_eq!(background("rgb:ffff/8080/0000"), Some([255, 128, 0]));
        assert_eq!(background("rgb:ff/80/00"), Some([255, 128, 0]));
        assert_eq!(background("rgba:f/0/0/f"), Some([255, 0, 0]));
        for answer in ["", "rgb:", "rgb:fffff/0/0", "rgb:ff/ff", "#ffffff", "rgb:gg/00/00", "rgb:+f/0/0x"] {
            assert_eq!(background(answer), None, "{answer}");
        }
    }

    #[test]
    fn keys_of_several_bytes_are_kept() {
        let (_, keys, _) = read("\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[Z\x1b[3~\x7f");
        use KeyCode::{BackTab, Backspace, Delete, End, Home, PageDown, PageUp};
        assert_eq!(keys, [PageUp, PageDown, Home, End, BackTab, Delete, Backspace].map(key));
    }

    #[test]
    fn function_keys_are_kept_whole() {
        let (_, keys, rest) = read("\x1bOP\x1bOQ\x1bOS\x1bOAq");
        let expected = [KeyCode::F(1), KeyCode::F(2), KeyCode::F(4), KeyCode::Up, KeyCode::Char('q')];
        assert_eq!((keys, rest), (expected.map(key).to_vec(), None));
    }

    #[test]
    fn a_lone_escape_was_typed() {
        let (answers, keys, rest) = read("\r\x1b");
        assert_eq!((answers, rest), (Answers::default(), Some(key(KeyCode::Esc))));
        assert_eq!(keys, [key(KeyCode::Enter)]);
    }
}
