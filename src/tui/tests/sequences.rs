//! Bytes of the terminal in every order, in pieces and late: keys stay keys, and answers never become any.

use std::time::Duration;

use proptest::prelude::*;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

use crate::tui::sequence::{Form, PAUSE, Received, Sequences};

/// Times, as if a clock ran: nothing, less than a pause, a pause, and as long as nothing is held any more.
const NONE: Duration = Duration::ZERO;
const SHORT: Duration = Duration::from_millis(20);
const SLOW: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(10);

/// A terminal on a clock of its own.
#[derive(Default)]
struct Line {
    sequences: Sequences,
    awaiting: bool,
    received: Vec<Received>,
}

impl Line {
    /// `bytes`, the first after `before` and each of the others after `between`.
    fn send(&mut self, bytes: &[u8], before: Duration, between: Duration) {
        let mut gap = before;
        for &byte in bytes {
            while self.sequences.patience(self.awaiting).is_some_and(|patience| patience <= gap) {
                self.sequences.give_up(&mut self.received);
            }
            self.sequences.push(byte, gap >= PAUSE, &mut self.received);
            gap = between;
        }
    }

    fn end(mut self) -> Vec<Received> {
        while self.sequences.patience(self.awaiting).is_some() {
            self.sequences.give_up(&mut self.received);
        }
        self.received
    }
}

fn read(bytes: &str) -> Vec<Received> {
    let mut line = Line::default();
    line.send(bytes.as_bytes(), LONG, NONE);
    line.end()
}

fn event(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn plain(code: KeyCode) -> Event {
    event(code, KeyModifiers::NONE)
}

fn alt(character: char) -> Event {
    event(KeyCode::Char(character), KeyModifiers::ALT)
}

fn letters(text: &str) -> Vec<Event> {
    text.chars().map(|character| plain(KeyCode::Char(character))).collect()
}

fn events(received: &[Received]) -> Vec<Event> {
    let events = received.iter().filter_map(|one| match one {
        Received::Event(event) => Some(event.clone()),
        Received::Reply(_) => None,
    });
    events.collect()
}

const ANSWERS: [&str; 16] = [
    "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "\x1b]11;rgb:ff/ff/ff\x07",
    "\x1b]10;rgba:f/f/f/f\x1b\\",
    "\x1b]4;1;rgb:0/0/0\x1b\\",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=31;ENOTSUPPORTED:no such thing\x1b\\",
    "\x1b[?62;4;22c",
    "\x1b[>0;276;0c",
    "\x1b[6;20;10t",
    "\x1b[4;800;1200t",
    "\x1b[0n",
    "\x1b[12;40R",
    "\x1b[?1u",
    "\x1bP>|terminal 1.0\x1b\\",
    "\x1bP1+r524742=38\x1b\\",
];

/// What a key sends, what it is, and whether its beginning could be that of something else.
fn keys() -> Vec<(&'static str, Event, bool)> {
    let control = |code| event(code, KeyModifiers::CONTROL);
    vec![
        ("j", plain(KeyCode::Char('j')), false),
        ("A", plain(KeyCode::Char('A')), false),
        ("[", plain(KeyCode::Char('[')), false),
        ("]", plain(KeyCode::Char(']')), false),
        ("11;rgb:", plain(KeyCode::Null), false),
        ("é", plain(KeyCode::Char('é')), false),
        ("飛", plain(KeyCode::Char('飛')), false),
        ("\r", plain(KeyCode::Enter), false),
        ("\x7f", plain(KeyCode::Backspace), false),
        ("\x03", control(KeyCode::Char('c')), false),
        ("\x1b[A", plain(KeyCode::Up), false),
        ("\x1b[1;5D", control(KeyCode::Left), false),
        ("\x1b[3~", plain(KeyCode::Delete), false),
        ("\x1b[Z", plain(KeyCode::BackTab), false),
        ("\x1bOQ", plain(KeyCode::F(2)), false),
        ("\x1b[15~", plain(KeyCode::F(5)), false),
        ("\x1b[200~\x1b]11;rgb:0/0/0\x1b\\ \x1b[201 q\x1b[201~", Event::Paste(String::new()), false),
        ("\x1b", plain(KeyCode::Esc), true),
        ("\x1b]", alt(']'), true),
        ("\x1b[", alt('['), true),
        ("\x1bP", alt('P'), true),
        ("\x1bO", alt('O'), true),
        ("\x1b_", alt('_'), true),
    ]
}

