//! The numbers: against other implementations, and what must hold of them for any data.

mod properties;
mod reference;
