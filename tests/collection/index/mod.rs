//! The index on disk: what is kept, what is noticed, and what is made again.

#[cfg(feature = "approximate")]
mod approximate;
mod command;
mod damage;
mod kill;
mod photos;
mod place;
mod updates;
mod watch;
