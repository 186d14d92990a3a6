//! The numbers: against other implementations, what must hold of them for any data, and how often their intervals hold
//! the truth.

mod coverage;
mod properties;
mod reference;
mod support;
