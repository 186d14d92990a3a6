//! Splits the bytes of the terminal into key presses, the mouse, pasted text and replies.
//!
//! Bytes may come in pieces and late, and what begins a reply can be typed as well: Alt-] sends `ESC ]`. So bytes are held
//! until they can be only one thing, or until nothing has followed for a while. A reply is known by its form, whether or
//! not one is expected. Must not read, or know the time: whoever reads says when a pause was long enough.

use std::time::Duration;

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::decode;

const ESC: u8 = 0x1B;
const BEL: u8 = 0x07;
/// A pause this long between two bytes: nobody's keyboard sends one key with it, though a slow connection may.
pub const PAUSE: Duration = Duration::from_millis(50);
/// How long the beginning of what may be a reply is held.
const HOLD: Duration = Duration::from_millis(400);
/// A reply that goes on for so long after its last byte has lost its end.
const LOST: Duration = Duration::from_secs(3);
/// Most bytes kept of a reply; the others are read and dropped.
const LONGEST_REPLY: usize = 4_096;
/// Most bytes kept of a paste, far more than a line of text takes.
const LONGEST_PASTE: usize = 1 << 16;
/// Ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// What the terminal has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A key, the mouse, or pasted text.
    Event(Event),
    /// A reply of the terminal: an answer, usually.
    Reply(Reply),
}

/// A reply of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The form of the sequence.
    pub form: Form,
    /// What stands between its introducer and its end.
    pub text: String,
}

/// The forms of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A control sequence, with its last character.
    Csi(char),
    /// `ESC ]`.
    Osc,
    /// `ESC P`.
    Dcs,
    /// `ESC _`.
    Apc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// The bytes of one character.
    Utf8,
    /// One more byte names a function key or, in application mode, a cursor key.
    Ss3,
    Csi,
    /// The three bytes in which the oldest form tells the mouse.
    Mouse,
    /// A string that ends with `ESC \` or BEL.
    String(Form),
    StringEscape(Form),
    /// How much of the end of a paste has been seen.
    Paste(usize),
}

/// Whether the bytes so far can be a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Nobody types this.
    Certain,
    /// These could be keys.
    Possible,
    No,
}

/// The splitter.
#[derive(Debug, Default)]
pub struct Sequences {
    state: State,
    /// The bytes of what is not complete, without the escape character.
    held: Vec<u8>,
    /// The escape character was followed by a pause: if it began nothing, Esc was typed, and not Alt with the next key.
    alone: bool,
    /// The character being read was typed with Alt.
    alt: bool,
}

impl Sequences {
    /// Takes in one byte, which came after a [`PAUSE`] or not.
    pub fn push(&mut self, byte: u8, after_pause: bool, out: &mut Vec<Received>) {
        match self.state {
            State::Ground => self.ground(byte, out),
            State::Escape => self.escape(byte, after_pause, out),
            State::Utf8 => self.utf8(byte, out),
            State::Ss3 => match decode::ss3(byte) {
                Some(code) => self.done(key(code, KeyModifiers::NONE), out),
                None => self.mismatch(byte, out),
            },
            State::Csi => self.csi(byte, after_pause, out),
            State::Mouse => {
                self.held.push(byte);
                if let &[b'[', b'M', button, x, y] = &*self.held {
                    self.reset();
                    out.extend(
                        decode::mouse_of_bytes(button, x, y)
                            .map(|mouse| Received::Event(Event::Mouse(mouse))),
                    );
                }
            }
            State::String(form) => self.string(form, byte, out),
            State::StringEscape(form) if byte == b'\\' => self.reply(form, out),
            State::StringEscape(_) => {
                // Another sequence has begun in the middle of this one.
                self.begin_escape();
                self.escape(byte, after_pause, out);
            }
            State::Paste(seen) => self.paste(seen, byte, out),
        }
    }

    /// How long to wait for another byte before [`Sequences::give_up`]; `None` for any time. A lone Esc is held longer while
    /// the terminal owes answers (`awaiting`).
    pub fn patience(&self, awaiting: bool) -> Option<Duration> {
        match self.state {
            State::Ground | State::Utf8 | State::Paste(_) => None,
            State::Escape if awaiting => Some(HOLD),
            State::Escape => Some(PAUSE),
            State::Mouse | State::StringEscape(_) => Some(LOST),
            _ if self.fit() == Fit::Certain => (!self.is_color()).then_some(LOST),
            _ => Some(HOLD),
        }
    }

