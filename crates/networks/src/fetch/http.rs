//! Requests: who gets the token, which proxy is used, which redirects are followed, and what an answer means.
//!
//! Redirects are followed here and not by the client library, because the token (sent to the endpoint's own origin only)
//! and the proxy are chosen for each hop. Must not know: files on disk.

use std::{
    io::{self, Read},
    time::Duration,
};

use ureq::{
    Agent, Body, Error, Proxy, Timeout,
    http::{HeaderMap, HeaderValue, Method, Request, Uri, header},
    tls::{RootCerts, TlsConfig},
};

use super::{
    error::{FailedAttempt, FetchError, Retry},
    settings::FetchSettings,
};

const MAX_REDIRECTS: usize = 10;
/// Longest pause that a server may ask for. Beyond it the fetch ends with an error.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Sends requests and reuses connections.
pub(super) struct Client {
    settings: FetchSettings,
    direct: Agent,
    https: Option<Agent>,
    http: Option<Agent>,
}

/// The answer of a server.
pub(super) struct Reply {
    /// The address that answered, after redirects.
    pub(super) url: Uri,
    /// HTTP status.
    pub(super) status: u16,
    headers: HeaderMap,
    body: Body,
}

impl Reply {
    /// A header, if it exists and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header, if it is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.header(name).and_then(|value| value.trim().parse().ok())
    }

    pub(super) fn host(&self) -> String {
        host_of(&self.url)
    }

    pub(super) fn is_web_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.trim_start().starts_with("text/html"))
    }

    pub(super) fn into_reader(self) -> impl Read {
        self.body.into_reader()
    }

    /// The first bytes of the content, for a message.
    pub(super) fn into_beginning(self) -> Vec<u8> {
        let mut beginning = Vec::new();
        let _ = self.into_reader().take(4096).read_to_end(&mut beginning);
        beginning
    }

    /// The error for a web page instead of a file.
    pub(super) fn web_page(self, file: &str) -> FetchError {
        let host = self.host();
        let title = title_of(&String::from_utf8_lossy(&self.into_beginning()));
        FetchError::WebPage { file: file.into(), host, title }
    }
}

fn title_of(page: &str) -> String {
    // Lowercasing only ASCII keeps every position.
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|tag| {
        let start = tag + lower[tag..].find('>')? + 1;
        Some(&page[start..start + lower[start..].find("</title")?])
    });
    let words: Vec<&str> = title.unwrap_or_default().split_whitespace().collect();
    words.join(" ").chars().take(80).collect()
}

pub(super) fn host_of(url: &Uri) -> String {
    // It has no user name: such addresses are refused as endpoint and as target of a redirect.
    url.authority().map_or_else(String::new, |authority| authority.as_str().to_owned())
}

impl Client {
    pub(super) fn new(settings: FetchSettings) -> Self {
        let agent = |proxy: Option<&Proxy>| {
            let mut tls = TlsConfig::builder();
            if let Some(roots) = &settings.roots {
                tls = tls.root_certs(RootCerts::new_with_certs(roots));
            }
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .proxy(proxy.cloned())
                .tls_config(tls.build())
                .user_agent(concat!("clipscope/", env!("CARGO_PKG_VERSION")))
                // Hashes and lengths are those of the file without compression.
                .accept_encoding("identity")
                .timeout_resolve(Some(settings.connect_timeout))
                .timeout_connect(Some(settings.connect_timeout))
                .timeout_send_request(Some(settings.read_timeout))
                .timeout_recv_response(Some(settings.read_timeout))
                .timeout_per_read(Some(settings.read_timeout))
                .build()
                .new_agent()
        };
        let direct = agent(None);
        let https = settings.proxies.https.as_ref().map(|proxy| agent(Some(proxy)));
        let http = settings.proxies.http.as_ref().map(|proxy| agent(Some(proxy)));
        Self { direct, https, http, settings }
    }

    pub(super) fn settings(&self) -> &FetchSettings {
        &self.settings
    }