/// The events of a key of [`keys`]: one, but for what is a text.
fn wanted(bytes: &str, event: &Event) -> Vec<Event> {
    match event {
        Event::Paste(_) => {
            let text = bytes.strip_prefix("\x1b[200~").and_then(|text| text.strip_suffix("\x1b[201~"));
            vec![Event::Paste(text.expect("it is a paste").to_owned())]
        }
        event if *event == plain(KeyCode::Null) => letters(bytes),
        event => vec![event.clone()],
    }
}

proptest! {
    #[test]
    fn keys_come_in_order_and_no_answer_among_them(
        picks in prop::collection::vec((0usize..60, 0usize..4, 0usize..3), 0..24),
        awaiting: bool,
    ) {
        let keys = keys();
        let mut line = Line { awaiting, ..Line::default() };
        let mut expected = Vec::new();
        let mut replies = 0;
        let mut held = false;
        for (pick, before, between) in picks {
            let before = if held { LONG } else { [NONE, SHORT, SLOW, LONG][before] };
            // Slow lines are no trouble while an answer is awaited; at other times, and before what is no answer, a pause after
            // Esc means Esc.
            let ambiguous = keys.get(pick).is_some_and(|(.., ambiguous)| *ambiguous);
            let between = [NONE, SHORT, if awaiting && !ambiguous { SLOW } else { SHORT }][between];
            match keys.get(pick) {
                Some((bytes, event, _)) => {
                    line.send(bytes.as_bytes(), before, between);
                    expected.extend(wanted(bytes, event));
                }
                None => {
                    line.send(ANSWERS[pick % ANSWERS.len()].as_bytes(), before, between);
                    replies += 1;
                }
            }
            held = ambiguous;
        }
        // Between two letters of one text no time matters, so it is compared as a whole.
        let received = line.end();
        prop_assert_eq!(events(&received), expected);
        prop_assert_eq!(received.len() - events(&received).len(), replies);
    }

    #[test]
    fn no_bytes_bring_it_down_and_a_quit_gets_through(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        awaiting: bool,
    ) {
        let mut line = Line { awaiting, ..Line::default() };
        line.send(&bytes, NONE, NONE);
        // Not out of a paste, which has its own end, or out of the oldest mouse reply, which is given up first.
        line.send(b"\x1b[201~", LONG, NONE);
        line.send(b"\x03", LONG, NONE);
        let last = events(&line.end()).pop();
        prop_assert_eq!(last, Some(event(KeyCode::Char('c'), KeyModifiers::CONTROL)));
    }
}

#[test]
fn an_answer_whose_bytes_come_one_by_one_is_none_the_less_one() {
    for answer in ANSWERS {
        let mut line = Line { awaiting: true, ..Line::default() };
        line.send(b"j", NONE, NONE);
        line.send(answer.as_bytes(), LONG, SLOW);
        line.send(b"k", SLOW, NONE);
        let received = line.end();
        assert_eq!(events(&received), letters("jk"), "{answer:?}");
        assert_eq!(received.len(), 3, "{answer:?}");
    }
    // A color may even stand still for any time.
    let mut line = Line::default();
    line.send(b"\x1b]11;rgb:1e", NONE, NONE);
    line.send(b"1e/1e1e/2e2e\x1b\\", LONG, NONE);
    assert_eq!(events(&line.end()), []);
}

#[test]
fn what_a_person_types_with_esc_and_alt_is_kept() {
    assert_eq!(events(&read("\x1b")), [plain(KeyCode::Esc)]);
    assert_eq!(events(&read("\x1b\x1b")), [plain(KeyCode::Esc), plain(KeyCode::Esc)]);
    assert_eq!(events(&read("\x1bj")), [alt('j')]);
    assert_eq!(events(&read("\x1bé")), [alt('é')]);
    for (bytes, first, rest) in [
        ("\x1b]jk", ']', "jk"),
        ("\x1b]11", ']', "11"),
        ("\x1b]1j", ']', "1j"),
        ("\x1bPq", 'P', "q"),
        ("\x1bP1$q", 'P', "1$q"),
        ("\x1b_Go", '_', "Go"),
        ("\x1b_Gone", '_', "Gone"),
        ("\x1bOx", 'O', "x"),
        ("\x1b[6", '[', "6"),
    ] {
        let expected: Vec<Event> = [alt(first)].into_iter().chain(letters(rest)).collect();
        assert_eq!(events(&read(bytes)), expected, "{bytes:?}");
    }
    // While an answer is awaited, Esc and the next key are still two.
    let mut line = Line { awaiting: true, ..Line::default() };
    for key in ["\x1b", "j", "\x1b", "]", "x"] {
        line.send(key.as_bytes(), SLOW, NONE);
    }
    let expected = [plain(KeyCode::Esc), letters("j").remove(0), plain(KeyCode::Esc)];
    assert_eq!(events(&line.end()), [&expected[..], &letters("]x")].concat());
}

