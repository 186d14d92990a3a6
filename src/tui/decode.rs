//! What one sequence of the terminal means: a key, or the mouse.
//!
//! Must not know how sequences are told from each other.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// A key that is sent as one byte below 0x80, other than Esc.
pub fn plain(byte: u8) -> (KeyCode, KeyModifiers) {
    let control = |character| (KeyCode::Char(character), KeyModifiers::CONTROL);
    match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7F => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => control(' '),
        0x01..=0x1A => control(char::from(byte - 1 + b'a')),
        0x1C..=0x1F => control(char::from(byte - 0x1C + b'4')),
        _ => (KeyCode::Char(char::from(byte)), KeyModifiers::NONE),
    }
}

/// The key behind `ESC O`.
pub fn ss3(byte: u8) -> Option<KeyCode> {
    match byte {
        b'M' => Some(KeyCode::Enter),
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' => by_letter(char::from(byte)),
        _ => None,
    }
}

fn by_letter(last: char) -> Option<KeyCode> {
    Some(match last {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'H' => KeyCode::Home,
        'F' => KeyCode::End,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

fn by_number(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(number).ok()? - 10),
        17..=21 => KeyCode::F(u8::try_from(number).ok()? - 11),
        23..=26 => KeyCode::F(u8::try_from(number).ok()? - 12),
        28 | 29 => KeyCode::F(u8::try_from(number).ok()? - 13),
        31..=34 => KeyCode::F(u8::try_from(number).ok()? - 14),
        _ => return None,
    })
}

/// The key or the mouse in a control sequence: what stands between `ESC [` and the last character. `None` for a reply.
pub fn csi(text: &str, last: char) -> Option<Event> {
    if let Some(numbers) = text.strip_prefix('<') {
        let [button, x, y] = numbers_of(numbers)?[..] else { return None };
        return mouse(button, x, y, last == 'm').filter(|_| matches!(last, 'M' | 'm')).map(Event::Mouse);
    }
    if let Some(text) = text.strip_prefix('[') {
        let place = "ABCDE".find(last).filter(|_| text.is_empty())?;
        return Some(press(KeyCode::F(u8::try_from(place + 1).ok()?), 1));
    }
    let numbers = numbers_of(text)?;
    match (last, &numbers[..]) {
        ('M', &[button, x, y]) => mouse(button.checked_sub(32)?, x, y, false).map(Event::Mouse),
        // With two numbers it tells where the cursor is, unless it can only be F3.
        ('R', &[_, _]) => None,
        ('A'..='D' | 'F' | 'H' | 'P'..='S' | 'Z', [] | [_] | [_, _]) => {
            Some(press(by_letter(last)?, numbers.get(1).copied().unwrap_or(1)))
        }
        ('~', &[27, modifiers, character]) => Some(press(by_character(character)?, modifiers)),
        ('~', [number, rest @ ..]) => Some(press(by_number(*number)?, rest.first().copied().unwrap_or(1))),
        ('u', [character, rest @ ..]) => {
            Some(press(by_character(*character)?, rest.first().copied().unwrap_or(1)))
        }
        _ => None,
    }
}

/// The numbers of a control sequence; of parts with colons, the first.
fn numbers_of(text: &str) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(';').map(|part| part.split(':').next().unwrap_or(part).parse().ok()).collect()
}

fn by_character(number: u32) -> Option<KeyCode> {
    Some(match number {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        _ => KeyCode::Char(char::from_u32(number).filter(|character| !character.is_control())?),
    })
}

/// `modifiers` is one more than the sum of Shift 1, Alt 2, Ctrl 4, Super 8.
fn press(code: KeyCode, modifiers: u32) -> Event {
    let bits = modifiers.saturating_sub(1);
    let all = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
    ];
    let held = all.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier);
    Event::Key(KeyEvent::new(code, held.fold(KeyModifiers::NONE, |all, one| all | one)))
}

/// The mouse as the oldest form tells it, each value 32 more than it is.
pub fn mouse_of_bytes(button: u8, x: u8, y: u8) -> Option<MouseEvent> {
    let [button, x, y] = [button, x, y].map(|byte| u32::from(byte).saturating_sub(32));
    mouse(button, x, y, false)
}

/// Columns and rows count from 1.
fn mouse(button: u32, x: u32, y: u32, released: bool) -> Option<MouseEvent> {
    let which = match button & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & 64 != 0, button & 32 != 0, which) {
        (true, _, Some(MouseButton::Left)) => MouseEventKind::ScrollUp,
        (true, _, Some(MouseButton::Middle)) => MouseEventKind::ScrollDown,
        (true, ..) => return None,
        (_, true, Some(which)) => MouseEventKind::Drag(which),
        (_, true, None) => MouseEventKind::Moved,
        (_, _, Some(which)) if released => MouseEventKind::Up(which),
        (_, _, Some(which)) => MouseEventKind::Down(which),
        (_, _, None) => MouseEventKind::Up(MouseButton::Left),
    };
    let [column, row] = [x, y].map(|place| u16::try_from(place.saturating_sub(1)).unwrap_or(u16::MAX));
    Some(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}
