//! A stand-in for Qdrant that takes its REST interface literally: an unknown path, method, field or header is refused and
//! remembered as a violation, as is a batch over the limit. It keeps points and searches them by brute force, and it
//! can be told to fail.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use clipscope_test_support::server::{Answer, Ending, Request, Server};

/// What goes wrong with the next request to write points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused with this status, nothing done.
    Status(u16),
    /// Refused with 429, and told to come back at once.
    TooMany,
    /// Done, but the answer is cut off.
    AnswerLost,
    /// Done, but the answer does not come.
    AnswerStalled,
}

#[derive(Default)]
pub struct State {
    /// Size and distance, once there is a collection.
    pub collection: Option<(u64, String)>,
    pub indexed: Vec<String>,
    pub points: BTreeMap<String, (Vec<f64>, Map<String, Value>)>,
    /// Points of each upsert that was done.
    pub upserts: Vec<usize>,
    pub violations: Vec<String>,
    pub faults: VecDeque<Fault>,
    /// Another client makes the collection right before ours.
    pub raced: bool,
}

pub struct StandIn {
    server: Server,
    pub state: Arc<Mutex<State>>,
}

const NAME: &str = "photos";
const KEY: &str = "secret-key";
pub const LARGEST_BATCH: usize = 7;

impl StandIn {
    /// Without a key no request is answered.
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let server = Server::start({
            let state = Arc::clone(&state);
            move |request| state.lock().unwrap().answer(request)
        });
        Self { server, state }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    pub fn key(&self) -> &'static str {
        KEY
    }

    /// Panics when a request was not in the form of the interface.
    pub fn assert_clean(&self) {
        assert_eq!(self.state.lock().unwrap().violations, Vec::<String>::new());
    }
}

fn ok(result: Value) -> Answer {
    Answer::new(200, json!({"result": result, "status": "ok", "time": 0.001}).to_string())
}