#[test]
fn a_reply_without_its_end_costs_no_key() {
    for cut in ["\x1b]11;rgb:1e", "\x1b[?62;", "\x1b[6;20;"] {
        let mut line = Line { awaiting: true, ..Line::default() };
        line.send(cut.as_bytes(), NONE, NONE);
        line.send(b"jq", SLOW, NONE);
        assert_eq!(events(&line.end()), letters("jq"), "{cut:?}");
    }
    for cut in ["\x1b_Gi=31;O", "\x1bP>|term", "\x1b]52;c;", "\x1b[M!"] {
        let mut line = Line::default();
        line.send(cut.as_bytes(), NONE, NONE);
        line.send(b"jq", LONG, NONE);
        assert_eq!(events(&line.end()), letters("jq"), "{cut:?}");
    }
    // The next reply is whole again.
    let received = read("\x1b]11;rgb:\x1b[0nj");
    assert!(
        matches!(&received[..], [Received::Reply(reply), _] if reply.form == Form::Csi('n')),
        "{received:?}"
    );
}

#[test]
fn keys_of_several_bytes_are_told() {
    use KeyCode::{BackTab, Backspace, Delete, Down, End, Enter, F, Home, Insert, PageDown, PageUp, Up};
    let bytes = "\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[Z\x1b[3~\x1b[2~\x7f\x1b[[A\x1b[24~\x1b[P\x1bOA\x1b[1;2B\x1bOM\x1b[13u";
    let codes = [
        PageUp,
        PageDown,
        Home,
        End,
        BackTab,
        Delete,
        Insert,
        Backspace,
        F(1),
        F(12),
        F(1),
        Up,
        Down,
        Enter,
        Enter,
    ];
    let found: Vec<KeyCode> =
        events(&read(bytes)).into_iter().map(|event| event.as_key_event().expect("a key").code).collect();
    assert_eq!(found, codes);
    assert_eq!(events(&read("\x1b[27;5;120~")), [event(KeyCode::Char('x'), KeyModifiers::CONTROL)]);
    assert_eq!(events(&read("\x1b[1;5R")), [], "where the cursor is, rather than a key");
}

#[test]
fn the_mouse_is_told_in_every_form() {
    for bytes in ["\x1b[<0;5;7M", "\x1b[32;5;7M", "\x1b[M %'"] {
        let events = events(&read(bytes));
        let [Event::Mouse(mouse)] = &events[..] else { panic!("{bytes:?}: {events:?}") };
        let down = MouseEventKind::Down(MouseButton::Left);
        assert_eq!((mouse.kind, mouse.column, mouse.row), (down, 4, 6), "{bytes:?}");
    }
    let kind = |bytes: &str| match &events(&read(bytes))[..] {
        [Event::Mouse(mouse)] => mouse.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("\x1b[<0;1;1m"), MouseEventKind::Up(MouseButton::Left));
    assert_eq!(kind("\x1b[<32;1;1M"), MouseEventKind::Drag(MouseButton::Left));
    assert_eq!(kind("\x1b[<35;1;1M"), MouseEventKind::Moved);
    assert_eq!(kind("\x1b[<64;1;1M"), MouseEventKind::ScrollUp);
    assert_eq!(kind("\x1b[<65;1;1M"), MouseEventKind::ScrollDown);
}

#[test]
fn a_paste_is_text_however_long_and_whatever_it_holds() {
    let long = "x".repeat(100_000);
    let pasted = events(&read(&format!("\x1b[200~{long}\x1b[201~q")));
    let [Event::Paste(text), key] = &pasted[..] else { panic!("{} events", pasted.len()) };
    assert!(text.len() > 2_000 && long.starts_with(text));
    assert_eq!(*key, plain(KeyCode::Char('q')));
}
