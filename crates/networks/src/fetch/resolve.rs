//! What the hub publishes about a file: hash, length and commit, from a HEAD request.

use std::path::Path;

use ureq::http::{Method, Uri};

use super::{
    digest::ContentDigest,
    error::{FailedAttempt, FetchError},
    expected::ExpectedDigests,
    http::{Client, Reply, message_of},
    paths::FilePaths,
    progress::Progress,
    remote_file::RemoteFile,
    retry,
};

/// A file that the hub has.
pub(super) struct HubFile {
    pub(super) paths: FilePaths,
    pub(super) url: Uri,
    pub(super) expected: ExpectedDigests,
    /// Length in bytes, if known.
    pub(super) bytes: Option<u64>,
    pub(super) commit: Option<String>,
}

/// The hub's answer about a file.
enum HeadAnswer {
    Found { published: Option<ContentDigest>, bytes: Option<u64>, commit: Option<String>, host: String },
    NotFound { host: String, message: String },
}

/// Asks the hub about `file`.
pub(super) fn resolve(
    client: &Client,
    root: &Path,
    file: &RemoteFile,
    progress: &mut dyn Progress,
) -> Result<HubFile, FetchError> {
    let paths = FilePaths::new(root, file);
    let url = client.file_url(&file.repo, &file.revision, &file.path)?;
    let answer = retry::until_success(client.settings(), progress, || head(client, &paths.label, &url))?;
    let (published, bytes, commit, host) = match answer {
        HeadAnswer::Found { published, bytes, commit, host } => (published, bytes, commit, host),
        HeadAnswer::NotFound { host, message } => {
            let repo = format!("{}@{}", file.repo, file.revision);
            return Err(FetchError::NotFound { repo, path: file.path.clone(), host, message });
        }
    };
    let pinned = file.pinned();
    match (&pinned, &published) {
        (Some(pinned), Some(published @ ContentDigest::Sha256(hex))) if **pinned != **hex => {
            return Err(FetchError::PinDiffers {
                file: paths.label,
                host,
                pinned: ContentDigest::Sha256(pinned.as_str().into()),
                published: published.clone(),
            });
        }
        (None, None) => return Err(FetchError::NoHash { file: paths.label, host }),
        _ => {}
    }
    // A pinned file has the length on its card, even if the hub publishes none.
    let bytes = bytes.or(file.bytes.filter(|_| pinned.is_some()));
    let expected = ExpectedDigests { pinned, published, carried: None };
    Ok(HubFile { paths, url, expected, bytes, commit })
}

/// Sends the HEAD request. The headers that count are those of the hub's own answer, which for a large file is a redirect
/// to its storage. A renamed repository or a mirror redirects without them and is followed.
fn head(client: &Client, label: &str, url: &Uri) -> Result<HeadAnswer, FailedAttempt> {
    let described = |reply: &Reply| reply.header("x-linked-etag").is_some();
    let reply = client.ask(label, &Method::HEAD, url, &[], &described)?;
    let host = reply.host();
    let commit = reply.header("x-repo-commit").map(str::to_owned);
    if described(&reply) {
        let published = reply.header("x-linked-etag").and_then(ContentDigest::from_etag);
        return Ok(HeadAnswer::Found { published, bytes: reply.number("x-linked-size"), commit, host });
    }
    match reply.status {
        200 if commit.is_none() && reply.is_web_page() => Err(reply.web_page(label).into()),
        // The ETag is a hash of the content only in the hub's own answer: storage servers use the same form for others.
        200 if commit.is_some() => Ok(HeadAnswer::Found {
            published: reply.header("etag").and_then(ContentDigest::from_etag),
            bytes: reply.number("content-length"),
            commit,
            host,
        }),
        200 => Ok(HeadAnswer::Found { published: None, bytes: None, commit, host }),
        404 => Ok(HeadAnswer::NotFound { host, message: message_of(&reply) }),
        _ => Err(client.refusal(label, &reply)),
    }
}