    /// Nothing has followed: what was held was typed, or is a reply without an end, which is dropped.
    pub fn give_up(&mut self, out: &mut Vec<Received>) {
        match self.state {
            State::Escape | State::StringEscape(_) => self.done(key(KeyCode::Esc, KeyModifiers::NONE), out),
            State::Ss3 | State::Csi | State::String(_) if self.fit() != Fit::Certain => self.replay(out),
            _ => self.reset(),
        }
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn done(&mut self, event: KeyEvent, out: &mut Vec<Received>) {
        self.reset();
        out.push(Received::Event(Event::Key(event)));
    }

    fn begin_escape(&mut self) {
        self.reset();
        self.state = State::Escape;
    }

    fn ground(&mut self, byte: u8, out: &mut Vec<Received>) {
        match byte {
            ESC => self.begin_escape(),
            0x80.. => {
                self.state = State::Utf8;
                self.utf8(byte, out);
            }
            _ => {
                let alt = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
                let (code, modifiers) = decode::plain(byte);
                self.done(key(code, modifiers | alt), out);
            }
        }
    }

    fn escape(&mut self, byte: u8, after_pause: bool, out: &mut Vec<Received>) {
        self.alone = after_pause;
        self.state = match byte {
            b'[' => State::Csi,
            b'O' => State::Ss3,
            b']' => State::String(Form::Osc),
            b'P' => State::String(Form::Dcs),
            b'_' => State::String(Form::Apc),
            _ if after_pause || byte == ESC => {
                self.done(key(KeyCode::Esc, KeyModifiers::NONE), out);
                return self.ground(byte, out);
            }
            _ => {
                self.alt = true;
                return self.ground(byte, out);
            }
        };
        self.held.push(byte);
    }

    fn utf8(&mut self, byte: u8, out: &mut Vec<Received>) {
        self.held.push(byte);
        match std::str::from_utf8(&self.held) {
            Ok(text) => {
                let alt = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
                let event = text.chars().next().map(|character| key(KeyCode::Char(character), alt));
                self.reset();
                out.extend(event.map(|event| Received::Event(Event::Key(event))));
            }
            // The character is not complete.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                let begins_another = self.held.len() > 1;
                self.reset();
                if begins_another {
                    self.ground(byte, out);
                }
            }
        }
    }

    fn csi(&mut self, byte: u8, after_pause: bool, out: &mut Vec<Received>) {
        match byte {
            // The Linux console names its function keys in this way.
            b'[' if *self.held == *b"[" => self.held.push(byte),
            b'M' if *self.held == *b"[" => {
                self.held.push(byte);
                self.state = State::Mouse;
            }
            0x20..=0x3F => {
                if self.held.len() < LONGEST_REPLY {
                    self.held.push(byte);
                }
            }
            // The end of the sequence was lost, and this was typed.
            0x40..=0x7E if after_pause && self.fit() == Fit::Certain && !ends_reply(byte) => {
                self.reset();
                self.ground(byte, out);
            }
            0x40..=0x7E => {
                let text = String::from_utf8_lossy(&self.held[1..]).into_owned();
                self.reset();
                let last = char::from(byte);
                if (last, &*text) == ('~', "200") {
                    self.state = State::Paste(0);
                    return;
                }
                out.push(match decode::csi(&text, last) {
                    Some(event) => Received::Event(event),
                    None => Received::Reply(Reply { form: Form::Csi(last), text }),
                });
            }
            _ => self.mismatch(byte, out),
        }
    }

    fn string(&mut self, form: Form, byte: u8, out: &mut Vec<Received>) {
        let certain = self.fit() == Fit::Certain;
        match byte {
            ESC if certain => self.state = State::StringEscape(form),
            BEL if certain => self.reply(form, out),
            _ if self.held.len() >= LONGEST_REPLY && byte >= 0x20 => {}
            _ => {
                self.held.push(byte);
                if self.fit() == Fit::No {
                    self.held.pop();
                    self.mismatch(byte, out);
                }
            }
        }
    }

