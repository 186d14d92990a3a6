//! How the hub is reached: endpoint, token, proxies, certificates and time limits, from the environment or a caller.

use std::{fs, path::PathBuf, time::Duration};

use ureq::{
    Proxy,
    http::{HeaderValue, Uri},
    tls::{Certificate, PemItem, parse_pem},
};

use super::error::FetchError;

const HUB: &str = "https://huggingface.co";

/// How requests are made.
pub(super) struct FetchSettings {
    /// Scheme, host and possibly a path, without a slash at the end.
    pub(super) endpoint: String,
    /// `Bearer …`, sent to the endpoint's own origin only.
    pub(super) authorization: Option<HeaderValue>,
    pub(super) proxies: Proxies,
    /// Certificates that are trusted instead of the built-in ones.
    pub(super) roots: Option<Vec<Certificate<'static>>>,
    /// Limit for a connection with its TLS and proxy.
    pub(super) connect_timeout: Duration,
    /// Limit for the answer to begin, and for every pause within it.
    pub(super) read_timeout: Duration,
    /// Failed attempts in a row before giving up.
    pub(super) attempts: u32,
    /// Pause after the first failed attempt; it doubles each time.
    pub(super) first_pause: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            endpoint: HUB.into(),
            authorization: None,
            proxies: Proxies::default(),
            roots: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            attempts: 5,
            first_pause: Duration::from_millis(500),
        }
    }
}

impl FetchSettings {
    /// Reads the variables that `lookup` finds. An empty value counts as none.
    pub(super) fn read(&mut self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<(), FetchError> {
        let lookup = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        if let Some(endpoint) = lookup("HF_ENDPOINT") {
            self.set_endpoint(&endpoint)?;
        }
        if let Some(token) = lookup("HF_TOKEN") {
            self.set_token(&token)?;
        }
        if let Some(file) = lookup("SSL_CERT_FILE") {
            self.roots = Some(read_certificates(file.into())?);
        }
        self.proxies = Proxies::read(&lookup)?;
        Ok(())
    }

    pub(super) fn set_endpoint(&mut self, endpoint: &str) -> Result<(), FetchError> {
        let fail = |reason: &str| FetchError::Setting { variable: "HF_ENDPOINT", reason: reason.into() };
        let trimmed = endpoint.trim_end_matches('/');
        let uri: Uri =
            trimmed.parse().map_err(|_| fail("it must be an address such as https://huggingface.co"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(fail("it must begin with https:// or http://"));
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) || uri.query().is_some()
        {
            return Err(fail("it must have neither a user name nor a query; a token belongs in HF_TOKEN"));
        }
        self.endpoint = trimmed.to_owned();
        Ok(())
    }

    pub(super) fn set_token(&mut self, token: &str) -> Result<(), FetchError> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| FetchError::Setting {
                variable: "HF_TOKEN",
                reason: "it has characters that a token cannot have".into(),
            })?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        Ok(())
    }
}

