//! One request to Qdrant and its answer, repeated where that can help.
//!
//! Every request may be repeated: it reads, or a second write changes nothing. Redirects are not followed, so that the key
//! goes to the given address only.

use std::time::Duration;

use serde_json::Value;
use ureq::{
    Agent, Error,
    http::{Method, Request, Uri, header::CONTENT_TYPE},
};

use super::error::QdrantError;
use super::settings::QdrantSettings;

/// Upper bound on the length of an answer, in bytes.
const LONGEST_ANSWER: u64 = 64 << 20;

/// A connection to one engine, kept open between requests.
pub(super) struct Client {
    settings: QdrantSettings,
    /// The address without a trailing slash.
    base: String,
    host: String,
    agent: Agent,
}

/// A complete answer.
pub(super) struct Reply {
    pub(super) status: u16,
    /// `null` if the body is not JSON.
    pub(super) body: Value,
}

impl Reply {
    /// The engine's message with a refusal.
    pub(super) fn message(&self) -> String {
        let message = self.body["status"]["error"].as_str().or_else(|| self.body["error"].as_str());
        message.unwrap_or_default().chars().take(300).collect()
    }
}

/// A failed attempt.
struct Failed {
    reason: String,
    /// The pause that Qdrant asks for.
    pause: Option<Duration>,
}

impl Client {
    pub(super) fn new(settings: QdrantSettings) -> Result<Self, QdrantError> {
        let base = settings.url.trim().trim_end_matches('/').to_owned();
        // The part before an @ may be a password.
        let shown = base.rsplit_once('@').map_or(base.as_str(), |(_, host)| host).to_owned();
        let fail = |reason| QdrantError::Address { url: shown.clone(), reason };
        let uri: Uri = base.parse().map_err(|_| fail("not an address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(fail("it does not begin with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| fail("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(fail("it holds a user name; put a key into QDRANT_API_KEY"));
        }
        if uri.query().is_some() {
            return Err(fail("it holds a question mark"));
        }
        let host = authority.as_str().to_owned();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("clipscope/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(settings.connect_timeout))
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_send_request(Some(settings.answer_timeout))
            .timeout_send_body(Some(settings.answer_timeout))
            .timeout_recv_response(Some(settings.answer_timeout))
            .timeout_recv_body(Some(settings.answer_timeout))
            .build()
            .new_agent();
        Ok(Self { settings, base, host, agent })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request, and repeats it while Qdrant is busy or unreachable. `action` completes "refuses to …".
    ///
    /// Returns every answer that another attempt would not change, including refusals.
    pub(super) fn ask(
        &self,
        action: &str,
        method: &Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Reply, QdrantError> {
        let mut pause = self.settings.first_pause;
        let mut tries = 1;
        loop {
            let failed = match self.try_once(method, path, body)? {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if tries >= self.settings.attempts {
                let (host, action) = (self.host.clone(), action.to_owned());
                return Err(QdrantError::Unreachable { host, action, reason: failed.reason, tries });
            }
            let wait = failed.pause.unwrap_or(pause).min(self.settings.longest_pause);
            if let Some(tell) = &self.settings.on_retry {
                tell(&format!(
                    "{} (to {action}); trying again in {:.1} s",
                    failed.reason,
                    wait.as_secs_f32()
                ));
            }
            std::thread::sleep(wait);
            pause = pause.saturating_mul(2).min(self.settings.longest_pause);
            tries += 1;
        }
    }

    fn try_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Result<Reply, Failed>, QdrantError> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.settings.api_key {
            request = request.header("api-key", key);
        }
        let address = |reason| QdrantError::Address { url: self.host.clone(), reason };
        let not_sendable = |_| address("the address or QDRANT_API_KEY holds a character that cannot be sent");
        let answer = match body {
            Some(body) => {
                let request = request.header(CONTENT_TYPE, "application/json");
                self.agent.run(request.body(body).map_err(not_sendable)?)
            }
            None => self.agent.run(request.body(()).map_err(not_sendable)?),
        };
        let failed = |error: Error| Failed { reason: reason(error), pause: None };
        let mut answer = match answer {
            Ok(answer) => answer,
            // Another attempt does not make a certificate trusted.
            Err(Error::Rustls(error)) => {
                let (host, action) = (self.host.clone(), "be connected to".to_owned());
                return Err(QdrantError::Unreachable { host, action, reason: error.to_string(), tries: 1 });
            }
            Err(error) => return Ok(Err(failed(error))),
        };
        let status = answer.status().as_u16();
        let number = |name: &str| answer.headers().get(name)?.to_str().ok()?.trim().parse().ok();
        let pause = number("retry-after").map(Duration::from_secs);
        let bytes = match answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec() {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(failed(error))),
        };
        let reply = Reply { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) };
        Ok(match status {
            408 | 429 | 500 | 502 | 503 | 504 => {
                let reason = format!("it answers {status} {}", reply.message());
                Err(Failed { reason: reason.trim_end().to_owned(), pause })
            }
            _ => Ok(reply),
        })
    }
}

fn reason(error: Error) -> String {
    match error {
        Error::Timeout(_) => "it does not answer in time".to_owned(),
        Error::HostNotFound => "its name cannot be resolved".to_owned(),
        error => error.to_string(),
    }
}
