//! The real program in a real pseudo-terminal, with the screen it draws.

use std::io::{Read, Write};
use std::os::fd::{BorrowedFd, RawFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use portable_pty::CommandBuilder;
use portable_pty::{Child, ExitStatus, MasterPty, PtySize, native_pty_system};
pub use vt100;

/// Asks a terminal for its status.
const STATUS: &[u8] = b"\x1b[5n";
/// How long anything may take on a loaded machine. Only failures wait this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes, and when they came.
pub type Chunk = (Duration, Vec<u8>);

pub struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Arc<Mutex<Option<Box<dyn Write + Send>>>>,
    child: Box<dyn Child + Send + Sync>,
    parser: Arc<Mutex<vt100::Parser>>,
    written: Arc<AtomicUsize>,
    output: Arc<Mutex<Vec<Chunk>>>,
    start: Instant,
    initial: String,
    /// Tells the reader to end, and waits for it: its copy of the terminal keeps a connection up.
    stop: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Starts clipscope with its own cache folder.
    pub fn clipscope(program: &str, cache: &Path, arguments: &[&str], columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.arg("--cache-dir");
        command.arg(cache);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env_remove("NO_COLOR");
        // Not the configuration of whoever runs this.
        command.env("XDG_CONFIG_HOME", cache);
        Self::start(command, columns, rows)
    }

    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        Self::start_on(command, columns, rows, "")
    }

    /// As [`Terminal::start`], for a terminal that answers with `background` when its state is asked for.
    pub fn start_on(command: CommandBuilder, columns: u16, rows: u16, background: &str) -> Self {
        Self::start_answering(command, columns, rows, Some(format!("{background}\x1b[0n")))
    }

    /// As [`Terminal::start`], for a terminal that answers nothing until the test sends the answers.
    pub fn start_silent(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        Self::start_answering(command, columns, rows, None)
    }

    fn start_answering(mut command: CommandBuilder, columns: u16, rows: u16, status: Option<String>) -> Self {
        // Whoever runs the tests may do so inside of tmux or GNU screen; the program does not run there.
        for name in ["STY", "TMUX", "TERM_PROGRAM"] {
            command.env_remove(name);
        }
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        // Before there is a program that could have changed them.
        let initial = format!("{:?}", pair.master.get_termios().unwrap());
        let start = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = Arc::new(Mutex::new(vt100::Parser::new(size_of(rows), size_of(columns), 0)));
        let written = Arc::new(AtomicUsize::new(0));
        let output = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&output);
        let mut source = pair.master.try_clone_reader().unwrap();
        let handle = pair.master.as_raw_fd().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (screen, count, ended) = (Arc::clone(&parser), Arc::clone(&written), Arc::clone(&stop));
        let writer = Arc::new(Mutex::new(Some(pair.master.take_writer().unwrap())));
        let answers = Arc::clone(&writer);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            let mut asked = Vec::new();
            while !ended.load(Ordering::SeqCst) {
                if !readable(handle) {
                    continue;
                }
                let Ok(length @ 1..) = source.read(&mut buffer) else { return };
                screen.lock().unwrap().process(&buffer[..length]);
                // Programs ask for a report of the status, which every terminal gives.
                asked.extend_from_slice(&buffer[..length]);
                if asked.windows(STATUS.len()).any(|bytes| bytes == STATUS) {
                    asked.clear();
                    let mut writer = answers.lock().unwrap();
                    if let (Some(writer), Some(status)) = (writer.as_mut(), &status) {
                        let _ = writer.write_all(status.as_bytes());
                    }
                }
                asked.drain(..asked.len().saturating_sub(STATUS.len() - 1));
                recorded.lock().unwrap().push((start.elapsed(), buffer[..length].to_vec()));
                count.fetch_add(length, Ordering::SeqCst);
            }
        });
        let (master, reader) = (Some(pair.master), Some(reader));
        Self { master, writer, child, parser, written, output, start, initial, stop, reader }
    }

    pub fn parser(&self) -> MutexGuard<'_, vt100::Parser> {
        self.parser.lock().unwrap()
    }

    pub fn text(&self) -> String {
        self.parser().screen().contents()
    }

    /// The screen with its colors and attributes.
    pub fn formatted(&self) -> String {
        self.parser().screen().contents_formatted()
    }

    /// All that the program has written, each part with its time since the start.
    pub fn output(&self) -> Vec<Chunk> {
        self.output.lock().unwrap().clone()
    }

    /// When the program last wrote something.
    pub fn last_output(&self) -> Instant {
        self.start + self.output.lock().unwrap().last().map_or(Duration::ZERO, |(time, _)| *time)
    }

    /// Whether the program has written `text` at any time.
    pub fn has_sent(&self, text: &str) -> bool {
        let all: Vec<u8> = self.output().into_iter().flat_map(|(_, bytes)| bytes).collect();
        String::from_utf8_lossy(&all).contains(text)
    }

    /// Bytes the program has written so far.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// Frames that the program has drawn so far: each begins a synchronized update.
    pub fn frames(&self) -> usize {
        let all: Vec<u8> = self.output().into_iter().flat_map(|(_, bytes)| bytes).collect();
        let begin = b"\x1b[?2026h";
        all.windows(begin.len()).filter(|window| window == begin).count()
    }

    /// Forgets what was written, which a long run would keep in memory.
    pub fn forget(&self) {
        self.output.lock().unwrap().clear();
    }

    pub fn send(&mut self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        let writer = writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.parser().screen_mut().set_size(size_of(rows), size_of(columns));
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Waits until the screen is as wanted; the last screen as an error otherwise.
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<String, String> {
        self.wait_within(PATIENCE, what, wanted)
    }

    pub fn wait_within(
        &self,
        patience: Duration,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String, String> {
        let start = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return Ok(text);
            }
            if start.elapsed() > patience {
                return Err(format!("waited for {what}; the screen shows:\n{text}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until nothing has been written for a while.
    pub fn settle(&self) {
        let start = Instant::now();
        let mut last = (self.written(), Instant::now());
        while last.1.elapsed() < Duration::from_millis(400) {
            assert!(start.elapsed() < PATIENCE, "the program never stops writing");
            std::thread::sleep(Duration::from_millis(20));
            if self.written() != last.0 {
                last = (self.written(), Instant::now());
            }
        }
    }

    pub fn wait_exit(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // Let the reader thread take what was written last.
                std::thread::sleep(Duration::from_millis(100));
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end; screen:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn has_exited(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal by name, as `kill` does.
    pub fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// The terminal is as it was before the program started.
    #[track_caller]
    pub fn assert_restored(&self) {
        assert_eq!(self.line_settings(), self.initial, "the line settings differ");
        let parser = self.parser();
        let screen = parser.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is still captured"
        );
    }

    /// Processor time that the program has used so far, in ticks (100 a second); `None` once it has ended. Always 0 where
    /// the system has no /proc.
    pub fn ticks(&self) -> Option<u64> {
        if !cfg!(target_os = "linux") {
            return Some(0);
        }
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        // After the name, which may hold anything: state, then times as fields 14 and 15 of the whole.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        (fields[0] != "Z").then(|| fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
    }

    /// The line settings that the terminal had before the program started.
    pub fn initial_line_settings(&self) -> &str {
        &self.initial
    }

    /// The line settings of the terminal, as text.
    pub fn line_settings(&self) -> String {
        format!("{:?}", self.master.as_ref().unwrap().get_termios().unwrap())
    }

    /// Closes the terminal's other end, as a dropped connection does.
    pub fn hang_up(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        *self.writer.lock().unwrap() = None;
        self.master = None;
    }
}

/// Whether the terminal has something to read, or is at its end, within a moment.
fn readable(handle: RawFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    // SAFETY: the reader thread, the only caller, is joined before the master is closed.
    let handle = unsafe { BorrowedFd::borrow_raw(handle) };
    let moment = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&moment)).is_ok_and(|ready| ready > 0)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.hang_up();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size_of(cells: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(cells).expect("a terminal has at least one cell")
}