fn read_certificates(file: PathBuf) -> Result<Vec<Certificate<'static>>, FetchError> {
    let fail = |reason: String| FetchError::Setting { variable: "SSL_CERT_FILE", reason };
    let pem = fs::read(&file).map_err(|error| fail(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| fail(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(fail("the file has no PEM certificate".into()));
    }
    Ok(certificates)
}

/// Proxies by the scheme of the address, and the hosts that are reached directly.
///
/// The rules are those of curl. ureq's own reading of the environment has one proxy for both schemes and compares
/// `NO_PROXY` entries exactly, so that `example.com` misses its subdomains and a space after a comma hides an entry.
#[derive(Default)]
pub(super) struct Proxies {
    pub(super) https: Option<Proxy>,
    pub(super) http: Option<Proxy>,
    bypass: Vec<String>,
}

impl Proxies {
    fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, FetchError> {
        let all = ["all_proxy", "ALL_PROXY"];
        Ok(Self {
            https: first_proxy(lookup, ["https_proxy", "HTTPS_PROXY"].into_iter().chain(all))?,
            http: first_proxy(lookup, ["http_proxy", "HTTP_PROXY"].into_iter().chain(all))?,
            bypass: ["no_proxy", "NO_PROXY"]
                .into_iter()
                .find_map(lookup)
                .unwrap_or_default()
                .split([',', ' '])
                .filter(|entry| !entry.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
        })
    }

    /// Whether `NO_PROXY` has the host of `uri`.
    pub(super) fn bypassed(&self, uri: &Uri) -> bool {
        let Some(host) = uri.host() else { return false };
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        self.bypass.iter().any(|entry| {
            let entry = entry.strip_suffix(&format!(":{port}")).unwrap_or(entry);
            let domain = entry.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
            entry == "*"
                || host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    }
}

fn first_proxy(
    lookup: &dyn Fn(&str) -> Option<String>,
    mut names: impl Iterator<Item = &'static str>,
) -> Result<Option<Proxy>, FetchError> {
    names
        .find_map(|name| lookup(name).map(|value| (name, value)))
        .map(|(variable, value)| {
            Proxy::new(&value).map_err(|_| FetchError::Setting {
                variable,
                reason:
                    "it must be an address such as http://proxy.example.com:3128 or socks5h://localhost:1080"
                        .into(),
            })
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<FetchSettings, FetchError> {
        let mut settings = FetchSettings::default();
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned());
        settings.read(&find)?;
        Ok(settings)
    }

    fn bypassed(list: &str, address: &str) -> bool {
        settings(&[("NO_PROXY", list)]).unwrap().proxies.bypassed(&address.parse().unwrap())
    }

    #[test]
    fn each_scheme_has_its_proxy_and_all_proxy_fills_in() {
        let proxies =
            settings(&[("HTTPS_PROXY", "http://s:1"), ("all_proxy", "socks5h://a:2")]).unwrap().proxies;
        assert_eq!(proxies.https.unwrap().host(), "s");
        assert_eq!(proxies.http.unwrap().host(), "a");
        let proxies = settings(&[("HTTPS_PROXY", "")]).unwrap().proxies;
        assert!(proxies.https.is_none() && proxies.http.is_none());
    }

    #[test]
    fn no_proxy_covers_a_domain_with_its_subdomains_and_nothing_that_only_ends_alike() {
        assert!(bypassed("localhost, example.com", "https://cdn.example.com/x"));
        assert!(bypassed(".example.com", "https://EXAMPLE.com/x"));
        assert!(bypassed("*.example.com", "https://cdn.example.com/x"));
        assert!(bypassed("*", "https://huggingface.co"));
        assert!(bypassed("127.0.0.1:81,[::1]", "http://127.0.0.1:81/"));
        assert!(bypassed("127.0.0.1:81,[::1]", "http://[::1]:9/"));
        assert!(!bypassed("127.0.0.1:81", "http://127.0.0.1:82/"));
        assert!(!bypassed("example.com", "https://notexample.com/"));
        assert!(!bypassed("", "https://huggingface.co"));
    }

    #[test]
    fn a_wrong_setting_names_its_variable_and_keeps_its_value_to_itself() {
        for (variable, value) in [
            ("HF_ENDPOINT", "secret.example.com"),
            ("HF_ENDPOINT", "ftp://secret"),
            ("HF_ENDPOINT", "https://me:secret@example.com"),
            ("HF_TOKEN", "secret\u{7}"),
            ("HTTPS_PROXY", "gopher://me:secret@example.com"),
            ("SSL_CERT_FILE", "/nowhere/secret.pem"),
        ] {
            let error = settings(&[(variable, value)]).err().unwrap().to_string();
            assert!(error.starts_with(variable), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_endpoint_may_have_a_path_and_needs_no_slash() {
        assert_eq!(settings(&[]).unwrap().endpoint, HUB);
        let endpoint = settings(&[("HF_ENDPOINT", "http://localhost:8080/hf/")]).unwrap().endpoint;
        assert_eq!(endpoint, "http://localhost:8080/hf");
    }
}
