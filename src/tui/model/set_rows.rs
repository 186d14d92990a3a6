//! The model sets there are, as the page of models lists them, and the news of a fetch.
//!
//! Plain data, filled in behind the [engine](crate::tui::Engine). Names, licenses and reasons are raw text; whoever shows
//! them makes them safe.

use clipscope_networks::Role;

/// A model set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRow {
    /// The name of the set.
    pub name: String,
    /// What it is, in one line.
    pub about: String,
    /// It is the one to use where nothing else is asked for.
    pub best: bool,
    /// Its networks, in the order of their roles.
    pub networks: Vec<NetworkRow>,
    /// Bytes of its files that are not here, as far as the cards say.
    pub to_fetch: u64,
}

impl SetRow {
    /// Whether every network is here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.networks.iter().all(|network| network.state.is_here())
    }

    /// Whether the card of a network that is not here does not say how large it is.
    #[must_use]
    pub fn has_unknown_sizes(&self) -> bool {
        self.networks.iter().any(|network| !network.state.is_here() && network.bytes == 0)
    }

    /// Whether some of it is here already, so that a fetch goes on rather than begins.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.networks.iter().any(|network| network.state == NetworkState::Partial)
    }
}

/// A network of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRow {
    /// The name of the network.
    pub name: String,
    /// The roles it plays in the set.
    pub roles: Vec<Role>,
    /// Bytes of its weights, as far as the card says.
    pub bytes: u64,
    /// The network of the set that comes from the same files, when it is listed before this one.
    pub same_files_as: Option<String>,
    /// The license of the weights.
    pub license: String,
    /// Whether it is here.
    pub state: NetworkState,
}

/// Whether a network is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkState {
    /// It is part of the program.
    Included,
    /// Its files are here.
    Here,
    /// Its files lie in the Hugging Face cache and are used there.
    InHubCache,
    /// Some of its bytes are here.
    Partial,
    /// A file is not the one on the card.
    Damaged,
    /// Nothing of it is here.
    Missing,
}

impl NetworkState {
    /// Whether the network can be used.
    #[must_use]
    pub fn is_here(self) -> bool {
        matches!(self, Self::Included | Self::Here | Self::InHubCache)
    }

    /// What the page says.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Here => "installed",
            Self::InHubCache => "in the Hugging Face cache",
            Self::Partial => "incomplete",
            Self::Damaged => "damaged",
            Self::Missing => "not installed",
        }
    }
}

/// How far a fetch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchNews {
    /// What is being done.
    pub stage: FetchStage,
    /// Bytes done: of the files on disk while they are checked, else of everything that is to arrive.
    pub done: u64,
    /// Bytes to do, in the same count.
    pub total: u64,
}

/// What a fetch is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchStage {
    /// It asks the hub about the files.
    Asking,
    /// It hashes what is on disk.
    Checking,
    /// Bytes arrive.
    Receiving,
    /// Another clipscope fetches the same files; it waits for that one.
    Waiting,
    /// An attempt failed and another follows; why.
    Retrying(String),
}
