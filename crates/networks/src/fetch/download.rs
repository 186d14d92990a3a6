//! The download of one file: requested, continued, retried, compared and put into place.

use std::{
    io::{self, Read},
    time::Duration,
};

use ureq::http::{HeaderName, Method, header};

use super::{
    digest::{Tally, looks_like},
    error::{FailedAttempt, FetchError, Retry},
    expected::ContentMismatch,
    hashed::hashed,
    http::{Client, Reply, host_of, protocol},
    origin::{Fetched, Origin, Verified},
    part::PartialFile,
    paths::write_json,
    progress::Progress,
    resolve::HubFile,
    retry,
};

const CHUNK: usize = 128 * 1024;
/// Bytes after which an attempt counts as progress, so that earlier failures are forgotten.
const PROGRESS: u64 = 1024 * 1024;
/// Longest file without a length on its card or in the answer. Tokenizers have a few megabytes.
const MAX_UNANNOUNCED: u64 = 256 << 20;

/// Downloads one file, or finds it complete on disk. Its repository must be locked.
pub(super) fn download(
    client: &Client,
    hub_file: &HubFile,
    progress: &mut dyn Progress,
) -> Result<Fetched, FetchError> {
    if let Some(fetched) = adopt(hub_file, progress)? {
        return Ok(fetched);
    }
    let paths = &hub_file.paths;
    let expected = hub_file.expected.strongest().map(|digest| digest.to_string()).unwrap_or_default();
    let mut download =
        Download { client, hub_file, part: PartialFile::open(paths, expected, progress)?, progress };
    let mut restarted = false;
    let verified = loop {
        download.complete()?;
        let part = &mut download.part;
        let mismatch = match hub_file.expected.check(&part.tally, &paths.part) {
            Ok(verified) => break verified,
            Err(ContentMismatch::Disk(error)) => return Err(error),
            Err(ContentMismatch::Pin { pinned, found }) if hub_file.expected.published.is_some() => {
                part.delete()?;
                let (file, host) = (paths.label.clone(), host_of(&hub_file.url));
                return Err(FetchError::PinDiffers { file, host, pinned, published: found });
            }
            Err(mismatch) => mismatch,
        };
        if !part.continued || restarted {
            part.delete()?;
            return Err(mismatch.into_error(
                &paths.label,
                &part.tally,
                "it was deleted: try again later, or without a proxy or mirror",
            ));
        }
        // The earlier part may be to blame, so the file is downloaded once in one piece.
        restarted = true;
        download.progress.retrying("the earlier part does not fit the rest; starting over", Duration::ZERO);
        download.part.clear()?;
    };
    let origin = origin_of(hub_file, &download.part.tally, verified);
    paths.put_in_place(&paths.part, &download.part.file, &origin)?;
    download.progress.finished();
    Ok(Fetched { path: paths.target.clone(), origin, already_there: false })
}

/// A download in progress.
struct Download<'a> {
    client: &'a Client,
    hub_file: &'a HubFile,
    part: PartialFile<'a>,
    progress: &'a mut dyn Progress,
}

