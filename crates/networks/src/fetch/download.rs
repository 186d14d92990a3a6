//! The transfer of one file: asked for, continued, tried again, compared, put into place.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderName, Method, header};

use super::{
    Fetched, Fetcher, Progress,
    digest::{Tally, looks_like},
    error::{Again, FetchError, Trouble, disk},
    http::{Reply, host_of, protocol},
    resolve::Remote,
    store::{Origin, Slot, Unequal, Verified, read_json, regular_length, remove, write_json},
};

const CHUNK: usize = 128 * 1024;
/// A try that brought this much counts as progress: the failures before it are forgotten.
const PROGRESS: u64 = 1024 * 1024;
/// No file without a length on its card or in the answer is longer: tokenizers have a few megabytes.
const MAX_UNANNOUNCED: u64 = 256 << 20;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// `<file>.part.json`: of which content the part is, so that it is never continued with another.
#[derive(Serialize, Deserialize)]
struct PartRecord {
    /// The hash that the whole must have.
    expected: String,
    /// The storage server's own mark of the content, for `If-Range`. It need not be the hub's.
    etag: Option<String>,
}

/// The bytes that are there, on disk and hashed.
struct Part<'a> {
    slot: &'a Slot,
    file: File,
    tally: Tally,
    expected: String,
    etag: Option<String>,
    /// Whether it is made of more than one answer, so that they may not fit together.
    continued: bool,
}

impl<'a> Part<'a> {
    /// Opens the part, after hashing what is there of the same content.
    fn open(slot: &'a Slot, expected: String, progress: &mut dyn Progress) -> Result<Self, FetchError> {
        slot.make_folder()?;
        let record: Option<PartRecord> = read_json(&slot.part_record);
        let record = record.filter(|record| record.expected == expected);
        let mut tally = Tally::default();
        if let (Some(_), Some(bytes @ 1..)) = (&record, regular_length(&slot.part)) {
            progress.checking(&slot.label, bytes);
            tally = Tally::of_file(&slot.part, &mut |bytes| progress.advanced(bytes))
                .map_err(disk("read", &slot.part))?;
            progress.finished();
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&slot.part)
            .map_err(disk("write", &slot.part))?;
        let etag = record.and_then(|record| record.etag);
        let mut part = Self { slot, file, expected, etag, continued: tally.bytes() > 0, tally };
        if part.len() == 0 {
            // Of another content, or of one that nobody knows.
            part.clear()?;
        }
        Ok(part)
    }

    fn len(&self) -> u64 {
        self.tally.bytes()
    }

    /// Back to nothing, ready to be written again.
    fn clear(&mut self) -> Result<(), FetchError> {
        self.etag = None;
        self.tally = Tally::default();
        self.continued = false;
        if regular_length(&self.slot.part).is_some_and(|bytes| bytes > 0) {
            self.file.set_len(0).map_err(disk("write", &self.slot.part))?;
        }
        Ok(())
    }

    /// Back to nothing within a transfer.
    fn begin_anew(&mut self, remote: &Remote, progress: &mut dyn Progress) -> Result<(), FetchError> {
        progress.started(&self.slot.label, remote.bytes, 0);
        self.clear()
    }

    fn delete(&self) -> Result<(), FetchError> {
        remove(&self.slot.part)?;
        remove(&self.slot.part_record)
    }

    /// Notes what the bytes that follow belong to.
    fn note(&mut self, etag: Option<&str>) -> Result<(), FetchError> {
        // A weak mark says "much the same", which is no ground to join bytes on.
        self.etag = etag.filter(|etag| !etag.starts_with("W/")).map(str::to_owned);
        let record = PartRecord { expected: self.expected.clone(), etag: self.etag.clone() };
        write_json(&self.slot.part_record, &record)
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(chunk).map_err(disk("write", &self.slot.part))?;
        self.tally.update(chunk);
        Ok(())
    }
}