    /// The address of a file of a repository.
    pub(super) fn file_url(&self, repo: &str, revision: &str, path: &str) -> Result<Uri, FetchError> {
        let address = format!(
            "{}/{}/resolve/{}/{}",
            self.settings.endpoint,
            encoded(repo, Slashes::Keep),
            encoded(revision, Slashes::Encode),
            encoded(path, Slashes::Keep)
        );
        address.parse().map_err(|_| FetchError::Name {
            name: format!("{repo}/{path}"),
            reason: "it cannot be part of an address",
        })
    }

    /// Sends a request to `url` and follows redirects until the answer is none, or `enough` accepts it.
    pub(super) fn ask(
        &self,
        file: &str,
        method: &Method,
        url: &Uri,
        headers: &[(header::HeaderName, String)],
        enough: &dyn Fn(&Reply) -> bool,
    ) -> Result<Reply, FailedAttempt> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let reply = self.ask_once(file, method, &url, headers)?;
            if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) || enough(&reply) {
                return Ok(reply);
            }
            url = redirected(file, &reply)?;
        }
        Err(protocol(file, &url, format!("redirects more than {MAX_REDIRECTS} times")).into())
    }

    fn ask_once(
        &self,
        file: &str,
        method: &Method,
        url: &Uri,
        headers: &[(header::HeaderName, String)],
    ) -> Result<Reply, FailedAttempt> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(token) = self.token_for(url) {
            request = request.header(header::AUTHORIZATION, token);
        }
        let request = request.body(()).map_err(|error| protocol(file, url, error.to_string()))?;
        let (agent, _) = self.route(url);
        let response = agent.run(request).map_err(|error| self.failure(file, url, error))?;
        let (parts, body) = response.into_parts();
        Ok(Reply { url: url.clone(), status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// The token, if `url` has the endpoint's own scheme, host and port.
    fn token_for(&self, url: &Uri) -> Option<&HeaderValue> {
        let endpoint: Uri = self.settings.endpoint.parse().ok()?;
        self.settings.authorization.as_ref().filter(|_| origin(url) == origin(&endpoint))
    }

    /// The agent for an address, and its proxy as host and port.
    fn route(&self, url: &Uri) -> (&Agent, Option<String>) {
        let proxies = &self.settings.proxies;
        let (agent, proxy) = match url.scheme_str() {
            Some("https") => (&self.https, &proxies.https),
            _ => (&self.http, &proxies.http),
        };
        match (agent, proxy) {
            (Some(agent), Some(proxy)) if !proxies.bypassed(url) => {
                (agent, Some(format!("{}:{}", proxy.host(), proxy.port())))
            }
            _ => (&self.direct, None),
        }
    }

    /// What a failed request, or a failed read from a body, means.
    pub(super) fn failure(&self, file: &str, url: &Uri, error: Error) -> FailedAttempt {
        let (file, host, via) = (file.to_owned(), host_of(url), self.route(url).1);
        let (connect, read) = (self.settings.connect_timeout, self.settings.read_timeout);
        let unreachable = |reason: String| FetchError::Unreachable {
            file: file.clone(),
            host: host.clone(),
            via: via.clone(),
            reason,
        };
        match error {
            Error::Timeout(phase) => {
                let (what, after) = match phase {
                    Timeout::Resolve | Timeout::Connect => ("did not accept a connection", connect),
                    Timeout::PerRead | Timeout::RecvBody => ("sent nothing more", read),
                    _ => ("did not answer", read),
                };
                FetchError::TimedOut { file, host, via, what, after }.retry(Retry::Later)
            }
            Error::HostNotFound => unreachable("its name cannot be resolved".into()).retry(Retry::Later),
            // This is how rustls reports a certificate that it does not trust.
            Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                unreachable(untrusted(&error)).into()
            }
            Error::Rustls(error) => unreachable(untrusted(&error)).into(),
            Error::Io(error) => unreachable(error.to_string()).retry(Retry::Later),
            Error::ConnectProxyFailed(reason) => unreachable(reason).into(),
            Error::Protocol(error) => {
                protocol(&file, url, format!("sent an invalid HTTP response: {error}")).retry(Retry::Later)
            }
            error => unreachable(error.to_string()).into(),
        }
    }

    /// What an answer with an error status means.
    pub(super) fn refusal(&self, file: &str, reply: &Reply) -> FailedAttempt {
        let asked = reply.number("retry-after").map(Duration::from_secs);
        let (remedy, retry) = match reply.status {
            401 if self.settings.authorization.is_some() => (
                "HF_TOKEN is not accepted: create a new one in the settings of your account on the hub"
                    .into(),
                Retry::Never,
            ),
            401 | 403 => (
                "accept the terms on the repository's page, then set HF_TOKEN to a token that may read it"
                    .into(),
                Retry::Never,
            ),
            status @ (408 | 429 | 500 | 502 | 503 | 504) => match asked {
                Some(pause) if pause > LONGEST_PAUSE => (
                    format!("it asks for a pause of {} s: try again after that", pause.as_secs()),
                    Retry::Never,
                ),
                Some(pause) => ("try again later".into(), Retry::After(pause)),
                None if status == 429 => {
                    ("too many requests: try again in a few minutes".into(), Retry::Later)
                }
                None => ("try again later".into(), Retry::Later),
            },
            _ => ("check HF_ENDPOINT and the proxy".into(), Retry::Never),
        };
        let message = message_of(reply);
        FetchError::Refused { file: file.into(), host: reply.host(), status: reply.status, message, remedy }
            .retry(retry)
    }
}

