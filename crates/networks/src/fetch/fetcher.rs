//! The entry point: fetches or imports the files of a model set.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    download::download,
    error::FetchError,
    http::Client,
    import,
    lock::RepositoryLock,
    origin::Fetched,
    paths::regular_length,
    progress::{Planned, Progress},
    remote_file::RemoteFile,
    resolve::{HubFile, resolve},
    settings::FetchSettings,
    status::find_complete,
};

/// Fetches files into a folder: `<root>/<repository, '/' as '--'>/<path>`.
pub struct Fetcher {
    root: PathBuf,
    client: Client,
}

/// Configures a [`Fetcher`]. It begins with the public hub, no token and no proxy.
pub struct FetcherBuilder {
    root: PathBuf,
    settings: FetchSettings,
}

impl FetcherBuilder {
    /// Reads endpoint, token, proxies and certificates from the variables that `lookup` finds.
    ///
    /// # Errors
    /// [`FetchError::Setting`] naming a variable with a value that cannot be used.
    pub fn variables(mut self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, FetchError> {
        self.settings.read(lookup)?;
        Ok(self)
    }

    /// Sets the hub's address.
    ///
    /// # Errors
    /// [`FetchError::Setting`] when it is not an http or https address.
    pub fn endpoint(mut self, endpoint: &str) -> Result<Self, FetchError> {
        self.settings.set_endpoint(endpoint)?;
        Ok(self)
    }

    /// Sets the token that is sent to the endpoint.
    ///
    /// # Errors
    /// [`FetchError::Setting`] when it has characters that a header cannot have.
    pub fn token(mut self, token: &str) -> Result<Self, FetchError> {
        self.settings.set_token(token)?;
        Ok(self)
    }

    /// Sets how long a connection may take, and how long the server may be silent.
    #[must_use]
    pub fn timeouts(mut self, connect: Duration, read: Duration) -> Self {
        (self.settings.connect_timeout, self.settings.read_timeout) = (connect, read);
        self
    }

    /// Sets how many attempts in a row may fail, at least one, and the pause after the first, which doubles each time.
    #[must_use]
    pub fn retries(mut self, attempts: u32, first_pause: Duration) -> Self {
        (self.settings.attempts, self.settings.first_pause) = (attempts.max(1), first_pause);
        self
    }

    /// Builds the fetcher. Opens no connection.
    #[must_use]
    pub fn build(self) -> Fetcher {
        Fetcher { root: self.root, client: Client::new(self.settings) }
    }
}

impl Fetcher {
    /// A fetcher configured by the environment.
    ///
    /// # Errors
    /// [`FetchError::Setting`] naming a variable with a value that cannot be used.
    pub fn from_env(target_root: PathBuf) -> Result<Self, FetchError> {
        Ok(Self::builder(target_root).variables(&|name| std::env::var(name).ok())?.build())
    }

    /// A builder that ignores the environment.
    #[must_use]
    pub fn builder(target_root: PathBuf) -> FetcherBuilder {
        FetcherBuilder { root: target_root, settings: FetchSettings::default() }
    }

    /// Makes every file of the model set `set` complete, in the order of `files`.
    ///
    /// # Errors
    /// The first [`FetchError`]. Files that were complete by then stay.
    pub fn fetch(
        &self,
        set: &str,
        files: &[RemoteFile],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Fetched>, FetchError> {
        for file in files {
            file.check()?;
        }
        let mut requested = Vec::new();
        for file in files {
            requested.push(match find_complete(&self.root, file, progress)? {
                Some(fetched) => RequestedFile::Complete(file, fetched),
                None => {
                    let hub_file = resolve(&self.client, &self.root, file, progress)?;
                    RequestedFile::Missing(file, Box::new(hub_file))
                }
            });
        }
        progress.planned(set, &requested.iter().map(RequestedFile::planned).collect::<Vec<_>>());
        requested
            .into_iter()
            .map(|requested| match requested {
                RequestedFile::Complete(_, fetched) => Ok(fetched),
                RequestedFile::Missing(file, hub_file) => {
                    let _lock = RepositoryLock::take(&self.root, &file.repo, progress)?;
                    // Another process may have downloaded it while this one waited for the lock.
                    match find_complete(&self.root, file, progress)? {
                        Some(fetched) => Ok(fetched),
                        None => download(&self.client, &hub_file, progress),
                    }
                }
            })
            .collect()
    }

    /// Copies the files from `folder`, which may hold them under their paths, below the name of their repository, as this
    /// program lays them out, or as a hub cache does. Asks the hub nothing and only reads `folder`.
    ///
    /// A file is compared with the SHA-256 on its model card and with the hash that lies beside it (in a hub cache, the
    /// name of its blob). If neither is known, it is imported and [`Verified::No`](super::Verified::No) says so.
    ///
    /// # Errors
    /// The first [`FetchError`], after all files were tried: those that are good are in place by then.
    pub fn import(
        &self,
        folder: &Path,
        files: &[RemoteFile],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Fetched>, FetchError> {
        import::import(&self.root, folder, files, progress)
    }
}

/// A file of a fetch, after it was looked for on disk and on the hub.
enum RequestedFile<'a> {
    Complete(&'a RemoteFile, Fetched),
    Missing(&'a RemoteFile, Box<HubFile>),
}

impl RequestedFile<'_> {
    fn planned(&self) -> Planned {
        match self {
            Self::Complete(file, fetched) => Planned {
                file: file.label(),
                license: file.license.clone(),
                bytes: Some(fetched.origin.bytes),
                on_disk: fetched.origin.bytes,
                already_there: true,
            },
            Self::Missing(file, hub_file) => Planned {
                file: file.label(),
                license: file.license.clone(),
                bytes: hub_file.bytes.or(file.bytes),
                on_disk: regular_length(&hub_file.paths.part).unwrap_or(0),
                already_there: false,
            },
        }
    }
}
