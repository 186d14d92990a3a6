//! Numbers of things in words.
//!
//! Owns the plural of the program's own nouns. Must not know what is counted.

use std::fmt::Display;

/// A number of things: `1 photo`, `2 photos`, `0 queries`.
///
/// ```
/// # use clipscope_base::words::count;
/// assert_eq!(count(1usize, "photo") + ", " + &count(2usize, "category"), "1 photo, 2 categories");
/// ```
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { format!("1 {noun}") } else { format!("{number} {}", plural(noun)) }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        for (number, noun, words) in [
            (0, "photo", "0 photos"),
            (1, "photo", "1 photo"),
            (2, "caption", "2 captions"),
            (1, "query", "1 query"),
            (20, "category", "20 categories"),
        ] {
            assert_eq!(count::<usize>(number, noun), words);
        }
    }
}
