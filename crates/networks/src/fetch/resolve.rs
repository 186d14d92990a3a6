//! What the hub publishes about a file: hash, length and commit, from a HEAD request.

use ureq::http::{Method, Uri};

use super::{
    Fetcher, Progress, RemoteFile, Slot,
    digest::Digest,
    error::{FetchError, Trouble},
    http::{Client, Reply, message_of},
    store::Expected,
};

/// A file that the hub has.
pub(super) struct Remote {
    /// Which of the paths of its [`RemoteFile`] it is.
    pub(super) name: String,
    pub(super) slot: Slot,
    pub(super) url: Uri,
    pub(super) expected: Expected,
    /// Length, if published.
    pub(super) bytes: Option<u64>,
    pub(super) commit: Option<String>,
}

/// An answer about one path.
enum Head {
    Found { published: Option<Digest>, bytes: Option<u64>, commit: Option<String>, host: String },
    NotThere { host: String, message: String },
}

impl Fetcher {
    /// Asks the hub for the first path of `file` that exists.
    pub(super) fn resolve(
        &self,
        file: &RemoteFile,
        progress: &mut dyn Progress,
    ) -> Result<Remote, FetchError> {
        let mut last = (String::new(), String::new());
        for name in file.paths() {
            let slot = Slot::new(&self.root, &file.repo, name);
            let url = self.client.file_url(&file.repo, &file.revision, name)?;
            match self.insist(progress, || head(&self.client, &slot.label, &url))? {
                Head::NotThere { host, message } => last = (host, message),
                Head::Found { published, bytes, commit, host } => {
                    let pinned = file.pinned(name);
                    if let (Some(pinned), Some(published @ Digest::Sha256(hex))) = (&pinned, &published)
                        && **pinned != **hex
                    {
                        return Err(FetchError::PinDiffers {
                            file: slot.label,
                            host,
                            pinned: Digest::Sha256(pinned.as_str().into()),
                            published: published.clone(),
                        });
                    }
                    if pinned.is_none() && published.is_none() {
                        return Err(FetchError::NoHash { file: slot.label, host });
                    }
                    // A pinned file has the length on its card, also when the hub says none.
                    let bytes = bytes.or(file.bytes.filter(|_| pinned.is_some()));
                    let expected = Expected { pinned, published, carried: None };
                    return Ok(Remote { name: name.clone(), slot, url, expected, bytes, commit });
                }
            }
        }
        Err(FetchError::NotFound {
            repo: format!("{}@{}", file.repo, file.revision),
            tried: file.paths().map(String::as_str).collect::<Vec<_>>().join(" or "),
            host: last.0,
            message: last.1,
        })
    }

    /// Tries until it works, or cannot, or was tried often enough.
    fn insist<T>(
        &self,
        progress: &mut dyn Progress,
        mut attempt: impl FnMut() -> Result<T, Trouble>,
    ) -> Result<T, FetchError> {
        let mut failures = 0;
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(trouble) => {
                    failures += 1;
                    self.pause(trouble, failures, progress)?;
                }
            }
        }
    }
}

/// Asks about one path. The headers that count stand on the hub's own answer, which for a large file is a redirect to
/// where its content is stored; a renamed repository or a mirror redirects without them, and is followed.
fn head(client: &Client, label: &str, url: &Uri) -> Result<Head, Trouble> {
    let described = |reply: &Reply| reply.header("x-linked-etag").is_some();
    let reply = client.ask(label, &Method::HEAD, url, &[], &described)?;
    let host = reply.host();
    let commit = reply.header("x-repo-commit").map(str::to_owned);
    if described(&reply) {
        let published = reply.header("x-linked-etag").and_then(Digest::from_etag);
        return Ok(Head::Found { published, bytes: reply.number("x-linked-size"), commit, host });
    }
    match reply.status {
        200 if commit.is_none() && reply.is_web_page() => Err(reply.web_page(label).into()),
        // Only on the hub's own answer is the ETag a hash of the content: storage servers use the same form for others.
        200 if commit.is_some() => Ok(Head::Found {
            published: reply.header("etag").and_then(Digest::from_etag),
            bytes: reply.number("content-length"),
            commit,
            host,
        }),
        200 => Ok(Head::Found { published: None, bytes: None, commit, host }),
        404 => Ok(Head::NotThere { host, message: message_of(&reply) }),
        _ => Err(client.refusal(label, &reply)),
    }
}
