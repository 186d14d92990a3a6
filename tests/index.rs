//! The index on disk: what is kept, what is noticed, and what is made again.

#[cfg(feature = "approximate")]
#[path = "index/approximate.rs"]
mod approximate;
#[path = "index/browse.rs"]
mod browse;
#[path = "index/command.rs"]
mod command;
#[path = "index/damage.rs"]
mod damage;
#[path = "support/drawn.rs"]
mod drawn;
#[path = "index/kill.rs"]
mod kill;
#[path = "index/photos.rs"]
mod photos;
#[path = "index/place.rs"]
mod place;
#[path = "support/pty.rs"]
mod pty;
#[path = "index/updates.rs"]
mod updates;
#[path = "index/watch.rs"]
mod watch;