impl Fetcher {
    /// Brings one file; its repository is locked.
    pub(super) fn download(
        &self,
        remote: &Remote,
        progress: &mut dyn Progress,
    ) -> Result<Fetched, FetchError> {
        if let Some(fetched) = adopt(remote, progress)? {
            return Ok(fetched);
        }
        let expected = remote.expected.strongest().map(|digest| digest.to_string()).unwrap_or_default();
        let mut part = Part::open(&remote.slot, expected, progress)?;
        let mut begun_anew = false;
        let verified = loop {
            self.complete(remote, &mut part, progress)?;
            let unequal = match remote.expected.check(&part.tally, &remote.slot.part) {
                Ok(verified) => break verified,
                Err(Unequal::Disk(error)) => return Err(error),
                Err(Unequal::Pin { pinned, found }) if remote.expected.published.is_some() => {
                    part.delete()?;
                    let (file, host) = (remote.slot.label.clone(), host_of(&remote.url));
                    return Err(FetchError::PinDiffers { file, host, pinned, published: found });
                }
                Err(unequal) => unequal,
            };
            if !part.continued || begun_anew {
                part.delete()?;
                return Err(unequal.error(
                    &remote.slot.label,
                    &part.tally,
                    "it was deleted: try again later, or without a proxy or mirror",
                ));
            }
            // What lay on disk, or the joint, was bad: the file itself has not been seen yet.
            begun_anew = true;
            progress.retrying("what was there before does not fit the rest; beginning anew", Duration::ZERO);
            part.clear()?;
        };
        let origin = origin_of(remote, &part.tally, verified);
        remote.slot.settle(&remote.slot.part, &part.file, &origin)?;
        progress.finished();
        Ok(fetched(remote, origin, false))
    }

    /// Asks for what is missing of the part, as often as it takes and makes sense.
    fn complete(
        &self,
        remote: &Remote,
        part: &mut Part<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), FetchError> {
        if remote.bytes.is_some_and(|bytes| part.len() > bytes) {
            part.clear()?;
        }
        progress.started(&remote.slot.label, remote.bytes, part.len());
        let mut failures = 0;
        while part.len() == 0 || remote.bytes != Some(part.len()) {
            let before = part.len();
            match self.transfer(remote, part, progress) {
                Ok(()) => return Ok(()),
                Err(trouble) => {
                    let progressed = part.len() >= before.saturating_add(PROGRESS);
                    failures = if progressed { 1 } else { failures + 1 };
                    self.pause(trouble, failures, progress)?;
                }
            }
        }
        Ok(())
    }

    /// Waits before the next try, or gives the error back when there is none.
    pub(super) fn pause(
        &self,
        trouble: Trouble,
        failures: u32,
        progress: &mut dyn Progress,
    ) -> Result<(), FetchError> {
        let settings = self.client.settings();
        let usual = settings.first_pause.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = match trouble.again {
            Again::Never => return Err(*trouble.error),
            _ if failures >= settings.attempts => return Err(*trouble.error),
            Again::Later => usual.min(LONGEST_PAUSE),
            Again::After(pause) => pause,
            Again::Now => Duration::ZERO,
        };
        progress.retrying(&trouble.error.to_string(), pause);
        thread::sleep(pause);
        Ok(())
    }

    /// One request and its answer.
    fn transfer(
        &self,
        remote: &Remote,
        part: &mut Part<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), Trouble> {
        let label = &remote.slot.label;
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        if part.len() > 0 {
            headers.push((header::RANGE, format!("bytes={}-", part.len())));
            if let Some(etag) = &part.etag {
                headers.push((header::IF_RANGE, etag.clone()));
            }
        }
        let reply = self.client.ask(label, &Method::GET, &remote.url, &headers, &|_| false)?;
        let announced = match reply.status {
            200 if reply.is_web_page() => return Err(reply.web_page(label).into()),
            200 => reply.number("content-length"),
            206 if part.len() > 0 => match content_range(&reply) {
                Some((start, total)) if start == part.len() => total,
                _ => {
                    part.begin_anew(remote, progress)?;
                    let reason = "continues at another place than asked for";
                    return Err(protocol(label, &reply.url, reason).again(Again::Now));
                }
            },
            416 if part.len() > 0 => {
                part.begin_anew(remote, progress)?;
                return Err(protocol(label, &reply.url, "has no more than what is there").again(Again::Now));
            }
            _ => return Err(self.client.refusal(label, &reply)),
        };
        if let (Some(expected), Some(found)) = (remote.bytes, announced)
            && expected != found
        {
            let (file, host) = (label.clone(), reply.host());
            let looks_like = looks_like(&reply.into_beginning());
            return Err(FetchError::Length { file, host, expected, found, looks_like }.into());
        }
        if reply.status == 200 && part.len() > 0 {
            // The server cannot continue, or has another content by now: this is the whole, from its beginning.
            part.begin_anew(remote, progress)?;
        }
        let total = remote.bytes.or(announced);
        part.continued |= part.len() > 0;
        part.note(reply.header("etag"))?;
        self.receive(remote, part, reply, total, progress)
    }