    fn reply(&mut self, form: Form, out: &mut Vec<Received>) {
        let text = String::from_utf8_lossy(&self.held[1..]).into_owned();
        self.reset();
        out.push(Received::Reply(Reply { form, text }));
    }

    fn paste(&mut self, seen: usize, byte: u8, out: &mut Vec<Received>) {
        if byte == PASTE_END[seen] {
            self.state = State::Paste(seen + 1);
            if seen + 1 == PASTE_END.len() {
                let text = String::from_utf8_lossy(&self.held).into_owned();
                self.reset();
                out.push(Received::Event(Event::Paste(text)));
            }
            return;
        }
        // It was no end, so it belongs to the text.
        let again = byte == ESC;
        let text = PASTE_END[..seen].iter().copied().chain((!again).then_some(byte));
        let room = LONGEST_PASTE.saturating_sub(self.held.len());
        self.held.extend(text.take(room));
        self.state = State::Paste(usize::from(again));
    }

    /// What is held and `byte` do not belong together.
    fn mismatch(&mut self, byte: u8, out: &mut Vec<Received>) {
        if self.fit() == Fit::Certain {
            self.reset();
        } else {
            self.replay(out);
        }
        self.ground(byte, out);
    }

    /// What is held was typed.
    fn replay(&mut self, out: &mut Vec<Received>) {
        let (held, alone) = (std::mem::take(&mut self.held), self.alone);
        self.reset();
        if alone {
            self.done(key(KeyCode::Esc, KeyModifiers::NONE), out);
        }
        self.alt = !alone;
        for byte in held {
            self.ground(byte, out);
        }
    }

    fn fit(&self) -> Fit {
        match (self.state, &*self.held) {
            (State::Csi, [b'[', rest @ ..]) => {
                if rest.len() < 4 && rest.iter().all(u8::is_ascii_digit) {
                    Fit::Possible
                } else {
                    Fit::Certain
                }
            }
            (State::String(Form::Osc), [_, rest @ ..]) => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                match &rest[digits..] {
                    [] if digits < 5 => Fit::Possible,
                    [b';', text @ ..]
                        if digits > 0 && (!self.is_color() || text.last().is_none_or(in_color)) =>
                    {
                        printable(text)
                    }
                    _ => Fit::No,
                }
            }
            (State::String(Form::Dcs), [_, rest @ ..]) => {
                begins_with(rest, &[b">|", b"!|", b"0$r", b"1$r", b"0+r", b"1+r"])
            }
            (State::String(Form::Apc), [_, rest @ ..]) => match rest {
                [] | [b'G'] => Fit::Possible,
                [b'G', letter] if letter.is_ascii_alphabetic() => Fit::Possible,
                [b'G', letter, b'=', text @ ..] if letter.is_ascii_alphabetic() => printable(text),
                _ => Fit::No,
            },
            _ => Fit::Possible,
        }
    }

    /// Whether a color is being told, whose form leaves no room for keys.
    fn is_color(&self) -> bool {
        let color = |rest: &[u8]| matches!(rest, [b'4', b';', ..] | [b'1', b'0'..=b'9', b';', ..]);
        self.state == State::String(Form::Osc) && color(&self.held[1..])
    }
}

fn in_color(byte: &u8) -> bool {
    byte.is_ascii_hexdigit() || b"rgba:/;#?".contains(byte)
}

/// Whether a text goes on with its last byte; those before it have been looked at.
fn printable(text: &[u8]) -> Fit {
    if text.last().is_none_or(|byte| *byte >= 0x20 && *byte != 0x7F) { Fit::Certain } else { Fit::No }
}

/// Whether `text` begins with one of `words`, or may still do so.
fn begins_with(text: &[u8], words: &[&[u8]]) -> Fit {
    if let Some(word) = words.iter().find(|word| text.starts_with(word)) {
        printable(&text[word.len()..])
    } else if words.iter().any(|word| word.starts_with(text)) {
        Fit::Possible
    } else {
        Fit::No
    }
}

/// Whether this ends a reply or a key of several bytes.
fn ends_reply(byte: u8) -> bool {
    b"ABCDEFHMPQRSZcmntuxy~".contains(&byte)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}
