//! Who sees the token, and which way requests go.

use clipscope_networks::fetch::{FetchError, Fetched, Fetcher};
use clipscope_test_support::server::{Answer, Request, Server};

use super::{
    Cache, Recorder,
    hub::{Hub, content, file, large},
    impatient,
};

fn hub() -> Hub {
    Hub::new(vec![large("weights.bin", content(1_000, 5))])
}

/// Fetches `weights.bin` as the environment `variables` says.
fn fetch(cache: &Cache, variables: &[(&str, String)]) -> Result<Vec<Fetched>, FetchError> {
    let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let builder = Fetcher::builder(cache.root()).variables(&find)?;
    impatient(builder).build().fetch("reference", &[file("weights.bin")], &mut Recorder::default())
}

fn tokens(requests: &[Request]) -> Vec<Option<&str>> {
    requests.iter().map(|request| request.header("authorization")).collect()
}

#[test]
fn the_token_goes_to_the_endpoint_and_not_along_a_redirect_elsewhere() {
    let storage = hub();
    let hub = Hub::storing_at(vec![large("weights.bin", content(1_000, 5))], &storage.server.url());
    let token = ("HF_TOKEN", " hf_secret\n".to_owned());
    fetch(&Cache::new(), &[("HF_ENDPOINT", hub.server.url()), token]).unwrap();
    assert_eq!(tokens(&hub.server.requests()), [Some("Bearer hf_secret"); 2]);
    assert_eq!(tokens(&storage.server.requests()), [None]);
}

#[test]
fn the_token_stays_on_redirects_within_the_endpoint() {
    let hub = hub();
    fetch(&Cache::new(), &[("HF_ENDPOINT", hub.server.url()), ("HF_TOKEN", "t".into())]).unwrap();
    assert_eq!(tokens(&hub.server.requests()), [Some("Bearer t"); 3]);
}

#[test]
fn no_token_is_made_up() {
    let hub = hub();
    fetch(&Cache::new(), &[("HF_ENDPOINT", hub.server.url()), ("HF_TOKEN", String::new())]).unwrap();
    assert_eq!(tokens(&hub.server.requests()), [None; 3]);
}

#[test]
fn a_token_that_is_refused_is_not_shown() {
    let server = Server::start(|_| Answer::new(401, ""));
    let variables = [("HF_ENDPOINT", server.url()), ("HF_TOKEN", "hf_secret".into())];
    let message = fetch(&Cache::new(), &variables).unwrap_err().to_string();
    assert!(message.contains("HF_TOKEN is not accepted"), "{message}");
    assert!(!message.contains("hf_secret"), "{message}");
}

#[test]
fn a_proxy_is_used_where_one_is_set() {
    let hub = hub();
    let proxy = Server::start_proxy(hub.server.address());
    // A name that only the proxy can make sense of.
    let variables = [("HF_ENDPOINT", "http://hub.invalid".to_owned()), ("http_proxy", proxy.url())];
    fetch(&Cache::new(), &variables).unwrap();
    let tunnels: Vec<_> = proxy.requests().into_iter().map(|request| request.target).collect();
    assert!(!tunnels.is_empty() && tunnels.iter().all(|target| target == "hub.invalid:80"), "{tunnels:?}");
    assert_eq!(hub.server.requests().len(), 3);
}

#[test]
fn a_proxy_for_the_other_scheme_and_one_for_other_hosts_are_not_used() {
    let hub = hub();
    let proxy = Server::start_proxy(hub.server.address());
    let endpoint = ("HF_ENDPOINT", hub.server.url());
    fetch(&Cache::new(), &[endpoint.clone(), ("HTTPS_PROXY", proxy.url())]).unwrap();
    let exception = ("NO_PROXY", "example.com, 127.0.0.1".into());
    fetch(&Cache::new(), &[endpoint, ("HTTP_PROXY", proxy.url()), exception]).unwrap();
    assert!(proxy.requests().is_empty());
}

#[test]
fn a_proxy_that_does_not_answer_is_named_without_its_password() {
    let closed = Server::start(|_| Answer::new(200, ""));
    let address = closed.address();
    drop(closed);
    let proxy = ("ALL_PROXY", format!("http://me:secret@{address}"));
    let message =
        fetch(&Cache::new(), &[("HF_ENDPOINT", "http://hub.invalid".into()), proxy]).unwrap_err().to_string();
    assert!(
        message.contains(&format!("hub.invalid cannot be reached through the proxy {address}")),
        "{message}"
    );
    assert!(message.contains("HTTPS_PROXY") && message.contains("--from DIR"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}