    /// Writes the body of `reply` to the end of the part.
    fn receive(
        &self,
        remote: &Remote,
        part: &mut Part<'_>,
        reply: Reply,
        total: Option<u64>,
        progress: &mut dyn Progress,
    ) -> Result<(), Trouble> {
        let label = &remote.slot.label;
        let (url, host) = (reply.url.clone(), reply.host());
        let broke_off = |have: u64, reason: String| match total {
            Some(total) => {
                FetchError::Incomplete { file: label.clone(), host: host.clone(), have, total, reason }
            }
            None => protocol(label, &url, format!("broke off after {have} bytes: {reason}")),
        };
        let too_long = |expected, found| FetchError::Length {
            file: label.clone(),
            host: host.clone(),
            expected,
            found,
            looks_like: None,
        };
        let mut body = reply.into_reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    let (limit, found) = (total.unwrap_or(MAX_UNANNOUNCED), part.len() + read as u64);
                    if found > limit {
                        part.delete()?;
                        return Err(too_long(limit, found).into());
                    }
                    part.write(&chunk[..read])?;
                    progress.advanced(read as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let trouble = self.client.trouble(label, &url, error.into());
                    return Err(match *trouble.error {
                        FetchError::Unreachable { reason, .. } => {
                            broke_off(part.len(), reason).again(Again::Later)
                        }
                        error => error.again(trouble.again),
                    });
                }
            }
        }
        match total {
            Some(total) if part.len() < total => {
                Err(broke_off(part.len(), "the connection was closed".into()).again(Again::Later))
            }
            _ => Ok(()),
        }
    }
}

/// Where an answer with status 206 begins, and the length of the whole.
fn content_range(reply: &Reply) -> Option<(u64, Option<u64>)> {
    let (range, total) = reply.header("content-range")?.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Takes a file that lies in its place without a fitting record, if it is the one that the hub has.
fn adopt(remote: &Remote, progress: &mut dyn Progress) -> Result<Option<Fetched>, FetchError> {
    let slot = &remote.slot;
    let Some(bytes) = slot.length().filter(|bytes| remote.bytes.is_none_or(|published| published == *bytes))
    else {
        return Ok(None);
    };
    progress.checking(&slot.label, bytes);
    let tally = Tally::of_file(&slot.target, &mut |bytes| progress.advanced(bytes))
        .map_err(disk("read", &slot.target))?;
    progress.finished();
    match remote.expected.check(&tally, &slot.target) {
        Ok(verified) => {
            let origin = origin_of(remote, &tally, verified);
            write_json(&slot.origin, &origin)?;
            Ok(Some(fetched(remote, origin, true)))
        }
        Err(Unequal::Disk(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

fn origin_of(remote: &Remote, tally: &Tally, verified: Verified) -> Origin {
    Origin {
        url: remote.url.to_string(),
        commit: remote.commit.clone(),
        sha256: tally.sha256(),
        bytes: tally.bytes(),
        verified,
    }
}

fn fetched(remote: &Remote, origin: Origin, already_there: bool) -> Fetched {
    Fetched { path: remote.slot.target.clone(), name: remote.name.clone(), origin, already_there }
}
