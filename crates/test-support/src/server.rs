//! A small HTTP/1.1 server on 127.0.0.1 that does as it is told, faults included. One request a connection; it ends, with
//! all its threads, when it is dropped.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Longer than any test takes; only there so that a broken test ends.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Where a `Range` header asks to continue.
    pub fn range(&self) -> Option<u64> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// The connection is closed after so many bytes.
    Cut(usize),
    /// After so many bytes nothing more comes, until the server ends or is told to go on.
    Stall(usize),
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Whether the length of the body is announced; otherwise its end is the end of the connection.
    pub announced: bool,
    pub ending: Ending,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), announced: true, ending: Ending::Whole }
    }

    pub fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    pub fn unannounced(mut self) -> Self {
        self.announced = false;
        self
    }
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

struct Shared {
    handler: Box<Handler>,
    requests: Mutex<Vec<Request>>,
    /// Told to go on after a stall, or to end.
    released: AtomicBool,
    over: AtomicBool,
}

impl Shared {
    fn wait_for_release(&self) {
        let begun = Instant::now();
        while !self.released.load(Ordering::SeqCst) && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::launch(Box::new(handler), serve)
    }

    /// A proxy that knows one method, CONNECT, and leads every tunnel to `target`, whatever it was asked for.
    pub fn start_proxy(target: SocketAddr) -> Self {
        let only_tunnels = Box::new(|_: &Request| Answer::new(405, ""));
        Self::launch(only_tunnels, move |shared, stream| tunnel(shared, stream, target))
    }

    fn launch(handler: Box<Handler>, serve: impl Fn(&Shared, TcpStream) + Send + Clone + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            handler,
            requests: Mutex::default(),
            released: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, serve)
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which they came.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Lets stalled answers go on.
    pub fn release(&self) {
        self.shared.released.store(true, Ordering::SeqCst);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.release();
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    serve: impl Fn(&Shared, TcpStream) + Send + Clone + 'static,
) {
    let mut connections = Vec::new();
    for stream in listener.incoming().flatten() {
        if shared.over.load(Ordering::SeqCst) {
            break;
        }
        let (shared, serve) = (Arc::clone(shared), serve.clone());
        connections.push(thread::spawn(move || serve(&shared, stream)));
    }
    for connection in connections {
        let _ = connection.join();
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method, target, body: Vec::new(), headers };
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    reader.take(length.unwrap_or(0)).read_to_end(&mut request.body).ok()?;
    Some(request)
}

fn serve(shared: &Shared, mut stream: TcpStream) {
    let Some(request) = read_request(&stream) else { return };
    shared.requests.lock().unwrap().push(request.clone());
    let answer = (shared.handler)(&request);
    // Whoever asked may have gone away, which is their right.
    let _ = write_answer(shared, &mut stream, &request, &answer);
    // Closes for writing and then waits for the other side, as a close with unread input would discard what was sent.
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let _ = stream.read(&mut [0; 64]);
}

fn write_answer(
    shared: &Shared,
    stream: &mut TcpStream,
    request: &Request,
    answer: &Answer,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if answer.announced {
        head += &format!("Content-Length: {}\r\n", answer.body.len());
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    if request.method == "HEAD" {
        return Ok(());
    }
    let (Ending::Cut(at) | Ending::Stall(at)) = answer.ending else {
        return stream.write_all(&answer.body);
    };
    let (before, after) = answer.body.split_at(at.min(answer.body.len()));
    stream.write_all(before)?;
    if let Ending::Stall(_) = answer.ending {
        shared.wait_for_release();
        stream.write_all(after)?;
    }
    Ok(())
}

fn tunnel(shared: &Shared, mut stream: TcpStream, target: SocketAddr) {
    let Some(request) = read_request(&stream) else { return };
    shared.requests.lock().unwrap().push(request.clone());
    if request.method != "CONNECT" {
        let _ = write_answer(shared, &mut stream, &request, &(shared.handler)(&request));
        return;
    }
    let Ok(mut far) = TcpStream::connect(target) else { return };
    let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
    let (Ok(mut near_reader), Ok(mut far_writer)) = (stream.try_clone(), far.try_clone()) else { return };
    let up = thread::spawn(move || {
        let _ = io::copy(&mut near_reader, &mut far_writer);
        let _ = far_writer.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut far, &mut stream);
    let _ = stream.shutdown(Shutdown::Both);
    let _ = up.join();
}