impl Download<'_> {
    /// Requests what is missing of the part until it is complete, or an attempt fails for good.
    fn complete(&mut self) -> Result<(), FetchError> {
        let bytes = self.hub_file.bytes;
        if bytes.is_some_and(|bytes| self.part.len() > bytes) {
            self.part.clear()?;
        }
        self.progress.started(&self.hub_file.paths.label, bytes, self.part.len());
        let mut failures = 0;
        while self.part.len() == 0 || bytes != Some(self.part.len()) {
            if !self.progress.goes_on() {
                return Err(FetchError::Stopped);
            }
            let before = self.part.len();
            match self.transfer() {
                Ok(()) => return Ok(()),
                Err(failed) => {
                    let progressed = self.part.len() >= before.saturating_add(PROGRESS);
                    failures = if progressed { 1 } else { failures + 1 };
                    retry::pause(self.client.settings(), failed, failures, self.progress)?;
                }
            }
        }
        Ok(())
    }

    /// Empties the part in the middle of a transfer.
    fn start_over(&mut self) -> Result<(), FetchError> {
        self.progress.started(&self.hub_file.paths.label, self.hub_file.bytes, 0);
        self.part.clear()
    }

    /// Sends one request and writes what is answered to the part.
    fn transfer(&mut self) -> Result<(), FailedAttempt> {
        let HubFile { paths, url, bytes, .. } = self.hub_file;
        let label = &paths.label;
        let have = self.part.len();
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        if have > 0 {
            headers.push((header::RANGE, format!("bytes={have}-")));
            if let Some(etag) = &self.part.etag {
                headers.push((header::IF_RANGE, etag.clone()));
            }
        }
        let reply = self.client.ask(label, &Method::GET, url, &headers, &|_| false)?;
        let announced = match reply.status {
            200 if reply.is_web_page() => return Err(reply.web_page(label).into()),
            200 => reply.number("content-length"),
            206 if have > 0 => match content_range(&reply) {
                Some((start, total)) if start == have => total,
                _ => {
                    self.start_over()?;
                    let reason = "sent another range than the one asked for";
                    return Err(protocol(label, &reply.url, reason).retry(Retry::Now));
                }
            },
            416 if have > 0 => {
                self.start_over()?;
                let reason = "says that nothing is left to send";
                return Err(protocol(label, &reply.url, reason).retry(Retry::Now));
            }
            _ => return Err(self.client.refusal(label, &reply)),
        };
        if let (&Some(expected), Some(found)) = (bytes, announced)
            && expected != found
        {
            let (file, host) = (label.clone(), reply.host());
            let looks_like = looks_like(&reply.into_beginning());
            return Err(FetchError::Length { file, host, expected, found, looks_like }.into());
        }
        if reply.status == 200 && have > 0 {
            // The server cannot continue, or the content changed: this answer is the whole file.
            self.start_over()?;
        }
        let total = bytes.or(announced);
        self.part.continued |= self.part.len() > 0;
        self.part.record(reply.header("etag"))?;
        self.receive(reply, total)
    }

    /// Appends the body of `reply` to the part. `total` is the length that the part must then have, if known.
    fn receive(&mut self, reply: Reply, total: Option<u64>) -> Result<(), FailedAttempt> {
        let label = &self.hub_file.paths.label;
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
                    let (limit, found) = (total.unwrap_or(MAX_UNANNOUNCED), self.part.len() + read as u64);
                    if found > limit {
                        self.part.delete()?;
                        return Err(too_long(limit, found).into());
                    }
                    self.part.write(&chunk[..read])?;
                    self.progress.advanced(read as u64);
                    if !self.progress.goes_on() {
                        return Err(FetchError::Stopped.into());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let failed = self.client.failure(label, &url, error.into());
                    return Err(match *failed.error {
                        FetchError::Unreachable { reason, .. } => {
                            broke_off(self.part.len(), reason).retry(Retry::Later)
                        }
                        error => error.retry(failed.retry),
                    });
                }
            }
        }
        match total {
            Some(total) if self.part.len() < total => {
                Err(broke_off(self.part.len(), "the connection was closed".into()).retry(Retry::Later))
            }
            _ => Ok(()),
        }
    }
}

/// The start of the range in an answer with status 206, and the length of the whole.
fn content_range(reply: &Reply) -> Option<(u64, Option<u64>)> {
    let (range, total) = reply.header("content-range")?.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Accepts a file that is in place without a matching record, if it is the one that the hub has.
fn adopt(hub_file: &HubFile, progress: &mut dyn Progress) -> Result<Option<Fetched>, FetchError> {
    let paths = &hub_file.paths;
    let fits = |bytes: &u64| hub_file.bytes.is_none_or(|published| published == *bytes);
    let Some(bytes) = paths.length().filter(fits) else { return Ok(None) };
    let tally = hashed(paths, &paths.target, bytes, progress)?;
    match hub_file.expected.check(&tally, &paths.target) {
        Ok(verified) => {
            let origin = origin_of(hub_file, &tally, verified);
            write_json(&paths.origin, &origin)?;
            Ok(Some(Fetched { path: paths.target.clone(), origin, already_there: true }))
        }
        Err(ContentMismatch::Disk(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

fn origin_of(hub_file: &HubFile, tally: &Tally, verified: Verified) -> Origin {
    Origin {
        url: hub_file.url.to_string(),
        commit: hub_file.commit.clone(),
        sha256: tally.sha256(),
        bytes: tally.bytes(),
        verified,
    }
}