/// The hub's own message about an error; empty without one.
pub(super) fn message_of(reply: &Reply) -> String {
    let message =
        reply.header("x-error-message").or_else(|| reply.header("x-error-code")).unwrap_or_default();
    message.chars().take(200).collect()
}

pub(super) fn protocol(file: &str, url: &Uri, reason: impl Into<String>) -> FetchError {
    FetchError::Protocol { file: file.into(), host: host_of(url), reason: reason.into() }
}

fn untrusted(error: &dyn std::fmt::Display) -> String {
    format!("{error} (if a proxy decrypts TLS, set SSL_CERT_FILE to its certificate)")
}

/// Scheme, host and port.
fn origin(url: &Uri) -> (Option<&str>, String, Option<u16>) {
    let standard = match url.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    };
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    (url.scheme_str(), host, url.port_u16().or(standard))
}

/// The target of a redirect, which must be https, or http if the request was.
fn redirected(file: &str, reply: &Reply) -> Result<Uri, FetchError> {
    let fail = |reason: &str| protocol(file, &reply.url, reason);
    let location = reply.header("location").ok_or_else(|| fail("redirects without an address"))?;
    let scheme = reply.url.scheme_str().unwrap_or("https");
    let absolute = location
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let address = if absolute {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{}{location}", host_of(&reply.url))
    } else {
        let folder = reply.url.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{}{folder}/{location}", host_of(&reply.url))
    };
    let target: Uri = address.parse().map_err(|_| fail("redirects to an invalid address"))?;
    match target.scheme_str() {
        Some("https") => {}
        Some("http") if scheme == "http" => {}
        _ => return Err(fail("redirects to an address without encryption")),
    }
    if target.authority().is_none_or(|authority| authority.as_str().contains('@')) {
        return Err(fail("redirects to an address with a user name"));
    }
    Ok(target)
}

/// What happens to slashes in a part of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slashes {
    Keep,
    Encode,
}

/// `text` percent-encoded for an address.
fn encoded(text: &str, slashes: Slashes) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            b'/' if slashes == Slashes::Keep => "/".into(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page_is_found_whatever_its_case_and_length() {
        assert_eq!(title_of("<HTML><Title lang=en>Log\n in </TITLE>"), "Log in");
        assert_eq!(title_of("<title>İstanbul</title>"), "İstanbul");
        assert_eq!(title_of("<title>never closed"), "");
        assert_eq!(title_of(&format!("<title>{}</title>", "a".repeat(500))).len(), 80);
    }

    #[test]
    fn addresses_keep_names_apart() {
        assert_eq!(encoded("2_Dense/a b#?.bin", Slashes::Keep), "2_Dense/a%20b%23%3F.bin");
        assert_eq!(encoded("refs/pr/1", Slashes::Encode), "refs%2Fpr%2F1");
    }
}
