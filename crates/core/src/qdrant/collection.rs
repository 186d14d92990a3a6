//! Requests to a collection, in the form of Qdrant's REST interface (versions 1.10 and later).

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};
use ureq::http::Method;

use super::error::QdrantError;
use super::http::{Client, Reply};
use super::point::Point;
use super::settings::QdrantSettings;
use clipscope_networks::Role;

/// A collection of an engine.
pub struct QdrantCollection {
    client: Client,
    collection: String,
}

/// A search result.
#[derive(Debug, Clone, PartialEq)]
pub struct QdrantHit {
    /// The name of the photo, as it was pushed.
    pub path: String,
    /// Cosine similarity.
    pub score: f32,
}

impl QdrantCollection {
    /// The collection called `collection`. Sends nothing yet.
    ///
    /// # Errors
    /// The address or the name is invalid.
    pub fn new(settings: QdrantSettings, collection: &str) -> Result<Self, QdrantError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let dots = collection.bytes().all(|byte| byte == b'.');
        if dots || collection.len() > 255 || !collection.bytes().all(allowed) {
            return Err(QdrantError::Collection {
                name: collection.to_owned(),
                problem: "not a name that can be part of an address".into(),
                remedy: "use letters, digits, '-', '_' and '.'",
            });
        }
        Ok(Self { client: Client::new(settings)?, collection: collection.to_owned() })
    }

    /// Creates the collection for vectors of `dim` components compared by cosine, or verifies that it is for such, and
    /// indexes role and model, by which searches are filtered.
    ///
    /// # Errors
    /// The collection is for other vectors, or Qdrant refuses or does not answer.
    pub fn ensure(&self, dim: usize) -> Result<(), QdrantError> {
        if !self.check(dim)? {
            let action = "make the collection";
            let body = json!({"vectors": {"size": dim, "distance": "Cosine"}});
            let reply = self.ask(action, &Method::PUT, "", Some(&body))?;
            // Another push may have created it meanwhile, or a first attempt whose answer was lost.
            let there_already =
                reply.status == 409 || (reply.status == 400 && reply.message().contains("already exists"));
            if !there_already {
                self.result(action, &reply)?;
            }
            if !self.check(dim)? {
                return Err(self.odd(action, "it does not exist afterwards"));
            }
        }
        for field in ["role", "model"] {
            let action = "index the payload";
            let body = json!({"field_name": field, "field_schema": "keyword"});
            let reply = self.ask(action, &Method::PUT, "/index?wait=true", Some(&body))?;
            self.result(action, &reply)?;
        }
        Ok(())
    }

    /// Whether the collection exists.
    ///
    /// # Errors
    /// It exists, but not for vectors of `dim` components compared by cosine; or Qdrant refuses or does not answer.
    pub fn check(&self, dim: usize) -> Result<bool, QdrantError> {
        let action = "describe the collection";
        let reply = self.ask(action, &Method::GET, "", None::<&Value>)?;
        if reply.status == 404 {
            return Ok(false);
        }
        let vectors = &self.result(action, &reply)?["config"]["params"]["vectors"];
        let (Some(size), Some(distance)) = (vectors["size"].as_u64(), vectors["distance"].as_str()) else {
            return Err(self.unfit("its vectors have names".into()));
        };
        if size != dim as u64 {
            return Err(self.unfit(format!("made for vectors of {size} components, not {dim}")));
        }
        if distance != "Cosine" {
            return Err(self.unfit(format!("compares by {distance}, not by cosine")));
        }
        Ok(true)
    }

    /// The subset of `ids` that the collection holds.
    ///
    /// # Errors
    /// The engine refuses or does not answer.
    pub(super) fn known(&self, ids: &[&str]) -> Result<HashSet<String>, QdrantError> {
        let action = "look points up";
        let body = json!({"ids": ids, "with_payload": false, "with_vector": false});
        let reply = self.ask(action, &Method::POST, "/points", Some(&body))?;
        let points = self.result(action, &reply)?.as_array();
        let points = points.ok_or_else(|| self.odd(action, "no list of points"))?;
        Ok(points.iter().filter_map(|point| point["id"].as_str().map(str::to_lowercase)).collect())
    }

    /// Writes points; returns once Qdrant has stored them.
    ///
    /// # Errors
    /// The engine refuses or does not answer.
    pub(super) fn upsert(&self, points: &[Point<'_>]) -> Result<(), QdrantError> {
        #[derive(Serialize)]
        struct Body<'a> {
            points: &'a [Point<'a>],
        }
        let action = "take points";
        let reply = self.ask(action, &Method::PUT, "/points?wait=true", Some(&Body { points }))?;
        match self.result(action, &reply)?["status"].as_str() {
            Some("completed" | "acknowledged") => Ok(()),
            other => Err(self.odd(action, format!("their status is {other:?}"))),
        }
    }

    /// The number of vectors of this role and model.
    ///
    /// # Errors
    /// The engine refuses or does not answer.
    pub fn count(&self, role: Role, model: &str) -> Result<u64, QdrantError> {
        let action = "count points";
        let body = json!({"filter": filter(role, model), "exact": true});
        let reply = self.ask(action, &Method::POST, "/points/count", Some(&body))?;
        self.result(action, &reply)?["count"].as_u64().ok_or_else(|| self.odd(action, "no count"))
    }

    /// The `limit` vectors of this role and model nearest to `vector`, `[dim]`, nearest first.
    ///
    /// # Errors
    /// The engine refuses or does not answer.
    pub fn search(
        &self,
        vector: &[f32],
        role: Role,
        model: &str,
        limit: usize,
    ) -> Result<Vec<QdrantHit>, QdrantError> {
        #[derive(Serialize)]
        struct Body<'a> {
            query: &'a [f32],
            filter: Value,
            limit: usize,
            with_payload: [&'a str; 1],
            with_vector: bool,
        }
        let action = "search";
        let body = Body {
            query: vector,
            filter: filter(role, model),
            limit,
            with_payload: ["path"],
            with_vector: false,
        };
        let reply = self.ask(action, &Method::POST, "/points/query", Some(&body))?;
        let points = self.result(action, &reply)?["points"].as_array();
        let points = points.ok_or_else(|| self.odd(action, "no list of points"))?;
        points
            .iter()
            .map(|point| {
                let path = point["payload"]["path"].as_str();
                let path = path.ok_or_else(|| self.odd(action, "a point without a path"))?.to_owned();
                let score =
                    point["score"].as_f64().ok_or_else(|| self.odd(action, "a point without a score"))?;
                Ok(QdrantHit { path, score: score as f32 })
            })
            .collect()
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host(&self) -> &str {
        self.client.host()
    }

    fn ask(
        &self,
        action: &str,
        method: &Method,
        below: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Reply, QdrantError> {
        let path = format!("/collections/{}{below}", self.collection);
        let body = body.map(serde_json::to_vec).transpose();
        let body = body
            .map_err(|error| self.odd(action, format!("the request cannot be written as JSON: {error}")))?;
        self.client.ask(action, method, &path, body.as_deref())
    }

    /// The `result` of a successful answer.
    fn result<'a>(&self, action: &str, reply: &'a Reply) -> Result<&'a Value, QdrantError> {
        if reply.status == 200 {
            let result = reply.body.get("result").filter(|_| reply.body["status"] == "ok");
            return result.ok_or_else(|| self.odd(action, "no result"));
        }
        let remedy = match reply.status {
            401 | 403 => "set QDRANT_API_KEY to a key that may do this",
            404 => "push vectors to the collection first, or check --collection",
            413 => "send less at once with --batch",
            300..=399 => "give the address that it redirects to",
            _ => "see what it says",
        };
        Err(QdrantError::Refused {
            host: self.client.host().to_owned(),
            action: action.to_owned(),
            status: reply.status,
            message: reply.message(),
            remedy,
        })
    }

    fn unfit(&self, problem: String) -> QdrantError {
        QdrantError::Collection {
            name: self.collection.clone(),
            problem,
            remedy: "choose another --collection, or the --models that it was made with",
        }
    }

    fn odd(&self, action: &str, reason: impl Into<String>) -> QdrantError {
        let host = self.client.host().to_owned();
        QdrantError::Protocol { host, action: action.to_owned(), reason: reason.into() }
    }
}

/// Restricts a request to one role of one model: only such vectors can be compared.
fn filter(role: Role, model: &str) -> Value {
    json!({"must": [
        {"key": "role", "match": {"value": role.name()}},
        {"key": "model", "match": {"value": model}},
    ]})
}
