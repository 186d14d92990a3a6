//! The life cycle of the terminal: taken once, given back once, on every way out.
//!
//! Owns raw mode, the alternate screen, the mouse and bracketed paste, which are taken and given back together, after the
//! terminal's answers have been read: what is still to come would be input of the shell. Output goes
//! through a file of its own instead of standard output's lock, so that the terminal can be given back even if a panic
//! left that lock in use. Must not know the state of a screen.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use base64::Engine as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute, queue, style};

use super::awaited::Awaited;
use super::error::TuiError;
use super::watchdog::open_tty;

/// Buffer size: a frame is written at once.
const FRAME_BYTES: usize = 1 << 16;

/// The modes of the terminal, shared by everyone who may have to give them back.
#[derive(Clone)]
struct Modes {
    out: Arc<File>,
    active: Arc<AtomicBool>,
    awaited: Awaited,
}

impl Modes {
    fn enter(&self) -> io::Result<()> {
        // From here on there is something to give back, even if a step fails.
        self.active.store(true, Ordering::SeqCst);
        self.awaited.enter();
        enable_raw_mode()?;
        execute!(
            &*self.out,
            EnterAlternateScreen,
            Clear(ClearType::All),
            EnableMouseCapture,
            EnableBracketedPaste,
            cursor::Hide
        )
    }

    /// Gives everything back, once; a failed step does not keep the others from being tried.
    fn leave(&self) -> io::Result<()> {
        if !self.active.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let written = execute!(
            &*self.out,
            EndSynchronizedUpdate,
            style::ResetColor,
            DisableBracketedPaste,
            DisableMouseCapture,
            LeaveAlternateScreen,
            cursor::Show
        );
        if !self.awaited.leave()
            && let Ok(tty) = open_tty()
        {
            // The wait was in vain; what has come by now is dropped.
            let _ = rustix::termios::tcflush(tty, rustix::termios::QueueSelector::IFlush);
        }
        let raw = disable_raw_mode();
        written.and(raw)
    }
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

/// The terminal while a screen has it. Dropping gives it back.
pub struct TerminalGuard {
    /// Never dropped: its drop shows the cursor, which [`Modes::leave`] has done by then, and prints an error if that fails,
    /// which panics when the terminal is gone.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<File>>>>,
    modes: Modes,
    previous_hook: Arc<Hook>,
}

impl TerminalGuard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When standard output is not a terminal or refuses a mode; everything is given back by then.
    pub fn enter() -> Result<Self, TuiError> {
        let out = io::stdout();
        if !out.is_terminal() {
            let reason = io::Error::new(io::ErrorKind::Unsupported, "standard output is not one");
            return Err(TuiError::NoTerminal(reason));
        }
        let out = File::from(out.as_fd().try_clone_to_owned().map_err(TuiError::NoTerminal)?);
        let frames = BufWriter::with_capacity(FRAME_BYTES, out.try_clone().map_err(TuiError::NoTerminal)?);
        let modes = Modes { out: Arc::new(out), active: Arc::default(), awaited: Awaited::default() };
        let terminal = Terminal::new(CrosstermBackend::new(frames)).map_err(TuiError::NoTerminal)?;
        let previous_hook = install_hook(&modes, std::thread::current().id());
        // The guard exists before the first mode is changed, so that it gives back whatever fails from here on.
        let guard = Self { terminal: ManuallyDrop::new(terminal), modes, previous_hook };
        guard.modes.enter().map_err(TuiError::NoTerminal)?;
        Ok(guard)
    }

    /// Draws a frame, unless the terminal is given back, as between a stop and the signal to continue.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn draw(&mut self, draw: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        if !self.modes.active.load(Ordering::SeqCst) {
            return Ok(());
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(draw)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Sends a text to the terminal's clipboard (OSC 52). Terminals that do not support it ignore it.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        let out = self.terminal.backend_mut();
        write!(out, "\x1b]52;c;{encoded}\x07")?;
        out.flush()
    }

    /// The answers for which leaving waits.
    pub fn awaited(&self) -> Awaited {
        self.modes.awaited.clone()
    }

    /// The size of the terminal.
    ///
    /// # Errors
    /// When the terminal does not say.
    pub fn size(&self) -> io::Result<ratatui::layout::Size> {
        self.terminal.size()
    }

    /// Gives the terminal back for a while, as before stopping the process.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn pause(&mut self) -> io::Result<()> {
        self.modes.leave()
    }

    /// Takes the terminal again after [`TerminalGuard::pause`] or after the process was stopped from outside; the next frame
    /// draws every cell.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn resume(&mut self) -> io::Result<()> {
        // A shell has set its own modes meanwhile, which crossterm does not know about.
        let _ = disable_raw_mode();
        self.modes.enter()?;
        // Not `Terminal::clear`: it asks the terminal for its cursor, and the answer would arrive among the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(ratatui::layout::Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        // If the terminal is gone, nothing can be written.
        let _ = self.terminal.backend_mut().flush();
        let _ = self.modes.leave();
        // Hooks cannot be replaced while panicking; the one installed does nothing once the modes are given back.
        if !std::thread::panicking() {
            drop(std::panic::take_hook());
            let previous = Arc::clone(&self.previous_hook);
            std::panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// Installs a hook that keeps panics off the screen: a panic of the thread that draws gives the terminal back first; those of
/// other threads are only logged while the terminal is taken (whoever waits for them shows an error).
fn install_hook(modes: &Modes, drawing: ThreadId) -> Arc<Hook> {
    let previous: Arc<Hook> = Arc::new(std::panic::take_hook());
    let (chained, modes) = (Arc::clone(&previous), modes.clone());
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == drawing {
            let _ = modes.leave();
        } else if modes.active.load(Ordering::SeqCst) {
            tracing::error!("a worker has failed: {info}");
            return;
        }
        chained(info);
    }));
    previous
}