fn no(status: u16, message: &str) -> Answer {
    Answer::new(status, json!({"status": {"error": message}, "time": 0.001}).to_string())
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        if request.header("api-key") != Some(KEY) {
            return no(401, "Must provide an API key or an Authorization bearer token");
        }
        self.route(request).unwrap_or_else(|violation| {
            let message = format!("{} {}: {violation}", request.method, request.target);
            self.violations.push(message.clone());
            no(400, &message)
        })
    }

    fn route(&mut self, request: &Request) -> Result<Answer, String> {
        let target = request.target.strip_prefix("/collections/").ok_or("no such path")?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (name, below) = path.split_once('/').map_or((path, ""), |(name, below)| (name, below));
        if name != NAME {
            return Ok(no(404, &format!("Not found: Collection `{name}` doesn't exist!")));
        }
        let body = if request.method == "GET" {
            Map::new()
        } else {
            if request.header("content-type") != Some("application/json") {
                return Err("not application/json".into());
            }
            serde_json::from_slice(&request.body).map_err(|error| error.to_string())?
        };
        let waits = query == "wait=true";
        if !waits && !query.is_empty() {
            return Err(format!("unknown query {query}"));
        }
        match (request.method.as_str(), below) {
            ("GET", "") => Ok(self.describe()),
            ("PUT", "") => self.create(&body),
            ("PUT", "index") if waits => self.index(&body),
            ("PUT", "points") if waits => self.upsert(&body),
            ("PUT", _) => Err("written without wait=true".into()),
            ("POST", _) if self.collection.is_none() => {
                Ok(no(404, "Not found: Collection `photos` doesn't exist!"))
            }
            ("POST", "points") => self.retrieve(&body),
            ("POST", "points/count") => self.count(&body),
            ("POST", "points/query") => self.query(&body),
            _ => Err("no such path".into()),
        }
    }

    fn describe(&self) -> Answer {
        match &self.collection {
            None => no(404, "Not found: Collection `photos` doesn't exist!"),
            Some((size, distance)) => ok(json!({
                "status": "green", "optimizer_status": "ok", "points_count": self.points.len(), "segments_count": 1,
                "config": {"params": {"vectors": {"size": size, "distance": distance}, "shard_number": 1}},
                "payload_schema": {},
            })),
        }
    }

    fn create(&mut self, body: &Map<String, Value>) -> Result<Answer, String> {
        fields(body, &["vectors"])?;
        let vectors = body["vectors"].as_object().ok_or("vectors is no object")?;
        fields(vectors, &["size", "distance"])?;
        let size = vectors["size"].as_u64().filter(|size| *size > 0).ok_or("size is no positive number")?;
        let distance = vectors["distance"].as_str().ok_or("distance is no text")?.to_owned();
        if !["Cosine", "Euclid", "Dot", "Manhattan"].contains(&distance.as_str()) {
            return Err(format!("unknown distance {distance}"));
        }
        if self.raced || self.collection.is_some() {
            self.collection.get_or_insert((size, distance));
            return Ok(no(409, "Wrong input: Collection `photos` already exists!"));
        }
        self.collection = Some((size, distance));
        Ok(ok(json!(true)))
    }

    fn index(&mut self, body: &Map<String, Value>) -> Result<Answer, String> {
        fields(body, &["field_name", "field_schema"])?;
        if body["field_schema"] != "keyword" {
            return Err("not a keyword index".into());
        }
        self.indexed.push(body["field_name"].as_str().ok_or("field_name is no text")?.to_owned());
        Ok(ok(json!({"operation_id": 1, "status": "completed"})))
    }

    fn upsert(&mut self, body: &Map<String, Value>) -> Result<Answer, String> {
        let fault = self.faults.pop_front();
        match fault {
            Some(Fault::Status(status)) => return Ok(no(status, "told to fail")),
            Some(Fault::TooMany) => return Ok(no(429, "Rate limiting exceeded").header("Retry-After", 0)),
            _ => {}
        }
        fields(body, &["points"])?;
        let points = body["points"].as_array().ok_or("points is no list")?;
        if points.is_empty() || points.len() > LARGEST_BATCH {
            return Err(format!("{} points in one request", points.len()));
        }
        let (size, _) = self.collection.clone().ok_or("no collection")?;
        let mut taken = Vec::new();
        for point in points {
            let point = point.as_object().ok_or("a point is no object")?;
            fields(point, &["id", "vector", "payload"])?;
            let id =
                point["id"].as_str().filter(|id| is_uuid_v5(id)).ok_or("the id is no UUID of version 5")?;
            let vector = numbers(&point["vector"])?;
            if vector.len() as u64 != size {
                return Ok(no(
                    400,
                    &format!(
                        "Wrong input: Vector dimension error: expected dim: {size}, got {}",
                        vector.len()
                    ),
                ));
            }
            let payload = point["payload"].as_object().ok_or("no payload")?;
            for key in ["path", "category", "content_sha256", "role", "model"] {
                payload.get(key).and_then(Value::as_str).ok_or(format!("no {key} in the payload"))?;
            }
            taken.push((id.to_owned(), (vector, payload.clone())));
        }
        self.upserts.push(taken.len());
        self.points.extend(taken);
        let answer = ok(json!({"operation_id": 2, "status": "completed"}));
        Ok(match fault {
            Some(Fault::AnswerLost) => answer.ending(Ending::Cut(9)),
            Some(Fault::AnswerStalled) => answer.ending(Ending::Stall(9)),
            _ => answer,
        })
    }

    fn retrieve(&self, body: &Map<String, Value>) -> Result<Answer, String> {
        fields(body, &["ids", "with_payload", "with_vector"])?;
        let ids = body["ids"].as_array().ok_or("ids is no list")?;
        let found: Vec<Value> = ids
            .iter()
            .filter_map(|id| self.points.get_key_value(id.as_str()?))
            .map(|(id, _)| json!({"id": id}))
            .collect();
        Ok(ok(json!(found)))
    }

    fn count(&self, body: &Map<String, Value>) -> Result<Answer, String> {
        fields(body, &["filter", "exact"])?;
        let count = self.points.values().map(|(_, payload)| passes(&body["filter"], payload));
        let count = count.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|&passes| passes).count();
        Ok(ok(json!({"count": count})))
    }

    fn query(&self, body: &Map<String, Value>) -> Result<Answer, String> {
        fields(body, &["query", "filter", "limit", "with_payload", "with_vector"])?;
        let query = numbers(&body["query"])?;
        let limit = body["limit"].as_u64().filter(|limit| *limit > 0).ok_or("limit is no positive number")?;
        if body["with_payload"] != json!(["path"]) || body["with_vector"] != json!(false) {
            return Err("asks for more than it needs".into());
        }
        let mut found = Vec::new();
        for (id, (vector, payload)) in &self.points {
            if passes(&body["filter"], payload)? {
                found.push((cosine(&query, vector), id, &payload["path"]));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let points: Vec<Value> = found
            .into_iter()
            .take(limit as usize)
            .map(|(score, id, path)| json!({"id": id, "version": 2, "score": score, "payload": {"path": path}}))
            .collect();
        Ok(ok(json!({"points": points})))
    }
}

/// Exactly these fields.
fn fields(object: &Map<String, Value>, expected: &[&str]) -> Result<(), String> {
    let mut found: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    if found == expected { Ok(()) } else { Err(format!("fields {found:?} in place of {expected:?}")) }
}

fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    let list = value.as_array().ok_or("a vector is no list")?;
    list.iter().map(|number| number.as_f64().ok_or_else(|| "a component is no number".to_owned())).collect()
}

/// `{"must": [{"key", "match": {"value"}}]}`.
fn passes(filter: &Value, payload: &Map<String, Value>) -> Result<bool, String> {
    fields(filter.as_object().ok_or("no filter")?, &["must"])?;
    let conditions = filter["must"].as_array().ok_or("must is no list")?;
    let mut passes = true;
    for condition in conditions {
        fields(condition.as_object().ok_or("a condition is no object")?, &["key", "match"])?;
        fields(condition["match"].as_object().ok_or("match is no object")?, &["value"])?;
        let key = condition["key"].as_str().ok_or("key is no text")?;
        passes &= payload.get(key) == Some(&condition["match"]["value"]);
    }
    Ok(passes)
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn is_uuid_v5(id: &str) -> bool {
    let parts: Vec<&str> = id.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        && parts[2].starts_with('5')
        && parts[3].starts_with(['8', '9', 'a', 'b'])
}
