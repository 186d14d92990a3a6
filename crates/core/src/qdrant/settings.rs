//! How to reach a vector engine.

use std::sync::Arc;
use std::time::Duration;

/// Receives a message for the user, not escaped for display.
pub type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// How to reach a vector engine. Not `Debug`, since it may hold a key.
#[derive(Clone)]
pub struct QdrantSettings {
    /// Scheme and host, optionally port and path, such as `http://localhost:6333`.
    pub url: String,
    /// Sent as the header `api-key`, to this address only. Never shown.
    pub api_key: Option<String>,
    /// The longest time to connect.
    pub connect_timeout: Duration,
    /// The longest time to wait for an answer.
    pub answer_timeout: Duration,
    /// Attempts per request, including the first.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles each time.
    pub first_pause: Duration,
    /// The longest pause, even where Qdrant asks for more.
    pub longest_pause: Duration,
    /// Called after every failed attempt that is followed by another.
    pub on_retry: Option<Notice>,
}

impl QdrantSettings {
    /// Patient settings for Qdrant at `url`: 8 attempts within about a minute.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            api_key: None,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(60),
            attempts: 8,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            on_retry: None,
        }
    }
}
